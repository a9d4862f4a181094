# SPDX-License-Identifier: BSD-3-Clause
"""The control protocol by clients that we did not write for it: socat, Python, users of all kinds."""

import json
import os
import pathlib
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time

import tap
from lab import machine, zonedata
from lab.control import Control
from lab.daemon import Arpad
from lab.machine import run
from lab.namespaces import Pair

PROTOCOL = machine.ROOT / "docs" / "control-protocol.md"
OPERATOR, TENANT, VIEWER, NOBODY_LISTED = 61001, 61002, 61003, 61004
VIEWERS_GROUP, ADMINS_GROUP = 62001, 62002
ACCESS = f"""\
  mode: 0666
  read-only-socket: {{read_only}}
  access:
    - {{{{user: {OPERATOR}, role: operator}}}}
    - {{{{user: {TENANT}, role: tenant, tenant: acme}}}}
    - {{{{group: {VIEWERS_GROUP}, role: viewer}}}}
    - {{{{group: {ADMINS_GROUP}, role: admin}}}}
  tenants:
    - {{{{name: acme, prefixes: [198.18.0.0/25], quota: 2}}}}
"""

# Any client's first steps, as an ordinary user: the greeting and the replies to some lines.
TALK = """
import json, socket, sys
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
lines = client.makefile("rwb")
heard = [json.loads(lines.readline())]
for line in sys.argv[2:]:
    lines.write(line.encode() + b"\\n")
    lines.flush()
    heard.append(json.loads(lines.readline()))
print(json.dumps(heard))
"""


def request(method, **params):
    return json.dumps({"id": 1, "method": method, "params": params})


class WithAccess(Arpad):
    """An arpad on kernel sockets whose control section has roles, and a second socket."""

    def __init__(self, pair, access=ACCESS):
        self.access = access
        super().__init__(pair, interfaces=())

    @property
    def read_only(self):
        return self.directory / "arpad-ro.sock"

    def configure(self, addresses, followed=()):
        super().configure(addresses, followed)
        self.write_access(self.access)

    def write_access(self, access):
        text = self.configuration.read_text()
        start = text.index("control:\n")
        end = text.index("log:\n")
        text = (text[:start] + f"control:\n  socket: {self.socket}\n"
                + access.format(read_only=self.read_only) + text[end:])
        self.configuration.write_text(text)
        self.directory.chmod(0o755)

    def talk(self, user, *lines, group=None, groups=(), path=None):
        """What a process of that user hears; group and groups are ids."""
        words = ["setpriv", f"--reuid={user}", f"--regid={group or user}"]
        words += ["--groups=" + ",".join(map(str, groups))] if groups else ["--clear-groups"]
        done = run(*words, sys.executable, "-c", TALK, path or self.socket, *lines)
        return json.loads(done.stdout)

    def reload(self):
        self.send_signal(signal.SIGHUP)


