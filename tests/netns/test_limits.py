# SPDX-License-Identifier: BSD-2-Clause
"""Who is let in and for how long: session and tunnel limits, single-shot tunnels, idle and session timeouts, drain and
shutdown, addresses and pools, and a local address that the machine does not have yet."""
import re
import time

import pytest

from lib.lac import LCP, TERM_ACK, TERM_REQ, Lac
from lib.lns import SECRET, Refused, config
from lib.mgmt import daemon, fields_of, lac, lines_with     # noqa: F401 (fixtures)
from lib.net import INET, LNS, wait_until

LIMIT = ("terminate", "session-create-failed-limit-reached")
HOSTS = {"one": " max-sessions 2", "ga": " sessions-limit-group g", "gb": " sessions-limit-group g",
         "single": " single-shot-tunnel", "many": "",
         "override": " max-sessions 1\n session-out-of-resource-result-code-override"}


def with_hosts(hosts, **kw):
    """The example configuration with a host profile for each name, and what is set there."""
    extra = ""
    for name, lines in hosts.items():
        extra += f" remote host {name}\n  local host lns1\n  local ip address {LNS}\n  tunnel password {SECRET}\n"
        extra += "  interface profile subscriber\n" + "".join(f" {x}\n" for x in lines.splitlines())
    return config(**kw) + extra


def refused(lac, result, error=None):
    """A call that is not taken: the CDN says why."""
    sid = lac.icrq()
    m = lac.expect("CDN", sid)
    assert m.result[0] == result and (error is None or m.result[1] == error), m
    return m


def dialled(lac, user="bob", password="hello"):
    c = lac.call()
    c.dial(user, password)
    return c


def opened(make, host, i=0):
    x = make(i, host=host)
    x.open()
    return x


def reached(client, seconds=1.0):
    """It reaches the network and is reached: at once in a pool, with its host route elsewhere."""
    end, seq = time.monotonic() + seconds, 100
    while not client.ping(INET, seq=seq, timeout=0.15):
        seq += 1
        if time.monotonic() > end:
            return False
    return True


