# SPDX-License-Identifier: BSD-2-Clause
"""Tunnel accounting (RFC 2867), as FreeRADIUS has it: of tunnels, and of the links in them.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd], [FreeRADIUS] on lo
"""
import time

import pytest

from lib.capture import Capture
from lib.freeradius import KEY, FreeRadius, radius_config
from lib.lac import avp
from lib.lns import Lns, config
from lib.net import INET, wait_until
from lib.radius_judge import assert_clean_radius

ENDPOINTS = {"Tunnel-Type:0": "L2TP", "Tunnel-Medium-Type:0": "IPv4", "Tunnel-Client-Endpoint:0": "192.0.2.10",
             "Tunnel-Server-Endpoint:0": "192.0.2.1", "Tunnel-Client-Auth-Id:0": "test-lac",
             "Tunnel-Server-Auth-Id:0": "lns1", "NAS-IP-Address": "10.255.0.1", "NAS-Identifier": "lns1",
             "Acct-Delay-Time": "0"}


@pytest.fixture
def radius(net):
    r = FreeRadius(net, {"bob": ("hello", {})})
    c = Capture(net, net.lns, "lo", net.dir / f"radius-{r.dir.name}.pcap", "udp portrange 1812-1813")
    yield r
    r.stop()
    c.flush()
    c.stop()
    assert_clean_radius(c.path, KEY)


@pytest.fixture
def lns(net, radius):
    text = config(auth="pap", host="max-sessions 2", extra=radius_config(extra="radius tunnel-accounting enable"))
    one = Lns(net, text.replace("remote host default", "remote host test-lac"))
    yield one
    one.stop()
    types = [r["Acct-Status-Type"] for r in radius.records()]
    assert types[0] == "Accounting-On" and types[-1] == "Accounting-Off", types


def assert_has(row, wanted):
    wrong = {k: (row.get(k), v) for k, v in wanted.items() if row.get(k) != v}
    assert not wrong, f"{wrong}\n{row}"


def test_a_tunnel_and_its_links(radius, lns, make_lac):
    """2(M+1) records (RFC 2867 §3.4), beside those of the users."""
    lac = make_lac()
    lac.open()
    local = lns.tunnels()[0]["local-tunnel-id"]
    start = radius.wait_record(Acct_Status_Type="Tunnel-Start")
    assert_has(start, ENDPOINTS | {"Acct-Tunnel-Connection": str(local)})
    assert "Event-Timestamp" in start and "User-Name" not in start
    links = []
    for number in "0301", "0302":
        c = lac.call(avp(22, number) + avp(21, "0815"))
        c.dial()
        links.append(c)
    wait_until("it answers", lambda: links[0].ping(INET))
    session, = [s for s in lns.sessions() if s["calling-number"] == "0301"]
    wait_until("links have begun", lambda: len(radius.records(Acct_Status_Type="Tunnel-Link-Start")) == 2, 3)
    link = radius.wait_record(Acct_Status_Type="Tunnel-Link-Start", Calling_Station_Id="0301")
    port = str(local << 16 | session["local-session-id"])
    same = ENDPOINTS | {"NAS-Port": port, "NAS-Port-Type": "Virtual", "Called-Station-Id": "0815",
                        "Acct-Tunnel-Connection": str(session["call-serial-number"])}
    assert_has(link, same)
    for c in links:
        lac.cdn(c)
    link_stop = radius.wait_record(Acct_Status_Type="Tunnel-Link-Stop", Calling_Station_Id="0301")
    stop = radius.wait_record(Acct_Status_Type="Stop", Calling_Station_Id="0301")
    assert_has(link_stop, same | {"User-Name": "bob", "Acct-Session-Id": link["Acct-Session-Id"],
                                  "Acct-Multi-Session-Id": start["Acct-Session-Id"], "Acct-Input-Packets": "1",
                                  "Acct-Output-Packets": "1", "Acct-Input-Octets": stop["Acct-Input-Octets"],
                                  "Acct-Output-Octets": stop["Acct-Output-Octets"],
                                  "Acct-Terminate-Cause": stop["Acct-Terminate-Cause"]})
    assert link_stop["Acct-Session-Id"] != stop["Acct-Session-Id"] == stop["Acct-Multi-Session-Id"]
    wait_until("both have stopped", lambda: len(radius.records(Acct_Status_Type="Tunnel-Link-Stop")) == 2, 3)
    before = time.time()
    lac.leave()
    tunnel_stop = radius.wait_record(3, Acct_Status_Type="Tunnel-Stop")
    assert_has(tunnel_stop, ENDPOINTS | {
        "Acct-Session-Id": start["Acct-Session-Id"], "Acct-Multi-Session-Id": start["Acct-Session-Id"],
        "Acct-Tunnel-Connection": str(local), "Acct-Input-Packets": "1", "Acct-Output-Packets": "1",
        "Acct-Input-Octets": stop["Acct-Input-Octets"], "Acct-Terminate-Cause": "NAS-Request"})
    assert int(tunnel_stop["Acct-Session-Time"]) <= time.time() - before + 10
    assert [r["Acct-Status-Type"] for r in radius.records() if "Tunnel" in r["Acct-Status-Type"]] == [
        "Tunnel-Start", *["Tunnel-Link-Start"] * 2, *["Tunnel-Link-Stop"] * 2, "Tunnel-Stop"]


