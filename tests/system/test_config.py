# SPDX-License-Identifier: BSD-3-Clause
"""The configuration of a running arpad: shown, compared, read again, and checked."""

import json
import os
import signal
import sys
import time

import tap
from lab import machine
from lab.daemon import Arpad
from lab.namespaces import Pair

NOBODY = 65534
FIRST, SECOND = "127.0.0.1@5300", "127.0.0.1@5301"
SECRET = "0123456789abcdef0123456789abcdef"


class Config(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair, addresses=(FIRST,), interfaces=(), user=NOBODY,
                           options="tcp: {clients: 100}\n")
        self.addCleanup(self.arpad.remove)
        self.arpad.start()

    def rows(self, *words):
        return {row["key"]: row for row in self.arpad.ctl_json("config", "show", *words)}

    def write(self, options, addresses=(FIRST,)):
        self.arpad.options = options
        self.arpad.configure(addresses)

    def answers(self, address):
        host, port = address.split("@")
        done = self.pair.server.run("dig", f"@{host}", "-p", port, "+norecurse", "+tries=1",
                                    "+time=2", "example.net.", "A", check=False)
        return "REFUSED" in done.stdout

    def test_what_holds_is_shown_with_where_it_is_from(self):
        rows = self.rows()
        self.assertEqual(rows["tcp.clients"]["value"], 100)
        text = self.arpad.configuration.read_text().splitlines()
        self.assertIn("clients: 100", text[rows["tcp.clients"]["line"] - 1])
        self.assertEqual(rows["listen.addresses"]["value"], [FIRST])
        self.assertEqual(rows["tcp.idle-ms"]["value"], rows["tcp.idle-ms"]["default"])
        self.assertNotIn("line", rows["tcp.idle-ms"])
        self.assertEqual(set(self.rows("zones")), {key for key in rows if key.startswith("zones.")})
        self.assertIn("tcp.clients 100  # line ", self.arpad.ctl("config", "show").stdout)
        self.assertEqual(self.arpad.ctl("config", "show", "nothing", check=False).returncode, 6)

    def test_a_reload_says_what_it_applied_and_what_needs_a_restart(self):
        self.write(f"tcp: {{clients: 200}}\njournal: {{keep-days: 60}}\n"
                   f"answers: {{cookie-secrets: [{SECRET}]}}\n", (FIRST, SECOND))
        told = self.arpad.ctl_json("config", "diff")
        self.assertFalse(self.answers(SECOND), "a comparison changes nothing")
        self.assertEqual(self.rows("tcp.clients")["tcp.clients"]["value"], 100)
        done = self.arpad.ctl_json("config", "reload")
        self.assertEqual(told, done)
        self.assertEqual([row["key"] for row in done["restart"]], ["tcp.clients"])
        self.assertEqual([row["key"] for row in done["applied"]],
                         ["listen.addresses", "answers.cookie-secrets", "journal.keep-days"])
        self.assertEqual(done["applied"][0]["to"], [FIRST, SECOND])
        self.assertTrue(self.answers(SECOND), "what was applied holds")
        row = self.rows("tcp.clients")["tcp.clients"]
        self.assertEqual((row["value"], row["pending"]), (100, 200))
        self.assertEqual(self.rows("journal")["journal.keep-days"]["value"], 60)
        again = self.arpad.ctl_json("config", "diff")
        self.assertEqual((again["applied"], again["restart"]), ([], done["restart"]))
        self.assertIn("tcp.clients has changed from 100 to 200", self.arpad.log())
        shown = json.dumps(done) + self.arpad.log() + self.arpad.ctl("config", "show").stdout
        self.assertIn("(secret)", shown)
        self.assertNotIn(SECRET, shown)

    def test_a_file_that_cant_be_used_changes_nothing(self):
        before = self.rows()
        for options, said in (("journal: {keep-days: -1}\n", "journal.keep-days"),
                              ("journal: {keepdays: 5}\ntcp: {clients: x}\n", "did you mean keep-days?")):
            self.write(options, (SECOND,))
            for verb in ("diff", "reload"):
                refused = self.arpad.ctl("config", verb, check=False)
                self.assertEqual(refused.returncode, 1)
                self.assertIn(said, refused.stderr)
            self.assertIn("nothing has changed", self.arpad.log())
        self.assertEqual(self.rows(), before)
        self.assertTrue(self.answers(FIRST))
        self.assertFalse(self.answers(SECOND))
        self.arpad.configuration.unlink()
        self.assertIn("can't be opened", self.arpad.ctl("config", "reload", check=False).stderr)

    def test_sighup_does_the_same(self):
        self.write("tcp: {clients: 300}\njournal: {keep-days: 61}\n")
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while "reload: done" not in self.arpad.log():
            self.assertLess(time.monotonic(), deadline, self.arpad.log())
            time.sleep(0.02)
        self.assertEqual(self.rows("journal")["journal.keep-days"]["value"], 61)
        self.assertEqual(self.rows("tcp.clients")["tcp.clients"]["pending"], 300)
        self.assertIn("tcp.clients has changed from 100 to 300", self.arpad.log())

    def test_reloads_beside_changes_in_one_batch(self):
        """A tenant's change and the reload that takes the tenant away arrive together."""
        tenant = (f"control: {{socket: {self.arpad.socket}, mode: 0666, tenants: [{{name: a, "
                  "prefixes: [192.0.2.0/25]}], access: [{user: 12345, role: tenant, tenant: a}]}\n")
        good = self.arpad.configuration.read_text()
        head, tail = good.split("control:\n")
        section = tail.split("log:\n", 1)[1]
        texts = (head + tenant + "log:\n" + section, good)
        lines = b"".join(b'{"id":%d,"method":"%s"}\n' % (i, method) for i in range(50)
                         for method in (b"config.reload", b"config.show", b"config.diff"))
        for text in texts * 5:
            self.arpad.configuration.write_text(text)
            done = self.pair.server.run(
                "python3", "-c", "import socket,sys\n"
                "s=socket.socket(socket.AF_UNIX);s.connect(sys.argv[1])\n"
                f"s.sendall({lines!r})\n"
                "n=0\n"
                "for line in s.makefile('rb'):\n"
                " n+=b'\"id\":49' in line and b'applied' in line\n"
                " if n==2: break\n"
                "print(n)", self.arpad.socket)
            self.assertEqual(done.stdout.strip(), "2")
        self.assertTrue(self.arpad.running)

    def test_all_that_is_wrong_is_said(self):
        bad = self.arpad.directory / "bad.yaml"
        bad.write_text("listen: {addresses: [x]}\nport: 53\ntcp: {clients: 0, client: 1}\n")
        said = [": listen.addresses[0]: \"x\" is neither an IPv4 nor an IPv6 address",
                ": port: there is no such key; did you mean ports, or the port of listen?",
                ": tcp.client: there is no such key; did you mean clients?",
                ": tcp.clients: \"0\" is not a whole number from 1 to 1000000"]
        for checked in (machine.run(machine.ARPAD, "--check", bad, check=False),
                        machine.run(machine.ARPAD, "-c", bad, "--check", check=False),
                        self.arpad.ctl("config", "check", bad, check=False)):
            self.assertEqual(checked.returncode, 1)
            lines = (checked.stdout + checked.stderr).splitlines()
            self.assertEqual(len(lines), 4, lines)
            for number, (line, end) in enumerate(zip(lines, said)):
                self.assertEqual(line, f"{bad}:{(1, 2, 3, 3)[number]}{end}")
        for checked in (machine.run(machine.ARPAD, "--check", self.arpad.configuration),
                        self.arpad.ctl("config", "check", self.arpad.configuration)):
            self.assertIn("valid", checked.stdout)
        if not os.path.exists("/etc/arpad/arpad.yaml"):
            missing = machine.run(machine.ARPAD, "--check", check=False)
            self.assertEqual(missing.returncode, 1)
            self.assertIn("/etc/arpad/arpad.yaml can't be opened", missing.stderr)


if __name__ == "__main__":
    sys.exit(tap.main())
