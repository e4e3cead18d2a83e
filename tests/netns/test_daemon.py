# SPDX-License-Identifier: BSD-2-Clause
"""The daemon as a whole: configuration as written, reload, restart, saving, timeouts, exhaustion, displays.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd] --- adit
"""
import os
import re
import signal
import subprocess
import time

import pytest

from lib.build import program
from lib.lac import LCP, TERM_REQ, Lac, avp
from lib.lns import Refused, config
from lib.net import INET, wait_until

EXAMPLE = """\
hostname lns1
aaa dns primary 9.9.9.9
aaa authentication ppp default local
aaa local database default
aaa local username bob database default
 password hello
interface loopback 0
 ip address 10.255.0.1 255.255.255.255
ip local pool subscribers 10.64.0.0 10.64.255.255
profile subscriber
 ip unnumbered loopback 0
 ppp authentication chap pap ms-chap-v2
 ppp mru 1442
 ppp keepalive 30
l2tp destination profile wholesale ip address 0.0.0.0
 max-sessions 60000
 remote host default
  local host lns1
  local ip address 192.0.2.1
  tunnel password s3cret
  interface profile subscriber
  enable proxy authenticate
"""


@pytest.fixture
def lac(make_lac):
    return make_lac()


def online(lac, user="bob", password="hello"):
    if not lac.peer_tid:
        lac.open()
    client = lac.call()
    client.dial(user, password)
    return client


# ---- configuration ----

def test_the_example_as_written(start_lns, lac):
    start_lns(EXAMPLE)
    assert online(lac).ping(INET)


def test_a_local_address_that_is_not_there_yet(start_lns, lac, net):
    net.lns.ip("addr", "del", "192.0.2.1/24", "dev", "wan0")
    try:
        lns = start_lns(EXAMPLE)
        time.sleep(0.5)
    finally:
        net.lns.ip("addr", "add", "192.0.2.1/24", "dev", "wan0")
    wait_until("it is used when it appears", lambda: "there" in lns.log() or "usable" in lns.log(), 3)
    assert online(lac).ping(INET)


