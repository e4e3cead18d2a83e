# SPDX-License-Identifier: BSD-2-Clause
"""PPP and data by octets that are written here (lib/lac.py): RFC 1661 as a peer sees it, headers of data messages,
what is dropped and what is counted.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd] 198.51.100.1 --- 198.51.100.2 inet
"""
import struct
import time

import pytest

from lib.lac import (ACK, CCP, CHAP, CODE_REJ, ECHO_REP, ECHO_REQ, IP, IPCP, IPV6CP, L, LCP, NAK, O, P, PAP, PROTO_REJ,
                     REJ, REQ, S, TERM_ACK, TERM_REQ, option, options, packet, u16)
from lib.lns import POOL, config
from lib.net import INET, in_subnet, wait_until


@pytest.fixture
def lac(lns, make_lac):
    lac = make_lac()
    lac.open()
    return lac


@pytest.fixture
def client(lac):
    return lac.call()


@pytest.fixture
def online(client):
    client.dial()
    return client


def reachable(client):
    return client.ping(INET) is not None


# ---- the way up ----

def test_a_whole_call(client, lns):
    assert in_subnet(client.dial(), POOL)
    assert client.gateway == "10.255.0.1" and client.dns == "9.9.9.9"
    assert client.peer_lcp[1] == u16(1442) and client.peer_lcp[3] == b"\xc2\x23\x05" and len(client.peer_lcp[5]) == 4
    assert 8 not in client.peer_lcp and 7 not in client.peer_lcp, "PFC and ACFC are never asked for"
    got = client.ping(INET)
    assert got[8] == 63 and got[12:16] == bytes(map(int, INET.split(".")))


@pytest.mark.parametrize("method, auth", [("pap", b"\xc0\x23"), ("chap", b"\xc2\x23\x05")])
def test_right_and_wrong_passwords(start_lns, make_lac, method, auth):
    lns = start_lns(config(auth=method))
    lac = make_lac()
    lac.open()
    client = lac.call()
    client.open_lcp()
    assert client.auth == auth
    assert client.authenticate("bob", "wrong") == "bad"
    assert lac.take("CDN", client.sid, 5) or client.recv(LCP, TERM_REQ)
    wait_until("the session is gone", lambda: not lns.sessions(), 8)
    client = lac.call()
    client.open_lcp()
    assert client.authenticate("bob", "hello") == "good"
    assert client.open_ipcp()


def test_a_repeated_chap_response_is_answered_again(client):
    """RFC 1994 §4.2: the answer may have been lost."""
    import hashlib
    client.open_lcp()
    _, ident, body = client.recv(CHAP, 1)
    value = hashlib.md5(bytes([ident]) + b"hello" + body[1:1 + body[0]]).digest()
    for _ in range(2):
        client.code(CHAP, 2, ident, b"\x10" + value + b"bob")
        assert client.recv(CHAP)[:2] == (3, ident)


def test_a_chap_response_with_another_id_is_ignored(client):
    client.open_lcp()
    _, ident, _ = client.recv(CHAP, 1)
    client.code(CHAP, 2, ident ^ 1, b"\x10" + bytes(16) + b"bob")
    assert not client.recv(CHAP, 4, 0.3, must=False)


def test_network_packets_before_authentication_are_dropped(client, lns):
    """RFC 1661 §3.4: until it has succeeded, silently discarded."""
    client.open_lcp()
    client.code(IPCP, REQ, 1, option(3, bytes(4)))
    assert not client.recv(IPCP, timeout=0.4, must=False)
    assert lns.subscribers() == []


def test_pap_where_chap_was_agreed(client):
    client.open_lcp()
    client.code(PAP, 1, 1, b"\x03bob\x05hello")
    got = client.recv(PAP, 2, 0.4, must=False)
    assert not got


def test_data_may_beat_the_iccn(lac):
    """The first LCP frame overtakes the ICCN: kept, not lost."""
    sid = lac.icrq()
    peer = lac.expect("ICRP", sid).number(14)
    from lib.lac import Client
    client = Client(lac, sid, peer)
    client.code(LCP, REQ, 7, option(1, u16(1492)))
    time.sleep(0.2)
    lac.iccn(peer)
    assert client.recv(LCP, ACK)[1] == 7


