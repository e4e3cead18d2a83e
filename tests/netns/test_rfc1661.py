# SPDX-License-Identifier: BSD-2-Clause
"""RFC 1661 from outside: each state of the automaton meets each packet, right and wrong ones; RFC 1334, 1994, 2759,
1332, 1877, 5072 the same way. What is refused is counted by name, and a link that ends says why.

    Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd]; each test is a PPP client in a session of its own
"""
import hashlib
import os
import struct

import pytest

from lib.lac import (ACK, CCP, CHAP, CODE_REJ, ECHO_REP, ECHO_REQ, IP, IPCP, IPV6CP, LCP, NAK, PAP, PROTO_REJ, REJ, REQ,
                     TERM_ACK, TERM_REQ, option, options, packet, u16, u32)
from lib.mschap import authenticator_response, nt_response
from lib.net import wait_until
from lib.rogue import desk, the_desk  # noqa: F401  fixtures

MRU, ACCM, AUTH, QUALITY, MAGIC, PFC, ACFC = 1, 2, 3, 4, 5, 7, 8
DISCARD_REQ, IDENTIFICATION, TIME_REMAINING = 11, 12, 13
DENIED = "deny-authentication-denied"
STATES = ["Req-Sent", "Ack-Sent", "Ack-Rcvd", "Opened"]


@pytest.fixture
def dial(desk):
    """dial(host, state): a client whose LNS side is in that state of LCP."""
    def make(host="any-lac", state="Opened"):
        c = desk.up(host=host).call()
        c.ident = 40
        c.request = c.recv(LCP, REQ)                    # what the LNS asks for: (code, id, options)
        if state in ("Ack-Sent", "Opened"):
            request(c, option(MAGIC, c.magic), 1)
            assert c.recv(LCP, ACK)[1] == 1
        if state in ("Ack-Rcvd", "Opened"):
            c.code(LCP, ACK, c.request[1], c.request[2])
        if state == "Opened":
            lcp_state(desk, c, "Opened")
        return c
    return make


def row_of(desk, c):
    rows = [r for r in desk.lns.sessions() if r["local-session-id"] == c.peer_sid]
    return rows[0] if rows else None


def lcp_state(desk, c, state):
    wait_until(lambda: f"LCP {state}; there is {row_of(desk, c)}",
               lambda: (row_of(desk, c) or {}).get("lcp-state") == state, 3)


def request(c, body, ident=1, protocol=LCP):
    c.code(protocol, REQ, ident, body)


def silent(c, protocol=None, seconds=0.08):
    """Nothing comes, of this protocol or at all."""
    c.lac.wait(lambda: False, seconds)
    while (f := c._next()) is not None:
        c.queue.append(f)
    return not [f for f in c.queue if protocol in (None, f[0])]


def works(desk, c):
    """The link goes on: an Echo is answered with our data."""
    c.code(LCP, ECHO_REQ, 99, c.magic + b"alive")
    code, ident, body = c.recv(LCP, ECHO_REP)
    assert ident == 99 and body[4:] == b"alive"


def over(desk, c, reason):
    """The link ends for this reason: Terminate-Request, CDN."""
    def gone():
        got = c.recv(LCP, TERM_REQ, timeout=0.01, must=False)
        if got:
            c.code(LCP, TERM_ACK, got[1])
        return c.lac.take("CDN", c.sid, timeout=0.02)
    wait_until(lambda: f"the call ends; it is {row_of(desk, c)}", gone, 9)
    desk.reason(reason)


# ---- Configure-Request, §5.1, §6 ----

@pytest.mark.parametrize("state", STATES)
def test_a_good_request_in_every_state(desk, dial, state):
    """The Ack has the Identifier and the options, octet for octet; in Opened the LNS asks anew (tld,scr,sca/8)."""
    c = dial(state=state)
    body = option(MAGIC, c.magic) + option(MRU, u16(1492)) + option(ACCM, u32(0xA0000)) + option(PFC) + option(ACFC)
    request(c, body, 200)
    assert c.recv(LCP, ACK) == (ACK, 200, body)
    if state == "Opened":
        again = c.recv(LCP, REQ)
        assert again[1] != c.request[1]
        c.code(LCP, ACK, again[1], again[2])
    elif state != "Ack-Rcvd":
        c.code(LCP, ACK, c.request[1], c.request[2])
    lcp_state(desk, c, "Opened")
    works(desk, c)


@pytest.mark.parametrize("state", STATES)
def test_unknown_options_are_rejected(desk, dial, state):
    """§5.4: only those, in their order and unchanged, and before anything is Nak'd."""
    c = dial(state=state)
    bad = [option(QUALITY, u16(0xC025) + u32(0)), option(13, b"\6"), option(17, u16(1500)), option(19, b"\1abc"),
           option(99),
           option(255, b"x" * 253)]
    request(c, bad[0] + option(MRU, u16(10)) + b"".join(bad[1:3]) + option(MAGIC, c.magic) + b"".join(bad[3:]), 7)
    assert c.recv(LCP, REJ) == (REJ, 7, b"".join(bad))


