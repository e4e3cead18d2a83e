# SPDX-License-Identifier: BSD-2-Clause
"""aditd against FreeRADIUS: attributes with their effect, accounting with its figures."""
import pytest

from lib.freeradius import FreeRadius, radius_config
from lib.lab import Run, lab
from lib.lns import config
from lib.net import INET, wait_until


@pytest.mark.parametrize("auth", ["pap", "chap", "ms-chap-v2"])
@pytest.mark.parametrize("signed", [False, True])
def test_one_subscriber(net, start_lns, auth, signed):
    radius = FreeRadius(net, {"bob": ("hello", {"Framed-IP-Address": "10.70.0.5", "Class": '"gold"',
                                                "Filter-Id": '"fast"'})}, message_authenticator=signed)
    try:
        lns = start_lns(config(extra=radius_config()))
        run = Run(net, "--auth", auth, "--ping", INET, "--ping-count", 3, "--ping-interval", 50, "--hold", 2)
        row, = lns.wait_sessions(1)
        assert row["ip-address"] == "10.70.0.5"
        assert run.wait()["status"] == 0
        start = radius.wait_record(Acct_Status_Type="Start")
        stop = radius.wait_record(Acct_Status_Type="Stop")
        assert start["User-Name"] == "bob" and start["Framed-IP-Address"] == "10.70.0.5", start
        assert stop["Acct-Input-Octets"] == "252" and stop["Acct-Output-Octets"] == "252", stop
        assert stop["Acct-Session-Id"] == start["Acct-Session-Id"] and stop["Class"] == start["Class"]
        lns.stop()
        radius.wait_record(Acct_Status_Type="Accounting-Off")
        print(start, stop, lns.log())
    finally:
        radius.stop()
