# SPDX-License-Identifier: BSD-3-Clause
"""Start, stop, reload: nothing is left behind, nothing of a stranger's is touched, errors tell."""

import signal
import sys
import time

import tap
from lab import machine, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import OTHER_4, SERVER_4, SERVER_6, SERVER_INTERFACE, Pair

NAME = "7.0.18.198.in-addr.arpa."
STRANGER = '__attribute__((section("xdp"))) int pass(void *packet) { return 2; }\n__attribute__((section("license"), used)) ' \
    'static char terms[] = "GPL";\n'


class Lifecycle(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair)
        self.addCleanup(self.arpad.remove)

    def prepare(self):
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")

    def answers(self, server=SERVER_4, timeout=2.0):
        """The names over the wire; None for silence or a refused port."""
        client = Client(self.pair, server, timeout)
        try:
            return client.ask(NAME).names()
        except (TimeoutError, ConnectionRefusedError):
            return None
        finally:
            client.close()

    def assert_serves(self, server=SERVER_4):
        self.assertEqual(self.answers(server), ["host.example.net."])

    def assert_nothing_left(self):
        self.assertIsNone(self.pair.xdp_program())
        self.assertFalse(self.arpad.socket.exists(), "the control socket is gone")
        self.assertIsNone(self.answers(timeout=0.5))
        shown = self.pair.server.run("bpftool", "net", "show", "dev", SERVER_INTERFACE)
        self.assertNotIn("arpad", shown.stdout)

    def assert_refuses(self, arpad, *words):
        """It ends with a failure and one sentence that has these words; returns the log."""
        arpad.launch()
        status = arpad.wait(30)
        self.assertGreater(status, 0, f"ended by {status}. Its log:\n{arpad.log()}")
        for word in words:
            self.assertIn(word, arpad.log())
        return arpad.log()

    def test_sigterm_sigint_and_arpactl_stop_leave_nothing(self):
        self.prepare()
        self.assertEqual(self.pair.xdp_program(), "arpad_steer")
        self.assertEqual(self.arpad.stop(signal.SIGTERM), 0)
        self.assert_nothing_left()
        self.arpad.start()
        self.assert_serves()
        self.assertEqual(self.arpad.stop(signal.SIGINT), 0)
        self.assert_nothing_left()
        self.arpad.start()
        self.arpad.ctl("stop")
        self.assertEqual(self.arpad.wait(), 0)
        self.assert_nothing_left()

    def test_stop_under_load(self):
        self.prepare()
        queries = self.arpad.directory / "queries"
        zonedata.write_queries(queries, zonedata.zone_4(100))
        load = self.pair.client.start("dnsperf", "-s", SERVER_4, "-d", queries, "-l", 4,
                                      "-Q", 5000, stdout=-3, stderr=-3)
        time.sleep(1)
        self.assertEqual(self.arpad.stop(), 0)
        self.assert_nothing_left()
        load.wait(30)

    def test_a_killed_arpad_leaves_no_program_and_a_restart_serves(self):
        self.prepare()
        for _ in range(3):
            self.assertEqual(self.pair.xdp_program(), "arpad_steer")
            self.arpad.kill()
            self.assertIsNone(self.pair.xdp_program())
            self.arpad.start()
            self.assert_serves()
        self.arpad.stop()
        self.assert_nothing_left()

    def test_sighup_applies_changed_addresses(self):
        self.pair.add_server_address(OTHER_4)
        self.prepare()
        self.assertIsNone(self.answers(OTHER_4, 0.5))
        self.arpad.configure([SERVER_4, OTHER_4])
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while self.answers(OTHER_4, 0.5) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assert_serves(OTHER_4)
        self.assert_serves(SERVER_4)
        self.assertIsNone(self.answers(SERVER_6, 0.5), "an address that was taken off the list")

    def test_sighup_with_a_bad_configuration_changes_nothing(self):
        self.prepare()
        good = self.arpad.configuration.read_text()
        self.arpad.configuration.write_text(good.replace("port: 53", "port: 530000"))
        before = len(self.arpad.log())
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while "port" not in self.arpad.log()[before:] and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertIn("port", self.arpad.log()[before:])
        self.assert_serves(SERVER_4)
        self.assertIsNotNone(self.answers(SERVER_6))

    def test_a_strangers_program_is_left_alone(self):
        made = self.arpad.directory / "stranger.o"
        machine.run("clang", "-O2", "-target", "bpf", "-c", "-x", "c", "-", "-o", made,
                    input=STRANGER)
        self.pair.server.run("ip", "link", "set", "dev", SERVER_INTERFACE, "xdp", "obj", made,
                             "sec", "xdp")
        stranger = self.pair.xdp_program()
        self.assertIsNotNone(stranger)
        self.assert_refuses(self.arpad, SERVER_INTERFACE)
        self.assertEqual(self.pair.xdp_program(), stranger)

    def test_a_second_arpad_on_the_interface_is_refused_and_the_first_serves_on(self):
        self.prepare()
        with Arpad(self.pair) as second:
            self.assert_refuses(second, SERVER_INTERFACE)
        self.assert_serves()

    def test_a_locked_store_is_refused_and_its_holder_serves_on(self):
        self.prepare()
        with Pair() as elsewhere, Arpad(elsewhere) as second:
            second.configuration.write_text(second.configuration.read_text().replace(
                str(second.store), str(self.arpad.store)))
            self.assert_refuses(second, str(self.arpad.store))
        self.assert_serves()

    def test_no_such_interface(self):
        with Arpad(self.pair, interfaces=["nosuch0"]) as arpad:
            self.assert_refuses(arpad, "nosuch0")

    def test_more_queues_than_the_interface_has(self):
        with Arpad(self.pair, queues=4) as arpad:
            self.assert_refuses(arpad, SERVER_INTERFACE)

    def test_a_bad_configuration_names_line_and_key(self):
        good = self.arpad.configuration.read_text()
        number = good.splitlines().index("  port: 53") + 1
        for bad, key in (("  port: fifty", "port"), ("  port: 65536", "port"),
                         ("  prot: 53", "prot")):
            self.arpad.configuration.write_text(good.replace("  port: 53", bad))
            log = self.assert_refuses(self.arpad, key, f":{number}:")
            checked = machine.run(machine.ARPAD, "--check", self.arpad.configuration, check=False)
            self.assertNotEqual(checked.returncode, 0)
            self.assertIn(f":{number}:", checked.stdout + checked.stderr)
            self.assertEqual(len(log.strip().splitlines()), 1, f"one sentence:\n{log}")
        self.arpad.configuration.write_text(good)
        machine.run(machine.ARPAD, "--check", self.arpad.configuration)

    def test_a_missing_configuration_file(self):
        self.arpad.configuration.unlink()
        self.assert_refuses(self.arpad, str(self.arpad.configuration))


if __name__ == "__main__":
    sys.exit(tap.main())