@pytest.mark.parametrize("sent, answer", [
    (option(MRU, u16(63)), (MRU, None)), (option(MRU, u16(0)), (MRU, None)), (option(MRU, b"\5"), (MRU, None)),
    (option(MRU), (MRU, None)), (option(ACCM, b"\0"), (ACCM, 4)), (option(MAGIC, bytes(4)), (MAGIC, 4)),
    (option(MAGIC, b"abc"), (MAGIC, 4)), (option(PFC, b"x"), (PFC, 0)), (option(ACFC, b"xyz"), (ACFC, 0))])
def test_values_that_are_nakd(desk, dial, sent, answer):
    """§5.3: the option with a value that would do; §6.4: a Magic-Number of zero MUST be Nak'd."""
    c = dial(state="Req-Sent")
    request(c, sent, 9)
    code, ident, body = c.recv(LCP, NAK)
    (kind, value), = options(body)
    assert ident == 9 and kind == answer[0]
    if answer[1] is not None:
        assert len(value) == answer[1]
    else:
        assert struct.unpack("!H", value)[0] >= 64
    if kind == MAGIC:
        assert value != bytes(4)


def test_to_be_authenticated_by_the_client_is_rejected(desk, dial):
    """§6.2 from the other side: we do not authenticate ourselves."""
    c = dial(state="Req-Sent")
    request(c, option(AUTH, u16(0xC023)) + option(MAGIC, c.magic))
    assert options(c.recv(LCP, REJ)[2]) == [(AUTH, u16(0xC023))]


@pytest.mark.parametrize("body", [b"\x05", b"\x05\x00", b"\x05\x01", b"\x05\x07abcd", b"\x01\x04\x05\xdc\x05",
    b"\x00\xff"],
                         ids=["half", "length 0", "length 1", "overlong", "rest", "type 0, overlong"])
@pytest.mark.parametrize("state", ["Req-Sent", "Opened"])
def test_malformed_options(desk, dial, state, body):
    """§6: silently discarded; the state does not change (interop.md 2: lengths 0 and 1 loop elsewhere)."""
    c = dial(state=state)
    request(c, body)
    assert silent(c, LCP)
    desk.counted(("ppp", "options-malformed"))
    if state == "Opened":
        works(desk, c)


def test_an_option_twice(desk, dial):
    """pppd #611: the second is rejected, the first stands."""
    c = dial(state="Req-Sent")
    request(c, option(MRU, u16(1400)) + option(MRU, u16(1401)))
    assert options(c.recv(LCP, REJ)[2]) == [(MRU, u16(1401))]


def test_as_many_options_as_there_is_room(desk, dial):
    """The longest request there can be: the Reject is as long, and no longer than an MRU."""
    c = dial(state="Req-Sent")
    body = b"".join(option(100 + i % 100) for i in range(748))
    request(c, body)
    assert c.recv(LCP, REJ)[2] == body


@pytest.mark.parametrize("state", ["Req-Sent", "Opened"])
def test_a_request_beyond_any_mru(desk, dial, state):
    """3000 octets of options cannot be answered in a frame: dropped and counted, and the link goes on as it was."""
    c = dial(state=state)
    if state == "Opened":
        c.code(LCP, ECHO_REQ, 1, c.magic)
        magic = c.recv(LCP, ECHO_REP)[2]
    request(c, b"".join(option(100 + i % 100) for i in range(1500)))
    assert silent(c, LCP)
    desk.counted(("ppp", "answer-too-big"))
    if state == "Opened":
        c.code(LCP, ECHO_REQ, 2, c.magic)
        assert c.recv(LCP, ECHO_REP)[2] == magic, "the magic number has changed in Opened"
    else:
        request(c, option(MAGIC, c.magic))
        assert c.recv(LCP, ACK)


def test_max_failure(desk, dial):
    """§4.6: after five Naks the option is rejected."""
    c = dial(state="Req-Sent")
    codes = []
    for i in range(7):
        request(c, option(MRU, u16(10)), i + 1)
        codes.append(c.recv(LCP, None)[0])
    assert codes[:5] == [NAK] * 5 and codes[5:] == [REJ] * 2


def test_a_loop_is_found_out(desk, dial):
    """§6.4: our own Magic-Number again and again."""
    c = dial(state="Req-Sent")
    for i in range(5):
        body = dict(options(c.request[2]))
        request(c, option(MAGIC, body[MAGIC]), i + 1)
        while (got := c.recv(LCP, None))[0] not in (NAK, TERM_REQ):
            c.request = got
        if got[0] == TERM_REQ:
            c.code(LCP, TERM_ACK, got[1])
            break
    over(desk, c, "lcp-loopback-rx-conf-req")


# ---- Configure-Ack, -Nak, -Reject, §5.2 to §5.4 ----

