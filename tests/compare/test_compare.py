#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The comparison's own parts, tested without any server: parsers, medians, plots, the page."""

import pathlib
import re
import struct
import sys
import tempfile
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench" / "compare"), str(ROOT / "tests" / "support")]

import figures
import measure
import plot
import report
import workload
from lab import message, oracle, zonedata
from lab.machine import LabError
from results import Results

KXDPGUN = """\
using interface vc, XDP threads 1, UDP, native mode
thread#00: sent 599430, received 257137
total queries:     599430 (299715 pps)
total replies:     257137 (128568 pps) (42%)
average DNS reply size: 84 B
average Ethernet reply rate: 129609360 bps (129.61 Mbps)
responded NOERROR:   257137
duration: 2 s
"""

DNSPERF = """\
DNS Performance Testing Tool
[Status] Started at: Mon Jan  1 00:00:00 2024
> NOERROR 109.213.0.10.in-addr.arpa. PTR 0.000162
> NOERROR 211.195.0.10.in-addr.arpa. PTR 0.000058
> T 1.0.0.10.in-addr.arpa. PTR
> SERVFAIL 40.166.0.10.in-addr.arpa. PTR 0.001000
[Status] Testing complete (time limit)

Statistics:

  Queries sent:         4
  Queries completed:    3 (75.00%)
  Queries lost:         1 (25.00%)

  Response codes:       NOERROR 2 (66.67%), SERVFAIL 1 (33.33%)
  Average packet size:  request 42, response 84
  Run time (s):         2.000047
  Queries per second:   1.499965

  Average Latency (s):  0.000407 (min 0.000058, max 0.001000)
  Latency StdDev (s):   0.000464
"""

SMAPS = """\
55d0573ce000-7ffee95f9000 ---p 00000000 00:00 0                          [rollup]
Rss:               20928 kB
Pss:               19041 kB
Pss_Anon:          17960 kB
Pss_File:           1081 kB
Pss_Shmem:            40 kB
Anonymous:         19000 kB
Shared_Hugetlb:     2048 kB
Private_Hugetlb:    4096 kB
"""


