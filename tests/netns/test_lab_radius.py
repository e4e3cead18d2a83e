# SPDX-License-Identifier: BSD-2-Clause
"""adit-lab radius, judged by FreeRADIUS's radclient: what it answers, and every way in which it can be told not to."""
import re
import shutil

import pytest

from lib.build import program
from lib.lab_radius import LabRadius, arrivals, radclient

pytestmark = pytest.mark.skipif(not shutil.which("radclient"), reason="needs the package freeradius-utils")

USERS = """
bob hello Framed-IP-Address=10.0.0.1 Reply-Message="well come" Session-Timeout=60 ERX-Primary-Dns=9.9.9.9 \
Framed-Route="10.1.0.0/24 0.0.0.0 1" Tunnel-Type:1=L2TP Tunnel-Password:1=s3cret Attr-26.9.1=0x61
eve "pa ss"
"""
BOB = "User-Name=bob,User-Password=hello"


@pytest.fixture
def start(net):
    started = []

    def begin(*args, users=USERS, **kw):
        started.append(LabRadius(net, *args, users=users, **kw))
        return started[-1]
    yield begin
    for s in started:
        s.kill()


def test_who_is_let_in(start):
    s = start()
    out = radclient(s, BOB + ",Message-Authenticator=0x00")
    assert "Received Access-Accept" in out
    answer = out[out.index("Received"):].splitlines()
    assert "Message-Authenticator" in answer[1]     # the first, and radclient has verified it
    for line in ("Framed-IP-Address = 10.0.0.1", 'Reply-Message = "well come"', "Session-Timeout = 60",
                 "ERX-Primary-Dns = 9.9.9.9", 'Framed-Route = "10.1.0.0/24 0.0.0.0 1"', "Tunnel-Type:1 = L2TP",
                 'Tunnel-Password:1 = "s3cret"'):
        assert any(line in x for x in answer), (line, out)
    assert "Access-Accept" in radclient(s, "User-Name=bob,CHAP-Password=hello")
    assert "Access-Accept" in radclient(s, 'User-Name=eve,User-Password="pa ss"')
    assert "Access-Reject" in radclient(s, "User-Name=bob,CHAP-Password=hell")
    assert "Access-Reject" in radclient(s, "User-Name=nobody,User-Password=hello")
    assert "Received" not in radclient(s, BOB, "auth", "-r", 1, secret="wrong").replace("Received Access-Reject", "")
    taken = s.access()
    assert [t["answer"] for t in taken[:4]] == ["Access-Accept"] * 3 + ["Access-Reject"]
    assert taken[0]["attributes"]["User-Password"] == "hello" and taken[0]["code"] == "Access-Request"
    summary = s.stop()
    assert summary["auth"]["accepts"] == 3 and summary["auth"]["unknown-user"] == 1


def test_everybody(start):
    s = start("--password", "pw", "--attr", "Framed-Pool=big", "--attr", "Session-Timeout=5", users=None)
    out = radclient(s, "User-Name=anna,CHAP-Password=pw")
    assert 'Framed-Pool = "big"' in out and "Session-Timeout = 5" in out
    assert "Access-Reject" in radclient(s, "User-Name=anna,CHAP-Password=no")
    s.stop()
    s = start("--accept-all", "--message-authenticator", "no", users=None)
    out = radclient(s, "User-Name=anna,User-Password=any")
    assert "Access-Accept" in out and "Message-Authenticator" not in out
    s.stop()


def test_status_server(start):
    ask = "Message-Authenticator=0x00"
    s = start()
    assert "Received Access-Accept" in radclient(s, ask, "status")
    assert "Received Accounting-Response" in radclient(s, ask, "status", port=1813)
    s.stop()
    s = start("--no-status-server")
    assert "Received" not in radclient(s, ask, "status", "-r", 1)
    assert s.stop()["ordered"]["status-server-ignored"] == 1


def acct(s, status, session, *more, **kw):
    return radclient(s, ",".join((f"Acct-Status-Type={status}", f"Acct-Session-Id={session}", "NAS-Identifier=lns1",
                                  *more)), "acct", **kw)


