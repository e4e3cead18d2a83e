# SPDX-License-Identifier: BSD-2-Clause
"""Each attribute of an Access-Accept has its effect, seen by the subscriber, the kernel and the accounting. One
FreeRADIUS with a user for each, one aditd; the LAC and the PPP clients are scripts.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd] 198.51.100.1 --- 198.51.100.2 inet
                                           lo [FreeRADIUS]
"""
import re
import socket
import time

import pytest
from scapy.layers.inet import IP as Ip
from scapy.layers.inet import UDP

from lib.capture import Capture
from lib.freeradius import KEY, FreeRadius, radius_config
from lib.lac import IP, IPCP, LCP, TERM_REQ, socket_in
from lib.lns import Lns, config
from lib.net import INET, in_subnet, wait_until
from lib.radius_judge import assert_clean_radius, decoded

PLAIN = {"Service-Type": "Framed-User", "Framed-Protocol": "PPP"}
# what each user is given
GIVEN = {
    "nothing": {},
    "plain": PLAIN,
    "fixed": {"Framed-IP-Address": "10.70.0.5"},
    "fixed-too": {"Framed-IP-Address": "10.70.0.5"},
    "nas-chooses": {"Framed-IP-Address": "255.255.255.254"},
    "chooses": {"Framed-IP-Address": "255.255.255.255"},
    "chooses-too": {"Framed-IP-Address": "255.255.255.255"},
    "network": {"Framed-IP-Address": "10.71.0.9", "Framed-IP-Netmask": "255.255.255.248"},
    "bad-mask": {"Framed-IP-Address": "10.71.0.9", "Framed-IP-Netmask": "255.0.255.0"},
    "routes": {"Framed-IP-Address": "10.70.1.1",
               "Framed-Route": ['"192.168.77.0/24 0.0.0.0 5"', '"203.0.113.99/32 10.70.1.1 1"', '"172.20.0.0"',
                                '"rubbish"', '"10.0.0.0/33 0.0.0.0 1"', '"0.0.0.0/0 0.0.0.0 1"']},
    "pool": {"Framed-Pool": '"business"'},
    "vendor-pool": {"ERX-Address-Pool-Name": '"vendor"'},
    "no-pool": {"Framed-Pool": '"elsewhere"'},
    "mtu": {"Framed-IP-Address": "10.70.2.1", "Framed-MTU": 1000},
    "mtu-1": {"Framed-MTU": 1},
    "session": {"Session-Timeout": 2},
    "idle": {"Idle-Timeout": 2},
    "class": {"Class": ['"gold"', "0x0001ff", '"third"']},
    "interim": {"Class": ['"gold"', '"third"'], "Acct-Interim-Interval": 60},
    "interim-10": {"Acct-Interim-Interval": 10},
    "filter": {"Filter-Id": '"fast-lane"'},
    "message": {"Reply-Message": ['"Good morning. "', '"Mind the gap"']},
    "servers": {"MS-Primary-DNS-Server": "192.0.2.51", "MS-Secondary-DNS-Server": "192.0.2.52",
                "MS-Primary-NBNS-Server": "192.0.2.53", "MS-Secondary-NBNS-Server": "192.0.2.54"},
    "vendor-servers": {"ERX-Primary-Dns": "192.0.2.61", "ERX-Secondary-Dns": "192.0.2.62",
                       "ERX-Primary-Wins": "192.0.2.63", "ERX-Secondary-Wins": "192.0.2.64"},
    "router-default": {"ERX-Virtual-Router-Name": '"default"'},
    "router-other": {"ERX-Virtual-Router-Name": '"blue"'},
    "loopback": {"ERX-Local-Loopback-Interface": '"loopback 1"'},
    "loopback-short": {"ERX-Local-Loopback-Interface": '"loopback1"'},
    "loopback-none": {"ERX-Local-Loopback-Interface": '"loopback 7"'},
    "spoof": {"Framed-IP-Address": "10.70.3.1", "ERX-Sa-Validate": 0},
    "no-spoof": {"Framed-IP-Address": "10.70.3.2", "ERX-Sa-Validate": 1},
    "foreign": {"Cisco-AVPair": '"ip:outacl=7"', "WISPr-Bandwidth-Max-Up": 64000, "Framed-IPX-Network": "1.2.3.4",
                "Login-Service": "Telnet", "Framed-Compression": "Van-Jacobson-TCP-IP",
                "ERX-Qos-Profile-Name": '"triple-play"'},
    "login": {"Service-Type": "Login-User"},
    "slip": {"Framed-Protocol": "SLIP"},
    "refused": {"Reply-Message": '"Not today"'},
}
REJECT = {"Framed-IP-Address": "10.70.4.1", "Framed-Route": '"203.0.113.0/24 0.0.0.0 1"', "Session-Timeout": "1",
          "ERX-Virtual-Router-Name": '"blue"'}