def numbers(count):
    return [int(workload.FIRST) + index for index in range(0, 2 ** 24 - 2, 2 ** 24 // count)]


class LoadGenerators(unittest.TestCase):
    def test_kxdpgun(self):
        run = figures.read_kxdpgun(KXDPGUN)
        self.assertEqual(run, {"sent": 599430, "sent_rate": 299715, "replies": 257137,
                               "rate": 128568, "octets": 84, "rcodes": {"NOERROR": 257137}})
        self.assertAlmostEqual(figures.loss(run["sent"], run["replies"]), 0.571, 3)

    def test_kxdpgun_without_figures(self):
        for text in ("", "error: no such interface", KXDPGUN.partition("total replies")[0]):
            with self.assertRaises(figures.NoFigures):
                figures.read_kxdpgun(text)

    def test_a_flood_counts_only_when_its_replies_are_right(self):
        run = figures.read_kxdpgun(KXDPGUN)
        self.assertIsNone(figures.fault_of_flood(run, 84.3))
        self.assertIn("octets", figures.fault_of_flood(run, 120))
        refused = dict(run, rcodes={"NOERROR": 257136, "REFUSED": 1})
        self.assertIn("REFUSED: 1", figures.fault_of_flood(refused, 84))
        self.assertIn("rcodes", figures.fault_of_flood(dict(run, rcodes={"NOERROR": 7}), 84))
        self.assertIn("rcodes", figures.fault_of_flood(dict(run, rcodes={}), 84))
        self.assertEqual("no reply", figures.fault_of_flood(dict(run, replies=0, rcodes={}), 84))

    def test_dnsperf(self):
        run = oracle.DnsperfText(DNSPERF)
        self.assertEqual((run.sent, run.completed, run.lost), (4, 3, 1))
        self.assertEqual(run.latencies, [0.000162, 0.000058, 0.001])
        self.assertEqual(run.latency, 0.000407)
        self.assertIn("SERVFAIL", measure.fault_of_dnsperf(run))
        good = oracle.DnsperfText(DNSPERF.replace(", SERVFAIL 1 (33.33%)", ""))
        self.assertIsNone(measure.fault_of_dnsperf(good))
        with self.assertRaises(LabError):
            oracle.DnsperfText("")

    def test_loss_is_never_negative(self):
        self.assertEqual([figures.loss(10, 11), figures.loss(0, 0), figures.loss(10, 0)], [0, 0, 1])


class Figures(unittest.TestCase):
    def test_percentiles_are_nearest_ranks(self):
        found = figures.latency_figures([value / 1e6 for value in range(1000, 0, -1)])
        self.assertEqual([round(found[key], 6) for key in ("p50", "p90", "p99", "p99.9", "p99.99")],
                         [500, 900, 990, 999, 1000])
        self.assertAlmostEqual(found["mean"], 500.5)
        self.assertAlmostEqual(found["max"], 1000)
        self.assertEqual(figures.percentile([7], 99), 7)

    def test_memory_counts_shared_pages_once(self):
        read = figures.read_smaps(SMAPS)
        self.assertEqual(read, {"anonymous": 18000 * 1024, "huge": 6144 * 1024, "file": 1081 * 1024})
        self.assertEqual(figures.add_up([read, read])["huge"], 2 * read["huge"])

    def test_sizes(self):
        for text, number in (("100k", 100_000), ("1M", 1_000_000), ("10M", 10_000_000), ("7", 7)):
            self.assertEqual(figures.read_size(text), number)
            self.assertEqual(figures.write_size(number), text)
        self.assertEqual(figures.read_size("1000000"), 1_000_000)
        for text in ("", "hit", "burst32", "1m", "-1", "1.5M"):
            self.assertIsNone(figures.read_size(text))

    def test_benchmarks_by_size(self):
        runs = [{"name": name, "run_name": name, "run_type": kind, "cpu_time": time, "label": label}
                for name, kind, time, label in (
                    ("p/hit/10M", "iteration", 50.0, "swap floor/10M"),
                    ("p/hit/10M", "iteration", 40.0, "swap floor/10M"),
                    ("p/hit/10M", "iteration", 41.0, "swap floor/10M"),
                    ("p/hit/10M", "aggregate", 1.0, ""), ("p/hit/1M", "iteration", 30.0, "swap"),
                    ("p/hit/burst32", "iteration", 9.0, ""), ("swap", "iteration", 3.0, ""))]
        runs.append(dict(runs[0], error_occurred=True, cpu_time=0))
        series, references = figures.read_benchmarks(runs)
        self.assertEqual(series, {"p/hit": [(1_000_000, 30.0), (10_000_000, 41.0)],
                                  "p/hit/burst32": [(None, 9.0)], "swap": [(None, 3.0)]})
        self.assertEqual(references["p/hit"], ["swap", "floor"])


class Load(unittest.TestCase):
    def test_names_are_those_of_the_lab(self):
        for number in numbers(37):
            address = workload.FIRST + (number - int(workload.FIRST))
            self.assertEqual(workload.arpa(number), zonedata.arpa(address))
            self.assertEqual(workload.name(number), zonedata.name_of(address))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            load = workload.Workload(pathlib.Path(folder), 1000)
            load.write()
            lines = load.zone.read_text().splitlines()[len(zonedata.HEAD.splitlines()):]
            self.assertEqual(len(lines), 1000)
            self.assertEqual(lines[999], f"{zonedata.arpa(workload.address(999))} PTR "
                                         f"{zonedata.name_of(workload.address(999))}")
            asked = load.queries.read_text().splitlines()
            self.assertEqual(sorted(line.split()[0] for line in lines),
                             sorted(line.split()[0] for line in asked))
            self.assertIn(999, load.samples)
            self.assertNotIn(load.missing(), load.zone.read_text())

    def test_sizes_that_do_not_fit(self):
        for records in (0, workload.RECORDS_MAX + 1):
            with self.assertRaises(ValueError):
                workload.Workload(pathlib.Path("."), records)

    def right_reply(self, number, name=None, flags=0x8400):
        question = message.query(workload.arpa(number))[12:]
        rdata = message.wire_name(name or workload.name(number))
        return (struct.pack("!6H", 1, flags, 1, 1, 0, 0) + question + b"\xc0\x0c"
                + struct.pack("!HHIH", message.PTR, 1, 3600, len(rdata)) + rdata)

    def test_the_expected_size_is_that_of_a_reply(self):
        load = workload.Workload(pathlib.Path("."), 500)
        sizes = [len(self.right_reply(int(workload.FIRST) + index)) for index in range(500)]
        self.assertAlmostEqual(load.reply_octets, sum(sizes) / 500)

    def test_what_a_right_reply_is(self):
        number = numbers(3)[1]

        def judged(wire):
            return measure.is_right(message.Reply(wire), number)
        self.assertTrue(judged(self.right_reply(number)))
        self.assertFalse(judged(self.right_reply(number, name="other.example.net.")))
        self.assertFalse(judged(self.right_reply(number, flags=0x8000)))
        self.assertFalse(judged(self.right_reply(number, flags=0x8403)))
        self.assertFalse(judged(self.right_reply(number + 1)))
        empty = struct.pack("!6H", 1, 0x8400, 1, 0, 0, 0) + message.query(workload.arpa(number))[12:]
        self.assertFalse(judged(empty))


class Plots(unittest.TestCase):
    def test_linear_axis(self):
        axis = plot.linear("x", [3, 640_000], 8)
        self.assertEqual([text for _, text in axis.ticks][:2] + [axis.ticks[-1][1]],
                         ["0", "100 k", "700 k"])
        self.assertEqual((axis.place(0), axis.place(700_000)), (0, 1))
        self.assertEqual(plot.linear("x", []).ticks[-1][0], 1)
        for top in (1, 2, 3, 7, 10, 99.9, 100, 101, 12345, 1e-3):
            axis = plot.linear("x", [top])
            self.assertLessEqual(axis.place(top), 1 + 1e-9)
            self.assertGreater(axis.place(top), 0.45)
            self.assertLessEqual(len(axis.ticks), 8)

    def test_logarithmic_axis(self):
        axis = plot.logarithmic("x", [19, 12_000])
        self.assertEqual([axis.ticks[0][1], axis.ticks[-1][1]], ["10", "10 k"])
        self.assertAlmostEqual(axis.place(10), 0)
        self.assertAlmostEqual(axis.place(20_000), 1)
        for values in ([1], [5, 5], [10, 100], [1e-6, 1e6], [2.5, 3]):
            axis = plot.logarithmic("x", values)
            for value in values:
                self.assertTrue(-1e-9 <= axis.place(value) <= 1 + 1e-9, values)
            self.assertGreaterEqual(len(axis.ticks), 2)
        sizes = [10 ** 6, 10 ** 8]
        self.assertEqual([value for value, _ in plot.logarithmic("x", sizes, at=sizes).ticks], sizes)

    def test_each_nine_takes_the_same_room(self):
        axis = plot.of_percentiles("x", (50, 90, 99, 99.9, 99.99))
        places = [axis.place(percent) for percent in (50, 90, 99, 99.9, 99.99)]
        self.assertEqual((places[0], places[4]), (0, 1))
        self.assertAlmostEqual(places[3] - places[2], places[2] - places[1])

    def test_points_lie_where_the_axes_say(self):
        axis = plot.linear("x", [10], 5)
        svg = plot.line_chart("t", [plot.Line("a", "#000", [(0, 0, ""), (10, 10, "tip")])], axis, axis,
                              width=404, height=250)
        corners = re.search(r'<polyline points="([^"]+)"', svg)[1].split()
        self.assertEqual(corners, ["76.0,232.0", "376.0,32.0"])
        self.assertIn("<title>tip</title>", svg)

    def test_bars_are_as_long_as_their_values(self):
        bars = [plot.Bar(name, "#000", parts, "") for name, parts in
                (("a", [(10, 1, ""), (10, .5, "")]), ("b", [(5, 1, "")]))]
        widths = [float(width) for width in
                  re.findall(r'width="([\d.]+)" fill=', plot.bar_chart("t", bars, "x"))]
        self.assertAlmostEqual(widths[0], widths[1])
        self.assertAlmostEqual(widths[0], 2 * widths[2], delta=0.2)

    def test_text_from_outside_is_escaped(self):
        axis = plot.linear("<&\"", [1])
        for svg in (plot.line_chart("<b>", [plot.Line("<i>", "#000", [(0, 1, "<u>")])], axis, axis),
                    plot.bar_chart("<b>", [plot.Bar("<i>", "#000", [(1, 1, "<u>")], "<u>")], "&")):
            xml.etree.ElementTree.fromstring(svg)


def measured(server, what, number=1, records=1000, fault=None, **more):
    return {"server": server, "what": what, "round": number, "records": records, "fault": fault, **more}


def a_run():
    """Two servers, two sizes; of knot's two floods one does not count."""
    found = []
    for server, scale in (("arpad", 1), ("knot", 2)):
        for records in (1000, 3000):
            found.append(measured(server, "load", records=records, seconds=scale * 0.5, huge=1000,
                                  anonymous=scale * records * 40, file=4096, store=0, load_average=0.5))
        found += [measured(server, "sweep", wanted=wanted, offered=wanted, answered=wanted / scale,
                           loss=1 - 1 / scale) for wanted in (200, 100)]
        found.append(measured(server, "paced", answered=20, loss=0, mean=30, max=99, lost=0, p50=20,
                              p90=30, p99=40, **{"p99.9": 50, "p99.99": 60}))
        found.append(measured(server, "closed", answered=100, mean=20, loss=0))
        found.append(measured(server, "flood", wanted=900, offered=500, answered=400, loss=0.2))
    found.append(measured("arpad", "import", seconds=0.7))
    found.append(measured("knot", "flood", 2, wanted=900, offered=500, answered=9, loss=.9,
                          fault="<REFUSED>"))
    return {"about": {"date": "today", "commit": "abc", "command": "bench/compare/run <x>"},
            "servers": ["arpad", "knot"], "titles": {"arpad": "arpad", "knot": "Knot <XDP>"},
            "sources": {"arpad": "its store", "knot": "the zone file"},
            "cores": 2, "rounds": 2, "seconds": 2, "traffic": 1000, "rate": 20, "flood": 900, "results": found}


class Medians(unittest.TestCase):
    def setUp(self):
        self.results = Results(a_run())

    def test_what_does_not_count_is_in_no_median(self):
        self.assertEqual(self.results.median("knot", "flood", "answered"), 400)
        self.assertEqual(self.results.faults(), [("Knot <XDP>", 2, "flood", "<REFUSED>")])
        self.assertIsNone(self.results.median("knot", "import", "seconds"))

    def test_sweep_is_in_order_and_ends_with_the_flood(self):
        self.assertEqual(self.results.sweep("knot"), [(100, 50, .5), (200, 100, .5), (500, 400, .2)])

    def test_memory(self):
        self.assertEqual(self.results.sizes(), [1000, 3000])
        self.assertEqual(self.results.memory("arpad", 1000), 41_000)
        self.assertEqual(self.results.bytes_a_further_record("knot"), 80)


class Page(unittest.TestCase):
    bench = [{"name": name, "run_name": name, "run_type": "iteration", "cpu_time": 5.0, "label": label}
             for name, label in (
                 ("p/4/hit/1M", "swap floor/1M"), ("p/4/hit/10M", "swap floor/10M"), ("swap", ""),
                 ("p/4/opt/10M", "p/4/hit/10M"), ("p/6/hit/10M", ""), ("parse", ""), ("floor/1M", ""),
                 ("floor/10M", ""))]

    def test_it_needs_nothing_else(self):
        page = report.page(a_run(), self.bench)
        for word in ("<script", "src=", "href=", "@import", "url("):
            self.assertNotIn(word, page)
        self.assertEqual(set(re.findall(r"https?://[^\"' <]+", page)), {"http://www.w3.org/2000/svg"})

    def test_every_plot_is_drawn_and_well_formed(self):
        page = report.page(a_run(), self.bench)
        drawn = re.findall(r"<svg.*?</svg>", page, re.S)
        titles = [xml.etree.ElementTree.fromstring(svg).get("aria-label") for svg in drawn]
        self.assertEqual(titles, [
            "Answered at overload", "Rate answered against rate offered", "Latency percentiles",
            "1k records", "3k records", "Each further record", "1k records", "3k records",
            "p/4: ns against table size"])  # and no p/6, which has one size only
        # swap and floor, each in the legend and as a line
        self.assertEqual(drawn[-1].count("stroke-dasharray"), 4)
        self.assertIn("p/6/hit", page)

    def test_names_and_sentences_are_escaped(self):
        page = report.page(a_run())
        for text in ("<XDP>", "<REFUSED>", "<x>"):
            self.assertNotIn(text, page)
        self.assertIn("Knot &lt;XDP&gt;", page)

    def test_a_server_of_which_nothing_counts(self):
        data = a_run()
        for each in data["results"]:
            if each["server"] == "knot":
                each["fault"] = "ended"
        self.assertIn("why it does not count", report.page(data))

    def test_other_work_on_the_machine_is_said_first(self):
        data = a_run()
        self.assertNotIn("other work", report.page(data))
        for each in data["results"]:
            each.update((key, 3.5) for key in ("load_average",) if key in each)
        page = report.page(data)
        self.assertLess(page.index("other work meanwhile"), page.index("<svg"))

    def test_nothing_was_measured(self):
        data = a_run()
        data["results"] = [measured("arpad", "load", fault="ended"), measured("knot", "load", fault="ended")]
        self.assertNotIn("<svg", report.page(data))


if __name__ == "__main__":
    unittest.main()
