# SPDX-License-Identifier: BSD-2-Clause
"""Malformed input at rate, into living conversations: eight LACs that say right and wrong things by turns, so that
what is
wrong meets every state; another LAC's calls work all the while, memory stays, the log is no way to fill a disk, and no
sanitizer has a word to say.

    Lac 192.0.2.20 to .27 and others --- wan --- 192.0.2.1 [aditd]
"""
import os
import random
import struct
import time

import pytest

from lib.lac import (ACK, CHAP, CONTROL, ECHO_REQ, IP, IPCP, IPV6CP, LCP, PAP, REQ, TERM_REQ, TYPES, Lac, Message,
    avp, hide,
                     option, packet, response, u16, u32)
from lib.lns import SECRET, Refused
from lib.net import wait_until
from lib.rogue import Desk, flip, generator, header, some_avps

SOURCES = 8
DATAGRAMS = [24_000, pytest.param(1_000_000, marks=pytest.mark.full)]


@pytest.fixture(scope="module")
def desk(net):
    """Freed memory must not pass for used memory: the sanitizer keeps less of it than it would."""
    was = os.environ.get("ASAN_OPTIONS")
    usual = "abort_on_error=1:detect_leaks=1:strict_string_checks=1"
    os.environ["ASAN_OPTIONS"] = f"{was or usual}:quarantine_size_mb=4"
    d = Desk(net)
    if was is None:
        del os.environ["ASAN_OPTIONS"]
    else:
        os.environ["ASAN_OPTIONS"] = was
    d.lns.configure("l2tp destruct-timeout 10", "l2tp tombstones 64", "l2tp half-open per-source 100")
    yield d
    d.dismiss()
    d.lns.stop()


