# SPDX-License-Identifier: BSD-3-Clause
"""arpactl preflight on real interfaces: what it calls wrong is, and what it says to run mends it."""

import json
import subprocess
import sys
import time

import tap
from lab import machine
from lab.daemon import Arpad
from lab.namespaces import SERVER_4, SERVER_INTERFACE, Pair

STRANGER = '__attribute__((section("xdp"))) int pass(void *packet) { return 2; }\n__attribute__((section("license"), used)) ' \
    'static char terms[] = "GPL";\n'
HOLDER = "import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n" \
    f"s.bind(('{SERVER_4}', 53))\nprint('bound', flush=True)\nsys.stdin.read()\n"


class Preflight(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = self.prepare()

    def prepare(self, **options):
        arpad = Arpad(self.pair, **options)
        self.addCleanup(arpad.remove)
        return arpad

    def preflight(self, arpad=None):
        """Its rows by subject; the exit status says whether one failed."""
        configuration = (arpad or self.arpad).configuration
        done = self.pair.server.run(machine.ARPACTL, "-j", "preflight", "-c", configuration,
                                    check=False)
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        rows = said["checks"]
        for verdict in ("ok", "warn", "fail"):
            self.assertEqual(said[verdict], sum(row["verdict"] == verdict for row in rows))
        self.assertEqual(done.returncode, int(said["fail"] > 0), said)
        for row in rows:
            self.assertEqual(row["verdict"] == "ok", "run" not in row and "do" not in row, row)
        return {row["subject"]: row for row in rows}

    def failed(self, rows):
        return [row for row in rows.values() if row["verdict"] == "fail"]

    def mend(self, row):
        self.pair.server.run("sh", "-c", row["run"])

    def assert_starts(self, arpad):
        arpad.start()
        arpad.stop()

    def network(self):
        return self.pair.server.run("ip", "-d", "link").stdout + \
            self.pair.server.run("ip", "address").stdout

    def test_a_host_that_is_fit(self):
        deadline = time.monotonic() + 10
        while "tentative" in self.network() and time.monotonic() < deadline:
            time.sleep(0.05)
        before = self.network()
        rows = self.preflight()
        self.assertEqual(self.network(), before)
        self.assertEqual(self.failed(rows), [])
        self.assertEqual(rows[f"{SERVER_INTERFACE} driver"]["found"], "veth")
        self.assertEqual(rows["port 53"]["found"], "free on every address of ours")
        self.arpad.start()
        rows = self.preflight()
        self.assertEqual(self.failed(rows), [])
        self.assertIn(f"process {self.arpad.process.pid}", rows["port 53"]["found"])
        self.assertIn("arpad's own", rows[f"{SERVER_INTERFACE} XDP program"]["found"])
        said = self.pair.server.run(machine.ARPACTL, "preflight", "-c",
                                    self.arpad.configuration).stdout
        self.assertRegex(said, r"(?m)^ok    port 53 ")
        self.assertRegex(said.splitlines()[-1], r"^\d+ ok, \d+ warn, 0 fail: this host can run")

    def test_more_queues_than_the_interface_has(self):
        arpad = self.prepare(queues=2)
        row, = self.failed(self.preflight(arpad))
        self.assertEqual(row["subject"], f"{SERVER_INTERFACE} queues")
        self.assertEqual(row["do"], "set its queues to 1")
        arpad.launch()
        self.assertGreater(arpad.wait(30), 0, "it starts where preflight fails")
        arpad.queues = 1
        arpad.configure([SERVER_4])
        self.assertEqual(self.failed(self.preflight(arpad)), [])

    def test_both_ends_of_a_veth_made_fit(self):
        queues = ("numrxqueues", 2, "numtxqueues", 2)
        self.pair.server.run("ip", "link", "add", "vq", *queues, "type", "veth", "peer", "name", "vp",
                             *queues)
        self.pair.server.run("ip", "link", "set", "vp", "up")
        arpad = self.prepare(interfaces=["vq"])
        rows = self.preflight(arpad)
        self.assertEqual({row["subject"] for row in self.failed(rows)}, {"vq queues", "vq checksums"})
        for subject in ("vq", "vq queues", "vq checksums"):
            self.mend(rows[subject])
        rows = self.preflight(arpad)
        self.assertEqual(self.failed(rows), [])
        for subject in ("vq", "vq queues", "vq checksums"):
            self.assertEqual(rows[subject]["verdict"], "ok")
        self.assert_starts(arpad)

    def test_a_veth_whose_peer_sends_with_more_queues(self):
        self.pair.server.run("ip", "link", "add", "vq", "numrxqueues", 1, "numtxqueues", 1, "type",
                             "veth", "peer", "name", "vp", "numrxqueues", 2, "numtxqueues", 2)
        for name in ("vq", "vp"):
            self.pair.server.run("ip", "link", "set", name, "up")
        self.pair.server.run("ethtool", "-K", "vp", "tx", "off")
        arpad = self.prepare(interfaces=["vq"])
        rows = self.preflight(arpad)
        if rows["vq XDP"]["verdict"] == "ok":
            self.skipTest("this kernel does not tell which XDP features an interface has")
        self.mend(rows["vq XDP"])
        self.assertEqual(self.failed(self.preflight(arpad)), [])
        self.assert_starts(arpad)

    def test_port_53_is_taken(self):
        holder = self.pair.server.start(sys.executable, "-c", HOLDER, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.addCleanup(holder.communicate)
        self.assertEqual(holder.stdout.readline(), b"bound\n")
        row, = self.failed(self.preflight())
        self.assertIn(f"process {holder.pid}, holds {SERVER_4} (UDP)", row["found"])
        if row["run"] == f"kill {holder.pid}":  # else these tests are a service of systemd's
            self.mend(row)
        else:
            self.assertIn("systemctl disable --now ", row["run"])
            holder.kill()
        holder.wait(10)
        self.assertEqual(self.preflight()["port 53"]["verdict"], "ok")
        self.assert_starts(self.arpad)

    def test_a_strangers_xdp_program(self):
        source = self.arpad.directory / "stranger.c"
        source.write_text(STRANGER)
        machine.run("clang", "-O2", "-target", "bpf", "-c", source, "-o", source.with_suffix(".o"))
        for mode in ("xdpgeneric", "xdpdrv"):
            with self.subTest(mode):
                self.pair.server.run("ip", "link", "set", "dev", SERVER_INTERFACE, mode, "obj",
                                     source.with_suffix(".o"), "sec", "xdp")
                row, = self.failed(self.preflight())
                self.assertEqual(row["subject"], f"{SERVER_INTERFACE} XDP program")
                self.assertEqual(row["run"], f"ip link set dev {SERVER_INTERFACE} {mode} off")
                self.mend(row)
                self.assertIsNone(self.pair.xdp_program())
                self.assertEqual(self.failed(self.preflight()), [])

    def test_interfaces_and_addresses_that_are_not_there(self):
        row, = self.failed(self.preflight(self.prepare(interfaces=["nosuch0"])))
        self.assertEqual(row["subject"], "nosuch0")
        self.assertIn("`ip -br link`", row["do"])
        sockets = self.prepare(interfaces=(), addresses=["198.18.9.9"])
        row, = self.failed(self.preflight(sockets))
        self.assertEqual(row["run"], "ip address add 198.18.9.9/32 dev lo")
        self.mend(row)
        self.assertEqual(self.failed(self.preflight(sockets)), [])
        self.assert_starts(sockets)

    def test_a_configuration_that_is_wrong(self):
        self.arpad.configuration.write_text("listen: {adresses: [192.0.2.1]}\n")
        row, = self.preflight().values()
        self.assertEqual((row["subject"], row["verdict"]), ("configuration", "fail"))
        self.assertIn("arpad.yaml:1: listen.adresses", row["found"])


if __name__ == "__main__":
    sys.exit(tap.main())
