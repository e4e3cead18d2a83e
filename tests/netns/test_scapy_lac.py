# SPDX-License-Identifier: BSD-2-Clause
"""RFC 2661, clause by clause, by a LAC that is written here (lib/lac.py): control messages.

    Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd]
"""
import os
import struct
import time

import pytest

from lib.lac import CONTROL, L, O, P, S, T, TYPES, Lac, avp, hide, response, u16, u32
from lib.lns import SECRET, config
from lib.net import wait_until


@pytest.fixture
def lac(lns, make_lac):
    return make_lac()


@pytest.fixture
def up(lac):
    lac.open()
    return lac


@pytest.fixture
def open_lac(start_lns, make_lac):
    """A LAC in front of a daemon without tunnel password."""
    lns = start_lns(config(secret=None))
    lac = make_lac(secret=None)
    lac.daemon = lns
    return lac


def still_takes_calls(lac, make_lac):
    other = make_lac(secret=lac.secret, port=0)
    other.open()
    other.icrq()
    other.expect("ICRP")


# ---- §3.1 the header ----

def test_what_an_sccrp_has(lac, lns):
    """RFC 2661 §6.2: the AVPs that MUST be there, and the ids of the header."""
    m = lac.open()
    assert m.tid == lac.tid and m.sid == 0 and (m.ns, m.nr) == (0, 1)
    for kind in 2, 3, 7, 9:
        assert (0, kind) in m.avps, kind
    assert m.avps[0, 2] == b"\x01\x00" and m.avps[0, 7] == b"lns1" and m.number(9) != 0
    assert m.number(10) == 16
    row, = lns.tunnels()
    assert row["state"] == "established" and row["remote-tunnel-id"] == lac.tid
    assert row["peer-host-name"] == "test-lac" and row["peer-vendor-name"] == "by hand"


@pytest.mark.parametrize("name, octets", [
    ("empty", b""), ("one octet", b"\xc8"), ("half a header", b"\xc8\x02\x00\x0c\x00\x00"),
    ("version 1 (L2F)", u16(T | L | S | 1) + u16(12) + bytes(8)),
    ("version 3 (L2TPv3)", u16(T | L | S | 3) + u16(12) + bytes(8)),
    ("no Length", u16(T | S | 2) + bytes(8) + avp(0, u16(1))),
    ("no Ns and Nr", u16(T | L | 2) + u16(16) + bytes(4) + avp(0, u16(1))),
    ("priority bit", u16(CONTROL | P) + u16(20) + bytes(8) + avp(0, u16(1))),
    ("offset bit", u16(CONTROL | O) + u16(20) + bytes(8) + avp(0, u16(1))),
    ("Length too long", u16(CONTROL) + u16(21) + bytes(8) + avp(0, u16(1))),
    ("Length within the header", u16(CONTROL) + u16(11) + bytes(8) + avp(0, u16(1))),
    ("ZLB to no tunnel", u16(CONTROL) + u16(12) + bytes(8)),
    ("unknown tunnel", u16(CONTROL) + u16(20) + u16(4711) + bytes(6) + avp(0, u16(6))),
])
def test_datagrams_that_are_dropped(lac, lns, make_lac, name, octets):
    """RFC 2661 §3.1: no answer, one counter."""
    before = lns.counters()
    lac.raw(octets)
    assert lac.quiet()
    wait_until("it is counted", lambda: lns.counted(before), 2)
    assert lns.tunnels() == []
    lac.open()


def test_reserved_header_bits_are_ignored(lac):
    """RFC 2661 §3.1: reserved bits MUST be ignored on incoming messages."""
    lac.control("SCCRQ", lac.sccrq_avps(), tid=0, flags=CONTROL | 0x34F0)
    assert lac.expect("SCCRP")


def test_octets_after_length_are_padding(lac):
    body = avp(0, u16(1)) + lac.sccrq_avps()
    lac.raw(struct.pack("!HHHHHH", CONTROL, 12 + len(body), 0, 0, 0, 0) + body + b"\xde\xad\xbe\xef")
    assert lac.expect("SCCRP")


