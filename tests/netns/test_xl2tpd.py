# SPDX-License-Identifier: BSD-2-Clause
"""Real clients: xl2tpd and pppd on a Linux kernel's L2TP and PPP, one guest that dials again and again.

    guest 192.0.2.100 --- wan --- 192.0.2.1 [aditd] 198.51.100.1 --- 198.51.100.2 inet
"""
import re
import time

import pytest

from lib.capture import tshark
from lib.lns import POOL, SECRET, Refused, config
from lib.net import INET, in_subnet, wait_until
from lib.traffic import transfer

METHODS = {"pap": "pap", "chap": "chap", "mschap": "ms-chap-v2"}
PROTO = "173"


@pytest.fixture
def dial(guest, net):
    net.inet.ip("route", "flush", "cache")     # of path MTUs
    calls = []

    def call(user="bob", password="hello", **kw):
        if calls:
            guest.hang_up("tunnel")
        calls.append(user)
        d = guest.dial(user, password, secret=SECRET, **kw)
        if d.ok:
            guest.route("198.51.100.0/24")
        return d
    yield call
    guest.hang_up("tunnel")     # the next dial forgets what is left


def our_routes(net):
    return net.lns.ip("route", "show", "table", "all", "proto", PROTO)


def one_session(lns):
    rows = lns.sessions()
    assert len(rows) == 1, rows
    return rows[0]


def through(guest, target=INET):
    """The guest reaches the host behind the LNS."""
    assert guest.ping(target) == 3


# ---- authentication ----

@pytest.mark.parametrize("method", METHODS)
def test_a_call_is_answered(start_lns, dial, guest, net, method):
    lns = start_lns(config(auth=METHODS[method]))
    d = dial(AUTH=method)
    assert d.ok, d.output
    assert in_subnet(d.address, POOL) and d.peer == "10.255.0.1"
    assert d.dns[0] == "9.9.9.9"
    through(guest)
    assert net.inet.run("ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", d.address).count("bytes from") == 2
    sub, = lns.subscribers()
    assert (sub["user-name"], sub["ip-address"]) == ("bob", d.address)
    assert one_session(lns)["authentication"] == METHODS[method]
    assert "bob" in lns.cli("show subscribers") and d.address in lns.cli(f"show subscribers address {d.address}")


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_password_is_refused(start_lns, dial, guest, method):
    lns = start_lns(config(auth=METHODS[method]))
    d = dial(password="wrong", AUTH=method)
    assert not d.ok and d.address is None
    assert re.search(r"authentication failed|PAP AuthNak|CHAP Failure", d.log), d.log[-2000:]
    assert "IPCP ConfAck" not in d.log
    wait_until("no session is left", lambda: not lns.sessions(), 3)
    assert lns.subscribers() == []
    if method == "chap":
        assert dial(AUTH=method).ok


def test_an_unknown_user_is_refused(lns, dial):
    assert not dial(user="eve").ok
    assert lns.subscribers() == []


def test_the_client_chooses_among_methods(start_lns, dial, guest):
    """The preferred method is refused by the client; the next one is agreed on."""
    lns = start_lns(config(auth="ms-chap-v2 chap pap"))
    for method, name in ("pap", "pap"), ("chap", "chap"):
        assert dial(AUTH=method).ok
        assert lns.wait_sessions(1)[0]["authentication"] == name
        guest.hang_up("ppp")
        lns.wait_sessions(0)


def test_a_wrong_tunnel_password(lns, guest):
    d = guest.dial("bob", "hello", secret="other", WAIT=4)
    assert not d.ok and not d.passed("session")
    assert lns.subscribers() == []
    guest.forget()


# ---- what the displays say ----

def test_octets_are_those_of_the_packets(lns, dial, guest, net):
    d = dial()
    before = one_session(lns)
    for count, size in (5, 56), (4, 1000), (3, 0), (2, 1300):
        assert guest.ping(INET, count, size) == count
    after = one_session(lns)
    octets = 5 * 84 + 4 * 1028 + 3 * 28 + 2 * 1328
    for way in "rx", "tx":
        assert after[f"{way}-octets"] - before[f"{way}-octets"] == octets, way
        assert after[f"{way}-packets"] - before[f"{way}-packets"] == 14, way
    # what was sent to the client counts, whether it answers or not
    net.inet.run("ping", "-n", "-c", "1", "-W", "1", "-s", "100", d.address, check=False)
    assert one_session(lns)["tx-octets"] - after["tx-octets"] == 128


