# SPDX-License-Identifier: BSD-2-Clause
"""One daemon for a whole module of hostile peers, and what they have in common: host profiles by LAC name, who may be
told why, a good call in between, and floods of octets."""
import random
import re
import struct
import time

import pytest

from .lac import Lac, avp, u16, u32
from .lns import SECRET, Lns
from .net import LNS, wait_until

# host name of the LAC -> authentication of its profile; every profile has the pool and the secret
AUTHS = {"test-lac": "chap pap ms-chap-v2", "pap-lac": "pap", "chap-lac": "chap", "mschap-lac": "ms-chap-v2",
         "any-lac": None, "open-lac": None}


SUPPRESSED = ("log-lines-suppressed", "log-suppressed")


def configuration(keepalive=30):
    lines = ["hostname lns1", "aaa dns primary 9.9.9.9", "aaa authentication ppp default local",
             "aaa local database default", "aaa local username bob database default", " password hello",
             "interface loopback 0", " ip address 10.255.0.1 255.255.255.255",
             "ip local pool subscribers 10.64.0.0 10.64.255.255"]
    for host, auth in AUTHS.items():
        lines += [f"profile {host}", " ip unnumbered loopback 0", " ppp mru 1442", f" ppp keepalive {keepalive}"]
        if auth:
            lines.append(f" ppp authentication {auth}")
    lines += ["l2tp destination profile wholesale ip address 0.0.0.0", " max-sessions 60000"]
    for host in AUTHS:
        lines += [f" remote host {host}", "  local host lns1", f"  local ip address {LNS}",
            f"  interface profile {host}"]
        if host != "open-lac":
            lines.append(f"  tunnel password {SECRET}")
    return "\n".join([*lines, ""])


class Desk:
    """The daemon of a module, and LACs in front of it, each with a port of its own."""

    def __init__(self, net, **kw):
        self.net, self.lns, self.lacs = net, Lns(net, configuration(**kw)), []
        self.seen = {}

    def lac(self, i=0, **kw):
        """A LAC at 192.0.2.(10+i)."""
        if kw.get("host") == "open-lac":
            kw.setdefault("secret", None)
        self.lacs.append(Lac(self.net.lac(i), f"192.0.2.{10 + i}", **kw))
        return self.lacs[-1]

    def up(self, **kw):
        lac = self.lac(**kw)
        lac.open()
        return lac

    def dismiss(self):
        for lac in self.lacs:
            lac.leave()
        self.lacs.clear()

    def good_call(self):
        """A call of another LAC, at another address, works from end to end."""
        lac = self.up(i=9)
        client = lac.call()
        address = client.dial()
        lac.cdn(client)
        lac.leave()
        self.lacs.remove(lac)
        return address

    def mark(self):
        """From here on counters and log lines are looked at."""
        self.seen, self.log_at = self.lns.counters(), len(self.lns.log())

    def counted(self, *names, seconds=2.0):
        """Each (group, name) has been counted since mark()."""
        missing = []

        def all_there():
            now = self.lns.counters()
            missing[:] = [n for n in names if now.get(n, 0) <= self.seen.get(n, 0)]
            return not missing
        wait_until(lambda: f"{missing} counted; there is {self.lns.counted(self.seen)}", all_there, seconds)

    def reason(self, name):
        """A terminate reason that was counted since mark(), and said in the log (which takes 20 such lines a
        second)."""
        self.counted(("terminate", name))
        if not re.search(rf"reason={name}\b", self.lns.log()[self.log_at:]):
            assert any(k[1] in SUPPRESSED for k in self.lns.counted(self.seen)), f"{name} is not in the log"


@pytest.fixture(scope="module")
def the_desk(net):
    d = Desk(net)
    yield d
    d.dismiss()
    d.lns.stop()


@pytest.fixture
def desk(the_desk, request):
    the_desk.mark()
    yield the_desk
    the_desk.dismiss()
    call = getattr(request.node, "report_call", None)
    if call is None or call.failed:
        print(f"--- log of aditd\n{the_desk.lns.log()[the_desk.log_at:][-6000:]}")
    assert the_desk.lns.proc.poll() is None, f"aditd has ended\n{the_desk.lns.log()[-8000:]}"


@pytest.fixture
def lac(desk):
    return desk.lac()


@pytest.fixture
def up(desk):
    return desk.up()


# ---- mutation ----

def flip(rng, octets):
    """Some octets changed, cut off, repeated or put in."""
    b = bytearray(octets)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        at = rng.randrange(len(b) + 1)
        what = rng.randrange(6)
        if what == 0 and b:
            b[at % len(b)] = rng.randrange(256)
        elif what == 1 and b:
            b[at % len(b)] ^= 1 << rng.randrange(8)
        elif what == 2:
            del b[at:]
        elif what == 3:
            b[at:at] = rng.randbytes(rng.choice((1, 2, 7, 64)))
        elif what == 4:
            b[at:at + 2] = rng.choice((b"\0\0", b"\xff\xff", b"\0\5", b"\0\6", b"\x83\xff", b"\x80\x06"))
        else:
            b += b[at:at + 32]
    return bytes(b)


def header(kind, body, tid, sid=0, ns=0, nr=0, flags=0xC802):
    body = avp(0, u16(kind)) + body
    return struct.pack("!HHHHHH", flags, 12 + len(body), tid, sid, ns, nr) + body


def some_avps(rng):
    """AVPs of any number, right or wrong."""
    out = b""
    for _ in range(rng.randrange(8)):
        value = rng.choice((b"", b"\0", b"\0\1", u32(3), rng.randbytes(8), rng.randbytes(16), rng.randbytes(200),
            b"a" * 1017))
        out += avp(rng.choice((rng.randrange(60), rng.randrange(65536))), value, m=rng.random() < 0.5,
                   h=rng.random() < 0.15, vendor=rng.choice((0, 0, 0, 9, 3561, 65535)),
                   flags=rng.choice((0, 0, 0, 0, 0x0400)),
                   length=rng.choice((None, None, None, None, 0, 5, 6, 7, 1023, rng.randrange(1024))))
    return out


def pause_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))


def generator(seed):
    return random.Random(seed)
