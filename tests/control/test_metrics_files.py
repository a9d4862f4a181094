# SPDX-License-Identifier: BSD-3-Clause
"""Alert rules, dashboard and manual name the metrics that there are, and Prometheus takes the rules."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "control" / "metrics"
RULES, DASHBOARD, MANUAL = FOLDER / "arpad.rules.yml", FOLDER / "grafana.json", ROOT / "docs" / "metrics.md"
NAME = re.compile(r"\b(?:arpad|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(bucket|sum|count)$")
FAMILY = re.compile(r'(?:exposition_(gauge|counter|histogram)\(\s*(?:exposition,\s*)?|^\t\{)"'
                    r'((?:arpad|process)_[a-z_]+)"', re.MULTILINE)


def families():
    """Every family that the code tells: name to kind. A row of a table is a counter."""
    found = {}
    for path in sorted(FOLDER.glob("render*.c")):
        for kind, name in FAMILY.findall(path.read_text()):
            found[name] = kind or "counter"
    return found


def documented():
    """Every family with a row in the manual: name to kind."""
    rows = re.findall(r"^\| `([a-z_]+)` \| (\w+) \|", MANUAL.read_text(), re.MULTILINE)
    return dict(rows)


def named(expression):
    """The metrics that an expression asks for."""
    text = re.sub(r'"[^"]*"', '""', expression)
    return {SUFFIX.sub("", name) for name in NAME.findall(text)}


def dashboard_expressions():
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


class Files(unittest.TestCase):
    def test_the_manual_has_every_metric_and_no_other(self):
        self.assertGreater(len(families()), 60)
        self.assertEqual(documented(), families())

    def test_the_manual_has_every_alert(self):
        alerts = re.findall(r"^      - alert: (\w+)$", RULES.read_text(), re.MULTILINE)
        self.assertGreater(len(alerts), 15)
        rows = re.findall(r"^\| `(Arpad\w+)` \|", MANUAL.read_text(), re.MULTILINE)
        self.assertEqual(sorted(rows), sorted(alerts))

    def test_rules_ask_for_what_there_is(self):
        for name in named(re.sub(r"annotations:\n(?: {10}.*\n)+", "", RULES.read_text())):
            self.assertIn(name, families())

    def test_the_dashboard_asks_for_what_there_is(self):
        count = 0
        for title, expression in dashboard_expressions():
            self.assertLessEqual(named(expression), set(families()), title)
            count += 1
        self.assertGreater(count, 30)

    def test_panels_do_not_overlap_and_say_their_unit(self):
        taken = {}
        for panel in json.loads(DASHBOARD.read_text())["panels"]:
            place = panel["gridPos"]
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertLess(x, 24, panel["title"])
                    self.assertIsNone(taken.setdefault((x, y), None), panel["title"])
                    taken[x, y] = panel["title"]
            if panel["type"] != "row":
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"], panel["title"])

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed: apt-get install prometheus")
    def test_promtool_takes_the_rules(self):
        for words in (("check", "rules", RULES),
                      ("test", "rules", ROOT / "tests" / "control" / "metrics_alerts.yml")):
            done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=2).result
    sys.exit(0 if result.wasSuccessful() else 1)
