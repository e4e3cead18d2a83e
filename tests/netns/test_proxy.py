# SPDX-License-Identifier: BSD-2-Clause
"""Proxy LCP and proxy authentication (RFC 2661 §4.4.5): what the LAC did with the client before the call came to us, as
scripted octets, since no packaged LAC sends these AVPs. Acceptance is docs/decisions/0002.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd]
"""
import hashlib
import os

import pytest

from lib.lac import CHAP, LCP, PAP, REQ, avp, hide, option, options, u16, u32
from lib.lns import SECRET, config
from lib.net import INET, wait_until

CHAP_MD5, PAP_AUTH, MSCHAP = option(3, b"\xc2\x23\x05"), option(3, b"\xc0\x23"), option(3, b"\xc2\x23\x81")
ID = 0x21


def sent(auth=CHAP_MD5, mru=1442, magic=b"LACm", extra=b""):
    """AVP 27, Last Sent LCP CONFREQ: what was said for the LNS."""
    return option(1, u16(mru)) + auth + option(5, magic) + extra


CLIENT = option(1, u16(1492)) + option(5, b"CLNm")     # AVP 28, Last Received LCP CONFREQ


def lcp(last_sent=None, last_received=CLIENT, initial=CLIENT):
    avps = {26: initial, 27: sent() if last_sent is None else last_sent, 28: last_received}
    return b"".join(avp(k, v, m=False) for k, v in avps.items() if v is not False)


def chap(password="hello", user=b"bob", ident=ID, challenge=None, leave_out=()):
    challenge = challenge or os.urandom(16)
    value = hashlib.md5(bytes([ident]) + password.encode() + challenge).digest()
    avps = {29: u16(2), 30: user, 31: challenge, 32: u16(ident), 33: value}
    return b"".join(avp(k, v, m=False) for k, v in avps.items() if k not in leave_out)


def pap(password=b"hello", user=b"bob", ident=ID):
    return b"".join(avp(k, v, m=False) for k, v in {29: u16(3), 30: user, 32: u16(ident), 33: password}.items())


@pytest.fixture
def start(start_lns, make_lac):
    """start(host lines, ...) -> a LAC with an open tunnel."""
    def go(host="enable proxy authenticate", **kw):
        lns = start_lns(config(host=host, **kw))
        lac = make_lac()
        lac.open()
        lac.daemon = lns
        return lac
    return go


@pytest.fixture
def lac(start):
    return start()


def row_of(lac):
    row, = lac.daemon.sessions()
    return row


def used(lac):
    row = row_of(lac)
    return row["proxy-lcp-used"], row["proxy-authentication-used"]


def silent(client, protocol=LCP):
    assert not client.recv(protocol, REQ if protocol == LCP else 1, 0.4, must=False)


def goes_online(client):
    client.lac.daemon.json("show l2tp session")
    assert client.open_ipcp()
    assert client.ping(INET)


# ---- accepted ----

def test_chap_is_answered_at_once(lac):
    """No LCP, no Challenge: the Success with the proxied id is the first frame, without waiting for the client."""
    client = lac.call(iccn=lcp() + chap())
    assert client.recv(CHAP, 3)[1] == ID
    silent(client)
    goes_online(client)
    row = row_of(lac)
    assert used(lac) == (True, True) and row["proxy-lcp-provided"] and row["proxy-authentication-provided"]
    assert row["user-name"] == "bob" and row["authentication"] == "chap" and row["peer-mru"] in (1492, 1442)


def test_pap_is_answered_at_once(lac):
    client = lac.call(iccn=lcp(sent(PAP_AUTH)) + pap())
    assert client.recv(PAP, 2)[1] == ID
    silent(client)
    goes_online(client)
    assert used(lac) == (True, True)


def test_a_client_that_repeats_its_response(lac):
    """It has not seen the Success yet: answered again, RFC 1994 §4.2."""
    client = lac.call(iccn=lcp() + chap())
    client.recv(CHAP, 3)
    client.code(CHAP, 2, ID, b"\x10" + bytes(16) + b"bob")
    assert client.recv(CHAP, 3)[1] == ID
    goes_online(client)


@pytest.mark.parametrize("avps, protocol, code", [(lcp() + chap("wrong"), CHAP, 4),
                                                  (lcp(sent(PAP_AUTH)) + pap(b"wrong"), PAP, 3)], ids=["chap", "pap"])
def test_a_wrong_password(lac, avps, protocol, code):
    client = lac.call(iccn=avps)
    assert client.recv(protocol, code)[1] == ID
    assert lac.expect("CDN", client.sid, 8)
    assert lac.daemon.subscribers() == []


def test_the_longest_and_strangest_names(lac):
    """255 octets are a name; more cannot be one in PPP, and the client is asked itself."""
    client = lac.call(iccn=lcp() + chap(user=bytes(range(1, 256))))
    assert client.recv(CHAP, 4)[1] == ID
    client = lac.call(iccn=lcp() + chap(user=bytes(range(1, 256)) * 3))
    assert client.recv(CHAP, 1)[1] == ID + 1