class Nuisance:
    """A LAC whose every other message is not what it should be. It takes its numbers from the answers, so that most of
    what it
    says is judged and not only dropped."""

    def __init__(self, lac, seed):
        self.lac, self.rng = lac, random.Random(seed)
        self.lac.sock.setblocking(False)
        self.sent = self.answers = 0
        self.forget()

    def forget(self):
        self.tid, self.peer_tid, self.ns, self.nr, self.up = self.rng.randint(1, 65535), 0, 0, 0, False
        self.calls = {}         # ours -> theirs
        self.patience = 40

    def raw(self, octets):
        self.lac.raw(octets[:60000])
        self.sent += 1

    def control(self, kind, body, sid=0):
        self.raw(header(kind, body, self.peer_tid, sid, self.ns, self.nr))
        self.ns = (self.ns + 1) & 0xFFFF

    # ---- what comes ----

    def drain(self):
        while True:
            try:
                octets = self.lac.sock.recv(65536)
            except BlockingIOError:
                return
            self.answers += 1
            if octets[0] & 0x80:
                self.heard(Message(octets))     # which judges header and AVPs
            else:
                assert octets[:2] == b"\0\2" and octets[6:8] == b"\xff\x03", octets[:16].hex()

    def heard(self, m):
        if m.tid != self.tid:
            return              # of an earlier tunnel, or to tunnel 0
        self.ns = m.nr
        if m.kind == "ZLB":
            return
        self.nr = (m.ns + 1) & 0xFFFF
        if m.kind == "SCCRP":
            self.peer_tid = m.number(9)
            self.control(3, avp(13, response(3, SECRET, m.avps[0, 11])))
            self.up = True
        elif m.kind == "StopCCN":
            self.acknowledge()
            self.forget()
        elif m.kind == "ICRP":
            self.calls[m.sid] = m.number(14)
            self.control(12, self.iccn(), self.calls[m.sid])
        elif m.kind == "CDN":
            self.calls.pop(m.sid, None)

    def acknowledge(self):
        self.lac.raw(struct.pack("!HHHHHH", CONTROL, 12, self.peer_tid, 0, self.ns, self.nr))

    # ---- what is said ----

    def iccn(self):
        rng, body = self.rng, avp(24, u32(100)) + avp(19, u32(1))
        if rng.random() < 0.5:
            lcp = option(1, u16(1492)) + option(5, rng.randbytes(4))
            lcp += option(3, b"\xc2\x23\5") if rng.random() < 0.5 else b""
            for kind in 26, 27, 28:
                body += avp(kind, flip(rng, lcp) if rng.random() < 0.5 else lcp, m=False)
            body += avp(29, u16(rng.randrange(7)), m=False) + avp(30, b"bob", m=False) + avp(31, b"c" * 16, m=False)
            body += avp(32, u16(rng.randrange(300)), m=False)
            body += avp(33, rng.randbytes(rng.choice((0, 16, 49, 255))), m=False)
        return body

    def whole(self):
        """(kind, AVPs, Session ID) of a message that would do."""
        rng = self.rng
        sid = rng.choice([*self.calls.values(), 0, rng.randrange(65536)])
        mine = rng.choice([*self.calls, rng.randint(1, 65535)])
        vector = rng.randbytes(16)
        hidden = avp(36, vector) + hide(22, rng.randbytes(rng.randrange(40)), SECRET, vector,
            pad=rng.randbytes(rng.randrange(9)),
                                        length=rng.choice((None, None, rng.randrange(65536))))
        return rng.choice([
            (10, avp(14, u16(rng.randint(1, 65535))) + avp(15, u32(1)) + (hidden if rng.random() < 0.5 else b""), 0),
            (12, self.iccn(), sid), (14, avp(14, u16(mine)) + avp(1, u16(1)) + avp(12, u16(16) + b"\1abc"), sid),
            (15, avp(34, bytes(26)), sid), (16, avp(35, bytes(10)), sid), (6, b"", 0),
            (7, b"".join(avp(k, u32(1)) for k in range(14, 22)), 0),
            (rng.choice((*TYPES.values(), rng.randrange(65536))), some_avps(rng), sid)])

    def wrong(self):
        kind, body, sid = self.whole()
        if self.rng.random() < 0.3:
            self.control(kind, body, sid)
        else:
            if self.rng.random() < 0.5:
                body = flip(self.rng, body + some_avps(self.rng))
                octets = header(kind, body, self.peer_tid, sid, self.ns, self.nr)
            else:
                octets = flip(self.rng, header(kind, body, self.peer_tid, sid, self.ns, self.nr))
            self.raw(octets)

    def frame(self):
        rng = self.rng
        sid = rng.choice([*self.calls.values(), rng.randrange(65536)])
        what = rng.choice([
            u16(LCP) + packet(REQ, rng.randrange(256), option(1, u16(1492)) + option(5, b"abcd")),
                u16(LCP) + packet(ACK, 1, b""),
            u16(LCP) + packet(ECHO_REQ, 1, bytes(8)), u16(LCP) + packet(TERM_REQ, 1),
            u16(LCP) + rng.randbytes(rng.randrange(64)),
            u16(PAP) + packet(1, 1, b"\3bob\5hello"), u16(CHAP) + packet(2, rng.randrange(256),
            b"\x10" + bytes(16) + b"bob"),
            u16(CHAP) + packet(2, rng.randrange(256), b"\x31" + bytes(49) + b"b" * 300),
            u16(IPCP) + packet(REQ, 1, option(3, bytes(4)) + option(129, bytes(4))), u16(IPV6CP) + packet(REQ, 1,
            option(1, bytes(8))),
            u16(IP) + b"\x45\0\0\x14\0\0\0\0\x40\1\0\0\x0a\x40\0\1\xc6\x33\x64\2", u16(0x80FD) + packet(REQ, 1,
            option(18, bytes(4))),
            u16(rng.randrange(65536)) + rng.randbytes(rng.choice((0, 1, 40, 1500, 9000)))])
        octets = u16(rng.choice((2, 2, 2, 0x4002, 0x0802, 0x0202, 0x4A02))) + u16(self.peer_tid) + u16(sid)
        octets += b"\xff\x03" + what
        self.raw(flip(rng, octets) if rng.random() < 0.7 else octets)

    def step(self):
        rng = self.rng
        self.drain()
        self.patience -= 1
        if not self.peer_tid or self.patience < 0:
            if self.patience < 0:
                self.forget()
            sccrq = header(1, self.lac.sccrq_avps(tid=self.tid) + (some_avps(rng) if rng.random() < 0.2 else b""), 0)
            self.raw(sccrq)
            self.raw(flip(rng, sccrq))
            return
        if len(self.calls) < 4:
            self.control(10, avp(14, u16(rng.randint(1, 65535))) + avp(15, u32(1)))
        for _ in range(6):
            (self.wrong if rng.random() < 0.6 else self.frame)()
        self.raw(rng.randbytes(rng.choice((0, 1, 6, 12, 20, 100))))
        self.acknowledge()


