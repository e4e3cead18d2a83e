# SPDX-License-Identifier: BSD-2-Clause
"""RFC 2661 as a matrix: each message with each of its faults, in each state, gets the Result and Error Code of §4.4.2,
has its terminate reason counted and logged (JunosE's message validation matrix), and harms nobody else. Conversations are in
test_scapy_lac.py.

    Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd]
"""
import os
import struct

import pytest

from lib.lac import CONTROL, Lac, avp, hide, response, u16, u32
from lib.lns import SECRET
from lib.rogue import desk, lac, the_desk, up  # noqa: F401  fixtures

RV = avp(36, b"v" * 16)
# A fault of form that any message may have: (name, AVPs, Error Code, end of the reason). §4.1, §4.3, §4.4.2
FORM = [
    ("unknown AVP", avp(999, b"x"), 8, "avp-unknown"),
    ("unknown AVP of a vendor", avp(1, b"x", vendor=4711), 8, "avp-unknown"),
    ("reserved bit", avp(8, b"x", flags=0x0400), 8, "avp-unknown"),
    ("AVP length 0", avp(8, b"", length=0), 2, "avp-malformed-bad-length"),
    ("AVP length 5", avp(8, b"", length=5), 2, "avp-malformed-bad-length"),
    ("AVP beyond the message", avp(8, b"x", length=1023), 2, "avp-malformed-truncated"),
    ("half an AVP", b"\x80\x08\x00", 2, "avp-malformed-truncated"),
    ("hidden, no Random Vector", hide(8, b"abc", SECRET, b"v" * 16), 3, "avp-missing-random-vector"),
    ("hidden, length beyond", RV + hide(8, b"abc", SECRET, b"v" * 16, length=65535), 3, "avp-bad-hidden"),
    ("hidden, no length", RV + avp(8, b"x", h=True), 3, "avp-bad-hidden"),
]
FORM_IDS = [f[0] for f in FORM]


def ended(desk, lac, result, reason, header_tid=None):
    """A StopCCN with this result (code, error), the reason is known, and somebody else's call works."""
    m = lac.expect("StopCCN")
    assert m.result[:2] == result, m
    assert m.tid == (lac.tid if header_tid is None else header_tid) and m.sid == 0
    assert m.number(9) != 0, "Assigned Tunnel ID"
    desk.reason(reason)


def cleared(desk, lac, sid, error, reason, result=2):
    """A CDN; the reason is known; the tunnel takes the next call."""
    m = lac.expect("CDN", sid)
    assert m.result[:2] == (result, error), m
    assert m.number(14) != 0, "Assigned Session ID"
    desk.reason(reason)
    assert lac.expect("ICRP", lac.icrq())


# ---- SCCRQ: §6.1, §4.4.3 ----

@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_sccrq_faults_of_form(desk, lac, name, avps, error, reason):
    lac.sccrq(avps)
    ended(desk, lac, (2, error), f"tunnel-rx-sccrq-{reason}")


@pytest.mark.parametrize("kind, name", [(2, "protocol-version"), (3, "framing-capabilities"), (7, "host-name")])
def test_sccrq_missing(desk, lac, kind, name):
    lac.sccrq(leave_out=(kind,))
    ended(desk, lac, (2, 6), f"tunnel-rx-sccrq-avp-missing-mandatory-{name}")


def test_sccrq_of_an_unknown_host_is_judged_first(desk):
    """What the message lacks is said before whether anybody knows the host."""
    lac = desk.lac(host="nobody")
    lac.sccrq(leave_out=(2,))
    ended(desk, lac, (2, 6), "tunnel-rx-sccrq-avp-missing-mandatory-protocol-version")