@pytest.fixture(scope="module")
def radius(net):
    r = FreeRadius(net, {name: ("hello", what) for name, what in GIVEN.items()}, reject=REJECT)
    c = Capture(net, net.lns, "lo", net.dir / "radius.pcap", "udp portrange 1812-1813")
    yield r
    r.stop()
    c.flush()
    c.stop()
    assert_clean_radius(c.path, KEY)


@pytest.fixture(scope="module")
def lns(net, radius):
    pools = ("ip local pool business 10.80.0.0 10.80.0.255\nip local pool vendor 10.81.0.0 10.81.0.255\n"
             "interface loopback 1\n ip address 10.255.1.1 255.255.255.255\n")
    one = Lns(net, config(auth="pap", keepalive=60, mru=1492, extra=radius_config() + pools))
    yield one
    wait_until("nothing is left", lambda: nothing_left(one), 5)
    one.stop()


def aaa(lns):
    return {r["name"]: r["value"] for r in lns.json("show aaa statistics") if r["group"] == "aaa"}


def nothing_left(lns):
    now = aaa(lns)
    return not any(now[k] for k in ("requests-in-flight", "grants", "addresses-in-use", "accounting-queued"))


@pytest.fixture
def lac(lns, make_lac):
    one = make_lac()
    one.open()
    return one


@pytest.fixture
def dial(lac, lns):
    def call(user, **kw):
        c = lac.call()
        c.open_lcp(kw.pop("mru", 1492))
        assert c.authenticate(user, "hello") == "good"
        c.open_ipcp(**kw)
        # our last Ack may have overtaken nothing yet: what comes before it is dropped
        wait_until("it is up", lambda: [s for s in lns.subscribers() if s["ip-address"] == c.address and s["ip-up"]])
        return c
    yield call


@pytest.fixture
def refused(lac, lns):
    """refused(user, password) -> (the words, the terminate reason)."""
    def call(user, password="hello"):
        before = aaa(lns)
        c = lac.call()
        c.open_lcp()
        assert c.authenticate(user, password) == "bad"
        reasons = [k for k, v in aaa(lns).items() if v > before[k] and k.startswith("deny-")]
        assert len(reasons) == 1, reasons
        return c.message, reasons[0]
    return call


def counted(lns, before):
    return {k: v - before[k] for k, v in aaa(lns).items() if v != before[k]}


def routes(net):
    """{prefix: metric} of our routes in the kernel."""
    return {p: int(m or 0) for p, m in re.findall(r"^(?:\w+ )?([\d./]+) dev adit0(?:.* metric (\d+))?",
                                                  net.lns.ip("route", "show", "table", "all", "proto", "173"), re.M)}


def gone(lac, client, lns, user):
    lac.cdn(client)
    wait_until("the subscriber is gone", lambda: not [s for s in lns.subscribers() if s["user-name"] == user], 3)


def row(lns, user):
    found, = [s for s in lns.subscribers() if s["user-name"] == user]
    return found


# ---- addresses ----

@pytest.mark.parametrize("user", ["nothing", "plain", "nas-chooses"])
def test_from_the_pool(dial, user):
    assert in_subnet(dial(user).address, "10.64.0.0/16")


def test_fixed(dial, refused, radius, lns, net):
    c = dial("fixed")
    assert c.address == "10.70.0.5" and "10.70.0.5" in routes(net)
    assert c.ping(INET)
    start = radius.wait_record(User_Name="fixed", Acct_Status_Type="Start")
    assert start["Framed-IP-Address"] == "10.70.0.5" and start["Framed-IP-Netmask"] == "255.255.255.255"
    assert refused("fixed-too")[1] == "deny-address-in-use"