def test_a_hidden_and_padded_response(lac):
    """Some LACs hide the response and pad it: the padding is no part of it."""
    vector, challenge = os.urandom(16), os.urandom(16)
    value = hashlib.md5(bytes([ID]) + b"hello" + challenge).digest()
    client = lac.call(iccn=lcp() + chap(challenge=challenge, leave_out=(33,)) + avp(36, vector) +
                      hide(33, value, SECRET, vector, pad=os.urandom(21), m=False))
    assert client.recv(CHAP, 3)[1] == ID
    goes_online(client)


def test_empty_requests_of_the_client(lac):
    """A Configure-Request without options is one: an empty AVP 28."""
    client = lac.call(iccn=lcp(last_received=b"", initial=b"") + chap())
    assert client.recv(CHAP, 3)
    silent(client)


def test_the_peer_may_renegotiate_afterwards(lac):
    """RFC 1661 §4.1: Configure-Request in Opened."""
    client = lac.call(iccn=lcp() + chap())
    client.recv(CHAP, 3)
    assert client.dial(mru=1400)
    assert client.ping(INET)


# ---- authentication is asked anew ----

def test_proxy_authentication_is_off_by_default(start):
    """LCP is accepted; the Challenge has an id that this client has not seen."""
    lac = start(host="")
    client = lac.call(iccn=lcp() + chap())
    _, ident, body = client.recv(CHAP, 1)
    assert ident == (ID + 1) & 0xFF
    silent(client)
    value = hashlib.md5(bytes([ident]) + b"hello" + body[1:1 + body[0]]).digest()
    client.code(CHAP, 2, ident, b"\x10" + value + b"bob")
    assert client.recv(CHAP, 3)[1] == ident
    goes_online(client)
    assert used(lac) == (True, False)


@pytest.mark.parametrize("avps", [b"", avp(29, u16(4), m=False)], ids=["nothing", "type 4: none"])
def test_lcp_alone(lac, avps):
    client = lac.call(iccn=lcp() + avps)
    assert client.recv(CHAP, 1)
    silent(client)
    assert used(lac) == (True, False)


def test_a_type_other_than_the_agreed_protocol(lac):
    client = lac.call(iccn=lcp(sent(CHAP_MD5)) + pap())
    got = client.recv(CHAP, 1, 2, must=False)
    assert got or lac.take("CDN", client.sid, 1)


# ---- LCP is renegotiated ----

REFUSED = {
    "MRU above ours": lcp(sent(mru=1500)),
    "no MRU, so 1500": lcp(CHAP_MD5 + option(5, b"LACm")),
    "a method not of our list": lcp(sent(option(3, b"\xc2\x27"))),
    "no authentication": lcp(sent(b"")),
    "multilink": lcp(sent(extra=option(17, u16(1600)))),
    "no last received": lcp(last_received=False),
    "no last sent": lcp(last_sent=False),
    "an option of length 0": lcp(sent(extra=b"\x08\x00")),
    "an option beyond the end": lcp(last_received=CLIENT + b"\x05\x40"),
    "an option that we reject": lcp(last_received=CLIENT + option(77, b"x")),
    "equal magic numbers": lcp(sent(magic=b"same"), option(5, b"same")),
    "the longest AVP": lcp(last_received=option(1, u16(1492)) + bytes([99, 253]) + bytes(251)),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_not_accepted_is_negotiated_again(lac, why):
    """A Configure-Request of ours at once; then all as without proxy data."""
    client = lac.call(iccn=REFUSED[why] + chap())
    _, _, body = client.recv(LCP, REQ, keep=True)
    asked = dict(options(body))
    assert asked[3] == b"\xc2\x23\x05" and asked[1] == u16(1442)
    assert client.dial()
    assert client.ping(INET)
    assert used(lac)[0] is False


def test_disable_proxy_lcp(start):
    lac = start(host="disable proxy lcp\nenable proxy authenticate")
    client = lac.call(iccn=lcp() + chap())
    assert client.recv(LCP, REQ, keep=True)
    assert client.dial()
    assert used(lac) == (False, False)


def test_a_new_challenge_never_repeats_the_proxied_id(start):
    """A client may answer an id that it knows from its cache."""
    lac = start(host="disable proxy lcp")
    for ident in 0, 1, 0x7F, 0xFF:
        client = lac.call(iccn=lcp() + chap(ident=ident))
        client.open_lcp()
        assert client.recv(CHAP, 1)[1] == (ident + 1) & 0xFF
        lac.cdn(client)


def test_passive_mode_asks_all_the_same(start):
    """The client believes that LCP is open: nobody would begin."""
    lac = start(profile="ppp passive-mode")
    client = lac.call(iccn=lcp(sent(mru=1500)) + chap())
    assert client.recv(LCP, REQ)


def test_an_unknown_authentication_type(lac):
    client = lac.call(iccn=lcp() + avp(29, u16(77), m=False) + avp(30, b"bob", m=False))
    assert lac.take("CDN", client.sid, 1) or client.recv(CHAP, 1)
    assert lac.expect("ICRP", lac.icrq())


def test_sessions_with_and_without(lac):
    """In one tunnel, one after the other and at once."""
    clients = [lac.call(iccn=lcp() + chap() if n % 2 else b"", icrq=avp(38, u32(n))) for n in range(8)]
    for n, client in enumerate(clients):
        if n % 2:
            client.recv(CHAP, 3)
            client.open_ipcp()
        else:
            client.dial()
    wait_until("all are online", lambda: len(lac.daemon.subscribers()) == 8)
    assert len({c.address for c in clients}) == 8
