# SPDX-License-Identifier: BSD-2-Clause
"""What an unlucky operator does to a daemon with sessions up.

    Client on Lac 192.0.2.10 --- wan --- 192.0.2.1 [aditd]
"""
import signal
import subprocess

import pytest

from lib.build import program
from lib.lns import config
from lib.net import INET, wait_until


@pytest.fixture
def lac(make_lac):
    return make_lac()


def online(lac):
    lac.open()
    client = lac.call()
    client.dial("bob", "hello")
    return client


def our_routes(net):
    return net.lns.ip("route", "show", "proto", "173")


def test_a_second_daemon_takes_nothing_away(start_lns, lac, net):
    """Another device name does not help: what it would clean up at its start is the first one's."""
    lns = start_lns()
    client = online(lac)
    r = subprocess.run(["ip", "netns", "exec", net.lns.name, program("aditd"), "--config", str(lns.conf), "--run-dir",
                        str(lns.run_dir), "--state-dir", str(lns.state_dir), "--tun", "adit9"],
                       capture_output=True, text=True, timeout=10)
    assert "10.64.0.0/16" in our_routes(net)
    assert "10.255.0.1" in net.lns.ip("addr", "show", "dev", "lo")
    assert r.returncode == 73, r.stderr
    assert "another aditd" in r.stderr
    assert client.ping(INET)
    assert "lns1 is up" in lns.cli("show version")


def test_a_pool_goes_while_it_is_in_use(start_lns, lac, net):
    lns = start_lns()
    client = online(lac)
    lns.configure("no ip local pool subscribers", "ip local pool subscribers 10.65.0.0 10.65.0.255")
    wait_until("the aggregate has gone", lambda: "10.64.0.0/16" not in our_routes(net), 3)
    assert client.ping(INET)
    lns.cli("logout subscribers user bob")
    wait_until("so has its own route", lambda: "10.64.0" not in our_routes(net), 5)


def test_a_local_address_goes_while_it_is_in_use(start_lns, lac, net):
    """The peers of the old address are told, from it."""
    lns = start_lns(config())
    client = online(lac)
    assert client.ping(INET)
    net.lns.ip("addr", "add", "192.0.2.9/24", "dev", "wan0")
    try:
        lns.conf.write_text(config().replace("local ip address 192.0.2.1", "local ip address 192.0.2.9"))
        lns.proc.send_signal(signal.SIGHUP)
        lac.expect("StopCCN")
    finally:
        net.lns.ip("addr", "del", "192.0.2.9/24", "dev", "wan0")
