# SPDX-License-Identifier: BSD-3-Clause
"""Root only to start: who the threads are, what they may still do, and that they serve all the same."""

import errno
import os
import pathlib
import platform
import pwd
import shutil
import signal
import stat
import sys
import tempfile
import time
import unittest

import tap
from lab import inject, machine, unit_limits, zonedata
from lab.daemon import SERVES_AS, Arpad
from lab.message import Client, TcpClient
from lab.namespaces import SERVER_4, SERVER_6, Pair

NAME = "7.0.18.198.in-addr.arpa."
BIND_SERVICE = 1 << 10
UNIT = machine.ROOT / "control" / "arpad.service.in"
THREADS = {"arpad", "eal-intr-thread", "rte-worker-1", "dns-listener", "observer",
           "store"}
# Numbers of x86-64, where calls are injected.
OPENAT, SOCKET, EXECVE, KILL, PTRACE, SETUID, MOUNT, BPF, CHMOD = (
    257, 41, 59, 62, 101, 105, 165, 321, 90)
AT_FDCWD, O_WRONLY_CREATE, AF_PACKET, SOCK_RAW, PROG_LOAD = -100, 0o101, 17, 3, 5


def status(pid, thread):
    with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class UnderUnit(Arpad):
    """As systemd would start it with the packaged unit: an ordinary user with some capabilities.

    That user may have no way to where this tree is, so what it runs is copied to where it has.
    """

    def copy(self, path, to):
        target = pathlib.Path(self.directory) / to / path.name
        target.parent.mkdir(exist_ok=True)
        return shutil.copy(path, target)

    def launch(self, *extra):
        self.copy(machine.BUILD / "bpf" / "steer.bpf.o", "bpf")
        program = self.copy(pathlib.Path(machine.ARPAD), "control")
        limits = self.copy(pathlib.Path(unit_limits.__file__), "control")
        with open(self.log_path, "wb") as log:
            self.process = self.pair.server.start(
                sys.executable, "-B", limits, UNIT, SERVES_AS, self.directory,
                program, "-c", self.configuration, *extra, stdout=log, stderr=log)
        return self


