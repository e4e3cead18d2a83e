# SPDX-License-Identifier: BSD-2-Clause
"""RADIUS as the operator sees it: test aaa, displays, debug, servers without a key.

    adit --- aditd --- 127.0.0.1 and ::1 --- radius_peer.py
"""
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from lib.build import program
from lib.mgmt import EXAMPLE, Client, adit, check, daemon      # noqa: F401 (fixture)
from lib.net import wait_until

PEER = pathlib.Path(__file__).parent / "lib" / "radius_peer.py"
SECRET = "radius-xyzzy"
RADIUS = f"""\
aaa accounting ppp default radius
radius authentication server 127.0.0.1
 udp-port 1812
 key {SECRET}
 timeout 1
 retransmit 1
 deadtime 5
radius authentication server ::1
 key {SECRET}
 timeout 1
 retransmit 0
radius accounting server 127.0.0.1
 udp-port 1813
 key {SECRET}
"""
LOCAL = "aaa authentication ppp default local\n"
TEXT = EXAMPLE.replace(LOCAL, LOCAL.replace("local", "radius local") + RADIUS)


@pytest.fixture
def peer(net, daemon):
    """Starts servers, one an address; all end with the test."""
    running = []

    def start(address="127.0.0.1", port=1812):
        p = net.lns.popen(sys.executable, "-B", str(PEER), address, str(port), SECRET, stdout=subprocess.PIPE, text=True)
        running.append(p)
        assert p.stdout.readline() == "ready\n"
        return p
    yield start
    for p in running:
        p.kill()
        p.wait()


class TestRadius:
    text = TEXT

    def test_the_configuration_comes_back(self, daemon):
        assert daemon.cli("show running-config") == TEXT

    def test_an_accepted_user(self, daemon, peer):
        peer()
        status, out, err = adit(daemon, "-c", "test aaa ppp accept-me hello")
        assert (status, err) == (0, b"")
        for line in ("  Result is accepted", "  Method is radius", "    IP address is 10.99.0.7",
                     "    Session timeout (seconds) is 3600", "    Framed route is 10.77.0.0/24 metric 3"):
            assert line.encode() in out.splitlines(), out
        row, = daemon.json("test aaa ppp accept-me hello")
        assert (row["result"], row["ip-address"], row["message"]) == ("accepted", "10.99.0.7", "welcome")
        first, second = (r for r in daemon.json("show radius authentication servers"))
        assert (first["state"], first["outstanding"], second["address"]) == ("alive", 0, "::1")
        assert first["message-authenticator-seen"] and first["rtt-us"] > 0
        stats = {r["address"]: r for r in daemon.json("show radius authentication statistics") if r["use"]}
        assert stats["127.0.0.1"]["access-accepts"] == stats[None]["access-accepts"] == 2

    def test_a_denied_user(self, daemon, peer):
        peer()
        status, out, err = adit(daemon, "-c", "test aaa ppp reject-me hello")
        assert status == 1 and err.startswith(b"% Denied")
        for line in "  Result is denied", "  Reason is deny-authentication-denied", "  Message is go away":
            assert line.encode() in out.splitlines(), out

    def test_silence_is_not_a_denial(self, daemon, peer):
        """Servers that say nothing: the next method decides, and nothing waits meanwhile. One that comes back is found."""
        with Client(daemon) as c, Client(daemon) as other:
            c.send("test aaa ppp bob hello | json")
            begin = time.monotonic()
            assert other.text("show version")
            assert time.monotonic() - begin < 1
            code, text = c.answer()
            assert code == 200 and '"method":"local"' in text, text

        def first():
            return daemon.json("show radius authentication servers")[0]
        assert first()["state"] == "dead" and 0 < first()["dead-left"] <= 300
        assert "  dead, " in daemon.cli("show radius servers")
        peer()
        wait_until("it is alive", lambda: first()["state"] == "alive", 20)

    def test_the_client_leaves(self, net, daemon, peer):
        peer()

        def requests():
            return {r["name"]: r["value"] for r in daemon.json("show aaa statistics")}["requests-in-flight"]
        p = subprocess.Popen([program("adit"), "--run-dir", str(daemon.run_dir), "-c", "test aaa ppp nobody x"])
        wait_until("a request is in flight", lambda: requests() == 1, 2)
        p.send_signal(signal.SIGINT)
        p.wait()
        wait_until("it is gone", lambda: requests() == 0, 0.5)

    def test_debug_has_no_secrets(self, daemon, peer):
        peer()
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug radius")
            c.text("test aaa ppp accept-me password-xyzzy")
            lines = [x for x in c.listen(2, lambda got: any("Access-Accept" in x for x in got)) if "mod=debug" in x]
            assert any("tx Access-Request server=127.0.0.1 port=1812" in x for x in lines), lines
            assert any("rx Access-Accept" in x for x in lines), lines
            assert "xyzzy" not in "".join(lines)
            c.text("no debug radius")
            c.async_lines.clear()
            c.text("test aaa ppp accept-me hello")
            assert not [x for x in c.listen(0.3) if "mod=debug" in x]

    def test_a_server_without_a_key(self, daemon):
        with Client(daemon) as c:
            c.text("configure terminal")
            what = "radius accounting server 192.0.2.99 has no key: it is not used\n"
            assert c.text("radius accounting server 192.0.2.99") == f"% Warning: {what}"
            assert "no key" in {r["state"] for r in c.json("show radius servers")}
            c.text("no radius accounting server 192.0.2.99")
        path = daemon.dir / "keyless.conf"
        path.write_text(TEXT + "radius accounting server 192.0.2.99\n")
        status, text = check(path)
        assert status == 0 and text == f"{path}: Warning: {what}"
        assert SECRET not in daemon.log()