# ---- the end of a session ----

STATIC = "203.0.113.7"
GONE = {"hang up": lambda lns, guest: guest.hang_up("ppp"),
        "tunnel closed": lambda lns, guest: guest.hang_up("tunnel"),
        "clear session": lambda lns, guest: lns.cli(f"clear l2tp session {lns.sessions()[0]['name']}"),
        "clear tunnel": lambda lns, guest: lns.cli(f"clear l2tp tunnel {lns.tunnels()[0]['name']}"),
        "logout": lambda lns, guest: lns.cli("logout subscribers user bob")}


@pytest.mark.parametrize("how", GONE)
def test_it_vanishes_from_everything(start_lns, dial, guest, net, how):
    lns = start_lns(config(users={"bob": ("hello", STATIC)}))
    d = dial()
    assert d.address == STATIC
    assert re.search(rf"^{STATIC} ", our_routes(net), re.M)
    assert net.inet.run("ping", "-n", "-c", "1", "-W", "1", STATIC).count("bytes from") == 1
    GONE[how](lns, guest)
    wait_until("the subscriber is gone", lambda: not lns.subscribers(), 5)
    wait_until("the route is gone", lambda: STATIC not in our_routes(net), 1)
    wait_until("no session is left", lambda: not lns.sessions(), 3)
    ended = lns.ended("session")
    assert len(ended) == 1 and ended[0]["reason"], ended
    wait_until("the guest's interface is gone", lambda: not guest.interfaces(), 5)
    assert "bytes from" not in net.inet.run("ping", "-n", "-c", "1", "-W", "1", STATIC, check=False)
    down, = [line for line in lns.log().splitlines() if "subscriber down" in line]
    for word in 'user="bob"', f"address={STATIC}", "lac=192.0.2.100", "in_octets=84", "out_octets=84", "reason=":
        assert word in down, word
    if how == "hang up":
        assert dial().address == STATIC


def test_the_peer_disappears(start_lns, net):
    """The guest's power goes: Hello is not answered, and all of it is forgotten."""
    from lib.guest import Guest
    lns = start_lns(config(users={"bob": ("hello", STATIC)}, host="hello-interval 1",
                           extra="l2tp retransmission 2 established"))
    mortal = Guest(net, "mortal", address="192.0.2.101/24")
    assert mortal.dial("bob", "hello", secret=SECRET).ok
    assert STATIC in our_routes(net)
    mortal.kill()
    lns.wait_sessions(0, 15)
    wait_until("the route is gone", lambda: STATIC not in our_routes(net), 1)
    wait_until("the tunnel is gone", lambda: not lns.up(lns.tunnels()), 10)


def test_the_power_fails_and_the_subscriber_returns(start_lns, dial, guest):
    """Its old session has not timed out; it has the same user name, so the old one gives way."""
    lns = start_lns(config(users={"bob": ("hello", STATIC)}))
    assert dial().address == STATIC
    guest.forget()
    assert dial().address == STATIC
    sub, = lns.subscribers()
    assert sub["ip-address"] == STATIC
    assert len(lns.up(lns.sessions())) == 1


def test_another_user_does_not_get_an_address_in_use(start_lns, dial, guest):
    lns = start_lns(config(users={"bob": ("hello", STATIC), "amy": ("hello", STATIC)}))
    assert dial().address == STATIC
    guest.forget()
    assert not dial(user="amy").ok
    sub, = lns.subscribers()
    assert sub["user-name"] == "bob"


# ---- size of packets ----

def ping_down(net, address, count, size):
    """How many pings of inet, not to be fragmented, the client answers."""
    return net.inet.run("ping", "-n", "-c", str(count), "-i", "0.1", "-W", "1", "-s", str(size), "-M", "do", address,
                        check=False).count("bytes from")


