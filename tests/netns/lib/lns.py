# SPDX-License-Identifier: BSD-2-Clause
"""A running aditd: started in a namespace with a configuration and directories of its own, judged when it ends."""
import json
import os
import re
import signal
import subprocess

from .build import program
from .net import LNS, wait_until

SECRET = "s3cret"
POOL = "10.64.0.0/16"
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer|[Aa]ssertion .* failed")


def config(users=None, host="", profile="", tunnel="", extra="", mru=1442, auth="chap pap ms-chap-v2", keepalive=30,
           secret=SECRET, pool="10.64.0.0 10.64.255.255"):
    """The example configuration with what a test needs otherwise. `users`: {name: password or (password, address)}."""
    lines = ["hostname lns1", "aaa dns primary 9.9.9.9", "aaa authentication ppp default local",
             "aaa local database default"]
    for name, what in (users or {"bob": "hello"}).items():
        password, address = what if isinstance(what, tuple) else (what, None)
        lines += [f"aaa local username {name} database default", f" password {password}"]
        if address:
            lines.append(f" ip-address {address}")
    lines += ["interface loopback 0", " ip address 10.255.0.1 255.255.255.255"]
    if pool:
        lines.append(f"ip local pool subscribers {pool}")
    lines += ["profile subscriber", " ip unnumbered loopback 0", f" ppp authentication {auth}", f" ppp mru {mru}",
              f" ppp keepalive {keepalive}", *(f" {x}" for x in profile.splitlines())]
    lines += ["l2tp destination profile wholesale ip address 0.0.0.0", " max-sessions 60000", *(f" {x}" for x in
              tunnel.splitlines()), " remote host default", "  local host lns1", f"  local ip address {LNS}"]
    if secret:
        lines.append(f"  tunnel password {secret}")
    lines += ["  interface profile subscriber", *(f"  {x}" for x in host.splitlines())]
    return "\n".join([*lines, extra.strip(), ""])


class Refused(AssertionError):
    """A command that the daemon refused; `status` as of `adit -c`."""

    def __init__(self, command, r):
        super().__init__(f"{command}: {r.returncode}\n{r.stdout}{r.stderr}")
        self.status, self.text = r.returncode, r.stderr or r.stdout


class Lns:
    def __init__(self, net, text, ns=None, name="lns", args=()):
        self.net, self.ns, self.args = net, ns or net.lns, list(args)
        self.dir = net.dir / f"{name}-{os.urandom(3).hex()}"
        self.run_dir, self.state_dir = self.dir / "run", self.dir / "state"
        for d in self.dir, self.run_dir, self.state_dir:
            d.mkdir()
        self.conf, self.log_path = self.dir / "adit.conf", self.dir / "log"
        self.conf.write_text(text)
        self.proc = None
        net.on_close(self.kill)
        net.judge.watch(self.ns)
        self.start()

    def start(self, ready=10):
        env = dict(os.environ)
        env.setdefault("ASAN_OPTIONS", "abort_on_error=1:detect_leaks=1:strict_string_checks=1")
        env.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
        with open(self.log_path, "ab") as log:
            self.proc = self.ns.popen(program("aditd"), "--config", str(self.conf), "--run-dir", str(self.run_dir),
                                      "--state-dir", str(self.state_dir), *self.args, stdout=log, stderr=log, env=env)

        def is_ready():
            assert self.proc.poll() is None, f"aditd ended with {self.proc.returncode}\n{self.log()}"
            return self._adit("-c", "show version").returncode == 0
        wait_until(lambda: f"aditd answers\n{self.log()}", is_ready, ready)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def _adit(self, *args, **kw):
        return subprocess.run([program("adit"), "--run-dir", str(self.run_dir), *args], capture_output=True, text=True,
                              timeout=30, **kw)

    def cli(self, *commands):
        """Runs commands over one connection; returns what they print. Refused ones raise."""
        r = self._adit(*(x for c in commands for x in ("-c", c)))
        if r.returncode:
            raise Refused("; ".join(commands), r)
        return r.stdout

    def json(self, command):
        """Rows of a `show` command: a list of objects."""
        return [json.loads(line) for line in self.cli(f"{command} | json").splitlines()]

    def configure(self, *lines):
        return self.cli("configure terminal", *lines)

    def apply(self, text):
        """The whole configuration from a file, over the management socket."""
        r = self._adit("-f", "-", input=text)
        if r.returncode:
            raise Refused("file", r)

    def sessions(self):
        return self.json("show l2tp session detail")

    def tunnels(self):
        return self.json("show l2tp tunnel detail")

    def ended(self, what):
        """Tombstones: what = session, tunnel or destination."""
        return self.json(f"show l2tp {what} detail ended")

    @staticmethod
    def up(rows):
        return [r for r in rows if r["status"] == "up"]

    def subscribers(self):
        return self.json("show subscribers")

    def counters(self):
        """{(group, name): value}, packet drops by reason under group `drop`."""
        return {(r["group"], r["name"]): r["value"] for r in self.json("show l2tp counters all")}

    def counted(self, before):
        """What has been counted since `before`: {(group, name): difference}."""
        return {k: v - before.get(k, 0) for k, v in self.counters().items() if v != before.get(k, 0)}

    def wait_sessions(self, n, seconds=5):
        """Waits until exactly n subscribers are shown; returns their rows."""
        rows = []

        def reached():
            rows[:] = self.subscribers()
            return len(rows) == n
        wait_until(lambda: f"{n} subscribers, not {len(rows)}\n{self.log()[-3000:]}", reached, seconds)
        return list(rows)

    def rss_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.proc.pid}/status").read())[1])

    def fds(self):
        return len(os.listdir(f"/proc/{self.proc.pid}/fd"))

    def stop(self, seconds=15):
        """Ends it with TERM: status 0, no report of a sanitizer, nothing left in the namespace."""
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
            try:
                self.proc.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"aditd does not end on TERM within {seconds} s\n{self.log()[-4000:]}") from None
        self.judge()

    def judge(self):
        log = self.log()
        assert not REPORT.search(log), log[REPORT.search(log).start() - 200:][:8000]
        assert self.proc.returncode == 0, f"aditd ended with {self.proc.returncode}\n{log[-4000:]}"

    def kill(self):
        """The end without a word (a crash, a power cut)."""
        if self.proc and self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait(5)