# ---- §4.1 AVPs ----

@pytest.mark.parametrize("vendor", [0, 9, 3561, 65535])
def test_unknown_avps(up, lns, vendor):
    """RFC 2661 §4.1: mandatory, in a message of a call: CDN 2/8, the tunnel stays; not mandatory: ignored."""
    sid = up.icrq(extra=avp(999, b"x", vendor=vendor))
    m = up.expect("CDN", sid)
    assert m.result[:2] == (2, 8)
    assert (0, 14) in m.avps and m.tid == up.tid
    sid = up.icrq(extra=avp(999, b"x", m=False, vendor=vendor))
    assert up.expect("ICRP", sid)


def test_unknown_mandatory_avp_in_an_sccrq(lac, lns):
    """RFC 2661 §4.1: of a control connection's message: StopCCN 2/8."""
    lac.sccrq(avp(999, b"x"))
    m = lac.expect("StopCCN")
    assert m.result[:2] == (2, 8) and m.tid == lac.tid
    assert not lns.up(lns.tunnels())


def test_unknown_avps_that_are_not_mandatory(lac):
    lac.open(avp(999, b"x", m=False) + avp(1, b"abc", m=False, vendor=3561) + avp(22, b"123", m=False))


def test_reserved_avp_bits_make_it_unknown(up):
    """RFC 2661 §4.1: an AVP with a reserved bit set MUST be treated as an unrecognized AVP."""
    sid = up.icrq(extra=avp(22, b"123", flags=0x0400))
    assert up.expect("CDN", sid).result[:2] == (2, 8)
    sid = up.icrq(extra=avp(22, b"123", m=False, flags=0x2000))
    assert up.expect("ICRP", sid)


@pytest.mark.parametrize("name, octets", [
    ("length 0", avp(22, b"", length=0)), ("length 5", avp(22, b"", length=5)),
    ("length 1023", avp(22, b"1", length=1023)),
    ("half an AVP header", b"\x80\x08\x00"), ("bearer type of 3 octets", avp(18, b"\0\0\1")),
    ("assigned session id twice as long", avp(18, bytes(8))),
])
def test_avps_of_a_wrong_length(up, lns, make_lac, name, octets):
    """RFC 2661 §4.1, §4.4.2: CDN general error, length is wrong; the tunnel stays."""
    sid = up.icrq(extra=octets)
    m = up.expect("CDN", sid)
    assert m.result[0] == 2 and m.result[1] in (2, 3), m
    sid = up.icrq()
    assert up.expect("ICRP", sid)


def test_every_string_avp_at_its_longest(up, lns):
    """A string AVP may have 1017 octets (10 bits of Length), any of them."""
    long = bytes(range(256)) * 3 + b"x" * 249
    for kind in 21, 22, 23:
        client = up.call(icrq=avp(kind, long))
        assert client
    assert len(lns.sessions()) == 3
    lns.cli("show l2tp session detail")


# ---- §4.3 hiding ----

def test_hidden_avps(up, lns):
    """RFC 2661 §4.3: each Random Vector applies to the AVPs after it; padding is no part of the value."""
    v1, v2 = os.urandom(16), os.urandom(7)
    up.call(icrq=avp(36, v1) + hide(22, b"0301234567", SECRET, v1, pad=os.urandom(37)) + avp(36, v2) +
            hide(21, b"0800", SECRET, v2))
    row, = lns.sessions()
    assert row["calling-number"] == "0301234567" and row["called-number"] == "0800"


