# SPDX-License-Identifier: BSD-3-Clause
"""The control socket from plain Python, and arpactl's exit statuses."""

import stat
import sys

import tap
from lab import zonedata
from lab.control import Control
from lab.daemon import Arpad
from lab.machine import run
from lab.message import Client
from lab.namespaces import SERVER_4, Pair

PIPELINED = 500


class ControlSocket(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.arpad = Arpad(cls.pair)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        cls.arpad.ctl("zone", "add", zonedata.ZONE_4)

    def control(self):
        made = Control(self.arpad.socket)
        self.addCleanup(made.close)
        return made

    def assert_error(self, reply, code):
        self.assertNotIn("result", reply)
        self.assertEqual(reply["error"]["name"], code)
        self.assertTrue(reply["error"]["message"])

    def test_the_greeting_has_name_and_version(self):
        self.assertIn("arpad", str(self.control().greeting))
        self.assertRegex(str(self.control().greeting), r"\d+\.\d+\.\d+")

    def test_only_the_owner_may_connect(self):
        self.assertEqual(stat.S_IMODE(self.arpad.socket.stat().st_mode), 0o600)

    def test_pipelined_requests_are_answered_in_order_and_are_on_the_wire(self):
        control = self.control()
        sent = [control.send("ptr.set", address=str(zonedata.address_4(i)),
                             names=[f"piped-{i}.example.net."]) for i in range(PIPELINED)]
        client = Client(self.pair, SERVER_4)
        self.addCleanup(client.close)
        for i, identity in enumerate(sent):
            reply = control.read()
            self.assertEqual(reply["id"], identity)
            self.assertIn("result", reply)
            names = client.ask(zonedata.arpa(zonedata.address_4(i))).names()
            self.assertEqual(names, [f"piped-{i}.example.net."])

    def test_bad_requests_get_an_error_and_change_nothing(self):
        control = self.control()
        before = self.arpad.ctl("-j", "ptr", "list").stdout
        control.send_line("this is no JSON")
        self.assertIn("error", control.read())
        control = self.control()
        self.assert_error(control.call("no.such.method"), "unknown-method")
        bad = ({"address": "198.18.0.1"}, {"address": "not one", "names": ["a.example.net."]},
               {"address": "198.18.0.1", "names": []},
               {"address": "198.18.0.1", "names": ["x" * 64 + ".example.net."]},
               {"address": "198.18.0.1", "names": ["a..example.net."]},
               {"address": "198.18.0.1", "names": ["a.example.net."], "ttl": 0},
               {"address": "198.18.0.1", "names": ["a.example.net."], "ttl": 2147483648},
               {"address": "1.0.18.198.in-addr.arpa.", "names": ["a.example.net."]},
               {"address": "203.0.113.1", "names": ["outside.example.net."]})
        for params in bad:
            reply = control.call("ptr.set", **params)
            self.assertIn("error", reply, params)
            self.assertTrue(reply["error"]["message"])
        self.assertEqual(self.arpad.ctl("-j", "ptr", "list").stdout, before)
        self.assertIn("result", control.call("server.status"))

    def test_an_oversize_line_is_refused_and_others_are_served(self):
        control = self.control()
        other = self.control()
        try:
            control.send_line(b"x" * (8 << 20) + b"\n")
            reply = control.read()
        except (BrokenPipeError, ConnectionResetError):
            reply = None  # it may close without reading the rest
        if reply is not None:
            self.assertIn("error", reply)
        self.assertIn("result", other.call("server.status"))

    def test_exit_statuses(self):
        cases = ((0, "status"), (0, "stats"), (0, "zone", "list"),
                 (0, "ptr", "set", "198.18.9.9", "a.example.net.", "--ttl", "60"),
                 (0, "ptr", "show", "198.18.9.9"), (0, "ptr", "unset", "198.18.9.9"),
                 (6, "ptr", "show", "198.18.9.9"), (6, "ptr", "unset", "198.18.9.9"),
                 (6, "zone", "remove", "203.0.113.0/24"), (1, "zone", "add", zonedata.ZONE_4),
                 (6, "ptr", "set", "203.0.113.1", "a.example.net."),
                 (2, "nonsense"), (2, "ptr", "set"), (2,))
        for status, *words in cases:
            done = self.arpad.ctl(*words, check=False)
            self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
            if status != 0:
                self.assertTrue(done.stderr, f"{words} says why")
        elsewhere = self.arpad.ctl_command("status")
        elsewhere[elsewhere.index("-s") + 1] = "/nonexistent/arpad.sock"
        self.assertEqual(run(*elsewhere, check=False).returncode, 3)


if __name__ == "__main__":
    sys.exit(tap.main())
