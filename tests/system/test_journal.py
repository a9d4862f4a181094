# SPDX-License-Identifier: BSD-3-Clause
"""The log in systemd's journal: a journald of our own in a mount namespace of our own."""

import ctypes
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import uuid

import tap
from lab import machine
from lab.daemon import Arpad

JOURNALD = "/lib/systemd/systemd-journald"
SOCKETS = pathlib.Path("/run/systemd/journal")
CLONE_NEWNS = 0x20000
WAIT_SECONDS = 60


class Here:
    """Stands for a lab's pair: all is in the network that we are in."""

    class server:  # pylint: disable=invalid-name
        stream = None

        @classmethod
        def start(cls, *command, **_):
            """As systemd starts a service: standard error is the journal's, and it says so."""
            stream = os.fstat(cls.stream.fileno())
            environment = dict(os.environ, JOURNAL_STREAM=f"{stream.st_dev}:{stream.st_ino}")
            return subprocess.Popen([str(word) for word in command], stdout=cls.stream,
                                    stderr=cls.stream, env=environment)


def enter_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    machine.run("mount", "--make-rprivate", "/")
    for folder in ("/run/systemd", "/run/log"):
        os.makedirs(folder, exist_ok=True)
        machine.run("mount", "-t", "tmpfs", "tmpfs", folder)
    settings = pathlib.Path("/run/systemd/journald.conf.d")
    settings.mkdir()
    (settings / "test.conf").write_text("[Journal]\nStorage=volatile\nAudit=no\nReadKMsg=no\n"
                                        "RateLimitBurst=0\nForwardToSyslog=no\n")
    if not os.path.exists("/etc/machine-id") or not os.path.getsize("/etc/machine-id"):
        name = pathlib.Path("/run/systemd/machine-id")
        name.write_text(uuid.uuid4().hex + "\n")
        pathlib.Path("/etc/machine-id").touch()
        machine.run("mount", "--bind", name, "/etc/machine-id")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class Journal(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.path.exists(JOURNALD):
            raise machine.LabError(f"{JOURNALD} is not there: install systemd")
        enter_namespace()

    def start_journald(self):
        for name in ("socket", "stdout", "dev-log"):
            (SOCKETS / name).unlink(missing_ok=True)
        self.journald = subprocess.Popen([JOURNALD], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
        self.wait_for(lambda: (SOCKETS / "socket").exists() and (SOCKETS / "stdout").exists())

    def stop_journald(self):
        if self.journald.poll() is None:
            self.journald.terminate()
            self.journald.wait(WAIT_SECONDS)

    def setUp(self):
        self.start_journald()
        self.addCleanup(self.stop_journald)
        self.stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(self.stream.close)
        self.stream.connect(str(SOCKETS / "stdout"))
        # Identifier, unit, priority, whether lines may begin with one, three that do not matter.
        self.stream.sendall(b"fallback\n\n6\n1\n0\n0\n0\n")
        Here.server.stream = self.stream
        self.arpad = Arpad(Here, addresses=(f"127.0.0.1@{free_port()}",), interfaces=())
        self.addCleanup(self.arpad.remove)
        self.arpad.launch()
        self.wait_for(lambda: self.entries("ARPAD_EVENT=ready"))

    def wait_for(self, condition):
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := condition()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        return found

    def entries(self, *matches):
        """Of this arpad, oldest first."""
        done = machine.run("journalctl", "-D", "/run/log/journal", "-o", "json", "--all",
                           f"_PID={self.arpad.process.pid}", *matches, check=False)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def test_events_are_entries_with_fields(self):
        ready = self.entries("ARPAD_EVENT=ready")[0]
        self.assertEqual((ready["PRIORITY"], ready["SYSLOG_IDENTIFIER"]), ("6", "arpad"))
        self.assertEqual((ready["ARPAD_WORKERS"], ready["ARPAD_ADDRESSES"]), ("0", "1"))
        self.assertRegex(ready["MESSAGE"], r"^ready ms=\d+ names=0 .* - ready after \d+ ms ")
        self.assertEqual(ready["_TRANSPORT"], "journal")
        self.arpad.ctl("zone", "add", "192.0.2.0/24")
        for i in range(50):
            self.arpad.ctl("ptr", "set", f"192.0.2.{i}", f"host-{i}.example.net.")
        changes = self.wait_for(lambda: (
            found := self.entries("ARPAD_EVENT=change", "ARPAD_METHOD=ptr.set"))[49:] and found)
        self.assertEqual([entry["ARPAD_ADDRESS"] for entry in changes],
                         [f"192.0.2.{i}" for i in range(50)])
        self.assertEqual([entry["ARPAD_SEQ"] for entry in changes],
                         [str(2 + i) for i in range(50)])
        for entry in changes:
            self.assertEqual((entry["ARPAD_USER"], entry["ARPAD_ROLE"]), ("root", "admin"))
            self.assertTrue(entry["MESSAGE"].startswith(f"change seq={entry['ARPAD_SEQ']} user="))
        self.arpad.configuration.write_text("listen: {}\n")
        self.assertEqual(self.arpad.ctl("config", "reload", check=False).returncode, 1)
        refused = self.wait_for(lambda: self.entries("ARPAD_EVENT=reload-refused"))[0]
        self.assertEqual(refused["PRIORITY"], "3")
        self.assertIn("reload: nothing has changed: ", refused["MESSAGE"])
        self.assertEqual(self.entries("_TRANSPORT=stdout"), [], "nothing goes past the fields")

    def test_text_has_no_time_stamps_of_its_own(self):
        text = self.arpad.configuration.read_text()
        self.arpad.configuration.write_text(text.replace("level: info", "format: text"))
        self.arpad.ctl("config", "reload")
        self.arpad.ctl("zone", "add", "192.0.2.0/24")
        lines = self.wait_for(lambda: [
            entry for entry in self.entries("_TRANSPORT=stdout") if "zone.add" in entry["MESSAGE"]])
        self.assertTrue(lines[0]["MESSAGE"].startswith("INFO change seq=1 "), lines[0]["MESSAGE"])

    def test_it_outlives_the_journal_and_finds_it_again(self):
        self.arpad.ctl("zone", "add", "192.0.2.0/24")
        self.wait_for(lambda: self.entries("ARPAD_EVENT=change"))
        self.stop_journald()
        self.arpad.ctl("ptr", "set", "192.0.2.1", "lost.example.net.")
        self.start_journald()
        self.arpad.ctl("ptr", "set", "192.0.2.2", "found.example.net.")
        self.wait_for(lambda: self.entries("ARPAD_ADDRESS=192.0.2.2"))
        self.assertTrue(self.arpad.running)
        self.assertEqual(self.arpad.ctl_json("status")["seq"], 3)


if __name__ == "__main__":
    sys.exit(tap.main())
