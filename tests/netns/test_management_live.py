# SPDX-License-Identifier: BSD-2-Clause
"""Hundreds and thousands of sessions: displays as text and as JSON, what ends sessions, and displays under way while
calls come."""
import json
import re
import signal
import threading
import time

import pytest

from lib.lab import Run, lab
from lib.lac import LCP, TERM_ACK, TERM_REQ, avp
from lib.lns import Refused, config
from lib.mgmt import SHOWS, Client, assert_harmless, daemon, fields_of, lac, lines_with     # noqa: F401 (fixtures)
from lib.net import INET, wait_until


# ---- displays ----

def value_of(text, label):
    """The value after a label in a display, each line it is on."""
    return re.findall(rf"^ *{re.escape(label)} (.*)$", text, re.M)


class TestDisplays:
    """200 subscribers of two LACs in ten tunnels."""
    text = config(profile="ip access-routes", extra="radius authentication server 127.0.0.1\n key testing123").replace(
        "ppp default local", "ppp default none")

    @pytest.fixture(scope="class")
    def live(self, net, daemon):
        runs = [Run(net, "--count", n, "--first", first, "--tunnels", t, "--hold", 200, "--source-port", 0, "--rate", 0,
                    "--host-name", name, "--calling-number", "030%06d", "--called-number", "019",
                    "--circuit-id", "dslam1 eth 0/%d", "--remote-id", "home%d", i=i, user="user%d@isp")
                for i, n, first, t, name in ((0, 120, 1, 4, "lac-a%d"), (1, 80, 1001, 6, "lac-b%d"))]
        daemon.wait_sessions(200, 15)
        wait_until("every subscriber has IP", lambda: all(s["ip-up"] for s in daemon.subscribers()), 5)
        yield daemon
        for r in runs:
            r.proc.send_signal(signal.SIGTERM)
        assert all(r.wait()["sessions"]["up"] for r in runs)
        daemon.wait_sessions(0)

    @pytest.mark.parametrize("command", SHOWS)
    def test_json_parses(self, live, command):
        text, out = live.cli(command), live.cli(f"{command} | json")
        rows = [json.loads(line) for line in out.splitlines()]
        assert all(isinstance(r, dict) for r in rows)
        assert_harmless((text + out).encode(), command)
        found = re.search(r"^(\d+) \S.* found$", text, re.M)
        if found and "profile wholesale" not in command:
            assert len(rows) == int(found[1])
        assert rows or command == "show debugging" or "ended" in command

    def test_sessions(self, live):
        rows = live.json("show l2tp session")
        text = live.cli("show l2tp session")
        assert len(rows) == 200 and len({r["name"] for r in rows}) == 200
        assert re.findall(r"^L2TP session (\S+) is Up$", text, re.M) == [r["name"] for r in rows]
        assert text.endswith("200 L2TP sessions found\n")

    def test_session_detail(self, live):
        """Each sentence says what the JSON says."""
        for row in live.json("show l2tp session detail")[::37]:
            text = live.cli(f"show l2tp session {row['name']}")
            for label, key in (("User name is", "user-name"), ("Local session id is", "local-session-id"),
                               ("Remote session id is", "remote-session-id"), ("CLID is", "calling-number"),
                               ("DNIS is", "called-number"), ("IP address is", "ip-address"), ("LAC address is", "lac"),
                               ("LAC host name is", "lac-name"), ("Agent circuit id is", "circuit-id"),
                               ("Agent remote id is", "remote-id"), ("Local MRU is", "local-mru"),
                               ("Accounting session id is", "acct-session-id"), ("Started at", "started"),
                               ("LCP state is", "lcp-state"), ("IPCP state is", "ipcp-state"),
                               ("Transmit connect speed is", "tx-connect-speed"), ("Interface profile is",
                                                                                   "interface-profile"),
                               ("Authentication method is", "authentication"), ("Call serial number is",
                                                                                "call-serial-number")):
                assert value_of(text, label) == [str(row[key])], (label, text)
            assert value_of(text, "IP is up:") == ["yes"] and row["ip-up"]
            assert row["user-name"].endswith("@isp") and row["called-number"] == "019"

    def test_tunnels_and_destinations(self, live):
        tunnels = live.json("show l2tp tunnel detail")
        assert len(tunnels) == 10 and sum(t["sessions"]["active"] for t in tunnels) == 200
        assert {t["peer-host-name"][:5] for t in tunnels} == {"lac-a", "lac-b"}
        for t in tunnels[::4]:
            text = live.cli(f"show l2tp tunnel {t['name']}")
            assert text.startswith(f"L2TP tunnel {t['name']} is Up with {t['sessions']['active']} active sessions\n")
            for label, key in (("Local tunnel id is", "local-tunnel-id"), ("Remote tunnel id is", "remote-tunnel-id"),
                               ("Peer UDP port is", "peer-port"), ("Peer address is", "peer-address"),
                               ("Peer host name is", "peer-host-name"), ("Receive window size is", "receive-window"),
                               ("State is", "state"), ("Next expected Nr is", "nr")):
                assert value_of(text, label)[:1] == [str(t[key])], (label, text)
            assert live.json(f"show l2tp session ip {t['peer-address']}")
        dests = {d["peer-address"]: d for d in live.json("show l2tp destination detail")}
        assert set(dests) == {"192.0.2.10", "192.0.2.11"}
        assert [dests[f"192.0.2.{i}"]["sessions"]["active"] for i in (10, 11)] == [120, 80]
        text = live.cli("show l2tp destination ip 192.0.2.11")
        assert "is Up with 6 active tunnels and 80 active sessions\n" in text
        assert len(live.json("show l2tp session ip 192.0.2.10")) == 120
        assert len(live.json("show l2tp tunnel virtual-router default ip 192.0.2.10")) == 4

    def test_summaries(self, live):
        info = live.json("show l2tp")[0]
        assert info["sessions"]["active"] == info["established-sessions"] == 200
        assert info["tunnels"]["active"] == info["established-tunnels"] == 10 and info["calls-in-progress"] == 0
        text = live.cli("show l2tp")
        assert re.search(r"Sessions +200 +200 +0 ", text) and re.search(r"Tunnels +10 +10 +0 ", text), text
        assert live.json("show l2tp session summary")[0]["up"] == 200
        assert re.search(r"^  sessions +200 +0 +0 *$", live.cli("show l2tp session summary"), re.M)
        profile, = live.json("show l2tp destination profile wholesale")
        assert profile["sessions"] == profile["hosts"][0]["sessions"] == 200
        assert "current session count is 200\n" in live.cli("show l2tp destination profile wholesale")
        pool, = live.json("show ip local pool subscribers")
        assert pool["in-use"] == 200 and pool["total"] == 65536

    def test_subscribers(self, live):
        rows = live.subscribers()
        text = live.cli("show subscribers").splitlines()
        assert len(text) == 203 and text[-1] == "200 subscribers found"
        for r, line in zip(rows, text[2:]):
            user, address, lac, calling, session, _ = line.split()
            assert (user, address, lac, calling, session) == (r["user-name"], r["ip-address"], r["lac"],
                                                              r["calling-number"], r["session"])
        details = live.cli("show subscribers detail")
        assert sorted(value_of(details, "IP address is")) == sorted(r["ip-address"] for r in rows)

    def test_found_by(self, live):
        one = next(r for r in live.subscribers() if r["user-name"] == "user7@isp")
        for how, expected in ((f"user {one['user-name']}", 1), ("user user7", 0), ("user *", 200),
                              ("user user1?@isp", 0), ("user user1*@isp", 80 + 32), ("address 10.64.9.9", 0),
                              (f"address {one['ip-address']}", 1),
                              ("calling-number 030000007", 1), ("calling-number 03000*", 200), ("calling-number 7", 0),
                              ('circuit-id "dslam1 eth 0/7"', 1), ('circuit-id "dslam1 eth 0/1*"', 112),
                              ("lac 192.0.2.10", 120), ("lac lac-b*", 80), ("lac 192.0.2.99", 0), ("lac lac-a1", 30)):
            rows = live.json(f"show subscribers {how}")
            assert len(rows) == expected, (how, len(rows))
            assert f"{expected} subscriber{'s' * (expected != 1)} found\n" in live.cli(f"show subscribers detail {how}")
            if expected == 1:
                assert rows[0]["session"] == one["session"]

    def test_filters_of_the_client(self, live):
        assert live.cli("show subscribers | include user7@") .count("\n") == 1
        assert live.cli("show subscribers | json | include user7@ | count").strip() == "1"
        assert live.cli("show l2tp session | exclude Up | count").strip() == "1"
        assert live.cli("show l2tp session | begin found") == "200 L2TP sessions found\n"

    def test_slow_reader(self, net, live):
        """A client that asks for a lot and reads nothing costs neither memory nor anybody's time."""
        with Client(live, receive_buffer=4096) as slow:
            rss = live.rss_kib()
            for _ in range(30):
                slow.send("show l2tp session detail")
            start = time.monotonic()
            report = lab(net, "--count", 20, "--first", 5001, "--source-port", 0, "--rate", 0, i=2, user="x%d")
            assert report["sessions"]["up"] == 20
            assert len(live.subscribers()) == 200 and time.monotonic() - start < 10
            assert live.rss_kib() - rss < 8000
            for _ in range(30):
                code, text = slow.answer()
                assert code == 200 and text.count("L2TP session ") == int(text.splitlines()[-1].split()[0]) >= 200

    def test_clients_at_once(self, live):
        """Forty clients with ten requests each, sent before the first is answered: every answer whole and in order."""
        clients = [Client(live) for _ in range(40)]
        for c in clients:
            for i in range(10):
                c.send("show subscribers | json" if i % 2 else "show l2tp tunnel")
        for c in clients:
            for i in range(10):
                code, text = c.answer()
                assert code == 200 and len(text.splitlines()) >= (200 if i % 2 else 11)
            c.sock.close()

    def test_reload_under_way(self, live):
        """Displays go on over changes of the configuration."""
        with Client(live) as reader, Client(live) as writer:
            for _ in range(10):
                reader.send("show l2tp session detail")
            writer.text("configure terminal")
            for i in range(20):
                writer.text(f"aaa dns secondary 1.1.1.{i + 1}")
            writer.text("no aaa dns secondary")
            assert all(reader.answer()[1].endswith("200 L2TP sessions found\n") for _ in range(10))

    def test_log_lines(self, live):
        ups = lines_with(live.log(), 'msg="subscriber up"', "user7@isp")
        f = fields_of(ups[0])
        row, = live.json("show subscribers user user7@isp")
        assert len(ups) == 1
        assert (f["user"], f["address"], f["lac"], f["lac_name"], f["calling"], f["session"], f["circuit_id"]) == (
            "user7@isp", row["ip-address"], "192.0.2.10", row["lac-name"], "030000007", row["session"],
            "dslam1 eth 0/7")
        assert ups[0].split(" ", 1)[1] in live.cli("show log"), "the log that is shown is the log that is written"
        assert len(live.json("show log 7")) == 7


