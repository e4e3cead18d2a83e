# SPDX-License-Identifier: BSD-2-Clause
"""`adit-lab radius` in a namespace, and requests of FreeRADIUS's radclient."""
import hashlib
import json
import os
import signal
import struct
import subprocess
import time

from .build import program
from .lac import socket_in
from .net import wait_until

KEY = "testing123"


class LabRadius:
    """A server on both ports that answers when the constructor returns; stop() gives its summary."""

    def __init__(self, net, *args, ns=None, addr="127.0.0.1", auth=1812, acct=1813, secret=KEY, users=None):
        self.ns, self.addr = ns or net.lns, addr
        self.dir = net.dir / f"radius-{os.urandom(3).hex()}"
        self.dir.mkdir()
        self.err_path, self.auth_path, self.acct_path = (self.dir / x for x in ("err", "auth.log", "acct.log"))
        argv = [program("adit-lab"), "radius", "--auth", f"{addr}:{auth}", "--acct", f"{addr}:{acct}", "--secret", secret,
                "--auth-log", str(self.auth_path), "--acct-log", str(self.acct_path), *(str(a) for a in args)]
        if users is not None:
            (self.dir / "users").write_text(users)
            argv += ["--users", str(self.dir / "users")]
        with open(self.err_path, "w") as err:
            self.proc = self.ns.popen(*argv, stdout=subprocess.PIPE, stderr=err, text=True)
        net.on_close(self.kill)
        wait_until(lambda: f"adit-lab radius answers\n{self.err()}", lambda: "answering" in self.err())

    def err(self):
        return self.err_path.read_text()

    @staticmethod
    def _rows(path):
        return [json.loads(x) for x in path.read_text().splitlines()]

    def access(self):
        """Access-Requests taken: objects with `attributes` and `answer`."""
        return self._rows(self.auth_path)

    def records(self):
        """Accounting records: their attributes."""
        return [x["attributes"] for x in self._rows(self.acct_path)]

    def toggle_silence(self):
        lines = len(self.err().splitlines())
        self.proc.send_signal(signal.SIGUSR1)
        wait_until("it is told", lambda: len(self.err().splitlines()) > lines)

    def cpu_s(self):
        fields = open(f"/proc/{self.proc.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        out, _ = self.proc.communicate(timeout=10)
        assert self.proc.returncode == 0, self.err()
        return json.loads(out)

    def kill(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait(5)


def access_request(ident, name, password, secret=KEY):
    """An Access-Request with PAP (RFC 2865 §4.1, §5.2), for one block of password."""
    authenticator = os.urandom(16)
    pad = hashlib.md5(secret.encode() + authenticator).digest()
    hidden = bytes(a ^ b for a, b in zip(password.encode().ljust(16, b"\0"), pad))
    attributes = bytes([1, 2 + len(name)]) + name.encode() + bytes([2, 18]) + hidden
    return struct.pack("!BBH", 1, ident, 20 + len(attributes)) + authenticator + attributes


def arrivals(server, n, name, password, seconds):
    """Sends n requests at once; when answers came, in seconds since then, until there are n or the time is over."""
    requests = [access_request(i, name, password) for i in range(n)]
    came = []
    with socket_in(server.ns) as s:
        s.connect((server.addr, 1812))
        begun = time.monotonic()
        for r in requests:
            s.send(r)
        while len(came) < n and time.monotonic() < begun + seconds:
            s.settimeout(max(0.001, begun + seconds - time.monotonic()))
            try:
                s.recv(4096)
            except TimeoutError:
                break
            came.append(time.monotonic() - begun)
    return came


def radclient(server, attributes, kind="auth", *args, port=None, secret=KEY, seconds=30):
    """What radclient -x prints. It repeats three times, after a second each, unless told otherwise."""
    port = port or (1813 if kind == "acct" else 1812)
    argv = ["ip", "netns", "exec", server.ns.name, "radclient", "-x", "-t", "1", *(str(a) for a in args),
            f"{server.addr}:{port}", kind, secret]
    return subprocess.run(argv, input=attributes, capture_output=True, text=True, timeout=seconds, check=False).stdout