def test_the_client_chooses(dial, lac, lns, radius, net):
    c = dial("chooses", address="203.0.113.50")
    assert c.address == "203.0.113.50" and c.ping(INET)
    assert radius.wait_record(User_Name="chooses", Acct_Status_Type="Start")["Framed-IP-Address"] == "203.0.113.50"
    assert "203.0.113.50" in routes(net)
    gone(lac, c, lns, "chooses")
    assert "203.0.113.50" not in routes(net)
    assert radius.wait_record(User_Name="chooses", Acct_Status_Type="Stop")["Framed-IP-Address"] == "203.0.113.50"
    assert dial("chooses-too", address="203.0.113.50").ping(INET)


def test_the_client_chooses_what_another_has(dial, lac, lns):
    """Another's fixed address, and one that the pool gave: whoever has it keeps it."""
    for holder in "fixed", "nothing":
        first = dial(holder)
        second = lac.call()
        second.open_lcp()
        assert second.authenticate("chooses", "hello") == "good"
        try:
            second.negotiate(IPCP, {3: socket.inet_aton(first.address)}, 1)
        except AssertionError:
            pass
        lac.expect("CDN", second.sid, 5)
        assert row(lns, holder)["ip-address"] == first.address
        assert first.ping(INET)
        assert not [s for s in lns.subscribers() if s["user-name"] == "chooses"]


def test_the_client_chooses_out_of_the_pool(dial, lac, lns):
    """What it has is not given to anybody else."""
    c = dial("chooses", address="10.80.0.0")
    others = {dial("pool").address for _ in range(3)}
    assert c.address == "10.80.0.0" and c.address not in others and len(others) == 3
    assert c.ping(INET)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "224.0.0.5", "255.255.255.255", "10.255.0.1"])
def test_the_client_chooses_no_address_of_a_host(lac, lns, net, address):
    c = lac.call()
    c.open_lcp()
    assert c.authenticate("chooses", "hello") == "good"
    with pytest.raises(AssertionError):
        c.negotiate(IPCP, {3: socket.inet_aton(address)}, 1.5)
    assert address not in routes(net)


def test_a_network(dial, lac, lns, net):
    """Framed-IP-Netmask: all of the network is behind the subscriber."""
    c = dial("network")
    assert c.address == "10.71.0.9" and "10.71.0.8/29" in routes(net)
    net.inet.run("ping", "-n", "-c", "1", "-W", "1", "10.71.0.14", check=False)
    assert c.recv(IP)[16:20] == socket.inet_aton("10.71.0.14")
    assert c.ping(INET, source="10.71.0.13")
    gone(lac, c, lns, "network")
    assert "10.71.0.8/29" not in routes(net)


def test_a_mask_that_is_none(refused):
    assert refused("bad-mask")[1] == "deny-radius-answer-invalid"


def test_routes(dial, lac, lns, radius, net):
    """Prefix, metric, host, class; text that is no route is counted. They go with the session."""
    before = aaa(lns)
    c = dial("routes")
    ours = routes(net)
    assert ours["192.168.77.0/24"] == 5 and ours["203.0.113.99"] == 1 and "172.20.0.0/16" in ours, ours
    assert "default" not in ours and len(ours) == len(routes(net))
    assert counted(lns, before)["radius-bad-framed-routes"] == 3
    for target in "192.168.77.9", "203.0.113.99", "172.20.3.4":
        net.inet.run("ping", "-n", "-c", "1", "-W", "1", target, check=False)
        assert c.recv(IP)[16:20] == socket.inet_aton(target)
        assert c.ping(INET, source=target), "what is behind the subscriber may send"
    gone(lac, c, lns, "routes")
    assert not {"192.168.77.0/24", "203.0.113.99", "172.20.0.0/16"} & set(routes(net))


@pytest.mark.parametrize("user,subnet", [("pool", "10.80.0.0/24"), ("vendor-pool", "10.81.0.0/24")])
def test_a_pool_by_name(dial, user, subnet):
    assert in_subnet(dial(user).address, subnet)


def test_a_pool_that_is_not_here(refused):
    assert refused("no-pool")[1] == "deny-address-allocation-failure"


# ---- numbers ----