def test_rejects(radius, lns, make_lac):
    """A LAC that is not known, one that does not know the password, and a call beyond the limit."""
    stranger = make_lac(host="stranger")
    stranger.sccrq()
    stranger.expect("StopCCN")
    reject = radius.wait_record(3, Acct_Status_Type="Tunnel-Reject")
    assert_has(reject, ENDPOINTS | {"Tunnel-Client-Auth-Id:0": "stranger"})
    assert reject["Acct-Terminate-Cause"] and "Acct-Input-Octets" not in reject
    thief = make_lac()
    thief.sccrq()
    thief.expect("SCCRP")
    thief.control("SCCCN", avp(13, bytes(16)))
    thief.expect("StopCCN")
    wait_until("a second Reject", lambda: len(radius.records(Acct_Status_Type="Tunnel-Reject")) == 2, 3)
    assert_has(radius.records(Acct_Status_Type="Tunnel-Reject")[1], ENDPOINTS)
    assert not radius.records(Acct_Status_Type="Tunnel-Start")
    lac = make_lac()
    lac.open()
    for _ in range(2):
        lac.call().dial()
    sid = lac.icrq(None, avp(22, "0303"))
    lac.expect("CDN", sid)
    link = radius.wait_record(3, Acct_Status_Type="Tunnel-Link-Reject")
    assert_has(link, ENDPOINTS | {"Calling-Station-Id": "0303"})
    assert link["Acct-Terminate-Cause"] and "Acct-Input-Octets" not in link
    assert len(radius.records(Acct_Status_Type="Tunnel-Link-Start")) == 2


def test_the_daemon_ends(radius, lns, make_lac):
    """TERM: users, links, the tunnel, then Accounting-Off."""
    lac = make_lac()
    lac.open()
    lac.call().dial()
    radius.wait_record(Acct_Status_Type="Tunnel-Link-Start")
    wait_until("the user has begun", lambda: radius.records(Acct_Status_Type="Start"), 3)
    lns.stop()
    types = [r["Acct-Status-Type"] for r in radius.records()]
    assert set(types[4:-1]) == {"Stop", "Tunnel-Link-Stop", "Tunnel-Stop"} and types[-1] == "Accounting-Off", types


def test_off_by_default(net, radius, start_lns, make_lac):
    lns = start_lns(config(auth="pap", extra=radius_config()))
    lac = make_lac()
    lac.open()
    lac.call().dial()
    lac.leave()
    radius.wait_record(Acct_Status_Type="Stop")
    lns.stop()
    assert {r["Acct-Status-Type"] for r in radius.records()} == {"Accounting-On", "Start", "Stop", "Accounting-Off"}