class TestLimits:
    text = with_hosts(HOSTS, tunnel="max-sessions 6\nsessions-limit-group g\n max-sessions 3", extra="")

    def test_host_profile(self, daemon, lac):
        ours, before = opened(lac, "one"), daemon.counters()
        first, _ = dialled(ours), dialled(ours)
        refused(ours, 4)
        refused(ours, 4)
        assert daemon.counted(before)[LIMIT] == 2
        line = lines_with(daemon.log(), "call failed", LIMIT[1])[-1]
        assert fields_of(line)["lac"] == "192.0.2.10" and fields_of(line)["lac_name"] == "one"
        ours.cdn(first)
        daemon.wait_sessions(1)
        dialled(ours)
        refused(ours, 4)
        daemon.configure("l2tp destination profile wholesale", "remote host one", "max-sessions 3")
        dialled(ours)           # the tunnel stays, the new limit holds at once
        refused(ours, 4)
        daemon.configure("l2tp destination profile wholesale", "remote host one", "max-sessions 2")
        profile, = daemon.json("show l2tp destination profile wholesale")
        host, = [h for h in profile["hosts"] if h["remote-host"] == "one"]
        assert (host["sessions"], host["max-sessions"], profile["sessions"]) == (3, 2, 3)

    def test_group(self, daemon, lac):
        a, b = opened(lac, "ga"), opened(lac, "gb", 1)
        first = dialled(a)
        dialled(b)
        dialled(b)
        refused(a, 4)
        refused(b, 4)
        dialled(opened(lac, "many"))    # not of the group
        a.cdn(first)
        daemon.wait_sessions(3)
        dialled(b)

    def test_destination_profile(self, daemon, lac):
        ours = opened(lac, "many")
        for _ in range(6):
            dialled(ours)
        refused(ours, 4)
        refused(opened(lac, "one", 1), 4)

    def test_override(self, daemon, lac):
        ours = opened(lac, "override")
        dialled(ours)
        refused(ours, 2, 4)

    def test_chassis(self, daemon, lac):
        daemon.configure("l2tp max-sessions 2", "l2tp max-tunnels 2")
        try:
            ours, other = opened(lac, "many"), opened(lac, "one", 1)
            dialled(ours)
            dialled(other)
            refused(ours, 4)
            third = lac(2, host="ga")
            third.sccrq()
            stop = third.take("StopCCN")
            assert stop and stop.result[0] == 2 and stop.result[1] == 4, stop
            third.peer_tid = 0
        finally:
            daemon.configure("no l2tp max-sessions", "no l2tp max-tunnels")
        dialled(ours)
        dialled(opened(lac, "ga", 2))

    def test_calls_in_progress(self, daemon, lac):
        daemon.configure("l2tp calls-in-progress 1")
        try:
            ours = opened(lac, "many")
            sid = ours.icrq()
            m = ours.expect("ICRP", sid)
            refused(ours, 4)
            ours.iccn(m.number(14))
        finally:
            daemon.configure("no l2tp calls-in-progress")
        dialled(ours)

    def test_single_shot(self, daemon, lac):
        ours = opened(lac, "single")
        c = dialled(ours)
        assert c.ping(INET)
        refused(ours, 4)
        assert c.ping(INET, seq=2)
        ours.cdn(c)
        start = time.monotonic()
        assert ours.expect("StopCCN", timeout=2).result[0] == 1 and time.monotonic() - start < 1
        ours.peer_tid = 0
        dialled(opened(lac, "single"))

    def test_drain(self, daemon, lac):
        ours = opened(lac, "many")
        c = dialled(ours)
        daemon.configure("l2tp drain")
        assert "L2TP administrative state is drain\n" in daemon.cli("show l2tp")
        assert c.ping(INET)
        refused(ours, 3)
        new = lac(1, host="many")
        new.sccrq()
        assert new.expect("StopCCN").result[0] == 6
        new.peer_tid = 0
        assert c.ping(INET, seq=2) and len(daemon.subscribers()) == 1
        assert "l2tp drain\n" in daemon.cli("show running-config")
        daemon.configure("no l2tp drain")
        dialled(ours)
        dialled(opened(lac, "many", 1))

    def test_shutdown(self, daemon, lac):
        a, b = opened(lac, "many"), opened(lac, "one", 1)
        for x in a, a, b:
            dialled(x)
        daemon.configure("l2tp shutdown")
        for x in a, b:
            assert x.expect("StopCCN").result[0] == 6
            x.peer_tid = 0
        daemon.wait_sessions(0)
        new = lac(2, host="many")
        new.sccrq()
        assert new.expect("StopCCN").result[0] == 6
        new.peer_tid = 0
        assert daemon.json("show l2tp")[0]["administrative-state"] == "disabled"
        daemon.configure("no l2tp shutdown")
        dialled(opened(lac, "many"))

    def test_drain_a_tunnel(self, daemon, lac):
        """One tunnel takes no new call and keeps what it has; the LAC's other tunnel goes on. `no` restores."""
        ours, other = opened(lac, "many"), opened(lac, "one", 0)
        c, before = dialled(ours), daemon.counters()
        row, = [t for t in daemon.tunnels() if t["peer-host-name"] == "many" and t["status"] == "up"]
        daemon.configure(f"l2tp drain tunnel {row['name']}")
        refused(ours, 3)
        assert daemon.counted(before)["terminate", "session-rx-icrq-admin-close"] == 1
        assert c.ping(INET)
        dialled(other)
        shown = daemon.json(f"show l2tp tunnel {row['name']}")[0]
        assert (shown["administrative-state"], shown["effective-administrative-state"]) == ("drain", "drain")
        session, = [s for s in daemon.sessions() if s["name"].startswith(f"{row['name']}/")]
        assert (session["administrative-state"], session["effective-administrative-state"]) == ("enabled", "drain")
        assert "Effective administrative state is drain\n" in daemon.cli(f"show l2tp session {session['name']}")
        assert "drain" not in daemon.cli("show running-config")
        line, = lines_with(daemon.log(), "administrative state set", "state=drain")[-1:]
        assert fields_of(line)["level"] == "tunnel"
        daemon.configure(f"no l2tp drain tunnel ip 192.0.2.10 {row['name'].split('/')[1]}")
        dialled(ours)

    def test_drain_a_destination(self, daemon, lac):
        ours, far = opened(lac, "many"), opened(lac, "one", 1)
        c = dialled(ours)
        tunnel = next(t for t in daemon.tunnels() if t["peer-address"] == "192.0.2.10" and t["status"] == "up")
        dest = tunnel["name"].split("/")[0]
        daemon.configure("l2tp drain destination ip 192.0.2.10")
        refused(ours, 3)
        new = lac(host="many")
        new.sccrq()
        assert new.expect("StopCCN").result[0] == 6
        new.peer_tid = 0
        assert c.ping(INET)
        dialled(far)
        daemon.configure(f"no l2tp drain destination {dest}")
        dialled(ours)

    def test_shutdown_a_destination(self, daemon, lac):
        """Its tunnels and sessions end, and it stays closed though nothing of it is left; others live."""
        ours, again, far = opened(lac, "many"), opened(lac, "one"), opened(lac, "ga", 1)
        dialled(ours)
        dialled(again)
        c = dialled(far)
        daemon.configure("l2tp shutdown destination ip 192.0.2.10")
        for x in ours, again:
            assert x.expect("StopCCN").result[0] == 6
            x.peer_tid = 0
        daemon.wait_sessions(1)
        assert c.ping(INET)
        new = lac(host="many")
        new.sccrq()
        assert new.expect("StopCCN").result[0] == 6
        new.peer_tid = 0
        daemon.configure("no l2tp shutdown destination ip 192.0.2.10")
        dialled(opened(lac, "many"))

    def test_shutdown_a_tunnel_and_a_session(self, daemon, lac):
        ours, other = opened(lac, "many"), opened(lac, "one")
        ends, stays, there = dialled(ours), dialled(ours), dialled(other)
        row, = [s for s in daemon.sessions() if s["remote-session-id"] == ends.sid and s["lac-name"] == "many"]
        daemon.configure(f"l2tp shutdown session {row['name']}")
        assert ours.expect("CDN", ends.sid).result[0] == 3
        assert stays.ping(INET)
        with pytest.raises(Refused) as e:
            daemon.configure(f"l2tp shutdown session {row['name']}")
        assert e.value.status == 1 and "No such L2TP session" in e.value.text
        tunnel = "/".join(row["name"].split("/")[:2])
        daemon.configure(f"l2tp shutdown tunnel {tunnel}")
        assert ours.expect("StopCCN").result[0] == 6
        ours.peer_tid = 0
        daemon.wait_sessions(1)
        assert there.ping(INET)
        with pytest.raises(Refused):
            daemon.configure(f"no l2tp drain tunnel {tunnel}")

    def test_changed_host_profile(self, daemon, lac):
        """A new tunnel password ends the tunnels of that host profile, a deleted profile its own; others stay."""
        one, many = opened(lac, "one"), opened(lac, "many", 1)
        dialled(one)
        c, before = dialled(many), daemon.counters()
        daemon.configure("l2tp destination profile wholesale", "remote host one", "tunnel password other")
        assert one.expect("StopCCN").result[0] == 1
        one.peer_tid = 0
        again = opened(lambda i, host: lac(i, host=host, secret="other"), "one")
        text = daemon.cli("show running-config")
        daemon.configure("l2tp destination profile wholesale", "no remote host one")
        assert again.expect("StopCCN").result[0] == 1
        again.peer_tid = 0
        counted = daemon.counted(before)
        assert counted[("terminate", "tunnel-host-profile-changed")] == 1
        assert counted[("terminate", "tunnel-host-profile-deleted")] == 1
        assert c.ping(INET) and many.take("StopCCN", timeout=0.1) is None
        daemon.apply(text.replace("tunnel password other", f"tunnel password {SECRET}"))

    def test_nothing_is_left(self, daemon):
        """After all of these: no session counts anywhere."""
        wait_until("all sessions are over", lambda: not daemon.subscribers(), 3)
        profile, = daemon.json("show l2tp destination profile wholesale")
        assert profile["sessions"] == 0 and not any(h["sessions"] for h in profile["hosts"])
        info, = daemon.json("show l2tp")
        assert info["sessions"]["active"] == info["calls-in-progress"] == info["established-sessions"] == 0


