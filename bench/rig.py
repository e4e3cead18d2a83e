# SPDX-License-Identifier: BSD-2-Clause
"""What the benchmarks share: a LAC, an LNS and a RADIUS server in namespaces, processor time of each, tables.

    lac (adit-lab subscribers) --- one veth --- lns (aditd, and the RADIUS server on 127.0.0.1)

aditd runs alone on one processor, all else on another. Processor time is the scheduler's (schedstat, nanoseconds); it
contains the kernel's work on what a process sends, up to the receiver's socket, since that is done in its context.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import types

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/netns"))

from lib import freeradius   # noqa: E402
from lib.build import BUILD, program   # noqa: E402
from lib.freeradius import KEY, FreeRadius   # noqa: E402
from lib.lns import SECRET, Lns, config   # noqa: E402
from lib.net import LNS, Net, sh, wait_until   # noqa: E402

USER, PASSWORD = "line%05d@example.net", "hello"
LACS = "203.0.113.0/24"     # a /26 for each adit-lab of a time
POLL_S = 0.1

# Linux's default receive buffer holds some 130 requests; the system's net.core.rmem_max bounds what this brings.
freeradius.RADIUSD = re.sub(r"( +)(type = (?:auth|acct)\n)", r"\1\2\1recv_buff = 1048576\n", freeradius.RADIUSD)


# ---- processes ----

def threads(pid):
    return [int(t) for t in os.listdir(f"/proc/{pid}/task")]


def pin(pid, cpu):
    for t in threads(pid):
        os.sched_setaffinity(t, {cpu})


def cpu_s(pid):
    """Seconds of processor time of all threads so far."""
    total = 0
    for t in threads(pid):
        try:
            total += int(pathlib.Path(f"/proc/{pid}/task/{t}/schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total / 1e9


def user_system(pid):
    """Ticks in user and in system mode so far: good for their ratio only."""
    f = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(f[11]), int(f[12])


def machine_busy():
    """(busy, all) ticks of each processor."""
    rows = {}
    for line in open("/proc/stat"):
        m = re.match(r"cpu(\d+) (.*)", line)
        if m:
            v = [int(x) for x in m[2].split()]
            rows[int(m[1])] = (sum(v) - v[3] - v[4], sum(v))
    return rows


class Control:
    """A connection to aditd's management socket that costs it little; each question is counted."""

    def __init__(self, lns):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(lns.run_dir / "adit.sock"))
        self.buf, self.asked = b"", 0

    def _frame(self):
        while b"\n" not in self.buf:
            self.buf += self._more()
        head, _, self.buf = self.buf.partition(b"\n")
        code, length = re.fullmatch(rb"=(\d+) (\d+)", head).groups()
        while len(self.buf) < int(length):
            self.buf += self._more()
        payload, self.buf = self.buf[:int(length)], self.buf[int(length):]
        return int(code), payload

    def _more(self):
        d = self.sock.recv(65536)
        if not d:
            raise RuntimeError("aditd closed the management connection")
        return d

    def rows(self, command):
        self.asked += 1
        self.sock.sendall(f"line {command} | json\n".encode())
        out = b""
        while True:
            code, payload = self._frame()
            if code == 100:
                out += payload
            elif code == 200:
                return [json.loads(x) for x in out.splitlines()]
            elif code != 110:
                raise RuntimeError(f"{command}: {code} {out.decode()}")

    def acknowledged(self):
        """Accounting-Responses so far."""
        return sum(r["accounting-responses"] for r in self.rows("show radius accounting statistics") if r.get("total"))

    def system(self):
        return self.rows("show l2tp")[0]


# ---- the rig ----

class LabRadius:
    """`adit-lab radius` in the place of FreeRADIUS."""

    def __init__(self, net, *args, lab=None):
        self.log = open(net.dir / f"lab-radius-{time.monotonic_ns()}", "wb+")
        self.proc = net.lns.popen(lab or program("adit-lab"), "radius", "--auth", "127.0.0.1", "--acct", "127.0.0.1",
                                  "--secret", KEY, "--password", PASSWORD, *args, stdout=self.log, stderr=self.log)
        net.on_close(self.kill)

        def ready():
            if self.proc.poll() is not None:
                raise SystemExit("this adit-lab has no RADIUS server: name one that has with --lab")
            return "answering" in pathlib.Path(self.log.name).read_text()
        wait_until("adit-lab radius answers", ready, 10)

    def kill(self):
        if self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(5)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait(5)

    stop = kill


