# SPDX-License-Identifier: BSD-2-Clause
"""Packet captures, and tshark as an independent judge of the control messages that we send."""
import json
import re
import signal
import subprocess

from .net import sh, wait_until

WARN = 0x600000     # tshark's expert severities: note 0x400000, warn 0x600000, error 0x800000
# What tshark says of octets that are right; each with its reason.
ACCEPTED = ()


class Capture:
    def __init__(self, net, ns, dev, path, expression="ip"):
        self.path, self._log = path, open(f"{path}.log", "wb")
        self._proc = ns.popen("tcpdump", "-i", dev, "-U", "--immediate-mode", "-Z", "root", "-s", "0", "-w", str(path),
                              *expression.split(), stdout=subprocess.DEVNULL, stderr=self._log)
        net.on_close(self.stop)
        wait_until("tcpdump listens", lambda: b"listening on" in open(f"{path}.log", "rb").read(), 10)

    def stop(self):
        if self._proc.poll() is None:
            self._proc.send_signal(signal.SIGINT)
            self._proc.wait(5)
        self._log.close()
        return self.path

    def flush(self, seconds=0.2):
        """Lets what is on the wire now get into the file."""
        try:
            self._proc.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def count(self, display_filter, secret=""):
        return len(tshark(self.path, display_filter, ["frame.number"], secret))


def tshark(path, display_filter, fields, secret=""):
    """Rows of the fields asked for, each a list of lists (a field may occur several times)."""
    argv = ["tshark", "-n", "-r", str(path), "-o", f"l2tp.shared_secret:{secret}", "-o", "ip.check_checksum:TRUE",
            "-o", "udp.check_checksum:TRUE", "-Y", display_filter, "-T", "json", "--no-duplicate-keys"]
    for f in fields:
        argv += ["-e", f]
    rows = json.loads(sh(*argv, timeout=60) or "[]")
    return [[row["_source"].get("layers", {}).get(f, []) for f in fields] for row in rows]


def control_faults(path, secret, source):
    """What tshark has against control messages from `source`: a list of lines."""
    fields = ["frame.number", "l2tp.avp.message_type", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message"]
    faults = []
    for number, kind, malformed, severities, messages in tshark(
            path, f"l2tp.type == 1 && ip.src == {source}", fields, secret):
        where = f"frame {number[0]} (message type {','.join(kind) or 'ZLB'})"
        if malformed:
            faults.append(f"{where}: malformed")
        for severity, message in zip(severities, messages):
            if int(severity, 0) >= WARN and not any(re.search(a, message) for a in ACCEPTED):
                faults.append(f"{where}: {message}")
    return faults


def assert_clean_l2tp(path, secret, source):
    """Every control message that `source` sent decodes, and tshark has nothing to say against it."""
    sent = tshark(path, f"l2tp.type == 1 && ip.src == {source}", ["frame.number"], secret)
    assert sent, f"no control message from {source} in {path}"
    faults = control_faults(path, secret, source)
    assert not faults, "\n".join(faults)
    return len(sent)