@pytest.mark.parametrize("datagrams", DATAGRAMS)
def test_eight_nuisances_and_a_good_lac(desk, datagrams):
    lns = desk.lns
    desk.good_call()
    before = lns.counters()
    crowd = [Nuisance(desk.lac(10 + i), i) for i in range(SOURCES)]
    sizes, since = [], time.monotonic()
    for part in range(6):
        while sum(n.sent for n in crowd) < datagrams * (part + 1) // 6:
            for n in crowd:
                n.step()
            time.sleep(0.002)
        assert desk.good_call()
        sizes.append((lns.rss_kib(), len(lns.tunnels())))
    for n in crowd:
        n.drain()
    counted = lns.counted(before)
    print(f"{sum(n.sent for n in crowd)} datagrams, {sum(n.answers for n in crowd)} answers, "
          f"{time.monotonic() - since:.1f} s, RSS and tunnels {sizes}, {len(counted)} counters moved")
    assert lns.proc.poll() is None
    # what a closed tunnel keeps for 31 s is accounted for; nothing else may grow once every path has been taken
    (first, tunnels), (last, more) = sizes[1], sizes[-1]
    assert last - first < 6144 + 16 * max(0, more - tunnels), f"memory grows: {sizes} KiB"
    assert len(lns.log()) < 1_000_000 + 40 * datagrams
    reached = {k[1] for k in counted if k[0] in ("l2tp", "ppp", "drop", "terminate")}
    assert len(reached) > 60, sorted(reached)       # the noise is judged, not only dropped at the door


# What an operator may do at the worst moment; the whole configuration comes back after each.
OPERATIONS = [
    ["clear l2tp destination all"], ["logout subscribers all"], ["debug l2tp", "debug ppp", "no debug l2tp",
        "no debug ppp"],
    ["show l2tp tunnel detail", "show l2tp session detail", "show subscribers", "show l2tp counters all", "show log"],
    ["configure terminal", "l2tp destination profile wholesale", "no remote host test-lac"],
    ["configure terminal", "no l2tp destination profile wholesale ip address 0.0.0.0"],
    ["configure terminal", "no ip local pool subscribers"], ["configure terminal", "no profile test-lac"],
    ["configure terminal", "no interface loopback 0"], ["configure terminal", "l2tp shutdown", "no l2tp shutdown"],
    ["configure terminal", "l2tp drain", "no l2tp drain"],
]


@pytest.mark.parametrize("rounds", [3, pytest.param(200, marks=pytest.mark.full)])
def test_an_operator_in_the_middle_of_it(desk, rounds):
    """Profiles, pools and tunnels go while tunnels and calls of every state are there, good ones and bad ones."""
    lns, rng = desk.lns, random.Random(rounds)
    text = lns.cli("show running-config")
    crowd = [Nuisance(desk.lac(20 + i), i) for i in range(4)]
    for _ in range(rounds):
        for operation in rng.sample(OPERATIONS, len(OPERATIONS)):
            for _ in range(10):
                for n in crowd:
                    n.step()
            try:
                lns.cli(*operation)
            except Refused:
                pass            # an object that something else needs: refused is as good
            for n in crowd:
                n.step()
            lns.apply(text)
    assert lns.proc.poll() is None
    assert desk.good_call()


def test_random_octets(desk):
    """Nothing but noise, from port after port."""
    rng = generator(4)
    lac = desk.lac()
    for i in range(6000):
        n = rng.choice((0, 1, 2, 5, 6, 7, 11, 12, 13, 18, 19, 20, 64, 1400))
        octets = rng.randbytes(n)
        if n > 1 and rng.random() < 0.7:
            octets = rng.choice((b"\xc8\2", b"\x80\2", b"\0\2", b"\x4a\2", b"\xcb\2", b"\xc8\3")) + octets[2:]
        lac.raw(octets)
        if i % 500 == 0:
            desk.dismiss()
            lac = desk.lac()
            time.sleep(0.01)
    assert desk.good_call()


def test_hold_and_punt_queues_are_bounded(desk):
    """interop.md 21: frames may beat the ICCN, a few of them; then 50 a second."""
    desk.mark()
    lac = desk.up()
    sid = lac.icrq()
    peer_sid = lac.expect("ICRP", sid).number(14)
    octets = u16(2) + u16(lac.peer_tid) + u16(peer_sid) + b"\xff\x03" + u16(LCP) + packet(REQ, 1, option(5, b"abcd"))
    for _ in range(20):
        lac.raw(octets)
    desk.counted(("drop", "hold-full"))
    lac.iccn(peer_sid)
    assert lac.wait(lambda: lac.peer_nr == lac.ns)
    for _ in range(2000):
        lac.raw(octets)
    desk.counted(("drop", "punt-policed"))
    assert desk.good_call()


