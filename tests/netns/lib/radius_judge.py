# SPDX-License-Identifier: BSD-2-Clause
"""tshark as an independent judge of RADIUS: decoded packets of a capture, and whether each is right."""
import hashlib
import hmac

from .capture import tshark

WARN = 0x600000     # tshark's expert severities: note 0x400000, warn 0x600000, error 0x800000


def decoded(path, display_filter, fields, key):
    """Rows as of tshark(), with secrets opened and authenticators judged. Nobody fills in checksums on a loopback."""
    return tshark(path, f"radius && ({display_filter})", fields,
                  options=(f"radius.shared_secret:{key}", "radius.validate_authenticator:TRUE"))


def request_authentic(octets, key):
    """What tshark does not judge: the authenticator of an Accounting-Request (RFC 2866 §3), the Message-Authenticator
    of an Access-Request (RFC 3579 §3.2), which we send first of all attributes."""
    if octets[0] == 4:
        return octets[4:20] == hashlib.md5(octets[:4] + bytes(16) + octets[20:] + key.encode()).digest()
    blank = octets[:22] + bytes(16) + octets[38:]
    return octets[20:22] == b"\x50\x12" and octets[22:38] == hmac.digest(key.encode(), blank, "md5")


def assert_clean_radius(path, key):
    """Every RADIUS packet decodes, its authenticator is right, and tshark knows all that is in it. Returns how many of
    each code there are: {code: count}."""
    fields = ["frame.number", "radius.code", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message",
              "radius.authenticator.valid", "radius.Unknown_Attribute", "udp.payload"]
    codes, faults = {}, []
    for number, code, malformed, severities, messages, valid, unknown, octets in decoded(path, "radius.code", fields, key):
        codes[int(code[0])] = codes.get(int(code[0]), 0) + 1
        where = f"frame {number[0]} (code {code[0]})"
        octets = bytes.fromhex(octets[0].replace(":", ""))
        if malformed or unknown:
            faults.append(f"{where}: malformed {malformed} unknown {unknown}")
        if not request_authentic(octets, key) if code[0] in "14" else valid not in (["1"], ["True"]):
            faults.append(f"{where}: authenticator")
        faults += [f"{where}: {m}" for s, m in zip(severities, messages) if int(s, 0) >= WARN]
    assert codes, f"no RADIUS in {path}"
    assert not faults, "\n".join(faults)
    return codes
