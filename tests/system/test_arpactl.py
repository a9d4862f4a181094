# SPDX-License-Identifier: BSD-3-Clause
"""Every verb of arpactl against the real arpad: what it prints, what it exits with, what it did."""

import csv
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile

import tap
from lab import machine
from lab.daemon import Arpad
from lab.machine import run
from lab.namespaces import Pair

NOBODY = 65534
ZONE = "192.0.2.0/24"
SECONDS = 30


class Arpactl(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.arpad = Arpad(cls.pair, interfaces=(), addresses=("127.0.0.1@5300",))
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.expect(0, "zone", "add", ZONE)
        self.addCleanup(self.ctl, "zone", "remove", ZONE)

    def ctl(self, *words, **options):
        return self.arpad.ctl(*words, check=False, **options)

    def expect(self, status, *words, **options):
        """Runs it, and returns what it printed; what failed says why."""
        done = self.ctl(*words, **options)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        if status:
            self.assertTrue(done.stderr or done.stdout, f"{words} says nothing")
        return done.stdout

    def shown(self, address):
        return json.loads(self.expect(0, "-j", "ptr", "show", address))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)


class Objects(Arpactl):
    def test_an_address(self):
        self.expect(0, "ptr", "set", "192.0.2.7", "a.example.", "--ttl", "60", "--tag", "rack=b7",
                    "--description", "two words")
        first = self.shown("192.0.2.7")
        self.assertEqual((first["names"], first["ttl"], first["tags"], first["description"]),
                         (["a.example."], 60, {"rack": "b7"}, "two words"))
        self.expect(0, "ptr", "add", "192.0.2.7", "b.example.")
        self.assertEqual(self.shown("192.0.2.7")["names"], ["a.example.", "b.example."])
        self.expect(1, "ptr", "set", "192.0.2.7", "c.example.", "--if-seq", first["seq"])
        self.expect(0, "ptr", "remove", "192.0.2.7", "a.example.")
        self.expect(6, "ptr", "remove", "192.0.2.7", "a.example.")
        self.expect(0, "ptr", "set", "192.0.2.7", "--description", "other")
        last = self.shown("192.0.2.7")
        self.assertEqual((last["names"], last["description"], last["created"]),
                         (["b.example."], "other", first["created"]))
        self.assertIn("name: b.example.\n", self.expect(0, "ptr", "show", "192.0.2.7"))
        self.expect(0, "ptr", "unset", "192.0.2.7")
        self.expect(6, "ptr", "unset", "192.0.2.7")
        self.expect(6, "ptr", "show", "192.0.2.7")
        self.expect(1, "ptr", "set", "192.0.2.7", "a..example.")
        self.expect(2, "ptr", "set", "192.0.2.7")

    def test_lists_and_counts(self):
        for i, name in enumerate(("a.example.", "b.example.", "a.example.net.")):
            self.expect(0, "ptr", "set", f"192.0.2.{i}", name, "--tag", f"n={i}")
        self.assertEqual(self.expect(0, "ptr", "list", ZONE).splitlines()[0],
                         "192.0.2.0 a.example. " + str(self.shown("192.0.2.0")["ttl"]))
        for words, found in ((("--name", "A.*"), [0, 2]), (("--tag", "n=1"), [1]),
                             (("--limit", "1"), [0]), (("--after", "192.0.2.0"), [1, 2]),
                             (("--changed-since", self.shown("192.0.2.1")["seq"]), [2])):
            rows = self.expect(0, "ptr", "list", ZONE, "-o", "ndjson", *words).splitlines()
            self.assertEqual([json.loads(row)["address"] for row in rows],
                             [f"192.0.2.{i}" for i in found], words)
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "3\n")
        table = list(csv.DictReader(self.expect(0, "ptr", "list", ZONE, "-o", "csv").splitlines()))
        self.assertEqual([row["tags"] for row in table], ["n=0", "n=1", "n=2"])
        self.expect(2, "ptr", "unset", ZONE)
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "3\n")
        self.expect(0, "ptr", "unset", ZONE, "--yes")
        self.expect(6, "ptr", "unset", ZONE, "--yes")
        self.assertEqual(self.expect(0, "ptr", "list", ZONE), "")

    def test_what_a_list_prints_is_what_set_reads(self):
        for i in range(20):
            self.expect(0, "ptr", "set", f"192.0.2.{i}", f"a{i}.example.", f"b{i}.example.",
                        "--description", f"say \"{i}\", twice", "--tag", "k=v")
        before = [self.settable(row) for row in self.rows()]
        for form in ("ndjson", "csv"):
            text = self.expect(0, "ptr", "list", ZONE, "-o", form)
            self.expect(0, "ptr", "unset", ZONE, "--yes")
            done = self.expect(0, "ptr", "set", "-", "--format", form, input=text)
            self.assertEqual(len(done.splitlines()), 20)
            self.assertEqual([self.settable(row) for row in self.rows()], before, form)
        lines = self.expect(0, "ptr", "list", ZONE, "--limit", "5")
        addresses = "".join(f"{line.split()[0]}\n" for line in lines.splitlines()[::2])
        self.assertEqual(self.expect(0, "ptr", "unset", "-", input=addresses), addresses)
        self.expect(6, "ptr", "unset", "-", input=addresses)

    def rows(self):
        return json.loads(self.expect(0, "-j", "ptr", "list", ZONE))

    @staticmethod
    def settable(row):
        return {key: row.get(key) for key in ("address", "names", "ttl", "description", "tags")}

    def test_zones(self):
        self.expect(1, "zone", "add", ZONE)
        self.assertIn(ZONE, self.expect(0, "zone", "list").split())
        self.expect(0, "zone", "set", ZONE, "--serial", "date", "--ttl", "77")
        self.expect(1, "zone", "set", ZONE, "--serial", "weekly")
        self.expect(2, "zone", "set", ZONE)
        self.expect(0, "zone", "freeze", ZONE)
        self.expect(6, "zone", "freeze", ZONE)
        self.expect(1, "ptr", "set", "192.0.2.7", "a.example.")
        self.assertIn("frozen: yes", self.expect(0, "zone", "show", ZONE))
        self.expect(0, "zone", "thaw", ZONE)
        self.expect(6, "zone", "thaw", ZONE)
        self.expect(0, "ptr", "set", "192.0.2.7", "a.example.")
        self.assertEqual(self.shown("192.0.2.7")["ttl"], 77)
        shown = json.loads(self.expect(0, "-j", "zone", "show", ZONE))
        self.assertGreater(shown["soa"]["serial"], 2000000000)
        self.expect(6, "zone", "show", "203.0.113.0/24")
        self.expect(6, "zone", "export", "203.0.113.0/24")
        self.expect(6, "zone", "remove", "203.0.113.0/24")


