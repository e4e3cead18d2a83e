# SPDX-License-Identifier: BSD-2-Clause
"""adit-lab against aditd: every method, proxy data, many tunnels, traffic between subscribers, a LAC that loses power."""
import re

import pytest

from lib.lab import Run, lab
from lib.lns import config
from lib.net import INET, wait_until


@pytest.mark.parametrize("auth", ["pap", "chap", "ms-chap-v2"])
def test_one_subscriber(net, lns, auth):
    run = Run(net, "--auth", auth, "--calling-number", "0301234567", "--circuit-id", "dslam 1/%d", "--ping", INET,
              "--ping-count", 3, "--ping-interval", 50, "--hold", 2)
    row, = lns.wait_sessions(1)
    r = run.wait()
    assert r["status"] == 0 and r["ping"]["answered"] == 3
    sub, = r["subscribers"]
    assert sub["address"].startswith("10.64.") and sub["gateway"] == "10.255.0.1" and sub["dns"][0] == "9.9.9.9"
    assert row["user-name"] == "bob" and row["calling-number"] == "0301234567"
    lns.wait_sessions(0)
    end = [x for x in lns.log().splitlines() if 'msg="subscriber down"' in x]
    assert len(end) == 1 and "in_octets=252 out_octets=252" in end[0], end


def test_wrong_password(net, lns):
    r = Run(net, "--count", 2, password="wrong").wait()
    assert r["status"] == 1 and r["sessions"]["failed"] == 2 and r["sessions"]["up"] == 0
    assert lns.subscribers() == []


def test_wrong_tunnel_password(net, lns):
    r = Run(net, secret="other").wait()
    assert r["status"] == 1 and r["tunnels"]["failed"] == 1


@pytest.mark.parametrize("auth", ["pap", "chap"])
def test_proxied(net, start_lns, auth):
    """The LAC has authenticated: with its data accepted no LCP and no authentication goes through the tunnel."""
    lns = start_lns(config(host="enable proxy authenticate", mru=1500))
    run = Run(net, "--proxy", "--auth", auth, "--ping", INET, "--hold", 2)
    lns.wait_sessions(1)
    session, = lns.up(lns.sessions())
    r = run.wait()
    assert r["status"] == 0 and "lcp" not in r["latency"], r
    assert session["proxy-lcp-used"] and session["proxy-authentication-used"], session


def test_many_tunnels_and_neighbours(net, lns):
    """Each tunnel from a port of its own; each subscriber sends to its neighbour, and gets every octet of it."""
    r = lab(net, "--count", 300, "--tunnels", 30, "--source-port", 0, "--rate", 0, "--ping", "peer", "--stream", "peer",
            "--stream-pps", 20, "--stream-time", 2, "--stream-size", 1300)
    assert r["tunnels"]["up"] == 30 and r["sessions"]["up"] == 300
    assert r["ping"]["answered"] == 300 and r["ping"]["damaged"] == 0
    assert r["stream"]["received"] == r["stream"]["sent"] == 300 * 40
    assert len({s["address"] for s in r["subscribers"]}) == 300
    lns.wait_sessions(0)


@pytest.mark.parametrize("how", ["lcp", "cdn", "stopccn"])
def test_hang_up(net, start_lns, how):
    lns = start_lns(config(profile="ip access-routes"))

    def host_routes():
        return re.findall(r"^10\.64\.[\d.]+ dev", net.lns.ip("route"), re.M)
    run = Run(net, "--count", 20, "--tunnels", 2, "--hold", 1, "--hangup", how)
    lns.wait_sessions(20)
    wait_until("each has a route", lambda: len(host_routes()) == 20, 1)
    assert run.wait()["status"] == 0
    lns.wait_sessions(0)
    wait_until("no route of a subscriber is left", lambda: not host_routes(), 1)


