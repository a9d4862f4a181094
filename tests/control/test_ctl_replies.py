#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""arpactl against a server that says what the test wants: replies no arpad would give on demand.

Usage: test_ctl_replies.py ARPACTL
"""

import csv
import json
import os
import pathlib
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

ARPACTL = sys.argv.pop()
SECONDS = 60
PROMPT = b"arpactl> "
HELLO = {"hello": "arpad", "version": "9.9.9", "api": 1, "pid": 7, "role": "operator",
         "max_line": 1048576, "max_in_flight": 4096}
ROW = {"address": "192.0.2.1", "names": ["a.example.", "b.example."], "ttl": 300,
       "description": "x, \"y\"\x1b[31m", "tags": {"rack": "b7", "x": "1"}, "seq": 4,
       "created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z",
       "status": "active", "zone": "192.0.2.0/24"}
PLAIN = {"address": "192.0.2.200", "names": ["c.example."], "ttl": 5}


class Server:
    """Gives each request to `answer`, which returns reply lines, or None to hang up."""

    def __init__(self, path, answer, hello=HELLO):
        self.answer, self.hello, self.requests = answer, hello, []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                self.listener.close()  # here alone: its number is another's at once
                return
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection):
        try:
            connection.sendall(json.dumps(self.hello).encode() + b"\n")
            for line in connection.makefile("rb"):
                request = json.loads(line)
                self.requests.append(request)
                replies = self.answer(request)
                if replies is None:
                    break
                for reply in replies:
                    if not isinstance(reply, bytes):
                        reply = json.dumps({"id": request["id"], **reply}).encode() + b"\n"
                    connection.sendall(reply)
        except OSError:
            pass
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()


def error(name, message="no"):
    return [{"error": {"code": 1, "name": name, "message": message}}]


def pages(*rows):
    return [{"result": [row], "more": True} for row in rows] + [{"result": []}]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = str(self.folder / "sock")

    def serve(self, answer, **options):
        self.server = Server(self.path, answer, **options)
        self.addCleanup(self.server.listener.shutdown, socket.SHUT_RDWR)

    def run_ctl(self, *words, text=None, environment=None):
        return subprocess.run([ARPACTL, "-s", self.path, *words], input=text, timeout=SECONDS,
                              capture_output=True, text=True, env=environment, check=False)

    def run_terminal(self, *words, typed=b"", **environment):
        """On a terminal of its own: (what it showed, status)."""
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update({"TERM": "xterm", "HOME": str(self.folder), **environment})
            os.execv(ARPACTL, [ARPACTL, "-s", self.path, *words])
        self.addCleanup(os.close, terminal)
        shown = self.read_terminal(terminal, typed)
        return shown, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def read_prompts(self, terminal, count):
        shown = b""
        while shown.count(PROMPT) < count:
            self.assertTrue(select.select([terminal], [], [], SECONDS)[0], shown)
            shown += os.read(terminal, 65536)

    @staticmethod
    def read_terminal(terminal, typed):
        shown = b""
        if typed:
            os.write(terminal, typed)
        while select.select([terminal], [], [], SECONDS)[0]:
            try:
                got = os.read(terminal, 65536)
            except OSError:
                break
            if not got:
                break
            shown += got
        return shown


class Statuses(Case):
    def test_each_error_has_its_status(self):
        for name, status in (("denied", 5), ("timeout", 4), ("not-found", 6), ("conflict", 1),
                             ("quota", 1), ("invalid", 1), ("store-full", 1)):
            path, self.path = self.path, self.path + name
            self.serve(lambda _, name=name: error(name, "because"))
            done = self.run_ctl("ptr", "show", "192.0.2.1")
            self.assertEqual((done.returncode, done.stdout), (status, ""), name)
            self.assertEqual(done.stderr, "arpactl: because\n")
            done = self.run_ctl("-j", "ptr", "list")
            self.assertEqual(json.loads(done.stdout)["error"]["name"], name)
            self.path = path

    def test_nobody_there_and_silence(self):
        self.assertEqual(self.run_ctl("status").returncode, 3)
        self.serve(lambda _: [])
        done = self.run_ctl("-t", "1", "status")
        self.assertEqual(done.returncode, 4)
        self.assertIn("has not answered within 1 s", done.stderr)

    def test_a_server_that_hangs_up_or_babbles(self):
        self.serve(lambda _: None)
        self.assertEqual(self.run_ctl("status").returncode, 3)
        for at, reply in enumerate((b"this is no JSON\n", b"[\n", b'{"id":1,"result":[}\n')):
            self.path = str(self.folder / str(at))
            self.serve(lambda _, reply=reply: [reply])
            for words in (("status",), ("ptr", "list")):
                done = self.run_ctl(*words)
                self.assertEqual(done.returncode, 1, (reply, words, done.stdout))
                self.assertTrue(done.stderr)

    def test_another_protocol_is_refused(self):
        self.serve(lambda _: [], hello={**HELLO, "api": 2})
        done = self.run_ctl("status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("another version of the protocol", done.stderr)

    def test_nothing_changed(self):
        self.serve(lambda _: [{"result": {"address": "192.0.2.1", "seq": 4, "changed": False}}])
        self.assertEqual(self.run_ctl("ptr", "remove", "192.0.2.1", "a.").returncode, 6)
        done = self.run_ctl("ptr", "set", "192.0.2.1", "a.")
        self.assertEqual((done.returncode, done.stdout), (0, "192.0.2.1: nothing changed\n"))
        self.assertEqual(self.run_ctl("-q", "ptr", "set", "192.0.2.1", "a.").stdout, "")

    def test_warnings_go_to_standard_error(self):
        self.serve(lambda _: [{"result": {"address": "192.0.2.1", "seq": 4, "changed": True,
                                          "warnings": ["an underscore"]}}])
        done = self.run_ctl("ptr", "set", "192.0.2.1", "a_b.")
        self.assertEqual(done.stdout, "192.0.2.1 set (change 4)\n")
        self.assertEqual(done.stderr, "arpactl: warning: an underscore\n")


class Requests(Case):
    def test_options_become_parameters(self):
        self.serve(lambda _: [{"result": {"address": "192.0.2.1", "seq": 1}}])
        self.run_ctl("ptr", "set", "--ttl=60", "192.0.2.1", "a.", "-q", "--tag", "k=v", "b.",
                     "--tag", "l=", "--tenant", "acme", "--if-seq", "0", "--description", "-x",
                     "--txn", "t")
        self.assertEqual(self.server.requests[0]["method"], "ptr.set")
        self.assertEqual(self.server.requests[0]["params"], {
            "address": "192.0.2.1", "names": ["a.", "b."], "ttl": 60,
            "tags": {"k": "v", "l": ""}, "tenant": "acme", "if_seq": 0, "description": "-x",
            "txn": "t"})

    def test_a_prefix_goes_with_the_count_that_was_confirmed(self):
        self.serve(lambda request: [{"result": {"count": 3}} if request["method"] == "ptr.count"
                                    else {"result": {"prefix": "192.0.2.0/24", "removed": 3,
                                                     "seq": 9, "changed": True}}])
        done = self.run_ctl("ptr", "unset", "192.0.2.0/24", text="y\n")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("--yes is needed", done.stderr)
        self.assertEqual([r["method"] for r in self.server.requests], ["ptr.count"])
        done = self.run_ctl("ptr", "unset", "192.0.2.0/24", "--yes")
        self.assertEqual(done.stdout, "192.0.2.0/24 unset: 3 removed (change 9)\n")
        self.assertEqual(self.server.requests[-1]["params"],
                         {"prefix": "192.0.2.0/24", "expect": 3})
        shown, status = self.run_terminal("ptr", "unset", "192.0.2.0/24", typed=b"n\n")
        self.assertIn(b"3 addresses with their names", shown)
        self.assertEqual(status, 1)
        shown, status = self.run_terminal("ptr", "unset", "192.0.2.0/24", typed=b"y\n")
        self.assertEqual(status, 0, shown)

    def test_many_in_flight_and_no_more_than_allowed(self):
        most = 100
        flight = {"now": 0, "most": 0}
        held = []

        def answer(request):
            held.append({"id": request["id"], "result": {"address": "x", "seq": 1}})
            flight["most"] = max(flight["most"], len(held))
            if len(held) < most and request["id"] < 1000 - most:
                return []
            replies = [json.dumps(reply).encode() + b"\n" for reply in held]
            held.clear()
            return replies

        self.serve(answer, hello={**HELLO, "max_in_flight": most})
        lines = "".join(f"192.0.{i >> 8}.{i & 255} h{i}.\n" for i in range(1000))
        done = self.run_ctl("ptr", "set", "-", text=lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split(), [line.split()[0] for line in lines.splitlines()])
        self.assertEqual(flight["most"], most)

    def test_replies_longer_than_every_buffer_do_not_block(self):
        long = [{"result": {"address": "x", "seq": 1, "pad": "p" * 20000}}]
        self.serve(lambda _: long)
        lines = "".join(f"192.0.2.{i & 255} h{i}.{'x' * 50}.example.\n" for i in range(3000))
        done = self.run_ctl("-j", "ptr", "set", "-", text=lines)
        self.assertEqual((done.returncode, done.stdout.count("\n")), (0, 3000))

    def test_refused_lines_are_named(self):
        self.serve(lambda request: error("not-found", "gone")
                   if request["params"]["address"] == "192.0.2.2"
                   else [{"result": {"address": "x", "seq": 1}}])
        done = self.run_ctl("ptr", "unset", "-", text="192.0.2.1\n192.0.2.2\n")
        self.assertEqual((done.returncode, done.stdout), (6, "192.0.2.1\n"))
        self.assertEqual(done.stderr, "arpactl: 192.0.2.2: gone\n")
        done = self.run_ctl("ptr", "unset", "-", text="192.0.2.1 x\n192.0.2.2\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 1: this is not \"ADDRESS\"", done.stderr)

    def test_rows_of_one_address_are_one_change(self):
        self.serve(lambda _: [{"result": {"address": "x", "seq": 1}}])
        text = ("address,name,ttl\n192.0.2.1,a.,60\n192.0.2.1,b.\n192.0.2.2,\"c.\",,\"two\nlines\"\n"
                "192.0.2.3\n")
        done = self.run_ctl("ptr", "set", "-", "--format", "csv", text=text)
        self.assertEqual((done.returncode, done.stdout), (1, "192.0.2.1\n192.0.2.2\n"))
        self.assertIn("line 6: ", done.stderr)
        self.assertEqual([r["params"] for r in self.server.requests], [
            {"address": "192.0.2.1", "names": ["a.", "b."], "ttl": 60},
            {"address": "192.0.2.2", "names": ["c."], "description": "two\nlines"}])

    def test_a_file_of_commands(self):
        self.serve(lambda request: error("not-found") if request["method"] == "ptr.show"
                   else [{"result": {"zone": "x", "address": "x", "seq": 1}}])
        commands = self.folder / "commands"
        commands.write_text("# first\nzone add 192.0.2.0/24\n\nptr show 192.0.2.1\n"
                            "ptr set 192.0.2.1 'a.' --description \"two words\"\n")
        done = self.run_ctl("-xf", str(commands))
        self.assertEqual(done.returncode, 6)
        self.assertEqual(done.stdout, "x added (change 1)\nx set (change 1)\n")
        self.assertIn("+ zone add 192.0.2.0/24\n", done.stderr)
        self.assertIn(f"arpactl: {commands}:4: no\n", done.stderr)
        self.assertEqual(self.server.requests[-1]["params"]["description"], "two words")
        done = self.run_ctl("-e", "-f", "-", text=commands.read_text())
        self.assertEqual((done.returncode, done.stdout), (6, "x added (change 1)\n"))
        self.assertEqual(self.run_ctl("-f", str(commands), "status").returncode, 2)
        self.assertEqual(self.run_ctl("-f", "/nonexistent").returncode, 1)
        done = self.run_ctl("-f", "-", text="ptr set -\n192.0.2.1 a.\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard input holds the commands", done.stderr)

    def test_a_file_as_one_transaction(self):
        self.serve(lambda _: [{"result": {"seq": 4, "operations": 2}}])
        done = self.run_ctl("txn", "run", "-", text="zone add 192.0.2.0/24\nptr set 192.0.2.1 a.\n")
        self.assertEqual(done.stdout, "2 operations done (change 4)\n")
        self.assertEqual(self.server.requests[0]["params"]["operations"], [
            {"method": "zone.add", "params": {"zone": "192.0.2.0/24"}},
            {"method": "ptr.set", "params": {"address": "192.0.2.1", "names": ["a."]}}])
        done = self.run_ctl("txn", "run", "-", text="status\n")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("standard input:1: ", done.stderr)


class Lists(Case):
    def test_every_format(self):
        self.serve(lambda _: pages(ROW, PLAIN))
        self.assertEqual(json.loads(self.run_ctl("-j", "ptr", "list").stdout), [ROW, PLAIN])
        lines = self.run_ctl("ptr", "list", "-o", "ndjson").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines], [ROW, PLAIN])
        self.assertEqual(self.run_ctl("ptr", "list").stdout,
                         "192.0.2.1 a.example. b.example. 300\n"
                         "192.0.2.200 c.example. 5\n")
        table = list(csv.reader(self.run_ctl("ptr", "list", "--output=csv").stdout.splitlines()))
        self.assertEqual(table[0], ["address", "name", "ttl", "description", "tenant", "tags"])
        self.assertEqual(table[1], ["192.0.2.1", "a.example.", "300", ROW["description"], "",
                                    "rack=b7;x=1"])
        self.assertEqual(table[3], ["192.0.2.200", "c.example.", "5", "", "", ""])
        self.assertEqual(len(table), 4)

    def test_an_error_behind_rows_is_no_whole_list(self):
        self.serve(lambda _: [{"result": [PLAIN], "more": True}, *error("store-error")])
        done = self.run_ctl("-j", "ptr", "list")
        self.assertEqual(done.returncode, 1)
        self.assertRaises(json.JSONDecodeError, json.loads, done.stdout)

    def test_a_terminal_gets_a_table_and_no_control_character(self):
        self.serve(lambda _: pages(ROW, PLAIN))
        shown, status = self.run_terminal("ptr", "list", NO_COLOR="1")
        lines = shown.decode().replace("\r\n", "\n").splitlines()
        self.assertEqual(status, 0)
        self.assertEqual(lines[0].split(), ["ADDRESS", "NAME", "TTL", "DESCRIPTION", "TAGS"])
        self.assertEqual(lines[1].index("a.example."), lines[0].index("NAME"))
        self.assertIn("\\u001b[31m", lines[1])
        for words in (("ptr", "list"), ("-j", "ptr", "list"), ("-o", "csv", "ptr", "list"),
                      ("--color", "never", "ptr", "list")):
            shown, _ = self.run_terminal(*words, NO_COLOR="1")
            self.assertNotIn(b"\x1b", shown, words)
        self.assertIn(b"\x1b[1mADDRESS", self.run_terminal("ptr", "list")[0])

    def test_messages_hold_no_control_character(self):
        self.serve(lambda _: error("invalid", "bad \x1b]0;title\x07\u009b31m"))
        done = self.run_ctl("status")
        self.assertEqual(done.stderr, "arpactl: bad \\u001b]0;title\\u0007\\u009b31m\n")

    def test_events_are_shown_as_they_come(self):
        event = {"seq": 7, "index": 0, "time": "2026-01-01T00:00:00Z", "user": "root",
                 "kind": "rrset", "type": "PTR", "address": "192.0.2.1", "before": None,
                 "after": {"ttl": 5, "names": ["a."]}}
        self.serve(lambda _: [{"result": [event], "more": True}])
        with subprocess.Popen([ARPACTL, "-s", self.path, "events"], stdout=subprocess.PIPE,
                              text=True) as running:
            self.assertEqual(running.stdout.readline(),
                             "change 7 2026-01-01T00:00:00Z user=root rrset\n")
            self.assertEqual(running.stdout.readline(), "+ 192.0.2.1 PTR a. 5\n")
            running.send_signal(signal.SIGTERM)


class Backups(Case):
    def test_a_backup_is_there_when_it_is_whole(self):
        target = self.folder / "backup"
        target.write_text("old\n")
        replies = [{"result": ['{"a":1}\n'], "more": True}, *error("store-error")]
        self.serve(lambda _: replies)
        self.assertEqual(self.run_ctl("store", "backup", str(target)).returncode, 1)
        self.assertEqual(target.read_text(), "old\n")
        self.assertEqual(len(list(self.folder.glob("backup*"))), 1)
        replies[1:] = [{"result": ['{"end":true}\n']}]
        self.assertEqual(self.run_ctl("store", "backup", str(target)).returncode, 0)
        self.assertEqual(target.read_text(), '{"a":1}\n{"end":true}\n')
        self.assertEqual(target.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.run_ctl("store", "backup", "-").stdout, target.read_text())
        self.assertEqual(self.run_ctl("store", "backup", "/nonexistent/x").returncode, 1)


class Completion(Case):
    def complete(self, line, word=""):
        done = subprocess.run([ARPACTL, "--bash-complete", "arpactl", word, ""], timeout=SECONDS,
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "COMP_LINE": line, "COMP_POINT": str(len(line))})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def answer(self, request):
        return {"zone.list": pages({"zone": "192.0.2.0/24"}, {"zone": "2001:db8::/32"}),
                "txn.list": pages({"txn": "abcd1234"})}.get(request["method"], error("invalid"))

    def test_bash(self):
        self.serve(self.answer)
        start = f"arpactl -s {self.path} "
        self.assertEqual(self.complete("arpactl pt", "pt"), ["ptr"])
        self.assertEqual(self.complete("arpactl ptr s", "s"), ["set", "show"])
        self.assertEqual(self.complete("arpactl -o n", "n"), ["ndjson"])
        self.assertEqual(self.complete("arpactl zone set x --serial ", ""),
                         ["date", "increment", "unixtime"])
        self.assertEqual(self.complete("arpactl ptr list --na", "--na"), ["--name"])
        self.assertEqual(self.complete(start + "zone show 1", "1"), ["192.0.2.0/24"])
        # Bash sees only what follows a colon.
        self.assertEqual(self.complete(start + "zone show 2001:d", "d"), ["db8::/32"])
        self.assertEqual(self.complete(start + "txn commit ", ""), ["abcd1234"])
        self.assertEqual(self.complete(start + "ptr set a b --txn a", "a"), ["abcd1234"])
        (self.folder / "file.zone").touch()
        self.assertEqual(self.complete(f"arpactl zone import x {self.folder}/f",
                                       f"{self.folder}/f"), [f"{self.folder}/file.zone"])
        self.assertEqual(self.complete("arpactl -s /nonexistent zone show ", ""), [])

    def test_what_is_not_allowed_is_not_offered(self):
        def method(name, allowed, *params):
            return {"method": name, "allowed": allowed, "kind": "read", "roles": [],
                    "params": [{"name": one, "type": "string"} for one in params]}

        rows = [method("ptr.show", True, "address"), method("ptr.set", False, "address"),
                method("ptr.list", True, "prefix", "limit")]
        self.serve(lambda _: [{"result": rows}])
        start = f"arpactl -s {self.path} "
        self.assertEqual(self.complete(start + "ptr ", ""), ["list", "show"])
        self.assertEqual(self.complete(start, ""), ["call", "help", "preflight", "ptr"])
        self.assertEqual(self.complete(start + "ptr list --l", "--l"), ["--limit"])
        self.assertEqual(self.complete(start + "ptr list --n", "--n"), [])
        self.assertEqual(self.complete(start + "call p", "p"), ["ptr.list", "ptr.set", "ptr.show"])

    def test_the_shell_completes_and_remembers(self):
        self.serve(lambda request: self.answer(request) if "list" in request["method"]
                   else [{"result": {"zone": "192.0.2.0/24", "seq": 3}}])
        shown, status = self.run_terminal(
            typed=b"zone rem\t192.0\t\nnonsense\nzone list\nquit\n", NO_COLOR="1")
        text = shown.decode()
        self.assertEqual(status, 0, text)
        self.assertIn("your role is operator", text)
        self.assertIn("192.0.2.0/24 removed (change 3)", text)
        self.assertIn("arpactl: there is no \"nonsense\"", text)
        self.assertIn("ZONE\r\n192.0.2.0/24\r\n2001:db8::/32\r\n", text)
        history = self.folder / ".arpactl_history"
        self.assertEqual(history.stat().st_mode & 0o777, 0o600)
        self.assertIn("remove\\040192.0.2.0/24", history.read_text())

    def test_an_interrupt_ends_the_command_and_not_the_shell(self):
        replies = {"events": [], "server.status": [{"result": {"zones": 1}}]}
        self.serve(lambda request: replies.get(request["method"], pages({"zone": "192.0.2.0/24"})))
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update({"TERM": "xterm", "HOME": str(self.folder), "NO_COLOR": "1"})
            os.execv(ARPACTL, [ARPACTL, "-s", self.path])
        self.addCleanup(os.close, terminal)
        os.write(terminal, b"events\n")
        self.wait_until(lambda: any(r["method"] == "events" for r in self.server.requests))
        os.write(terminal, b"\x03")
        # Setting the terminal for the next prompt may drop what was typed before it.
        self.read_prompts(terminal, 2)
        shown = self.read_terminal(terminal, b"zone list\nexit\n").decode()
        self.assertIn("192.0.2.0/24\r\n", shown)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def wait_until(self, holds):
        for _ in range(SECONDS * 100):
            if holds():
                return
            threading.Event().wait(0.01)
        self.fail("that never held")


if __name__ == "__main__":
    unittest.main()