@pytest.mark.parametrize("name, extra", [
    ("no Random Vector", hide(22, b"123", SECRET, b"v" * 16)),
    ("another secret", avp(36, b"v" * 16) + hide(22, b"123", "other", b"v" * 16)),
    ("length beyond the value", avp(36, b"v" * 16) + hide(22, b"123", SECRET, b"v" * 16, length=1000)),
    ("length of 65535", avp(36, b"v" * 16) + hide(22, b"123", SECRET, b"v" * 16, length=65535)),
    ("nothing but its header", avp(36, b"v" * 16) + avp(22, b"", h=True)),
    ("one octet", avp(36, b"v" * 16) + avp(22, b"x", h=True)),
])
def test_hidden_avps_that_cannot_be_read(up, name, extra):
    """RFC 2661 §4.3: mandatory ones end the call, and only that."""
    sid = up.icrq(extra=extra)
    m = up.take("CDN", sid) or up.take("ICRP", sid, 0.1)
    if name == "another secret" and m.kind == "ICRP":
        return      # the length happens to make sense with a wrong key: one in many
    assert m.kind == "CDN" and m.result[0] == 2
    assert up.expect("ICRP", up.icrq())


def test_hidden_avp_without_a_secret(open_lac):
    open_lac.open()
    sid = open_lac.icrq(extra=avp(36, b"v" * 16) + hide(22, b"123", "any", b"v" * 16))
    assert open_lac.expect("CDN", sid).result[0] == 2
    sid = open_lac.icrq(extra=avp(36, b"v" * 16) + hide(22, b"123", "any", b"v" * 16, m=False))
    assert open_lac.expect("ICRP", sid)


def test_access_line_avps(up, lns):
    """RFC 5515 (vendor 3561) is told apart from the IETF's numbers, and shown."""
    up.call(icrq=avp(1, b"circuit 7", m=False, vendor=3561) + avp(2, b"remote 9", m=False, vendor=3561) +
            avp(129, struct.pack("!Q", 10_000_000), m=False, vendor=3561))
    row, = lns.sessions()
    assert row["circuit-id"] == "circuit 7" and row["remote-id"] == "remote 9"


# ---- §4.4.3, §6.1: SCCRQ ----

@pytest.mark.parametrize("kind", [2, 3, 7])
def test_sccrq_without_a_mandatory_avp(lac, lns, kind):
    """RFC 2661 §6.1: Protocol Version, Host Name, Framing Capabilities MUST be present."""
    lac.sccrq(leave_out=(kind,))
    assert lac.expect("StopCCN").result[0] == 2
    assert not lns.up(lns.tunnels())


@pytest.mark.parametrize("kw", [{"leave_out": (9,)}, {"tid": 0}])
def test_sccrq_that_cannot_be_answered(lac, lns, make_lac, kw):
    """Without an Assigned Tunnel ID there is nobody to answer."""
    lac.sccrq(**kw)
    lac.quiet(0.3)
    assert not [o for o in lac.all if b"lns1" in o]
    assert not lns.up(lns.tunnels())
    still_takes_calls(lac, make_lac)


def test_protocol_version(lac):
    """RFC 2661 §4.4.2: StopCCN 5, the Error Code being the highest version supported."""
    lac.sccrq(version=b"\x02\x00")
    assert lac.expect("StopCCN").result[:2] == (5, 0x0100)


def test_a_later_revision_is_taken(lac):
    """RFC 2661 §4.4.3: revisions are compatible."""
    lac.open(version=b"\x01\x07")


def test_message_type_must_come_first(lac, lns):
    """RFC 2661 §4.4.1: the Message Type AVP MUST be the first AVP."""
    lac.control("SCCRQ", lac.sccrq_avps() + avp(0, u16(1)), tid=0, type_avp=False)
    lac.quiet(0.3)
    assert not lac.take("SCCRP", timeout=0.1)
    assert not lns.up(lns.tunnels())


def test_unknown_message_types(up, make_lac, lns):
    """RFC 2661 §4.4.1: M set: the tunnel ends, StopCCN; M clear: ignored, and acknowledged."""
    up.control(200, avp(0, u16(200), m=False), type_avp=False)
    assert up.wait(lambda: up.peer_nr == up.ns)
    assert not up.take("StopCCN", timeout=0.3)
    up.control(200)
    assert up.expect("StopCCN").result[0] == 2


def test_receive_window_zero_counts_as_one(lac, lns):
    lac.control("SCCRQ", lac.sccrq_avps(challenge=b"c" * 16, leave_out=(10,)) + avp(10, u16(0)), tid=0)
    assert lac.expect("SCCRP")


