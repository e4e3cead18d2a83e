# SPDX-License-Identifier: BSD-2-Clause
"""The management plane of a running daemon, with sessions in it: configuration and its files, displays as text and as
JSON, what ends sessions, debugging, and octets of peers that nobody may see raw."""
import json
import os
import re
import signal
import stat
import subprocess
import threading
import time

import pytest

from lib.build import program
from lib.lab import Run, lab
from lib.lac import CHAP, IPCP, LCP, TERM_ACK, TERM_REQ, avp
from lib.lac import Lac
from lib.lns import Lns, Refused, config
from lib.mgmt import EXAMPLE, Client, adit, assert_harmless, check, fields_of, lines_with
from lib.net import INET, wait_until


@pytest.fixture(scope="class")
def daemon(net, request):
    """One daemon for the tests of a class, with its `text`."""
    lns = Lns(net, request.cls.text)
    yield lns
    lns.stop()


@pytest.fixture
def lac(net, daemon):
    lacs = []

    def make(i=0, **kw):
        lacs.append(Lac(net.lac(i), f"192.0.2.{10 + i}", **kw))
        return lacs[-1]
    yield make
    for x in lacs:
        x.leave()


# ---- the file ----

BAD = {
    "unknown": (" tunel password x\n", 23, "Unknown command"),
    "range": ("l2tp max-sessions 0\n", 23, "out of range"),
    "address": ("aaa dns secondary 9.9.9\n", 23, "Not an IPv4 address"),
    "reference": ("profile p2\n ip unnumbered loopback 7\n", 24, 'interface loopback "7" does not exist'),
    "indentation": ("profile p3\n  ppp mru 1000\n ppp mru 1001\n", 25, "indentation"),
    "overlap": ("ip local pool two 10.64.255.0 10.65.0.0\n", 23, "overlaps"),
    "quote": ('hostname "x\n', 23, "quote"),
    "octets": ("hostname a\x01b\n", 23, ""),
}