@pytest.mark.parametrize("kind, value, result, reason", [
    (2, b"\x02\x00", (5, 0x0100), "bad-value-protocol-version"),
    (2, b"\x00\x00", (5, 0x0100), "bad-value-protocol-version"),
    (2, b"\x01", (2, 2), "malformed-bad-length"),
    (3, u32(4), (2, 3), "bad-value-framing-capabilities"),
    (3, u16(3), (2, 2), "malformed-bad-length"),
    (4, u32(0x80000000), (2, 3), "bad-value-bearer-capabilities"),
    (5, b"1234567", (2, 2), "malformed-bad-length"),
    (7, b"", (2, 2), "malformed-bad-length"),
    (10, b"\0\0\0\4", (2, 2), "malformed-bad-length"),
    (11, b"", (2, 3), "bad-value-challenge"),
    (76, u16(0) + u32(1000), (2, 3), "bad-value-failover-capability"),
])
def test_sccrq_values(desk, lac, kind, value, result, reason):
    lac.sccrq(avp(kind, value), challenge=None, leave_out=(kind,))
    ended(desk, lac, result, f"tunnel-rx-sccrq-avp-{reason}")


@pytest.mark.parametrize("kw, error, reason", [
    ({"leave_out": (9,)}, 6, "missing-mandatory-assigned-tunnel-id"), ({"tid": 0}, 3, "bad-value-assigned-tunnel-id")])
def test_sccrq_without_an_id(desk, lac, kw, error, reason):
    """§5.3: whose id is not known is told at tunnel 0."""
    lac.sccrq(**kw)
    ended(desk, lac, (2, error), f"tunnel-rx-sccrq-avp-{reason}", header_tid=0)


def test_sccrq_with_a_session_id(desk, lac):
    lac.control("SCCRQ", lac.sccrq_avps(), tid=0, sid=9)
    ended(desk, lac, (2, 5), "tunnel-rx-sccrq-session-id-not-null")


def test_sccrq_with_another_ns(desk, lac):
    lac.control("SCCRQ", lac.sccrq_avps(), tid=0, ns=1)
    assert lac.quiet(0.2)
    desk.counted(("l2tp", "rx-sccrq-invalid-ns"))


def test_sccrq_challenge_without_a_secret(desk):
    lac = desk.lac(host="open-lac")
    lac.sccrq(challenge=b"c" * 16)
    ended(desk, lac, (4, 0), "tunnel-rx-sccrq-avp-unexpected-challenge-without-secret")


def test_sccrq_hidden_without_a_secret(desk):
    lac = desk.lac(host="open-lac")
    lac.sccrq(RV + hide(8, b"abc", "any", b"v" * 16))
    ended(desk, lac, (2, 6), "tunnel-rx-sccrq-avp-missing-secret")


def test_sccrq_of_an_unknown_host(desk):
    lac = desk.lac(host="nobody")
    lac.sccrq()
    ended(desk, lac, (4, 0), "tunnel-rx-sccrq-authenticate-failed-host")


@pytest.mark.parametrize("leave_out, extra", [
    ((10,), avp(10, u16(0))), ((), avp(10, u16(4))), ((4,), b""), ((), avp(6, u16(7), m=False)),
    ((), avp(7, b"second", m=True)), ((), avp(5, bytes(8))), ((), avp(39, b"")), ((), avp(999, b"", m=False)),
    ((9,), RV + b"TID"),
], ids=["RWS 0", "RWS twice", "no bearer", "firmware", "host name twice", "tie breaker", "misplaced AVP",
"unknown, M clear",
        "hidden tunnel id"])
def test_sccrqs_that_are_taken(desk, lac, leave_out, extra):
    """Robustness where §4.4.3 leaves room; interop.md 5, 12."""
    if extra.endswith(b"TID"):
        extra = extra[:-3] + hide(9, u16(lac.tid), SECRET, b"v" * 16, pad=b"pad")
    lac.open(extra, leave_out=leave_out)
    assert lac.expect("ICRP", lac.icrq())


# ---- SCCCN and the others in wait-ctl-conn: §7.2.1, §5.1.1 ----

@pytest.fixture
def half(lac):
    """A tunnel in wait-ctl-conn; its answer to the challenge is at hand."""
    lac.sccrq()
    lac.answer = avp(13, response(3, SECRET, lac.expect("SCCRP").avps[0, 11]))
    return lac


