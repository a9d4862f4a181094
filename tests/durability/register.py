# SPDX-License-Identifier: BSD-3-Clause
"""Registers: is a history of writes and reads of one address linearizable?

Every written value is unique, so a value's write and its reads are a cluster. A cluster's zone goes
from the earliest end to the latest beginning of its operations (Gibbons and Korach, "Testing Shared
Memories", 1997): forward if that end comes first. The history is linearizable if no two forward
zones overlap and no backward zone lies within a forward one, and no read ends before its write began.
"""

import math


class Operation:
    """begin and end are times; a write that was never answered ends at infinity."""

    __slots__ = ("begin", "end", "value", "writes")

    def __init__(self, begin, end, value, writes):
        self.begin, self.end, self.value, self.writes = begin, end, value, writes


def violation(history, initial=None):
    """A sentence about the history of one address, or None. `initial` was there before all."""
    clusters = {}
    for operation in history:
        clusters.setdefault(operation.value, []).append(operation)
    clusters.setdefault(initial, []).append(Operation(-math.inf, -math.inf, initial, True))
    zones = []
    for value, operations in clusters.items():
        writes = [each for each in operations if each.writes]
        reads = [each for each in operations if not each.writes]
        if not writes:
            return f"{value} was read and never written"
        if not reads and math.isinf(writes[0].end) and value != initial:
            continue  # unanswered and unseen: it need not have happened
        if any(each.end < writes[0].begin for each in reads):
            return f"{value} was read before it was written"
        zones.append((min(each.end for each in operations), max(each.begin for each in operations),
                      value))
    forward = sorted(zone for zone in zones if zone[0] < zone[1])
    for one, two in zip(forward, forward[1:]):
        if two[0] < one[1]:
            return f"{one[2]} was read after {two[2]} was, and before it as well"
    for end, begin, value in zones:
        if end < begin:
            continue
        if any(low < begin and end < high for low, high, _ in forward):
            return f"{value} came and went while another value was there all the time"
    return None
