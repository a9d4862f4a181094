# SPDX-License-Identifier: BSD-3-Clause
"""Without ports: an ordinary user's arpad on kernel sockets, without hugepages, EAL or rights."""

import pathlib
import re
import signal
import socket
import sys
import time

import tap
from lab import zonedata
from lab.daemon import Arpad
from lab.namespaces import SERVER_4, SERVER_INTERFACE, Pair

NOBODY = 65534
PORT = 5300
ADDRESSES = (f"127.0.0.1@{PORT}", f"::1@{PORT}")
SERVERS = ("127.0.0.1", "::1")
WAYS = ("+notcp", "+tcp")
NAME = "7.0.18.198.in-addr.arpa."


class Sockets(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair, addresses=ADDRESSES, interfaces=(), user=NOBODY,
                           options="answers: {nsid: lab}\n")
        self.addCleanup(self.arpad.remove)

    def prepare(self):
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")

    def dig(self, *words, server="127.0.0.1", port=PORT, check=True):
        return self.pair.server.run("dig", f"@{server}", "-p", port, "+norecurse", "+tries=1",
                                    "+time=2", *words, check=check).stdout

    def test_it_has_no_rights_and_no_dpdk(self):
        self.prepare()
        process = pathlib.Path(f"/proc/{self.arpad.process.pid}")
        status = (process / "status").read_text()
        self.assertRegex(status, rf"Uid:\s+{NOBODY}\s+{NOBODY}")
        for kind in ("CapPrm", "CapEff", "CapBnd"):
            self.assertRegex(status, rf"{kind}:\s+0{{16}}")
        self.assertEqual(re.search(r"HugetlbPages:\s+(\d+)", status).group(1), "0")
        threads = {(task / "comm").read_text().strip() for task in (process / "task").iterdir()}
        self.assertEqual(threads, {"arpad", "dns-listener", "observer", "store"})
        shown = self.arpad.ctl_json("status")
        self.assertEqual((shown["ready"], shown["workers"]), (True, []))

    def test_the_same_answers_over_both_protocols_and_families(self):
        self.prepare()
        self.arpad.ctl("ptr", "set", "198.18.0.10", *(f"{'x' * 60}-{i}.example." for i in range(9)))
        for words in ((NAME, "PTR"), (NAME, "TXT"), ("8.0.18.198.in-addr.arpa.", "PTR"),
                      ("18.198.in-addr.arpa.", "SOA"), ("18.198.in-addr.arpa.", "NS"),
                      ("0.18.198.in-addr.arpa.", "PTR"), ("example.net.", "A"),
                      (NAME, "PTR", "+nsid"), (NAME, "PTR", "+dnssec"), (NAME, "PTR", "+noedns"),
                      ("10.0.18.198.in-addr.arpa.", "PTR", "+bufsize=4096"),
                      (NAME, "PTR", "+opcode=notify")):
            shown = set()
            for server in SERVERS:
                for way in WAYS:
                    text = self.dig("+nostats", "+nocmd", "+nocookie", "+qid=7", way, *words,
                                    server=server)
                    self.assertIn("status:", text)
                    shown.add(re.sub(r";; (Query time|SERVER|WHEN).*\n|\(1 server found\)", "", text))
            self.assertEqual(len(shown), 1, f"{words}: {shown}")
        self.assertRegex(self.dig("+cookie", NAME, "PTR"), r"COOKIE: [0-9a-f]{48} \(good\)")

    def test_a_change_is_in_the_next_answer(self):
        self.prepare()
        for i in range(20):
            self.arpad.ctl("ptr", "set", "198.18.0.7", f"change-{i}.example.net.")
            for server in SERVERS:
                for way in WAYS:
                    self.assertEqual(self.dig("+short", way, NAME, "PTR", server=server).strip(),
                                     f"change-{i}.example.net.")
        self.arpad.ctl("ptr", "unset", "198.18.0.7")
        self.assertIn("status: NXDOMAIN", self.dig(NAME, "PTR"))
        deadline = time.monotonic() + 5
        while self.arpad.ctl_json("status")["waiting"] and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(self.arpad.ctl_json("status")["waiting"], 0, "grace periods pass")

    def test_sighup_applies_other_addresses_and_ports(self):
        self.prepare()
        other = f"{SERVER_4}@{PORT + 1}"
        self.arpad.configure((ADDRESSES[0], other))
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while "reload: done" not in self.arpad.log() and time.monotonic() < deadline:
            time.sleep(0.02)
        for way in WAYS:
            self.assertIn("host.example.net.",
                          self.dig(way, NAME, "PTR", server=SERVER_4, port=PORT + 1))
            self.assertIn("host.example.net.", self.dig(way, NAME, "PTR"))
            self.assertNotIn("host.example.net.",
                             self.dig(way, NAME, "PTR", server="::1", check=False))

    def test_sighup_with_an_address_that_is_not_there_changes_nothing(self):
        self.prepare()
        self.arpad.configure(("203.0.113.9@5300",))
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while "nothing has changed" not in self.arpad.log() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertIn("203.0.113.9@5300", self.arpad.log())
        for way in WAYS:
            self.assertIn("host.example.net.", self.dig(way, NAME, "PTR", server="::1"))

    def test_sighup_with_ports_waits_for_a_restart(self):
        self.prepare()
        self.arpad.interfaces = (SERVER_INTERFACE,)
        self.arpad.configure((SERVER_4,))
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while "nothing has changed" not in self.arpad.log() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertIn("restart", self.arpad.log())
        self.assertIn("host.example.net.", self.dig(NAME, "PTR"))

    def assert_free(self):
        """Both ports can be had by another at once."""
        for family, server in ((socket.AF_INET, SERVERS[0]), (socket.AF_INET6, SERVERS[1])):
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                made = self.pair.server.socket(family, kind)
                if kind == socket.SOCK_STREAM:
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind((server, PORT))
                made.close()

    def test_stop_leaves_nothing_and_the_records_stay(self):
        self.prepare()
        for number in (signal.SIGTERM, signal.SIGINT):
            idle = self.pair.server.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.addCleanup(idle.close)
            idle.connect((SERVERS[0], PORT))
            self.assertEqual(self.arpad.stop(number), 0)
            self.assertEqual(idle.recv(1), b"", "an open connection is closed")
            self.assertFalse(self.arpad.socket.exists())
            self.assert_free()
            self.arpad.start()
            self.assertIn("host.example.net.", self.dig(NAME, "PTR"))
        self.arpad.ctl("stop")
        self.assertEqual(self.arpad.wait(), 0)
        self.assert_free()

    def assert_refuses(self, arpad, *words):
        arpad.launch()
        self.assertEqual(arpad.wait(), 1, arpad.log())
        for word in words:
            self.assertIn(word, arpad.log())
        self.assertEqual(len(arpad.log().splitlines()), 1, f"one sentence:\n{arpad.log()}")

    def test_a_port_below_1024_is_refused_with_what_to_do(self):
        self.pair.server.run("sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=1024")
        self.arpad.configure(("127.0.0.1",))
        self.assert_refuses(self.arpad, "127.0.0.1@53", "CAP_NET_BIND_SERVICE")

    def test_an_address_that_another_holds_is_refused(self):
        self.prepare()
        with Arpad(self.pair, addresses=ADDRESSES, interfaces=(), user=NOBODY) as second:
            self.assert_refuses(second, "127.0.0.1@5300", "already in use")
        self.assertIn("host.example.net.", self.dig(NAME, "PTR"))


if __name__ == "__main__":
    sys.exit(tap.main())