@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_scccn_faults_of_form(desk, half, name, avps, error, reason):
    half.control("SCCCN", half.answer + avps)
    ended(desk, half, (2, error), f"tunnel-rx-scccn-{reason}")


@pytest.mark.parametrize("avps, result, reason", [
    (b"", (4, 0), "avp-missing-challenge-response"),
    (avp(13, b"x" * 16), (4, 0), "authenticate-failed-challenge"),
    (avp(13, b"x" * 15), (2, 2), "avp-malformed-bad-length"),
    (avp(13, b"x" * 17), (2, 2), "avp-malformed-bad-length")], ids=["none", "wrong", "15 octets", "17 octets"])
def test_scccn_response(desk, half, avps, result, reason):
    half.control("SCCCN", avps)
    ended(desk, half, result, f"tunnel-rx-scccn-{reason}")


def test_scccn_with_a_session_id(desk, half):
    half.control("SCCCN", half.answer, sid=1)
    ended(desk, half, (2, 5), "tunnel-rx-scccn-session-id-not-null")


@pytest.mark.parametrize("kind, avps, reason", [
    ("SCCRQ", None, "tunnel-rx-sccrq-unexpected"), ("SCCRP", None, "tunnel-rx-sccrp-unexpected"),
    ("HELLO", b"", "tunnel-rx-unexpected-packet"),
    ("ICRQ", avp(14, u16(1)) + avp(15, u32(1)), "tunnel-rx-unexpected-packet-for-session"),
    ("CDN", avp(14, u16(1)) + avp(1, u16(1)), "tunnel-rx-unexpected-packet-for-session")])
def test_unexpected_in_wait_ctl_conn(desk, half, kind, avps, reason):
    half.control(kind, half.sccrq_avps() if avps is None else avps)
    ended(desk, half, (7, 0), reason)


def test_stopccn_in_wait_ctl_conn(desk, half):
    half.stop()
    assert half.wait(lambda: half.peer_nr == half.ns)
    desk.reason("tunnel-rx-stopccn")
    assert not half.take("StopCCN", timeout=0.1)


def test_stopccn_to_tunnel_0(desk, lac):
    """§5.3: an initiator that does not know our id yet."""
    lac.answers = False
    lac.sccrq()
    lac.expect("SCCRP")
    lac.control("StopCCN", avp(9, u16(lac.tid)) + avp(1, u16(1)), tid=0)
    desk.reason("tunnel-rx-stopccn")


# ---- established: §7.2.1, §5.5, §5.7 ----

@pytest.mark.parametrize("kind", ["SCCRQ", "SCCRP", "SCCCN"])
def test_unexpected_in_established(desk, up, kind):
    up.control(kind, up.sccrq_avps() if kind != "SCCCN" else b"")
    ended(desk, up, (7, 0), f"tunnel-rx-{kind.lower()}-unexpected")


@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_stopccn_faults_of_form(desk, up, name, avps, error, reason):
    up.control("StopCCN", avp(9, u16(up.tid)) + avp(1, u16(1)) + avps)
    ended(desk, up, (2, error), f"tunnel-rx-stopccn-{reason}")


@pytest.mark.parametrize("avps, error, reason", [
    (avp(1, u16(1)), 6, "avp-missing-mandatory-assigned-tunnel-id"),
    (avp(9, u16(1)), 6, "avp-missing-mandatory-result-code"),
    (avp(9, u16(0)) + avp(1, u16(1)), 3, "avp-bad-value-assigned-tunnel-id"),
    (avp(9, u16(1)) + avp(1, b"\1"), 2, "avp-malformed-bad-length"),
    (avp(9, u16(1)) + avp(1, b"\0\1\0"), 2, "avp-malformed-bad-length")])
def test_stopccn_values(desk, up, avps, error, reason):
    up.control("StopCCN", avps)
    ended(desk, up, (2, error), f"tunnel-rx-stopccn-{reason}")