# ---- §5.1.1 tunnel authentication ----

def test_a_wrong_response_ends_the_tunnel(lac, lns):
    """RFC 2661 §5.1.1, §4.4.2: StopCCN 4, requester is not authorized."""
    lac.sccrq()
    lac.expect("SCCRP")
    lac.control("SCCCN", avp(13, b"x" * 16))
    assert lac.expect("StopCCN").result[0] == 4
    assert not lns.up(lns.tunnels())


def test_a_missing_response_ends_the_tunnel(lac):
    lac.sccrq()
    lac.expect("SCCRP")
    lac.control("SCCCN")
    assert lac.expect("StopCCN").result[0] == 4


def test_the_response_of_another_message(lac):
    """RFC 2661 §5.1.1, §4.4.3: the id of the hash is the message's type: 2 in an SCCRP, 3 in an SCCCN."""
    lac.sccrq()
    m = lac.expect("SCCRP")
    lac.control("SCCCN", avp(13, response(2, SECRET, m.avps[0, 11])))
    assert lac.expect("StopCCN").result[0] == 4


def test_our_challenge_differs_each_time(lns, make_lac):
    seen = set()
    for _ in range(4):
        lac = make_lac()
        lac.sccrq()
        seen.add(lac.expect("SCCRP").avps[0, 11])
        lac.close()
    assert len(seen) == 4 and all(len(c) >= 16 for c in seen)


def test_without_a_password_no_challenge(open_lac):
    m = open_lac.open()
    assert (0, 11) not in m.avps and (0, 13) not in m.avps


def test_a_response_nobody_asked_for_is_ignored(open_lac):
    open_lac.open(scccn=avp(13, b"x" * 16))
    assert open_lac.expect("ICRP", open_lac.icrq())


def test_a_challenge_without_our_having_a_secret(open_lac):
    open_lac.sccrq(challenge=b"c" * 16)
    assert open_lac.expect("StopCCN").result[0] == 4


def test_an_unknown_lac(make_lac, lns):
    """No host profile for it: StopCCN, nothing kept."""
    lns.configure("l2tp destination profile wholesale", "no remote host default", "remote host known-lac",
                  "tunnel password " + SECRET, "interface profile subscriber")
    lac = make_lac()
    lac.sccrq()
    assert lac.expect("StopCCN").result[0] in (2, 4)
    known = make_lac(host="known-lac")
    known.open()


# ---- §5.8 reliable delivery ----

def test_a_repeated_sccrq_is_one_tunnel(lac, lns):
    """The same Ns and Assigned Tunnel ID from the same place: a repeat."""
    octets = lac.sccrq()
    first = lac.expect("SCCRP")
    lac.answers = False
    lac.raw(octets)
    lac.raw(octets)
    lac.wait(lambda: False, 0.3)
    assert len(lns.tunnels()) == 1
    assert {m[:12][4:6] for m in lac.all} == {u16(lac.tid)} and first


def test_two_sccrqs_of_one_host_are_two_tunnels(lns, make_lac):
    """RFC 2661 §3: several tunnels may be between the same two hosts, ports too."""
    a = make_lac(tid=11)
    a.open()
    b = Lac(None, None, sock=a.sock, tid=12)
    b.open()
    assert len(lns.up(lns.tunnels())) == 2
    assert a.peer_tid != b.peer_tid
    b.stop()


def test_duplicates_are_acknowledged(up):
    """RFC 2661 §5.8: a message with an earlier Ns is dropped, and acked."""
    up.control("HELLO")
    assert up.wait(lambda: up.peer_nr == up.ns)
    seen = len(up.all)
    up.control("HELLO", ns=up.ns - 1)
    assert up.wait(lambda: len(up.all) > seen, 1)
    assert up.peer_nr == up.ns
    assert not up.inbox