class TestFiles:
    def test_example(self, start_lns):
        lns = start_lns(EXAMPLE)
        assert lns.cli("show running-config") == EXAMPLE
        rows = lns.json("show running-config")
        assert "".join(" " * r["depth"] + r["line"] + "\n" for r in rows) == EXAMPLE
        lns.apply(EXAMPLE)
        assert lns.cli("show running-config") == EXAMPLE
        for line in EXAMPLE.splitlines():       # each is understood one by one too, in the mode the line before left
            pass
        lns.configure(*(x.strip() for x in EXAMPLE.splitlines()))
        assert lns.cli("show running-config") == EXAMPLE

    def test_check(self, net):
        f = net.dir / "example.conf"
        f.write_text(EXAMPLE)
        assert check(f) == (0, "")
        f.write_text("! a comment\n" + EXAMPLE.replace("\n", "\r\n"))
        assert check(f) == (0, "")
        assert check(net.dir / "not-there.conf")[0] == 78
        assert check(net.dir)[0] == 78
        r = subprocess.run([program("aditd"), "--chek"], capture_output=True, check=False)
        assert r.returncode == 64

    @pytest.mark.parametrize("what", BAD)
    def test_bad(self, net, what):
        line, number, message = BAD[what]
        f = net.dir / "bad.conf"
        f.write_text(EXAMPLE + line)
        status, said = check(f)
        assert status == 78 and f"{f}:{number}: " in said and message in said, said
        assert_harmless(said.encode(), "what --check says")
        r = subprocess.run(["ip", "netns", "exec", net.lns.name, program("aditd"), "--config", str(f), "--run-dir",
                            str(net.dir / "bad-run"), "--state-dir", str(net.dir / "bad-state")], capture_output=True,
                           text=True, timeout=20, check=False)
        assert r.returncode == 78 and f"{f}:{number}: " in r.stderr, r.stderr
        assert not (net.dir / "bad-run").exists(), "refused before anything was touched"

    def test_all_faults_and_no_secret(self, net):
        """Every fault has its line, and a password in a faulty line is not repeated: this goes to the journal."""
        f = net.dir / "secrets.conf"
        f.write_text(EXAMPLE.replace("tunnel password s3cret", 'tunnel password "xyzzy-one')
                     .replace(" password hello", " password xyzzy-two xyzzy-three").replace("30", "0"))
        status, said = check(f)
        assert status == 78 and "xyzzy" not in said, said
        for number in 6, 13, 20:
            assert f"{f}:{number}: " in said, said

    def test_pipe(self, net):
        """What is not a regular file is read to its end."""
        r = subprocess.run(["sh", "-c", f"{program('aditd')} --check --config /dev/stdin"], input=EXAMPLE + "nonsense\n",
                           capture_output=True, text=True, timeout=20, check=False)
        assert r.returncode == 78 and "/dev/stdin:23: Unknown command" in r.stderr, r

    def test_hup(self, net, start_lns):
        lns = start_lns(EXAMPLE)

        def hup(text):
            lns.conf.write_text(text)
            n = len(lns.log())
            lns.proc.send_signal(signal.SIGHUP)
            wait_until("the daemon says what it did", lambda: "reload" in lns.log()[n:], 5)
            return lns.log()[n:]
        run = Run(net, "--count", 20, "--tunnels", 2, "--hold", 30)
        lns.wait_sessions(20)
        said = hup(EXAMPLE + "aaa dns primary 8.8.8.8\nnonsense here\n")
        assert "old configuration stays" in said and f"{lns.conf}:24: Unknown command" in said, said
        assert lines_with(lns.cli("show log"), "level=error", "24: Unknown command"), lns.cli("show log 5")
        assert lns.cli("show running-config") == EXAMPLE and len(lns.subscribers()) == 20
        assert check(lns.conf)[0] == 78
        hup(EXAMPLE.replace("s3cret", 's3cret" "xyzzy'))
        assert "xyzzy" not in lns.log() and "xyzzy" not in lns.cli("show log")
        better = EXAMPLE.replace("9.9.9.9", "8.8.8.8").replace("password hello", "password xyzzy")
        said = hup(better)
        assert "configuration reloaded" in said and lines_with(said, "aaa dns primary 8.8.8.8"), said
        assert "xyzzy" not in said
        assert lns.cli("show running-config") == better
        assert len(lns.subscribers()) == 20, "sessions stay"
        run.proc.send_signal(signal.SIGTERM)
        run.wait()
        assert lab(net, password="xyzzy")["subscribers"][0]["dns"][0] == "8.8.8.8"
        os.unlink(lns.conf)
        lns.proc.send_signal(signal.SIGHUP)
        wait_until("a missing file is said", lambda: "No such file" in lns.log(), 5)
        assert lns.cli("show running-config") == better

    def test_write_memory(self, start_lns):
        lns = start_lns(EXAMPLE)
        history = lns.state_dir / "config-history"
        os.chmod(lns.conf, 0o640)
        inode = os.stat(lns.conf).st_ino
        for i in range(1, 26):
            lns.cli("configure terminal", f"aaa dns primary 1.1.1.{i}", "end", "write memory")
        expected = EXAMPLE.replace("9.9.9.9", "1.1.1.25")
        assert lns.conf.read_text() == expected == lns.cli("show running-config")
        assert os.stat(lns.conf).st_ino != inode, "replaced in one step, not written over"
        assert stat.S_IMODE(os.stat(lns.conf).st_mode) == 0o640
        names = sorted(os.listdir(history))
        assert names == [f"{i:06}.conf" for i in range(6, 26)]
        for i, name in enumerate(names):
            assert f"1.1.1.{i + 6}\n" in (history / name).read_text()
            assert stat.S_IMODE(os.stat(history / name).st_mode) == 0o600, "it has passwords in it"
        assert [x for x in os.listdir(lns.dir) if x.endswith(".new")] == []
        lns.cli("configure terminal", "aaa dns primary 2.2.2.2")        # not saved
        lns.stop()
        lns.start()
        assert lns.cli("show running-config") == expected
        assert "password" not in lns.log() or "hello" not in lns.log()

    def test_nothing_half_written(self, start_lns):
        """A file that cannot be written stays what it was, and the command is refused."""
        lns = start_lns(EXAMPLE)
        os.mkdir(f"{lns.conf}.new")
        status, out, err = adit(lns, "-c", "configure terminal", "-c", "hostname x", "-c", "write memory")
        assert status == 1 and b"Not saved" in out + err
        assert lns.conf.read_text() == EXAMPLE
        lns.configure("no interface loopback 0")        # accepted, and said; a restart would refuse such a file
        with pytest.raises(Refused):
            lns.cli("write memory")
        assert lns.conf.read_text() == EXAMPLE


