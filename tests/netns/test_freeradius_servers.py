# SPDX-License-Identifier: BSD-2-Clause
"""RADIUS servers that are silent, slow, mistaken, killed and started again under load; accounting is complete
afterwards, and after `kill -9` of aditd. Servers are FreeRADIUS on addresses of the loopback.

    adit-lab or Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd], 127.0.0.1 [FreeRADIUS], 127.0.0.2 [FreeRADIUS]
"""
import datetime
import re
import time

import pytest

from lib.freeradius import FreeRadius, radius_config
from lib.lab import Run, lab
from lib.lns import Lns, config
from lib.net import INET, wait_until

FIRST, SECOND = "127.0.0.1", "127.0.0.2"
# accounting is another server's, which is never taken for dead
APART = (f"no radius accounting server {FIRST}\nradius accounting server {SECOND}\n key testing123\n timeout 1\n"
         " retransmit 1")
USERS = {f"u{i}": ("hello", {"Class": f'"{i}"'}) for i in range(1, 121)} | {"bob": ("other", {})}


@pytest.fixture
def start_radius(net):
    made = []

    def start(addr=FIRST, users=None, **kw):
        made.append(FreeRadius(net, USERS if users is None else users, addr=addr, **kw))
        return made[-1]
    yield start
    for r in made:
        r.resume()
        r.stop()


def settings(addr=FIRST, timeout=1, retransmit=1, extra="", **kw):
    return config(auth="pap chap", extra=radius_config(addr, timeout=timeout, retransmit=retransmit, deadtime=1,
                                                       extra=extra, **kw))


def aaa(lns):
    return {r["name"]: r["value"] for r in lns.json("show aaa statistics") if r["group"] == "aaa"}


def settled(lns, seconds=10):
    """Nothing is left: no request, no grant, no address, no record."""
    now = {}

    def quiet():
        now.update(aaa(lns))
        return not any(now[k] for k in ("requests-in-flight", "grants", "addresses-in-use", "accounting-queued",
                                        "accounting-in-flight"))
    wait_until(lambda: f"nothing is left, but {now}", quiet, seconds)
    assert not lns.subscribers()
    assert all(not s["outstanding"] and not s["waiting"] for s in lns.json("show radius servers"))
    return now


def servers(lns, use="authentication"):
    """{address: state}."""
    return {s["address"]: s["state"] for s in lns.json(f"show radius {use} servers")}


def totals(lns, use):
    row, = [r for r in lns.json(f"show radius {use} statistics") if r.get("total")]
    return row


def dial(lac, user, password="hello", timeout=8):
    """A client that is up, or None when it was refused."""
    c = lac.call()
    c.open_lcp()
    if c.authenticate(user, password, timeout) == "bad":
        return None
    c.open_ipcp()
    return c


def unique(*radii):
    """Records of sessions as a server keeps them, without repeats: {id: {kind: record}}, in the order they came to it."""
    sessions = {}
    for record in (r for radius in radii for r in radius.records()):
        if record["Acct-Status-Type"] in ("Start", "Stop", "Interim-Update"):
            sessions.setdefault(record["Acct-Session-Id"], {}).setdefault(record["Acct-Status-Type"], record)
    return sessions


def assert_complete(count, *radii):
    sessions = unique(*radii)
    assert len(sessions) == count, f"{len(sessions)} sessions, not {count}"
    for i, kinds in sessions.items():
        if len(radii) > 1:      # whose records came first nobody knows
            kinds = dict(sorted(kinds.items()))
        assert list(kinds) == ["Start", "Stop"], (i, list(kinds))
        assert kinds["Start"]["User-Name"] == kinds["Stop"]["User-Name"]
        assert kinds["Stop"].get("Class") == kinds["Start"].get("Class")
    return sessions


def happened(record):
    """When it happened and when it came, seconds of wall time."""
    at = datetime.datetime.strptime(record["Event-Timestamp"], "%b %d %Y %H:%M:%S %Z").replace(
        tzinfo=datetime.timezone.utc).timestamp()
    return at, int(record["Timestamp"])