class TestTimes:
    text = config(users={"bob": "hello", "eve": "hello", "ida": "hello"}, host="hello-interval 1",
                  extra="l2tp tunnel idle-timeout 2\naaa local username bob database default\n session-timeout 2\n"
                        "aaa local username ida database default\n idle-timeout 2\n")

    def test_idle_tunnel(self, daemon, lac):
        """A tunnel without sessions goes in its time, one with a session stays, and its time begins when that ends."""
        empty, busy = opened(lac, "test-lac"), opened(lac, "test-lac", 1)
        c = dialled(busy, "eve")
        start = time.monotonic()
        assert empty.expect("StopCCN", timeout=4).result[0] == 1
        assert 1.5 < time.monotonic() - start < 3.5
        empty.peer_tid = 0
        busy.wait(lambda: False, 1)
        assert c.ping(INET) and busy.take("StopCCN", timeout=0.1) is None
        busy.cdn(c)
        start = time.monotonic()
        assert busy.expect("StopCCN", timeout=4).result[0] == 1 and 1.5 < time.monotonic() - start < 3.5
        busy.peer_tid = 0
        assert lines_with(daemon.log(), "tunnel down", "reason=tunnel-timeout-idle")

    def test_sessions(self, daemon, lac):
        """Session-Timeout ends the busy one; Idle-Timeout the silent one, not one that moves octets."""
        ours = opened(lac, "test-lac")
        start = time.monotonic()
        bob, ida, eve = dialled(ours, "bob"), dialled(ours, "ida"), dialled(ours, "eve")
        rows = {r["user-name"]: r for r in daemon.subscribers()}
        assert rows["bob"]["session-timeout"] == 2 and rows["ida"]["idle-timeout"] == 2
        ended, seq = {}, 0
        while len(ended) < 2 and time.monotonic() - start < 9:
            seq += 1
            now = time.monotonic() - start
            for name, c in (("bob", bob), ("ida", ida)):
                got = c.recv(LCP, TERM_REQ, timeout=0.01, must=False) if name not in ended else None
                if got:
                    c.code(LCP, TERM_ACK, got[1])
                    ended[name] = now
                    assert ours.expect("CDN", c.sid).result[0] == 3
            if "bob" not in ended:
                bob.ping(INET, seq=seq, timeout=0.2)
            if now < 3 and "ida" not in ended:
                ida.ping(INET, seq=seq, timeout=0.2)
            ours.wait(lambda: False, 0.2)
        assert 1.9 < ended["bob"] < 3.3 and 4.8 < ended["ida"] < 7, ended
        assert eve.ping(INET, seq=1000)
        for user, reason in ("bob", "session-timeout"), ("ida", "idle-timeout"):
            line, = lines_with(daemon.log(), "subscriber down", f'user="{user}"')
            assert reason in fields_of(line)["reason"], line
            assert fields_of(line)["terminate_cause"] == {"bob": "5", "ida": "4"}[user]


