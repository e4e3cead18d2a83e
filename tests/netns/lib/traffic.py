# SPDX-License-Identifier: BSD-2-Clause
"""TCP with a checksum over all octets, between a host and a guest."""
import hashlib
import os
import subprocess

# Serves or takes `octets` random octets and prints the sha256 of what crossed.
PROGRAM = """
import hashlib, os, socket, sys
mode, host, port, octets = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if mode.startswith("listen"):
    s = socket.create_server((host, port)); print("ready", flush=True); c, _ = s.accept()
else:
    c = socket.create_connection((host, port), 10)
c.settimeout(15)
h = hashlib.sha256()
if mode.endswith("send"):
    data = os.urandom(octets); h.update(data); c.sendall(data); c.shutdown(socket.SHUT_WR); c.recv(1)
else:
    while True:
        d = c.recv(65536)
        if not d: break
        h.update(d)
    c.close()
print(h.hexdigest(), flush=True)
"""


def transfer(host_ns, host, guest, to_guest, octets=1_000_000, port=5001):
    """Moves random octets between a listener at `host` and the guest; both sides' sha256 must agree."""
    mode = ("listen-send", "connect-take") if to_guest else ("listen-take", "connect-send")
    listener = host_ns.popen("/usr/bin/python3", "-c", PROGRAM, mode[0], host, str(port), str(octets), text=True,
                             stdout=subprocess.PIPE)
    try:
        assert listener.stdout.readline() == "ready\n"
        status, out = guest.exec(f"python3 - {mode[1]} {host} {port} {octets} <<'E'\n{PROGRAM}\nE\n", timeout=40)
        assert status == 0, out
        mine = listener.stdout.readline().strip()
        assert mine == out.split()[-1], "octets were changed on the way"
        assert mine != hashlib.sha256(b"").hexdigest()
    finally:
        listener.kill()
        listener.wait()
    return os.EX_OK
