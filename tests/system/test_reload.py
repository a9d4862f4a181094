# SPDX-License-Identifier: BSD-3-Clause
"""Reload while serving: no query is lost, and no change."""

import os
import signal
import sys
import tempfile
import threading
import time

import tap
from lab import zonedata
from lab.control import Control
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import OTHER_4, SERVER_4, SERVER_6, Pair
from lab.oracle import Dnsperf

RATE = int(os.environ.get("ARPAD_LOAD_RATE", "5000"))
RELOADS, LOAD_SECONDS = 50, 8
SIGNALS_A_SECOND, STORM_SECONDS = 1000, 4
POLICIES = ("answers:\n  any: minimal\n", "answers:\n  any: all\n  nsid: other\n")


class Reload(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.pair.add_server_address(OTHER_4)
        self.arpad = Arpad(self.pair)
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)

    def reload(self, addresses, policy):
        """Changes the file at once, as an editor does; returns when the change holds."""
        done = self.arpad.log().count("reload: done")
        self.arpad.options = policy
        keep, fresh = self.arpad.configuration, self.arpad.directory / "fresh.yaml"
        self.arpad.configuration = fresh
        self.arpad.configure(addresses)
        fresh.replace(keep)
        self.arpad.configuration = keep
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while self.arpad.log().count("reload: done") == done:
            self.assertLess(time.monotonic(), deadline, self.arpad.log())
            time.sleep(0.002)

    def test_fifty_reloads_of_addresses_and_answers_lose_no_query(self):
        with tempfile.NamedTemporaryFile() as zone, tempfile.NamedTemporaryFile("w") as queries:
            zonedata.write_zone(zone.name, zonedata.zone_4(1000))
            self.arpad.ctl("zone", "import", zonedata.ZONE_4, zone.name)
            zonedata.write_queries(queries.name, zonedata.zone_4(1000))
            result = []
            load = threading.Thread(target=lambda: result.append(
                Dnsperf(self.pair, SERVER_4, queries.name, LOAD_SECONDS, rate=RATE)))
            load.start()
            sets = ((SERVER_4,), (SERVER_4, OTHER_4), (OTHER_4, SERVER_6, SERVER_4))
            start = time.monotonic()
            for i in range(RELOADS):
                self.reload(sets[i % len(sets)], POLICIES[i % len(POLICIES)])
                time.sleep(max(0, start + (i + 1) * (LOAD_SECONDS - 1) / RELOADS - time.monotonic()))
            ended = time.monotonic() - start
            load.join()
        self.assertLess(ended, LOAD_SECONDS, "all reloads happened under load")
        self.assertGreater(result[0].sent, 0.9 * RATE * LOAD_SECONDS)
        self.assertEqual(result[0].lost, 0, result[0].text)
        fast = self.arpad.ctl_json("stats")["workers"][0]["outcomes"]
        self.assertGreaterEqual(fast["answered"] + fast["nxdomain"], result[0].completed,
                                "the workers answered all of them")

    def test_a_storm_of_signals_while_records_change(self):
        """Each change is acknowledged, and then holds after a crash, or is refused."""
        done = threading.Event()

        def storm():
            start, sent = time.monotonic(), 0
            while not done.is_set():
                self.arpad.send_signal(signal.SIGHUP)
                sent += 1
                time.sleep(max(0.0, start + sent / SIGNALS_A_SECOND - time.monotonic()))
            self.signals = sent

        thread = threading.Thread(target=storm)
        thread.start()
        acknowledged, refused, asked = {}, 0, 0
        try:
            with Control(self.arpad.socket) as control:
                end = time.monotonic() + STORM_SECONDS
                while time.monotonic() < end:
                    address = str(zonedata.address_4(asked % 500))
                    name = f"host-{asked}.example.net."
                    reply = control.call("ptr.set", address=address, names=[name])
                    asked += 1
                    if "result" in reply:
                        acknowledged[address] = name
                    else:
                        refused += 1
        finally:
            done.set()
            thread.join()
        self.assertGreater(self.signals, SIGNALS_A_SECOND * STORM_SECONDS / 4)
        self.assertGreater(len(acknowledged), 0)
        self.assertEqual(refused, 0)
        self.arpad.kill()
        self.arpad.start()
        client = Client(self.pair, SERVER_4)
        self.addCleanup(client.close)
        for address, name in acknowledged.items():
            self.assertEqual(client.ask(zonedata.arpa(address)).names(), [name])
        print(f"# {self.signals} signals, {asked} changes acknowledged")


if __name__ == "__main__":
    sys.exit(tap.main())