def test_stopccn_with_a_session_id(desk, up):
    up.control("StopCCN", avp(9, u16(up.tid)) + avp(1, u16(1)), sid=3)
    ended(desk, up, (2, 5), "tunnel-rx-stopccn-session-id-not-null")


@pytest.mark.parametrize("code", [
    u16(1), u16(1) + u16(0), u16(2) + u16(6) + b"busy", u16(2) + u16(1) + bytes(range(256)) * 3 + b"x" * 245,
    u16(0), u16(99) + u16(99), u16(0xFFFF) + u16(0xFFFF)], ids=["2 octets", "4", "text", "1017", "0", "unknown",
    "FFFF"])
def test_stopccn_result_codes(desk, up, code):
    """§4.4.2: Error Code and message are optional; codes that nobody knows end the tunnel all the same."""
    up.call()
    up.control("StopCCN", avp(9, u16(up.tid)) + avp(1, code))
    assert up.wait(lambda: up.peer_nr == up.ns)
    desk.reason("tunnel-rx-stopccn")
    row = [t for t in desk.lns.tunnels() if t["remote-tunnel-id"] == up.tid][-1]
    assert row["result-code"] == struct.unpack("!H", code[:2])[0]


@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_hello_faults_of_form(desk, up, name, avps, error, reason):
    """§4.1: of a message that belongs to no session, the tunnel ends."""
    up.control("HELLO", avps)
    ended(desk, up, (2, error), "tunnel-rx-unexpected-packet")


def test_hello_with_a_session_id(desk, up):
    """§6.5: the Session ID of a HELLO MUST be 0."""
    client = up.call()
    up.control("HELLO", sid=client.peer_sid)
    ended(desk, up, (2, 5), "session-rx-hello-unexpected")


def test_zlb_with_a_session_id_or_another_ns(desk, up):
    """A ZLB says nothing but its Nr."""
    for sid, ns in (9, up.ns), (0, up.ns - 1), (0, up.ns + 5):
        up.raw(struct.pack("!HHHHHH", CONTROL, 12, up.peer_tid, sid, ns & 0xFFFF, up.nr))
    assert up.expect("ICRP", up.icrq())


# ---- Message Type: §4.4.1 ----

@pytest.mark.parametrize("name, octets", [
    ("another AVP first", avp(14, u16(1)) + avp(0, u16(10))), ("one octet", avp(0, b"\x0a")), ("three", avp(0,
        b"\0\x0a\0")),
    ("hidden", RV + hide(0, u16(10), SECRET, b"v" * 16)), ("a vendor's", avp(0, u16(10), vendor=9)),
    ("no AVP but one octet", b"\x80"), ("length 0", avp(0, u16(10), length=0)), ("reserved bit", avp(0, u16(10),
    flags=0x0200))])
def test_message_type_indecipherable(desk, up, name, octets):
    up.control(0, octets, type_avp=False)
    ended(desk, up, (2, 3), "tunnel-rx-unknown-packet-message-type-indecipherable")


@pytest.mark.parametrize("kind", [0, 5, 13, 29, 200, 65535])
def test_message_type_unrecognised(desk, up, kind):
    up.control(kind, avp(0, u16(kind), m=False), type_avp=False)
    assert up.wait(lambda: up.peer_nr == up.ns) and not up.inbox
    desk.counted(("l2tp", "rx-message-type-ignored"))
    up.control(kind)
    ended(desk, up, (2, 3), "tunnel-rx-unknown-packet-message-type-unrecognized")


# ---- ICRQ: §6.6 ----

@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_icrq_faults_of_form(desk, up, name, avps, error, reason):
    cleared(desk, up, up.icrq(extra=avps), error, f"session-rx-icrq-{reason}")


