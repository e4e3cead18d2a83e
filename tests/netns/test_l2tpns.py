# SPDX-License-Identifier: BSD-2-Clause
"""Debian's l2tpns as the LAC of a provider, PPPoE clients of a Linux guest in front of it: many sessions in one tunnel.

    guest's pppd xN --- access --- acc0 [l2tpns] 192.0.2.10 --- wan --- 192.0.2.1 [aditd] --- inet
"""
import shutil

import pytest

from lib.guest import Guest
from lib.l2tpns import L2tpns
from lib.lns import POOL, SECRET, config
from lib.net import INET, in_subnet, wait_until

N = 8
USERS = {f"u{i}@isp": "hello" for i in range(32)}


@pytest.fixture(scope="module")
def line(net):
    """The access network: l2tpns, and a guest whose clients dial through it."""
    if not shutil.which("l2tpns"):
        pytest.skip("needs the package l2tpns")
    lac = net.lac(0)
    access = net.segment("access", (lac, "acc0", None))
    guest = Guest(net, "home", ns=access, address=None)
    guest.l2tpns = L2tpns(net, lac, "192.0.2.10", SECRET)
    return guest


@pytest.fixture
def lns(start_lns, line):
    yield start_lns(config(users=USERS, auth="chap pap"))
    line.forget()


@pytest.fixture
def dial(line, lns):
    def call(count=N, **kw):
        d = line.dial_pppoe("u%d@isp", "hello", COUNT=count, WAIT=15, **kw)
        assert d.ok, d.output + line.l2tpns.log()[-3000:]
        return lns.wait_sessions(count, 10)
    return call


def test_many_sessions_in_one_tunnel(lns, dial, line, net):
    rows = dial()
    tunnel, = lns.up(lns.tunnels())
    assert tunnel["peer-host-name"] == "l2tpns-lac" and tunnel["sessions"]["active"] == N
    links = line.interfaces()
    assert {r["ip-address"] for r in rows} == {a for a, _ in links.values()} and len(links) == N
    assert all(in_subnet(a, POOL) for a, _ in links.values())
    assert {r["user-name"] for r in rows} == {f"u{i}@isp" for i in range(N)}
    line.sh("; ".join(f"ip route replace default dev {dev} table {n + 100}; ip rule add from {a} table {n + 100}"
                      for n, (dev, (a, _)) in enumerate(links.items())))
    for dev, (address, _) in links.items():
        assert line.ping(INET, 2, 500, dev=address) == 2, dev
    for row in lns.sessions():
        assert (row["rx-octets"], row["tx-octets"]) == (2 * 528, 2 * 528)


def test_one_hangs_up_and_the_others_stay(lns, dial, line):
    dial(4)
    line.hang_up("ppp", 2)
    rows = lns.wait_sessions(3, 10)
    wait_until("its interface is gone", lambda: len(line.interfaces()) == 3, 10)
    assert {r["ip-address"] for r in rows} == {a for a, _ in line.interfaces().values()}


def test_one_is_cleared_and_the_others_stay(lns, dial, line):
    rows = dial(4)
    gone = rows[1]
    lns.cli(f"clear l2tp session {gone['session']}")
    lns.wait_sessions(3, 10)
    wait_until("its client notices", lambda: gone["ip-address"] not in str(line.interfaces()), 15)
    assert len(line.interfaces()) == 3


def test_the_tunnel_is_cleared_and_they_return(lns, dial, line):
    dial(4)
    lns.cli(f"clear l2tp tunnel {lns.tunnels()[0]['name']}")
    lns.wait_sessions(0, 10)
    assert not lns.up(lns.tunnels())
    line.forget()
    dial(4)


def test_a_wrong_password_ends_only_its_own_call(lns, dial, line):
    dial(2)
    first = line.interfaces()
    d = line.sh("pppd file /etc/ppp/peer.options user u9@isp password wrong >/dev/null 2>&1; echo status $?")
    assert "status 19" in d, d      # pppd: we failed to authenticate ourselves
    assert line.interfaces() == first
    assert len(lns.subscribers()) == 2


@pytest.mark.full
def test_thirty_sessions(lns, dial, line):
    rows = dial(30)
    assert len({r["ip-address"] for r in rows}) == 30


def test_the_lac_goes_away_in_good_order(start_lns, net, line):
    """The last of this module: l2tpns is shut down."""
    lns = start_lns(config(users=USERS))
    assert line.dial_pppoe("u%d@isp", "hello", COUNT=2, WAIT=15).ok
    lns.wait_sessions(2, 10)
    line.l2tpns.stop()
    lns.wait_sessions(0, 10)
    assert not lns.up(lns.tunnels())
    line.forget()