class Clients(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.arpad = WithAccess(cls.pair)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        cls.arpad.ctl("zone", "add", zonedata.ZONE_4)

    def control(self, path=None):
        made = Control(path or self.arpad.socket)
        self.addCleanup(made.close)
        return made

    def assert_denied(self, reply, role):
        self.assertEqual((reply["error"]["code"], reply["error"]["name"]), (11, "denied"))
        self.assertIn(f"needs the role {role}", reply["error"]["message"])

    def test_the_client_of_the_documentation_runs(self):
        text = re.search(r"```python\n(.*?)```", PROTOCOL.read_text(), re.DOTALL).group(1)
        self.assertLessEqual(len([line for line in text.splitlines() if line.strip()]), 31)
        with tempfile.TemporaryDirectory() as folder:
            client = pathlib.Path(folder) / "client.py"
            client.write_text(text)

            def call(method, check=True, **params):
                return run(sys.executable, client, self.arpad.socket, method,
                           json.dumps(params), check=check)

            made = json.loads(call("ptr.set", address="198.18.7.1", name="doc.example.net").stdout)
            self.assertEqual(made["address"], "198.18.7.1")
            shown = json.loads(call("ptr.show", address="198.18.7.1").stdout)
            self.assertEqual(shown["names"], ["doc.example.net."])
            listed = json.loads(call("ptr.list", prefix="198.18.7.0/24").stdout)
            self.assertEqual([row["address"] for row in listed], ["198.18.7.1"])
            refused = call("ptr.set", check=False, address="198.18.7.1", name="a..b")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("invalid:", refused.stderr)

    def test_socat_is_client_enough(self):
        lines = (request("ptr.set", address="198.18.4.2", name="socat.example.net.") + "\n"
                 + request("ptr.show", address="198.18.4.2") + "\nno JSON\n[" + request("zone.list")
                 + "," + request("no.such") + "]\n")
        done = run("socat", "-t10", "-", f"UNIX-CONNECT:{self.arpad.socket}", input=lines)
        heard = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(heard[0]["hello"], "arpad")
        self.assertEqual(heard[1]["result"]["address"], "198.18.4.2")
        self.assertEqual(heard[2]["result"]["names"], ["socat.example.net."])
        self.assertEqual(heard[3]["error"]["name"], "invalid")
        self.assertEqual(heard[4]["result"][0]["zone"], zonedata.ZONE_4)
        self.assertEqual(heard[5]["error"]["name"], "unknown-method")
        self.assertEqual(len(heard), 6)

    def test_modes_of_the_sockets(self):
        for path in (self.arpad.socket, self.arpad.read_only):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o666)

    def test_each_user_has_its_role(self):
        change = request("ptr.set", address="198.18.5.1", name="role.example.net.")
        read = request("zone.list")
        for user, options, role in (
                (OPERATOR, {}, "operator"), (VIEWER, {"group": VIEWERS_GROUP}, "viewer"),
                (VIEWER, {"groups": (7, VIEWERS_GROUP)}, "viewer"),
                (OPERATOR, {"groups": (ADMINS_GROUP,)}, "operator"),
                (NOBODY_LISTED, {"groups": (ADMINS_GROUP,)}, "admin"),
                (NOBODY_LISTED, {}, "none"), (0, {}, "admin")):
            with self.subTest(user=user, role=role, **options):
                greeting, changed, listed = self.arpad.talk(user, change, read, **options)
                self.assertEqual(greeting["role"], role)
                self.assertNotIn("tenant", greeting)
                self.assertNotIn("read_only", greeting)
                if role in ("operator", "admin"):
                    self.assertIn("result", changed)
                else:
                    self.assert_denied(changed, "tenant")
                if role == "none":
                    self.assert_denied(listed, "viewer")
                else:
                    self.assertIn("result", listed)

    def test_a_tenant_changes_its_own_and_no_more(self):
        def setting(address):
            return request("ptr.set", address=address, name="tenant.example.net.")

        heard = self.arpad.talk(TENANT, setting("198.18.0.1"), setting("198.18.0.200"),
                                setting("198.18.0.2"), setting("198.18.0.3"),
                                request("zone.remove", zone=zonedata.ZONE_4))
        self.assertEqual((heard[0]["role"], heard[0]["tenant"]), ("tenant", "acme"))
        self.assertIn("result", heard[1])
        self.assertEqual(heard[2]["error"]["name"], "denied")
        self.assertIn("result", heard[3])
        self.assertEqual(heard[4]["error"]["name"], "quota")
        self.assert_denied(heard[5], "operator")
        self.assertIn(f"user={TENANT} role=tenant tenant=acme method=ptr.set address=198.18.0.1\n",
                      self.arpad.log())

    def test_the_read_only_socket_reads_only(self):
        for user in (0, NOBODY_LISTED, OPERATOR):
            greeting, changed, listed = self.arpad.talk(
                user, request("ptr.set", address="198.18.5.2", name="a.example.net."),
                request("zone.list"), path=self.arpad.read_only)
            self.assertEqual((greeting["role"], greeting["read_only"]), ("viewer", True))
            self.assert_denied(changed, "tenant")
            self.assertIn("result", listed)

    def test_methods_say_who_may(self):
        rows = {row["method"]: row for row in self.control().call("server.methods")["result"]}
        self.assertEqual(rows["server.stop"]["roles"], ["admin"])
        self.assertIn("tenant", rows["ptr.set"]["roles"])
        self.assertIn({"name": "address", "type": "string", "required": True},
                      rows["ptr.set"]["params"])
        documented = PROTOCOL.read_text()
        self.assertEqual([name for name in rows if f"`{name}`" not in documented], [])

    def test_ten_thousand_connections_leave_the_others_alone(self):
        control = self.control()
        for _ in range(10000):
            client = socket.socket(socket.AF_UNIX)  # connect() waits where there is no room
            client.connect(str(self.arpad.socket))
            client.close()
        self.assertIn("result", control.call("server.status"))
        open_files = len(os.listdir(f"/proc/{self.arpad.process.pid}/fd"))
        self.assertLess(open_files, 200)

    def test_the_last_place_is_for_root(self):
        holder = subprocess.Popen(
            ["setpriv", f"--reuid={OPERATOR}", f"--regid={OPERATOR}", "--clear-groups",
             sys.executable, "-c",
             "import socket, sys\n"
             "held, last = [], b''\n"
             "while b'busy' not in last:\n"
             "    client = socket.socket(socket.AF_UNIX)\n"
             "    client.connect(sys.argv[1])\n"
             "    last = client.makefile('rb').readline()\n"
             "    held.append(client)\n"
             "print(len(held), last.decode(), flush=True)\n"
             "sys.stdin.read()\n", str(self.arpad.socket)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            said = holder.stdout.readline()
            self.assertIn("one place is kept for root", said)
            self.assertIn("result", self.control().call("server.status"))
        finally:
            holder.communicate("")

    def test_descriptors_that_are_sent_are_closed(self):
        control = self.control()
        before = len(os.listdir(f"/proc/{self.arpad.process.pid}/fd"))
        read_end, write_end = os.pipe()
        for _ in range(50):
            control.socket.sendmsg(
                [request("zone.list").encode() + b"\n"],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", write_end))])
            self.assertIn("result", control.read())
        self.assertEqual(len(os.listdir(f"/proc/{self.arpad.process.pid}/fd")), before)
        os.close(write_end)
        self.assertEqual(os.read(read_end, 1), b"", "nobody else holds the other end")
        os.close(read_end)

    def test_a_line_cut_after_any_octet_does_nothing(self):
        line = request("ptr.set", address="198.18.6.1", name="cut.example.net.").encode()
        for length in range(len(line) + 1):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(10)
            client.connect(str(self.arpad.socket))
            client.sendall(line[:length])
            client.recv(1)  # the greeting: it is in
            client.close()
        reply = self.control().call("ptr.show", address="198.18.6.1")
        self.assertEqual(reply["error"]["name"], "not-found")

    def test_a_reload_changes_the_role_of_an_open_connection(self):
        connection = subprocess.Popen(
            ["setpriv", f"--reuid={OPERATOR}", f"--regid={OPERATOR}", "--clear-groups",
             "socat", "-t10", "-", f"UNIX-CONNECT:{self.arpad.socket}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

        def ask():
            connection.stdin.write(request("zone.list") + "\n")
            connection.stdin.flush()
            return json.loads(connection.stdout.readline())

        def wait_for(what):
            deadline = time.monotonic() + 20
            while not what():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)

        try:
            self.assertEqual(json.loads(connection.stdout.readline())["role"], "operator")
            self.assertIn("result", ask())
            self.arpad.write_access(ACCESS.replace("operator", "none"))
            self.arpad.reload()
            wait_for(lambda: "error" in ask())
            self.assert_denied(ask(), "viewer")
            # A name that nobody has: the old rules stay.
            self.arpad.write_access(ACCESS.replace(str(OPERATOR), "no.such.user"))
            self.arpad.reload()
            wait_for(lambda: 'there is no user "no.such.user"' in self.arpad.log())
            self.assert_denied(ask(), "viewer")
            # One that was there when arpad started, whose files it may not read any more.
            self.arpad.write_access(ACCESS.replace(
                "    - {{user", "    - {{user: daemon, role: viewer}}\n    - {{user", 1))
            self.arpad.reload()
            wait_for(lambda: "result" in ask())
        finally:
            connection.communicate("")


if __name__ == "__main__":
    sys.exit(tap.main())
