# SPDX-License-Identifier: BSD-2-Clause
"""What FreeRADIUS is told: every attribute of an Access-Request and of the records, from a LAC that says all it can.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd], [FreeRADIUS] on lo
"""
import re
import struct

import pytest

from lib.capture import Capture
from lib.freeradius import KEY, FreeRadius, radius_config
from lib.lab import lab
from lib.lac import Client, avp, u32
from lib.lns import Lns, config
from lib.radius_judge import assert_clean_radius, decoded

DSL = 3561      # RFC 5515: the ADSL Forum
RATES = ["Actual-Data-Rate-Upstream", "Actual-Data-Rate-Downstream", "Minimum-Data-Rate-Upstream",
         "Minimum-Data-Rate-Downstream", "Attainable-Data-Rate-Upstream", "Attainable-Data-Rate-Downstream",
         "Maximum-Data-Rate-Upstream", "Maximum-Data-Rate-Downstream", "Minimum-Data-Rate-Upstream-Low-Power",
         "Minimum-Data-Rate-Downstream-Low-Power"]
DELAYS = ["Maximum-Interleaving-Delay-Upstream", "Actual-Interleaving-Delay-Upstream",
          "Maximum-Interleaving-Delay-Downstream", "Actual-Interleaving-Delay-Downstream"]


def line_avps():
    """RFC 5515 §5, all of them."""
    out = avp(1, b"dslam 3/7", m=False, vendor=DSL) + avp(2, b"street 5", m=False, vendor=DSL)
    for i in range(len(RATES)):
        out += avp(129 + i, struct.pack("!Q", 1_000_000 * (i + 1)), m=False, vendor=DSL)
    for i in range(len(DELAYS)):
        out += avp(139 + i, u32(10 + i), m=False, vendor=DSL)
    return out + avp(144, bytes([1, 2, 0]), m=False, vendor=DSL) + avp(254, u32(1), m=False, vendor=DSL)


@pytest.fixture(scope="module")
def radius(net):
    r = FreeRadius(net, {u: ("hello", {"Class": "0x01"}) for u in ("full", "bare", "bob", "same", "six")})
    r.capture = c = Capture(net, net.lns, "lo", net.dir / "radius.pcap", "udp portrange 1812-1813")
    yield r
    r.stop()
    c.flush()
    c.stop()
    assert_clean_radius(c.path, KEY)


@pytest.fixture(scope="module")
def lns(net, radius):
    one = Lns(net, config(auth="pap chap", extra=radius_config()))
    yield one
    one.stop()


@pytest.fixture
def lac(lns, make_lac):
    one = make_lac()
    one.open()
    return one


def call(lac, lns, user, icrq=b"", iccn=b""):
    c = lac.call(icrq, iccn)
    c.dial(user)
    session, = [s for s in lns.sessions() if s["user-name"] == user and s["status"] == "up"]
    return c, session


def of_the_session(lac, lns, client, session):
    """What is in the request and in each record alike."""
    tunnel, local, serial = (session[k] for k in ("local-tunnel-id", "local-session-id", "call-serial-number"))
    text = f"ip:192.0.2.1:192.0.2.10:{tunnel}:{lac.tid}:{local}:{client.sid}:{serial}"
    return {
        "NAS-IP-Address": "10.255.0.1", "NAS-Identifier": "lns1", "NAS-Port": str(tunnel << 16 | local),
        "NAS-Port-Type": "Virtual", "NAS-Port-Id": text, "Service-Type": "Framed-User", "Framed-Protocol": "PPP",
        "Connect-Info": text, "Tunnel-Type:0": "L2TP", "Tunnel-Medium-Type:0": "IPv4",
        "Tunnel-Client-Endpoint:0": "192.0.2.10", "Tunnel-Server-Endpoint:0": "192.0.2.1",
        "Tunnel-Client-Auth-Id:0": "test-lac", "Tunnel-Server-Auth-Id:0": "lns1",
        "Acct-Tunnel-Connection": str(serial),
    }


def assert_has(row, wanted):
    wrong = {k: (row.get(k), v) for k, v in wanted.items() if row.get(k) != v}
    assert not wrong, f"{wrong}\n{row}"


