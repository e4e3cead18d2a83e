# SPDX-License-Identifier: BSD-2-Clause
"""Debugging: one decoded line a message, filtered, without secrets; and octets of peers that nobody may see raw."""
import re

import pytest

from lib.lab import lab
from lib.lac import avp, u16
from lib.lns import config
from lib.mgmt import SHOWS, Client, adit, assert_harmless, daemon, lac, lines_with      # noqa: F401 (fixtures)
from lib.net import INET, wait_until

SECRET, PASSWORD = "tunnel-xyzzy", "user-xyzzy"


class TestDebug:
    text = config(users={"bob": PASSWORD, "eve": PASSWORD}, secret=SECRET, auth="pap chap ms-chap-v2")

    def dial(self, lac, user, auth, how, net):
        assert lab(net, "--auth", auth, "--ping", INET, "--calling-number", "0301", "--hide", *how, i=lac, user=user,
                   password=PASSWORD, secret=SECRET)

    def test_l2tp_of_a_peer(self, net, daemon):
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug l2tp peer 192.0.2.10")
            assert daemon.cli("show debugging") == "debug l2tp peer 192.0.2.10\n"
            self.dial(0, "bob", "chap", (), net)
            self.dial(1, "eve", "chap", (), net)
            lines = c.listen(3, lambda got: any("StopCCN" in x for x in got))
            debug = [x for x in lines if "mod=debug" in x]
            assert debug and all("peer=192.0.2.10:" in x for x in debug), lines
            assert all(x.count("\n") == 1 and x.endswith("\n") for x in lines)
            for name in "SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN", "CDN", "StopCCN", "ZLB":
                assert lines_with("".join(debug), f" {name}"), (name, debug)
            assert not lines_with("".join(debug), "ppp ")
            c.text("no debug l2tp peer 192.0.2.10")
            assert c.ask("no debug l2tp peer 192.0.2.10")[0] == 404
            c.async_lines.clear()
            self.dial(0, "bob", "chap", (), net)
            assert not [x for x in c.listen(0.3) if "mod=debug" in x]

    @pytest.mark.parametrize("auth", ["pap", "chap", "ms-chap-v2"])
    def test_ppp_of_a_user(self, net, daemon, auth):
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug ppp user bob")
            self.dial(0, "eve", auth, (), net)
            self.dial(1, "bob", auth, (), net)
            lines = c.listen(3, lambda got: any("subscriber down" in x and "bob" in x for x in got))
            debug = [x for x in lines if "mod=debug" in x]
            assert debug and all('user="bob"' in x for x in debug), lines
            for what in " ipcp ", " lcp ":
                assert lines_with("".join(debug), what), debug
            c.text("undebug all")
            assert daemon.cli("show debugging") == ""

    @pytest.mark.parametrize("auth, proxy", [("pap", False), ("chap", False), ("ms-chap-v2", False), ("pap", True),
                                             ("chap", True)])
    def test_secrets_are_not_shown(self, net, daemon, auth, proxy):
        """Not in debug lines, not in the log, not in displays; neither plain nor as hexadecimal."""
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug all")
            self.dial(0, "bob", auth, ("--proxy",) if proxy else (), net)
            lines = "".join(c.listen(3, lambda got: any("StopCCN" in x for x in got)))
            c.text("no debug all")
            assert lines_with(lines, "mod=debug l2tp") and lines_with(lines, "mod=debug ppp")
            shown = lines + daemon.log() + c.text("show log") + "".join(
                c.text(x) for x in SHOWS if "config" not in x and "profile wholesale" not in x)
            for secret in SECRET, PASSWORD:
                assert secret not in shown, lines_with(shown, secret)[0]
                assert secret.encode().hex() not in shown.lower().replace(" ", "").replace(":", "")
            for word in "password", "secret":
                assert not [x for x in lines_with(shown.lower(), word) if "xyzzy" in x]

    def test_wishes(self, daemon):
        """The same wish twice is one; no number of repeats is an error."""
        with Client(daemon) as c:
            for _ in range(100):
                c.text("debug l2tp")
            assert c.text("show debugging") == "debug l2tp\n"
            for i in range(60):
                code, text = c.ask(f"debug ppp user u{i}")
            assert code in (200, 409) and "memory" not in text, text
            c.text("undebug all")
            assert "no user" in c.text("debug l2tp user bob"), "it shows nothing, so that is said"
            c.text("undebug all")
            assert c.json("show debugging") == []

    def test_monitor_that_does_not_read(self, net, daemon):
        """Lines for it are lost and counted; the daemon goes on."""
        with Client(daemon, receive_buffer=4096) as c, Client(daemon) as other:
            c.text("terminal monitor")
            c.text("debug all")
            rss = daemon.rss_kib()
            assert lab(net, "--count", 300, "--rate", 0, user="bob", password=PASSWORD, secret=SECRET)
            assert other.text("show version") and daemon.rss_kib() - rss < 20000
            seen = "".join(c.listen(3, lambda got: any("lines were lost" in x for x in got)))
            other.text("undebug all")
            daemon.configure("hostname lns1x", "hostname lns1")
            seen += "".join(c.listen(2, lambda got: any("lines were lost" in x for x in got)))
            assert re.search(r"% [1-9]\d* lines were lost", seen), seen[-500:]

    def test_monitor_of_changes(self, daemon):
        with Client(daemon) as c:
            c.text("terminal monitor")
            daemon.configure("aaa local username zed database default", "password plugh-xyzzy")
            seen = "".join(c.listen(2, lambda got: len(got) >= 2))
            assert "aaa local username zed" in seen and "password *" in seen and "plugh" not in seen + daemon.log()
            c.text("terminal no monitor")
            c.async_lines.clear()
            daemon.configure("no aaa local username zed database default")
            assert not c.listen(0.3)