@pytest.mark.parametrize("code", [ACK, NAK, REJ])
@pytest.mark.parametrize("state", STATES)
def test_an_answer_to_nothing(desk, dial, code, state):
    """§5.2: the Identifier MUST match, else the packet is discarded."""
    c = dial(state=state)
    c.code(LCP, code, c.request[1] ^ 0x55, c.request[2])
    assert silent(c, LCP)
    desk.counted(("ppp", "reply-bad-id"))


def test_an_ack_that_is_not_equal(desk, dial):
    c = dial(state="Ack-Sent")
    for body in (b"", c.request[2] + option(PFC), c.request[2][:-1] + bytes([c.request[2][-1] ^ 1])):
        c.code(LCP, ACK, c.request[1], body)
    assert silent(c, LCP)
    desk.counted(("ppp", "ack-not-equal"))
    lcp_state(desk, c, "Ack-Sent")
    c.code(LCP, ACK, c.request[1], c.request[2])
    lcp_state(desk, c, "Opened")


def test_a_reject_of_what_was_not_sent(desk, dial):
    c = dial(state="Ack-Sent")
    c.code(LCP, REJ, c.request[1], option(99, b"x"))
    assert silent(c, LCP)
    desk.counted(("ppp", "reject-of-unsent"))


@pytest.mark.parametrize("code", [NAK, REJ])
def test_a_malformed_refusal(desk, dial, code):
    c = dial(state="Ack-Sent")
    c.code(LCP, code, c.request[1], b"\x05\x00")
    assert silent(c, LCP)
    desk.counted(("ppp", "options-malformed"))


def test_options_that_are_rejected_are_not_asked_for_again(desk, dial):
    """§5.4; and a Nak of the MRU is heeded when it is smaller."""
    c = dial(state="Req-Sent")
    asked = dict(options(c.request[2]))
    assert asked[MRU] == u16(1442)
    c.code(LCP, NAK, c.request[1], option(MRU, u16(1400)))
    second = c.recv(LCP, REQ)
    assert dict(options(second[2]))[MRU] == u16(1400) and second[1] != c.request[1]
    c.code(LCP, REJ, second[1], option(MAGIC, asked[MAGIC]))
    third = c.recv(LCP, REQ)
    assert MAGIC not in dict(options(third[2]))


@pytest.mark.parametrize("value", [b"", b"\0", b"\0\1", u16(63), u16(65535), u32(1400)])
def test_a_nak_with_a_senseless_mru(desk, dial, value):
    c = dial(state="Req-Sent")
    c.code(LCP, NAK, c.request[1], option(MRU, value))
    assert dict(options(c.recv(LCP, REQ)[2]))[MRU] == u16(1442)


def test_a_nak_of_options_we_never_sent(desk, dial):
    """§5.3 allows it; nothing is begun that we cannot do."""
    c = dial(state="Req-Sent")
    c.code(LCP, NAK, c.request[1], option(QUALITY, u16(0xC025)) + option(17, u16(1500)) + option(AUTH, u16(0xC023)))
    assert dict(options(c.recv(LCP, REQ)[2])).keys() == dict(options(c.request[2])).keys()


def test_authentication_that_is_refused_ends_the_link(desk, dial):
    c = dial("chap-lac", "Req-Sent")
    c.code(LCP, REJ, c.request[1], option(AUTH, b"\xc2\x23\x05"))
    over(desk, c, "lcp-no-peer-authentication")


def test_authentication_that_is_nakd_to_what_we_do_not_do(desk, dial):
    c = dial("chap-lac", "Req-Sent")
    c.code(LCP, NAK, c.request[1], option(AUTH, b"\xc0\x23"))
    over(desk, c, "lcp-no-peer-authentication")


def test_authentication_goes_down_the_list(desk, dial):
    """`ppp authentication chap pap ms-chap-v2`: the one that the client names, when it is of the list."""
    c = dial("test-lac", "Req-Sent")
    assert dict(options(c.request[2]))[AUTH] == b"\xc2\x23\x05"
    c.code(LCP, NAK, c.request[1], option(AUTH, b"\xc2\x23\x81"))
    second = c.recv(LCP, REQ)
    assert dict(options(second[2]))[AUTH] == b"\xc2\x23\x81"
    c.code(LCP, NAK, second[1], option(AUTH, b"\xc2\x27"))      # EAP
    assert dict(options(c.recv(LCP, REQ)[2]))[AUTH] == b"\xc0\x23"


# ---- Terminate, §5.5 ----

@pytest.mark.parametrize("state", STATES)
def test_terminate_request_is_acknowledged_in_every_state(desk, dial, state):
    c = dial(state=state)
    c.code(LCP, TERM_REQ, 77, b"bye")
    assert c.recv(LCP, TERM_ACK)[1] == 77
    if state == "Opened":
        over(desk, c, "lcp-peer-terminate-term-req")


@pytest.mark.parametrize("state", ["Req-Sent", "Ack-Sent"])
def test_terminate_ack_out_of_the_blue(desk, dial, state):
    c = dial(state=state)
    c.code(LCP, TERM_ACK, 5)
    assert silent(c, LCP)
    lcp_state(desk, c, state if state == "Ack-Sent" else "Req-Sent")


