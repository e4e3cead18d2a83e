# SPDX-License-Identifier: BSD-2-Clause
"""A FreeRADIUS in a namespace: a scratch raddb, users as the test says, requests and accounting as dicts."""
import os
import re
import signal
import subprocess

from .net import wait_until

KEY = "testing123"
READY = "Ready to process requests"

RADIUSD = """
prefix = /usr
name = adit
confdir = {dir}
logdir = {dir}
run_dir = {dir}
raddbdir = {dir}
radacctdir = {dir}
libdir = /usr/lib/freeradius
pidfile = {dir}/radiusd.pid
max_request_time = 30
cleanup_delay = 1
max_requests = 65536
hostname_lookups = no
proxy_requests = no
log {{
  destination = files
  file = {dir}/radius.log
  auth = no
}}
security {{
  allow_core_dumps = no
  max_attributes = 200
  reject_delay = 0
  status_server = yes
}}
thread pool {{
  start_servers = 2
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 2
  max_requests_per_server = 0
}}
client nas {{
  ipaddr = {client}
  secret = {key}
  require_message_authenticator = {require}
}}
modules {{
  pap {{
  }}
  chap {{
  }}
  mschap {{
    use_mppe = no
  }}
  always ok {{
    rcode = ok
  }}
  files {{
    usersfile = {dir}/users
    acctusersfile = {dir}/acct_users
  }}
  detail {{
    filename = {dir}/detail
    permissions = 0600
    header = "%t"
    locking = no
  }}
  detail requests {{
    filename = {dir}/requests
    permissions = 0600
    header = "%t"
    locking = no
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = {addr}
    port = {auth_port}
  }}
  listen {{
    type = acct
    ipaddr = {addr}
    port = {acct_port}
  }}
  authorize {{
    requests
    {slow}
    chap
    mschap
    files
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type CHAP {{
      chap
    }}
    Auth-Type MS-CHAP {{
      mschap
    }}
  }}
  post-auth {{
    {post_auth}
    Post-Auth-Type REJECT {{
      {reject}
    }}
  }}
  accounting {{
    detail
    ok
  }}
}}
"""


def update(which, attrs):
    """An `update` of unlang, or what does nothing."""
    lines = [f"&{k} := {v}" for k, v in attrs.items()]
    return "\n".join([f"update {which} {{", *lines, "}"]) if lines else "ok"


def parse(text):
    """Packets of a detail file as dicts, in order; an attribute that comes twice is a list; names have their tags."""
    rows = []
    for block in text.split("\n\n"):
        row = {}
        for name, value in re.findall(r"^\t([\w:-]+) = (.*)$", block, re.M):
            value = value[1:-1] if value.startswith('"') else value
            had = row.get(name, [])
            row[name] = [*([had] if isinstance(had, str) else had), value] if had else value
        if row:
            rows.append(row)
    return rows


class FreeRadius:
    """users: {name: (password, {attribute: value or list of values})}. `slow`: seconds that each answer to an
    Access-Request takes; `reject`: {attribute: value} of every Reject, where FreeRADIUS leaves out what a user has."""

    def __init__(self, net, users, ns=None, addr="127.0.0.1", client="127.0.0.0/8", auth_port=1812, acct_port=1813,
                 message_authenticator=False, require=False, key=KEY, slow=0, reject=None):
        self.net, self.ns, self.addr = net, ns or net.lns, addr
        self.dir = net.dir / f"raddb-{os.urandom(3).hex()}"
        self.dir.mkdir()
        sign = update("reply", {"Message-Authenticator": "0x00"} if message_authenticator else {})
        delay = update("control", {"Tmp-String-0": f"`/bin/sleep {slow}`"} if slow else {})
        (self.dir / "radiusd.conf").write_text(RADIUSD.format(
            dir=self.dir, client=client, key=key, addr=addr, auth_port=auth_port, acct_port=acct_port,
            require="yes" if require else "no", post_auth=sign, slow=delay,
            reject=update("reply", reject or {})))
        (self.dir / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n")
        (self.dir / "acct_users").write_text("")
        self.proc = None
        self.set_users(users)
        net.on_close(self.kill)
        self.start()

    def set_users(self, users):
        lines = []
        for name, (password, attrs) in users.items():
            lines.append(f'{name}\tCleartext-Password := "{password}"')
            pairs = [f"{k} {'+=' if isinstance(v, list) else ':='} {x}" for k, v in attrs.items()
                     for x in (v if isinstance(v, list) else [v])]
            lines += [f"\t{p}{',' if i + 1 < len(pairs) else ''}" for i, p in enumerate(pairs)]
            lines.append("")
        (self.dir / "users").write_text("\n".join(lines))

    def start(self):
        before = self.log().count(READY)
        with open(self.dir / "output", "ab") as out:
            self.proc = self.ns.popen("freeradius", "-d", str(self.dir), "-f", stdout=out, stderr=out)

        def ready():
            assert self.proc.poll() is None, f"freeradius ended\n{self.log()}"
            return self.log().count(READY) > before
        wait_until(lambda: f"freeradius is ready\n{self.log()}", ready, 15)

    def log(self):
        return "".join(f.read_text(errors="replace") for f in (self.dir / "output", self.dir / "radius.log")
                       if f.exists())

    def _read(self, name, wanted):
        path = self.dir / name
        rows = parse(path.read_text(errors="replace")) if path.exists() else []
        return [r for r in rows if all(r.get(k.replace("_", "-")) == str(v) for k, v in wanted.items())]

    def records(self, **wanted):
        """Accounting records, in order: those with all of `wanted` (underscores stand for hyphens)."""
        return self._read("detail", wanted)

    def requests(self, **wanted):
        """Access-Requests likewise."""
        return self._read("requests", wanted)

    def wait_record(self, seconds=10, **wanted):
        """The first record with these values, when it has come."""
        what = lambda: f"a record with {wanted}\n{self.records()}"
        return wait_until(what, lambda: self.records(**wanted), seconds)[0]

    def pause(self):
        """Silent from now on; what is sent to it waits in its sockets."""
        self.proc.send_signal(signal.SIGSTOP)

    def resume(self):
        self.proc.send_signal(signal.SIGCONT)

    def stop(self):
        if self.proc and self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        if self.proc and self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait(5)


def radius_config(addr="127.0.0.1", key=KEY, timeout=3, retransmit=3, deadtime=5, extra=""):
    """What the RADIUS issue adds to the example, for one server or a list of them, each with accounting."""
    sub = f"\n key {key}\n timeout {timeout}\n retransmit {retransmit}\n deadtime {deadtime}"
    lines = ["aaa authentication ppp default radius local", "aaa accounting ppp default radius"]
    for a in [addr] if isinstance(addr, str) else addr:
        lines += [f"radius authentication server {a}\n udp-port 1812{sub}",
                  f"radius accounting server {a}\n udp-port 1813{sub}"]
    return "\n".join([*lines, extra])