# ---- LCP, RFC 1661 ----

def test_unknown_options_are_rejected_in_their_order(client):
    """RFC 1661 §5.4."""
    bad = option(77, b"abc") + option(11, b"") + option(200, b"\0")
    client.code(LCP, REQ, 9, option(1, u16(1400)) + bad)
    code, ident, body = client.recv(LCP, REJ)
    assert (ident, body) == (9, bad)


def test_pfc_acfc_and_accm_are_accepted(client):
    body = option(2, bytes(4)) + option(7) + option(8) + option(5, client.magic)
    client.code(LCP, REQ, 3, body)
    assert client.recv(LCP, ACK)[1:] == (3, body)


@pytest.mark.parametrize("body", [b"\x01\x00", b"\x01\x01", b"\x01\x09\x05\xdc", b"\x05", b"\x01\x04\x05\xdc\x05\xff"])
def test_malformed_options_do_no_harm(client, lns, body):
    client.code(LCP, REQ, 4, body)
    client.recv(LCP, ACK, 0.2, must=False)
    assert client.dial()


@pytest.mark.parametrize("octets", [
    b"", b"\x01", b"\x01\x01\x00", b"\x01\x01\x00\x03", b"\x01\x01\x00\xff", b"\x01\x01\xff\xff"])
def test_malformed_packets_are_dropped(client, octets):
    for protocol in LCP, PAP, CHAP, IPCP:
        client.send(protocol, octets)
    assert client.dial()


def test_padding_after_the_packet(client):
    """RFC 1661 §5: octets outside Length are padding."""
    client.send(LCP, packet(REQ, 5, option(1, u16(1400))) + bytes(20))
    assert client.recv(LCP, ACK)[1:] == (5, option(1, u16(1400)))


def test_an_ack_of_another_request_is_ignored(client):
    """RFC 1661 §5.2: the id MUST match, and the options too."""
    _, ident, body = client.recv(LCP, REQ)
    client.code(LCP, ACK, ident ^ 0x55, body)
    client.code(LCP, ACK, ident, body[:-1] + bytes([body[-1] ^ 1]))
    client.code(LCP, REQ, 1, option(5, client.magic))
    assert client.recv(LCP, ACK)[1] == 1
    assert not client.recv(CHAP, timeout=0.4, must=False), "LCP must not be opened"
    client.code(LCP, ACK, ident, body)
    assert client.recv(CHAP, 1)


def test_a_nak_changes_what_is_asked(client):
    """RFC 1661 §5.3: the client wants a smaller MRU than ours."""
    _, ident, body = client.recv(LCP, REQ)
    client.code(LCP, NAK, ident, option(1, u16(1400)))
    while True:
        _, new, body = client.recv(LCP, REQ, 5)
        if new != ident:
            break
    assert dict(options(body)).get(1) in (u16(1400), None)


def test_authentication_cannot_be_rejected_away(client, lac, lns):
    """A client that rejects the authentication option gets no session."""
    for _ in range(4):
        got = client.recv(LCP, REQ, 4, must=False)
        if not got:
            break
        auth = [o for o in options(got[2]) if o[0] == 3]
        if not auth:
            break
        client.code(LCP, REJ, got[1], option(*auth[0]))
    assert lac.take("CDN", client.sid, 6)
    assert lns.subscribers() == []


def test_all_methods_are_tried_in_turn(start_lns, make_lac):
    """RFC 1661 §6.2: a Nak without a counter-proposal of ours moves on; with one of ours, that is taken."""
    start_lns(config(auth="ms-chap-v2 chap pap"))
    lac = make_lac()
    lac.open()
    client = lac.call()
    asked = []
    while True:
        _, ident, body = client.recv(LCP, REQ, 5)
        auth = dict(options(body))[3]
        if asked and asked[-1] == auth:
            continue
        asked.append(auth)
        if auth == b"\xc0\x23":
            break
        client.code(LCP, NAK, ident, option(3, b"\xc0\x23"))
    assert asked[0] == b"\xc2\x23\x81" and asked[-1] == b"\xc0\x23"
    client.code(LCP, ACK, ident, body)
    client.code(LCP, REQ, 1, option(5, client.magic))
    client.recv(LCP, ACK)
    client.auth = b"\xc0\x23"
    assert client.authenticate("bob", "hello") == "good"