# ---- octets of peers ----

class Octets(bytes):
    """What is no text, where a text is expected."""

    def encode(self):
        return bytes(self)


HOSTILE = {
    "escapes": b"\x1b[2J\x1b]0;owned\x07\x9b31m", "quotes": b'a" b=\'c\' \\" reason="none', "nul": b"a\0b\0",
    "not-utf8": b"\xff\xfe\xc0\xaf\x80", "lines": b"x\r\n2026-11-20T00:00:00Z level=error mod=l2tp msg=\"forged\"\n",
    "c1": b"\xc2\x9b31m\xc2\x85", "del": b"\x7f\x08\x08", "utf8": "Grüße \u202e\u2028".encode(),
    "json": b'"},{"name":"x',
    "format": b"%s%n%x%%", "long": b"A" * 150 + b"\x1b" * 50, "blank": b"  ", "words": b"| json ! # ?",
}


class TestHostileOctets:
    text = config().replace("ppp default local", "ppp default none")

    @pytest.mark.parametrize("what", HOSTILE)
    def test_nobody_sees_them_raw(self, daemon, lac, what):
        octets = Octets(HOSTILE[what])
        with Client(daemon) as c:
            c.text("terminal monitor")
            c.text("debug all")
            at = len(daemon.log_path.read_bytes())
            ours = lac(2, host=Octets(octets[:64]))     # not where adit-lab is: what leaves there is judged
            ours.open(extra=avp(8, bytes(octets), m=False))
            line = b"".join(avp(kind, bytes(octets[:63]), m=False, vendor=3561) for kind in (1, 2))
            client = ours.call(icrq=avp(22, bytes(octets)) + avp(21, bytes(octets)) + avp(23, bytes(octets)) + line,
                               iccn=avp(37, bytes(octets)))
            client.open_lcp()
            assert client.authenticate(octets, "whatever") == "good"
            client.open_ipcp()
            session, = daemon.up(daemon.sessions())
            raw = b""
            for command in SHOWS + [f"show l2tp session {session['name']}"]:
                for args in (command,), (f"{command} | json",):
                    status, out, err = adit(daemon, *(x for a in args for x in ("-c", a)))
                    assert status == 0, (command, err)
                    assert_harmless(out + err, command)
                    raw += out
            row, = daemon.subscribers()
            if what not in ("nul", "not-utf8", "escapes"):      # those cannot be JSON's
                assert row["user-name"] == row["calling-number"] == octets.decode()
            result = avp(1, b"\0\2\0\6" + octets)
            ours.control("CDN", avp(14, u16(client.sid)) + result, sid=client.peer_sid)
            daemon.wait_sessions(0)
            ours.control("StopCCN", avp(9, u16(ours.tid)) + result)
            wait_until("the tunnel is down", lambda: not daemon.up(daemon.tunnels()), 2)
            ours.peer_tid = 0
            c.text("undebug all")
            for line in c.async_lines:
                assert line.count("\n") == 1
                assert_harmless(line.encode(), "a debug line")
            log = daemon.log_path.read_bytes()[at:]
            assert_harmless(log, "the log")
            assert all(re.match(rb"\d{4}-\d\d-\d\dT[\d:.]+Z level=\w+ mod=\w+ msg=", x) for x in log.splitlines())
            assert b'msg="forged"' not in log
            for level in "session", "tunnel":
                for suffix in "", " | json":
                    assert_harmless(c.text(f"show l2tp {level} detail ended{suffix}").encode(), level)

    def test_names_in_the_configuration(self, daemon):
        """What an operator quotes comes back quoted, and reads as what was written."""
        before = daemon.cli("show running-config")
        for name in (r'"a b"', r'"q\"u\\o"', r'"\x1b[2J"', r'"|"', r'"!"', r'"gr\xc3\xbc\xc3\x9fe"', r'"?"', r'"#x"',
                     "no"):
            daemon.configure(f"aaa local username {name} database default", 'password "p \\" \\x07"')
            text = daemon.cli("show running-config")
            assert_harmless(text.encode(), name)
            assert f"aaa local username {name} database" in text, text
            daemon.apply(text)
            assert daemon.cli("show running-config") == text
            assert [r for r in daemon.json("show running-config")]
            daemon.configure(f"no aaa local username {name} database default")
        assert daemon.cli("show running-config") == before