@pytest.mark.parametrize("extra, leave_out, error, reason", [
    (b"", (15,), 6, "missing-mandatory-call-serial-number"),
    (avp(18, u32(0x10)), (), 3, "bad-value-bearer-type"),
    (avp(18, b"\0\0\1"), (), 2, "malformed-bad-length"),
    (avp(25, u16(1)), (), 2, "malformed-bad-length"),
    (avp(100, b"", vendor=9), (), 3, "bad-value-cisco-nas-port"),
    (avp(15, u32(1) + u32(2)), (15,), 2, "malformed-bad-length")])
def test_icrq_values(desk, up, extra, leave_out, error, reason):
    cleared(desk, up, up.icrq(extra=extra, leave_out=leave_out), error, f"session-rx-icrq-avp-{reason}")


@pytest.mark.parametrize("avps, error, reason", [
    (b"", 6, "missing-mandatory-assigned-session-id"), (avp(14, u16(0)), 3, "bad-value-assigned-session-id"),
    (avp(14, b"\0"), 2, "malformed-bad-length")])
def test_icrq_without_an_id(desk, up, avps, error, reason):
    up.control("ICRQ", avps + avp(15, u32(1)))
    cleared(desk, up, 0, error, f"session-rx-icrq-avp-{reason}")


def test_icrq_with_an_id_in_use(desk, up):
    client = up.call()
    up.icrq(sid=client.sid)
    cleared(desk, up, client.sid, 5, "session-rx-icrq-avp-duplicate-value-assigned-session-id")
    assert client.dial()


def test_icrq_for_a_session(desk, up):
    """ICRQ always has Session ID 0; one for a session is unexpected there, and nobody's otherwise."""
    client = up.call()
    up.control("ICRQ", avp(14, u16(1)) + avp(15, u32(1)), sid=client.peer_sid)
    cleared(desk, up, client.sid, 6, "session-rx-icrq-unexpected")
    up.control("ICRQ", avp(14, u16(2)) + avp(15, u32(1)), sid=client.peer_sid ^ 1)
    assert up.wait(lambda: up.peer_nr == up.ns)
    desk.counted(("l2tp", "session-rx-unknown-session-id"))


def test_icrq_with_a_short_serial_number(desk, up):
    """interop.md 17: in two octets it is taken, counted each time and logged once a tunnel."""
    at = len(desk.lns.log())
    for _ in range(2):
        assert up.expect("ICRP", up.icrq(extra=avp(15, u16(7)), leave_out=(15,)))
        desk.counted(("l2tp", "avp-short-serial"))
    lines = [x for x in desk.lns.log()[at:].splitlines() if "what=avp-short-serial" in x]
    assert len(lines) == 1 and 'msg="tolerated"' in lines[0] and "message=ICRQ" in lines[0]
    assert next(s for s in desk.lns.sessions() if s["call-serial-number"] == 7)


def test_cdn_with_a_swapped_error_code(desk, up):
    """interop.md 12: Apple has sent it with its octets exchanged; and in two octets there is none at all."""
    for sid, value, shown in (901, u16(2) + b"\6\0", 6), (902, u16(3), 0):
        up.icrq(sid)
        peer_sid = up.expect("ICRP", sid).number(14)
        up.control("CDN", avp(14, u16(sid)) + avp(1, value), sid=peer_sid)
        assert up.wait(lambda: up.peer_nr == up.ns)
        assert not up.take("StopCCN", timeout=0.1)
        row, = [s for s in desk.lns.ended("session") if s["remote-session-id"] == sid]
        assert (row["result-code"], row["error-code"]) == (value[1], shown)
    desk.counted(("l2tp", "avp-swapped-error-code"))


@pytest.mark.parametrize("kind", [21, 22, 23])
@pytest.mark.parametrize("value", [b"", b"\0", b"1" * 17, b"\xff\xfe\0\x1b[2J\"\\\n" * 100, b"x" * 1017],
                         ids=["empty", "NUL", "odd", "not UTF-8", "1017"])
def test_icrq_strings(desk, up, kind, value):
    """interop.md 2: every string AVP at every length, through to the displays and the log."""
    assert up.call(icrq=avp(kind, value)).dial()
    row = desk.lns.sessions()
    assert len(row) == 1
    assert "\x1b" not in desk.lns.cli("show l2tp session detail", "show subscribers") + desk.lns.log()