# ---- what ends sessions ----

def client_with(lac, number, circuit="", user="bob", password="hello"):
    extra = avp(22, number) + (avp(1, circuit, m=False, vendor=3561) if circuit else b"")
    c = lac.call(icrq=extra)
    c.dial(user, password)
    return c


class TestEnds:
    text = config(users={"bob": "hello", "eve": "hello"}, profile="ip access-routes", mru=1500)

    def routes(self, net):
        return re.findall(r"^(10\.64\.[\d.]+) dev", net.lns.ip("route"), re.M)

    def gone(self, net, daemon, *clients):
        wait_until("nothing is left of them", lambda: not {c.address for c in clients} & set(self.routes(net)), 1)
        wait_until("nor in the displays", lambda: not {c.address for c in clients} &
                   {r["ip-address"] for r in daemon.subscribers()}, 2)

    def hear_terminate(self, lac, client):
        code, ident, _ = client.recv(LCP, TERM_REQ)
        client.code(LCP, TERM_ACK, ident)
        return lac.expect("CDN", client.sid)

    @pytest.mark.parametrize("how", ["clear l2tp session {session}", "logout subscribers user bob",
                                     "logout subscribers address {address}", "logout subscribers calling-number 0301",
                                     "logout subscribers circuit-id port-1", "clear l2tp session ip 192.0.2.10",
                                     "logout subscribers lac hand-a"])
    def test_one_session(self, net, daemon, lac, how):
        """The client is told, the LAC gets a CDN, the route goes; somebody else's session stays."""
        ours, other = lac(host="hand-a"), lac(1, host="hand-b")
        ours.open()
        other.open()
        bob, eve = client_with(ours, "0301", "port-1"), client_with(other, "0302", "port-2", "eve")
        row, = daemon.json("show subscribers user bob")
        wait_until("both have routes", lambda: set(self.routes(net)) == {bob.address, eve.address}, 1)
        assert bob.ping(INET) and eve.ping(INET)
        at = len(daemon.log())
        said = daemon.cli(how.format(session=row["session"], address=bob.address))
        assert said.startswith("1 ")
        cdn = self.hear_terminate(ours, bob)
        assert cdn.result[0] == 3 and cdn.number(14) == bob.peer_sid
        self.gone(net, daemon, bob)
        assert eve.ping(INET, seq=2)
        assert other.take("CDN", timeout=0.1) is None and ours.take("StopCCN", timeout=0.1) is None
        end, = lines_with(daemon.log()[at:], 'msg="subscriber down"')
        f = fields_of(end)
        assert (f["user"], f["address"], f["lac"], f["calling"], f["session"]) == (
            "bob", bob.address, "192.0.2.10", "0301", row["session"])
        reason = "session-admin-close" if how.startswith("clear") else "shutdown-administrative-reset"
        assert f["reason"] == reason, end
        assert f["in_octets"] == f["out_octets"] == "60" and f["in_packets"] == "1"
        tomb, = [t for t in daemon.ended("session") if t["name"] == row["session"]]
        assert tomb["status"] == "not-present" and tomb["reason"] == f["reason"] and tomb["rx-octets"] == 60

    @pytest.mark.parametrize("how", ["clear l2tp tunnel {tunnel}", "clear l2tp destination {dest}",
                                     "clear l2tp destination ip 192.0.2.10", "clear l2tp tunnel ip 192.0.2.10",
                                     "clear l2tp tunnel all", "clear l2tp destination all"])
    def test_tunnel(self, net, daemon, lac, how):
        ours = lac(host="hand-a")
        ours.open()
        clients = [client_with(ours, f"030{i}") for i in range(3)]
        row = next(t for t in daemon.tunnels() if t["status"] == "up")
        dest = row["name"].split("/")[0]
        before = daemon.counters()
        assert daemon.cli(how.format(tunnel=row["name"], dest=dest)).startswith("1 ")
        stop = ours.expect("StopCCN")
        assert stop.result[0] == 1 and stop.number(9) == ours.peer_tid
        self.gone(net, daemon, *clients)
        ours.peer_tid = 0
        assert daemon.counted(before)[("terminate", "tunnel-admin-close")] == 1
        with pytest.raises(Refused) as e:       # it is closing: there is nothing to clear any more
            daemon.cli(f"clear l2tp tunnel {row['name']}")
        assert e.value.status == 1 and "No such L2TP tunnel" in e.value.text

    def test_all_at_once(self, net, daemon):
        run = Run(net, "--count", 200, "--tunnels", 10, "--source-port", 0, "--rate", 0, "--hold", 60)
        daemon.wait_sessions(200, 15)
        assert daemon.cli("logout subscribers all") == "200 subscribers logged out\n"
        daemon.wait_sessions(0)
        assert not self.routes(net)
        assert daemon.cli("logout subscribers all") == "0 subscribers logged out\n"
        assert daemon.cli("clear l2tp session all") == "0 L2TP sessions cleared\n"
        assert daemon.cli("clear l2tp tunnel all") == "10 L2TP tunnels cleared\n"
        wait_until("no tunnel is up", lambda: not daemon.up(daemon.tunnels()), 3)
        assert daemon.cli("clear l2tp tunnel all") == "0 L2TP tunnels cleared\n"
        run.proc.send_signal(signal.SIGTERM)
        run.wait()

    def test_duration_of_a_second_login(self, daemon, lac):
        """A client that negotiates LCP again is a new subscriber: its end line counts from its own beginning."""
        ours = lac()
        ours.open()
        c = client_with(ours, "0309")
        time.sleep(2.1)
        at = len(daemon.log())
        c.open_lcp()
        assert c.authenticate("bob", "hello") == "good"
        c.open_ipcp()
        wait_until("it is up again", lambda: lines_with(daemon.log()[at:], "subscriber up"), 2)
        ours.cdn(c)
        wait_until("its end is logged", lambda: len(lines_with(daemon.log()[at:], "subscriber down")) == 2, 2)
        first, second = (fields_of(x) for x in lines_with(daemon.log()[at:], "subscriber down"))
        assert int(first["duration_s"]) >= 2 and int(second["duration_s"]) <= 1, (first, second)
        assert first["acct_session_id"] != second["acct_session_id"]


