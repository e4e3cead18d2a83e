# SPDX-License-Identifier: BSD-2-Clause
"""Configuration files, the client and its exit statuses, and connections to the management socket."""
import os
import signal
import stat
import subprocess

import pytest

from lib.build import program
from lib.lab import Run, lab
from lib.lns import Refused
from lib.mgmt import EXAMPLE, Client, adit, assert_harmless, check, daemon, lines_with     # noqa: F401 (a fixture)
from lib.net import INET, wait_until


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
        # and line by line, each in the mode that the one before left
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
        for number in 6, 14, 20:
            assert f"{f}:{number}: " in said, said

    def test_pipe(self, net):
        """What is not a regular file is read to its end."""
        r = subprocess.run([program("aditd"), "--check", "--config", "/dev/stdin"], input=EXAMPLE + "nonsense\n",
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
        assert "old configuration stays" in said and lines_with(said, f"file={lns.conf} line=24",
                                                                            'fault="Unknown command"'), said
        assert lines_with(lns.cli("show log"), "level=error", "line=24"), lns.cli("show log 5")
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

    def test_a_second_daemon(self, net, start_lns):
        """It is refused, and takes nothing away from the first."""
        lns = start_lns(EXAMPLE)
        routes = net.lns.routes()
        argv = ["ip", "netns", "exec", net.lns.name, program("aditd"), "--config", str(lns.conf), "--run-dir",
                str(lns.run_dir), "--state-dir", str(lns.state_dir)]
        for args in [], ["--tun", "adit9"]:
            r = subprocess.run([*argv, *args], capture_output=True, text=True, timeout=20, check=False)
            assert r.returncode not in (0, 1) and "aditd: " in r.stderr, r
        assert net.lns.routes() == routes and lns.cli("show running-config") == EXAMPLE
        assert lab(net, "--ping", INET)["ping"]["answered"]

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
        (0, ["-c", "show version"]),
        (0, ["-c", "configure terminal", "-c", "exit", "-c", "exit", "-c", "show nothing"]),
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
        lines = b"! comment\n\nconfigure terminal\nhostname lns2\nend\nshow running-config\n"
        status, out, _ = adit(daemon, input=lines)
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
        f.write_text("profile p2\n ip unnumbered loopback 2\n"
                     "interface loopback 2\n ip address 10.255.0.2 255.255.255.255\n")
        assert adit(daemon, "-f", str(f)) == (0, b"", b""), "order does not matter"
        assert "profile p2\n ip unnumbered loopback 2\n" in daemon.cli("show running-config")
        f.write_text("no profile p2\nno interface loopback 2\n")
        assert adit(daemon, "-f", str(f)) == (0, b"", b"")
        assert daemon.cli("show running-config") == before

    def test_abbreviations(self, daemon):
        assert daemon.cli("sh run") == daemon.cli("show running-config")
        assert daemon.cli("sh l2 sess sum") == daemon.cli("show l2tp session summary")
        assert daemon.cli("conf t", "aaa dn p 7.7.7.7", "do sh run") == EXAMPLE.replace("9.9.9.9", "7.7.7.7")
        assert daemon.cli("conf t", "l2 desti pr wholesale", "rem ho default", "tu pa other", "profile subscriber",
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