def users(**addresses):
    return {name: ("hello", address) for name, address in addresses.items()}


class TestAddresses:
    text = config(users={**users(in1="10.64.0.1", out1="10.9.0.1", out2="10.9.0.1", any1="255.255.255.254"),
                         "bob": "hello", "tom": "hello"},
                  pool="10.64.0.0 10.64.0.1",
                  extra="ip local pool two 10.65.0.0 10.65.0.1\nip local pool subscribers 10.64.0.8 10.64.0.8\n"
                        "aaa local username tom database default\n ip-address-pool two\n")

    def routes(self, net):
        return set(re.findall(r"^(10\.(?:9|6[45])\.[\d./]+) dev adit0 proto 173", net.lns.ip("route"), re.M))

    def in_use(self, daemon):
        return {r["start"]: r["in-use"] for r in daemon.json("show ip local pool")}

    def test_pools_in_their_order(self, net, daemon, lac):
        """Pool by pool, range by range; the one more than there are addresses is refused by name."""
        ours, before = opened(lac, "test-lac"), daemon.counters()
        got = [dialled(ours) for _ in range(5)]
        assert {c.address for c in got[:3]} == {"10.64.0.0", "10.64.0.1", "10.64.0.8"}
        assert {c.address for c in got[3:]} == {"10.65.0.0", "10.65.0.1"}
        assert self.in_use(daemon) == {"10.64.0.0": 2, "10.64.0.8": 1, "10.65.0.0": 2}
        sixth = ours.call()
        sixth.open_lcp()
        assert sixth.authenticate("bob", "hello") == "bad"
        cdn = ours.expect("CDN", sixth.sid, 5)
        assert cdn.result[0] == 4 and "address" in cdn.result[2], cdn
        assert daemon.counted(before)[("terminate", "deny-address-allocation-failure")] == 1
        line = lines_with(daemon.log(), "call failed")[-1]
        assert fields_of(line)["reason"] == "deny-address-allocation-failure" and fields_of(line)["user"] == "bob"
        assert all(c.ping(INET, seq=9) for c in got)
        ours.cdn(got[1])
        daemon.wait_sessions(4)
        assert dialled(ours).address == got[1].address
        assert self.routes(net) == {"10.64.0.0/31", "10.64.0.8", "10.65.0.0/31"}, "pools are routed whole"

    def test_the_pool_of_a_user(self, daemon, lac):
        ours = opened(lac, "test-lac")
        assert {dialled(ours, "tom").address for _ in range(2)} == {"10.65.0.0", "10.65.0.1"}
        c = ours.call()
        c.open_lcp()
        assert c.authenticate("tom", "hello") == "bad", "no other pool for it, whatever is free there"
        assert dialled(ours).address.startswith("10.64.")

    def test_the_pool_of_a_profile(self, daemon, lac):
        daemon.configure("profile subscriber", "ip address-pool two")
        ours = opened(lac, "test-lac")
        try:
            assert dialled(ours).address.startswith("10.65.") and dialled(ours, "any1").address.startswith("10.65.")
        finally:
            daemon.configure("profile subscriber", "no ip address-pool")

    def test_static(self, net, daemon, lac):
        """Inside a pool it is taken from it, outside it has a host route, for as long as its session lives."""
        ours = opened(lac, "test-lac")
        inside, outside = dialled(ours, "in1"), dialled(ours, "out1")
        assert (inside.address, outside.address) == ("10.64.0.1", "10.9.0.1")
        wait_until("a host route", lambda: "10.9.0.1" in self.routes(net), 1)
        assert reached(inside) and reached(outside)
        assert "10.64.0.1" not in {dialled(ours).address for _ in range(4)}
        ours.cdn(outside)
        wait_until("it is gone", lambda: "10.9.0.1" not in self.routes(net), 1)

    def test_of_another_user(self, daemon, lac):
        ours = opened(lac, "test-lac")
        holder = dialled(ours, "out1")
        c = ours.call()
        c.open_lcp()
        assert c.authenticate("out2", "hello") == "bad"
        assert reached(holder) and len(daemon.subscribers()) == 1

    def test_the_same_user_again(self, daemon, lac):
        """The holder is logged out and the new session gets the address; with the check off it is refused."""
        old, new = opened(lac, "test-lac"), opened(lac, "test-lac", 1)
        for user, address in ("out1", "10.9.0.1"), ("in1", "10.64.0.1"):
            holder = dialled(old, user)
            at, start = len(daemon.log()), time.monotonic()
            c = dialled(new, user)
            assert c.address == address and time.monotonic() - start < 2 and reached(c)
            assert old.expect("CDN", holder.sid)
            line, = lines_with(daemon.log()[at:], "subscriber down")
            assert "duplicate" in fields_of(line)["reason"] and fields_of(line)["lac"] == "192.0.2.10"
            row, = daemon.json(f"show subscribers user {user}")
            assert row["lac"] == "192.0.2.11"
            daemon.configure("no aaa duplicate-address-check")
            try:
                third = old.call()
                third.open_lcp()
                assert third.authenticate(user, "hello") == "bad"
                assert c.ping(INET, seq=2)
            finally:
                daemon.configure("aaa duplicate-address-check")

    def test_a_lac_that_lost_power(self, net, daemon):
        """Its subscribers, in pools and with addresses of their own, come through another LAC while their old sessions
        still live; no address is ever at two, and those with one of their own have it back."""
        old, new = Lac(net.lac(0), "192.0.2.10"), Lac(net.lac(1), "192.0.2.11")
        old.open()
        before = {u: dialled(old, u).address for u in ("in1", "out1", "bob")}
        old.close()             # not a word
        new.open()
        after = {u: dialled(new, u).address for u in ("out1", "bob", "in1")}
        assert after["in1"] == before["in1"] and after["out1"] == before["out1"] and after["bob"] != before["bob"]
        rows = daemon.subscribers()
        assert len({r["ip-address"] for r in rows}) == len(rows) == 4
        assert {r["user-name"] for r in rows if r["lac"] == "192.0.2.10"} == {"bob"}
        daemon.cli("logout subscribers lac 192.0.2.10")
        new.leave()
        wait_until("all is given back", lambda: not sum(self.in_use(daemon).values()), 6)

    def test_tunnel_methods_come_first(self, daemon, lac):
        daemon.configure("aaa authentication tunnel default none")
        ours = opened(lac, "test-lac")
        try:
            assert dialled(ours, "stranger", "whatever").ping(INET)
        finally:
            daemon.configure("no aaa authentication tunnel default")
        c = ours.call()
        c.open_lcp()
        assert c.authenticate("stranger", "whatever") == "bad"

    def test_pools_change_under_sessions(self, net, daemon, lac):
        """A pool that goes takes no session with it; its subscribers are still reached."""
        ours = opened(lac, "test-lac")
        c = dialled(ours, "tom")
        daemon.configure("no ip local pool two 10.65.0.0 10.65.0.1")
        try:
            assert reached(c)
            with pytest.raises(Refused):
                daemon.cli("write memory")      # tom's pool is not there
        finally:
            daemon.configure("ip local pool two 10.65.0.0 10.65.0.1")
        assert c.ping(INET, seq=2) and self.in_use(daemon)["10.65.0.0"] == 1
        assert dialled(ours, "tom").address != c.address
        assert "10.65.0.0/31" in self.routes(net)

    def test_access_routes(self, net, daemon, lac):
        daemon.configure("profile subscriber", "ip access-routes")
        ours = opened(lac, "test-lac")
        try:
            got = [dialled(ours) for _ in range(3)]
            wait_until("host routes for all", lambda: {c.address for c in got} <= self.routes(net), 1)
        finally:
            daemon.configure("profile subscriber", "no ip access-routes")
        ours.stop()
        ours.peer_tid = 0
        wait_until("they are gone", lambda: self.routes(net) == {"10.64.0.0/31", "10.64.0.8", "10.65.0.0/31"}, 1)


class TestLocalAddress:
    """One that is not on the machine is accepted, said once, and used when it appears."""
    text = config().replace(f"local ip address {LNS}", "local ip address 192.0.2.77")

    def test_it_appears(self, net, daemon):
        time.sleep(2.5)         # several tries
        said = lines_with(daemon.log(), "192.0.2.77")
        assert len(said) == 1 and "level=notice" in said[0], said
        gone = Lac(net.lac(0), "192.0.2.10")
        gone.sccrq()
        assert gone.take("SCCRP", timeout=0.3) is None, "nobody serves another address"
        gone.close()
        net.lns.ip("addr", "add", "192.0.2.77/24", "dev", "wan0")
        try:
            wait_until("it is said", lambda: len(lines_with(daemon.log(), "192.0.2.77")) == 2, 6)
            here = Lac(net.lac(0), "192.0.2.10", lns="192.0.2.77")
            here.open()
            c = dialled(here)
            assert c.ping(INET) and daemon.tunnels()[0]["local-address"] == "192.0.2.77"
            here.leave()
        finally:
            net.lns.ip("addr", "del", "192.0.2.77/24", "dev", "wan0")