def test_loopback_is_noticed(client, lac):
    """RFC 1661 §6.4: our own magic number comes back: Nak, not Ack."""
    _, _, body = client.recv(LCP, REQ)
    magic = dict(options(body))[5]
    client.code(LCP, REQ, 1, option(5, magic))
    code, _, body = client.recv(LCP, NAK)
    assert dict(options(body))[5] != magic


def test_unknown_codes_are_rejected(online):
    """RFC 1661 §5.6."""
    online.code(LCP, 99, 5, b"abcd")
    _, _, body = online.recv(LCP, CODE_REJ)
    assert body == packet(99, 5, b"abcd")
    assert reachable(online)


@pytest.mark.parametrize("protocol", [CCP, 0x8053, 0x80FB, 0x8281, 0x0053, 0xC02B, 0x4E01])
def test_unknown_protocols_are_rejected(online, protocol):
    """RFC 1661 §5.7: with the offending packet, and the rest goes on."""
    online.send(protocol, packet(REQ, 1, option(1, b"ab")))
    _, _, body = online.recv(LCP, PROTO_REJ)
    assert body == u16(protocol) + packet(REQ, 1, option(1, b"ab"))
    assert reachable(online)


def test_ccp_stays_refused(online):
    for ident in range(1, 4):
        online.code(CCP, REQ, ident, option(18, bytes(4)))
        assert online.recv(LCP, PROTO_REJ)
    assert reachable(online)


def test_ipv6cp_does_not_touch_ipv4(online):
    """RFC 5072: an interface identifier; a Terminate of IPv6CP is no end of IPv4."""
    online.code(IPV6CP, REQ, 1, option(1, bytes(7) + b"\x01"))
    assert online.recv(IPV6CP, timeout=4)
    online.code(IPV6CP, TERM_REQ, 2)
    online.recv(IPV6CP, TERM_ACK, 1, must=False)
    assert reachable(online)


def test_echo(online):
    """RFC 1661 §5.8: our magic number, the peer's data."""
    online.code(LCP, ECHO_REQ, 42, online.magic + b"data")
    _, ident, body = online.recv(LCP, ECHO_REP)
    assert ident == 42 and body == online.peer_lcp[5] + b"data"


def test_identification_and_discard_are_taken(online):
    """RFC 1570 §2.1; RFC 1661 §5.9."""
    online.code(LCP, 12, 1, online.magic + b"a client")
    online.code(LCP, 11, 2, online.magic + bytes(100))
    assert not online.recv(LCP, CODE_REJ, 0.3, must=False)
    assert reachable(online)


def test_terminate(online, lac, lns):
    """RFC 1661 §5.5: Terminate-Ack, then the call ends."""
    online.code(LCP, TERM_REQ, 8, b"bye")
    assert online.recv(LCP, TERM_ACK)[1] == 8
    assert lac.expect("CDN", online.sid, 5)
    assert lns.subscribers() == []


def test_renegotiation_after_opened(online, lns):
    """RFC 1661 §4.1: a Configure-Request in Opened begins again, down to a new address negotiation."""
    online.queue.clear()
    online.magic = b"new!"
    assert in_subnet(online.dial(mru=1400), POOL)
    assert reachable(online)
    row, = lns.sessions()
    assert row["peer-mru"] == 1400


def test_keepalive_ends_a_dead_session(start_lns, make_lac):
    lns = start_lns(config(keepalive=1))
    lac = make_lac()
    lac.open()
    client = lac.call()
    client.dial()
    code, ident, body = client.recv(LCP, ECHO_REQ, 3)
    client.code(LCP, ECHO_REP, ident, client.magic)
    assert client.recv(LCP, ECHO_REQ, 3)
    assert lac.expect("CDN", client.sid, 14)
    wait_until("the subscriber is gone", lambda: not lns.subscribers(), 2)


# ---- IPCP, RFC 1332 ----