@pytest.mark.parametrize("kind", range(1, 3))
@pytest.mark.parametrize("value", [b"x", b"y" * 63, b"z" * 64, b"w" * 1017, b""], ids=["1", "63", "64", "1017", "0"])
def test_icrq_access_line_strings(desk, up, kind, value):
    """RFC 5515 §5.1: 2 to 63 octets of value, and no call fails for it."""
    assert up.expect("ICRP", up.icrq(extra=avp(kind, value, m=False, vendor=3561)))


# ---- ICCN: §6.8, §4.4.5 ----

PROXY = {30: b"bob", 31: b"c" * 16, 32: u16(5), 33: b"r" * 16}


@pytest.fixture
def waiting(up):
    """A call in wait-connect."""
    up.sid = up.icrq()
    up.peer_sid = up.expect("ICRP", up.sid).number(14)
    return up


@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_iccn_faults_of_form(desk, waiting, name, avps, error, reason):
    waiting.iccn(waiting.peer_sid, avps)
    cleared(desk, waiting, waiting.sid, error, f"session-rx-iccn-{reason}")


@pytest.mark.parametrize("extra, leave_out, error, reason", [
    (b"", (24,), 6, "missing-mandatory-connect-speed"),
    (b"", (19,), 6, "missing-mandatory-framing-type"),
    (avp(19, u32(0x100)), (19,), 3, "bad-value-framing-type"),
    (avp(24, u16(1)), (24,), 2, "malformed-bad-length"),
    (avp(39, b"x"), (), 2, "malformed-bad-length"),
    (avp(29, u16(0)), (), 3, "bad-value-proxy-authen-type"),
    (avp(29, u16(6)), (), 3, "bad-value-unsupported-proxy-authen-type"),
    (avp(29, u16(65535)), (), 3, "bad-value-unsupported-proxy-authen-type")])
def test_iccn_values(desk, waiting, extra, leave_out, error, reason):
    waiting.iccn(waiting.peer_sid, extra, leave_out)
    cleared(desk, waiting, waiting.sid, error, f"session-rx-iccn-avp-{reason}")


@pytest.mark.parametrize("kind, without, name", [
    (1, 30, "name"), (1, 33, "response"), (2, 30, "name"), (2, 31, "challenge"), (2, 32, "id"), (2, 33, "response"),
    (3, 30, "name"), (3, 32, "id"), (3, 33, "response"), (5, 31, "challenge"), (5, 33, "response")])
def test_iccn_proxy_authentication_is_whole(desk, waiting, kind, without, name):
    parts = b"".join(avp(k, v, m=False) for k, v in PROXY.items() if k != without)
    waiting.iccn(waiting.peer_sid, avp(29, u16(kind), m=False) + parts)
    cleared(desk, waiting, waiting.sid, 6, f"session-rx-iccn-avp-missing-mandatory-proxy-authen-{name}")


@pytest.mark.parametrize("kind", ["ICRQ", "ICRP"])
def test_unexpected_in_wait_connect(desk, waiting, kind):
    """§7.4.2."""
    waiting.control(kind, avp(14, u16(waiting.sid)) + avp(15, u32(1)), sid=waiting.peer_sid)
    cleared(desk, waiting, waiting.sid, 6, f"session-rx-{kind.lower()}-unexpected")


@pytest.mark.parametrize("kind", ["OCRP", "OCCN", "OCRQ"])
def test_outgoing_messages_of_an_incoming_call(desk, waiting, kind):
    avps = {14: u16(waiting.sid), 15: u32(1), 16: u32(1), 17: u32(1), 18: u32(1), 19: u32(1), 21: b"1", 24: u32(1)}
    waiting.control(kind, b"".join(avp(k, v) for k, v in avps.items()), sid=waiting.peer_sid)
    cleared(desk, waiting, waiting.sid, 6, "session-rx-unexpected-packet-lns-incoming")


