# SPDX-License-Identifier: BSD-2-Clause
"""RADIUS packets as wire/ encodes them, judged by programs that are not ours.

radius-samples prints requests and their answers. tshark, which is told the secret, must find no fault, must find the
Response Authenticators valid and must read the values, the hidden password among them. It does not judge Request
Authenticators and Message-Authenticator, or open salted values: those are computed here from RFC 2866 section 3, RFC
3579 section 3.2, RFC 5176 section 3.4 and RFC 2868 section 3.5. The table of attributes is held against FreeRADIUS's
dictionaries.
"""
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess

import pytest
from scapy.all import IP, UDP, Ether, wrpcap

SECRET = b"xyzzy5461"
ROOT = pathlib.Path(__file__).resolve().parents[2]
DICTIONARIES = pathlib.Path("/usr/share/freeradius")
NAMES = ["Access-Request", "Access-Accept", "Status-Server", "Access-Accept", "Accounting-Request", "Accounting-Response",
         "CoA-Request", "CoA-NAK"]
PORTS = [1812, 1812, 1812, 1812, 1813, 1813, 3799, 3799]


@pytest.fixture(scope="module")
def output():
    program = pathlib.Path(os.environ.get("ADIT_BUILD", ROOT / "build")) / "src" / "wire" / "radius-samples"
    if not program.exists():
        pytest.skip(f"{program} is not built (ADIT_BUILD names the build directory)")
    return [line.split() for line in subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()]


@pytest.fixture(scope="module")
def samples(output):
    packets = [bytes.fromhex(words[1]) for words in output if words[0] != "attribute"]
    assert [words[0] for words in output if words[0] != "attribute"] == NAMES
    return packets


@pytest.fixture(scope="module")
def layers(samples, tmp_path_factory):
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    pcap = tmp_path_factory.mktemp("radius") / "samples.pcap"
    frames = []
    for n, octets in enumerate(samples):
        src, dst, sport, dport = "192.0.2.1", "192.0.2.2", 50000, PORTS[n]
        if n % 2:
            src, dst, sport, dport = dst, src, dport, sport
        frames.append(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src=src, dst=dst) /
                      UDP(sport=sport, dport=dport) / octets)
    wrpcap(str(pcap), frames)
    out = subprocess.run(["tshark", "-r", pcap, "-o", f"radius.shared_secret:{SECRET.decode()}", "-o",
                          "radius.validate_authenticator:TRUE", "-T", "json", "--no-duplicate-keys"],
                         check=True, capture_output=True, text=True).stdout
    return [p["_source"]["layers"] for p in json.loads(out)]


def items(node):
    if isinstance(node, dict):
        for k, v in node.items():
            yield k, v
            yield from items(v)
    elif isinstance(node, list):
        for v in node:
            yield from items(v)


def found(layer, key):
    return [v for k, v in items(layer) if k.replace("-", "_") == key]


def test_no_packet_is_malformed(layers):
    assert len(layers) == len(NAMES)
    for name, layer in zip(NAMES, layers):
        assert "radius" in layer, name
        bad = [k for k, _ in items(layer) if k.startswith(("_ws.malformed", "_ws.expert"))]
        assert not bad, (name, bad)


def test_response_authenticators_are_valid(layers):
    for n in (1, 5, 7):
        judged = found(layers[n], "radius.authenticator.valid"), found(layers[n], "radius.authenticator.invalid")
        assert judged == (["1"], ["0"]), NAMES[n]


def test_authenticators_tshark_does_not_judge(samples):
    for packet, stand_in in (samples[3], samples[2][4:20]), (samples[4], bytes(16)), (samples[6], bytes(16)):
        assert hashlib.md5(packet[:4] + stand_in + packet[20:] + SECRET).digest() == packet[4:20]


EXPECT = [
    {"User_Name": ["bob@isp.example"], "NAS_IP_Address": ["192.0.2.1"], "NAS_Port": ["4711"], "NAS_Port_Type": ["5"],
     "ADSL_Agent_Circuit_Id": ["dslam7 eth 3/0:100"], "Actual_Data_Rate_Upstream": ["40000000"]},
    {"Framed_IP_Address": ["10.64.0.1"], "Tunnel_Type": ["3"], "Tunnel_Medium_Type": ["1"],
     "Tunnel_Server_Endpoint": ["192.0.2.99"], "MS_Primary_DNS_Server": ["9.9.9.9"]},
    {}, {},
    {"Acct_Status_Type": ["13"], "Acct_Session_Id": ["0000000a"], "Acct_Tunnel_Connection": ["1234"],
     "Acct_Tunnel_Packets_Lost": ["5"], "Acct_Terminate_Cause": ["2"]},
    {}, {}, {"Error_Cause": ["503"]},
]


