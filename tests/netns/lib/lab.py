# SPDX-License-Identifier: BSD-2-Clause
"""Runs of `adit-lab subscribers --json` in a LAC's namespace."""
import json
import subprocess

from .build import program
from .lns import SECRET
from .net import LNS


class Run:
    """One run that has begun; wait() gives its report, an object with `status` added."""

    def __init__(self, net, *args, i=0, user="bob", password="hello", secret=SECRET):
        self.ns = net.lac(i)
        net.judge.watch(self.ns)
        argv = [program("adit-lab"), "subscribers", "--lns", LNS, "--local", f"192.0.2.{10 + i}", "--user", user,
                "--password", password, "--json", *(str(a) for a in args)]
        if secret:
            argv += ["--secret", secret]
        self.proc = self.ns.popen(*argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        net.on_close(self.proc.kill)

    def wait(self, seconds=60):
        out, err = self.proc.communicate(timeout=seconds)
        assert self.proc.returncode in (0, 1), f"adit-lab: {self.proc.returncode}\n{out}{err}"
        return dict(json.loads(out), status=self.proc.returncode)


def lab(net, *args, seconds=60, **kw):
    """A whole run that is expected to do well: its report."""
    r = Run(net, *args, **kw).wait(seconds)
    assert r["status"] == 0 and r["ok"], r
    return r
