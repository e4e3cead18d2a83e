# SPDX-License-Identifier: BSD-2-Clause
"""An L2TP access concentrator with PPP clients, written from the RFCs on plain sockets. It shares nothing with src/,
and says exactly the octets it is told to, wrong ones too."""
import ctypes
import hashlib
import os
import random
import socket
import struct
import threading
import time
from collections import deque

from .net import LNS

NAMES = {1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP", 9: "OCCN", 10: "ICRQ",
         11: "ICRP", 12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI"}
TYPES = {v: k for k, v in NAMES.items()}
T, L, S, O, P = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100      # RFC 2661 3.1
CONTROL = T | L | S | 2
LCP, PAP, CHAP, IPCP, IPV6CP, CCP, IP = 0xC021, 0xC023, 0xC223, 0x8021, 0x8057, 0x80FD, 0x0021
REQ, ACK, NAK, REJ, TERM_REQ, TERM_ACK, CODE_REJ, PROTO_REJ, ECHO_REQ, ECHO_REP = range(1, 11)
_libc = ctypes.CDLL(None, use_errno=True)


def socket_in(ns, kind=socket.SOCK_DGRAM):
    """A socket of a namespace: a thread of its own goes there to make it."""
    made = []

    def make():
        fd = os.open(f"/run/netns/{ns.name}", os.O_RDONLY)
        if _libc.setns(fd, 0) == 0:
            made.append(socket.socket(socket.AF_INET, kind))
        os.close(fd)
    t = threading.Thread(target=make)
    t.start()
    t.join()
    assert made, "setns"
    return made[0]


def avp(kind, value=b"", m=True, h=False, vendor=0, flags=0, length=None):
    """One AVP. `length` lies about its length, `flags` are reserved bits."""
    if isinstance(value, str):
        value = value.encode()
    word = (0x8000 if m else 0) | (0x4000 if h else 0) | flags | (6 + len(value) if length is None else length)
    return struct.pack("!HHH", word, vendor, kind) + value


def u16(v):
    return struct.pack("!H", v)


def u32(v):
    return struct.pack("!I", v)


def hide(kind, value, secret, vector, pad=b"", m=True, vendor=0, length=None):
    """A hidden AVP, RFC 2661 4.3. `length` lies about the original length."""
    plain = u16(len(value) if length is None else length) + value + pad
    out, last = b"", hashlib.md5(u16(kind) + secret.encode() + vector).digest()
    for i in range(0, len(plain), 16):
        block = bytes(a ^ b for a, b in zip(plain[i:i + 16], last))
        out += block
        last = hashlib.md5(secret.encode() + block).digest()
    return avp(kind, out, m=m, h=True, vendor=vendor)


def response(message_type, secret, challenge):
    return hashlib.md5(bytes([message_type]) + secret.encode() + challenge).digest()


class Message:
    """A control message that came, taken apart."""

    def __init__(self, octets):
        self.octets = octets
        flags, length, self.tid, self.sid, self.ns, self.nr = struct.unpack("!HHHHHH", octets[:12])
        assert flags == CONTROL, f"header of a control message: {flags:04x}"
        assert length == len(octets), f"Length {length} of {len(octets)} octets"
        self.avps, rest = {}, octets[12:]
        self.order = []
        while rest:
            word, vendor, kind = struct.unpack("!HHH", rest[:6])
            n = word & 0x3FF
            assert 6 <= n <= len(rest), f"AVP length {n} of {len(rest)}"
            assert word & 0x3C00 == 0, "reserved bits of an AVP"
            self.avps.setdefault((vendor, kind), rest[6:n])
            self.order.append((vendor, kind))
            rest = rest[n:]
        self.kind = NAMES.get(struct.unpack("!H", self.avps[0, 0])[0]) if self.avps else "ZLB"
        assert not self.avps or self.order[0] == (0, 0), "Message Type is not the first AVP"

    def number(self, kind):
        return int.from_bytes(self.avps[0, kind], "big")

    @property
    def result(self):
        """(result code, error code or None, message)."""
        v = self.avps[0, 1]
        code = struct.unpack("!H", v[:2])[0]
        return code, struct.unpack("!H", v[2:4])[0] if len(v) >= 4 else None, v[4:].decode(errors="replace")

    def __repr__(self):
        r = f" result={self.result}" if (0, 1) in self.avps else ""
        return f"<{self.kind} tid={self.tid} sid={self.sid} ns={self.ns} nr={self.nr}{r}>"


class Lac:
    def __init__(self, ns, address, port=0, secret="s3cret", lns=LNS, tid=None, host="test-lac", sock=None, header_tid=None):
        self.sock = sock or socket_in(ns)
        if not sock:
            # only for a port that is named: of two sockets that may share, the kernel gives both the same free port, and
            # one of them gets the answers of both; 40 sockets at an address have such a pair once in 30 times
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, port != 0)
            self.sock.bind((address, port))
        self.peer = (lns, 1701)
        self.tid = tid or random.randint(1, 65535)
        self.peer_tid, self.ns, self.nr, self.peer_nr = 0, 0, 0, 0
        self.secret, self.host = secret, host
        self.header_tid = header_tid    # stands in the header of control messages, instead of the peer's id
        self.inbox, self.data, self.calls = deque(), {}, 0
        self.answers, self.all = True, []

    def close(self):
        self.sock.close()

    def leave(self):
        """Closes the tunnel, if one is open, and the socket."""
        if self.sock.fileno() >= 0 and self.peer_tid:
            try:
                self.answers = True
                self.stop()
                self.wait(lambda: self.peer_nr == self.ns, 0.3)
            except (AssertionError, OSError):
                pass
        self.close()

    # ---- out ----

    def raw(self, octets):
        self.sock.sendto(octets, self.peer)

    def _tid(self, tid=None):
        if tid is not None:
            return tid
        return self.peer_tid if self.header_tid is None else self.header_tid

    def control(self, kind, avps=b"", sid=0, tid=None, ns=None, nr=None, flags=CONTROL, length=None, type_avp=True):
        """Sends a control message and takes the next Ns for it, unless `ns` is given."""
        if isinstance(kind, str):
            kind = TYPES[kind]
        body = (avp(0, u16(kind)) if type_avp else b"") + avps
        if ns is None:
            ns, self.ns = self.ns, (self.ns + 1) & 0xFFFF
        octets = struct.pack("!HHHHHH", flags, 12 + len(body) if length is None else length,
                             self._tid(tid), sid, ns, self.nr if nr is None else nr) + body
        self.raw(octets)
        return octets

    def zlb(self, ns=None, nr=None):
        self.raw(struct.pack("!HHHHHH", CONTROL, 12, self._tid(), 0, self.ns if ns is None else ns,
                             self.nr if nr is None else nr))

    # ---- in ----

    def poll(self, timeout):
        """Takes one datagram, if one comes: data into self.data[sid], control messages into the inbox, acknowledged."""
        self.sock.settimeout(max(timeout, 0.001))
        try:
            octets, source = self.sock.recvfrom(65536)
        except (TimeoutError, BlockingIOError):
            return False
        assert source == self.peer, f"from {source}"
        self.all.append(octets)
        if not octets[0] & 0x80:
            self._data(octets)
            return True
        m = Message(octets)
        self.peer_nr = m.nr
        if m.kind == "ZLB":
            return True
        if m.ns == self.nr:
            self.nr = (self.nr + 1) & 0xFFFF
            self.inbox.append(m)
        if m.kind == "SCCRP" or m.kind == "StopCCN" and (0, 9) in m.avps:
            self.peer_tid = self.peer_tid or m.number(9)
        if self.answers:
            self.zlb()
        return True

    def _data(self, octets):
        flags, = struct.unpack("!H", octets[:2])
        at = 4 if flags & L else 2
        tid, sid = struct.unpack("!HH", octets[at:at + 4])
        at += 4 + (4 if flags & S else 0)
        if flags & O:
            at += 2 + struct.unpack("!H", octets[at:at + 2])[0]
        assert tid == self.tid, f"data for tunnel {tid}"
        self.data.setdefault(sid, deque()).append(octets[at:])

    def wait(self, condition, timeout=3.0):
        end = time.monotonic() + timeout
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.poll(left)
        return True

    def take(self, kind, sid=None, timeout=3.0):
        """The next control message of a kind (for a session); others stay. None when none comes."""
        found = []

        def seen():
            for m in self.inbox:
                if m.kind == kind and (sid is None or m.sid == sid):
                    found.append(m)
                    self.inbox.remove(m)
                    return True
            return False
        self.wait(seen, timeout)
        return found[0] if found else None

    def expect(self, kind, sid=None, timeout=3.0):
        m = self.take(kind, sid, timeout)
        assert m, f"no {kind} within {timeout} s; there is {list(self.inbox)}"
        return m

    def quiet(self, seconds=0.4):
        """Nothing at all comes for so long."""
        end, n = time.monotonic() + seconds, len(self.all)
        while time.monotonic() < end:
            self.poll(end - time.monotonic())
        return len(self.all) == n

    # ---- tunnels and calls ----

    def sccrq_avps(self, leave_out=(), challenge=None, version=b"\x01\x00", tid=None):
        avps = {2: version, 3: u32(3), 4: u32(0), 7: self.host.encode(), 8: b"by hand", 9: u16(self.tid if tid is None
                else tid), 10: u16(8)}
        if challenge:
            avps[11] = challenge
        return b"".join(avp(k, v, m=k != 8) for k, v in avps.items() if k not in leave_out)

    def sccrq(self, extra=b"", **kw):
        self.challenge = os.urandom(16) if self.secret else None
        kw.setdefault("challenge", self.challenge)
        return self.control("SCCRQ", self.sccrq_avps(**kw) + extra, tid=0)

    def open(self, extra=b"", scccn=b"", **kw):
        """The whole set-up of a tunnel, our challenge and theirs."""
        self.sccrq(extra, **kw)
        m = self.expect("SCCRP")
        if self.challenge:
            assert m.avps[0, 13] == response(2, self.secret, self.challenge), "Challenge Response of the SCCRP"
        mine = avp(13, response(3, self.secret, m.avps[0, 11])) if (0, 11) in m.avps else b""
        self.control("SCCCN", mine + scccn)
        assert self.wait(lambda: self.peer_nr == self.ns), "the SCCCN is not acknowledged"
        return m

    def stop(self, result=1):
        self.control("StopCCN", avp(9, u16(self.tid)) + avp(1, u16(result)))

    def icrq(self, sid=None, extra=b"", leave_out=()):
        self.calls += 1
        sid = sid or random.randint(1, 65535)
        avps = {14: u16(sid), 15: u32(self.calls)}
        self.control("ICRQ", b"".join(avp(k, v) for k, v in avps.items() if k not in leave_out) + extra)
        return sid

    def iccn(self, peer_sid, extra=b"", leave_out=()):
        avps = {24: u32(100_000_000), 19: u32(1)}
        self.control("ICCN", b"".join(avp(k, v) for k, v in avps.items() if k not in leave_out) + extra, sid=peer_sid)

    def call(self, icrq=b"", iccn=b"", sid=None):
        """An incoming call, up to ICCN: a PPP client on it."""
        sid = self.icrq(sid, icrq)
        m = self.expect("ICRP", sid)
        self.iccn(m.number(14), iccn)
        return Client(self, sid, m.number(14))

    def cdn(self, client, result=3):
        self.control("CDN", avp(14, u16(client.sid)) + avp(1, u16(result)), sid=client.peer_sid)


