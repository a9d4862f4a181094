# SPDX-License-Identifier: BSD-3-Clause
"""A changed record is in the very next answer after its acknowledgement, 1,000 times."""

import subprocess
import sys

import tap
from lab import message, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, SERVER_6, Pair

CHANGES = 1000
HOSTS = 50  # each is changed many times, so that a stale answer would show an older name


class Freshness(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair)
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("zone", "add", zonedata.ZONE_6)
        self.clients = [Client(self.pair, SERVER_4), Client(self.pair, SERVER_6)]
        for client in self.clients:
            self.addCleanup(client.close)

    def test_1000_changes_without_a_stale_answer(self):
        child = subprocess.Popen(self.arpad.ctl_command("ptr", "set", "-"), text=True, bufsize=1,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for i in range(CHANGES):
            of = zonedata.address_4 if i % 2 else zonedata.address_6
            address, name = of(i % HOSTS), f"change-{i}.example.net."
            child.stdin.write(f"{address} {name} {i + 1}\n")
            self.assertEqual(child.stdout.readline().split()[0], str(address))
            reply = self.clients[i // 2 % 2].ask(zonedata.arpa(address))
            self.assertEqual([record[3:] for record in reply.answer], [(i + 1, name)])
        child.stdin.close()
        self.assertEqual(child.wait(10), 0)
        child.stdout.close()

    def test_the_last_record_takes_its_empty_non_terminals_along(self):
        name, above = "7.3.18.198.in-addr.arpa.", "3.18.198.in-addr.arpa."
        client = self.clients[0]
        for _ in range(20):
            self.assertEqual(client.ask(above).rcode, message.NXDOMAIN)
            self.arpad.ctl("ptr", "set", "198.18.3.7", "host.example.net.")
            self.assertEqual(client.ask(above).rcode, message.NOERROR)
            self.assertEqual(client.ask(name).names(), ["host.example.net."])
            self.arpad.ctl("ptr", "unset", "198.18.3.7")
            self.assertEqual(client.ask(name).rcode, message.NXDOMAIN)

    def test_zones_come_and_go_at_once(self):
        client = self.clients[0]
        name = "1.113.0.203.in-addr.arpa."
        for _ in range(20):
            self.assertEqual(client.ask(name).rcode, message.REFUSED)
            self.arpad.ctl("zone", "add", "203.0.113.0/24")
            self.assertEqual(client.ask(name).rcode, message.NXDOMAIN)
            self.arpad.ctl("ptr", "set", "203.0.113.1", "host.example.net.")
            self.assertEqual(client.ask(name).names(), ["host.example.net."])
            self.arpad.ctl("zone", "remove", "203.0.113.0/24")


if __name__ == "__main__":
    sys.exit(tap.main())