# ---- commands and their statuses ----

class TestClient:
    text = EXAMPLE

    @pytest.mark.parametrize("status, args", [
        (0, ["-c", "show version"]), (0, ["-c", "configure terminal", "-c", "exit", "-c", "exit", "-c", "show nothing"]),
        (1, ["-c", "show l2tp session 9/9/9"]), (1, ["-c", "clear l2tp tunnel 9/9"]), (1, ["-f", "/not/there"]),
        (1, ["-c", "configure terminal", "-c", "ip local pool subscribers 10.64.1.0 10.64.2.0"]),
        (1, ["-c", "logout subscribers user nobody"]), (1, ["-c", "show version | save /not/there/x"]),
        (2, ["-c", "show nothing"]), (2, ["-c", "show l2tp session x/y"]), (2, ["-c", "s"]), (2, ["-c", "show"]),
        (2, ["-c", "configure terminal", "-c", "l2tp max-sessions 1000001"]), (2, ["-c", "show version | frobnicate"]),
        (2, ["-c", "show version", "-c", "nonsense", "-c", "show version"]), (2, ["-c", "show version | include ["]),
        (3, ["--run-dir", "/not/there", "-c", "show version"]), (64, ["--nonsense"]), (64, ["-c"]), (64, ["show"]),
    ])
    def test_status(self, daemon, status, args):
        got, out, err = adit(daemon, *args)
        assert got == status, (got, out, err)
        assert status == 0 or err, "a failure is said on standard error"

    def test_first_failure_ends(self, daemon):
        status, out, _ = adit(daemon, "-c", "show version", "-c", "nonsense", "-c", "show running-config")
        assert status == 2 and b"adit" in out and b"hostname" not in out
        status, out, _ = adit(daemon, input=b"show version\nnonsense\nshow running-config\n")
        assert status == 2 and b"adit" in out and b"hostname" not in out
        status, out, _ = adit(daemon, input=b"! comment\n\nconfigure terminal\nhostname lns2\nend\nshow running-config\n")
        assert status == 0 and out.startswith(b"hostname lns2\n")
        daemon.configure("hostname lns1")

    def test_caret(self, daemon):
        _, _, err = adit(daemon, "-c", "show l2tp sesion")
        line, caret, message = err.decode().splitlines()
        assert line == "show l2tp sesion" and caret.index("^") == 10 and message == "% Unknown command"

    def test_file_is_whole_or_nothing(self, daemon, net):
        before = daemon.cli("show running-config")
        f = net.dir / "change.conf"
        f.write_text("hostname other\nprofile p2\n ppp mru 1000\nnonsense\n ppp mru 3\naaa dns primary 300.1.1.1\n")
        status, out, err = adit(daemon, "-f", str(f))
        said = (out + err).decode()
        assert status == 1 and "file:4: Unknown command" in said and "file:6: Not an IPv4" in said, said
        assert "Nothing was changed" in said and daemon.cli("show running-config") == before
        f.write_text("remote-references first\n")
        assert adit(daemon, "-f", str(f))[0] == 1
        f.write_text("profile p2\n ip unnumbered loopback 2\ninterface loopback 2\n ip address 10.255.0.2 255.255.255.255\n")
        assert adit(daemon, "-f", str(f)) == (0, b"", b""), "order does not matter"
        assert "profile p2\n ip unnumbered loopback 2\n" in daemon.cli("show running-config")
        f.write_text("no profile p2\nno interface loopback 2\n")
        assert adit(daemon, "-f", str(f)) == (0, b"", b"")
        assert daemon.cli("show running-config") == before

    def test_abbreviations(self, daemon):
        assert daemon.cli("sh run") == daemon.cli("show running-config")
        assert daemon.cli("sh l2 sess sum") == daemon.cli("show l2tp session summary")
        assert daemon.cli("conf t", "aaa dn p 7.7.7.7", "do sh run") == EXAMPLE.replace("9.9.9.9", "7.7.7.7")
        assert daemon.cli("conf t", "l2 de pr wholesale", "rem ho def", "tu pa other", "profile subscriber",
                          "pp mr 1400", "end", "sh run | inc mru|tunnel") == " ppp mru 1400\n  tunnel password other\n"
        daemon.apply(EXAMPLE)
        with Client(daemon) as c:
            assert c.ask("sh l2tp t") == (200, "0 L2TP tunnels found\n")
            code, text = c.ask("c l2tp tunnel all")
            assert code == 400 and "Ambiguous" in text

    def test_modes_and_help(self, daemon):
        with Client(daemon) as c:
            c.text("configure terminal")
            c.text("l2tp destination profile wholesale")
            c.text("remote host default")
            assert "max-sessions" in c.text("show running-config")
            help_ = c.ask("", "help")[1]
            assert "tunnel" in help_ and "Global configuration" in help_
            assert c.ask("tunnel ", "complete")[1] == "password\n"
            assert "subscriber\n" in c.ask("interface profile ", "complete")[1]
            c.text("max-sessions 5")        # the inner one wins
            assert "  max-sessions 5\n" in c.text("show running-config")
            c.text("no max-sessions")
            c.text("aaa dns primary 9.9.9.9")
            assert c.ask("tunnel password x")[0] == 400, "an outer command took the connection there"
        assert daemon.cli("show running-config") == EXAMPLE

    def test_deleted_under_ones_feet(self, daemon):
        with Client(daemon) as a, Client(daemon) as b:
            for line in "configure terminal", "profile gone":
                a.text(line)
            b.text("configure terminal")
            b.text("no profile gone")
            code, text = a.ask("ppp mru 1000")
            assert code == 404 and "deleted" in text
        assert daemon.cli("show running-config") == EXAMPLE

    def test_protocol_abuse(self, daemon):
        """Requests that are none: refused, and the daemon serves the next."""
        for octets in (b"\0\0\0\n", b"nonsense\n", b"line\n", b"file\n", b"file x\n", b"file 99999999999999999999\n",
                       b"line " + b"a" * 20000 + b"\n", b"\xff" * 9000, b"file 10\nshort", b"line show \x00\x1b[2J\n",
                       b"line " + b"x " * 4000 + b"\n", b"help " + b"show " * 90 + b"\n", b"complete \"\n"):
            with Client(daemon) as c:
                c.sock.sendall(octets)
                c.sock.shutdown(1)
                got = b""
                try:
                    while d := c.sock.recv(65536):
                        got += d
                except ConnectionResetError:
                    pass
                assert b"\x1b" not in got
        assert daemon.cli("show version")

    def test_many_clients(self, daemon):
        """All that fit are served; one too many is turned away, and there is room again when others go."""
        clients = [Client(daemon) for _ in range(256)]
        for c in clients:
            c.send("show running-config")
        assert all(c.answer() == (200, EXAMPLE) for c in clients)
        assert adit(daemon, "-c", "show version")[0] == 3
        clients.pop().sock.close()
        wait_until("room for one", lambda: adit(daemon, "-c", "show version")[0] == 0, 2)
        for c in clients:
            c.send("show terminate-code")
            c.sock.close()          # gone before its answer
        wait_until("the daemon has closed them", lambda: daemon.fds() < 40, 3)
        assert daemon.cli("show version")


