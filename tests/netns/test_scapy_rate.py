# SPDX-License-Identifier: BSD-2-Clause
"""Malformed input at rate: the daemon keeps taking calls, and its memory and descriptors stay what they were."""
import os
import random
import struct
import time

import pytest

from lib.lac import CONTROL, IP, LCP, REQ, TYPES, avp, option, packet, u16, u32
from lib.lns import config
from lib.net import INET

ROUNDS = [4000, pytest.param(200_000, marks=pytest.mark.full)]


@pytest.fixture(autouse=True)
def small_quarantine(monkeypatch):
    """What AddressSanitizer keeps of freed memory (256 MiB unless told) is no growth of the daemon."""
    options = os.environ.get("ASAN_OPTIONS", "abort_on_error=1:detect_leaks=1:strict_string_checks=1")
    monkeypatch.setenv("ASAN_OPTIONS", f"{options}:quarantine_size_mb=4")


def messages(rnd, lac):
    """Control messages that are nearly right: one octet, length, AVP or id changed, cut or repeated."""
    whole = [lac.sccrq_avps(tid=rnd.randint(1, 65535)), avp(14, u16(rnd.randint(0, 99))) + avp(15, u32(1)),
             avp(24, u32(1)) + avp(19, u32(1)), avp(9, u16(1)) + avp(1, u16(1)), avp(14, u16(1)) + avp(1, u16(1)), b""]
    while True:
        body = avp(0, u16(rnd.choice([*TYPES.values(), rnd.randint(0, 300)]))) + rnd.choice(whole)
        tid = rnd.choice([0, 0, lac.peer_tid, rnd.randint(0, 65535)])
        sid, ns = rnd.choice([0, 0, 1, rnd.randint(0, 65535)]), rnd.choice([0, lac.ns, rnd.randint(0, 65535)])
        head = struct.pack("!HHHHHH", CONTROL, 12 + len(body), tid, sid, ns, rnd.choice([0, lac.nr]))
        octets = bytearray(head + body)
        for _ in range(rnd.randint(0, 3)):
            octets[rnd.randrange(len(octets))] = rnd.randint(0, 255)
        cut = rnd.choice([len(octets)] * 3 + [rnd.randint(0, len(octets))])
        yield bytes(octets[:cut]) + (os.urandom(rnd.randint(1, 40)) if rnd.random() < 0.1 else b"")


def frames(rnd, client):
    """PPP frames that are nearly right, in a living session."""
    lcp = [packet(REQ, 1, option(1, u16(1492)) + option(5, b"abcd")), packet(2, 1), packet(9, 1, bytes(8)), packet(5, 1)]
    echo = client.echo_request(INET)
    while True:
        body = bytearray(u16(rnd.choice([LCP, 0xC223, 0xC023, 0x8021, 0x8057, 0x80FD, IP, rnd.randint(0, 65535)])) +
                         rnd.choice([*lcp, echo]))
        for _ in range(rnd.randint(1, 3)):
            body[rnd.randrange(len(body))] = rnd.randint(0, 255)
        yield b"\xff\x03" + bytes(body[:rnd.randint(0, len(body))] if rnd.random() < 0.3 else body)


def drain(lac):
    lac.sock.setblocking(False)
    try:
        while True:
            lac.sock.recv(65536)
    except BlockingIOError:
        pass


def fresh_call(make_lac):
    lac = make_lac()
    lac.open()
    client = lac.call()
    assert client.dial()
    assert client.ping(INET)
    lac.leave()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_malformed_control_messages(start_lns, make_lac, rounds):
    lns = start_lns(config(extra="l2tp destruct-timeout 10\nl2tp tombstones 64"))
    fresh_call(make_lac)
    rnd = random.Random(2661)
    noise = make_lac()
    noise.open()
    source = messages(rnd, noise)
    rss = []
    for part in range(4):
        for _ in range(rounds // 4):
            noise.raw(next(source))
            if rnd.random() < 0.02:
                drain(noise)
                time.sleep(0.002)
        fresh_call(make_lac)
        rss.append(lns.rss_kib())
    assert rss[-1] - rss[1] < 4096, f"memory grows: {rss} KiB"
    assert lns.counters()["l2tp", "rx-faulty"] > 0


@pytest.mark.parametrize("rounds", ROUNDS)
def test_malformed_ppp(start_lns, make_lac, rounds):
    lns = start_lns(config(extra="l2tp destruct-timeout 10\nl2tp tombstones 64"))
    rnd = random.Random(1661)
    lac = make_lac()
    lac.open()
    rss = []
    for part in range(4):
        client = lac.call()
        client.dial()
        source = frames(rnd, client)
        for _ in range(rounds // 4):
            client.frame(next(source))
            if rnd.random() < 0.02:
                drain(lac)
                time.sleep(0.002)
        drain(lac)
        lac.leave()
        lac = make_lac()
        lac.open()
        rss.append(lns.rss_kib())
    assert rss[-1] - rss[1] < 4096, f"memory grows: {rss} KiB"
    fresh_call(make_lac)


def test_sccrqs_from_everywhere_do_not_keep_others_out(start_lns, make_lac, net):
    """Half-open tunnels are capped per source: another LAC still gets in."""
    from lib.lac import Lac
    lns = start_lns(config(extra="l2tp half-open per-source 20"))
    noise = make_lac()
    for tid in range(1, 400):
        noise.control("SCCRQ", noise.sccrq_avps(tid=tid), tid=0, ns=0, nr=0)
    time.sleep(0.3)
    drain(noise)
    assert len(lns.tunnels()) <= 20
    assert lns.counters()["l2tp", "sccrq-half-open-source"] > 300
    other = Lac(net.lac(1), "192.0.2.11")
    other.open()
    other.leave()


def test_calls_and_hang_ups_leave_nothing(start_lns, make_lac):
    lns = start_lns(config(extra="l2tp destruct-timeout 10\nl2tp tombstones 16"))
    lac = make_lac()
    lac.open()
    sizes, fds = [], lns.fds()
    for _ in range(4):
        for _ in range(40):
            client = lac.call()
            client.dial()
            lac.cdn(client)
        lac.wait(lambda: lac.peer_nr == lac.ns)
        sizes.append(lns.rss_kib())
    assert lns.sessions() == []
    assert sizes[-1] - sizes[1] < 2048, f"memory grows: {sizes} KiB"
    assert lns.fds() <= fds + 1