def test_what_it_prints_it_reads(start_lns, lac, tmp_path):
    lns = start_lns(EXAMPLE)
    text = lns.cli("show running-config")
    lns.apply(text)
    assert lns.cli("show running-config") == text
    (tmp_path / "c").write_text(text)
    r = subprocess.run([program("aditd"), "--config", str(tmp_path / "c"), "--check"], capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    assert online(lac)


@pytest.mark.parametrize("line, text", [
    (3, "aaa dns primari 9.9.9.9"), (9, "ip local pool subscribers 10.64.0.9 10.64.0.1"), (13, " ppp mru 5"),
    (21, "  interface profile nobody")])
def test_a_mistake_is_refused_whole(net, tmp_path, line, text):
    """Exit status 78, with file and line."""
    lines = EXAMPLE.splitlines()
    lines[line - 1] = text
    path = tmp_path / "bad.conf"
    path.write_text("\n".join(lines) + "\n")
    for args in ["--check"], ["--run-dir", str(tmp_path), "--state-dir", str(tmp_path)]:
        r = subprocess.run(["ip", "netns", "exec", net.lns.name, program("aditd"), "--config", str(path), *args],
                           capture_output=True, text=True, timeout=10)
        assert r.returncode == 78, r.stderr
        assert re.search(rf"{re.escape(str(path))}:{line}\b", r.stderr + r.stdout), r.stderr


def test_a_bad_reload_changes_nothing(start_lns, lac):
    lns = start_lns(EXAMPLE)
    client = online(lac)
    before = lns.cli("show running-config")
    lns.conf.write_text(EXAMPLE.replace("ppp mru 1442", "ppp mru nonsense"))
    lns.proc.send_signal(signal.SIGHUP)
    wait_until("it is told", lambda: re.search(r"adit\.conf(:| line=)13\b", lns.log()), 3)
    assert lns.cli("show running-config") == before
    assert client.ping(INET)


def test_a_reload_keeps_sessions(start_lns, lac):
    lns = start_lns(EXAMPLE)
    client = online(lac)
    lns.conf.write_text(EXAMPLE + "aaa local username amy database default\n password hello\n")
    lns.proc.send_signal(signal.SIGHUP)
    wait_until("amy is known", lambda: "amy" in lns.cli("show running-config"), 3)
    assert client.ping(INET)
    assert online(lac, "amy").ping(INET)
    assert len(lns.subscribers()) == 2


def test_a_changed_host_profile_ends_its_tunnels(start_lns, lac):
    lns = start_lns(EXAMPLE)
    online(lac)
    lns.configure("l2tp destination profile wholesale", "remote host default", "tunnel password other")
    assert lac.expect("StopCCN", timeout=5)
    wait_until("it is gone", lambda: not lns.subscribers(), 3)
    assert "reason=tunnel-host-profile-changed" in lns.log()


def test_write_memory_and_a_restart(start_lns, lac):
    lns = start_lns(EXAMPLE)
    lns.configure("aaa local username amy database default", "password \"two words\"")
    lns.cli("write memory")
    text = lns.cli("show running-config")
    lns.stop()
    lns.start()
    assert lns.cli("show running-config") == text
    assert online(lac, "amy", "two words")


def test_deleting_what_is_referred_to(start_lns, lac):
    """Typed, it is done with a warning; in a file it is a mistake."""
    lns = start_lns(EXAMPLE)
    assert "Warning" in lns.configure("no interface loopback 0")
    assert "Warning" in lns.configure("no profile subscriber")
    with pytest.raises(Refused) as r:
        lns.apply(EXAMPLE.replace("interface loopback 0\n ip address 10.255.0.1 255.255.255.255\n", ""))
    assert r.value.status in (1, 2)
    lns.apply(EXAMPLE)
    assert online(lac)


# ---- restarts ----

def test_a_restart_after_a_crash_takes_calls_at_once(start_lns, make_lac):
    lns = start_lns(EXAMPLE)
    lac = make_lac(port=1701)
    online(lac)
    lns.kill()
    lns.start()
    lac.control("HELLO")
    assert lac.quiet(0.3), "a tunnel of an earlier life is nobody's"
    lac.close()
    again = make_lac(port=1701)
    assert online(again).ping(INET)


def test_a_second_daemon_in_the_same_place_is_refused(start_lns, net):
    lns = start_lns(EXAMPLE)
    argv = [program("aditd"), "--config", str(lns.conf), "--run-dir", str(lns.run_dir), "--state-dir", str(lns.state_dir)]
    r = subprocess.run(["ip", "netns", "exec", net.lns.name, *argv], capture_output=True, text=True, timeout=10)
    assert r.returncode not in (0, 78) and r.stderr
    assert lns.cli("show version")


def test_term_is_quick_and_tells_the_peers(start_lns, make_lac):
    lns = start_lns(EXAMPLE)
    lac = make_lac()
    for _ in range(5):
        online(lac)
    lns.proc.terminate()
    assert lac.expect("StopCCN").result[0] == 6
    lns.proc.wait(3)
    assert lns.log().count("subscriber down") == 5


# ---- addresses and time ----

def test_an_exhausted_pool_is_a_named_refusal(start_lns, lac):
    lns = start_lns(config(pool="10.64.0.1 10.64.0.2"))
    first, second = online(lac), online(lac)
    assert {first.address, second.address} == {"10.64.0.1", "10.64.0.2"}
    client = lac.call()
    client.open_lcp()
    client.authenticate("bob", "hello")
    assert lac.take("CDN", client.sid, 8) or client.recv(LCP, TERM_REQ)
    wait_until("it is named", lambda: "reason=deny-address-allocation-failure" in lns.log(), 8)
    lac.cdn(first)
    wait_until("one is free", lambda: len(lns.subscribers()) == 1, 3)
    third = lac.call()
    assert third.dial() == first.address


def test_an_address_is_not_given_again_at_once(start_lns, lac):
    start_lns(EXAMPLE)
    seen = []
    for _ in range(4):
        client = online(lac)
        seen.append(client.address)
        lac.cdn(client)
        lac.wait(lambda: lac.peer_nr == lac.ns)
    assert len(set(seen)) == 4


def test_timeouts(start_lns, lac):
    """Session timeout: from the start; idle timeout: since the last packet of the subscriber."""
    lns = start_lns(config(users={"long": "hello", "idle": "hello", "bob": "hello"},
                           extra="aaa local username long database default\n session-timeout 2\n"
                                 "aaa local username idle database default\n idle-timeout 2\n"))
    long, idle, stays = (online(lac, u) for u in ("long", "idle", "bob"))
    t0 = time.monotonic()
    while time.monotonic() - t0 < 3:
        long.ping(INET)
        time.sleep(0.2)
    wait_until("both have ended", lambda: len(lns.subscribers()) == 1, 8)
    log = [line for line in lns.log().splitlines() if "subscriber down" in line]
    assert any('user="long"' in x and "terminate_cause=5" in x for x in log), log
    assert any('user="idle"' in x and "terminate_cause=4" in x for x in log), log
    assert stays.ping(INET)


def test_an_idle_tunnel_ends(start_lns, lac):
    lns = start_lns(config(extra="l2tp tunnel idle-timeout 1"))
    client = online(lac)
    lac.cdn(client)
    assert lac.expect("StopCCN", timeout=4)
    assert not lns.up(lns.tunnels())


def test_a_single_shot_tunnel(start_lns, lac):
    lns = start_lns(config(host="single-shot-tunnel"))
    client = online(lac)
    sid = lac.icrq()
    assert lac.expect("CDN", sid)
    lac.cdn(client)
    assert lac.expect("StopCCN", timeout=4)
    assert not lns.up(lns.tunnels())


def test_limits_from_the_system_down(start_lns, make_lac, net):
    lns = start_lns(config(extra="l2tp max-tunnels 2\nl2tp max-sessions 3", host="max-sessions 2"))
    lac = make_lac()
    clients = [online(lac), online(lac)]
    sid = lac.icrq()
    assert lac.expect("CDN", sid).result[0] in (2, 4, 5)
    other = make_lac()
    other.open()
    third = make_lac()
    third.sccrq()
    assert third.expect("StopCCN").result[0] == 2
    assert len(clients) == len(lns.subscribers())


# ---- displays ----

def test_ended_objects_are_shown_with_their_reason(start_lns, lac):
    lns = start_lns(EXAMPLE)
    client = online(lac)
    lac.cdn(client, result=3)
    wait_until("it has ended", lambda: lns.ended("session"), 3)
    row, = lns.ended("session")
    assert row["reason"] == "session-rx-cdn" and row["user-name"] == "bob" and row["result-code"] == 3
    assert "Not Present" in lns.cli("show l2tp session ended")


def test_subscribers_are_found(start_lns, lac):
    lns = start_lns(config(users={"bob": "hello", "amy@isp": "hello"}))
    lac.open()
    one = lac.call(icrq=avp(22, b"0301234") + avp(1, b"dslam7/3", m=False, vendor=3561))
    one.dial("bob")
    two = lac.call(icrq=avp(22, b"0409999"))
    two.dial("amy@isp")
    for words, user in [("user bob", "bob"), ("user *@isp", "amy@isp"), (f"address {two.address}", "amy@isp"),
                        ("calling-number 030*", "bob"), ("circuit-id dslam7/3", "bob")]:
        assert [r["user-name"] for r in lns.json(f"show subscribers {words}")] == [user], words
    assert len(lns.json("show subscribers lac 192.0.2.10")) == 2
    assert len(lns.json("show subscribers lac test-lac")) == 2
    assert lns.json("show subscribers user nobody") == []
    lns.cli("logout subscribers calling-number 0409999")
    assert [r["user-name"] for r in lns.wait_sessions(1)] == ["bob"]


HOSTILE = b"\x1b[2Jbob\x07\r\n=200 1\n\"'\\\x00\xff;$(id)"


def test_hostile_strings_in_displays(start_lns, make_lac):
    """What a peer sends is shown escaped: no control octet reaches the terminal, JSON stays JSON."""
    lns = start_lns(config(secret=None))
    lac = make_lac(secret=None)
    lac.sccrq(leave_out=(7,), extra=avp(7, HOSTILE))
    lac.expect("SCCRP")
    lac.control("SCCCN")
    client = lac.call(icrq=avp(22, HOSTILE) + avp(21, HOSTILE) + avp(1, HOSTILE, m=False, vendor=3561))
    client.dial()
    for command in "show l2tp session detail", "show l2tp tunnel detail", "show subscribers detail", "show log":
        text = lns.cli(command)
        assert not re.search(r"[^\n\x20-\x7e]", text), command
        lns.json(command)
    row, = lns.sessions()
    assert "bob" in row["calling-number"]
    assert not re.search(r"[^\n\x20-\x7e]", lns.log())


def test_no_secret_in_log_or_display(start_lns, lac):
    lns = start_lns(EXAMPLE, args=["--debug"])
    online(lac)
    with pytest.raises(AssertionError):
        online(lac, "bob", "wr0ngpw")
    text = lns.log() + lns.cli("show log") + lns.cli("show l2tp session detail") + lns.cli("show subscribers detail")
    for secret in "hello", "s3cret", "wr0ngpw":
        assert secret not in text


def test_every_show_command(start_lns, lac):
    lns = start_lns(EXAMPLE)
    online(lac)
    for command in ("version", "l2tp", "l2tp destination", "l2tp destination detail", "l2tp destination summary",
                    "l2tp tunnel", "l2tp tunnel summary", "l2tp session", "l2tp session summary", "l2tp counters", "l2tp counters all",
                    "dataplane", "subscribers", "subscribers detail", "log", "aaa", "aaa counters", "ip local pool",
                    "running-config", "l2tp destination profile", "terminate-code"):
        assert lns.cli(f"show {command}").strip(), command
        lns.json(f"show {command}")
    assert re.search(r"adit\S* 0\.1\.0|version 0\.1\.0", lns.cli("show version"), re.I)


def test_debug_and_monitor(start_lns, lac):
    """One line a message, decoded, on the terminal that asked for it."""
    lns = start_lns(EXAMPLE)
    proc = subprocess.Popen([program("adit"), "--run-dir", str(lns.run_dir)], text=True, bufsize=1,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    proc.stdin.write("terminal monitor\ndebug l2tp\ndebug ppp user bob\nshow version\n")
    proc.stdin.flush()
    time.sleep(0.5)
    online(lac)
    proc.stdin.write("undebug all\nshow debugging\nexit\n")
    out, _ = proc.communicate(timeout=10)
    assert proc.returncode == 0
    for word in "SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICCN", "IPCP":
        assert word.lower() in out.lower(), word
    assert "hello" not in out and "s3cret" not in out


def test_a_client_that_does_not_read(start_lns, lac):
    """A management connection that takes nothing holds up nobody, and costs bounded memory."""
    import socket
    lns = start_lns(EXAMPLE)
    sockets = []
    for _ in range(4):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(lns.run_dir / "adit.sock"))
        s.setblocking(False)
        try:
            for _ in range(2000):
                s.send(b"line show running-config\n")
        except BlockingIOError:
            pass
        sockets.append(s)
    assert online(lac).ping(INET)
    assert lns.cli("show version")
    assert lns.rss_kib() < 200_000
    for s in sockets:
        s.close()
    assert lns.cli("show version")


def test_garbage_on_the_management_socket(start_lns):
    import socket
    lns = start_lns(EXAMPLE)
    for octets in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(4000), b"line " + b"x" * 20000 + b"\n", b"file -1\n",
                   b"file 99999999999999999999\n", b"file 10\nabc", b"\n\n\n", b"line show \x00version\n",
                   b"help " + b"show " * 3000 + b"\n"):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(lns.run_dir / "adit.sock"))
            s.settimeout(0.3)
            s.send(octets)
            try:
                s.recv(65536)
            except (TimeoutError, ConnectionError):
                pass
        assert lns.cli("show version")


def test_the_socket_is_for_its_owner(start_lns):
    lns = start_lns(EXAMPLE)
    assert (lns.run_dir / "adit.sock").stat().st_mode & 0o007 == 0


def test_another_lac_does_not_see_it(start_lns, lac, net):
    """A message with right ids from another address is dropped."""
    start_lns(EXAMPLE)
    client = online(lac)
    thief = Lac(net.lac(1), "192.0.2.11")
    thief.peer_tid, thief.ns, thief.nr = lac.peer_tid, lac.ns, lac.nr
    thief.stop()
    thief.cdn(client)
    assert thief.quiet(0.3)
    assert client.ping(INET)
    thief.close()


def test_ipcp_is_up_before_it_is_shown(start_lns, lac):
    lns = start_lns(EXAMPLE)
    lac.open()
    client = lac.call()
    client.open_lcp()
    client.authenticate("bob", "hello")
    row, = lns.subscribers()
    assert not row["ip-up"]
    assert client.open_ipcp()
    row, = lns.wait_sessions(1)
    assert row["ip-up"] and row["ip-address"] == client.address
