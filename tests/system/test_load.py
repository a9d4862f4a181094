# SPDX-License-Identifier: BSD-3-Clause
"""dnsperf at a rate that a shared machine sustains loses nothing; two workers; both memories."""

import os
import sys

import tap
from lab import machine, oracle, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import (SECOND_SERVER_4, SECOND_SERVER_INTERFACE, SERVER_4, SERVER_6,
                            SERVER_INTERFACE, Pair)

# Queries/s: a fifth of what dnsperf can do on one core, so that a busy machine reaches it too.
RATE = int(os.environ.get("ARPAD_LOAD_RATE", "20000"))
SECONDS = 5
RECORDS = 10000


class Load(tap.LabCase):
    def lab(self, links=1, hugepages="no"):
        pair = Pair()
        self.addCleanup(pair.remove)
        if links == 1:
            arpad = Arpad(pair, hugepages)
        else:
            pair.add_second_link()
            arpad = Arpad(pair, hugepages, [SERVER_4, SECOND_SERVER_4],
                          [SERVER_INTERFACE, SECOND_SERVER_INTERFACE])
        self.addCleanup(arpad.remove)
        arpad.start()
        for zone, addresses in ((zonedata.ZONE_4, zonedata.zone_4(RECORDS)),
                                (zonedata.ZONE_6, zonedata.zone_6(RECORDS))):
            zonedata.write_zone(arpad.directory / "zone", addresses)
            arpad.ctl("zone", "import", zone, arpad.directory / "zone")
        self.queries = arpad.directory / "queries"
        both = [*zonedata.zone_4(RECORDS), *zonedata.zone_6(RECORDS)]
        zonedata.write_queries(self.queries, both)
        return pair, arpad

    def assert_no_loss(self, pair, server):
        run = oracle.Dnsperf(pair, server, self.queries, SECONDS, RATE)
        print(f"# {server}: {run.rate:.0f}/s, mean {run.latency * 1e6:.0f} us, {run.rcodes}")
        self.assertEqual(run.lost, 0, run.text)
        self.assertEqual(run.sent, run.completed)
        self.assertGreater(run.sent, RATE * SECONDS * 0.25, "a load worth the name")

    def test_no_query_is_lost(self):
        pair, _ = self.lab()
        for server in (SERVER_4, SERVER_6):
            self.assert_no_loss(pair, server)

    def test_hugepages(self):
        pages = machine.Hugepages()
        self.addCleanup(pages.give_back)
        if not pages.take():
            self.skipTest("the kernel gives no hugepages")
        pair, _ = self.lab(hugepages="yes")
        self.assert_no_loss(pair, SERVER_4)

    def test_two_interfaces_two_workers(self):
        pair, arpad = self.lab(links=2)
        servers = (SERVER_4, SECOND_SERVER_4)
        for server in servers:
            self.assert_no_loss(pair, server)
        workers = arpad.ctl_json("stats")["workers"]
        self.assertEqual([worker["port"] for worker in workers],
                         [SERVER_INTERFACE, SECOND_SERVER_INTERFACE])
        for worker in workers:
            self.assertGreater(worker["outcomes"]["answered"], 0, "each worker had its part")
        # A change is in the next answer of every worker.
        clients = [Client(pair, server) for server in servers]
        for client in clients:
            self.addCleanup(client.close)
        for i in range(100):
            arpad.ctl("ptr", "set", zonedata.address_4(6), f"change-{i}.example.net.")
            for client in clients:
                self.assertEqual(client.ask(zonedata.arpa(zonedata.address_4(6))).names(),
                                 [f"change-{i}.example.net."])


if __name__ == "__main__":
    sys.exit(tap.main())