def outer_fragments(capture):
    capture.flush()
    fragment = "(ip.flags.mf == 1 || ip.frag_offset > 0) && ip.proto == 17 && ip.addr == 192.0.2.100"
    return len(tshark(capture.path, fragment, ["frame.number"]))


def test_mru_1442_never_fragments(lns, dial, guest, net, capture):
    d = dial(MTU=1442)
    assert one_session(lns)["peer-mru"] == 1442
    assert guest.ping(INET, 2, 1414, df=True) == 2
    assert ping_down(net, d.address, 2, 1414) == 2
    out = net.inet.run("ping", "-n", "-c", "1", "-W", "1", "-s", "1415", "-M", "do", d.address, check=False)
    assert re.search(r"mtu ?= ?1442", out), out
    transfer(net.inet, INET, guest, to_guest=True)
    transfer(net.inet, INET, guest, to_guest=False, port=5002)
    assert outer_fragments(capture) == 0


def test_mru_1492_fragments_and_all_octets_arrive(start_lns, dial, guest, net, capture):
    lns = start_lns(config(mru=1492))
    d = dial(MTU=1492)
    before = one_session(lns)
    assert guest.ping(INET, 3, 1464, df=True) == 3
    assert ping_down(net, d.address, 3, 1464) == 3
    after = one_session(lns)
    assert after["rx-octets"] - before["rx-octets"] == after["tx-octets"] - before["tx-octets"] == 6 * 1492
    assert outer_fragments(capture) >= 12
    transfer(net.inet, INET, guest, to_guest=True)
    transfer(net.inet, INET, guest, to_guest=False, port=5002)


def test_every_size_comes_back(start_lns, dial, guest, net):
    start_lns(config(mru=1492))
    dial(MTU=1492)
    sizes = [0, 1, 7, 8, 63, 511, 1400, 1413, 1414, 1415, 1440, 1463, 1464, 1465, 2000]
    out = guest.sh("for s in %s; do ping -n -c 1 -W 1 -s $s %s | grep -c 'bytes from'; done" % (
        " ".join(map(str, sizes)), INET), check=False)
    assert out.split() == ["1"] * len(sizes)


# ---- what a client asks besides IPv4 ----

def test_a_client_that_asks_for_ipv6_keeps_its_ipv4(lns, dial, guest):
    d = dial(IPV6=1, PPPOPTS="ipv6cp-restart 1")
    assert d.address and d.peer == "10.255.0.1", d.output
    through(guest)
    row = one_session(lns)
    assert row["ipcp-state"].lower() == "opened"
    log = d.log
    assert re.search(r"rcvd \[(IPV6CP Conf(Ack|Req)|LCP ProtRej)", log), log[-3000:]
    assert "Connection terminated" not in log


def test_ccp_is_refused_and_the_session_stays(lns, dial, guest):
    d = dial(CCP=1)
    assert d.ok, d.output
    assert re.search(r"sent \[CCP ConfReq", d.log)
    assert re.search(r"rcvd \[(LCP ProtRej|CCP ConfRej)", d.log), d.log[-3000:]
    time.sleep(1)
    through(guest)
    assert len(lns.subscribers()) == 1


def test_without_compression_options(lns, dial, guest):
    assert dial(NOCOMP=1).ok
    through(guest)


# ---- several at once ----

def test_several_tunnels_from_one_machine(start_lns, dial, guest, net):
    users = {f"u{i}": "hello" for i in range(4)} | {"bob": "hello"}
    lns = start_lns(config(users=users))
    d = dial(COUNT=4)
    assert d.ok, d.output
    rows = lns.wait_sessions(4)
    links = guest.interfaces()
    assert {r["ip-address"] for r in rows} == {local for local, _ in links.values()}
    for dev in links:
        assert guest.ping("10.255.0.1", 1, dev=dev) == 1
    lns.cli(f"clear l2tp session {lns.sessions()[0]['name']}")
    lns.wait_sessions(3)


def test_refused_commands_say_so(lns):
    with pytest.raises(Refused) as r:
        lns.cli("clear l2tp session 99/99/99")
    assert r.value.status == 1
    with pytest.raises(Refused) as r:
        lns.cli("show nonsense")
    assert r.value.status == 2
