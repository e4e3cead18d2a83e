# SPDX-License-Identifier: BSD-2-Clause
"""Only in `scripts/test --full`: a full house of 60,000 sessions over 8,000 tunnels, and churn that must not leak."""
import pytest

from lib.lab import Run
from lib.lns import config
from lib.net import wait_until

pytestmark = pytest.mark.full

LIMITS = "l2tp tunnel idle-timeout 10\nl2tp destruct-timeout 10\nl2tp tombstones 1000"


def _empty(lns, seconds):
    wait_until(lambda: f"no session is left: {lns.json('show l2tp')}",
               lambda: lns.subscribers() == [] and lns.up(lns.sessions()) == [], seconds)


def test_sixty_thousand(net, start_lns):
    """All come up, displays stay usable meanwhile, and no session, address or route is left afterwards."""
    lns = start_lns(config(extra=LIMITS))
    run = Run(net, "--count", 60000, "--tunnels", 8000, "--source-port", 0, "--rate", 0, "--auth", "chap",
              "--hold", 60, "--setup-timeout", 120)
    lns.wait_sessions(60000, 240)
    rss = lns.rss_kib()
    print(f"{rss} KiB at 60,000 sessions over 8,000 tunnels")
    system, = lns.json("show l2tp")
    assert "60000" in str(system) and "8000" in str(system)
    assert len({r["ip-address"] for r in lns.subscribers()}) == 60000
    r = run.wait(400)
    assert r["status"] == 0 and r["sessions"]["up"] == 60000 and r["tunnels"]["up"] == 8000
    _empty(lns, 60)


def test_churn(net, start_lns):
    """Calls come and go for some minutes: memory and descriptors of the second half are those of the first."""
    lns = start_lns(config(extra=LIMITS, pool="10.64.0.0 10.64.15.255"))  # small: lines of fresh addresses are no leak
    seen = []
    for i in range(60):
        how = ("lcp", "cdn", "stopccn", "silent")[i % 4]
        r = Run(net, "--count", 2000, "--tunnels", 20, "--source-port", 0, "--rate", 0, "--hangup", how,
                "--auth", ("pap", "chap", "ms-chap-v2")[i % 3], *(["--proxy"] if i % 2 else [])).wait(120)
        assert r["sessions"]["up"] == 2000, r
        if how == "silent":
            lns.cli("clear l2tp destination all")
        _empty(lns, 60)
        seen.append((lns.rss_kib(), lns.fds()))
    print(seen[::6])
    half = len(seen) // 2
    assert max(f for _, f in seen[half:]) <= max(f for _, f in seen[:half])
    # random tunnel ids touch, one after the other, the pages of the table of 65,535 tunnels: 8 MiB in the end
    assert max(r for r, _ in seen[half:]) <= 1.1 * max(r for r, _ in seen[:half]) + 8192, seen