class Many(Arpactl):
    def test_imports(self):
        rows = self.write("names.csv", "address,name,ttl\n192.0.2.1,a.example.,60\n"
                                       "192.0.2.1,b.example.\n192.0.2.2,c.example.\n")
        self.expect(0, "import", rows, "--dry-run")
        self.assertEqual(self.expect(0, "ptr", "list", ZONE), "")
        self.assertIn("+ ", self.expect(0, "import", rows, "--diff"))
        self.assertEqual(self.shown("192.0.2.1")["names"], ["a.example.", "b.example."])
        objects = self.write("names.ndjson", self.expect(0, "ptr", "list", "192.0.2.2/32", "-o",
                                                         "ndjson"))
        self.expect(0, "import", objects, "--replace", "--prefix", ZONE)
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "1\n")
        zone = self.write("zone", self.expect(0, "zone", "export", ZONE) + "9 60 PTR nine.\n")
        self.expect(0, "zone", "check", ZONE, zone)
        self.assertIn("192.0.2.9", self.expect(0, "zone", "diff", ZONE, zone))
        self.expect(6, "ptr", "show", "192.0.2.9")
        self.expect(0, "zone", "import", ZONE, zone)
        self.assertEqual(self.shown("192.0.2.9")["ttl"], 60)
        bad = self.write("bad", pathlib.Path(zone).read_text() + "10 60 PTR\n")
        for words in (("check",), ("import",), ("diff",)):
            done = self.ctl("zone", *words, ZONE, bad)
            self.assertEqual(done.returncode, 1)
            self.assertIn("line ", done.stderr)
        self.expect(1, "import", "/nonexistent")
        self.expect(2, "import", rows, "--merge", "--replace")
        self.expect(2, "import", rows, "--format", "xml")

    def test_a_transaction(self):
        transaction = self.expect(0, "txn", "begin").strip()
        self.expect(0, "ptr", "set", "192.0.2.1", "a.example.", "--txn", transaction)
        self.expect(0, "ptr", "set", "192.0.2.2", "b.example.", "--txn", transaction)
        self.expect(0, "ptr", "set", "-", "--txn", transaction, input="192.0.2.3 c.example.\n")
        self.expect(6, "ptr", "show", "192.0.2.1")
        self.assertIn(transaction, self.expect(0, "txn", "list"))
        self.assertEqual(len(self.expect(0, "txn", "show", transaction).splitlines()), 3)
        difference = self.expect(0, "txn", "diff", transaction).splitlines()
        self.assertTrue(difference[0].startswith("+ 192.0.2.1 a.example."), difference)
        self.expect(0, "txn", "commit", transaction)
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "3\n")
        self.expect(6, "txn", "commit", transaction)

    def test_transactions_in_each_others_way(self):
        first, second = (self.expect(0, "txn", "begin").strip() for _ in range(2))
        for transaction in (first, second):
            self.expect(0, "ptr", "set", "192.0.2.1", f"{transaction}.example.", "--txn",
                        transaction)
        self.expect(0, "txn", "commit", first)
        done = self.ctl("txn", "commit", second)
        self.assertEqual(done.returncode, 1)
        self.assertIn("192.0.2.1", done.stderr)
        self.expect(0, "txn", "commit", second, "--force")
        self.assertEqual(self.shown("192.0.2.1")["names"], [f"{second}.example."])
        third = self.expect(0, "txn", "begin", "--timeout-s", "60").strip()
        self.expect(0, "txn", "abort", third)
        self.expect(6, "txn", "show", third)

    def test_a_commit_that_is_confirmed(self):
        transaction = self.expect(0, "txn", "begin").strip()
        self.expect(0, "ptr", "set", "192.0.2.1", "a.example.", "--txn", transaction)
        self.assertIn("arpactl txn confirm",
                      self.expect(0, "txn", "commit", transaction, "--confirm", "3600"))
        self.expect(0, "txn", "confirm", transaction)
        self.expect(6, "txn", "confirm", transaction)

    def test_files_of_commands(self):
        commands = self.write("commands", "ptr set 192.0.2.1 a.example. # the first\n"
                                          "ptr show 192.0.2.9\nptr set 192.0.2.2 'b.example.'\n")
        self.expect(6, "-f", commands)
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "2\n")
        self.expect(0, "ptr", "unset", ZONE, "--yes")
        done = self.ctl("-xef", commands)
        self.assertEqual(done.returncode, 6)
        self.assertIn("+ ptr show 192.0.2.9\n", done.stderr)
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "1\n")
        self.expect(2, "txn", "run", commands)
        once = self.write("once", "ptr set 192.0.2.5 e.\nptr unset 192.0.2.250\n")
        self.assertNotEqual(self.ctl("txn", "run", once).returncode, 0)
        self.expect(6, "ptr", "show", "192.0.2.5")
        self.expect(0, "txn", "run", self.write("good", "ptr set 192.0.2.5 e.\n"))
        self.expect(0, "ptr", "show", "192.0.2.5")

    def test_history_events_and_waiting(self):
        self.expect(0, "ptr", "set", "192.0.2.1", "a.example.")
        before = self.shown("192.0.2.1")["seq"]
        self.expect(0, "ptr", "set", "192.0.2.1", "b.example.")
        after = self.shown("192.0.2.1")["seq"]
        history = self.expect(0, "history", "192.0.2.1", "-o", "ndjson").splitlines()
        self.assertEqual([json.loads(row)["seq"] for row in history], [after, before])
        text = self.expect(0, "history", "192.0.2.1", "--limit", "1").splitlines()
        self.assertTrue(text[0].startswith(f"change {after} "), text)
        self.assertEqual([line.split()[0] for line in text[1:]], ["-", "+"])
        self.expect(0, "wait", "--seq", after)
        self.expect(4, "wait", "--seq", after + 1000, "-t", "1")
        self.expect(2, "wait")
        with subprocess.Popen(self.arpad.ctl_command("events", "192.0.2.1/32", "--after", before - 1,
                                                     "-o", "ndjson"),
                              stdout=subprocess.PIPE, text=True) as events:
            seen = [json.loads(events.stdout.readline())["seq"] for _ in range(2)]
            self.expect(0, "ptr", "unset", "192.0.2.1")
            seen.append(json.loads(events.stdout.readline())["seq"])
            events.terminate()
        self.assertEqual(seen, [before, after, seen[2]])
        self.assertGreater(seen[2], after)

    def test_the_store(self):
        self.expect(0, "ptr", "set", "192.0.2.1", "a.example.", "--description", "kept")
        backup = str(self.folder / "backup")
        self.expect(0, "store", "backup", backup)
        self.expect(0, "ptr", "set", "192.0.2.2", "b.example.")
        self.expect(2, "store", "restore", backup)
        self.expect(0, "store", "restore", backup, "--dry-run")
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "2\n")
        cut = self.write("cut", pathlib.Path(backup).read_text()[:-20])
        self.expect(1, "store", "restore", cut, "--yes")
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "2\n")
        self.expect(0, "store", "restore", backup, "--yes")
        self.assertEqual(self.expect(0, "ptr", "count", ZONE), "1\n")
        self.assertEqual(self.shown("192.0.2.1")["description"], "kept")
        self.assertIn("the store is sound", self.expect(0, "store", "verify"))
        self.assertEqual(json.loads(self.expect(0, "-j", "store", "verify"))[-1]["problems"], 0)
        self.assertIn("compacted: data.mdb has", self.expect(0, "store", "compact"))
        self.assertEqual(self.shown("192.0.2.1")["description"], "kept")


