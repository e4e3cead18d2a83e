# SPDX-License-Identifier: BSD-2-Clause
"""The client `adit` at a terminal and in a pipe, against a scripted daemon: no daemon of ours, no namespace.

    this test --- pty --- adit --- unix socket --- Daemon (a thread here)
"""
import os
import pty
import re
import select
import socket
import subprocess
import termios
import threading
import time

import pytest

from lib.build import program


class Daemon(threading.Thread):
    """Answers by a table of request line -> octets; remembers what it was asked."""

    def __init__(self, run_dir, answers):
        super().__init__(daemon=True)
        self.answers, self.asked, self.conn, self.files = answers, [], None, []
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(str(run_dir / "adit.sock"))
        self.sock.listen()
        self.start()

    def run(self):
        while True:
            try:
                self.conn, _ = self.sock.accept()
            except OSError:
                return
            lines = self.conn.makefile("rb")
            for line in lines:
                line = line.decode()[:-1]
                self.asked.append(line)
                if line.startswith("file "):
                    self.files.append(lines.read(int(line[5:])))
                    line = "file"
                answer = self.answers.get(line, frame(400, "lns>"))
                if answer is None:
                    self.conn.shutdown(socket.SHUT_RDWR)
                    break
                self.conn.sendall(answer)

    def push(self, text):
        self.conn.sendall(frame(110, text))


def frame(code, text):
    return b"=%d %d\n" % (code, len(text.encode())) + text.encode()


ANSWERS = {
    "prompt": frame(200, "lns>"),
    "line show version": frame(100, "adit 0.1.0\n") + frame(200, "lns>"),
    "line show rows": b"".join(frame(100, f"row {i}\n") for i in range(100)) + frame(200, "lns>"),
    "line enable": frame(200, "lns#"),
    "line bad": frame(100, "bad\n^\nunknown command\n") + frame(400, "lns>"),
    "line gone": frame(100, "no such tunnel\n") + frame(404, "lns>"),
    "line refuse": frame(100, "in use\n") + frame(409, "lns>"),
    "line break": frame(100, "some\n") + frame(500, "lns>"),
    "line exit": frame(221, ""),
    "line die": None,
    "line test": b"",
    "cancel": frame(100, "% Interrupted\n") + frame(409, "lns>"),
    "help show v": frame(100, "  version   what runs\n") + frame(200, "lns>"),
    "help show ": frame(100, "  rows\n  version\n") + frame(200, "lns>"),
    "complete sh": frame(100, "show\n") + frame(200, "lns>"),
    "complete show ": frame(100, "rows\nversion\n") + frame(200, "lns>"),
    "complete show ve": frame(100, "verbose\nversion\n") + frame(200, "lns>"),
    "file": frame(200, "lns>"),
}


@pytest.fixture
def daemon(tmp_path):
    d = Daemon(tmp_path, ANSWERS)
    yield d
    d.sock.close()


def batch(tmp_path, *args, stdin=None):
    return subprocess.run([program("adit"), "--run-dir", str(tmp_path), *args], input=stdin, text=True,
                          capture_output=True, timeout=10)


class Terminal:
    def __init__(self, run_dir, rows=24, columns=80):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="vt100", LC_ALL="C.UTF-8")
            time.sleep(0.1)
            os.execv(program("adit"), ["adit", "--run-dir", str(run_dir)])
        termios.tcsetwinsize(self.fd, (rows, columns)) if hasattr(termios, "tcsetwinsize") else \
            subprocess.run(["stty", "rows", str(rows), "columns", str(columns)], stdin=self.fd, check=True)
        self.seen = ""

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, timeout=5):
        """Waits for a pattern; returns what came up to its end, and forgets it."""
        end = time.monotonic() + timeout
        while True:
            m = re.search(pattern, self.seen, re.S)
            if m:
                got, self.seen = self.seen[:m.end()], self.seen[m.end():]
                return got
            left = end - time.monotonic()
            assert left > 0 and select.select([self.fd], [], [], left)[0], f"no {pattern!r} in {self.seen!r}"
            try:
                self.seen += os.read(self.fd, 4096).decode()
            except OSError:
                raise AssertionError(f"ended without {pattern!r}: {self.seen!r}") from None

    def status(self):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                if select.select([self.fd], [], [], 0.1)[0]:
                    self.seen += os.read(self.fd, 4096).decode()
            except OSError:
                pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        raise AssertionError("does not end")