def test_early_messages_are_kept(up):
    """RFC 2661 §5.8: out of order, in the window: delivered when the gap is filled."""
    first, second, third = 101, 102, 103
    avps = [avp(14, u16(sid)) + avp(15, u32(n)) for n, sid in enumerate((first, second, third), 1)]
    n = up.ns
    up.control("ICRQ", avps[2], ns=n + 2)
    up.control("ICRQ", avps[1], ns=n + 1)
    assert not up.take("ICRP", timeout=0.3)
    up.control("ICRQ", avps[0], ns=n)
    up.ns = n + 3
    assert [up.expect("ICRP").sid for _ in range(3)] == [first, second, third]
    assert up.peer_nr == up.ns


def test_beyond_the_window_is_dropped(up):
    up.control("HELLO", ns=up.ns + 200)
    up.quiet(0.3)
    assert up.peer_nr == up.ns


def test_our_messages_are_repeated_until_acknowledged(up):
    """RFC 2661 §5.8: 1 s, then doubled; the octets the same but for Nr."""
    up.answers = False
    up.all.clear()
    up.icrq()
    times = []

    def three():
        icrps = [m for m in up.all if len(m) > 20 and m[18:20] == u16(11)]
        if len(icrps) > len(times):
            times.append(time.monotonic())
        return len(times) == 3
    assert up.wait(three, 5)
    assert 0.8 < times[1] - times[0] < 1.4 and 1.7 < times[2] - times[1] < 2.6
    assert len({m[12:] for m in up.all if len(m) > 12}) == 1


def test_an_unproven_address_gets_little(lac, lns):
    """Before the SCCCN a source may be forged: at most three octets out for one in, whatever retransmission wants."""
    lac.answers = False
    lac.sccrq()
    lac.wait(lambda: False, 4.5)
    sccrq = 12 + 8 + len(lac.sccrq_avps(challenge=lac.challenge))
    assert lac.all and sum(map(len, lac.all)) <= 3 * sccrq


def test_a_hello_is_acknowledged(up):
    """RFC 2661 §6.5, §5.5."""
    up.control("HELLO")
    assert up.wait(lambda: up.peer_nr == up.ns, 1)


def test_hello_when_idle(start_lns, make_lac):
    start_lns(config(host="hello-interval 1"))
    lac = make_lac()
    lac.open()
    assert lac.take("HELLO", timeout=2.5).sid == 0
    assert lac.take("HELLO", timeout=2.5)


def test_hello_of_a_host_profile(start_lns, make_lac):
    """interop.md 6: a LAC that answers no Hello has them switched off; of another a vanished tunnel is noticed early."""
    lns = start_lns(config(host="hello-interval 1\nretransmission 2\ndisable tunnel-hello"))
    lac = make_lac()
    lac.open()
    lac.answers = False
    assert not lac.take("HELLO", timeout=2.5)
    lns.configure("l2tp destination profile wholesale", "remote host default", "no disable tunnel-hello")
    assert lac.take("HELLO", timeout=2)
    wait_until("the tunnel is dead after two retries", lambda: not lns.up(lns.tunnels()), 9)
    assert lns.ended("tunnel")[0]["reason"] == "tunnel-control-channel-failed"
    lac.peer_tid = 0


def test_tunnel_id_zero(start_lns, make_lac):
    """interop.md 8: a D-Link DIR-300 leaves our id out of the header after set-up. Tolerated where its host profile says so."""
    lns = start_lns(config())
    before = lns.counters()
    stranger = make_lac(header_tid=0)
    with pytest.raises(AssertionError, match="not acknowledged"):
        stranger.open()
    assert lns.counted(before)["l2tp", "rx-null-tunnel-id"] >= 1
    lns.configure("l2tp destination profile wholesale", "remote host default", "tolerate tunnel-id-zero")
    lac = make_lac(header_tid=0, port=0)
    lac.open()
    client = lac.call()
    client.dial("bob", "hello")
    lac.control("HELLO")
    assert lac.wait(lambda: lac.peer_nr == lac.ns, 1)
    assert len(lns.up(lns.sessions())) == 1
    lac.cdn(client)
    wait_until("the session is gone", lambda: not lns.sessions(), 2)
    lac.stop()
    assert lac.wait(lambda: lac.peer_nr == lac.ns, 1)
    assert lns.counted(before)["l2tp", "rx-null-tunnel-id-tolerated"] >= 5