# ---- displays ----

SHOWS = ["show running-config", "show configuration", "show version", "show log", "show log 3", "show debugging",
         "show terminate-code", "show terminate-code ppp", "show l2tp", "show l2tp counters", "show l2tp counters all",
         "show dataplane", "show l2tp destination", "show l2tp destination detail", "show l2tp destination summary",
         "show l2tp destination detail ended", "show l2tp tunnel", "show l2tp tunnel detail", "show l2tp tunnel summary",
         "show l2tp tunnel ended", "show l2tp session", "show l2tp session detail", "show l2tp session summary",
         "show l2tp session ended", "show l2tp session ip 192.0.2.11", "show l2tp destination profile",
         "show l2tp destination profile wholesale", "show aaa", "show aaa counters", "show ip local pool",
         "show ip local pool subscribers", "show subscribers", "show subscribers detail", "show subscribers user user1*"]


def value_of(text, label):
    """The value after a label in a display, each line it is on."""
    return re.findall(rf"^ *{re.escape(label)} (.*)$", text, re.M)


class TestDisplays:
    """200 subscribers of two LACs in ten tunnels."""
    text = config(profile="ip access-routes").replace("ppp default local", "ppp default none")

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
        for how, expected in ((f"user {one['user-name']}", 1), ("user user7", 0), ("user *", 200), ("user user10??@isp", 0),
                              ("user user1*@isp", 80 + 32), (f"address {one['ip-address']}", 1), ("address 10.64.99.99", 0),
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
                assert code == 200 and len(text.splitlines()) == (200 if i % 2 else 11)
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
            "user7@isp", row["ip-address"], "192.0.2.10", row["lac-name"], "030000007", row["session"], "dslam1 eth 0/7")
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
        assert eve.ping(INET, seq=2) and other.take("CDN", timeout=0.1) is None and ours.take("StopCCN", timeout=0.1) is None
        end, = lines_with(daemon.log()[at:], 'msg="subscriber down"')
        f = fields_of(end)
        assert (f["user"], f["address"], f["lac"], f["calling"], f["session"]) == (
            "bob", bob.address, "192.0.2.10", "0301", row["session"])
        assert f["reason"] in ("admin-logout", "logout-admin", "session-admin-close", "admin") or "admin" in f["reason"], end
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
        wait_until("no tunnel is up", lambda: not lns_up(daemon), 3)
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