def test_an_address_of_the_clients_own_is_not_given(client):
    client.open_lcp()
    client.authenticate("bob", "hello")
    client.code(IPCP, REQ, 1, option(3, bytes([198, 51, 100, 9])))
    _, _, body = client.recv(IPCP, NAK)
    assert in_subnet(".".join(map(str, dict(options(body))[3])), POOL)


def test_van_jacobson_is_rejected(client):
    client.open_lcp()
    client.authenticate("bob", "hello")
    vj = option(2, b"\x00\x2d\x0f\x01")
    client.code(IPCP, REQ, 1, vj + option(3, bytes(4)))
    assert client.recv(IPCP, REJ)[2] == vj


def test_a_client_that_asks_for_nothing_gets_nothing_wrong(client, lac):
    """RFC 1332 §3.3: no IP-Address option; it is asked for by Nak, or the request is acknowledged."""
    client.open_lcp()
    client.authenticate("bob", "hello")
    client.code(IPCP, REQ, 1)
    assert client.recv(IPCP)[0] in (REQ, NAK, ACK)


# ---- data messages, RFC 2661 §3.1 ----

SHAPES = {"plain": {}, "L": {"flags": L}, "S": {"flags": S, "ns": 7}, "P": {"flags": P}, "L S": {"flags": L | S},
          "O of 0": {"flags": O, "pad": b""}, "O of 16": {"flags": O, "pad": bytes(16)}, "L S O P":
          {"flags": L | S | O | P, "pad": b"\xaa" * 5}}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("framing", ["ff03", "bare", "pfc", "ff03 pfc"])
def test_every_header_carries_ip(online, shape, framing):
    """All bits of the header, with and without FF 03 and a compressed protocol field."""
    lead = {"ff03": b"\xff\x03\x00\x21", "bare": b"\x00\x21", "pfc": b"\x21", "ff03 pfc": b"\xff\x03\x21"}[framing]
    got = online.ping(INET, wrap=lambda octets: online.frame(lead + octets, **SHAPES[shape]))
    assert got, shape


def test_padding_after_the_ip_packet(online):
    """The IP total length counts."""
    got = online.ping(INET, wrap=lambda octets: online.frame(b"\xff\x03\x00\x21" + octets + bytes(40)))
    assert got and len(got) == struct.unpack("!H", got[2:4])[0]


def drops(lns, before):
    return {name: n for (group, name), n in lns.counted(before).items() if group == "drop"}


def plain(tid, sid, ip, version=2):
    return struct.pack("!HHHH", version, tid, sid, IP) + ip


@pytest.mark.parametrize("reason, send", {
    "offset-pad": lambda c, ip: c.frame(b"", flags=O, pad=bytes(60)),
    "bad-length": lambda c, ip: c.frame(b"\xff\x03\x00\x21" + ip, flags=L, length=2000),
    "no-session": lambda c, ip: c.lac.raw(plain(c.lac.peer_tid, c.peer_sid ^ 0x4000, ip)),
    "no-tunnel": lambda c, ip: c.lac.raw(plain(c.lac.peer_tid ^ 0x4000, c.peer_sid, ip)),
    "bad-version": lambda c, ip: c.lac.raw(plain(c.lac.peer_tid, c.peer_sid, ip, version=3)),
    "bad-ip": lambda c, ip: c.send(IP, b"\x65" + ip[1:]),
    "spoofed-source": lambda c, ip: c.send(IP, c.echo_request(INET, source="198.51.100.77")),
}.items(), ids=lambda v: v if isinstance(v, str) else "")
def test_what_is_dropped_is_named(online, lns, net, reason, send):
    before = lns.counters()
    send(online, online.echo_request(INET))
    wait_until(lambda: f"{reason} is counted: {drops(lns, before)}", lambda: drops(lns, before).get(reason) == 1, 2)
    assert drops(lns, before) == {reason: 1}
    assert reachable(online)


def test_ttl_expired_is_told(online):
    online.send(IP, online.echo_request(INET, ttl=1))
    got = online.recv(IP)
    assert got[9] == 1 and (got[20], got[21]) == (11, 0) and got[12:16] == bytes([10, 255, 0, 1])