def test_accounting(start):
    s = start()
    for args in (("Accounting-On", "0"), ("Start", "a"), ("Start", "b"),
                 ("Interim-Update", "a", "Acct-Input-Octets=10", "Acct-Output-Octets=20"),
                 ("Stop", "a", "Acct-Input-Octets=7", "Acct-Input-Gigawords=1", "Acct-Output-Octets=30",
                  "Acct-Terminate-Cause=User-Request", "Acct-Session-Time=5", "Framed-IP-Address=10.0.0.1"),
                 ("Stop", "c")):
        assert "Received Accounting-Response" in acct(s, *args)
    assert "Received" not in acct(s, "Start", "x", secret="wrong")
    assert s.records()[4] == {"Acct-Status-Type": "Stop", "Acct-Session-Id": "a", "NAS-Identifier": "lns1",
                              "Acct-Input-Octets": 7, "Acct-Input-Gigawords": 1, "Acct-Output-Octets": 30,
                              "Acct-Terminate-Cause": "User-Request", "Acct-Session-Time": 5,
                              "Framed-IP-Address": "10.0.0.1"}
    r = s.stop()
    a = r["acct"]
    assert a["requests"] == 6 and a["duplicates"] == 0
    assert (a["records"]["Start"], a["records"]["Stop"], a["records"]["Interim-Update"], a["records"]["Accounting-On"]) \
        == (2, 2, 1, 1)
    assert a["open"] == 1 and a["stops_without_start"] == 1
    assert a["stopped"]["in_octets"] == 2**32 + 7 and a["stopped"]["out_octets"] == 30 and a["stopped"]["session_s"] == 5
    assert r["dropped"]["bad-authenticator"] >= 1


def test_repeated_records(start):
    """Answers that are no good: the record is repeated, acknowledged again, and written down once."""
    s = start("--wrong-authenticator", 100)
    acct(s, "Start", "a")
    a = s.stop()["acct"]
    assert a["requests"] > 1 and a["duplicates"] == a["requests"] - 1 and a["records"]["Start"] == 1
    assert a["starts_again"] == 0


def test_silence(start):
    s = start()
    s.toggle_silence()
    assert "Received" not in radclient(s, BOB, "auth", "-r", 1)
    s.toggle_silence()
    assert "Received Access-Accept" in radclient(s, BOB, "auth", "-r", 1)
    s.toggle_silence()
    assert "Received" not in radclient(s, BOB, "auth", "-r", 1)
    r = s.stop()
    assert r["ordered"]["silent"] == 2 and r["auth"]["requests"] == 1


@pytest.mark.parametrize("order, counter", [
    (("--silent", 100), "silent"), (("--wrong-authenticator", 100), "wrong-authenticator"),
    (("--wrong-secret",), "wrong-secret"), (("--truncate", 100), "truncated"), (("--wrong-id", 100), "wrong-id")])
def test_no_good_answer(start, order, counter):
    """The client gets nothing that it could believe."""
    s = start(*order)
    out = radclient(s, BOB, "auth", "-r", 1)
    assert "Received Access-Accept" not in out or "wrong-id" in counter and "Expected" in out, out
    assert s.stop()["ordered"][counter] >= 1


def test_reject_and_challenge_by_order(start):
    s = start("--reject", 100)
    out = radclient(s, BOB)
    assert "Received Access-Reject" in out and "rejected by order" in out
    assert s.stop()["ordered"]["rejected"] == 1
    s = start("--challenge", 100)
    out = radclient(s, BOB)
    assert "Received Access-Challenge" in out and "State = 0x" in out
    assert "Received Access-Accept" in radclient(s, BOB + ",State=0x01")
    assert s.stop()["auth"]["challenges"] == 1


def test_slow_answers(start):
    s = start("--delay", "400..600")
    came = arrivals(s, 50, "bob", "hello", 5)
    assert len(came) == 50 and min(came) >= 0.4 and came[0] < came[-1] - 0.05, came
    s.stop()
    s = start("--rate", 20)
    came = arrivals(s, 40, "bob", "hello", 5)
    assert len(came) == 40 and came[-1] >= 1.9, came
    s.stop()


def test_bursts(start):
    """Ten at once; what is left over after 100 ms."""
    s = start("--burst", 10)
    came = arrivals(s, 25, "bob", "hello", 5)
    assert len(came) == 25 and came[20] >= 0.1, came
    s.stop()


def test_double_answers(start):
    s = start("--duplicate", 100)
    assert "Received Access-Accept" in radclient(s, BOB)
    assert s.stop()["ordered"]["duplicated"] == 1


def test_how_fast(start):
    """20,000 requests a second on one core are 50 us of CPU for each. radclient is slower than that itself."""
    s = start()
    before, n = s.cpu_s(), 10000
    out = radclient(s, BOB, "auth", "-c", n, "-p", 200, "-t", 10, "-q", "-s", seconds=120)
    each = (s.cpu_s() - before) / n
    print(f"{each * 1e6:.1f} us of CPU a request")
    assert s.stop()["auth"]["accepts"] >= n, out
    sanitized = re.search(rb"__asan_init", open(program("adit-lab"), "rb").read())
    assert sanitized or each < 50e-6