class Program(Arpactl):
    def test_the_server(self):
        self.assertIn("serving for", self.expect(0, "status"))
        self.assertTrue(json.loads(self.expect(0, "status", "-j"))["ready"])
        self.assertIn("outcome.", self.expect(0, "stats", "--explain"))
        self.assertIn("127.0.0.1", self.expect(0, "address", "list"))
        self.expect(0, "address", "add", "127.0.0.2@5300")
        self.expect(6, "address", "add", "127.0.0.2@5300")
        self.expect(0, "address", "remove", "127.0.0.2@5300")
        self.expect(6, "address", "remove", "127.0.0.2@5300")
        for verb in ("drain", "undrain"):
            self.assertIn(self.ctl(verb).returncode, (0, 1, 6), verb)
        methods = json.loads(self.expect(0, "-j", "call", "server.methods"))
        self.assertIn("ptr.set", [method["method"] for method in methods])
        self.expect(1, "call", "no.such.method")
        self.expect(2, "call", "ptr.show", "[]")

    def test_who_may_not_and_who_is_not_there(self):
        command = self.arpad.ctl_command("status")
        done = run("setpriv", f"--reuid={NOBODY}", "--clear-groups", *command, check=False)
        self.assertIn(done.returncode, (0, 5))  # arpad serves as that user where it may
        elsewhere = run("setpriv", f"--reuid={NOBODY - 1}", "--clear-groups", *command, check=False)
        self.assertEqual(elsewhere.returncode, 5, elsewhere.stderr)
        command[command.index("-s") + 1] = "/nonexistent/arpad.sock"
        self.assertEqual(run(*command, check=False).returncode, 3)

    def test_every_verb_has_help_with_an_example(self):
        usage = self.expect(0, "--help")
        verbs = [line.split() for line in usage.splitlines()
                 if line.startswith("  ") and line[2].isalpha()]
        self.assertGreater(len(verbs), 35)
        for words in verbs:
            name = [word for word in words if word.islower() and word.isalpha()][:2]
            text = self.expect(0, *name, "--help")
            self.assertIn(f"arpactl {' '.join(name)}", text)
            self.assertIn("\n  ", text, name)

    def completions(self, line):
        line = f"arpactl -s {self.arpad.socket} {line}"
        done = subprocess.run([machine.ARPACTL, "--bash-complete", "arpactl", "", ""], check=True,
                              stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "COMP_LINE": line, "COMP_POINT": str(len(line))})
        return done.stdout.split()

    def test_arpad_knows_every_method_and_parameter_of_every_verb(self):
        # What it does not know is not offered.
        for line in self.expect(0, "--help").splitlines():
            if not line.startswith("  ") or not line[2].isalpha():
                continue
            name = [word for word in line.split() if word.islower() and word.isalpha()][:2]
            self.assertIn(name[-1], self.completions(" ".join(name[:-1]) + " "), line)
            options = set(re.findall(r"--[a-z-]+", line))
            offered = self.completions(" ".join(name) + " --")
            self.assertLessEqual({option.removeprefix("--") for option in options},
                                 {option.removeprefix("--") for option in offered}, line)

    def shell(self, typed, seconds=SECONDS):
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update({"TERM": "xterm", "HOME": str(self.folder), "NO_COLOR": "1"})
            command = self.arpad.ctl_command()
            os.execv(command[0], command)
        os.write(terminal, typed)
        shown = b""
        while select.select([terminal], [], [], seconds)[0]:
            try:
                got = os.read(terminal, 65536)
            except OSError:
                break
            shown += got
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return shown.decode(errors="replace"), status

    def test_zones_on_a_terminal(self):
        shown, status = self.shell(f"zone list\nzone remove {ZONE}\nzone list\nquit\n".encode())
        self.assertRegex(shown, rf"ZONE +SERIAL +RECORDS +FROZEN +LAST CHANGE\r?\n"
                                rf"{ZONE} +1 +2 +false +\d{{4}}-\d\d-\d\dT")
        self.assertIn("there are no zones; \"arpactl zone add PREFIX\" adds one", shown)
        self.assertEqual(status, 0, shown)

    def test_the_shell(self):
        shown, status = self.shell("ptr set 192.0.2.7 a.example. --description caf\u00e9\n"
                                   "zone sho\t192.0.2\t\nptr list\nptr shw\nquit\n".encode())
        self.assertEqual(status, 2, shown)
        self.assertIn("your role is admin", shown)
        self.assertIn(f"zone: {ZONE}", shown)
        self.assertIn("ADDRESS", shown)
        self.assertIn("did you mean \"ptr show\"?", shown)
        self.assertEqual(self.shown("192.0.2.7")["description"], "caf\u00e9")
        self.assertEqual((self.folder / ".arpactl_history").stat().st_mode & 0o777, 0o600)

    def test_bash_completes(self):
        script = self.write("bash", f"""
complete -C '{machine.ARPACTL} --bash-complete' arpactl
COMP_LINE='arpactl -s {self.arpad.socket} zone show 192' COMP_POINT=1000
export COMP_LINE COMP_POINT
{machine.ARPACTL} --bash-complete arpactl 192 show
""")
        self.assertEqual(run("bash", script).stdout.split(), [ZONE])


if __name__ == "__main__":
    sys.exit(tap.main())
