# SPDX-License-Identifier: BSD-2-Clause
"""Routes: what the kernel has, and what a routing daemon tells the neighbours. bird on the LNS learns our routes by
their protocol number and speaks BGP to the bird of inet.

    Client on Lac --- wan --- [aditd + bird] 198.51.100.1 --- BGP --- 198.51.100.2 [bird] inet
"""
import re
import shutil
import time

import pytest

from lib.lns import config
from lib.net import INET, wait_until

PROTO = 173
STATIC = "203.0.113.7"
SPEAKER = """
log stderr all;
router id {own};
protocol device {{ scan time 1; }}
{kernel}
protocol bgp {{
	local {own} as {own_as};
	neighbor {peer} as {peer_as};
	connect delay time 1; connect retry time 1; error wait time 1, 2;
	ipv4 {{ import all; export {export}; next hop self; }};
}}
"""
LEARN = "protocol kernel { learn; scan time 1; ipv4 { import where krt_source = %d; export none; }; }" % PROTO
INSTALL = "protocol kernel { scan time 1; ipv4 { import none; export all; }; }"
USERS = {"bob": ("hello", STATIC), "amy": "hello", "joe": "hello"}


def bird(net, ns, name, text):
    directory = net.dir / f"bird-{name}"
    directory.mkdir()
    (directory / "conf").write_text(text)
    log = open(directory / "log", "wb")
    proc = ns.popen("bird", "-f", "-c", str(directory / "conf"), "-s", str(directory / "ctl"), "-P",
                    str(directory / "pid"), stdout=log, stderr=log)

    def end():
        proc.kill()
        proc.wait()
        log.close()
    net.on_close(end)
    return directory


@pytest.fixture(scope="module")
def neighbours(net):
    if not shutil.which("bird"):
        pytest.skip("needs the package bird2")
    near, far = {"own": "198.51.100.1", "own_as": 65001}, {"own": INET, "own_as": 65002}
    bird(net, net.lns, "lns", SPEAKER.format(**near, peer=INET, peer_as=65002, kernel=LEARN, export="all"))
    bird(net, net.inet, "inet", SPEAKER.format(**far, peer="198.51.100.1", peer_as=65001, kernel=INSTALL, export="none"))


@pytest.fixture
def lac(make_lac):
    return make_lac()


def ours(net):
    """Our routes in the kernel: {prefix}."""
    routes = net.lns.ip("route", "show", "table", "all", "proto", str(PROTO))
    return set(re.findall(r"^(?:\w+ )?([\d./]+) ", routes, re.M))


def call(lac, user="bob"):
    if not lac.peer_tid:
        lac.open()
    client = lac.call()
    client.dial(user)
    return client


def test_a_pool_is_one_route(start_lns, lac, net):
    start_lns(config(users=USERS))
    assert ours(net) == {"10.64.0.0/16"}
    client = call(lac, "amy")
    assert client.address.startswith("10.64.")
    assert ours(net) == {"10.64.0.0/16"}


def test_ranges_that_are_no_prefix(start_lns, net):
    """Aggregates cover the range exactly: neither less nor more."""
    import ipaddress
    start_lns(config(pool="10.64.0.10 10.64.1.4"))
    covered = sorted(int(a) for p in ours(net) for a in ipaddress.ip_network(p))
    first, last = int(ipaddress.ip_address("10.64.0.10")), int(ipaddress.ip_address("10.64.1.4"))
    assert covered == list(range(first, last + 1))


def test_a_host_route_outside_the_pools(start_lns, lac, net):
    start_lns(config(users=USERS))
    client = call(lac)
    assert STATIC in ours(net) and client.ping(INET)
    lac.cdn(client)
    wait_until("it is gone", lambda: ours(net) == {"10.64.0.0/16"}, 1)


def test_a_host_route_for_all(start_lns, lac, net):
    start_lns(config(users=USERS, profile="ip access-routes"))
    client = call(lac, "amy")
    assert ours(net) == {"10.64.0.0/16", client.address}
    lac.cdn(client)
    wait_until("it is gone", lambda: ours(net) == {"10.64.0.0/16"}, 1)


def test_no_route_before_ipcp(start_lns, lac, net):
    start_lns(config(users=USERS))
    lac.open()
    client = lac.call()
    client.open_lcp()
    client.authenticate("bob", "hello")
    time.sleep(0.2)
    assert STATIC not in ours(net)
    client.open_ipcp()
    wait_until("it is there", lambda: STATIC in ours(net), 1)