def test_data_for_other_peoples_sessions(desk):
    """16-bit ids can be guessed; address and port cannot be had."""
    desk.mark()
    victim = desk.up()
    client = victim.call()
    client.dial()
    thief = Lac(desk.net.lac(1), "192.0.2.11")
    other = desk.lac()
    echo = client.echo_request("198.51.100.2")
    for who in thief, other:
        who.raw(u16(2) + u16(victim.peer_tid) + u16(client.peer_sid) + b"\xff\x03" + u16(IP) + echo)
        who.raw(u16(2) + u16(victim.peer_tid) + u16(client.peer_sid) + b"\xff\x03" + u16(LCP) + packet(TERM_REQ, 1))
    thief.close()
    desk.counted(("drop", "wrong-peer"), ("drop", "wrong-peer-port"))
    assert client.ping("198.51.100.2"), "the session goes on"


def test_reflection(desk):
    """What a forged source can make us send: at most three octets for one."""
    lac = desk.lac(8)
    lac.answers = False
    sent = 0
    for tid in range(1, 60):
        sent += len(lac.control("SCCRQ", lac.sccrq_avps(tid=tid, challenge=b"c" * 16), tid=0, ns=0))
        sent += len(lac.control("SCCRQ", avp(9, u16(tid + 1000)), tid=0, ns=0))
        sent += len(lac.control("SCCRQ", b"", tid=0, ns=0))
    lac.sock.setblocking(False)
    end, got = time.monotonic() + 3.5, 0
    while time.monotonic() < end:
        try:
            got += len(lac.sock.recv(65536))
        except BlockingIOError:
            time.sleep(0.01)
    assert 0 < got <= 3 * sent, f"{got} octets for {sent}"
    wait_until("others get in", desk.good_call, 3)


# ---- interop.md 2: AVP lengths, hidden and not ----

VECTOR = b"v" * 16
LENGTHS = (0, 1, 5, 6, 7, 8, 9, 10, 22, 1022, 1023)


def avps_of_every_length(kind):
    """Each type with each length in its header and with each amount behind it, in the clear and hidden."""
    for h in False, True:
        for length in LENGTHS:
            for behind in (b"", b"\1", bytes(2), bytes(16), b"x" * 1017):
                yield avp(36, VECTOR) + avp(kind, behind, h=h, length=length)
        for inner in (0, 1, 2, 16, 1015, 1016, 65535):
            yield avp(36, VECTOR) + hide(kind, b"x" * 30, SECRET, VECTOR, length=inner)
    yield avp(36, VECTOR) + hide(kind, avp(36, VECTOR) + hide(kind, b"x", SECRET, VECTOR), SECRET, VECTOR)
    yield avp(36, b"") + hide(kind, b"", SECRET, b"")
    yield avp(36, b"", h=True) + hide(36, VECTOR, SECRET, b"") + hide(kind, b"abc", SECRET, VECTOR)
    yield avp(kind, b"") * 200


def test_avps_of_every_type_and_length(desk):
    """accel PR 344, xl2tpd PR 93 and their like: each message is answered or acknowledged, and the next one too."""
    desk.mark()
    lac, taken = desk.up(), 0
    for kind in [*range(0, 50), 76, 77, 78, 97, 98, 99, 65535]:
        if kind == 1:
            continue
        for body in avps_of_every_length(kind):
            lac.control("ICRQ", avp(14, u16(taken % 60000 + 1)) + avp(15, u32(1)) + body)
            taken += 1
            if taken % 4 == 0:
                assert lac.wait(lambda: lac.peer_nr == lac.ns), (kind, body[:40])
                lac.inbox.clear()
        if taken > 1800:        # the calls that were taken go with their tunnel
            lac.leave()
            lac, taken = desk.up(), 0
    assert not lac.take("StopCCN", timeout=0.05)
    assert desk.lns.counted(desk.seen)["l2tp", "rx-faulty"] > 4000
    assert desk.good_call()


