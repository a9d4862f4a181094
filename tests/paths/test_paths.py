#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What bench/paths makes of counters and measurements, tested without any server."""

import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "paths"))

import counts
import table

LINK = json.dumps([{"ifname": "vc", "stats64": {
    "rx": {"bytes": 9, "packets": 20, "errors": 0, "dropped": 1},
    "tx": {"bytes": 9, "packets": 30, "errors": 0, "dropped": 2}}}])

STATS = {
    "workers": [{"outcomes": {"answered": 5, "nxdomain": 0}, "busy_cycles": 70},
                {"outcomes": {"answered": 1, "refused": 2}, "busy_cycles": 30}],
    "ports": [{"rx_packets": 6, "rx_missed": 3, "rx_no_buffer": 1, "tx_packets": 4},
              {"rx_packets": 2, "rx_missed": 0, "rx_no_buffer": 0, "tx_packets": 2}],
}

CLIENTS = {"sent": 1000, "answered": 999, "wrong": 0, "own_drops": 0}


class Counts(unittest.TestCase):
    def test_link(self):
        self.assertEqual(counts.of_link(LINK), {"rx": 20, "tx": 30, "rx_dropped": 1, "tx_dropped": 2})

    def test_server_sums_ports_and_workers(self):
        self.assertEqual(counts.of_server(STATS), {"received": 8, "missed": 4, "sent": 6, "cycles": 100,
                                                   "answered": 6, "refused": 2})

    def test_what_was_not_there_before_was_nothing(self):
        self.assertEqual(counts.between({"a": 1}, {"a": 3, "b": 4}), {"a": 2, "b": 4})

    def test_shares(self):
        self.assertEqual((counts.share(1, 4), counts.share(1, 0)), (0.25, 0))
        self.assertAlmostEqual(counts.lost(CLIENTS), 0.001)

    def test_a_run_that_says_nothing_of_the_server_is_a_fault(self):
        self.assertIsNone(counts.fault_of_clients(CLIENTS, 1250))
        self.assertIn("1000 of 1300", counts.fault_of_clients(CLIENTS, 1300))
        self.assertIn("dropped 3", counts.fault_of_clients(dict(CLIENTS, own_drops=3), 1000))
        self.assertIn("2 wrong", counts.fault_of_clients(dict(CLIENTS, wrong=2), 1000))


def measured(row, subject, number=1, fault=None, **more):
    return {"row": row, "subject": subject, "round": number, "fault": fault, **more}


def floods():
    """Three rounds; in the last, Knot's does not count."""
    found = []
    for number, (ours, reflected, knots) in enumerate(((95, 100, 50), (99, 100, 33), (80, 100, 1)), 1):
        found += [measured("flood", "arpad", number, answered=ours, replied=1),
                  measured("flood", "testpmd", number, answered=reflected),
                  measured("flood", "knot", number, answered=knots,
                           fault="no reply" if number == 3 else None)]
    return found


class Table(unittest.TestCase):
    def row(self, results, key):
        return {row["row"]: row for row in table.rows(results)}[key]

    def test_ratios_are_those_of_one_round(self):
        self.assertEqual(table.figures(floods(), "reflected"), [0.95, 0.99, 0.8])
        self.assertEqual(table.figures(floods(), "knot"), [1.9, 3])

    def test_median_and_worst(self):
        row = self.row(floods(), "reflected")
        self.assertEqual((row["median"], row["worst"], row["rounds"]), (0.95, 0.8, 3))
        losses = [measured("hostile", "arpad", number, lost=lost) for number, lost in
                  enumerate((0.0, 0.002, 0.0001))]
        row = self.row(losses, "hostile")
        self.assertEqual((row["median"], row["worst"]), (0.0001, 0.002))

    def test_what_a_limit_costs(self):
        found = [measured("limit", "on", cycles=102), measured("limit", "off", cycles=100)]
        self.assertAlmostEqual(table.figures(found, "limit")[0], 0.02)

    def test_verdicts(self):
        self.assertEqual([table.verdict(value, True, 2, 3) for value in (1.9, 2, 3)],
                         ["missed", "target", "moonshot"])
        self.assertEqual([table.verdict(value, False, 1, 0.5) for value in (1.1, 1, 0.5)],
                         ["missed", "target", "moonshot"])

    def test_what_was_not_measured_has_no_row(self):
        self.assertEqual([row["row"] for row in table.rows(floods())], ["reflected", "knot", "overload"])
        self.assertEqual(table.rows([]), [])

    def test_text_names_what_does_not_count(self):
        text = table.text(floods())
        self.assertIn("0.950", text)
        self.assertIn("Does not count: flood, knot, round 3: no reply", text)


if __name__ == "__main__":
    unittest.main()