def test_terminate_ack_in_opened(desk, dial):
    """§4.1: tld,scr/6: the peer needs to renegotiate."""
    c = dial()
    c.code(LCP, TERM_ACK, 5)
    again = c.recv(LCP, REQ)
    c.code(LCP, ACK, again[1], again[2])
    request(c, option(MAGIC, c.magic), 2)
    c.recv(LCP, ACK)
    works(desk, c)


# ---- Code-Reject, unknown codes, §5.6 ----

@pytest.mark.parametrize("code", [0, 14, 15, 128, 255])
@pytest.mark.parametrize("state", ["Req-Sent", "Opened"])
def test_unknown_codes(desk, dial, state, code):
    """The whole packet comes back; an Identifier of its own."""
    c = dial(state=state)
    c.code(LCP, code, 33, b"whatever")
    got = c.recv(LCP, CODE_REJ)
    assert got[2] == packet(code, 33, b"whatever")
    c.code(LCP, code, 34)
    assert c.recv(LCP, CODE_REJ)[1] != got[1]
    desk.counted(("ppp", "code-rejected"))


def test_a_code_reject_is_cut_to_the_mru(desk, dial):
    c = dial(state="Req-Sent")
    request(c, option(MRU, u16(128)) + option(MAGIC, c.magic))
    c.recv(LCP, ACK)
    c.code(LCP, 99, 1, b"x" * 1000)
    code, ident, body = c.recv(LCP, CODE_REJ)
    assert 4 + len(body) <= 128 and body.startswith(b"\x63\x01\x03\xec")


@pytest.mark.parametrize("code", range(1, 8))
def test_a_code_reject_that_is_catastrophic(desk, dial, code):
    """RXJ-: without Configure or Terminate there is no protocol."""
    c = dial()
    c.code(LCP, CODE_REJ, 1, packet(code, 1))
    over(desk, c, "lcp-peer-terminate-code-rej")


@pytest.mark.parametrize("body", [packet(12, 1), packet(200, 3, b"x"), packet(9, 1) + b"rest", b"\x0b"])
def test_a_code_reject_that_is_not(desk, dial, body):
    c = dial()
    c.code(LCP, CODE_REJ, 1, body)
    works(desk, c)


def test_an_empty_code_reject(desk, dial):
    c = dial()
    c.code(LCP, CODE_REJ, 1)
    desk.counted(("ppp", "control-malformed"))
    works(desk, c)


# ---- Protocol-Reject, unknown protocols, §5.7 ----

@pytest.mark.parametrize("protocol", [CCP, 0x8053, 0x8281, 0x803D, 0x8025, 0xC025, 0xC227, 0x4021, 0x002B, 0x0031])
def test_unknown_protocols(desk, dial, protocol):
    c = dial()
    c.send(protocol, packet(REQ, 1, b"what"))
    code, ident, body = c.recv(LCP, PROTO_REJ)
    assert body == u16(protocol) + packet(REQ, 1, b"what")
    works(desk, c)


@pytest.mark.parametrize("state", STATES[:3])
@pytest.mark.parametrize("protocol", [CCP, IPCP, IPV6CP, PAP, CHAP, IP, 0x0057])
def test_protocols_before_their_phase(desk, dial, state, protocol):
    """§3.4: any non-LCP packets received during this phase MUST be silently discarded."""
    c = dial(state=state)
    c.send(protocol, packet(REQ, 1, option(3, bytes(4))))
    assert silent(c)


@pytest.mark.parametrize("body", [b"", b"\x80"])
def test_a_protocol_reject_without_a_protocol(desk, dial, body):
    c = dial()
    c.code(LCP, PROTO_REJ, 1, body)
    desk.counted(("ppp", "control-malformed"))
    works(desk, c)


def test_a_protocol_reject_of_lcp(desk, dial):
    c = dial()
    c.code(LCP, PROTO_REJ, 1, u16(LCP) + packet(REQ, 1))
    over(desk, c, "lcp-peer-terminate-protocol-reject")


@pytest.mark.parametrize("protocol", [CCP, IPV6CP, 0x0057, 0x1234])
def test_a_protocol_reject_of_what_does_not_matter(desk, dial, protocol):
    """§5.7: no other NCP ends with it."""
    c = dial()
    assert c.open_ipcp()
    c.code(LCP, PROTO_REJ, 1, u16(protocol) + packet(REQ, 1))
    works(desk, c)
    assert row_of(desk, c)["ipcp-state"] == "Opened"


def test_a_protocol_reject_before_opened(desk, dial):
    c = dial(state="Ack-Sent")
    c.code(LCP, PROTO_REJ, 1, u16(LCP) + packet(REQ, 1))
    assert silent(c, LCP)
    lcp_state(desk, c, "Ack-Sent")


# ---- Echo, Discard, Identification, §5.8, §5.9, RFC 1570 ----