def lns_up(lns):
    return [t for t in lns.tunnels() if t["status"] == "up"]


# ---- debugging ----

SECRET, PASSWORD = "tunnel-xyzzy", "user-xyzzy"


class TestDebug:
    text = config(users={"bob": PASSWORD, "eve": PASSWORD}, secret=SECRET, auth="pap chap ms-chap-v2")

    def dial(self, lac, user, auth, how, net):
        assert lab(net, "--auth", auth, "--ping", INET, "--calling-number", "0301", "--hide", *how, i=lac, user=user,
                   password=PASSWORD, secret=SECRET)

    def test_l2tp_of_a_peer(self, net, daemon):
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug l2tp peer 192.0.2.10")
            assert daemon.cli("show debugging") == "debug l2tp peer 192.0.2.10\n"
            self.dial(0, "bob", "chap", (), net)
            self.dial(1, "eve", "chap", (), net)
            lines = c.listen(3, lambda got: any("StopCCN" in x for x in got))
            debug = [x for x in lines if "mod=debug" in x]
            assert debug and all("peer=192.0.2.10:" in x for x in debug), lines
            assert all(x.count("\n") == 1 and x.endswith("\n") for x in lines)
            for name in "SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN", "CDN", "StopCCN", "ZLB":
                assert lines_with("".join(debug), f" {name}"), (name, debug)
            assert not lines_with("".join(debug), "ppp ")
            c.text("no debug l2tp peer 192.0.2.10")
            assert c.ask("no debug l2tp peer 192.0.2.10")[0] == 404
            c.async_lines.clear()
            self.dial(0, "bob", "chap", (), net)
            assert not [x for x in c.listen(0.3) if "mod=debug" in x]

    @pytest.mark.parametrize("auth", ["pap", "chap", "ms-chap-v2"])
    def test_ppp_of_a_user(self, net, daemon, auth):
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug ppp user bob")
            self.dial(0, "eve", auth, (), net)
            self.dial(1, "bob", auth, (), net)
            lines = c.listen(3, lambda got: any("subscriber down" in x and "bob" in x for x in got))
            debug = [x for x in lines if "mod=debug" in x]
            assert debug and all('user="bob"' in x for x in debug), lines
            for what in "IPCP", "LCP":
                assert lines_with("".join(debug), what), debug
            c.text("undebug all")
            assert daemon.cli("show debugging") == ""

    @pytest.mark.parametrize("auth", ["pap", "chap", "ms-chap-v2"])
    @pytest.mark.parametrize("proxy", [False, True])
    def test_secrets_are_not_shown(self, net, daemon, auth, proxy):
        """Not in debug lines, not in the log, not in displays; neither plain nor as hexadecimal."""
        if proxy and auth == "ms-chap-v2":
            pytest.skip("there is no proxy authentication of that type")
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug all")
            self.dial(0, "bob", auth, ("--proxy",) if proxy else (), net)
            lines = "".join(c.listen(3, lambda got: any("StopCCN" in x for x in got)))
            c.text("no debug all")
            assert lines_with(lines, "mod=debug l2tp") and lines_with(lines, "mod=debug ppp")
            shown = lines + daemon.log() + c.text("show log") + "".join(
                c.text(x) for x in SHOWS if "config" not in x)
            for secret in SECRET, PASSWORD:
                assert secret not in shown, lines_with(shown, secret)[0]
                assert secret.encode().hex() not in shown.lower().replace(" ", "").replace(":", "")
            for word in "password", "secret":
                assert not [x for x in lines_with(shown.lower(), word) if "xyzzy" in x]

    def test_wishes(self, daemon):
        """The same wish twice is one; no number of repeats is an error."""
        with Client(daemon) as c:
            for _ in range(100):
                c.text("debug l2tp")
            assert c.text("show debugging") == "debug l2tp\n"
            for i in range(60):
                code, text = c.ask(f"debug ppp user u{i}")
            assert code in (200, 409) and "memory" not in text, text
            assert c.ask("debug l2tp user bob")[0] != 200, "a control message has no user: it would show nothing"
            c.text("undebug all")
            assert c.json("show debugging") == []

    def test_monitor_that_does_not_read(self, net, daemon):
        """Lines for it are lost and counted; the daemon goes on."""
        with Client(daemon, receive_buffer=4096) as c, Client(daemon) as other:
            c.text("terminal monitor")
            c.text("debug all")
            rss = daemon.rss_kib()
            assert lab(net, "--count", 300, "--rate", 0, user="bob", password=PASSWORD, secret=SECRET)
            assert other.text("show version") and daemon.rss_kib() - rss < 20000
            seen = "".join(c.listen(3, lambda got: any("lines were lost" in x for x in got)))
            other.text("undebug all")
            daemon.configure("hostname lns1x", "hostname lns1")
            seen += "".join(c.listen(2, lambda got: any("lines were lost" in x for x in got)))
            assert re.search(r"% [1-9]\d* lines were lost", seen), seen[-500:]

    def test_monitor_of_changes(self, daemon):
        with Client(daemon) as c:
            c.text("terminal monitor")
            daemon.configure("aaa local username zed database default", "password plugh-xyzzy")
            seen = "".join(c.listen(2, lambda got: len(got) >= 2))
            assert "aaa local username zed" in seen and "password *" in seen and "plugh" not in seen + daemon.log()
            c.text("terminal no monitor")
            c.async_lines.clear()
            daemon.configure("no aaa local username zed database default")
            assert not c.listen(0.3)