def test_hidden_with_every_wrong_secret(desk):
    """What a wrong key makes of an inner length is never taken at its word."""
    lac = desk.up()
    for i in range(300):
        lac.icrq(extra=avp(36, VECTOR) + hide(22, b"0301234567", f"wrong{i}", VECTOR, pad=bytes(i % 50)))
        if i % 4 == 3:
            assert lac.wait(lambda: lac.peer_nr == lac.ns)
    assert lac.expect("CDN").result[0] == 2
    assert desk.good_call()


# ---- interop.md 2: strings, through to log, displays and JSON ----

STRINGS = [b"", b"\0", b"x", b"x" * 1017, b"\0" * 1017, bytes(range(256)) * 3, b"\xc3\x28\xf0\x9f\xff" * 60,
    b"\n2026-11-20T level=error",
           b"\x1b[2J\x1b]0;x\x07\r\n", b'"\\" , {"a": 1}', "\u202e\u2028é".encode(), b"%s%n%n%n%x" * 40,
               b"a=b reason=none user=\"root\""]


@pytest.mark.parametrize("text", STRINGS, ids=lambda t: f"{len(t)}-{t[:6].hex()}")
def test_strings_of_the_peer(desk, text):
    """accel PR 269, CVE-2022-0982: Host Name, Vendor Name, numbers, sub-address, user name, StopCCN message."""
    at = len(desk.lns.log())
    lac = desk.lac()
    lac.host = "test-lac"
    lac.open(avp(8, text, m=False))
    client = lac.call(icrq=avp(21, text) + avp(22, text) + avp(23, text), iccn=avp(37, text, m=False))
    client.open_lcp()
    code, ident, body = client.recv(CHAP, 1)
    client.code(CHAP, 2, ident, b"\x10" + bytes(16) + text[:255])
    client.recv(CHAP, 4)
    other = desk.lac()
    other.host = (text or b"-").decode("latin1")
    other.sccrq_avps = lambda **kw: b"".join((avp(2, b"\1\0"), avp(3, u32(3)), avp(7, text or b"-"), avp(9,
        u16(other.tid))))
    other.sccrq()
    assert other.expect("StopCCN").result[0] == 4
    lac.control("StopCCN", avp(9, u16(lac.tid)) + avp(1, u16(2) + u16(6) + text[:1013]))
    assert lac.wait(lambda: lac.peer_nr == lac.ns)
    lns = desk.lns
    for what in "tunnel detail", "session detail", "tunnel detail ended", "session detail ended":
        lns.json(f"show l2tp {what}")
        assert not set(lns.cli(f"show l2tp {what}")) & set(map(chr, [*range(10), *range(11, 32), 127]))
    lns.cli("show subscribers", "show log")
    for line in lns.log()[at:].splitlines():
        assert line.startswith("20") and " level=" in line and line.isprintable(), line


# ---- interop.md 2: what a peer can make us keep ----

def test_memory_that_a_peer_can_hold(desk):
    """Early messages of 30,000 octets in every place of the window, in 40 tunnels, again and again: 18 MB a round
    would be
    wanted, one message a tunnel is kept, and 8 MB may wait to be read."""
    big = b"".join(avp(999, b"x" * 1017, m=False) for _ in range(29))
    desk.mark()
    sizes = []
    for _ in range(4):
        lacs = [desk.up(i=1) for _ in range(40)]
        for lac in lacs:
            for n in range(1, 16):
                lac.control("HELLO", big, ns=lac.ns + n)
        desk.counted(("l2tp", "rx-early-dropped"))
        wait_until("all is read", lambda: sum(t["receive-out-of-sequence"] for t in desk.lns.tunnels()) >= 40, 3)
        sizes.append(desk.lns.rss_kib())
        for lac in lacs:
            lac.stop()
            lac.close()
        desk.lacs.clear()
    assert sizes[-1] - sizes[0] < 20 * 1024, sizes
    assert desk.good_call()


def test_a_peer_that_never_acknowledges(desk):
    """It makes us answer and hears nothing: the answers that wait are bounded, and so is what they answer."""
    lac = desk.up(i=1)
    lac.answers = False
    before = desk.lns.rss_kib()
    desk.mark()
    nr = lac.nr
    for i in range(4000):
        lac.control("OCRQ", avp(14, u16(i + 1)) + b"".join(avp(k, u32(1)) for k in range(15, 22) if k != 20), nr=nr)
        if i % 8 == 0:
            lac.poll(0.0005)
            lac.ns = lac.peer_nr if i > 2000 else lac.ns
    desk.counted(("l2tp", "rx-overrun"))
    assert desk.lns.rss_kib() - before < 4 * 1024
    assert desk.good_call()
