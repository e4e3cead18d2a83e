# SPDX-License-Identifier: BSD-2-Clause
"""Packet captures, and tshark to read them."""
import json
import pathlib
import shutil
import signal
import subprocess

from .net import sh, wait_until


class Capture:
    def __init__(self, net, ns, dev, path, expression="ip", options=("-U",)):
        self.path, self._log_path = path, pathlib.Path(f"{path}.log")
        with open(self._log_path, "wb") as log:
            self._proc = ns.popen("tcpdump", "-i", dev, "--immediate-mode", "-Z", "root", *options, "-w",
                                  str(path), *expression.split(), stdout=subprocess.DEVNULL, stderr=log)
        net.on_close(self.stop)
        wait_until("tcpdump listens", lambda: "listening on" in self.log(), 10)

    def log(self):
        return self._log_path.read_text()

    def running(self):
        return self._proc.poll() is None

    def signal(self, number):
        self._proc.send_signal(number)

    def stop(self):
        if self.running():
            self.signal(signal.SIGINT)
            self._proc.wait(15)
        return self.path

    def copy(self, directory):
        shutil.copy(self.path, directory)

    def flush(self, seconds=0.2):
        """Lets what is on the wire now get into the file."""
        try:
            self._proc.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def count(self, display_filter, secret=""):
        return len(tshark(self.path, display_filter, ["frame.number"], secret))


def tshark(path, display_filter, fields, secret="", options=("ip.check_checksum:TRUE", "udp.check_checksum:TRUE")):
    """Rows of the fields asked for, each a list of lists (a field may occur several times)."""
    argv = ["tshark", "-n", "-r", str(path), "-Y", display_filter, "-T", "json", "--no-duplicate-keys"]
    for o in (f"l2tp.shared_secret:{secret}", *options):
        argv += ["-o", o]
    for f in fields:
        argv += ["-e", f]
    rows = json.loads(sh(*argv, timeout=300) or "[]")
    return [[row["_source"].get("layers", {}).get(f, []) for f in fields] for row in rows]
