# SPDX-License-Identifier: BSD-3-Clause
"""One zone, its query list and its right answers, of any size up to a /8 of addresses.

10.0.0.0/8 occurs only in names: nothing on the wire has such an address.
"""

import functools
import ipaddress
import random

from lab import zonedata

ZONE = "10.0.0.0/8"
APEX = zonedata.apex(ZONE)
FIRST = ipaddress.ip_address("10.0.0.1")
RECORDS_MAX = 2 ** 24 - 2
QUERIES_MAX = 1_000_000  # what kxdpgun keeps in memory; beyond, a uniform sample stands for the zone
SAMPLES = 64
LINES_AT_ONCE = 100_000  # bounds this process's memory when the zone has ten million


def address(index):
    return FIRST + index


def arpa(number):
    """zonedata.arpa() of an IPv4 address given as a number; some ten times as fast."""
    return (f"{number & 255}.{number >> 8 & 255}.{number >> 16 & 255}.{number >> 24}"
            ".in-addr.arpa.")


def name(number):
    """zonedata.name_of(), likewise."""
    return (f"host-{number >> 24}-{number >> 16 & 255}-{number >> 8 & 255}-{number & 255}"
            ".example.net.")


def wire_octets(text):
    return len(text) + 1


class Workload:
    """The files of one size, in a directory that the caller removes."""

    def __init__(self, directory, records):
        if not 0 < records <= RECORDS_MAX:
            raise ValueError(f"{records} records: 1 to {RECORDS_MAX} fit in {ZONE}")
        self.records = records
        self.zone, self.queries = directory / "zone", directory / "queries"
        pick = random.Random(53)  # the same on every run
        self.asked = pick.sample(range(records), min(records, QUERIES_MAX))
        last = records - 1
        self.samples = [last, *pick.sample(range(records), min(records, SAMPLES) - 1)]

    def write(self):
        first = int(FIRST)
        with open(self.zone, "w", encoding="ascii") as out:
            out.write(zonedata.HEAD)
            for start in range(0, self.records, LINES_AT_ONCE):
                out.writelines(
                    f"{arpa(number)} PTR {name(number)}\n" for number in
                    range(first + start, first + min(start + LINES_AT_ONCE, self.records)))
        with open(self.queries, "w", encoding="ascii") as out:
            out.writelines(f"{arpa(first + index)} PTR\n" for index in self.asked)

    @functools.cached_property
    def reply_octets(self):
        """The mean size of the right replies to the query list: header, question, one PTR record."""
        first = int(FIRST)
        total = sum(wire_octets(arpa(first + index)) + wire_octets(name(first + index))
                    for index in self.asked)
        return 12 + 4 + 12 + total / len(self.asked)

    def missing(self):
        """A name in the zone that has no record."""
        return arpa(int(FIRST) + self.records)
