# SPDX-License-Identifier: BSD-2-Clause
"""Debian's l2tpns as a LAC with a PPPoE server in front of it: subscribers of `mask` are handed over to an LNS.

    guests' PPPoE --- access bridge --- acc0 [l2tpns] wan0 --- LNS
"""
import signal
import subprocess

from .net import LNS, wait_until

# Its SCCCN answers the challenge with l2tp_secret, not with that of setforward (2.4.1): both are the same here.
CONFIG = """
set debug 3
set log_file "{dir}/l2tpns.log"
set pid_file "{dir}/l2tpns.pid"
set hostname "{host}"
set l2tp_secret "{secret}"
set bind_address {address}
set bind_address_remotelns {address}
set iftun_address 10.99.0.1
set cli_bind_address 127.0.0.1
set cluster_interface "wan0"
set cluster_hb_interval 5
set cluster_hb_timeout 10
set radius_authtypes "{auth}"
set primary_radius 127.0.0.1
set radius_secret "x"
set send_garp no
set pppoe_if_to_bind "acc0"
set pppoe_ac_name "l2tpns"
set ppp_restart_time 1
setforward "{mask}" {lns} 1701 {secret}
"""


class L2tpns:
    def __init__(self, net, ns, address, secret, mask="@isp", lns=LNS, host="l2tpns-lac", auth="chap"):
        self.net, self.ns = net, ns
        self.dir = net.dir / f"l2tpns-{ns.name}"
        self.dir.mkdir()
        conf = self.dir / "startup-config"
        conf.write_text(CONFIG.format(dir=self.dir, host=host, address=address, lns=lns, secret=secret, mask=mask,
                                      auth=auth))
        self.out = open(self.dir / "out", "wb")
        self.proc = ns.popen("l2tpns", "-c", str(conf), "-v", cwd=self.dir, stdout=self.out, stderr=self.out)
        net.on_close(self.kill)
        wait_until(lambda: f"l2tpns serves\n{self.log()}", self._serves, 15, 0.1)

    def _serves(self):
        assert self.proc.poll() is None, f"l2tpns ended with {self.proc.returncode}\n{self.log()}"
        return "declaring myself the master" in self.log()

    def log(self):
        text = (self.dir / "out").read_text(errors="replace")
        log = self.dir / "l2tpns.log"
        return text + (log.read_text(errors="replace") if log.exists() else "")

    def stop(self):
        """Ends it in good order: CDN and StopCCN go out at once, the program itself takes its time."""
        self.proc.send_signal(signal.SIGQUIT)

    def kill(self):
        if self.proc.poll() is None:
            self.proc.kill()
            try:
                self.proc.wait(5)
            except subprocess.TimeoutExpired:
                pass
        self.out.close()