def test_permissive_avps(start_lns, make_lac):
    """interop.md 13: with the switch on, unrecognised AVPs with M set are counted, in the messages of tunnel and call."""
    lns = start_lns(config(extra="l2tp permissive-avps"))
    before = lns.counters()
    lac = make_lac()
    lac.open(extra=avp(99, b"x"), scccn=avp(1, b"x", vendor=9))
    lac.call(icrq=avp(98, b"x")).dial("bob", "hello")
    assert lns.counted(before)["l2tp", "avp-unknown-mandatory"] == 3


def test_our_window_is_respected(make_lac, lns):
    """RFC 2661 §4.4.3, §5.8: a peer with a window of 1 gets one message at a time."""
    lac = make_lac()
    lac.open(leave_out=(10,), extra=avp(10, u16(1)))
    lac.answers = False
    before = len(lac.all)
    for _ in range(3):
        lac.icrq()
    lac.wait(lambda: False, 0.5)
    kinds = {m[12:20] for m in lac.all[before:] if len(m) > 12}
    numbers = {m[8:10] for m in lac.all[before:] if len(m) > 12}
    assert kinds and len(numbers) == 1


# ---- §7 states, §5.7 the end ----

def test_stopccn_ends_all_and_is_acknowledged_for_a_while(up, lns):
    """RFC 2661 §5.7: sessions end with the tunnel; the state stays for a full retransmission cycle."""
    up.call()
    octets = None
    up.answers = False
    octets = up.control("StopCCN", avp(9, u16(up.tid)) + avp(1, u16(1)))
    assert up.wait(lambda: up.peer_nr == up.ns)
    assert not lns.up(lns.tunnels()) and not lns.up(lns.sessions())
    time.sleep(1)
    seen = len(up.all)
    up.raw(octets)
    assert up.wait(lambda: len(up.all) > seen, 1), "a repeated StopCCN is not acknowledged"
    assert not up.take("StopCCN", timeout=0.2)


@pytest.mark.parametrize("kind", ["SCCRP", "SCCRQ"])
def test_a_message_the_state_does_not_list(up, kind):
    """RFC 2661 §7.2.1: in established, SCCRQ and SCCRP: StopCCN 7, state machine error."""
    up.control(kind, up.sccrq_avps())
    assert up.expect("StopCCN").result[0] == 7


def test_a_second_scccn(up):
    up.control("SCCCN")
    m = up.expect("StopCCN")
    assert m.result[0] == 7


def test_a_call_before_the_tunnel_is_up(open_lac):
    """RFC 2661 §7.2.1 wait-ctl-conn."""
    open_lac.sccrq()
    open_lac.expect("SCCRP")
    open_lac.icrq()
    assert not open_lac.take("ICRP", timeout=0.3)
    assert not open_lac.daemon.sessions()


def test_an_unexpected_message_ends_only_the_call(up):
    """RFC 2661 §7.4.2: an ICRP or a second ICCN to the LNS: CDN."""
    client = up.call()
    other = up.call()
    up.iccn(client.peer_sid)
    m = up.expect("CDN", client.sid)
    assert m.result[0] == 2 and "ICCN" in m.result[2]
    up.control("ICRP", avp(14, u16(other.sid)), sid=other.peer_sid)
    assert up.expect("CDN", other.sid).result[0] == 2
    assert up.expect("ICRP", up.icrq())


def test_cdn_ends_the_call(up, lns):
    client = up.call()
    up.cdn(client)
    assert up.wait(lambda: up.peer_nr == up.ns)
    wait_until("the session is gone", lambda: not lns.sessions(), 2)
    assert not up.take("CDN", timeout=0.2)


