# SPDX-License-Identifier: BSD-3-Clause
"""The store never loses: faults of process and disk under load, and everything read back.

`make durability` does the same for hundreds of rounds (tests/durability/run). The last two cases are
the control of the test itself: disks that lie must be caught by it.
"""

import os
import pathlib
import random
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "durability"))

import tap

import disk
import faults
import registers
from lab import machine
from rounds import Lost, SetTest
from subject import SHIM


class NeverLoses(unittest.TestCase):
    seconds = 120

    def setUp(self):
        if not machine.ARPAD.exists() or not SHIM.exists():
            self.skipTest("arpad and the disk shim are not built")
        self.seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print(f"# SEED={self.seed}")

    def rounds(self, fault, count, shim=True, **options):
        test = SetTest(self.seed, shim=shim)
        self.addCleanup(test.close)
        test.open()
        for _ in range(count):
            getattr(test, fault)(**options)
        print(f"# {count} rounds: {test.said()}")
        self.assertGreater(test.acknowledged, 0)

    def test_kill_at_20_moments(self):
        self.rounds("kill", 20, shim=False)

    def test_kill_inside_20_calls_to_the_disk(self):
        self.rounds("kill_in_operation", 20)

    def test_kill_and_power_cuts_while_it_stops(self):
        self.rounds("kill_in_stop", 8)
        self.rounds("power_cut_in_stop", 8)

    def test_20_power_cuts(self):
        self.rounds("power_cut", 20)

    def test_stopped_for_5_seconds(self):
        self.rounds("stop_and_go", 1, shim=False)

    def test_writes_fail(self):
        self.rounds("write_error", 2)

    def test_syncs_fail(self):
        self.rounds("sync_error", 2)

    def test_kill_while_syncs_fail(self):
        self.rounds("kill_in_fault", 5)

    def test_disk_becomes_read_only(self):
        self.rounds("read_only", 2)

    def test_disk_is_full(self):
        if os.geteuid() != 0:
            self.skipTest("a small file system of our own needs root")
        print(f"# {faults.fill_disk(self.seed, 1)}")

    def test_registers_are_linearizable_over_kills(self):
        print(f"# {registers.RegisterTest(self.seed).run(4)} operations")

    def test_crash_points_of_a_commit(self):
        for done in faults.crash_points(self.seed, 40):
            print(f"# {done}")

    def caught(self, sync, **options):
        """Within a few rounds; None if never."""
        test = SetTest(self.seed, shim=True)
        self.addCleanup(test.close)
        test.open()
        for number in range(10):
            try:
                test.power_cut(sync=sync, **options)
            except Lost as lost:
                print(f"# caught in round {number + 1}: {str(lost).splitlines()[0]}")
                return lost
        return None

    def test_a_disk_without_syncs_is_caught(self):
        self.assertIsNotNone(self.caught(disk.LIE))

    def test_an_acknowledgement_before_the_sync_is_caught(self):
        self.assertIsNotNone(self.caught(disk.LATE, late_ms=30))


if __name__ == "__main__":
    sys.exit(tap.main())
