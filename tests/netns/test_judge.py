# SPDX-License-Identifier: BSD-2-Clause
"""The judge of what our programs send, judged: it must see every control message, and find what is wrong with it.

    192.0.2.1 (this test, for an LNS) --- wan --- 192.0.2.10
"""
import struct

import pytest

from lib.judge import Judge
from lib.lac import CONTROL, L, P, S, T, avp, socket_in, u16
from lib.lns import SECRET
from lib.net import LNS

HELLO = avp(0, u16(6))


def control(body=HELLO, flags=CONTROL, length=None):
    return struct.pack("!HHHHHH", flags, 12 + len(body) if length is None else length, 7, 0, 1, 1) + body


@pytest.fixture
def judge(net):
    j = Judge(net)
    j.watch(net.lns)
    return j


@pytest.fixture
def say(net):
    """say(octets, ...) sends datagrams from the LNS to a LAC."""
    net.lac(0)
    sock = socket_in(net.lns)
    sock.bind((LNS, 1701))

    def send(*datagrams):
        for octets in datagrams:
            sock.sendto(octets, ("192.0.2.10", 40000))
    yield send
    sock.close()


def test_right_messages(judge, say):
    say(*[control(), control(b"")] * 100)
    assert judge.end(SECRET) == (200, [])


def test_only_control_messages_that_are_sent(net, judge, say):
    """Data, other people's messages and other ports are not looked at."""
    say(u16(2) + u16(7) + u16(8) + b"\xff\x03\xc0\x21\x09\x01\x00\x04", b"", b"\x00")
    with socket_in(net.lac(0)) as peer, socket_in(net.lns) as other:
        peer.sendto(control(length=99), (LNS, 1701))
        other.sendto(control(length=99), ("192.0.2.10", 40000))
    say(control())
    assert judge.end(SECRET) == (1, [])


@pytest.mark.parametrize("octets", [
    pytest.param(o, id=i) for i, o in {
        "an AVP longer than the message": control(avp(0, u16(6)) + avp(7, b"lns", length=40)),
        "an AVP shorter than its header": control(avp(0, u16(6)) + avp(7, b"lns", length=3)),
        "an AVP of too few octets": control(avp(0, u16(2)) + avp(9, b"\0")),
        "a Length beyond the datagram": control(length=100),
        "a Length before its end": control(length=14),
        "half a header": control()[:7],
        "the version of another protocol": control(flags=T | L | S | 1),
        "in fragments": control(HELLO + avp(7, b"x" * 1000) * 2)}.items()])
def test_what_is_wrong_is_found(judge, say, octets):
    say(control(), octets, control())
    messages, faults = judge.end(SECRET, [(0, "this test")])
    assert messages == 3 and len(faults) == 1
    assert "frame 2, in this test: " in faults[0]
    assert octets[:7].hex() in faults[0] or len(octets) > 1500