# ---- authentication ----

def test_silent(net, start_radius, start_lns, make_lac):
    """The second method is asked only when nobody answers; a Reject is final, though the local database would let in."""
    radius = start_radius()
    lns = start_lns(settings())
    lac = make_lac()
    lac.open()
    assert dial(lac, "bob") is None, "rejected by the server"
    assert aaa(lns)["deny-authentication-denied"] == 1 and aaa(lns)["radius-no-answer"] == 0
    radius.pause()
    begin = time.monotonic()
    assert dial(lac, "bob"), "nobody answers, so the local database is asked"
    assert 1.5 < time.monotonic() - begin < 6
    assert servers(lns)[FIRST] == "dead"
    begin = time.monotonic()
    assert dial(lac, "u1") is None, "not in the local database"
    assert time.monotonic() - begin < 4, "a dead server is not waited for"
    lns.configure("aaa authentication ppp default radius")
    assert dial(lac, "u2") is None
    now = aaa(lns)
    assert now["deny-server-request-timeout"] == 1 and now["radius-no-answer"] == 3, now
    radius.resume()
    wait_until("the server is alive again", lambda: servers(lns)[FIRST] == "alive", 5)
    assert dial(lac, "u1")
    lac.leave()
    settled(lns)
    records = assert_complete(2, radius)
    assert sorted(s["Start"]["Acct-Authentic"] for s in records.values()) == ["Local", "RADIUS"]


def test_slow(net, start_radius, start_lns):
    """Each answer takes its time, and there are repeats: each call is answered once, and nothing is left."""
    radius = start_radius(slow=0.4)
    lns = start_lns(settings(timeout=1, retransmit=8))
    r = lab(net, "--count", 30, "--rate", 0, "--hold", 1, user="u%d")
    assert r["sessions"]["up"] == 30
    now = settled(lns)
    assert now["accepts"] == 30 and totals(lns, "authentication")["retransmissions"] > 0
    assert_complete(30, radius)


def test_late(net, start_radius, start_lns, make_lac):
    """Silent for a while, then all answers at once: the first counts, the others are dropped by name."""
    radius = start_radius()
    lns = start_lns(settings(timeout=1, retransmit=5))
    run = Run(net, "--count", 10, "--rate", 0, "--hold", 1, user="u%d")
    radius.pause()
    wait_until("requests are repeated", lambda: totals(lns, "authentication")["retransmissions"] >= 1, 5)
    time.sleep(1)
    radius.resume()
    assert run.wait()["sessions"]["up"] == 10
    settled(lns)
    assert_complete(10, radius)


def test_a_wrong_secret(net, start_radius, start_lns, make_lac):
    """FreeRADIUS does not answer; a server that signs nothing is not believed when it must sign."""
    radius = start_radius()
    lns = start_lns(settings(key="wrong", extra="aaa authentication ppp default radius"))
    lac = make_lac()
    lac.open()
    assert dial(lac, "u1") is None
    assert aaa(lns)["deny-server-request-timeout"] == 1
    assert not radius.requests()
    for use in "authentication", "accounting":
        lns.configure(f"radius {use} server {FIRST}", " key testing123")
    lns.configure(f"radius authentication server {FIRST}", " message-authenticator require")
    assert dial(lac, "u1") is None
    assert totals(lns, "authentication")["missing-message-authenticators"] >= 1
    lns.configure(f"radius authentication server {FIRST}", " message-authenticator auto")
    wait_until("the server is alive again", lambda: servers(lns)[FIRST] == "alive", 5)
    assert dial(lac, "u1")
    lac.leave()
    settled(lns)
    assert_complete(1, radius)
    assert [r["Acct-Status-Type"] for r in radius.records()][0] == "Accounting-On", "it waited for the right key"


