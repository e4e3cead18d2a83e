# SPDX-License-Identifier: BSD-2-Clause
"""A RADIUS server that does what the user's name says: accept..., reject..., anything else: nothing. Accounting is answered.

    python3 radius_peer.py ADDRESS PORT SECRET
"""
import hashlib
import hmac
import socket
import struct
import sys

ACCEPT, REJECT, ACCT_RESPONSE = 2, 3, 5
ACCOUNTING_REQUEST, STATUS_SERVER = 4, 12
USER_NAME, FRAMED_IP_ADDRESS, REPLY_MESSAGE, FRAMED_ROUTE, SESSION_TIMEOUT, MESSAGE_AUTHENTICATOR = 1, 8, 18, 22, 27, 80


def attribute(kind, value):
    return bytes([kind, 2 + len(value)]) + value


def attributes(octets):
    found = {}
    while octets:
        found.setdefault(octets[0], octets[2:octets[1]])
        octets = octets[octets[1]:]
    return found


GRANT = (attribute(FRAMED_IP_ADDRESS, bytes([10, 99, 0, 7])) + attribute(SESSION_TIMEOUT, struct.pack("!I", 3600)) +
         attribute(REPLY_MESSAGE, b"welcome") + attribute(FRAMED_ROUTE, b"10.77.0.0/24 0.0.0.0 3"))


def answer(code, ident, request_authenticator, body, secret):
    body = attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + body
    head = struct.pack("!BBH", code, ident, 20 + len(body))
    mac = hmac.new(secret, head + request_authenticator + body, "md5").digest()
    body = attribute(MESSAGE_AUTHENTICATOR, mac) + body[18:]
    return head + hashlib.md5(head + request_authenticator + body + secret).digest() + body


def judge(request, secret):
    code, ident, length = struct.unpack("!BBH", request[:4])
    user = attributes(request[20:length]).get(USER_NAME, b"")
    if code == ACCOUNTING_REQUEST:
        return answer(ACCT_RESPONSE, ident, request[4:20], b"", secret)
    if code == STATUS_SERVER or user.startswith(b"accept"):
        return answer(ACCEPT, ident, request[4:20], GRANT if user else b"", secret)
    if user.startswith(b"reject"):
        return answer(REJECT, ident, request[4:20], attribute(REPLY_MESSAGE, b"go away"), secret)
    return None


def main(address, port, secret):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, int(port)))
    print("ready", flush=True)
    while True:
        request, peer = sock.recvfrom(4096)
        reply = judge(request, secret.encode())
        if reply:
            sock.sendto(reply, peer)


if __name__ == "__main__":
    main(*sys.argv[1:])