def test_mtu(dial, net):
    """RFC 2865 §5.12: no datagram that is longer goes to the subscriber whole."""
    net.inet.ip("route", "flush", "cache")
    c = dial("mtu")
    out = net.inet.run("ping", "-n", "-c", "1", "-W", "1", "-s", "973", "-M", "do", c.address, check=False)
    assert re.search(r"mtu ?= ?1000", out), out
    net.inet.ip("route", "flush", "cache")
    net.inet.run("ping", "-n", "-c", "1", "-W", "1", "-s", "972", "-M", "do", c.address, check=False)
    assert int.from_bytes(c.recv(IP)[2:4], "big") == 1000
    net.inet.ip("route", "flush", "cache")


def test_an_mtu_that_is_none(dial, lns, net):
    before = aaa(lns)
    c = dial("mtu-1")
    assert counted(lns, before)["radius-ignored-attributes"] == 1
    net.inet.run("ping", "-n", "-c", "1", "-W", "1", "-s", "1000", "-M", "do", c.address, check=False)
    assert c.recv(IP)


def ended(client, lac, seconds):
    """LCP Terminate-Request, answered; how long it took to come."""
    begin = time.monotonic()
    _, ident, _ = client.recv(LCP, TERM_REQ, seconds)
    client.code(LCP, 6, ident)
    lac.expect("CDN", client.sid)
    return time.monotonic() - begin


def test_session_timeout(dial, lac, lns, radius):
    c = dial("session")
    assert row(lns, "session")["session-timeout"] == 2
    assert 1.5 < ended(c, lac, 4) < 4
    stop = radius.wait_record(User_Name="session", Acct_Status_Type="Stop")
    assert stop["Acct-Terminate-Cause"] == "Session-Timeout" and stop["Acct-Session-Time"] == "2"


def test_idle_timeout(dial, lac, lns, radius):
    """What crosses keeps it up; then it ends."""
    c = dial("idle")
    for i in range(8):
        assert c.ping(INET, i)
        time.sleep(0.4)
    assert 1 < ended(c, lac, 6)
    stop = radius.wait_record(User_Name="idle", Acct_Status_Type="Stop")
    assert stop["Acct-Terminate-Cause"] == "Idle-Timeout" and int(stop["Acct-Session-Time"]) >= 5


def test_a_short_interim_interval_is_raised(dial, lns):
    before = aaa(lns)
    dial("interim-10")
    assert counted(lns, before)["radius-interim-interval-raised"] == 1


@pytest.mark.full
def test_interim(dial, lac, lns, radius):
    """RFC 2869 §5.16: the first between half and a whole interval, to spread them, then one every interval."""
    clients = [dial("interim") for _ in range(4)]
    began, sent = time.monotonic(), 0

    def interims():
        return radius.records(User_Name="interim", Acct_Status_Type="Interim-Update")
    while time.monotonic() < began + 125:
        for c in clients:
            assert c.ping(INET)
        sent += 1
        lac.poll(1)
    rows = {}
    for r in interims():
        rows.setdefault(r["Acct-Session-Id"], []).append(r)
    assert len(rows) == 4 and all(len(v) == 2 for v in rows.values()), {k: len(v) for k, v in rows.items()}
    first = [int(v[0]["Acct-Session-Time"]) for v in rows.values()]
    assert all(29 <= t <= 61 for t in first) and len(set(first)) > 1, first
    for a, b in rows.values():
        assert 59 <= int(b["Acct-Session-Time"]) - int(a["Acct-Session-Time"]) <= 61
        assert 0 < int(a["Acct-Input-Octets"]) < int(b["Acct-Input-Octets"])
        assert a["Class"] == b["Class"] == ["0x676f6c64", "0x7468697264"]
    for c in clients:
        lac.cdn(c)
    wait_until("all have stopped", lambda: len(radius.records(User_Name="interim", Acct_Status_Type="Stop")) == 4, 5)
    for stop in radius.records(User_Name="interim", Acct_Status_Type="Stop"):
        assert int(stop["Acct-Input-Packets"]) == int(stop["Acct-Output-Packets"]) == sent


# ---- words ----

def test_class(dial, lac, lns, radius):
    """RFC 2865 §5.25: all of them, unchanged and in their order, in every record."""
    c = dial("class")
    gone(lac, c, lns, "class")
    for kind in "Start", "Stop":
        record = radius.wait_record(User_Name="class", Acct_Status_Type=kind)
        assert record["Class"] == ["0x676f6c64", "0x0001ff", "0x7468697264"]