def option(kind, value=b""):
    return bytes([kind, 2 + len(value)]) + value


def options(octets):
    """A list of (type, value) of configuration options."""
    out = []
    while octets:
        assert 2 <= octets[1] <= len(octets), "length of an option"
        out.append((octets[0], octets[2:octets[1]]))
        octets = octets[octets[1]:]
    return out


def packet(code, ident, body=b""):
    return struct.pack("!BBH", code, ident, 4 + len(body)) + body


class Client:
    """A PPP client in one session, RFC 1661 as far as tests need it."""

    def __init__(self, lac, sid, peer_sid):
        self.lac, self.sid, self.peer_sid = lac, sid, peer_sid
        self.magic, self.ident = os.urandom(4), 0
        self.auth, self.peer_lcp, self.address, self.dns, self.gateway = None, {}, None, None, None
        self.queue, self.message = deque(), None
        lac.data.setdefault(sid, deque())

    def frame(self, octets, flags=0, ns=0, nr=0, pad=None, length=None):
        """A data message with any legal header (RFC 2661 3.1) around octets."""
        head = struct.pack("!HH", self.lac.peer_tid, self.peer_sid)
        if flags & S:
            head += struct.pack("!HH", ns, nr)
        if flags & O:
            head += u16(len(pad or b"")) + (pad or b"")
        total = 2 + len(head) + len(octets) + (2 if flags & L else 0)
        self.lac.raw(u16(flags | 2) + (u16(total if length is None else length) if flags & L else b"") + head + octets)

    def send(self, protocol, body, **kw):
        self.frame(b"\xff\x03" + u16(protocol) + body, **kw)

    def code(self, protocol, code, ident, body=b""):
        self.send(protocol, packet(code, ident, body))

    def _next(self):
        d = self.lac.data[self.sid]
        if not d:
            return None
        f = d.popleft()
        assert f[:2] == b"\xff\x03", f"no FF 03: {f[:4].hex()}"
        return struct.unpack("!H", f[2:4])[0], f[4:]

    def recv(self, protocol, code=None, timeout=3.0, must=True, keep=False):
        """The next packet of a protocol (and code): (code, id, body); for IP its octets. Others stay in their order;
        with `keep` this one does too."""
        found = []

        def seen():
            while (f := self._next()) is not None:
                self.queue.append(f)
            for f in self.queue:
                if f[0] == protocol and (code is None or f[1][0] == code):
                    found.append(f[1])
                    if not keep:
                        self.queue.remove(f)
                    return True
            return False
        self.lac.wait(seen, timeout)
        assert found or not must, f"no {protocol:04x} {code}; there is {[(hex(p), b[:2].hex()) for p, b in self.queue]}"
        if not found:
            return None
        if protocol == IP:
            return found[0]
        c, ident, n = struct.unpack("!BBH", found[0][:4])
        return c, ident, found[0][4:n]

    def negotiate(self, protocol, wanted, timeout=6.0, ack=lambda kind, value: True):
        """Both directions of a Configure exchange, repeated every second. `wanted` is changed by Nak and Reject.
        Returns the peer's options."""
        mine, theirs, end = False, None, time.monotonic() + timeout

        def request():
            self.code(protocol, REQ, self.ident, b"".join(option(k, v) for k, v in wanted.items()))
        self.ident += 1
        request()
        while not mine or theirs is None:
            assert time.monotonic() < end, f"{protocol:04x} does not converge"
            got = self.recv(protocol, None, 1, must=False)
            if not got:
                if not mine:
                    request()
                continue
            code, ident, body = got
            if code == REQ:
                bad = [(k, v) for k, v in options(body) if not ack(k, v)]
                self.code(protocol, REJ if bad else ACK, ident, b"".join(option(*o) for o in bad) if bad else body)
                theirs = None if bad else dict(options(body))
            elif code == ACK and ident == self.ident:
                mine = True
            elif code in (NAK, REJ) and ident == self.ident:
                for k, v in options(body):
                    if code == NAK:
                        wanted[k] = v
                    else:
                        wanted.pop(k, None)
                self.ident += 1
                request()
            elif code == ECHO_REQ:
                self.code(protocol, ECHO_REP, ident, self.magic + body[4:])
        return theirs

    def open_lcp(self, mru=1492):
        self.peer_lcp = self.negotiate(LCP, {1: u16(mru), 5: self.magic})
        self.auth = self.peer_lcp.get(3)
        return self.peer_lcp

    def authenticate(self, user, password, timeout=3.0):
        """PAP or CHAP-MD5, whatever LCP agreed on: good or bad; the words that came with it are kept as `message`."""
        protocol = struct.unpack("!H", self.auth[:2])[0]
        if protocol == PAP:
            self.code(PAP, 1, 1, bytes([len(user)]) + user.encode() + bytes([len(password)]) + password.encode())
            code, _, body = self.recv(PAP, timeout=timeout)
            self.message = body[1:].decode()
            return {2: "good", 3: "bad"}[code]
        code, ident, body = self.recv(CHAP, 1, timeout)
        assert self.auth == b"\xc2\x23\x05"
        digest = hashlib.md5(bytes([ident]) + password.encode() + body[1:1 + body[0]]).digest()
        self.code(CHAP, 2, ident, bytes([16]) + digest + user.encode())
        while True:
            code, got, text = self.recv(CHAP, timeout=timeout)
            if code in (3, 4) and got == ident:
                self.message = text.decode()
                return {3: "good", 4: "bad"}[code]

    def open_ipcp(self, address="0.0.0.0"):
        wanted = {3: socket.inet_aton(address), 129: b"\0\0\0\0"}
        theirs = self.negotiate(IPCP, wanted)
        self.address = socket.inet_ntoa(wanted[3])
        self.dns = socket.inet_ntoa(wanted[129]) if 129 in wanted else None
        self.gateway = socket.inet_ntoa(theirs[3])
        return self.address

    def dial(self, user="bob", password="hello", mru=1492):
        self.open_lcp(mru)
        if self.auth:
            assert self.authenticate(user, password) == "good"
        return self.open_ipcp()

    # ---- IP ----

    def echo_request(self, target, seq=1, data=b"adit" * 8, source=None, ttl=64):
        from scapy.layers.inet import ICMP, IP as Ip
        return bytes(Ip(src=source or self.address, dst=target, ttl=ttl) / ICMP(id=self.sid, seq=seq) / data)

    def ping(self, target, seq=1, timeout=2.0, wrap=None, **kw):
        """One echo through the tunnel; returns the whole answer, or None. `wrap` sends the octets otherwise."""
        octets = self.echo_request(target, seq, **kw)
        if wrap:
            wrap(octets)
        else:
            self.send(IP, octets)
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            got = self.recv(IP, timeout=left, must=False)
            if got and got[9] == 1 and got[20] == 0 and got[24:28] == struct.pack("!HH", self.sid, seq):
                return got
        return None