class Privileges(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)

    def serve(self, **options):
        arpad = Arpad(self.pair, **options)
        self.addCleanup(arpad.remove)
        arpad.start()
        arpad.ctl("zone", "add", zonedata.ZONE_4)
        arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        return arpad

    def assert_serves(self, server=SERVER_4):
        for kind in (Client, TcpClient):
            client = kind(self.pair, server)
            self.assertEqual(client.ask(NAME).names(), ["host.example.net."])
            client.close()

    def test_no_thread_is_root_and_none_but_control_has_a_capability(self):
        arpad = self.serve()
        pid, user = arpad.process.pid, pwd.getpwnam(SERVES_AS)
        self.assertEqual(set(inject.threads(pid)), THREADS)
        for name, thread in inject.threads(pid).items():
            with self.subTest(name):
                said = status(pid, thread)
                self.assertEqual(said["Uid"].split(), [str(user.pw_uid)] * 4)
                self.assertEqual(said["Gid"].split(), [str(user.pw_gid)] * 4)
                self.assertEqual(said["Groups"].split(), [])
                left = BIND_SERVICE if name == "arpad" else 0
                for key in ("CapEff", "CapPrm"):
                    self.assertEqual(int(said[key], 16), left, key)
                for key in ("CapBnd", "CapInh", "CapAmb"):
                    self.assertEqual(int(said[key], 16), 0, key)
                self.assertEqual(said["NoNewPrivs"], "1")
                self.assertEqual(said["Seccomp"], "2")
                own = name in ("rte-worker-1", "dns-listener", "observer", "store")
                self.assertEqual(said["Seccomp_filters"], "2" if own else "1")
        self.assert_serves()

    def test_status_tells_user_capabilities_and_limits(self):
        arpad = self.serve()
        told = arpad.ctl_json("status")["privileges"]
        self.assertEqual((told["user"], told["capabilities"]), (SERVES_AS, "net_bind_service"))
        self.assertEqual((told["seccomp"], told["landlock"]), ({"on": True}, {"on": True}))
        shown = arpad.ctl("status").stdout
        self.assertIn(f"user: {SERVES_AS}\n", shown)
        self.assertIn("system calls: limited (seccomp)\n", shown)
        self.assertIn("files: limited (Landlock)\n", shown)

    def inject(self, arpad, thread, *call):
        pid = arpad.process.pid
        return inject.call(pid, inject.threads(pid)[thread], *call)

    @unittest.skipUnless(platform.machine() == "x86_64", "calls are injected on x86-64 only")
    def test_who_takes_over_a_thread_gets_nowhere(self):
        """Calls made from inside of the serving process; it goes on serving."""
        arpad = self.serve()
        outside = arpad.directory / "outside"
        outside.write_text("")
        outside.chmod(0o666)
        forbidden = (
            ("read a file of root", OPENAT, AT_FDCWD, b"/etc/shadow", 0),
            ("read a file of everyone", OPENAT, AT_FDCWD, b"/etc/passwd", 0),
            ("write beside the store", OPENAT, AT_FDCWD, os.fsencode(outside), O_WRONLY_CREATE, 0o600),
            ("see raw packets", SOCKET, AF_PACKET, SOCK_RAW, 0),
        )
        for thread in sorted(THREADS):
            # The worker's other calls end the process: the case below.
            more = () if thread == "rte-worker-1" else (
                ("signal a stranger", KILL, os.getpid(), 0),
                ("load a program", BPF, PROG_LOAD, 0, 0),
                ("change a mode", CHMOD, os.fsencode(outside), 0o777),
            )
            for what, *call in forbidden + more:
                with self.subTest(f"{thread}: {what}"):
                    self.assertIn(self.inject(arpad, thread, *call), (-errno.EPERM, -errno.EACCES))
        self.assertTrue(arpad.running)
        self.assert_serves()
        self.assertEqual(arpad.stop(), 0)

    @unittest.skipUnless(platform.machine() == "x86_64", "calls are injected on x86-64 only")
    def test_what_no_part_of_arpad_does_ends_it_and_the_network_is_free(self):
        for thread, what, *call in (("arpad", "execute", EXECVE, b"/bin/true", 0, 0),
                                    ("dns-listener", "become root", SETUID, 0),
                                    ("eal-intr-thread", "mount", MOUNT, b"x", b"/mnt", b"tmpfs", 0, 0),
                                    ("rte-worker-1", "trace", PTRACE, 16, os.getpid(), 0, 0),
                                    ("rte-worker-1", "signal a stranger", KILL, os.getpid(), 0)):
            with self.subTest(f"{thread}: {what}"), Arpad(self.pair) as arpad:
                arpad.start()
                try:
                    result = self.inject(arpad, thread, *call)
                    self.fail(f"returned {result}")
                except inject.Killed as killed:
                    self.assertEqual(killed.args[0], signal.SIGSYS)
                arpad.wait()
                deadline = time.monotonic() + 2
                while self.pair.xdp_program() and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertIsNone(self.pair.xdp_program())

    def test_it_serves_under_the_units_limits_and_lowers_them(self):
        arpad = UnderUnit(self.pair, privileges="")
        self.addCleanup(arpad.remove)
        arpad.start()
        arpad.ctl("zone", "add", zonedata.ZONE_4)
        arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        self.assert_serves()
        self.assertEqual(arpad.ctl_json("stats")["workers"][0]["outcomes"]["answered"], 1)
        arpad.send_signal(signal.SIGHUP)
        self.wait_log(arpad, "reload: done")
        self.assertNotIn("WARNING", arpad.log())
        for name, thread in inject.threads(arpad.process.pid).items():
            said = status(arpad.process.pid, thread)
            self.assertEqual(int(said["CapEff"], 16), BIND_SERVICE if name == "arpad" else 0, name)
            self.assertNotIn("0", said["Uid"].split())
            self.assertEqual(int(said["CapAmb"], 16), 0)
        told = arpad.ctl_json("status")["privileges"]
        self.assertEqual((told["seccomp"], told["landlock"]), ({"on": True}, {"on": True}))
        self.assertEqual(arpad.stop(), 0)
        self.assertIsNone(self.pair.xdp_program())

    def test_the_store_becomes_the_users(self):
        arpad = Arpad(self.pair)
        self.addCleanup(arpad.remove)
        for path in (arpad.directory, arpad.store):
            os.chown(path, 0, 0)
        arpad.directory.chmod(0o755)
        arpad.start()
        self.assertIn(f"the store is given to the user {SERVES_AS}", arpad.log())
        user = pwd.getpwnam(SERVES_AS).pw_uid
        for path in (arpad.store, *arpad.store.iterdir(), arpad.socket):
            self.assertEqual(path.stat().st_uid, user, path)
        for path in arpad.store.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.assertEqual(arpad.stop(), 0)

    def test_a_store_of_somebody_else_is_not_taken(self):
        arpad = Arpad(self.pair)
        self.addCleanup(arpad.remove)
        os.chown(arpad.store, 1, 1)
        arpad.store.chmod(0o700)
        arpad.launch()
        self.assertEqual(arpad.wait(), 1)
        self.assertIn("Permission denied", arpad.log())
        self.assertEqual(arpad.store.stat().st_uid, 1)

    def test_what_the_user_put_into_the_store_leads_root_nowhere(self):
        """The user, or who has taken it over, may not have root write to another's file."""
        arpad = Arpad(self.pair)
        self.addCleanup(arpad.remove)
        with tempfile.NamedTemporaryFile(prefix="arpad-lab-") as target:
            for name in ("data.mdb", "lock.mdb", "arpad.lock"):
                (arpad.store / name).symlink_to(target.name)
                arpad.launch()
                self.assertEqual(arpad.wait(), 1)
                (arpad.store / name).unlink()
                for path in arpad.store.iterdir():
                    path.unlink()
            self.assertEqual(os.stat(target.name).st_size, 0)
            self.assertEqual(os.stat(target.name).st_uid, os.getuid())

    def test_an_unknown_user_is_refused_with_the_command(self):
        arpad = Arpad(self.pair, privileges="privileges:\n  user: nosuch\n")
        self.addCleanup(arpad.remove)
        arpad.launch()
        self.assertEqual(arpad.wait(), 1)
        self.assertIn("there is no user nosuch", arpad.log())
        self.assertIn("useradd --system", arpad.log())

    def test_an_ordinary_user_can_not_become_another(self):
        arpad = Arpad(self.pair, interfaces=(), addresses=["127.0.0.1@5300"], user=12345,
                      privileges="privileges:\n  user: nobody\n")
        self.addCleanup(arpad.remove)
        arpad.launch()
        self.assertEqual(arpad.wait(), 1)
        self.assertIn("only root can become another user", arpad.log())

    def test_a_reload_that_can_not_read_says_so_and_how_to_mend_it(self):
        arpad = Arpad(self.pair)
        self.addCleanup(arpad.remove)
        arpad.configuration.chmod(0o600)
        arpad.start()
        self.assertIn("SIGHUP will not work", arpad.log())
        self.assertIn("chgrp", arpad.log())
        arpad.send_signal(signal.SIGHUP)
        self.wait_log(arpad, "may not be read by the user")
        arpad.configuration.chmod(0o644)
        arpad.send_signal(signal.SIGHUP)
        self.wait_log(arpad, "reload: done")

    def wait_log(self, arpad, words):
        deadline = time.monotonic() + 10
        while words not in arpad.log() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertIn(words, arpad.log())

    def test_an_editor_may_replace_the_configuration(self):
        arpad = self.serve()
        fresh = arpad.directory / "arpad.yaml.new"
        fresh.write_text(arpad.configuration.read_text().replace(f', "{SERVER_6}"', ""))
        fresh.chmod(0o644)
        fresh.replace(arpad.configuration)
        arpad.send_signal(signal.SIGHUP)
        self.wait_log(arpad, "reload: done: 1 addresses")

    def test_new_privileges_wait_for_a_restart(self):
        arpad = self.serve()
        text = arpad.configuration.read_text()
        arpad.configuration.write_text(text.replace(f"user: {SERVES_AS}", "user: root\n  sandbox: no"))
        arpad.send_signal(signal.SIGHUP)
        self.wait_log(arpad, "privileges.user has changed")
        self.wait_log(arpad, "privileges.sandbox has changed")
        self.assertEqual(status(arpad.process.pid, arpad.process.pid)["Seccomp"], "2")

    def test_without_a_sandbox_the_user_changes_all_the_same(self):
        arpad = self.serve(privileges="privileges:\n  user: nobody\n  sandbox: no\n")
        for name, thread in inject.threads(arpad.process.pid).items():
            said = status(arpad.process.pid, thread)
            self.assertEqual((said["Seccomp"], said["NoNewPrivs"]), ("0", "1"), name)
            self.assertNotIn("0", said["Uid"].split())
        told = arpad.ctl_json("status")["privileges"]
        self.assertEqual(told["seccomp"], {"on": False, "why": "privileges.sandbox is no"})
        self.assertNotIn("WARNING", arpad.log())
        self.assert_serves()

    def test_kernel_sockets_alone_serve_an_ordinary_user_in_the_same_limits(self):
        arpad = self.serve(interfaces=(), addresses=[f"{SERVER_4}@5300"], user=12345)
        self.assertEqual(set(inject.threads(arpad.process.pid)), {"arpad", "dns-listener", "observer", "store"})
        for name, thread in inject.threads(arpad.process.pid).items():
            said = status(arpad.process.pid, thread)
            self.assertEqual((int(said["CapEff"], 16), said["Seccomp"]), (0, "2"), name)
        self.assertIn("user: 12345\n", arpad.ctl("status").stdout)


if __name__ == "__main__":
    sys.exit(tap.main())