# ---- a call that is up: §7.4.2, §6.12 to §6.14 ----

@pytest.mark.parametrize("kind, reason", [("ICCN", "session-rx-iccn-unexpected"), ("ICRP",
    "session-rx-icrp-unexpected"),
                                          ("ICRQ", "session-rx-icrq-unexpected")])
def test_unexpected_in_an_established_call(desk, up, kind, reason):
    client = up.call()
    up.control(kind, avp(14, u16(client.sid)) + avp(15, u32(1)) + avp(24, u32(1)) + avp(19, u32(1)),
        sid=client.peer_sid)
    cleared(desk, up, client.sid, 6, reason)


@pytest.mark.parametrize("kind, good", [("CDN", None), ("WEN", avp(34, bytes(26))), ("SLI", avp(35, bytes(10)))])
@pytest.mark.parametrize("name, avps, error, reason", FORM, ids=FORM_IDS)
def test_call_messages_faults_of_form(desk, up, kind, good, name, avps, error, reason):
    client = up.call()
    up.control(kind, (good or avp(14, u16(client.sid)) + avp(1, u16(1))) + avps, sid=client.peer_sid)
    cleared(desk, up, client.sid, error, f"session-rx-{kind.lower()}-{reason}")


@pytest.mark.parametrize("kind, avps, error, reason", [
    ("CDN", avp(1, u16(1)), 6, "missing-mandatory-assigned-session-id"),
    ("CDN", avp(14, u16(1)), 6, "missing-mandatory-result-code"),
    ("CDN", avp(14, u16(0)) + avp(1, u16(1)), 3, "bad-value-assigned-session-id"),
    ("CDN", avp(14, u16(1)) + avp(1, b"\0\1\0"), 2, "malformed-bad-length"),
    ("CDN", avp(14, u16(1)) + avp(1, u16(1)) + avp(12, b"\0\1"), 2, "malformed-bad-length"),
    ("CDN", avp(14, u16(1)) + avp(1, u16(1)) + avp(12, b""), 2, "malformed-bad-length"),
    ("WEN", b"", 6, "missing-mandatory-call-errors"),
    ("WEN", avp(34, bytes(25)), 2, "malformed-bad-length"),
    ("SLI", b"", 6, "missing-mandatory-accm"),
    ("SLI", avp(35, bytes(9)), 2, "malformed-bad-length"),
    ("SLI", avp(35, b"\0\1" + bytes(8)), 3, "bad-value-accm")])
def test_call_messages_values(desk, up, kind, avps, error, reason):
    client = up.call()
    up.control(kind, avps, sid=client.peer_sid)
    cleared(desk, up, client.sid, error, f"session-rx-{kind.lower()}-avp-{reason}")


@pytest.mark.parametrize("extra", [b"", avp(12, u16(16) + b"\1"), avp(12, u16(16) + b"\1" + b"x" * 1014),
                                   avp(46, u16(3) + u16(0xC021) + b"\1" + b"\0\xff" * 200, m=False)],
                         ids=["plain", "Q.931", "Q.931 and text", "PPP Disconnect Cause"])
def test_cdn_is_the_end(desk, up, extra):
    client = up.call()
    up.control("CDN", avp(14, u16(client.sid)) + avp(1, u16(3)) + extra, sid=client.peer_sid)
    desk.reason("session-rx-cdn")
    assert not up.take("CDN", timeout=0.05)


def test_cdn_before_our_id_is_known(desk, up):
    """§4.4.4: with Session ID 0 the Assigned Session ID says whose it is."""
    up.answers = False
    sid = up.icrq()
    up.control("CDN", avp(14, u16(sid)) + avp(1, u16(1)), sid=0)
    desk.reason("session-rx-cdn")


