# SPDX-License-Identifier: BSD-2-Clause
"""The management socket spoken by hand (docs/management-protocol.md), and what tests of management have in common."""
import json
import re
import socket
import subprocess
import time

import pytest

from .build import program
from .lac import Lac
from .lns import Lns

EXAMPLE = """\
hostname lns1
aaa dns primary 9.9.9.9
aaa authentication ppp default local
aaa local database default
aaa local username bob database default
 password hello
interface loopback 0
 ip address 10.255.0.1 255.255.255.255
ip local pool subscribers 10.64.0.0 10.64.255.255
profile subscriber
 ip unnumbered loopback 0
 ppp authentication chap pap ms-chap-v2
 ppp mru 1442
 ppp keepalive 30
l2tp destination profile wholesale ip address 0.0.0.0
 max-sessions 60000
 remote host default
  local host lns1
  local ip address 192.0.2.1
  tunnel password s3cret
  interface profile subscriber
  enable proxy authenticate
"""
# every display; some need objects
SHOWS = [
    "show running-config", "show configuration", "show version", "show log", "show log 3", "show debugging",
    "show terminate-code", "show terminate-code ppp", "show l2tp", "show l2tp counters", "show l2tp counters all",
    "show dataplane", "show l2tp destination", "show l2tp destination detail", "show l2tp destination summary",
    "show l2tp destination detail ended", "show l2tp tunnel", "show l2tp tunnel detail",
    "show l2tp tunnel summary", "show l2tp tunnel ended", "show l2tp session", "show l2tp session detail",
    "show l2tp session summary", "show l2tp session ended", "show l2tp session ip 192.0.2.11",
    "show l2tp destination profile", "show l2tp destination profile wholesale", "show aaa", "show aaa counters",
    "show aaa statistics", "show radius servers", "show radius statistics",
    "show ip local pool", "show ip local pool subscribers", "show subscribers", "show subscribers detail",
    "show subscribers user user1*",
]
PRINTABLE = re.compile(rb"[\x20-\x7e\n]*")


class Ended(Exception):
    """The daemon closed the connection."""


class Client:
    """One connection; what comes with code 110 goes to `async_lines`."""

    def __init__(self, lns, receive_buffer=None):
        self.sock = socket.socket(socket.AF_UNIX)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.connect(str(lns.run_dir / "adit.sock"))
        self.sock.settimeout(20)
        self.buf, self.async_lines = b"", []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, line, verb="line"):
        self.sock.sendall(f"{verb} {line}\n".encode())

    def _more(self):
        d = self.sock.recv(65536)
        if not d:
            raise Ended
        self.buf += d

    def _frame(self):
        while b"\n" not in self.buf:
            self._more()
        head, _, self.buf = self.buf.partition(b"\n")
        code, length = re.fullmatch(rb"=(\d+) (\d+)", head).groups()
        while len(self.buf) < int(length):
            self._more()
        payload, self.buf = self.buf[:int(length)], self.buf[int(length):]
        return int(code), payload

    def answer(self):
        """(code, text) of the next answer."""
        out = b""
        while True:
            code, payload = self._frame()
            if code == 110:
                self.async_lines.append(payload.decode())
            elif code == 100:
                out += payload
            else:
                return code, out.decode()

    def ask(self, line, verb="line"):
        self.send(line, verb)
        return self.answer()

    def text(self, line):
        code, text = self.ask(line)
        assert code == 200, f"{line}: {code}\n{text}"
        return text

    def json(self, line):
        return [json.loads(x) for x in self.text(f"{line} | json").splitlines()]

    def listen(self, seconds, until=lambda lines: False):
        """Takes asynchronous lines for so long, or until a condition holds of them."""
        end = time.monotonic() + seconds
        while not until(self.async_lines) and (left := end - time.monotonic()) > 0:
            self.sock.settimeout(max(left, 0.001))
            try:
                code, payload = self._frame()
            except TimeoutError:
                break
            assert code == 110
            self.async_lines.append(payload.decode())
        self.sock.settimeout(20)
        return self.async_lines


def adit(lns, *args, **kw):
    """The client itself, its output as octets: (status, standard output, standard error)."""
    r = subprocess.run([program("adit"), "--run-dir", str(lns.run_dir), *args], capture_output=True, timeout=30,
                       check=False, **kw)
    return r.returncode, r.stdout, r.stderr


def check(path, *args):
    """aditd --check: (status, what it says)."""
    r = subprocess.run([program("aditd"), "--config", str(path), "--check", *args], capture_output=True, text=True,
                       timeout=30, check=False)
    return r.returncode, r.stderr


def assert_harmless(octets, what=""):
    """Nothing that a terminal would act upon."""
    at = PRINTABLE.match(octets).end()
    assert at == len(octets), f"{what}: {octets[max(0, at - 60):at + 40]!r}"


def lines_with(text, *words):
    return [x for x in text.splitlines() if all(w in x for w in words)]


def fields_of(line):
    """key=value and key="value" of a log line."""
    return {k: v[1:-1] if v.startswith('"') else v
            for k, v in re.findall(r'(\S+?)=("(?:[^"\\]|\\.)*"|\S*)', line)}


# ---- fixtures ----

@pytest.fixture(scope="class")
def daemon(net, request):
    """One daemon for the tests of a class, with its `text`."""
    lns = Lns(net, request.cls.text)
    yield lns
    lns.stop()


@pytest.fixture
def lac(net, daemon):
    lacs = []

    def make(i=0, **kw):
        lacs.append(Lac(net.lac(i), f"192.0.2.{10 + i}", **kw))
        return lacs[-1]
    yield make
    for x in lacs:
        x.leave()