# ---- octets of peers ----

class Octets(bytes):
    """What is no text, where a text is expected."""

    def encode(self):
        return bytes(self)


HOSTILE = {
    "escapes": b"\x1b[2J\x1b]0;owned\x07\x9b31m", "quotes": b'a" b=\'c\' \\" reason="none', "nul": b"a\0b\0",
    "not-utf8": b"\xff\xfe\xc0\xaf\x80", "lines": b"x\r\n2026-11-20T00:00:00Z level=error mod=l2tp msg=\"forged\"\n",
    "c1": b"\xc2\x9b31m\xc2\x85", "del": b"\x7f\x08\x08", "utf8": "Grüße \u202e\u2028".encode(), "json": b'"},{"name":"x',
    "format": b"%s%n%x%%", "long": b"A" * 150 + b"\x1b" * 50, "blank": b"  ", "words": b"| json ! # ?",
}


class TestHostileOctets:
    text = config().replace("ppp default local", "ppp default none")

    @pytest.mark.parametrize("what", HOSTILE)
    def test_nobody_sees_them_raw(self, daemon, lac, what):
        octets = Octets(HOSTILE[what])
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug all")
            at = len(daemon.log_path.read_bytes())
            ours = lac(host=Octets(octets[:64]))
            ours.open(extra=avp(8, bytes(octets), m=False))
            client = ours.call(icrq=avp(22, bytes(octets)) + avp(21, bytes(octets)) + avp(23, bytes(octets)) +
                               avp(1, bytes(octets[:63]), m=False, vendor=3561) + avp(2, bytes(octets[:63]), m=False, vendor=3561),
                               iccn=avp(37, bytes(octets)))
            client.open_lcp()
            assert client.authenticate(octets, "whatever") == "good"
            client.open_ipcp()
            session, = daemon.up(daemon.sessions())
            raw = b""
            for command in SHOWS + [f"show l2tp session {session['name']}"]:
                for args in (command,), (f"{command} | json",):
                    status, out, err = adit(daemon, *(x for a in args for x in ("-c", a)))
                    assert status == 0, (command, err)
                    assert_harmless(out + err, command)
                    raw += out
            row, = daemon.subscribers()
            as_json = octets.decode() if not what == "not-utf8" and b"\0" not in octets and b"\x9b31" not in octets[:-8] \
                else None
            if as_json is not None and what not in ("escapes",):
                assert row["user-name"] == as_json and row["calling-number"] == as_json
            ours.control("CDN", avp(14, client.sid.to_bytes(2, "big")) + avp(1, b"\0\2\0\6" + octets), sid=client.peer_sid)
            daemon.wait_sessions(0)
            ours.control("StopCCN", avp(9, ours.tid.to_bytes(2, "big")) + avp(1, b"\0\2\0\6" + octets))
            wait_until("the tunnel is down", lambda: not lns_up(daemon), 2)
            ours.peer_tid = 0
            c.text("undebug all")
            for line in c.async_lines:
                assert line.count("\n") == 1
                assert_harmless(line.encode(), "a debug line")
            log = daemon.log_path.read_bytes()[at:]
            assert_harmless(log, "the log")
            assert all(re.match(rb"\d{4}-\d\d-\d\dT[\d:.]+Z level=\w+ mod=\w+ msg=", x) for x in log.splitlines())
            assert b'msg="forged"' not in log
            for level in "session", "tunnel":
                for suffix in "", " | json":
                    assert_harmless(c.text(f"show l2tp {level} detail ended{suffix}").encode(), level)

    def test_names_in_the_configuration(self, daemon):
        """What an operator quotes comes back quoted, and reads as what was written."""
        before = daemon.cli("show running-config")
        for name in (r'"a b"', r'"q\"u\\o"', r'"\x1b[2J"', r'"|"', r'"!"', r'"gr\xc3\xbc\xc3\x9fe"', r'"?"', r'"#x"', r'"no"'):
            daemon.configure(f"aaa local username {name} database default", 'password "p \\" \\x07"')
            text = daemon.cli("show running-config")
            assert_harmless(text.encode(), name)
            assert f"aaa local username {name if name not in (chr(34) + 'no' + chr(34),) else 'no'} database" in text, text
            daemon.apply(text)
            assert daemon.cli("show running-config") == text
            assert [r for r in daemon.json("show running-config")]
            daemon.configure(f"no aaa local username {name} database default")
        assert daemon.cli("show running-config") == before


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
        run = Run(net, "--count", count, "--tunnels", 20, "--source-port", 0, "--rate", 0, "--pending", 64, "--hold", 60)
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