def test_filter(dial, lns):
    dial("filter")
    assert row(lns, "filter")["filter-id"] == "fast-lane"
    assert "Filter id is fast-lane" in lns.cli("show subscribers detail user filter")


def test_message(dial):
    """RFC 2865 §5.18: several are shown in their order."""
    assert dial("message").message == "Good morning. Mind the gap"


@pytest.mark.parametrize("user,last", [("servers", 51), ("vendor-servers", 61)])
def test_name_servers(lac, user, last):
    c = lac.call()
    c.open_lcp()
    assert c.authenticate(user, "hello") == "good"
    wanted = {k: bytes(4) for k in (3, 129, 130, 131, 132)}
    c.negotiate(IPCP, wanted)
    # primary DNS, primary NBNS, secondary DNS, secondary NBNS (RFC 1877)
    assert [socket.inet_ntoa(wanted[k]) for k in (129, 131, 130, 132)] == [f"192.0.2.{last + i}" for i in range(4)]


# ---- vendor 4874 ----

def test_a_virtual_router(dial, refused):
    assert dial("router-default").address
    assert refused("router-other")[1] == "deny-virtual-router-unknown"


@pytest.mark.parametrize("user", ["loopback", "loopback-short"])
def test_a_local_interface(dial, user):
    c = dial(user)
    assert c.gateway == "10.255.1.1" and c.ping(INET)


def test_a_local_interface_that_is_not_here(lac, lns):
    c = lac.call()
    c.open_lcp()
    assert c.authenticate("loopback-none", "hello") == "good"
    with pytest.raises(AssertionError):
        c.negotiate(IPCP, {3: bytes(4)}, 1.5)
    wait_until("it is gone", lambda: not [s for s in lns.subscribers() if s["user-name"] == "loopback-none"], 3)


@pytest.mark.parametrize("user,passes", [("spoof", True), ("no-spoof", False), ("plain", False)])
def test_source_validation(dial, lns, net, user, passes):
    s = socket_in(net.inet)
    s.bind((INET, 5555))
    s.settimeout(1)
    c = dial(user)
    before = lns.counters()
    for source in "172.31.9.9", c.address:
        c.send(IP, bytes(Ip(src=source, dst=INET) / UDP(sport=7, dport=5555) / source.encode()))
    seen = [s.recvfrom(100)[1][0]]
    if passes:
        seen.append(s.recvfrom(100)[1][0])
    s.close()
    assert seen == (["172.31.9.9", c.address] if passes else [c.address])
    assert bool([k for k in lns.counted(before) if k[0] == "drop"]) != passes


# ---- what is not for us ----

def test_unknown_attributes(dial, lns):
    """RFC 2865 §5: ignored; here counted. Known ones of no effect apart."""
    before = aaa(lns)
    assert dial("foreign").ping(INET)
    now = counted(lns, before)
    assert now["radius-unknown-attributes"] + now["radius-ignored-attributes"] == 6, now
    assert now["radius-unknown-attributes"] >= 2 and now["accepts"] == 1, now


@pytest.mark.parametrize("user", ["login", "slip"])
def test_another_service(refused, user):
    """RFC 2865 §5.6: a service that cannot be given is a Reject."""
    assert refused(user)[1] == "deny-radius-answer-invalid"


def test_a_reject(refused, lns, net, radius):
    """RFC 2865 §5.44: only words may be in it; whatever else FreeRADIUS puts there is without effect."""
    before = aaa(lns)
    c = Capture(net, net.lns, "lo", net.dir / "reject.pcap", "udp port 1812")
    words, reason = refused("refused", "wrong")
    c.flush()
    c.stop()
    fields = ["radius.Framed-IP-Address", "radius.Framed_Route", "radius.Reply_Message"]
    (address, route, said), = decoded(c.path, "radius.code == 3", fields, KEY)
    assert address and route and said, "the Reject had nothing in it"
    assert words == "Not today" and reason == "deny-authentication-denied"
    assert "203.0.113.0/24" not in routes(net)
    assert set(counted(lns, before)) <= {"requests", reason}