class Rig:
    idle_timeout = 10       # seconds that a tunnel without sessions stays
    pool = "10.64.0.0 10.67.255.255"    # room for those that are dead and not found out yet

    def __init__(self, opt):
        self.opt = opt
        self.cpus = sorted(os.sched_getaffinity(0))
        if os.geteuid() != 0 or len(self.cpus) < 2:
            raise SystemExit("needs root, for network namespaces, and two processors")
        self.aditd_cpu, self.other_cpu = self.cpus[0], self.cpus[1]
        os.sched_setaffinity(0, {self.other_cpu})
        self.net = net = Net()
        net.judge = types.SimpleNamespace(watch=lambda ns: None)
        self.lac = net.ns("lac0")
        net.lns.ip("link", "del", "wan0")
        net._wire(net.lns, "lac0", f"{LNS}/24", self.lac, "lns0", "192.0.2.10/24")
        net.lns.ip("route", "add", LACS, "via", "192.0.2.10")
        self.lac.ip("route", "add", "local", LACS, "dev", "lo")
        self.begun, self.busy = time.monotonic(), machine_busy()
        self.lns = self.radius = self.control = None
        self.labs = []

    def radius_conf(self):
        o = self.opt
        sub = f"\n key {KEY}\n timeout 3\n retransmit 3\n deadtime 5\n max-sessions {o.window}"
        return ("aaa authentication ppp default radius local\naaa accounting ppp default radius\n"
                f"radius authentication server 127.0.0.1\n udp-port 1812{sub}\n"
                f"radius accounting server 127.0.0.1\n udp-port 1813{sub}\n")

    def conf(self):
        text = config(host="enable proxy authenticate", extra="\n".join([
            "l2tp max-sessions 1000000", "l2tp max-tunnels 65535", "l2tp calls-in-progress 20000", f"l2tp tunnel idle-timeout {self.idle_timeout}",
            "l2tp destruct-timeout 10", "l2tp tombstones 1000", "l2tp call-setup-timeout 120", self.radius_conf()]),
            pool=self.pool)
        return text.replace(" max-sessions 60000\n", " max-sessions 1000000\n")

    def start(self, *radius_args):
        """A fresh aditd and RADIUS server."""
        self.stop()
        if self.opt.radius == "lab":
            self.radius = LabRadius(self.net, *radius_args, lab=self.opt.lab)
        else:
            self.radius = FreeRadius(self.net, {"DEFAULT": (PASSWORD, {})})
        self.lns = Lns(self.net, self.conf())
        pin(self.lns.proc.pid, self.aditd_cpu)
        self.control = Control(self.lns)
        wait_until("Accounting-On is acknowledged", lambda: self.control.acknowledged() > 0, 10)

    def stop(self):
        for lab in self.labs:
            lab.kill()
        self.labs = []
        if self.control:
            self.control.sock.close()
        if self.lns:
            self.lns.kill()
        if self.radius:
            self.radius.stop()
            for f in self.net.dir.glob("raddb-*/*"):    # "ready" is read from its log
                if f.name in ("detail", "radius.log", "output"):
                    f.unlink()
        self.lns = self.radius = self.control = None

    def subscribers(self, count, tunnels, *args, first=1, pending=256):
        """A run of adit-lab that holds; end_lab() ends it."""
        local = f"203.0.113.{len(self.labs) % 4 * 64}/26"
        argv = [program("adit-lab"), "subscribers", "--lns", LNS, "--local", local, "--secret", SECRET, "--user", USER,
                "--password", PASSWORD, "--auth", "chap", "--rate", 0, "--pending", pending, "--count", count, "--first",
                first, "--tunnels", min(tunnels, count), "--setup-timeout", 120, "--hold", 86400, "--hangup", "silent",
                "--json", "--quiet", *args]
        lab = self.lac.popen(*(str(a) for a in argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.labs.append(lab)
        self.net.on_close(lab.kill)
        return lab

    def end_lab(self, lab, seconds=60):
        """Its report."""
        if lab.poll() is None:
            lab.send_signal(signal.SIGTERM)
        out, err = lab.communicate(timeout=seconds)
        if lab.returncode not in (0, 1):
            raise RuntimeError(f"adit-lab: {lab.returncode}\n{out}{err}")
        return json.loads(out)

    def wait_acknowledged(self, total, seconds, lab=None):
        end = time.monotonic() + seconds
        while (n := self.control.acknowledged()) < total:
            if time.monotonic() > end or self.lns.proc.poll() is not None:
                raise RuntimeError(f"{n} of {total} Accounting-Requests are acknowledged: {self.control.system()}\n"
                                   f"{self.lns.log()[-2000:]}")
            if lab and lab.poll() is not None:
                raise RuntimeError(f"adit-lab ended early\n{lab.communicate()}")
            time.sleep(POLL_S)

    def accounting(self):
        """Rows of `show aaa counters` by name."""
        return {x["name"]: x["value"] for x in self.control.rows("show aaa counters")}

    def names(self):
        return "adit-lab radius" if self.opt.radius == "lab" else "FreeRADIUS"

    def foreign(self):
        """Share of the processors' time since the beginning that was busy, whoever used it."""
        now = machine_busy()
        return {c: round((now[c][0] - b) / max(1, now[c][1] - a), 2) for c, (b, a) in self.busy.items()}

    def close(self):
        self.stop()
        self.net.close()


# ---- output ----

def median(values):
    return statistics.median(values)


def round_to(value, digits=1):
    return None if value is None else round(value, digits)


def table(title, heads, rows):
    """Columns as wide as what is in them; the first is text, the others are numbers."""
    cells = [[("-" if c is None else f"{c:,}" if isinstance(c, int) else str(c)) for c in r] for r in rows]
    width = [max(len(h), *(len(r[i]) for r in cells)) if cells else len(h) for i, h in enumerate(heads)]
    print(f"\n{title}")
    for r in [list(heads), *cells]:
        print("  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(r, width))))


def build_options():
    opts = json.loads((BUILD / "meson-info/intro-buildoptions.json").read_text())
    want = {o["name"]: o["value"] for o in opts if o["name"] in ("buildtype", "optimization", "b_sanitize")}
    cc = re.search(rb"(?:GCC: \(|clang version )[ -~]+|Debian clang version [ -~]+", pathlib.Path(program("aditd")).read_bytes())
    return dict(want, compiler=cc[0].decode() if cc else "?")


def about(rig):
    model = next((x.split(":")[1].strip() for x in open("/proc/cpuinfo") if x.startswith("model name")), "?")
    return {"build": build_options(), "kernel": os.uname().release, "processor": model, "processors": os.cpu_count(),
            "load-average": os.getloadavg()[0], "busy": rig.foreign(), "seconds": round(time.monotonic() - rig.begun, 1)}


def show_about(a):
    b = a["build"]
    print(f"built with {b['compiler']}, buildtype {b['buildtype']} (-O{b['optimization']}), sanitizers {b['b_sanitize']}; "
          f"{a['processors']} x {a['processor']}, Linux {a['kernel']}")
    print(f"load average {a['load-average']:.1f}, processors busy "
          f"{', '.join(f'{c}: {v:.0%}' for c, v in a['busy'].items())}, {a['seconds']} s")


def options(text):
    p = argparse.ArgumentParser(description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    p.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    p.add_argument("--radius", choices=["freeradius", "lab"], default="freeradius", help="who answers")
    p.add_argument("--lab", help="an adit-lab for --radius lab (default: that of the build)")
    p.add_argument("--window", type=int, default=255, help="requests outstanding at a RADIUS server (its max-sessions)")
    return p


def say(opt, text):
    """Progress, beside the result."""
    if not opt.json or sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


def run(opt, measure, show):
    rig = Rig(opt)
    try:
        result = measure(rig, opt)
        result["about"] = about(rig)
    finally:
        rig.close()
    if opt.json:
        print(json.dumps(result))
    else:
        show(result, opt)
        print()
        show_about(result["about"])


__all__ = ["FreeRadius", "KEY", "LNS", "PASSWORD", "Rig", "USER", "cpu_s", "median", "options", "pin", "round_to", "run",
           "say", "sh", "table", "user_system", "wait_until"]