@pytest.fixture
def terminal(daemon, tmp_path):
    t = Terminal(tmp_path)
    t.expect("lns> ")
    yield t
    try:
        os.kill(t.pid, 9)
        os.waitpid(t.pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


# ---- not at a terminal ----

def test_commands_and_their_exit_statuses(daemon, tmp_path):
    for command, status, out, err in [
            ("show version", 0, "adit 0.1.0\n", ""), ("show rows | count", 0, "100\n", ""),
            ("bad", 2, "", "bad\n^\nunknown command\n"), ("gone", 1, "", "no such tunnel\n"),
            ("refuse", 1, "", "in use\n"), ("break", 1, "", "some\n"), ("exit", 0, "", ""),
            ("show version | include (", 2, "", None), ("die", 3, "", None)]:
        r = batch(tmp_path, "-c", command)
        assert (r.returncode, r.stdout) == (status, out), command
        assert err is None or r.stderr == err


def test_stops_at_the_first_that_fails(daemon, tmp_path):
    r = batch(tmp_path, "-c", "enable", "-c", "refuse", "-c", "show version")
    assert r.returncode == 1 and r.stdout == ""
    assert daemon.asked == ["line enable", "line refuse"]


def test_lines_from_a_pipe(daemon, tmp_path):
    r = batch(tmp_path, stdin="show version\n\n! comment\nshow version | count\nexit\nshow version\n")
    assert (r.returncode, r.stdout) == (0, "adit 0.1.0\n1\n")
    r = batch(tmp_path, stdin="show version\nbad\nshow version\n")
    assert (r.returncode, r.stdout) == (2, "adit 0.1.0\n")


def test_a_file_goes_whole(daemon, tmp_path):
    body = "hostname a\ninterface loopback 0\n ip address 10.0.0.1 255.255.255.255\n"
    (tmp_path / "c").write_text(body)
    assert batch(tmp_path, "-f", str(tmp_path / "c")).returncode == 0
    assert batch(tmp_path, "-f", "-", stdin=body * 1000).returncode == 0
    assert daemon.files == [body.encode(), body.encode() * 1000]
    assert batch(tmp_path, "-f", str(tmp_path / "none")).returncode == 1


def test_no_daemon_and_wrong_usage(tmp_path):
    assert batch(tmp_path, "-c", "show version").returncode == 3
    assert batch(tmp_path, "--nonsense").returncode == 64
    assert batch(tmp_path, "word").returncode == 64
    assert "usage:" in batch(tmp_path, "--help").stdout
    assert re.match(r"adit \d", batch(tmp_path, "--version").stdout)


# ---- at a terminal ----

def test_a_command_and_the_next_prompt(terminal):
    terminal.type("show version\r")
    terminal.expect("adit 0.1.0\r\n.*lns> ")
    terminal.type("enable\r")
    terminal.expect("lns# ")
    terminal.type("bad\r")
    terminal.expect("unknown command\r\n.*lns> ")


def test_help_at_once_and_the_line_comes_back(terminal, daemon):
    terminal.type("show v?")
    terminal.expect("version   what runs\r\n.*lns> show v")
    terminal.type("ersion\r")
    terminal.expect("adit 0.1.0")
    assert daemon.asked[-2:] == ["help show v", "line show version"]


def test_help_at_the_cursor(terminal, daemon):
    terminal.type("show vxy\x1b[D\x1b[D?")
    terminal.expect("what runs.*lns> show vxy")
    assert daemon.asked[-1] == "help show v"


def test_tab(terminal, daemon):
    terminal.type("sh\t\t")
    terminal.expect("rows\r\nversion\r\n.*lns> show ")
    terminal.type("ve\ts\r")
    terminal.expect("lns> ")
    assert daemon.asked[-1] == "line show vers"


def test_filters_are_offered_by_the_client(terminal, daemon):
    asked = len(daemon.asked)
    terminal.type("show version | ?")
    terminal.expect("include +REGEX.*no-more.*json.*lns> show version \\| ")
    terminal.type("e\tadit\r")
    terminal.expect("lns> ")
    terminal.type("show version | i\tadit\r")
    terminal.expect("adit 0.1.0")
    assert daemon.asked[asked:] == ["line show version"] * 2


def test_an_asynchronous_line_leaves_the_input(terminal, daemon):
    terminal.type("show ver")
    terminal.expect("show ver")
    daemon.push("tunnel up\n")
    terminal.expect("tunnel up\r\n.*lns> show ver")
    terminal.type("sion\r")
    terminal.expect("adit 0.1.0")
    assert daemon.asked[-1] == "line show version"


def test_control_c_cancels_the_line(terminal, daemon):
    terminal.type("show rows")
    terminal.expect("show rows")
    terminal.type("\x03")
    terminal.expect("\\^C.*lns> ")
    terminal.type("show version\r")
    terminal.expect("adit 0.1.0")
    assert daemon.asked[-1] == "line show version"
    assert "line show rows" not in daemon.asked
    terminal.expect("lns> ")
    terminal.type("\x03")
    terminal.expect("\\^C.*lns> ")


def test_pager(terminal):
    terminal.type("show rows\r")
    first = terminal.expect("--More--")
    assert first.count("row ") == 23
    terminal.type("\r")
    assert terminal.expect("--More--").count("row ") == 1
    terminal.type(" ")
    assert terminal.expect("--More--").count("row ") == 23
    terminal.type("q")
    assert "row" not in terminal.expect("lns> ")
    terminal.type("show rows | no-more\r")
    assert "More" not in terminal.expect("row 99\r\n.*lns> ")


def test_control_c_ends_a_long_answer(terminal):
    terminal.type("show rows\r")
    terminal.expect("--More--")
    terminal.type("\x03")
    assert "row" not in terminal.expect("lns> ")
    terminal.type("show version\r")
    terminal.expect("adit 0.1.0")


def test_control_c_ends_what_is_waited_for(terminal, daemon):
    terminal.type("test\r")
    while daemon.asked[-1] != "line test":
        time.sleep(0.01)
    terminal.type("\x03")
    terminal.expect("\\^C.*% Interrupted\r\n.*lns> ")
    assert daemon.asked[-1] == "cancel"
    terminal.type("show version\r")
    terminal.expect("adit 0.1.0")


def test_history(terminal, daemon):
    terminal.type("show version\r")
    terminal.expect("adit 0.1.0.*lns> ")
    terminal.type("\x1b[A\r")
    terminal.expect("adit 0.1.0.*lns> ")
    assert daemon.asked[-2:] == ["line show version"] * 2


@pytest.mark.parametrize("how, status", [("\x04", 0), ("exit\r", 0), ("die\r", 3)])
def test_ends(terminal, how, status):
    terminal.type(how)
    assert terminal.status() == status


def test_the_daemon_goes_away_while_a_line_is_typed(terminal, daemon):
    terminal.type("show")
    terminal.expect("show")
    daemon.conn.shutdown(socket.SHUT_RDWR)
    assert terminal.status() == 3