def test_a_spoofed_source_reaches_nobody(online, net):
    """An inner source that is not the subscriber's: another subscriber's, the router's, the network's."""
    dump = net.inet.popen("tcpdump", "-i", "lns0", "-n", "-c", "1", "icmp", stdout=-1, stderr=-3, text=True)
    time.sleep(0.5)
    for source in "10.64.1.1", "10.255.0.1", INET, "127.0.0.1", "0.0.0.0", "224.0.0.1":
        online.send(IP, online.echo_request(INET, source=source))
    time.sleep(0.3)
    assert dump.poll() is None, "a spoofed packet got through"
    dump.kill()
    dump.wait()


def test_sequence_numbers_when_the_lac_requires_them(lac):
    """RFC 2661 §5.4: Sequencing Required in the ICCN: ours carry Ns from 0; late ones of the peer are dropped."""
    from lib.lac import avp
    client = lac.call(iccn=avp(39))
    seen = []
    original = lac._data

    def note(octets):
        flags, = struct.unpack("!H", octets[:2])
        at = 4 if flags & L else 2
        seen.append(struct.unpack("!H", octets[at + 4:at + 6])[0] if flags & S else None)
        original(octets)
    lac._data = note
    client.frame_was, n = client.frame, iter(range(1000))
    client.frame = lambda octets, **kw: client.frame_was(octets, flags=S, ns=next(n))
    client.dial()
    assert reachable(client)
    assert seen == list(range(len(seen)))
    late = client.echo_request(INET, seq=9)
    client.frame_was(b"\xff\x03\x00\x21" + late, flags=S, ns=2)
    assert not client.recv(IP, timeout=0.5, must=False)


def test_the_last_fragment_of_a_large_packet(start_lns, make_lac, net):
    """Outer fragments are put together, inner octets unchanged."""
    start_lns(config(mru=1492))
    lac = make_lac()
    lac.open()
    client = lac.call()
    client.dial(mru=1492)
    data = bytes(i % 251 for i in range(1464))
    got = client.ping(INET, data=data)
    assert got and got[28:] == data


def test_a_changed_port_is_dropped_and_counted(online, lac, lns, net):
    """The LAC's address and port are locked after set-up."""
    from lib.lac import socket_in
    other = socket_in(net.lac(0))
    other.bind(("192.0.2.10", 0))
    before = lns.counters()
    mine, lac.sock = lac.sock, other
    online.send(IP, online.echo_request(INET))
    lac.control("HELLO", ns=lac.ns)
    lac.sock = mine
    wait_until("both are counted", lambda: (lambda c: c.get(("drop", "wrong-peer-port")) == 1 and
                                            c.get(("l2tp", "rx-port-changed")) == 1)(lns.counted(before)), 2)
    assert reachable(online)
    other.settimeout(0.2)
    with pytest.raises(TimeoutError):
        other.recvfrom(100)
    other.close()


def test_three_lacs_behind_one_address(lns, make_lac, net):
    """Equal tunnel and session ids, different ports: three tunnels, each with its own octets."""
    clients = []
    for port in 40001, 40002, 40003:
        lac = make_lac(port=port, tid=7)
        lac.open()
        client = lac.call(sid=9)
        client.dial()
        clients.append(client)
    assert len({c.address for c in clients}) == 3
    assert len({c.lac.peer_tid for c in clients}) == 3
    for n, c in enumerate(clients):
        got = c.ping(INET, seq=n + 1, data=b"only for %d" % n)
        assert got[28:] == b"only for %d" % n
    assert {r["peer-port"] for r in lns.tunnels()} == {40001, 40002, 40003}
    lns.cli(f"clear l2tp tunnel {lns.tunnels()[1]['name']}")
    wait_until("one is gone", lambda: len(lns.subscribers()) == 2, 3)


def test_subscribers_reach_each_other_through_the_router(lac):
    a, b = lac.call(), lac.call()
    a.dial()
    b.dial()
    a.send(IP, a.echo_request(b.address, data=b"to b"))
    got = b.recv(IP)
    assert got[28:] == b"to b" and got[8] == 63
