#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How many requests a second does a RADIUS server answer? radius_load.py auth|acct PORT SECRET PASSWORD COUNT IN_FLIGHT

Access-Requests are CHAP, without Message-Authenticator. Each request is another one: no answer comes from the server's memory of
duplicates. radclient spends more time on a request than the servers do, and would be what is measured.
"""
import hashlib
import json
import os
import select
import socket
import struct
import sys
import time

IDS = 256
LOST_S = 3


def attr(kind, value):
    return bytes([kind, len(value) + 2]) + value


def attributes(kind, password, number):
    name = attr(1, f"line{number:05}@example.net".encode())
    if kind == "acct":
        return name + attr(40, struct.pack("!I", 1)) + attr(44, f"{number:016x}".encode())
    challenge = os.urandom(16)
    return name + attr(60, challenge) + attr(3, b"\1" + hashlib.md5(b"\1" + password + challenge).digest())


class Load:
    def __init__(self, kind, port, secret, password, in_flight):
        self.kind, self.secret, self.password, self.in_flight = kind, secret, password, in_flight
        self.socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(-(-in_flight // (IDS // 2)))]
        for s in self.socks:
            s.connect(("127.0.0.1", port))
            s.setblocking(False)
        self.free = [(s, i) for i in range(IDS) for s in self.socks]
        self.waiting, self.sent, self.answered = {}, 0, 0

    def send(self):
        s, ident = self.free.pop(0)
        body = attributes(self.kind, self.password, self.sent)
        head = struct.pack("!BBH", 1 if self.kind == "auth" else 4, ident, 20 + len(body))
        if self.kind == "auth":
            authenticator = os.urandom(16)
        else:
            authenticator = hashlib.md5(head + bytes(16) + body + self.secret).digest()
        s.send(head + authenticator + body)
        self.waiting[s, ident] = time.monotonic()
        self.sent += 1

    def receive(self):
        for s in select.select(self.socks, [], [], 1)[0]:
            try:
                while True:
                    d = s.recv(4096)
                    if self.waiting.pop((s, d[1]), None):
                        self.answered += d[0] in (2, 5)
                        self.free.append((s, d[1]))
            except BlockingIOError:
                pass

    def forget(self):
        """What is not answered is not asked again."""
        late = time.monotonic() - LOST_S
        for key in [k for k, at in self.waiting.items() if at < late]:
            del self.waiting[key]
            self.free.append(key)

    def run(self, count):
        begun, looked = time.monotonic(), time.monotonic()
        while self.sent < count or self.waiting:
            for _ in range(min(self.in_flight - len(self.waiting), count - self.sent, 32)):
                self.send()
            self.receive()
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                self.forget()
        return {"sent": self.sent, "answered": self.answered, "seconds": time.monotonic() - begun}


if __name__ == "__main__":
    _, KIND, PORT, SECRET, PASSWORD, COUNT, IN_FLIGHT = sys.argv
    print(json.dumps(Load(KIND, int(PORT), SECRET.encode(), PASSWORD.encode(), int(IN_FLIGHT)).run(int(COUNT))))
