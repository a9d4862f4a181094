# SPDX-License-Identifier: BSD-3-Clause
"""Files of names: large ones arrive whole, bad ones are refused whole; backups bring all back."""

import json
import sys

import tap
from lab import message, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, Pair

RECORDS = 100000
APEX_RECORDS = 3  # the SOA and two NS
ZONE = "10.0.0.0/8"  # only as names: nothing on the wire has such an address
BAD_LINES = {
    "256 is no TYPE": "3.2.1.10.in-addr.arpa. 300 IN NOSUCHTYPE host.example.net.",
    "a name without an address in a zone": "3.2.1.11.in-addr.arpa. PTR host.example.net.",
    "a label over 63": "3.2.1.10.in-addr.arpa. PTR " + "x" * 64 + ".example.net.",
    "a name over 255": "3.2.1.10.in-addr.arpa. PTR " + ("x" * 60 + ".") * 5,
    "a TTL that is too large": "3.2.1.10.in-addr.arpa. 2147483648 IN PTR host.example.net.",
    "an open parenthesis": "3.2.1.10.in-addr.arpa. PTR ( host.example.net.",
    "no data": "3.2.1.10.in-addr.arpa. PTR",
}


def address(index):
    return zonedata.FIRST_4.__class__("10.0.0.1") + index


class Import(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair)
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.client = Client(self.pair, SERVER_4)
        self.addCleanup(self.client.close)
        self.zone = self.arpad.directory / "zone"

    def load(self, count, bad_line=None, check=True):
        number = zonedata.write_zone(self.zone, (address(i) for i in range(count)), bad_line)
        done = self.arpad.ctl("zone", "import", ZONE, self.zone, check=check, timeout=120)
        return number, done

    def names(self, index):
        return self.client.ask(zonedata.arpa(address(index))).names()

    def test_a_bad_line_refuses_the_whole_file(self):
        self.load(100)
        self.arpad.ctl("ptr", "set", address(5), "kept.example.net.")
        for what, line in BAD_LINES.items():
            with self.subTest(what):
                number, done = self.load(1000, line, check=False)
                self.assertEqual(done.returncode, 1)
                said = done.stdout + done.stderr
                if "parenthesis" in what:
                    self.assertRegex(said, r"line \d+")
                else:
                    self.assertIn(f"line {number}", said.replace(":", " line "))
                self.assertEqual(self.names(5), ["kept.example.net."])
                self.assertEqual(self.names(99), [zonedata.name_of(address(99))])
                self.assertEqual(self.names(500), [])

    def test_a_file_that_is_not_there(self):
        done = self.arpad.ctl("zone", "import", ZONE, "/nonexistent/zone", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/zone", done.stdout + done.stderr)

    def test_100000_records_and_then_fewer(self):
        _, done = self.load(RECORDS)
        self.assertIn(str(RECORDS + APEX_RECORDS), (done.stdout + done.stderr).replace(",", ""))
        for index in range(0, RECORDS, 997):
            self.assertEqual(self.names(index), [zonedata.name_of(address(index))])
        shown = self.pair.client.run("dig", f"@{SERVER_4}", "+short", "-x", address(RECORDS - 1))
        self.assertEqual(shown.stdout.strip(), zonedata.name_of(address(RECORDS - 1)))
        # An import is the zone's whole contents: what the file lacks is gone.
        self.load(1000)
        self.assertEqual(self.names(999), [zonedata.name_of(address(999))])
        reply = self.client.ask(zonedata.arpa(address(RECORDS - 1)))
        self.assertEqual(reply.rcode, message.NXDOMAIN)
        # And it is durable.
        self.arpad.kill()
        self.arpad.start()
        self.assertEqual(self.names(999), [zonedata.name_of(address(999))])

    def write_names(self, form, indexes):
        path = self.arpad.directory / f"names.{form}"
        with open(path, "w", encoding="ascii") as out:
            for index in indexes:
                host, name = address(index), zonedata.name_of(address(index))
                out.write(f"{host},{name}\n" if form == "csv" else
                          json.dumps({"address": str(host), "names": [name]}) + "\n")
        return path

    def test_names_of_any_format_merge_and_are_durable(self):
        self.arpad.ctl("zone", "add", ZONE)
        self.arpad.ctl("ptr", "set", address(RECORDS + 7), "kept.example.net.")
        for form, first in (("csv", 0), ("ndjson", RECORDS // 2)):
            path = self.write_names(form, range(first, first + RECORDS // 2))
            said = self.arpad.ctl("import", path, "--dry-run").stdout
            self.assertIn(f"{RECORDS // 2} added", said)
            self.assertEqual(self.names(first), [])
            self.arpad.ctl("import", path, timeout=120)
        self.arpad.kill()
        self.arpad.start()
        for index in range(0, RECORDS, 997):
            self.assertEqual(self.names(index), [zonedata.name_of(address(index))])
        self.assertEqual(self.names(RECORDS + 7), ["kept.example.net."])

    def test_a_backup_brings_a_lost_store_back(self):
        self.load(1000)
        self.arpad.ctl("ptr", "set", address(5), "kept.example.net.", "--description", "text")
        backup = self.arpad.directory / "backup"
        self.arpad.ctl("store", "backup", backup)
        self.arpad.ctl("zone", "remove", ZONE)
        self.assertEqual(self.names(5), [])
        cut = self.arpad.directory / "cut"
        cut.write_bytes(backup.read_bytes()[:-40])
        self.assertEqual(self.arpad.ctl("store", "restore", cut, "--yes", check=False).returncode, 1)
        self.assertEqual(self.names(5), [])
        self.arpad.ctl("store", "restore", backup, "--yes")
        self.arpad.kill()
        self.arpad.start()
        self.assertEqual(self.names(5), ["kept.example.net."])
        self.assertEqual(self.names(999), [zonedata.name_of(address(999))])
        self.assertIn("text", self.arpad.ctl("ptr", "show", address(5)).stdout)

    def test_the_wire_is_served_during_an_import(self):
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        zonedata.write_zone(self.zone, (address(i) for i in range(RECORDS)))
        queries = self.arpad.directory / "queries"
        queries.write_text("7.0.18.198.in-addr.arpa. PTR\n")
        load = self.pair.client.start("dnsperf", "-s", SERVER_4, "-d", queries, "-l", 6,
                                      "-Q", 1000, stdout=-1, stderr=-3, text=True)
        self.arpad.ctl("zone", "import", ZONE, self.zone, timeout=120)
        shown, _ = load.communicate(timeout=60)
        self.assertRegex(shown, r"Queries lost:\s+0 ")


if __name__ == "__main__":
    sys.exit(tap.main())