def test_lac_loses_power(net, start_lns):
    """Its subscribers return through another LAC before their old sessions time out: those with static addresses get the
    same ones again, the old sessions are logged out, and no address is ever at two."""
    users = {f"user{i}": ("hello", f"10.9.0.{i}") for i in range(1, 41)}
    lns = start_lns(config(users=users))
    before = lab(net, "--count", 40, "--tunnels", 4, "--hangup", "silent", user="user%d")
    assert len(lns.subscribers()) == 40     # nobody has told it
    run = Run(net, "--count", 40, "--tunnels", 4, "--ping", INET, "--hold", 2, i=1, user="user%d")
    wait_until("all are back", lambda: len(lns.subscribers()) == 40 and
               all(s["lac"] == "192.0.2.11" for s in lns.subscribers()), 10)
    after = run.wait()
    assert after["status"] == 0 and after["ping"]["answered"] == 40, after
    assert [s["address"] for s in after["subscribers"]] == [s["address"] for s in before["subscribers"]]
    down = [x for x in lns.log().splitlines() if 'msg="subscriber down"' in x and "duplicate-address" in x]
    assert len(down) == 40, lns.log()[-3000:]


@pytest.mark.parametrize("how", ["silent", "cdn", "stopccn", "lcp"])
def test_storm(net, lns, how):
    """All drop at once and return, twice: nobody stays away, and tunnels that have nothing to do with it hear of nothing."""
    r = lab(net, "--count", 600, "--tunnels", 40, "--host-name", "lac%d", "--rate", 0, "--pending", 1000, "--ping", INET,
            "--hold", 1, "--storm", 2, "--storm-drop", how, "--storm-interval", 2, "--hello-probe-tunnels", 5, seconds=90)
    assert [s["never_back"] for s in r["storm"]] == [0, 0] and r["sessions"]["calls_up"] == 1800
    assert r["ping"]["answered"] == 1800
    assert r["probes"] == {"wanted": 5, "up": 5, "dropped": 0, "hellos_lost": 0}
    assert r["latency"]["hello"]["count"] > 10
    if how != "silent":     # old sessions of a LAC without power end later
        lns.wait_sessions(0)


def test_storm_is_refused_in_part(net, start_lns):
    """The LNS has room for fewer: those that are refused call again and again, and are told apart from those that are up."""
    lns = start_lns(config(host="max-sessions 30"))
    r = Run(net, "--count", 40, "--tunnels", 4, "--hold", 4, "--storm", 1, "--storm-drop", "cdn", "--retry", 0.5,
            "--storm-timeout", 6, "--setup-timeout", 5)
    lns.wait_sessions(30)
    lns.configure("l2tp destination profile wholesale", "remote host default", "max-sessions 50")
    lns.wait_sessions(40, 15)
    lns.configure("l2tp destination profile wholesale", "remote host default", "max-sessions 30")
    r = r.wait()
    assert r["status"] == 1 and not r["ok"]
    storm, = r["storm"]
    assert storm["back"] == 30 and storm["never_back"] == 10 and storm["retries"] > 10, r
    assert r["failures"] == {"new: not back in time": 10} or sum(r["failures"].values()) == 10, r["failures"]
    assert any("result 4" in cause or "session-limit" in cause for cause in r["retries"]), r["retries"]


def test_churn(net, lns):
    r = lab(net, "--count", 100, "--tunnels", 4, "--rate", 0, "--ping", INET, "--hold", 4, "--churn", 50)
    assert 150 < r["churn"]["hangups"] == r["churn"]["returned"]
    assert r["sessions"]["calls_up"] == 100 + r["churn"]["hangups"] == r["ping"]["answered"]
    lns.wait_sessions(0)


def test_address_of_another_user(net, start_lns):
    lns = start_lns(config(users={"bob": ("hello", "10.9.0.1"), "eve": ("hello", "10.9.0.1")}))
    bob = Run(net, "--hold", 3, "--ping", INET)
    lns.wait_sessions(1)
    eve = Run(net, i=1, user="eve").wait()
    assert eve["status"] == 1 and eve["sessions"]["up"] == 0
    assert bob.wait()["status"] == 0
    assert ("aaa", "deny-address-in-use") not in lns.counters() or lns.counters()[("aaa", "deny-address-in-use")] == 1
