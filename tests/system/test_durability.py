# SPDX-License-Identifier: BSD-3-Clause
"""SIGKILL at a random moment of 1,000 changes: after a restart every acknowledged one is served."""

import random
import subprocess
import sys
import threading

import tap
from lab import zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, Pair

CALLS = 1000


def new_name(index, tag):
    return f"{tag}-{index}.example.net."


class Durability(tap.LabCase):
    seconds = 300

    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair)
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        zone = self.arpad.directory / "zone"
        zonedata.write_zone(zone, zonedata.zone_4(CALLS))
        self.arpad.ctl("zone", "import", zonedata.ZONE_4, zone)
        self.served = [{zonedata.name_of(zonedata.address_4(i))} for i in range(CALLS)]
        self.random = random.Random()
        seed = self.random.randrange(1 << 32)
        self.random.seed(seed)
        print(f"# seed {seed}")

    def kill_during(self, tag, feed):
        """
        Feeds CALLS lines to `arpactl ptr set -` by `feed`, kills arpad after a random count of
        acknowledgements, and restarts it. Returns the acknowledged indexes.
        """
        kill_after = self.random.randrange(1, CALLS * 9 // 10)
        child = subprocess.Popen(self.arpad.ctl_command("ptr", "set", "-"), text=True, bufsize=1,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        feeder = threading.Thread(target=feed, args=(child.stdin, tag))
        feeder.start()
        acknowledged = []
        for line in child.stdout:
            acknowledged.append(line.split()[0])
            if len(acknowledged) == kill_after:
                self.arpad.kill()
        self.arpad.kill()
        feeder.join()
        status = child.wait(20)
        child.stdout.close()
        indexes = {str(zonedata.address_4(i)): i for i in range(CALLS)}
        acknowledged = {indexes[address] for address in acknowledged}
        print(f"# {tag}: killed after {kill_after}, {len(acknowledged)} acknowledged")
        if len(acknowledged) < CALLS:
            self.assertNotEqual(status, 0, "arpactl says that not all was done")
        self.assertIsNone(self.pair.xdp_program(), "the program goes with its process")
        self.arpad.start()
        return acknowledged

    def assert_served(self, tag, acknowledged):
        """Acknowledged: the new name. The others: the new name or the one before, nothing else."""
        client = Client(self.pair, SERVER_4)
        for i in range(CALLS):
            names = client.ask(zonedata.arpa(zonedata.address_4(i))).names()
            if i in acknowledged:
                self.served[i] = {new_name(i, tag)}
            else:
                self.served[i] = self.served[i] | {new_name(i, tag)}
            self.assertEqual(len(names), 1)
            self.assertIn(names[0], self.served[i], f"{zonedata.address_4(i)}, {i in acknowledged}")
            self.served[i] = {names[0]}
        client.close()

    @staticmethod
    def feed_all_at_once(pipe, tag):
        lines = (f"{zonedata.address_4(i)} {new_name(i, tag)}\n" for i in range(CALLS))
        try:
            with pipe:
                pipe.write("".join(lines))
        except BrokenPipeError:
            pass  # arpactl gave up, as it should when arpad is gone

    def test_kill_during_1000_calls_in_a_stream(self):
        middle = 0
        for round_ in range(3):
            tag = f"stream{round_}"
            acknowledged = self.kill_during(tag, self.feed_all_at_once)
            self.assert_served(tag, acknowledged)
            middle += len(acknowledged) < CALLS
        print(f"# {middle} of 3 kills came before the last acknowledgement")

    def test_kill_during_1000_calls_one_by_one(self):
        for round_ in range(2):
            tag = f"single{round_}"
            kill_at = self.random.uniform(0.1, 1.5)
            killer = threading.Timer(kill_at, self.arpad.kill)
            killer.start()
            acknowledged = set()
            for i in range(CALLS):
                done = self.arpad.ctl("ptr", "set", zonedata.address_4(i), new_name(i, tag),
                                      check=False)
                if done.returncode != 0:
                    break
                acknowledged.add(i)
            killer.join()
            self.arpad.kill()
            print(f"# {tag}: killed after {kill_at:.2f} s, {len(acknowledged)} acknowledged")
            self.assertGreater(len(acknowledged), 0)
            self.arpad.start()
            self.assert_served(tag, acknowledged)


if __name__ == "__main__":
    sys.exit(tap.main())