def test_neighbours_hear_of_it(start_lns, lac, net, neighbours):
    start_lns(config(users=USERS))

    def heard():
        return net.inet.ip("route", "show", "proto", "bird")
    wait_until("the pool is announced", lambda: "10.64.0.0/16" in heard(), 12)
    client = call(lac)
    wait_until("the host is announced", lambda: STATIC in heard(), 6)
    assert client.ping(INET)
    lac.cdn(client)
    wait_until("the host is withdrawn", lambda: STATIC not in heard(), 6)
    assert "10.64.0.0/16" in heard()


def test_the_end_withdraws_all(start_lns, lac, net, neighbours):
    lns = start_lns(config(users=USERS))
    wait_until("the pool is announced", lambda: "10.64.0.0/16" in net.inet.ip("route"), 12)
    call(lac)
    lac.leave()
    lns.stop()
    assert ours(net) == set()
    assert "10.255.0.1" not in net.lns.ip("addr", "show", "dev", "lo")
    wait_until("nothing is announced", lambda: not net.inet.ip("route", "show", "proto", "bird").strip(), 6)


def test_stale_routes_are_cleaned_at_start_and_others_are_not(start_lns, net):
    for n, proto in (1, PROTO), (2, 4), (3, 17):
        net.lns.ip("route", "add", "blackhole", f"203.0.113.{n}", "proto", str(proto))
    try:
        start_lns(config(users=USERS))
        assert ours(net) == {"10.64.0.0/16"}
        routes = net.lns.ip("route", "show")
        assert "203.0.113.1" not in routes and "203.0.113.2" in routes and "203.0.113.3" in routes
    finally:
        for n in 1, 2, 3:
            net.lns.run("ip", "route", "del", "blackhole", f"203.0.113.{n}", check=False)


def test_after_a_crash(start_lns, lac, net):
    """Killed: the next start finds nothing of the last one in its way."""
    lns = start_lns(config(users=USERS, profile="ip access-routes"))
    call(lac)
    call(lac, "amy")
    lns.kill()
    lns.start()
    assert ours(net) == {"10.64.0.0/16"}
    lac.close()


def test_pools_come_and_go_with_the_configuration(start_lns, net):
    lns = start_lns(config(users=USERS))
    lns.configure("ip local pool more 10.65.0.0 10.65.0.255")
    wait_until("it is there", lambda: ours(net) == {"10.64.0.0/16", "10.65.0.0/24"}, 1)
    lns.configure("no ip local pool more")
    wait_until("it is gone", lambda: ours(net) == {"10.64.0.0/16"}, 1)


def test_the_device_goes_down_and_comes_up(start_lns, lac, net):
    """The kernel forgets the routes of a device that goes down; what is wanted comes back with it, and no more."""
    lns = start_lns(config(users=USERS, profile="ip access-routes"))
    client, leaver = call(lac), call(lac, "amy")
    before = ours(net)
    assert before == {"10.64.0.0/16", STATIC, leaver.address}
    net.lns.ip("link", "set", "adit0", "down")
    wait_until("it is noticed", lambda: "device is down" in lns.log(), 3)
    assert ours(net) == set()
    lac.cdn(leaver)
    joiner = call(lac, "joe")
    lns.configure("ip local pool more 10.65.0.0 10.65.0.255")
    net.lns.ip("link", "set", "adit0", "up")
    wait_until("all are back", lambda: ours(net) == {"10.64.0.0/16", "10.65.0.0/24", STATIC, joiner.address}, 3)
    assert client.ping(INET) and joiner.ping(INET)
    net.lns.ip("link", "set", "adit0", "down")
    net.lns.ip("link", "set", "adit0", "up")
    wait_until("and again", lambda: len(ours(net)) == 4, 3)
    wait_until("it is logged", lambda: lns.log().count("routes put back") == 2, 3)
    assert lns.log().count("device is down") == 2 and "route refused" not in lns.log()
    lac.cdn(joiner)
    wait_until("one goes as ever", lambda: joiner.address not in ours(net), 1)


def test_more_routes_than_a_turn_puts_back(start_lns, lac, net):
    count = 3000
    pools = "\n".join(f"ip local pool p{i} 10.70.{i // 100}.{i % 100 * 2 + 1} 10.70.{i // 100}.{i % 100 * 2 + 1}"
                      for i in range(count))
    lns = start_lns(config(users=USERS) + "\n" + pools)
    wait_until("they are there", lambda: len(ours(net)) == count + 1, 5)
    net.lns.ip("link", "set", "adit0", "down")
    net.lns.ip("link", "set", "adit0", "up")
    wait_until("they are back", lambda: len(ours(net)) == count + 1, 5)
    wait_until("it is logged", lambda: f"count={count + 1}" in lns.log(), 3)
    assert call(lac).ping(INET)
