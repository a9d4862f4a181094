# SPDX-License-Identifier: BSD-3-Clause
"""A worker that may sleep: it leaves the CPU alone, loses nothing, and holds up no grace period."""

import pathlib
import sys
import time

import tap
from lab import zonedata
from lab.burst import Burst
from lab.daemon import Arpad
from lab.message import NOERROR, Client, query
from lab.namespaces import SERVER_4, Pair

NAME, ADDRESS = "7.0.18.198.in-addr.arpa.", "198.18.0.7"
FIRST = 1024  # queries at once after a quiet time: half of the receive ring
QUIET_SECONDS = 0.2


def cpu_seconds(process, thread):
    """What the threads of that name have used."""
    ns = found = 0
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        if (task / "comm").read_text().startswith(thread):
            ns += int((task / "schedstat").read_text().split()[0])
            found += 1
    if not found:
        raise LookupError(f"no thread {thread}")
    return ns / 1e9


class Idle(tap.LabCase):
    def start(self, dpdk):
        pair = Pair()
        self.addCleanup(pair.remove)
        arpad = Arpad(pair, dpdk=dpdk)
        self.addCleanup(arpad.remove)
        arpad.start()
        arpad.ctl("zone", "add", zonedata.ZONE_4)
        arpad.ctl("ptr", "set", ADDRESS, "host.example.net.")
        return pair, arpad

    def shares(self, arpad, seconds=2.0):
        """Of one CPU: what the workers and the listener's thread use with nothing to do."""
        threads = ("rte-worker", "dns-listener")
        before = [cpu_seconds(arpad.process.pid, thread) for thread in threads]
        time.sleep(seconds)
        return [(cpu_seconds(arpad.process.pid, thread) - then) / seconds
                for thread, then in zip(threads, before)]

    def first_latency(self, pair):
        """Mean seconds from a query to its reply, each after a quiet time."""
        client = Client(pair, SERVER_4)
        self.addCleanup(client.close)
        total = 0.0
        for _ in range(30):
            time.sleep(0.02)
            start = time.perf_counter()
            client.ask(NAME)
            total += time.perf_counter() - start
        return total / 30

    def test_adaptive_leaves_the_cpu_alone_and_loses_nothing(self):
        pair, arpad = self.start("  idle: adaptive\n  idle-us: 1000\n")
        worker, listener = self.shares(arpad)
        latency = self.first_latency(pair)
        print(f"# adaptive, 1000 us: worker {worker:.1%}, listener {listener:.1%} of a CPU; "
              f"first reply after {latency * 1e6:.0f} us")
        self.assertLess(worker, 0.25)
        self.assertLess(listener, 0.10)
        burst = Burst(pair, SERVER_4, [query(NAME, identity=i) for i in range(FIRST)])
        self.addCleanup(burst.close)
        for _ in range(10):
            time.sleep(QUIET_SECONDS)
            burst.send()
            replies = burst.receive(FIRST)
            self.assertEqual(sorted(reply[0] for reply in replies), list(range(FIRST)))
            self.assertEqual({reply[1] & 15 for reply in replies}, {NOERROR})
        stats = arpad.ctl_json("stats")["workers"][0]
        self.assertGreater(stats["sleeps"], 100)
        self.assertGreater(stats["asleep_ratio"], 0.5)
        self.assertEqual(stats["tx_dropped"], 0)

    def test_what_changes_is_freed_and_served_while_the_worker_sleeps(self):
        pair, arpad = self.start("  idle: adaptive\n  idle-us: 10000\n")
        client = Client(pair, SERVER_4)
        self.addCleanup(client.close)
        for i in range(50):
            time.sleep(0.03)  # asleep for the longest time
            arpad.ctl("ptr", "set", ADDRESS, f"change-{i}.example.net.")
            self.assertEqual(client.ask(NAME).names(), [f"change-{i}.example.net."])
        deadline = time.monotonic() + 5
        while arpad.ctl_json("status")["waiting"] and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(arpad.ctl_json("status")["waiting"], 0)

    def test_poll_uses_its_cpu(self):
        pair, arpad = self.start("")
        worker, listener = self.shares(arpad)
        print(f"# poll: worker {worker:.1%}, listener {listener:.1%} of a CPU; "
              f"first reply after {self.first_latency(pair) * 1e6:.0f} us")
        stats = arpad.ctl_json("stats")["workers"][0]
        self.assertEqual(stats["sleeps"], 0)
        self.assertGreater(stats["empty_polls"], 0)
        self.assertLess(stats["busy_ratio"], 0.5)


if __name__ == "__main__":
    sys.exit(tap.main())
