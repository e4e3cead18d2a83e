# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures: one network and one guest a module, a daemon and a capture a test. tshark judges what they say.

ADIT_BUILD names the meson build directory under test (default: build). Needs root and the packages of scripts/deps.
"""
import os
import shutil
import time

import pytest

from lib.build import BUILD, program
from lib.capture import Capture
from lib.guest import Guest
from lib.judge import Judge
from lib.lac import Lac
from lib.lns import SECRET, Lns, config
from lib.net import Net

BEGUN = []      # (time, test)


def pytest_configure(config):
    config.addinivalue_line("markers", "full: only in `scripts/test --full`")


def pytest_collection_modifyitems(config, items):
    reason = None
    if os.geteuid() != 0:
        reason = "needs root, for network namespaces"
    elif not os.access(program("aditd"), os.X_OK):
        reason = f"{BUILD} has no aditd"
    for item in items:
        if reason and "net" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_setup(item):
    BEGUN.append((time.time(), item.name))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, f"report_{call.when}", outcome.get_result())


@pytest.fixture(scope="module")
def net():
    """Every control message that aditd and adit-lab send in it is one in which tshark finds nothing wrong."""
    n = Net()
    n.judge = Judge(n)
    yield n
    try:
        judged(n.judge)
    finally:
        n.close()


def judged(judge):
    messages, faults = judge.end(SECRET, BEGUN)
    if os.environ.get("ADIT_KEEP"):
        judge.keep(os.environ["ADIT_KEEP"])
    print(f"tshark has judged {messages} control messages")
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="module")
def guest(net):
    """One guest on the wan, 192.0.2.100, in which clients are run again and again."""
    if not shutil.which("linux.uml"):
        pytest.skip("needs the package user-mode-linux")
    return Guest(net, "client")


@pytest.fixture
def start_lns(net, request):
    """start_lns(configuration text, ...) -> Lns; all are ended with TERM and judged after the test."""
    started = []

    def start(text=None, **kw):
        lns = Lns(net, config() if text is None else text, **kw)
        started.append(lns)
        return lns
    yield start
    failed = getattr(request.node, "report_call", None) is None or request.node.report_call.failed
    for lns in reversed(started):
        if failed:
            print(f"--- log of aditd\n{lns.log()[-6000:]}")
        lns.stop()


@pytest.fixture
def lns(start_lns):
    """aditd with the example configuration."""
    return start_lns()


@pytest.fixture
def capture(net, request):
    """What crosses the LNS's wan device during a test."""
    safe = "".join(c if c.isalnum() else "-" for c in request.node.name)
    c = Capture(net, net.lns, "wan0", net.dir / f"{safe}.pcap")
    yield c
    c.stop()
    call = getattr(request.node, "report_call", None)
    if os.environ.get("ADIT_KEEP") and (call is None or call.failed):
        c.copy(os.environ["ADIT_KEEP"])


@pytest.fixture
def make_lac(net):
    """make_lac(...) -> a LAC of lib/lac.py at 192.0.2.10; what it left open is closed in good order."""
    made = []

    def make(**kw):
        made.append(Lac(net.lac(0), "192.0.2.10", **kw))
        return made[-1]
    yield make
    for lac in made:
        lac.leave()
