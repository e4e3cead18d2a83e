# SPDX-License-Identifier: BSD-2-Clause
"""Network namespaces of one test run: made here, named after this process, and removed with all that runs in them.

                     wan (bridge br0, 192.0.2.0/24)
      ┌──────────────┬──────────────┬───────────────┐
    lns .1        lac0 .10       lac1 .11 ...    guests .100 ... (a TAP each)
      │ inet0 198.51.100.1
    inet 198.51.100.2, and the addresses a test adds
"""
import atexit
import ipaddress
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

LNS = "192.0.2.1"
INET = "198.51.100.2"
_serial = itertools.count()


def sh(*argv, check=True, **kw):
    """Runs a command; returns its standard output."""
    r = subprocess.run(argv, capture_output=True, text=True, timeout=kw.pop("timeout", 30), **kw)
    if check and r.returncode:
        raise AssertionError(f"{' '.join(argv)}: {r.returncode}\n{r.stdout}{r.stderr}")
    return r.stdout


def wait_until(what, condition, seconds=5.0, every=0.05):
    """Polls until `condition()` is true and returns that; fails with `what` when it never is."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(every)


class Namespace:
    def __init__(self, name):
        self.name = name
        sh("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")
        self.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0",
                 "net.ipv4.conf.default.rp_filter=0", "net.ipv6.conf.default.accept_dad=0")

    def ip(self, *args):
        return sh("ip", "-n", self.name, *args)

    def run(self, *argv, **kw):
        return sh("ip", "netns", "exec", self.name, *argv, **kw)

    def popen(self, *argv, **kw):
        """Starts a program; `ip netns exec` becomes it, so the pid is the program's."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *argv], **kw)

    def routes(self):
        return self.ip("route", "show", "table", "all")

    def delete(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)


class Net:
    """The drawing above. Namespaces other than wan, lns and inet appear when asked for."""

    def __init__(self):
        self.tag = f"adit{os.getpid()}x{next(_serial)}"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.tag}-", dir="/tmp"))
        self._ns, self._closers = {}, []
        atexit.register(self.close)
        self.wan.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        self.wan.ip("link", "set", "br0", "up")
        self._attach(self.lns, "wan0", f"{LNS}/24")
        self._wire(self.lns, "inet0", "198.51.100.1/24", self.inet, "lns0", f"{INET}/24")
        self.inet.ip("route", "add", "default", "via", "198.51.100.1")

    def ns(self, name):
        if name not in self._ns:
            self._ns[name] = Namespace(f"{self.tag}-{name}")
        return self._ns[name]

    wan = property(lambda self: self.ns("wan"))
    lns = property(lambda self: self.ns("lns"))
    inet = property(lambda self: self.ns("inet"))

    def lac(self, i=0, address=None):
        """Namespace of a LAC on the wan, by default with address 192.0.2.(10+i)."""
        new = f"lac{i}" not in self._ns
        ns = self.ns(f"lac{i}")
        if new:
            self._attach(ns, "wan0", address or f"192.0.2.{10 + i}/24")
        return ns

    def _wire(self, a, a_dev, a_addr, b, b_dev, b_addr):
        sh("ip", "link", "add", a_dev, "netns", a.name, "type", "veth", "peer", "name", b_dev, "netns", b.name)
        for ns, dev, addr in (a, a_dev, a_addr), (b, b_dev, b_addr):
            # what is captured is to be what a wire would carry: no offloads
            ns.run("ethtool", "-K", dev, "tx", "off", "tso", "off", "gso", "off", "gro", "off", check=False)
            if addr:
                ns.ip("addr", "add", addr, "dev", dev)
            ns.ip("link", "set", dev, "up")

    def _attach(self, ns, dev, addr):
        port = f"p{len(self._ns)}x{next(_serial)}"
        self._wire(ns, dev, addr, self.wan, port, None)
        self.wan.ip("link", "set", port, "master", "br0")

    def segment(self, name, *members):
        """A further Ethernet: a bridge in namespace `name`, and a port in each (namespace, device, address)."""
        ns = self.ns(name)
        ns.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        ns.ip("link", "set", "br0", "up")
        for member, dev, addr in members:
            port = f"p{next(_serial)}"
            self._wire(member, dev, addr, ns, port, None)
            ns.ip("link", "set", port, "master", "br0")
        return ns

    def on_close(self, what):
        self._closers.append(what)

    def close(self):
        """Ends everything, the last started first. Harmless when repeated."""
        while self._closers:
            self._closers.pop()()
        while self._ns:
            _, ns = self._ns.popitem()
            for pid in sh("ip", "netns", "pids", ns.name, check=False).split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            ns.delete()
        shutil.rmtree(self.dir, ignore_errors=True)
        atexit.unregister(self.close)


def in_subnet(address, subnet):
    return ipaddress.ip_address(address) in ipaddress.ip_network(subnet)