def test_values_are_read(layers):
    for name, layer, want in zip(NAMES, layers, EXPECT):
        for key, values in want.items():
            assert found(layer, f"radius.{key}") == values, (name, key)
    assert "a password of more than sixteen octets" in json.dumps(layers[0])


def attrs(packet):
    at = 20
    while at < len(packet):
        yield packet[at], at + 2, packet[at + 2:at + packet[at + 1]]
        at += packet[at + 1]


def test_message_authenticator(samples):
    for n in (0, 1, 2, 6, 7):
        packet = samples[n]
        kind, at, value = next(attrs(packet))
        assert kind == 80 and len(value) == 16      # first of all
        stand_in = {0: packet[4:20], 1: samples[0][4:20], 2: packet[4:20], 6: bytes(16), 7: samples[6][4:20]}[n]
        zeroed = packet[:4] + stand_in + packet[20:at] + bytes(16) + packet[at + 16:]
        assert hmac.new(SECRET, zeroed, "md5").digest() == value, NAMES[n]


def opened(value, request):
    plain, before = b"", request[4:20] + value[:2]
    assert value[0] & 0x80
    for at in range(2, len(value), 16):
        block = value[at:at + 16]
        plain += bytes(a ^ b for a, b in zip(block, hashlib.md5(SECRET + before).digest()))
        before = block
    return plain[1:1 + plain[0]]


def test_salted_values(samples):
    values = [v for k, _, v in attrs(samples[1]) if k == 69]
    assert [(v[0], opened(v[1:], samples[0])) for v in values] == [(1, b"tunnel s3cret")]
    keys = [v[6:] for k, _, v in attrs(samples[1]) if k == 26 and v[:5] == struct.pack("!IB", 311, 16)]
    assert [opened(v, samples[0]) for v in keys] == [samples[0][4:20]]


FORMS = ["octets", "string", "integer", "ipaddr", "ipv6addr", "ifid", "ipv6prefix", "date", "string", "integer"]
NOT_AS_THERE = {"Framed-IPX-Network", "ADSL-Agent-Circuit-Id", "ADSL-Agent-Remote-Id"}      # octets, text, text here


def test_table_agrees_with_the_dictionaries(output):
    if not (DICTIONARIES / "dictionary.erx").exists():
        pytest.skip("FreeRADIUS's dictionaries are not installed")
    known, vendors, vendor = {}, {}, 0
    for f in sorted(DICTIONARIES.glob("dictionary.rfc*")) + [DICTIONARIES / f"dictionary.{n}" for n in ("microsoft", "erx")]:
        for line in f.read_text(errors="replace").splitlines():
            words = line.split("#")[0].split()
            if words[:1] == ["VENDOR"]:
                vendors[words[1]] = int(words[2])
            elif words[:1] == ["BEGIN-VENDOR"]:
                vendor = vendors[words[1]]
            elif words[:1] == ["END-VENDOR"]:
                vendor = 0
            elif words[:1] == ["ATTRIBUTE"] and words[2].isdigit():
                known[vendor, words[1]] = int(words[2]), re.sub(r"\[.*", "", words[3]), " ".join(words[4:])
    for _, vendor, number, name, form in (words for words in output if words[0] == "attribute"):
        there, kind, flags = known[int(vendor), name]
        assert there == int(number), name
        assert ("has_tag" in flags) == (form in "8 9 12".split()), name
        hidden = {"10": "encrypt=1", "11": "encrypt=2", "12": "encrypt=2"}.get(form)
        assert re.findall(r"encrypt=\d", flags) == ([hidden] if hidden else []), name
        if not hidden and name not in NOT_AS_THERE:
            assert FORMS[int(form)] == {"vsa": "octets", "extended": "octets", "long-extended": "octets"}.get(kind, kind), name
