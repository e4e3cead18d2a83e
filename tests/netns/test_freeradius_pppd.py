# SPDX-License-Identifier: BSD-2-Clause
"""pppd of a Linux guest, authenticated by FreeRADIUS; its accounting, against what tshark counts on the wire.

    guest 192.0.2.100 --- wan --- 192.0.2.1 [aditd] 198.51.100.1 --- 198.51.100.2 inet
                                    lo [FreeRADIUS]
"""
import datetime
import re
import time

import pytest

from lib.capture import Capture, tshark
from lib.freeradius import KEY, FreeRadius, radius_config
from lib.lns import SECRET, Lns, config
from lib.net import INET, LNS, wait_until
from lib.radius_judge import assert_clean_radius
from lib.traffic import transfer

METHODS = {"pap": "PAP", "chap": "CHAP", "mschap": "MS-CHAPv2"}
USERS = {f"{m}-user": ("hello", {"Framed-IP-Address": f"10.70.0.{i}", "Framed-IP-Netmask": "255.255.255.255",
                                 "Reply-Message": f'"Welcome {m}"', "Class": '"gold"'})
         for i, m in enumerate(METHODS, 1)}
USERS["thief"] = ("secret", {"Reply-Message": '"Go away"'})


@pytest.fixture(scope="module")
def radius(net):
    r = FreeRadius(net, USERS)
    yield r
    r.stop()


@pytest.fixture(scope="module")
def lns(net, radius):
    one = Lns(net, config(extra=radius_config()))
    yield one
    one.stop()


@pytest.fixture
def captures(net, lns, request):
    """What crosses wan (the tunnel), and what crosses lo (RADIUS), which is judged."""
    safe = re.sub(r"\W", "-", request.node.name)
    wan = Capture(net, net.lns, "wan0", net.dir / f"{safe}.pcap", "udp port 1701")
    lo = Capture(net, net.lns, "lo", net.dir / f"{safe}-radius.pcap", "udp portrange 1812-1813")
    yield wan, lo
    lo.flush()
    for c in lo, wan:
        c.stop()
    assert_clean_radius(lo.path, KEY)


@pytest.fixture
def dial(guest):
    yield lambda user, password, **kw: guest.dial(user, password, secret=SECRET, **kw)
    guest.hang_up("tunnel")


def crossed(capture):
    """{direction: (packets, octets)} of IP within PPP within L2TP: in is what the subscriber sent."""
    capture.flush()
    sums = {"in": (0, 0), "out": (0, 0)}
    for source, length, fragment in tshark(capture.path, "l2tp.type == 0 && ppp.protocol == 0x0021",
                                           ["ip.src", "ip.len", "ip.flags.mf"]):
        assert len(length) == 2 and "True" not in fragment and "1" not in fragment, (source, length, fragment)
        way = "out" if source[0] == LNS else "in"
        sums[way] = (sums[way][0] + 1, sums[way][1] + int(length[1]))
    return sums


def moment(record):
    return datetime.datetime.strptime(record["Event-Timestamp"], "%b %d %Y %H:%M:%S %Z").replace(
        tzinfo=datetime.timezone.utc).timestamp()


@pytest.mark.parametrize("method", METHODS)
def test_a_session_and_its_accounting(radius, lns, captures, dial, guest, net, method):
    user = f"{method}-user"
    d = dial(user, "hello", AUTH=method, NOCOMP=1)
    assert d.ok, d.output
    assert d.address == USERS[user][1]["Framed-IP-Address"] and d.peer == "10.255.0.1"
    assert f"Welcome {method}" in d.log, d.log[-2000:]
    guest.route("198.51.100.0/24")
    assert guest.ping(INET, 3, 1000) == 3 and guest.ping(INET, 2, 0) == 2
    assert net.inet.run("ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", "-s", "700", d.address).count("bytes from") == 2
    transfer(net.inet, INET, guest, to_guest=method != "chap", octets=300_000)
    guest.hang_up("ppp")
    start = radius.wait_record(User_Name=user, Acct_Status_Type="Start")
    stop = radius.wait_record(User_Name=user, Acct_Status_Type="Stop")
    sums = crossed(captures[0])
    assert sums["in" if method == "chap" else "out"][1] > 300_000
    assert {"in": (int(stop["Acct-Input-Packets"]), int(stop["Acct-Input-Octets"])),
            "out": (int(stop["Acct-Output-Packets"]), int(stop["Acct-Output-Octets"]))} == sums
    assert stop["Acct-Terminate-Cause"] == "User-Request" and stop["Acct-Authentic"] == "RADIUS"
    assert stop["Acct-Input-Gigawords"] == stop["Acct-Output-Gigawords"] == "0"
    assert stop["Acct-Session-Id"] == start["Acct-Session-Id"] and stop["Framed-IP-Address"] == d.address
    assert stop["Class"] == start["Class"] == "0x676f6c64"
    assert 0 <= moment(stop) - moment(start) - int(stop["Acct-Session-Time"]) <= 1 and moment(start) <= time.time()
    request, = radius.requests(User_Name=user)
    assert request["Acct-Session-Id"] == start["Acct-Session-Id"]
    secret = {"pap": "User-Password", "chap": "CHAP-Password", "mschap": "MS-CHAP2-Response"}[method]
    assert secret in request and len([k for k in request if k.endswith(("-Password", "-Response"))]) == 1, request


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_password(radius, lns, captures, dial, method):
    """Refused with the server's words."""
    d = dial("thief", "wrong", AUTH=method, WAIT=4)
    assert not d.ok and d.address is None
    assert "Go away" in d.log, d.log[-2000:]
    assert "IPCP ConfAck" not in d.log
    wait_until("no session is left", lambda: not lns.sessions(), 3)
    assert not radius.records(User_Name="thief")