def test_two_servers(net, start_radius, start_lns):
    """The first is killed: the second is asked, and the first again as soon as it is back. Over IPv6, too."""
    first, second = start_radius(), start_radius("::1", client="::1")
    lns = start_lns(settings([FIRST, "::1"]))
    lab(net, "--count", 5, user="u%d")
    assert len(first.requests()) == 5 and not second.requests()
    first.kill()
    assert lab(net, "--count", 20, "--rate", 0, "--hold", 1, user="u%d")["sessions"]["up"] == 20
    assert servers(lns) == {FIRST: "dead", "::1": "alive"}
    assert {r["User-Name"] for r in second.requests()} == {f"u{i}" for i in range(1, 21)}
    first.start()
    wait_until("the first is alive", lambda: set(servers(lns).values()) == {"alive"}, 5)
    lab(net, "--count", 5, user="u%d")
    assert len(first.requests()) == 10
    settled(lns)
    assert_complete(30, first, second)


def test_killed_under_load(net, start_radius, start_lns):
    """Calls come while the only server is killed and started again: all are up in the end."""
    radius = start_radius()
    lns = start_lns(settings(timeout=1, retransmit=20))
    run = Run(net, "--count", 60, "--rate", 15, "--hold", 2, user="u%d")
    wait_until("some are up", lambda: len(lns.subscribers()) >= 5, 8)
    radius.kill()
    time.sleep(2)
    radius.start()
    r = run.wait()
    assert r["sessions"]["up"] == 60 and r["sessions"]["failed"] == 0, r
    settled(lns, 20)
    assert_complete(60, radius)


# ---- accounting ----

@pytest.mark.parametrize("seconds", [5, pytest.param(20, marks=pytest.mark.full)])
def test_no_accounting_for_a_while(net, start_radius, start_lns, seconds):
    """Sessions come and go while nobody takes records: each Start and Stop arrives later, once, and says how late."""
    radius, acct = start_radius(), start_radius(SECOND)
    lns = start_lns(settings(extra=APART + "\n deadtime 1"))
    wait_until("Accounting-On", acct.records, 5)
    acct.kill()
    down = time.time()
    lab(net, "--count", 20, "--rate", 20, "--hold", 1, user="u%d")
    lab(net, "--count", 20, "--first", 21, "--rate", 20, "--hold", 1, user="u%d")
    run = Run(net, "--count", 20, "--first", 41, "--rate", 20, "--hold", 30, user="u%d")
    lns.wait_sessions(20, 10)
    assert aaa(lns)["accounting-queued"] == 2 * 40 + 20
    time.sleep(max(0, down + seconds - time.time()))
    assert not unique(acct)
    acct.start()
    wait_until("all records have come", lambda: len(unique(acct)) == 60 and not aaa(lns)["accounting-queued"], 20)
    run.proc.terminate()
    run.wait()
    settled(lns)
    late = []
    for kinds in assert_complete(60, acct).values():
        for record in kinds.values():
            at, came = happened(record)
            delay = int(record["Acct-Delay-Time"])
            assert abs(at + delay - came) <= 2, record
            late.append(delay)
    assert max(late) >= seconds - 2 and len([d for d in late if d >= 2]) >= 40, late


def test_terminated_with_records_unsent(net, start_radius, start_lns, make_lac):
    """TERM while nobody takes records: they are sent when the daemon is back."""
    radius, acct = start_radius(), start_radius(SECOND)
    lns = start_lns(settings(extra=APART))
    lac = make_lac()
    lac.open()
    for i in range(1, 6):
        assert dial(lac, f"u{i}")
    wait_until("five Starts", lambda: len(unique(acct)) == 5, 5)
    acct.kill()
    lns.stop()
    assert len(unique(acct)) == 5
    lns.start()
    acct.start()
    wait_until("all have stopped", lambda: all("Stop" in k for k in unique(acct).values()), 10)
    settled(lns)
    for kinds in assert_complete(5, acct).values():
        assert kinds["Stop"]["Acct-Terminate-Cause"] == "Service-Unavailable", kinds["Stop"]
    types = [r["Acct-Status-Type"] for r in acct.records()]
    assert types[-1] == "Accounting-On" and types.count("Accounting-On") == 2, types
    assert re.search(r'msg="accounting restored" records=[567]\b', lns.log())