@pytest.mark.parametrize("state", STATES[:3])
@pytest.mark.parametrize("code", [ECHO_REQ, ECHO_REP, DISCARD_REQ, IDENTIFICATION, TIME_REMAINING])
def test_echo_and_the_like_before_opened(desk, dial, state, code):
    """§5.8: in any state but Opened silently discarded."""
    c = dial(state=state)
    c.code(LCP, code, 1, c.magic + b"x")
    assert silent(c, LCP)


@pytest.mark.parametrize("code", [ECHO_REP, DISCARD_REQ, IDENTIFICATION, TIME_REMAINING])
def test_what_is_not_answered(desk, dial, code):
    c = dial()
    c.code(LCP, code, 1, c.magic + b"some data")
    assert silent(c, LCP)
    works(desk, c)


@pytest.mark.parametrize("data", [b"", b"x", b"y" * 1400])
def test_echo(desk, dial, data):
    """Our Magic-Number, its data."""
    c = dial()
    c.code(LCP, ECHO_REQ, 250, c.magic + data)
    code, ident, body = c.recv(LCP, ECHO_REP)
    assert (ident, body) == (250, dict(options(c.request[2]))[MAGIC] + data)


@pytest.mark.parametrize("magic", [b"", b"\1", b"\1\2\3"])
def test_echo_without_a_magic_number(desk, dial, magic):
    c = dial()
    c.code(LCP, ECHO_REQ, 1, magic)
    assert silent(c, LCP)
    desk.counted(("ppp", "control-malformed"))


def test_echo_with_another_magic_number(desk, dial):
    """Some clients send 0; they are alive all the same."""
    c = dial()
    c.code(LCP, ECHO_REQ, 1, bytes(4))
    assert c.recv(LCP, ECHO_REP)
    desk.counted(("ppp", "echo-magic"))


# ---- packets that are none, §5, §2 ----

@pytest.mark.parametrize("octets", [b"", b"\1", b"\1\1", b"\1\1\0", b"\1\1\0\0", b"\1\1\0\3", b"\1\1\0\5",
                                    b"\1\1\xff\xff" + b"x" * 40],
                         ids=["none", "1", "2", "3", "length 0", "length 3", "too long", "65535"])
@pytest.mark.parametrize("protocol", [LCP, IPCP, IPV6CP])
def test_lengths(desk, dial, protocol, octets):
    c = dial()
    c.send(protocol, octets)
    assert silent(c, protocol)
    desk.counted(("ppp", "control-malformed"))
    works(desk, c)


def test_padding_after_a_packet(desk, dial):
    """§5: octets outside the range of the Length field are padding."""
    c = dial()
    c.send(LCP, packet(ECHO_REQ, 5, c.magic + b"data") + b"\xff" * 40)
    assert c.recv(LCP, ECHO_REP)[2][4:] == b"data"


@pytest.mark.parametrize("octets", [b"", b"\xff", b"\xff\x03", b"\xff\x03\xc0", b"\x00", b"\xc0", b"\xc0\x20",
                                    b"\xff\x03\xc0\x20abc"])
def test_frames_without_a_protocol(desk, dial, octets):
    """§2: the Protocol field is odd in its last octet, even in its first; others MUST be treated as unrecognized."""
    c = dial()
    c.frame(octets)
    silent(c)
    assert all(p == LCP and body[0] == PROTO_REJ for p, body in c.queue)
    works(desk, c)


@pytest.mark.parametrize("wrap", [lambda p: u16(LCP) + p, lambda p: b"\xff\x03" + u16(LCP) + p],
                         ids=["no FF 03", "FF 03"])
def test_with_and_without_ff03(desk, dial, wrap):
    """interop.md 20: packet by packet."""
    c = dial()
    c.frame(wrap(packet(ECHO_REQ, 5, c.magic)))
    assert c.recv(LCP, ECHO_REP)


# ---- PAP, RFC 1334 ----

def pap(user, password):
    user, password = (x.encode() if isinstance(x, str) else x for x in (user, password))
    return bytes([len(user)]) + user + bytes([len(password)]) + password


def test_pap(desk, dial):
    """The Ack has the Identifier; a repeat after the end of the phase is answered the same way (RFC 1334 §2.2.1)."""
    c = dial("pap-lac")
    c.code(PAP, 1, 17, pap("bob", "hello"))
    assert c.recv(PAP)[:2] == (2, 17)
    c.code(PAP, 1, 18, pap("bob", "hello"))
    assert c.recv(PAP)[:2] == (2, 18)
    assert c.open_ipcp()
    c.code(PAP, 1, 19, pap("bob", "hello"))
    assert c.recv(PAP)[:2] == (2, 19)


@pytest.mark.parametrize("user, password", [
    ("bob", "hellO"), ("bob", ""), ("", ""), ("", "hello"), ("bobb", "hello"), ("bo", "hello"), (b"bob\0", "hello"),
    ("bob", b"hello\0"), (b"\xff" * 255, b"\0" * 255)], ids=lambda x: str(x[:8]))
def test_pap_refused(desk, dial, user, password):
    c = dial("pap-lac")
    c.code(PAP, 1, 17, pap(user, password))
    assert c.recv(PAP)[:2] == (3, 17)
    c.code(IPCP, REQ, 1, option(3, bytes(4)))
    over(desk, c, DENIED)