@pytest.mark.parametrize("kind, avps, reason", [
    ("ICCN", avp(24, u32(1)) + avp(19, u32(1)), "null-session-id-invalid"),
    ("WEN", avp(34, bytes(26)), "null-session-id-invalid"), ("SLI", avp(35, bytes(10)), "null-session-id-invalid"),
    ("CDN", avp(1, u16(1)), "null-session-id-without-assigned-session-id")])
def test_session_id_0(desk, up, kind, avps, reason):
    up.control(kind, avps)
    ended(desk, up, (2, 5), f"tunnel-rx-session-packet-{reason}")


@pytest.mark.parametrize("kind", ["ICRP", "ICCN", "CDN", "WEN", "SLI", "OCRP", "OCCN"])
def test_messages_for_nobody(desk, up, kind):
    """Acknowledged, counted, no more: the session may have ended a moment ago."""
    avps = {14: u16(7), 1: u16(1), 24: u32(1), 19: u32(1), 34: bytes(26), 35: bytes(10)}
    up.control(kind, b"".join(avp(k, v) for k, v in avps.items()), sid=4711)
    assert up.wait(lambda: up.peer_nr == up.ns)
    desk.counted(("l2tp", "session-rx-unknown-session-id"))
    assert not up.take("StopCCN", timeout=0.05) and up.expect("ICRP", up.icrq())


# ---- OCRQ: §6.9 ----

OCRQ = {14: u16(5), 15: u32(1), 16: u32(64000), 17: u32(64000), 18: u32(1), 19: u32(1), 21: b"123"}


@pytest.mark.parametrize("without, name", [
    (15, "call-serial-number"), (16, "minimum-bps"), (17, "maximum-bps"), (18, "bearer-type"), (19, "framing-type"),
    (21, "called-number")])
def test_ocrq_missing(desk, up, without, name):
    up.control("OCRQ", b"".join(avp(k, v) for k, v in OCRQ.items() if k != without))
    cleared(desk, up, 5, 6, f"session-rx-ocrq-avp-missing-mandatory-{name}")


def test_ocrq_is_unsupported(desk, up):
    up.control("OCRQ", b"".join(avp(k, v) for k, v in OCRQ.items()))
    cleared(desk, up, 5, 0, "session-rx-ocrq-unsupported", result=5)


# ---- the header of data messages, and sources: §3.1, §8.1 ----

def test_control_from_elsewhere(desk, up):
    """§8.1: address and port are those of the set-up; another LAC with the same ids says nothing to it."""
    other = desk.lac()
    other.peer_tid, other.ns, other.nr = up.peer_tid, up.ns, up.nr
    other.control("StopCCN", avp(9, u16(up.tid)) + avp(1, u16(1)))
    assert other.quiet(0.2)
    desk.counted(("l2tp", "rx-port-changed"))
    third = Lac(desk.net.lac(1), "192.0.2.11", port=up.sock.getsockname()[1])
    third.peer_tid, third.ns, third.nr = up.peer_tid, up.ns, up.nr
    third.control("StopCCN", avp(9, u16(up.tid)) + avp(1, u16(1)))
    assert third.quiet(0.2)
    third.close()
    desk.counted(("l2tp", "rx-address-changed"))
    assert up.expect("ICRP", up.icrq())


def test_an_nr_never_sent(desk, up):
    """§5.8: an Nr beyond what we have sent is dropped with its message, and harms nothing."""
    up.control("HELLO", nr=up.nr + 100, ns=up.ns)
    assert up.quiet(0.2)
    desk.counted(("l2tp", "rx-bad-nr"))
    assert up.expect("ICRP", up.icrq())


def test_sequence_numbers_wrap(desk, up):
    """§5.8: modulo 65536; here what a peer sees of it, the window full of early ones in any order."""
    first = up.ns
    order = list(range(1, 16))
    for n in os.urandom(200):
        i, j = n % 15, n // 15 % 15
        order[i], order[j] = order[j], order[i]
    for n in order:
        up.control("HELLO", ns=first + n)
    up.control("HELLO", ns=first)
    up.ns = first + 16
    assert up.wait(lambda: up.peer_nr == up.ns)