def test_no_journal(net, start_lns):
    """A state directory that cannot be used is an error that somebody sees, and no reason not to serve."""
    lns = start_lns(settings())
    lns.stop()
    (lns.state_dir / "accounting").rename(lns.state_dir / "other")
    (lns.state_dir / "accounting").write_text("no directory")
    lns.start()
    assert re.search('level=err.* msg="accounting is not kept on disk"', lns.log()), lns.log()


def test_kill_9(net, start_radius, start_lns, make_lac):
    """aditd dies with sessions up and records unsent. Back, it ends what it had begun: each session with a Start has
    one Stop, of the crash or with what it came to before; then comes Accounting-On."""
    radius, acct = start_radius(), start_radius(SECOND)
    lns = start_lns(settings(extra=APART))
    lac = make_lac()
    lac.open()
    clients = [dial(lac, f"u{i}") for i in range(1, 13)]
    wait_until("twelve Starts", lambda: len(unique(acct)) == 12, 5)
    acct.pause()
    for c in clients[:4]:
        wait_until("it answers", lambda c=c: c.ping(INET))
        lac.cdn(c)
    clients += [dial(lac, f"u{i}") for i in range(13, 17)]
    for c in clients[12:14]:
        lac.cdn(c)
    wait_until("ten are up", lambda: len(lns.subscribers()) == 10, 5)
    lns.kill()
    assert lns.proc.wait(5) == -9
    lns.start()
    time.sleep(3)       # records, and Accounting-On, are repeated to nobody
    acct.resume()
    wait_until("all have stopped", lambda: len([1 for k in unique(acct).values() if "Stop" in k]) == 16, 15)
    settled(lns)
    lac.close()
    assert 'msg="accounting restored"' in lns.log()
    sessions = assert_complete(16, acct)
    causes = {}
    for kinds in sessions.values():
        stop = kinds["Stop"]
        causes.setdefault(stop["Acct-Terminate-Cause"], []).append(int(stop["User-Name"][1:]))
        if int(stop["User-Name"][1:]) <= 4:
            assert int(stop["Acct-Input-Packets"]) >= 1 and stop["Acct-Input-Octets"] == stop["Acct-Output-Octets"]
    crashed = causes.pop("NAS-Reboot")
    assert sorted(crashed) == [*range(5, 13), 15, 16], causes
    assert sorted(i for c in causes.values() for i in c) == [1, 2, 3, 4, 13, 14], causes
    types = [r["Acct-Status-Type"] for r in acct.records()]
    stopped = {}
    for r in acct.records(Acct_Status_Type="Stop"):
        stopped.setdefault(r["Acct-Session-Id"], acct.records().index(r))
    assert types[0] == "Accounting-On" and "Accounting-On" in types[max(stopped.values()):], types
    assert "Accounting-On" not in types[1:max(stopped.values())], types
    lab(net, "--count", 2, user="u%d")
    settled(lns)
    assert len(unique(acct)) == 18, "ids are not used again"


@pytest.mark.full
def test_kill_9_after_interim_updates(net, start_radius, start_lns, make_lac):
    """The Stop of a session that a crash ended has the figures of its last interim update."""
    acct = start_radius(users={"u1": ("hello", {"Acct-Interim-Interval": "60"})})
    lns = start_lns(settings())
    lac = make_lac()
    lac.open()
    c = dial(lac, "u1")
    wait_until("it answers", lambda: c.ping(INET))
    wait_until("an interim update", lambda: acct.records(Acct_Status_Type="Interim-Update"), 62, 1)
    interim, = acct.records(Acct_Status_Type="Interim-Update")
    c.ping(INET)
    lns.kill()
    lns.start()
    stop = acct.wait_record(Acct_Status_Type="Stop")
    assert stop["Acct-Terminate-Cause"] == "NAS-Reboot"
    for k in "Session-Id", "Input-Octets", "Output-Octets", "Input-Packets", "Output-Packets":
        assert stop[f"Acct-{k}"] == interim[f"Acct-{k}"], k
    assert 0 <= int(stop["Acct-Session-Time"]) - int(interim["Acct-Session-Time"]) <= 1
    lac.close()
    settled(lns)