# ---- at scale ----

class TestScale:
    text = config()

    def test_show_while_calls_come(self, net, daemon):
        """Displays of thousands of sessions, each session at most once, while calls come and go."""
        count, stop, seen = 2000, threading.Event(), []

        def reader():
            with Client(daemon) as c:
                while not stop.is_set():
                    rows = c.json("show l2tp session")
                    names = [r["name"] for r in rows]
                    assert len(names) == len(set(names))
                    seen.append(len(names))
        run = Run(net, "--count", count, "--tunnels", 20, "--source-port", 0, "--rate", 0, "--pending", 64,
                  "--hold", 60)
        threads = [threading.Thread(target=reader) for _ in range(2)]
        for t in threads:
            t.start()
        try:
            wait_until(lambda: f"all calls come up: {seen[-1:]}", lambda: any(n >= count for n in seen[-4:]), 40, 0.2)
        finally:
            stop.set()
            for t in threads:
                t.join()
        rows = daemon.subscribers()
        assert len(rows) == count == len({r["ip-address"] for r in rows})
        assert len(daemon.json("show l2tp session detail")) == count
        assert daemon.cli("show l2tp session detail").count("L2TP session ") == count
        assert len(seen) > 4 and seen[0] < count, seen
        run.proc.send_signal(signal.SIGTERM)
        report = run.wait()
        assert report["sessions"]["failed"] == 0, report["failures"]
        daemon.wait_sessions(0)
        assert daemon.json("show ip local pool")[0]["in-use"] == 0