def test_cdn_between_icrp_and_iccn(up, lns):
    sid = up.icrq()
    m = up.expect("ICRP", sid)
    up.control("CDN", avp(14, u16(sid)) + avp(1, u16(3)), sid=m.number(14))
    wait_until("the session is gone", lambda: not lns.sessions(), 2)
    assert up.expect("ICRP", up.icrq(sid)), "its id is free again"


@pytest.mark.parametrize("leave_out", [(14,), (15,)])
def test_icrq_without_a_mandatory_avp(up, leave_out):
    """RFC 2661 §6.6."""
    up.icrq(sid=77, leave_out=leave_out)
    m = up.take("CDN")
    if leave_out == (15,):
        assert m and m.sid == 77 and m.result[0] == 2
    assert up.expect("ICRP", up.icrq())


@pytest.mark.parametrize("leave_out", [(24,), (19,)])
def test_iccn_without_a_mandatory_avp(up, leave_out):
    """RFC 2661 §6.8."""
    sid = up.icrq()
    up.iccn(up.expect("ICRP", sid).number(14), leave_out=leave_out)
    assert up.expect("CDN", sid).result[0] == 2


def test_an_assigned_session_id_in_use(up, lns):
    """A new call with an id that a living one has: CDN; the living one stays."""
    client = up.call()
    up.icrq(sid=client.sid)
    up.expect("CDN")
    assert len(lns.sessions()) == 1
    assert up.expect("ICRP", up.icrq())


def test_an_assigned_session_id_of_zero(up):
    up.control("ICRQ", avp(14, u16(0)) + avp(15, u32(9)))
    up.quiet(0.3)
    assert not up.take("ICRP", timeout=0.1)
    assert up.expect("ICRP", up.icrq())


def test_an_outgoing_call_is_refused_by_name(up, lns):
    """RFC 2661 §6.9: no dial-out at this end."""
    avps = {14: u16(5), 15: u32(1), 16: u32(64000), 17: u32(64000), 18: u32(1), 19: u32(1), 21: b"123"}
    up.control("OCRQ", b"".join(avp(k, v) for k, v in avps.items()))
    m = up.expect("CDN", 5)
    assert m.result[0] in (2, 4, 5)
    assert up.expect("ICRP", up.icrq())


def test_wen_and_sli_do_no_harm(up, lns):
    """RFC 2661 §6.13, §6.14."""
    client = up.call()
    up.control("WEN", avp(34, bytes(26)), sid=client.peer_sid)
    up.control("SLI", avp(35, bytes(10)), sid=client.peer_sid)
    assert up.wait(lambda: up.peer_nr == up.ns)
    assert not up.take("CDN", timeout=0.2)
    assert client.dial()


def test_sccrq_with_a_session_id(lac, lns):
    lac.control("SCCRQ", lac.sccrq_avps(), tid=0, sid=9)
    lac.quiet(0.3)
    assert not lns.up(lns.tunnels())


@pytest.mark.parametrize("kind", sorted(set(TYPES) - {"SCCRQ"}))
def test_any_first_message_but_an_sccrq(lac, lns, make_lac, kind):
    """RFC 2661 §7.2.1 idle: nothing begins with it."""
    lac.control(kind, avp(9, u16(lac.tid)) + avp(14, u16(1)) + avp(1, u16(1)), tid=0)
    assert not lac.take("SCCRP", timeout=0.2)
    assert not lns.tunnels()
    lac.ns = lac.nr = 0
    lac.open()


def test_the_end_of_the_daemon_is_told(up, lns):
    """RFC 2661 §4.4.2: StopCCN 6, the requester is being shut down."""
    up.call()
    lns.proc.terminate()
    assert up.expect("StopCCN").result[0] == 6
    lns.proc.wait(10)


def test_limits(start_lns, make_lac):
    """A call beyond max-sessions: CDN 4; it does not end the others."""
    lns = start_lns(config(tunnel="max-sessions 2").replace(" max-sessions 60000\n", ""))
    lac = make_lac()
    lac.open()
    lac.call()
    lac.call()
    sid = lac.icrq()
    assert lac.expect("CDN", sid).result[0] in (4, 5)
    assert len(lns.sessions()) == 2