@pytest.mark.parametrize("body", [b"", b"\3", b"\3bo", b"\3bob", b"\3bob\5hell", b"\xffbob\5hello",
                                  b"\3bob\xff" + b"x" * 254, b"\xff" * 255],
                         ids=lambda b: b[:12].hex())
def test_pap_malformed(desk, dial, body):
    """CVE-2020-7466, CVE-2020-8597: lengths beyond the packet are not read; nothing is answered."""
    c = dial("pap-lac")
    c.code(PAP, 1, 17, body)
    assert silent(c, PAP)
    desk.counted(("ppp", "auth-malformed"))
    c.code(PAP, 1, 18, pap("bob", "hello"))
    assert c.recv(PAP)[:2] == (2, 18)


@pytest.mark.parametrize("code", [0, 2, 3, 4, 255])
def test_pap_codes_of_the_other_side(desk, dial, code):
    c = dial("pap-lac")
    c.code(PAP, code, 1, b"\0")
    assert silent(c, PAP)
    desk.counted(("ppp", "auth-unexpected"))


# ---- CHAP, RFC 1994 ----

def md5_response(ident, challenge, password="hello"):
    return hashlib.md5(bytes([ident]) + password.encode() + challenge).digest()


def challenged(c):
    code, ident, body = c.recv(CHAP, 1)
    n = body[0]
    assert 16 <= n <= 32 and body[1 + n:] == b"lns1"
    return ident, body[1:1 + n]


def test_chap(desk, dial):
    """RFC 1994 §4.1: a repeated Response gets the same answer, after the phase too."""
    c = dial("chap-lac")
    ident, challenge = challenged(c)
    body = b"\x10" + md5_response(ident, challenge) + b"bob"
    for _ in range(3):
        c.code(CHAP, 2, ident, body)
        assert c.recv(CHAP, 3)[1] == ident
    assert c.open_ipcp()
    c.code(CHAP, 2, ident, body)
    assert c.recv(CHAP, 3)[1] == ident


def test_chap_wrong(desk, dial):
    c = dial("chap-lac")
    ident, challenge = challenged(c)
    c.code(CHAP, 2, ident, b"\x10" + md5_response(ident, challenge, "hellO") + b"bob")
    assert c.recv(CHAP)[:2] == (4, ident)
    over(desk, c, DENIED)


def test_chap_a_response_to_nothing(desk, dial):
    """The Identifier is that of the challenge, and the challenge's the only one."""
    c = dial("chap-lac")
    ident, challenge = challenged(c)
    other = (ident + 1) & 255
    c.code(CHAP, 2, other, b"\x10" + md5_response(other, challenge) + b"bob")
    assert silent(c, CHAP)
    desk.counted(("ppp", "auth-bad-id"))
    c.code(CHAP, 2, ident, b"\x10" + md5_response(ident, challenge) + b"bob")
    assert c.recv(CHAP, 3)


@pytest.mark.parametrize("body", [b"", b"\0bob", b"\x0f" + b"x" * 15 + b"bob", b"\x11" + b"x" * 17 + b"bob",
                                  b"\x10" + b"x" * 15, b"\xff" + b"x" * 40, b"\x10" + b"x" * 16 + b"b" * 1000],
                         ids=lambda b: f"{b[:1].hex()}-{len(b)}")
def test_chap_malformed(desk, dial, body):
    """interop.md 2, 28: a name beyond 255 octets, a value of another size."""
    c = dial("chap-lac")
    ident, challenge = challenged(c)
    c.code(CHAP, 2, ident, body)
    assert silent(c, CHAP)
    desk.counted(("ppp", "auth-malformed"))
    c.code(CHAP, 2, ident, b"\x10" + md5_response(ident, challenge) + b"bob")
    assert c.recv(CHAP, 3)


@pytest.mark.parametrize("code", [0, 1, 3, 4, 5, 255])
def test_chap_codes_of_the_other_side(desk, dial, code):
    """A client cannot declare itself authenticated."""
    c = dial("chap-lac")
    ident, _ = challenged(c)
    c.code(CHAP, code, ident, b"\x10" + b"x" * 16 + b"bob")
    assert silent(c, CHAP)
    desk.counted(("ppp", "auth-unexpected"))
    c.code(IPCP, REQ, 1, option(3, bytes(4)))
    assert silent(c, IPCP)
    desk.counted(("ppp", "frame-before-network"))


@pytest.mark.parametrize("body", [packet(1, 1, b"\1"), packet(2, 1, b"\1bob"), packet(2, 1, b"\x0d" + b"x" * 1400),
    packet(3, 1),
                                  packet(2, 9, b"\4\xff" + b"x" * 8), b"\2\1\xff\xff\x0d\x80"],
                         ids=["request", "identity", "TLS", "success", "MD5", "overlong"])
