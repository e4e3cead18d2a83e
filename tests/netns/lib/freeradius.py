# SPDX-License-Identifier: BSD-2-Clause
"""A FreeRADIUS in a namespace: a scratch raddb, users as the test says, accounting as dicts."""
import pathlib
import re
import subprocess

from .net import wait_until

KEY = "testing123"

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
  }}
  accounting {{
    detail
    ok
  }}
}}
"""


class FreeRadius:
    """users: {name: (password, {attribute: value or list of values})}."""

    def __init__(self, net, users, ns=None, addr="127.0.0.1", client="127.0.0.0/8", auth_port=1812, acct_port=1813,
                 message_authenticator=False, require=False):
        self.net, self.ns, self.addr = net, ns or net.lns, addr
        self.dir = pathlib.Path(net.dir / f"raddb-{addr}-{auth_port}")
        self.dir.mkdir(exist_ok=True)
        sign = 'update reply {\n      &Message-Authenticator := 0x00\n    }' if message_authenticator else "ok"
        (self.dir / "radiusd.conf").write_text(RADIUSD.format(
            dir=self.dir, client=client, key=KEY, addr=addr, auth_port=auth_port, acct_port=acct_port,
            require="yes" if require else "no", post_auth=sign))
        (self.dir / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n")
        (self.dir / "acct_users").write_text("")
        self.detail, self.proc = self.dir / "detail", None
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
        with open(self.dir / "output", "ab") as out:
            self.proc = self.ns.popen("freeradius", "-d", str(self.dir), "-f", stdout=out, stderr=out)

        def ready():
            assert self.proc.poll() is None, f"freeradius ended\n{self.log()}"
            return "Ready to process requests" in self.log()
        wait_until(lambda: f"freeradius is ready\n{self.log()}", ready, 15)

    def log(self):
        return "".join(f.read_text(errors="replace") for f in (self.dir / "output", self.dir / "radius.log")
                       if f.exists())

    def records(self, **wanted):
        """Accounting records as dicts, in order; an attribute that comes twice is a list. Only those with all of `wanted`
        (underscores stand for hyphens)."""
        rows = []
        text = self.detail.read_text(errors="replace") if self.detail.exists() else ""
        for block in text.split("\n\n"):
            row = {}
            for name, value in re.findall(r"^\t([\w-]+) = (.*)$", block, re.M):
                value = value[1:-1] if value.startswith('"') else value
                row[name] = value if name not in row else [*([row[name]] if isinstance(row[name], str) else row[name]),
                                                           value]
            if row and all(row.get(k.replace("_", "-")) == str(v) for k, v in wanted.items()):
                rows.append(row)
        return rows

    def wait_record(self, seconds=10, **wanted):
        """The first record with these values, when it has come."""
        return wait_until(lambda: f"a record with {wanted}\n{self.records()}", lambda: self.records(**wanted), seconds)[0]

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
    """What the RADIUS issue adds to the example: put it in place of its `aaa authentication` line's method."""
    sub = f"\n key {key}\n timeout {timeout}\n retransmit {retransmit}\n deadtime {deadtime}"
    return (f"aaa authentication ppp default radius local\naaa accounting ppp default radius\n"
            f"radius authentication server {addr}\n udp-port 1812{sub}\n"
            f"radius accounting server {addr}\n udp-port 1813{sub}\n{extra}")
