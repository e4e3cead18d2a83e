# SPDX-License-Identifier: BSD-2-Clause
"""The user plane alone, driven by dp_probe: real octets both ways between a peer and a host on the internet side.

    lac0 192.0.2.10 ── wan ── lns 192.0.2.1  [adit0]  198.51.100.1 ── inet 198.51.100.2
"""
import ctypes
import os
import queue
import socket
import struct
import subprocess
import threading
import time

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import raw

from lib.build import BUILD
from lib.lac import socket_in
from lib.net import INET, LNS, Net, wait_until

PROBE = BUILD / "src/dataplane/dp_probe"
LAC, PORT, TID, PEER_TID = "192.0.2.10", 40001, 7, 1007
SUB, SUB2, LOOPBACK = "10.64.0.5", "10.64.0.6", "10.255.0.1"
pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not PROBE.exists(), reason="needs root and dp_probe")


class Probe:
    def __init__(self, ns):
        self.p = ns.popen(str(PROBE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.answers, self.events, self.log = queue.Queue(), queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_log, daemon=True).start()
        assert self._answer() == "ready"

    def _read(self):
        for line in self.p.stdout:
            kind, _, rest = line.rstrip("\n").partition(" ")
            (self.events if kind == "event" else self.answers).put(rest if kind in ("event", "ok") else line.strip())

    def _read_log(self):
        for line in self.p.stderr:
            self.log.append(line)

    def _answer(self):
        return self.answers.get(timeout=5)

    def __call__(self, *words):
        self.p.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.p.stdin.flush()
        return self._answer()

    def event(self, start, timeout=3):
        """The next event that begins like this; others before it are dropped."""
        end = time.monotonic() + timeout
        while True:
            e = self.events.get(timeout=max(0.01, end - time.monotonic()))
            if e.startswith(start):
                return e

    def counters(self, n):
        names = "rx_packets rx_octets tx_packets tx_octets rx_drops tx_drops out_of_sequence".split()
        return dict(zip(names, map(int, self("counters", n).split())))

    def drops(self, name):
        return int(self("drop", name))

    def session(self, sid, peer_sid, ip=None, mtu=1492, *more, tid=TID, seq=""):
        n = self("add", tid, sid)
        assert self("punt", n, peer_sid, seq) == ""
        if ip:
            assert self("forward", n, ip, mtu, LOOPBACK, *more) == ""
        return n

    def quit(self):
        if self.p.poll() is None:
            self("quit")
        assert self.p.wait(10) == 0, "".join(self.log)


class Peer:
    """The LAC's end of a tunnel: data messages and nothing else."""

    def __init__(self, ns, port=PORT, address=LAC):
        self.s = socket_in(ns)
        self.s.bind((address, port))
        self.s.settimeout(2)

    def send(self, sid, payload, tid=TID, flags=2, fields=b"", framing=b"\xff\x03\x00\x21"):
        self.s.sendto(struct.pack("!H", flags) + struct.pack("!HH", tid, sid) + fields + framing + payload, (LNS, 1701))

    def recv(self, timeout=2):
        self.s.settimeout(timeout)
        return self.s.recvfrom(65536)

    def packet(self, timeout=2):
        """The IP packet of the next data message, and what is before it."""
        d, _ = self.recv(timeout)
        at = d.index(b"\x00\x21") + 2
        return d[:at], IP(d[at:])

    def silent(self, timeout=0.3):
        with pytest.raises(TimeoutError):
            self.recv(timeout)


class Sniff:
    """Packets that arrive at a device."""

    def __init__(self, ns, dev):
        def make():
            fd = os.open(f"/run/netns/{ns.name}", os.O_RDONLY)
            ctypes.CDLL(None).setns(fd, 0)
            os.close(fd)
            self.s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        t = threading.Thread(target=make)
        t.start()
        t.join()
        self.s.bind((dev, 0x0800))
        self.s.settimeout(2)

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.s.close()

    def take(self):
        return IP(self.s.recv(65536))

    def udp(self):
        """The next datagram to the host's or the peer's port."""
        while True:
            p = self.take()
            if UDP in p and p[UDP].dport in (5000, PORT):
                return p


@pytest.fixture(scope="module")
def wires():
    n = Net()
    n.lac(0)
    n.lns.run("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0")     # redirects and errors share the kernel's tokens
    yield n
    n.close()


@pytest.fixture
def probe(wires):
    p = Probe(wires.lns)
    assert p("loopback", LOOPBACK) == ""
    assert p("local", LNS) == ""
    assert p.event("local") == f"local {LNS} up"
    assert p("pool", "10.64.0.0", "10.64.255.255") == ""
    assert p("tunnel", TID, PEER_TID, LNS, LAC, PORT) == ""
    yield p
    p.quit()


@pytest.fixture
def peer(wires):
    p = Peer(wires.lac(0))
    yield p
    p.s.close()


@pytest.fixture
def host(wires):
    """A UDP socket of the host on the internet side."""
    s = socket_in(wires.inet)
    s.bind((INET, 5000))
    s.settimeout(2)
    yield s
    s.close()


def udp(src, dst, payload, sport=6000, dport=5000, **kw):
    return raw(IP(src=src, dst=dst, id=0x77, **kw) / UDP(sport=sport, dport=dport) / payload)


def test_octets_both_ways(probe, peer, host):
    n = probe.session(0x5123, 0x4321, SUB)
    peer.send(0x5123, udp(SUB, INET, b"hello"))
    data, source = host.recvfrom(2000)
    assert (data, source) == (b"hello", (SUB, 6000))
    host.sendto(b"and back", source)
    head, p = peer.packet()
    assert head == struct.pack("!HHH", 2, PEER_TID, 0x4321) + b"\xff\x03\x00\x21"
    assert raw(p[UDP].payload) == b"and back"
    assert p.ttl == 63                      # one router, one hop
    assert probe.counters(n) == dict(rx_packets=1, rx_octets=33, tx_packets=1, tx_octets=36, rx_drops=0, tx_drops=0,
                                     out_of_sequence=0)
    assert peer.s.getsockname()[1] == PORT


def test_upstream_is_one_hop(wires, probe, peer):
    probe.session(1, 1, SUB)
    with Sniff(wires.inet, "lns0") as seen:
        peer.send(1, udp(SUB, INET, b"x", ttl=9))
        assert seen.udp().ttl == 8


def test_ppp_control_goes_up_and_down(probe, peer):
    n = probe("add", TID, 2)
    for i in range(6):                      # before ICCN: four are kept
        peer.send(2, bytes([9, i, 0, 4]), framing=b"\xff\x03\xc0\x21")
    wait_until("two dropped", lambda: probe.drops("hold-full") == 2)
    assert probe("punt", n, 99) == ""
    for i in range(4):
        assert probe.event("frame") == f"frame {n} c02109{i:02x}0004"
    assert probe("tx", n, "c02101010004") == ""
    d, source = peer.recv()
    assert d == struct.pack("!HHH", 2, PEER_TID, 99) + bytes.fromhex("ff03c02101010004")
    assert source == (LNS, 1701)
    peer.send(2, udp(SUB, INET, b"early"))
    wait_until("counted", lambda: probe.drops("not-forwarding") == 1)


def test_control_datagrams(probe, peer):
    zlb = bytes.fromhex("c802000c0007000000010001")
    peer.s.sendto(zlb, (LNS, 1701))
    assert probe.event("control") == f"control {LNS} {LAC} {PORT} {zlb.hex()}"
    assert probe("ctl", LNS, LAC, PORT, zlb.hex()) == ""
    assert peer.recv() == (zlb, (LNS, 1701))


def test_who_may_send(wires, probe, peer):
    n = probe.session(3, 3, SUB)
    other = Peer(wires.lac(0), PORT + 1)      # the LAC's port changed
    other.send(3, udp(SUB, INET, b"x"))
    wait_until("counted", lambda: probe.drops("wrong-peer-port") == 1)
    stranger = Peer(wires.lac(1), PORT, "192.0.2.11")
    stranger.send(3, udp(SUB, INET, b"x"))
    wait_until("counted", lambda: probe.drops("wrong-peer") == 1)
    peer.send(3, udp(SUB2, INET, b"x"))
    wait_until("counted", lambda: probe.drops("spoofed-source") == 1)
    assert probe.counters(n)["rx_octets"] == 0
    for p in other, stranger:
        p.s.close()


def test_a_1492_packet_over_a_1500_path(wires, probe, peer, host):
    """The outer packet is 1530: fragments on the wire, DF clear, all octets arrive; and back, reassembled."""
    n = probe.session(4, 4, SUB)
    data = bytes(i % 251 for i in range(1464))
    with Sniff(wires.lac(0), "wan0") as seen:
        host.sendto(data, (SUB, 6000))
        _, p = peer.packet()
        assert raw(p[UDP].payload) == data and p.len == 1492
        first, second = seen.take(), seen.take()
        assert first.flags == "MF" and second.frag > 0 and "DF" not in str(first.flags)
    peer.send(4, udp(SUB, INET, data))
    assert host.recvfrom(2000)[0] == data
    assert probe.counters(n)["rx_octets"] == probe.counters(n)["tx_octets"] == 1492


def test_mru_1442_makes_no_fragment(wires, probe, peer, host):
    probe.session(4, 4, SUB, 1442)
    with Sniff(wires.lac(0), "wan0") as seen:
        host.sendto(bytes(1442 - 28), (SUB, 6000))
        p = seen.take()
        assert p.len == 1442 + 38 and p.flags == 0 and p.frag == 0
        assert p[UDP].chksum != 0


def test_too_big_with_df(probe, host):
    """ICMP frag-needed says this session's MTU: the sender's kernel learns it."""
    n = probe.session(5, 5, SUB, 1300)
    host.setsockopt(socket.IPPROTO_IP, 10, 2)           # IP_MTU_DISCOVER: do
    host.connect((SUB, 6000))
    host.send(bytes(1301 - 28))

    def learnt():
        try:
            host.send(bytes(1301 - 28))
        except OSError:
            pass
        return host.getsockopt(socket.IPPROTO_IP, 14) == 1300       # IP_MTU
    wait_until("path MTU 1300", learnt)
    assert probe.drops("too-big") >= 1
    assert probe.counters(n)["tx_drops"] >= 1


def test_icmp_source_is_the_loopback(wires, probe, host):
    probe.session(5, 5, SUB, 1300)
    with Sniff(wires.inet, "lns0") as seen:
        host.setsockopt(socket.IPPROTO_IP, 10, 3)       # IP_PMTUDISC_PROBE: DF, whatever was learnt
        host.sendto(bytes(1400), (SUB, 6000))
        while True:
            p = seen.take()
            if ICMP in p:
                break
    assert (p.src, p.dst, p[ICMP].type, p[ICMP].code, p[ICMP].nexthopmtu) == (LOOPBACK, INET, 3, 4, 1300)


def test_df_clear_is_fragmented_to_the_sessions_mtu(probe, peer, host):
    n = probe.session(6, 6, SUB, 1000)
    host.setsockopt(socket.IPPROTO_IP, 10, 5)           # IP_PMTUDISC_OMIT: DF clear, whatever was learnt
    data = bytes(i % 251 for i in range(1400))
    host.sendto(data, (SUB, 6000))
    parts = [peer.packet()[1] for _ in range(2)]
    assert [p.len for p in parts] == [996, 452] and parts[0].flags == "MF"
    whole = b"".join(raw(p.payload)[:p.len - 20] for p in parts)
    assert whole[8:] == data
    assert probe.counters(n)["tx_octets"] == 996 + 452


def test_fragments_from_the_peer_are_put_together(probe, peer, host):
    """4,000 octets in one data message: the kernel reassembles the outer fragments."""
    probe.session(7, 7, SUB, 8000)
    data = bytes(i % 251 for i in range(3972))
    peer.send(7, udp(SUB, INET, data))
    assert host.recvfrom(8000)[0] == data


def test_a_tunnel_does_not_enter_itself(probe, peer):
    n = probe.session(3, 3, SUB)
    assert probe("ctl", LNS, SUB, 1701, "c802000c0007000000010001") == ""
    wait_until("counted", lambda: probe.drops("tunnel-loop") == 1)
    assert probe.counters(n)["tx_drops"] == 1
    peer.silent()


def test_a_syn_says_what_fits(probe, peer, host):
    probe.session(3, 0x4321, SUB, 1400)
    syn = IP(src=SUB, dst=INET) / TCP(sport=6000, dport=5001, flags="S", options=[("NOP", None), ("MSS", 1460)])
    peer.send(3, raw(syn))
    answer = peer.packet()[1]           # a reset from the host: what came up was a good segment
    assert answer[TCP].flags == "RA" and answer.src == INET


def test_checksum_and_framing_per_tunnel(wires, probe, peer, host):
    assert probe("tunnel", 8, 1008, LNS, LAC, PORT, "nocheck", "noff03") == ""
    probe.session(1, 1, SUB)
    probe.session(1, 2, SUB2, 1492, tid=8)
    with Sniff(wires.lac(0), "wan0") as seen:
        for ip, checksum, head in (SUB, True, b"\xff\x03\x00\x21E"), (SUB2, False, b"\x00\x21E"), (SUB, True, b"\xff"):
            host.sendto(b"x", (ip, 6000))
            p = seen.udp()
            assert (p[UDP].chksum != 0) is checksum
            assert raw(p[UDP].payload)[6:].startswith(head)


def test_sequencing(probe, peer, host):
    n = probe.session(9, 9, SUB, seq="seq")
    for ns, arrives in (0, True), (1, True), (1, False), (4, True), (3, False), (5, True):
        peer.send(9, udp(SUB, INET, b"%d" % ns), flags=0x0802, fields=struct.pack("!HH", ns, 0))
        if arrives:
            assert host.recvfrom(100)[0] == b"%d" % ns
    assert probe.counters(n)["out_of_sequence"] == 3
    assert probe.drops("out-of-sequence") == 2
    for ns in 0, 1:
        host.sendto(b"x", (SUB, 6000))
        head, _ = peer.packet()
        assert head == struct.pack("!HHHHH", 0x0802, PEER_TID, 9, ns, 0) + b"\xff\x03\x00\x21"


def test_one_subscriber_to_another(probe, peer):
    """Out of the TUN and in again: the kernel is the router, once; its redirects stay here."""
    a, b = probe.session(1, 11, SUB), probe.session(2, 12, SUB2)
    for _ in range(3):
        peer.send(1, udp(SUB, SUB2, b"neighbour", ttl=64))
        head, p = peer.packet()
        assert head[4:6] == b"\x00\x0c" and p.ttl == 63 and raw(p[UDP].payload) == b"neighbour"
    peer.silent()
    assert probe.counters(a)["rx_packets"] == probe.counters(b)["tx_packets"] == 3


def test_ping_the_gateway_and_ttl(probe, peer):
    probe.session(1, 11, SUB)
    peer.send(1, raw(IP(src=SUB, dst=LOOPBACK) / ICMP(id=5) / b"are you there"))
    _, p = peer.packet()
    assert p.src == LOOPBACK and p[ICMP].type == 0 and raw(p[ICMP].payload) == b"are you there"
    peer.send(1, udp(SUB, INET, b"x", ttl=1))
    _, p = peer.packet()
    assert p[ICMP].type == 11                           # time exceeded, by the kernel


def routes(wires):
    return wires.lns.ip("route", "show", "proto", "173")


def test_routes_come_and_go(wires, probe, peer, host):
    assert routes(wires).split()[:3] == ["10.64.0.0/16", "dev", "adit0"]
    n = probe.session(1, 1, "203.0.113.5", 1492, "host", "route", "198.18.7.0", "24")
    for route in "203.0.113.5 dev adit0", "198.18.7.0/24 dev adit0":
        wait_until(route, lambda r=route: r in routes(wires), 1)
    host.sendto(b"framed", ("198.18.7.99", 6000))
    assert raw(peer.packet()[1][UDP].payload) == b"framed"
    peer.send(1, udp("198.18.7.99", INET, b"from there"))
    assert host.recvfrom(100) == (b"from there", ("198.18.7.99", 6000))
    m = probe.session(2, 2, "203.0.113.6", 1492, "host", "route", "198.18.7.0", "24")    # the same framed route
    assert probe("del", n) == ""
    wait_until("host route gone", lambda: "203.0.113.5" not in routes(wires), 1)
    assert probe.event("gone").startswith(f"gone {n} 1 ")
    assert "198.18.7.0/24" in routes(wires)               # the other session has it now
    host.sendto(b"framed", ("198.18.7.99", 6000))
    head, _ = peer.packet()
    assert head[4:6] == b"\x00\x02"
    assert probe("unforward", m) == ""
    wait_until("all gone", lambda: len(routes(wires).splitlines()) == 1, 1)
    inside = probe.session(4, 4, SUB)
    assert probe("pool", "10.65.0.1", "10.65.0.6") == ""
    wait_until("a subscriber of the old pool has a route of its own", lambda: f"{SUB} dev adit0" in routes(wires), 1)
    host.sendto(b"still there", (SUB, 6000))
    assert raw(peer.packet()[1][UDP].payload) == b"still there"
    assert probe("del", inside) == ""
    wait_until("aggregates", lambda: sorted(r.split()[0] for r in routes(wires).splitlines()) ==
               ["10.65.0.1", "10.65.0.2/31", "10.65.0.4/31", "10.65.0.6"], 1)


def test_address_in_use(probe):
    a = probe.session(1, 1, SUB)
    b = probe("add", TID, 2)
    assert probe("punt", b, 2) == ""
    assert probe("forward", b, SUB, 1492, LOOPBACK) == "error EADDRINUSE"
    assert probe("del", a) == ""
    assert probe("forward", b, SUB, 1492, LOOPBACK) == ""
    assert probe("add", TID, 2) == "error EAGAIN"


def test_stale_routes_and_loopbacks_are_taken_over(wires):
    """A plane that was killed leaves a route on another device and its loopback address; the next one cleans up."""
    wires.lns.ip("route", "add", "10.77.0.0/16", "dev", "lo", "proto", "173")
    wires.lns.ip("route", "add", "10.78.0.0/16", "dev", "lo", "proto", "static")
    wires.lns.ip("addr", "add", "10.255.0.9/32", "dev", "lo")
    p = Probe(wires.lns)
    wait_until("stale route gone", lambda: routes(wires) == "", 2)
    assert "10.78.0.0/16" in wires.lns.routes()
    assert p("loopback", LOOPBACK, "10.255.0.9") == ""
    p.p.kill()
    p.p.wait()
    assert LOOPBACK in wires.lns.ip("addr", "show", "dev", "lo")
    q = Probe(wires.lns)
    assert q("loopback", LOOPBACK, "10.255.0.9") == ""
    q.quit()
    shown = wires.lns.ip("addr", "show", "dev", "lo")
    assert LOOPBACK not in shown and "10.255.0.9" in shown      # ours went, the operator's stayed
    assert "adit0" not in wires.lns.ip("link")


def test_a_local_address_that_comes_and_goes(wires):
    p = Probe(wires.lns)
    peer = Peer(wires.lac(0))
    assert p("local", "192.0.2.77", LNS) == ""
    assert p.event("local 192.0.2.77") == "local 192.0.2.77 down"
    assert p.event("local") == f"local {LNS} up"
    wires.lns.ip("addr", "add", "192.0.2.77/32", "dev", "wan0")
    assert p.event("local") == "local 192.0.2.77 up"
    zlb = bytes.fromhex("c802000c0007000000010001")
    peer.s.sendto(zlb, ("192.0.2.77", 1701))
    assert p.event("control").startswith(f"control 192.0.2.77 {LAC}")
    assert p("ctl", "192.0.2.77", LAC, PORT, zlb.hex()) == ""
    assert peer.recv() == (zlb, ("192.0.2.77", 1701))
    wires.lns.ip("addr", "del", "192.0.2.77/32", "dev", "wan0")
    assert p.event("local") == "local 192.0.2.77 down"
    assert p("ctl", "192.0.2.77", LAC, PORT, zlb.hex()) == "error EADDRNOTAVAIL"
    peer.s.close()
    p.quit()


def test_wildcard_answers_from_the_address_asked(wires):
    wires.lns.ip("addr", "add", "192.0.2.78/32", "dev", "wan0")
    p = Probe(wires.lns)
    peer = Peer(wires.lac(0))
    assert p("local") == ""
    zlb = bytes.fromhex("c802000c0007000000010001")
    for address in "192.0.2.78", LNS:
        peer.s.sendto(zlb, (address, 1701))
        assert p.event("control").startswith(f"control {address} {LAC}")
        assert p("ctl", address, LAC, PORT, zlb.hex()) == ""
        assert peer.recv() == (zlb, (address, 1701))
    p.quit()
    peer.s.close()
    wires.lns.ip("addr", "del", "192.0.2.78/32", "dev", "wan0")


def test_thousands_of_routes(wires):
    """2,000 sessions with a host route each: there and gone within a second or so on a busy machine."""
    p = Probe(wires.lns)
    assert p("tunnel", TID, PEER_TID, LNS, LAC, PORT) == ""
    for i in range(2000):
        p.session(i + 1, i + 1, f"203.1.{i // 250}.{i % 250}", 1492, "host")
    wait_until("all there", lambda: len(routes(wires).splitlines()) == 2000, 3)
    for i in range(2000):
        p("del", i)
    wait_until("all gone", lambda: routes(wires) == "", 3)
    p.quit()