def test_eap_is_not_spoken(desk, dial, body):
    """CVE-2020-8597, CVE-2026-39312: no parser, no answer, before authentication and while it lasts."""
    c = dial("chap-lac")
    ident, challenge = challenged(c)
    c.send(0xC227, body)
    assert silent(c)
    desk.counted(("ppp", "frame-before-network"))
    c.code(CHAP, 2, ident, b"\x10" + md5_response(ident, challenge) + b"bob")
    assert c.recv(CHAP, 3)


def test_another_protocol_than_agreed(desk, dial):
    """With the right password, too."""
    c = dial("chap-lac")
    challenged(c)
    c.code(PAP, 1, 1, pap("bob", "hello"))
    assert silent(c, PAP)
    desk.counted(("ppp", "auth-other-protocol"))


@pytest.mark.parametrize("host", ["pap-lac", "chap-lac", "mschap-lac"])
def test_nothing_of_the_network_before_authentication(desk, dial, host):
    """§3.5; IPCP is not answered, IP is not forwarded."""
    c = dial(host)
    for protocol in IPCP, IPV6CP, CCP:
        c.code(protocol, REQ, 1, option(3, bytes(4)))
    c.send(IP, bytes.fromhex("4500001400000000400100000a400001c6336402"))
    assert silent(c, IPCP) and silent(c, IPV6CP)
    assert not [f for f in c.queue if f[0] == LCP and f[1][0] == PROTO_REJ]
    desk.counted(("drop", "not-forwarding"), ("ppp", "frame-before-network"))


# ---- MS-CHAPv2, RFC 2759 ----

def v2(user, password, ident, theirs, ours=None, flags=0):
    ours = ours or os.urandom(16)
    nt = nt_response(password, user, theirs, ours)
    return ours, nt, b"\x31" + ours + bytes(8) + nt + bytes([flags]) + user.encode()


def test_mschapv2(desk, dial):
    c = dial("mschap-lac")
    code, ident, body = c.recv(CHAP, 1)
    assert body[0] == 16
    ours, nt, answer = v2("bob", "hello", ident, body[1:17])
    c.code(CHAP, 2, ident, answer)
    got = c.recv(CHAP, 3)
    assert got[1] == ident
    assert got[2][:42].decode() == authenticator_response("hello", "bob", body[1:17], ours, nt)
    c.code(CHAP, 2, ident, answer)
    assert c.recv(CHAP, 3)[2] == got[2]
    assert c.open_ipcp()


def test_mschapv2_wrong(desk, dial):
    """RFC 2759 §6: E=691, no retry, a challenge, V=3."""
    c = dial("mschap-lac")
    code, ident, body = c.recv(CHAP, 1)
    c.code(CHAP, 2, ident, v2("bob", "Hello", ident, body[1:17])[2])
    text = c.recv(CHAP, 4)[2].decode()
    assert text.startswith("E=691 R=0 C=") and " V=3" in text and "S=" not in text
    over(desk, c, DENIED)


@pytest.mark.parametrize("n", [0, 1, 16, 48, 50, 255])
def test_mschapv2_malformed(desk, dial, n):
    c = dial("mschap-lac")
    ident = c.recv(CHAP, 1)[1]
    c.code(CHAP, 2, ident, bytes([n]) + b"x" * n + b"bob")
    assert silent(c, CHAP)
    desk.counted(("ppp", "auth-malformed"))


def test_mschapv2_with_an_md5_response(desk, dial):
    """bngblaster #349."""
    c = dial("mschap-lac")
    code, ident, body = c.recv(CHAP, 1)
    c.code(CHAP, 2, ident, b"\x10" + md5_response(ident, body[1:17]) + b"bob")
    assert silent(c, CHAP)


# ---- IPCP, RFC 1332, RFC 1877 ----

def test_ipcp_addresses_are_told(desk, dial):
    c = dial()
    request(c, option(3, bytes(4)) + option(129, bytes(4)), 3, IPCP)
    code, ident, body = c.recv(IPCP, NAK)
    told = dict(options(body))
    assert ident == 3 and told[3][:2] == b"\x0a\x40" and told[129] == b"\x09\x09\x09\x09"
    body = option(3, told[3]) + option(129, told[129])
    request(c, body, 4, IPCP)
    assert c.recv(IPCP, ACK) == (ACK, 4, body)


@pytest.mark.parametrize("sent, rejected", [
    (option(1, bytes(8)), [1]), (option(2, b"\0\x2d\x0f\1"), [2]), (option(130, bytes(4)), [130]),
    (option(131, bytes(4)), [131]),
    (option(99, b"abc") + option(4, bytes(4)), [99, 4]), (option(129, bytes(4)) + option(132, bytes(4)), [132])])
def test_ipcp_rejects(desk, dial, sent, rejected):
    """IP-Addresses, VJ, name servers that there are not, anything unknown."""
    c = dial()
    request(c, option(3, bytes(4)) + sent, 1, IPCP)
    assert [k for k, _ in options(c.recv(IPCP, REJ)[2])] == rejected


