# SPDX-License-Identifier: BSD-3-Clause
"""Seed -> groups of small reverse zones, and the queries that try them.

A group is one to four zones that belong together (nested, or pointing at each other) under a
prefix of its own, so that thousands of groups live in one server. A group depends on the seed and
its number alone: any of them can be made again without the others.
"""

import random

from features import FEATURES, WEIGHTS, cut, fill_apex, step_down
from wire import is_under
from zones import Zone

IN_ADDR = (b"in-addr", b"arpa")
IP6 = (b"ip6", b"arpa")


class Group:
    """Zones, parents before children, and the random stream that they are made from."""

    def __init__(self, seed, number):
        self.seed, self.number = seed, number
        self.rng = random.Random(f"{seed}/{number}")
        self.is_ip6 = self.rng.random() < 0.5
        self.base = self.make_base()
        self.zones = []

    def make_base(self):
        if not self.is_ip6:             # a /16 of 10/8, then of 240/4
            high, low = divmod(self.number, 256)
            first = 10 if high == 0 else 239 + high
            return (str(low).encode(), str(first).encode()) + IN_ADDR
        nibbles = f"fd{self.number:06x}"    # a /32 of fd00::/8
        return tuple(c.encode() for c in reversed(nibbles)) + IP6


def make_group(seed, number):
    group = Group(seed, number)
    apexes = choose_apexes(group)
    group.zones = [Zone(apex) for apex in apexes]
    for zone in group.zones:
        zone.family = group.zones
        fill_apex(group, zone)
    for zone in group.zones:
        link_children(group, zone)
    for zone in group.zones:
        features = group.rng.choices(FEATURES, WEIGHTS, k=group.rng.randint(5, 11))
        for feature in features:
            feature(group, zone)
    return group


def choose_apexes(group):
    rng = group.rng
    if not group.is_ip6:
        depth = rng.choice((0, 0, 1, 1, 1, 2))
    else:
        depth = rng.choice((0, 0, 4, 4, 8, 8, 16, 23, 24))
    apex = step_down(group, group.base, depth)
    apexes = [apex]
    if rng.random() < 0.12:             # RFC 2317: the apex is not on an octet
        apexes = [(rng.choice((b"0-25", b"0/25", b"128-255", b"64/26")),) + apex]
    if rng.random() < 0.6:
        child = step_down(group, apexes[0], rng.choice((1, 1, 2)))
        if rng.random() < 0.3:
            child = (rng.choice((b"0/25", b"0-25", b"_sub", b"01")),) + apexes[0]
        apexes.append(child)
        if rng.random() < 0.4:
            apexes.append(step_down(group, child, rng.choice((1, 2))))
    if rng.random() < 0.3:              # a zone beside the first, not below it
        apexes.append((b"zz",) + group.base)
    return list(dict.fromkeys(apexes))


def link_children(group, zone):
    """Most parents delegate to the child that is served beside them; some do not."""
    for child in group.zones:
        is_below = child is not zone and is_under(child.apex, zone.apex)
        if is_below and group.rng.random() < 0.8:
            cut(group, zone, child.apex)