def test_all_that_a_lac_tells(radius, lns, lac, net):
    client, session = call(lac, lns, "full", avp(22, "0301234567") + avp(21, "0815") + line_avps(),
                           avp(37, "group7", m=False) + avp(38, u32(640_000), m=False))
    wanted = of_the_session(lac, lns, client, session) | {
        "User-Name": "full", "Calling-Station-Id": "0301234567", "Called-Station-Id": "0815",
        "Tunnel-Private-Group-Id:0": "group7", "ADSL-Agent-Circuit-Id": "0x" + b"dslam 3/7".hex(),
        "ADSL-Agent-Remote-Id": "0x" + b"street 5".hex(), "Access-Loop-Encapsulation": "0x010200"}
    wanted |= {name: str(1_000_000 * (i + 1)) for i, name in enumerate(RATES)}
    wanted |= {name: str(10 + i) for i, name in enumerate(DELAYS)}
    request, = radius.requests(User_Name="full")
    assert_has(request, wanted | {"User-Password": "hello"})
    radius.capture.flush()
    # RFC 4679 §3.3.18: it has no value, so neither FreeRADIUS nor tshark shows it
    (octets,), = decoded(radius.capture.path, 'radius.code == 1 && radius.User_Name == "full"', ["udp.payload"], KEY)
    assert "1a0800000de9fe02" in octets[0].replace(":", "")
    start = radius.wait_record(User_Name="full", Acct_Status_Type="Start")
    lac.cdn(client)
    stop = radius.wait_record(User_Name="full", Acct_Status_Type="Stop")
    same = {"Class": "0x01", "Acct-Authentic": "RADIUS", "Acct-Session-Id": request["Acct-Session-Id"],
            "Acct-Multi-Session-Id": request["Acct-Session-Id"], "Acct-Link-Count": "1",
            "Framed-IP-Address": client.address, "Framed-IP-Netmask": "255.255.255.255", "Acct-Delay-Time": "0"}
    assert_has(start, wanted | same)
    assert_has(stop, wanted | same | {
        "Acct-Input-Octets": "0", "Acct-Output-Octets": "0", "Acct-Input-Packets": "0", "Acct-Output-Packets": "0",
        "Acct-Input-Gigawords": "0", "Acct-Output-Gigawords": "0", "ERX-Input-Gigapkts": "0",
        "ERX-Output-Gigapkts": "0"})
    assert stop["Acct-Terminate-Cause"] and "Event-Timestamp" in start and "Event-Timestamp" in stop
    assert re.fullmatch("[0-9a-f]{16}", request["Acct-Session-Id"])


def test_what_a_lac_does_not_tell(radius, lns, lac):
    client, session = call(lac, lns, "bare")
    request, = radius.requests(User_Name="bare")
    assert_has(request, of_the_session(lac, lns, client, session))
    assert not [k for k in request if k.startswith(("ADSL", "Called", "Calling", "Tunnel-Private"))], request
    assert "Class" not in request and "Framed-IP-Address" not in request


def test_adit_lab(radius, lns, net):
    lab(net, "--calling-number", "line%03d", "--called-number", "isp", "--circuit-id", "dslam 1/%d", "--remote-id",
        "house %d", "--hold", 1)
    request, = radius.requests(User_Name="bob")
    assert_has(request, {"Calling-Station-Id": "line001", "Called-Station-Id": "isp",
                         "ADSL-Agent-Circuit-Id": "0x" + b"dslam 1/1".hex(),
                         "ADSL-Agent-Remote-Id": "0x" + b"house 1".hex(), "Tunnel-Client-Auth-Id:0": "adit-lab"})


def test_what_the_configuration_says(radius, lns, lac):
    """Connect-Info from the speeds, names and addresses of the node, what is left out; a second call's serial number."""
    speeds = avp(24, u32(2_000_000)) + avp(19, u32(1))
    lns.configure("radius connect-info-format l2tp-connect-speed", "radius nas-identifier bras7",
                  "radius nas-ip-address 2001:db8::7", "radius include tunnel-type access-request disable",
                  "radius include acct-session-id access-request disable")
    sid = lac.icrq()
    m = lac.expect("ICRP", sid)
    lac.iccn(m.number(14), speeds + avp(38, u32(640_000), m=False), leave_out=(24, 19))
    c = Client(lac, sid, m.number(14))
    c.dial("six")
    request, = radius.requests(User_Name="six")
    assert_has(request, {"Connect-Info": "2000000/640000", "NAS-Identifier": "bras7", "NAS-IPv6-Address": "2001:db8::7"})
    assert not {"NAS-IP-Address", "Tunnel-Type:0", "Acct-Session-Id"} & set(request)
    start = radius.wait_record(User_Name="six", Acct_Status_Type="Start")
    assert start["Tunnel-Type:0"] == "L2TP" and start["NAS-IPv6-Address"] == "2001:db8::7"
    lns.configure("radius connect-info-format l2tp-connect-speed-rx-when-equal", "no radius nas-ip-address",
                  "radius override nas-ip-addr tunnel-client-endpoint")
    call(lac, lns, "same", iccn=avp(38, u32(100_000_000), m=False))
    request, = radius.requests(User_Name="same")
    assert_has(request, {"Connect-Info": "100000000/100000000", "NAS-IP-Address": "192.0.2.10"})