@pytest.mark.parametrize("value", [b"\x0a\xff\0\1", b"\xc0\0\2\1", b"\xff" * 4, b"\x7f\0\0\1", b"\xe0\0\0\1", b"",
    b"\x0a",
                                   b"\x0a\x40\0\0\0"])
def test_ipcp_another_address(desk, dial, value):
    """An address of its own choice, the LNS's, a broadcast: the assigned one is told."""
    c = dial()
    request(c, option(3, value), 1, IPCP)
    assert dict(options(c.recv(IPCP, NAK)[2]))[3][:2] == b"\x0a\x40"


def test_ipcp_without_an_address(desk, dial):
    """A client that does not ask is told; one that rejects is not served, and the next is."""
    c = dial()
    request(c, b"", 1, IPCP)
    assert dict(options(c.recv(IPCP, NAK)[2]))[3]


def test_ipcp_a_client_that_insists(desk, dial):
    c = dial()
    for i in range(8):
        request(c, option(3, b"\x0a\xff\0\1"), i, IPCP)
        got = c.recv(IPCP, None)
        while got[0] == REQ:
            got = c.recv(IPCP, None)
        if got[0] == TERM_REQ:
            break
    assert got[0] == TERM_REQ
    c.code(IPCP, TERM_ACK, got[1])
    assert not (row_of(desk, c) or {}).get("ip-up")


@pytest.mark.parametrize("code", [8, 9, 10, 11, 12, 0, 255])
def test_ipcp_codes(desk, dial, code):
    """RFC 1332 §2: only codes 1 to 7."""
    c = dial()
    c.code(IPCP, code, 1, b"x")
    assert c.recv(IPCP, CODE_REJ)[2] == packet(code, 1, b"x")


def test_ipcp_renegotiates(desk, dial):
    """In Opened: the same address, and forwarding stops in between."""
    c = dial()
    first = c.open_ipcp()
    c.ident += 9
    assert c.open_ipcp() == first
    wait_until("it is forwarded again", lambda: row_of(desk, c)["ip-up"], 2)


def test_lcp_renegotiates(desk, dial):
    """LCP in Opened with a subscriber up: authentication and IPCP once more, as a new login."""
    c = dial("chap-lac")
    ident, challenge = challenged(c)
    c.code(CHAP, 2, ident, b"\x10" + md5_response(ident, challenge) + b"bob")
    c.recv(CHAP, 3)
    first = c.open_ipcp()
    c.magic = os.urandom(4)
    c.dial()
    row = row_of(desk, c)
    assert row["user-name"] == "bob" and row["ip-address"] == c.address
    assert [r["ip-address"] for r in desk.lns.subscribers()].count(first) == (c.address == first)


# ---- IPv6CP, RFC 5072, and its neighbours ----

def test_ipv6cp(desk, dial):
    """RFC 5072 §4.1: zero, our own, or none is Nak'd with one that will do; IPv4 does not notice."""
    c = dial()
    request(c, option(1, bytes(8)), 1, IPV6CP)
    ours = dict(options(c.recv(IPV6CP, REQ)[2]))[1]
    told = dict(options(c.recv(IPV6CP, NAK)[2]))[1]
    assert ours not in (bytes(8), told) and told != bytes(8)
    request(c, option(1, ours), 2, IPV6CP)
    assert dict(options(c.recv(IPV6CP, NAK)[2]))[1] not in (ours, bytes(8))
    request(c, option(1, told) + option(2, u16(0x4F)), 3, IPV6CP)
    assert options(c.recv(IPV6CP, REJ)[2]) == [(2, u16(0x4F))]
    request(c, option(1, b"abc"), 4, IPV6CP)
    assert c.recv(IPV6CP, NAK)
    assert c.open_ipcp()


@pytest.mark.parametrize("how", ["terminate", "reject code", "protocol reject"])
def test_the_end_of_ipv6cp_is_not_that_of_ipv4(desk, dial, how):
    """interop.md 26; accel PR 330."""
    c = dial()
    c.open_ipcp()
    theirs = c.negotiate(IPV6CP, {1: os.urandom(8)})
    assert 1 in theirs
    if how == "terminate":
        c.code(IPV6CP, TERM_REQ, 9)
        assert c.recv(IPV6CP, TERM_ACK)[1] == 9
    elif how == "reject code":
        c.code(IPV6CP, CODE_REJ, 9, packet(REQ, 1))
    else:
        c.code(LCP, PROTO_REJ, 9, u16(IPV6CP) + packet(REQ, 1))
    works(desk, c)
    row = row_of(desk, c)
    assert row["ipcp-state"] == "Opened" and row["ip-up"] and row["ipv6cp-state"] != "Opened"


@pytest.mark.parametrize("times", [1, 3])
def test_ccp_is_refused_and_stays_refused(desk, dial, times):
    """interop.md 27."""
    c = dial()
    c.open_ipcp()
    for i in range(times):
        c.code(CCP, REQ, i, option(18, u32(0x01000060)))
        assert c.recv(LCP, PROTO_REJ)[2][:2] == u16(CCP)
    assert row_of(desk, c)["ip-up"]
