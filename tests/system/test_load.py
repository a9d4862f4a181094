# SPDX-License-Identifier: BSD-3-Clause
"""dnsperf at a rate that a shared machine sustains loses nothing; both queues and both memories."""

import os
import sys

import tap
from lab import machine, oracle, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, SERVER_6, Pair

RATE = int(os.environ.get("ARPAD_LOAD_RATE", "20000"))  # queries/s, for machines slower than ours
SECONDS = 5
RECORDS = 10000


class Load(tap.LabCase):
    def lab(self, queues=1, hugepages="no"):
        pair = Pair(queues)
        self.addCleanup(pair.remove)
        arpad = Arpad(pair, queues=queues, hugepages=hugepages)
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

    def assert_no_loss(self, pair, server, clients=4):
        run = oracle.Dnsperf(pair, server, self.queries, SECONDS, RATE, clients)
        print(f"# {server}: {run.rate:.0f}/s, mean {run.latency * 1e6:.0f} us, {run.rcodes}")
        self.assertEqual(run.lost, 0, run.text)
        self.assertEqual(run.sent, run.completed)
        self.assertGreater(run.sent, RATE * SECONDS * 0.9, "the rate was reached")

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

    def test_two_queues_two_workers(self):
        pair, arpad = self.lab(queues=2)
        for server in (SERVER_4, SERVER_6):
            self.assert_no_loss(pair, server, clients=32)
        stats = arpad.ctl_json("stats")
        self.assertEqual(len(stats["workers"]), 2)
        for worker in stats["workers"]:
            self.assertGreater(sum(worker["outcomes"].values()), 0, "each worker had a part")
        # Every port number a client may have: no queue is without a worker.
        for _ in range(100):
            client = Client(pair, SERVER_4)
            client.ask(zonedata.arpa(zonedata.address_4(6)))
            client.close()


if __name__ == "__main__":
    sys.exit(tap.main())
