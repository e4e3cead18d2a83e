# SPDX-License-Identifier: BSD-2-Clause
"""Guests: real Linux peers in User-Mode Linux (tests/guest), wrapped. A guest is booted once and dials many times."""
import os
import re
import shlex
import signal
import subprocess

from .build import TOP
from .net import LNS, wait_until

TOOL = str(TOP / "tests" / "guest" / "guest")


class Dial:
    """What one run of a client role came to."""

    def __init__(self, guest, output, status):
        self.guest, self.output, self.ok = guest, output, status == 0
        m = re.search(r"ppp0 local ([\d.]+) peer ([\d.]+)", output)
        self.address, self.peer = m.groups() if m else (None, None)

    def passed(self, what):
        return re.search(rf"^PASS {what}", self.output, re.M) is not None

    @property
    def dns(self):
        return re.findall(r"^nameserver (\S+)", self.guest.sh("cat /etc/ppp/resolv.conf", check=False), re.M)

    @property
    def log(self):
        """What pppd wrote: every packet of LCP, authentication and the NCPs, decoded."""
        return self.guest.sh("cat /run/ppp.log", check=False)


class Guest:
    def __init__(self, net, name, ns=None, bridge="br0", address="192.0.2.100/24", role="none", args=(), env=None,
                 gateway=None):
        self.net, self.name = net, name
        self._env = dict(os.environ, GUEST_RUN=str(net.dir / "guests"))
        argv = [TOOL, "-N", name, "-n", (ns or net.wan).name, "-b", bridge, "-a", address or "-", "-w", "30", "-K"]
        if gateway:
            argv += ["-g", gateway]
        for k, v in (env or {}).items():
            argv += ["-e", f"{k}={v}"]
        net.on_close(self.stop)
        r = subprocess.run([*argv, role, *args], env=self._env, capture_output=True, text=True, timeout=60)
        assert r.returncode == 0, f"guest {name}: {r.stdout}{r.stderr}\n{self.console()}"
        self.boot = r.stdout
        wait_until("the guest serves commands", lambda: "serving commands" in self.console(), 10)

    def console(self):
        return subprocess.run([TOOL, "log", self.name], env=self._env, capture_output=True, text=True,
                              check=False).stdout

    def exec(self, command, timeout=60):
        """Runs a shell command in the guest. Returns (status, output)."""
        r = subprocess.run([TOOL, "exec", self.name, command], env=self._env, capture_output=True, text=True,
                           timeout=timeout)
        return r.returncode, r.stdout + r.stderr

    def sh(self, command, check=True, timeout=60):
        status, out = self.exec(command, timeout)
        assert not check or status == 0, f"in guest {self.name}: {command}: {status}\n{out}"
        return out

    def _role(self, role, args, env):
        env = {"WAIT": 8, "PINGS": 0, "G_ROLE": role, **{k: v for k, v in env.items() if v is not None}}
        words = [f"{k}={v}" for k, v in env.items()]
        command = shlex.join(["env", *words, "sh", f"/opt/guest/roles/{role}", *args])
        status, out = self.exec(command)
        return Dial(self, out, status)

    def dial(self, user, password, lns=LNS, secret=None, **env):
        """xl2tpd and pppd call an LNS. Keywords are the role's variables: AUTH, MTU, MRU, IPV6, CCP, COUNT, PPPOPTS."""
        return self._role("xl2tpd-client", [lns, user, password], {"SECRET": secret, **env})

    def dial_pppoe(self, user, password, **env):
        return self._role("pppoe-client", [user, password], env)

    def hang_up(self, how="ppp", n=""):
        self.sh(f"sh /opt/guest/roles/hangup {how} {n}")

    def forget(self):
        """Ends what was dialled without a word to the peer."""
        self.exec("sh /opt/guest/roles/hangup silent")

    def interfaces(self):
        """{interface: (local, peer)} of the PPP links that have an address."""
        out = self.sh("ip -o -4 addr show")
        return {m[1]: (m[2], m[3]) for m in re.finditer(r"\d+: (ppp\d+) +inet ([\d.]+) peer ([\d.]+)", out)}

    def route(self, prefix, dev="ppp0"):
        self.sh(f"ip route replace {prefix} dev {dev}")

    def ping(self, target, count=3, size=56, interval=0.1, dev=None, df=False):
        """Returns how many of `count` pings were answered."""
        out = self.sh(f"ping -n -q -c {count} -i {interval} -W 1 -s {size} {'-M do ' if df else ''}"
                      f"{f'-I {dev} ' if dev else ''}{target}", check=False)
        m = re.search(r"(\d+) received", out)
        return int(m[1]) if m else 0

    def ppp_octets(self, dev="ppp0"):
        """(received, sent) as the guest's kernel counts them."""
        out = self.sh(f"cat /sys/class/net/{dev}/statistics/rx_bytes /sys/class/net/{dev}/statistics/tx_bytes")
        return tuple(map(int, out.split()))

    def kill(self):
        """The power goes: nobody hears of it."""
        pid = int((self.net.dir / "guests" / self.name / "pid").read_text())
        os.kill(pid, signal.SIGKILL)

    def stop(self):
        subprocess.run([TOOL, "stop", self.name], env=self._env, capture_output=True, check=False, timeout=30)
