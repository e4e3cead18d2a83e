# SPDX-License-Identifier: BSD-2-Clause
"""tshark as an independent judge of the control messages that our programs send, read once at the end of a module."""
import bisect
import re
import signal

from .capture import Capture, tshark
from .net import wait_until

# RFC 2661 §3.1: the T bit. Of a fragmented datagram the first fragment has ports and this bit; FAULTY has it then.
CONTROL = "ether src {} and udp port 1701 and udp[8] & 0x80 != 0"
# tshark's expert severities: note 0x400000, warn 0x600000, error 0x800000
FAULTY = "!(l2tp.type == 1) || _ws.malformed || _ws.expert.severity >= 0x600000"
FIELDS = ["frame.number", "frame.time_epoch", "l2tp.avp.message_type", "_ws.malformed", "_ws.expert.message",
          "udp.payload"]
STATISTICS = re.compile(r"(\d+) packets? captured\D+(\d+) packets? received by filter\D+(\d+) packets? dropped by")


class Sent(Capture):
    """The control messages that leave a device, in a file; and whether all of them are in it."""

    def __init__(self, net, ns, dev):
        super().__init__(net, ns, dev, net.dir / f"{ns.name}-control.pcap", CONTROL.format(_ether(ns, dev)),
                         ("-s", "2048", "-B", "16384"))
        self._before, _, _ = self._ask()      # frames of any kind, of the moment before the filter was there

    def _said(self, asked=0):
        """(frames not read, captured, dropped), as tcpdump said last; None if it has only said so `asked` times."""
        said = STATISTICS.findall(self.log())
        if len(said) <= asked:
            return None
        captured, received, dropped = map(int, said[-1])
        return received - captured - dropped, captured, dropped

    def _ask(self):
        asked = len(STATISTICS.findall(self.log()))
        self.signal(signal.SIGUSR1)
        return wait_until("tcpdump counts", lambda: self._said(asked), every=0.01)

    def finish(self):
        """Waits until tcpdump has read what it was given. Returns the number of frames, and whether that is all."""
        alive = self.running()
        if alive:
            wait_until("tcpdump has read all", lambda: self._ask()[0] <= self._before, 10)
        self.stop()
        unread, captured, dropped = self._said() or (0, 0, 1)
        return captured, alive and not dropped and unread <= self._before


class Judge:
    """What leaves the namespaces in which our programs run. Whoever starts one has its namespace watched."""

    def __init__(self, net):
        self._net, self._captures = net, {}

    def watch(self, ns, dev="wan0"):
        if ns.name not in self._captures:
            self._captures[ns.name] = Sent(self._net, ns, dev)

    def end(self, secret, begun=()):
        """Ends the captures. Returns how many messages were read, and a line for each that is wrong; `begun` are (time,
        test) in order, to say in which test it was sent."""
        messages, faults = 0, []
        for name, capture in self._captures.items():
            sent, whole = capture.finish()
            messages += sent
            if not whole:
                faults.append(f"{name}: not every control message was captured")
            if sent:
                faults += (f"{name}: {x}" for x in control_faults(capture.path, secret, begun))
        return messages, faults

    def keep(self, directory):
        for capture in self._captures.values():
            capture.copy(directory)


def _ether(ns, dev):
    """Its address, which what it sends bears. With `outbound` libpcap 1.10 loses the first frame."""
    return re.search(r"link/ether (\S+)", ns.ip("link", "show", "dev", dev))[1]


def _during(moment, begun):
    at = bisect.bisect(begun, (moment, ""))
    return f", in {begun[at - 1][1]}" if at else ""


def control_faults(path, secret, begun=()):
    """What tshark has against the control messages of a capture: a line for each."""
    return [f"frame {number[0]}{_during(float(moment[0]), begun)}: message type {','.join(kind) or 'none'}: "
            f"{'malformed; ' if malformed else ''}{'; '.join(expert) or 'no control message'}: {''.join(octets)}"
            for number, moment, kind, malformed, expert, octets in tshark(path, FAULTY, FIELDS, secret)]
