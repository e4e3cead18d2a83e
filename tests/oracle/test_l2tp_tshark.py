# SPDX-License-Identifier: BSD-2-Clause
"""Control messages as wire/ encodes them, read by decoders that are not ours.

l2tp-samples prints each message twice, in clear and with every AVP hidden that may be. tshark must find no fault in
either, and the values in the clear ones. tshark shows hidden AVPs but does not open them, so those are opened here,
straight from the formulas of RFC 2661 section 4.3, and must be the AVPs of the clear twin.
"""
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess

import pytest
from scapy.all import IP, UDP, Ether, wrpcap

SECRET = b"s3cret"
ROOT = pathlib.Path(__file__).resolve().parents[2]
M, H, RANDOM_VECTOR = 0x8000, 0x4000, 36


def samples_program():
    build = pathlib.Path(os.environ.get("ADIT_BUILD", ROOT / "build"))
    return build / "src" / "wire" / "l2tp-samples"


@pytest.fixture(scope="module")
def samples():
    if not samples_program().exists():
        pytest.skip(f"{samples_program()} is not built (ADIT_BUILD names the build directory)")
    out = subprocess.run([samples_program()], check=True, capture_output=True, text=True).stdout
    return [(name, form, bytes.fromhex(octets)) for name, form, octets in map(str.split, out.splitlines())]


@pytest.fixture(scope="module")
def packets(samples, tmp_path_factory):
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    pcap = tmp_path_factory.mktemp("l2tp") / "samples.pcap"
    wrpcap(str(pcap), [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="192.0.2.1", dst="192.0.2.2") /
                       UDP(sport=1701, dport=1701) / octets for _, _, octets in samples])
    out = subprocess.run(["tshark", "-r", pcap, "-o", f"l2tp.shared_secret:{SECRET.decode()}", "-T", "json",
                          "--no-duplicate-keys"], check=True, capture_output=True, text=True).stdout
    return [p["_source"]["layers"] for p in json.loads(out)]


def keys(node):
    if isinstance(node, dict):
        for k, v in node.items():
            yield k
            yield from keys(v)
    elif isinstance(node, list):
        for v in node:
            yield from keys(v)


def texts(node):
    if isinstance(node, dict):
        for v in node.values():
            yield from texts(v)
    elif isinstance(node, list):
        for v in node:
            yield from texts(v)
    else:
        yield str(node)


def test_no_message_is_malformed(samples, packets):
    assert len(packets) == len(samples) == 27
    for (name, form, _), layers in zip(samples, packets):
        assert "l2tp" in layers, (name, form)
        bad = [k for k in keys(layers) if k.startswith("_ws.malformed") or k.startswith("_ws.expert")]
        assert not bad, (name, form, bad)


EXPECT = {      # what tshark must have read out of the clear messages
    "SCCRQ": ["lac1.example", "4711", "16", "adit", "0x0123456789abcdef"],
    "SCCRP": ["lac1.example", "4711", "66:65:64:63:62:61:39:38:37:36:35:34:33:32:31:30"],
    "StopCCN": ["4711", "ICRQ: unknown AVP (AVP 0/99)"],
    "ICRQ": ["815", "16909060", "03012345", "0190", "dslam7 eth 3/0:100", "line 42"],
    "ICCN": ["100000000", "40000000", "bob@isp.example", "9"],
    "CDN": ["815", "authentication failed", "no such user"],
    "OCRQ": ["64000", "128000"],
}


def test_values_are_read(samples, packets):
    for (name, form, _), layers in zip(samples, packets):
        if form == "clear" and name in EXPECT:
            found = set(texts(layers["l2tp"]))
            missing = [v for v in EXPECT[name] if v not in found]
            assert not missing, (name, missing, sorted(found))


def avps(message):
    at = 12
    while at < len(message):
        word, vendor, kind = struct.unpack_from("!HHH", message, at)
        length = word & 0x3FF
        assert length >= 6 and at + length <= len(message)
        yield word & ~0x3FF, vendor, kind, message[at + 6:at + length]
        at += length


def unhide(kind, vector, value):
    pad = hashlib.md5(struct.pack("!H", kind) + SECRET + vector).digest()
    plain = b""
    for at in range(0, len(value), 16):
        block = value[at:at + 16]
        plain += bytes(a ^ b for a, b in zip(block, pad))
        pad = hashlib.md5(SECRET + block).digest()
    length = struct.unpack("!H", plain[:2])[0]
    assert length <= len(plain) - 2
    return plain[2:2 + length]


def opened(message):
    vector, out, hidden, lengths = None, [], 0, 0
    for flags, vendor, kind, value in avps(message):
        if (vendor, kind) == (0, RANDOM_VECTOR):
            vector = value
            continue
        if flags & H:
            lengths += len(value)
            value = unhide(kind, vector, value)
            lengths -= len(value) + 2
            hidden += 1
        out.append((flags & ~H, vendor, kind, value))
    return out, hidden, lengths


NEVER_HIDDEN = {0, 1, 2, 5, 7, 10, 12, 36, 39}      # RFC 2661 section 4.4: "MUST NOT be hidden"


def test_hidden_twin_has_the_same_avps(samples):
    clear = {name: octets for name, form, octets in samples if form == "clear"}
    padding = 0
    for name, form, octets in samples:
        assert struct.unpack_from("!H", octets, 2)[0] == len(octets)
        if form != "hidden":
            continue
        got, hidden, padded = opened(octets)
        assert got == list(avps(clear[name])), name
        assert hidden == sum(1 for _, v, k, _ in got if v or k not in NEVER_HIDDEN), name
        padding += padded
    assert padding > 0      # random padding masks the lengths
