# SPDX-License-Identifier: BSD-3-Clause
"""The queries of one group: names derived from what its zones hold, types that are and are not."""

from features import ODD_LABELS, OUTSIDE, digit, mangle
from wire import CLASS_ANY, CLASS_CH, CLASS_IN, CLASS_NONE, TYPES, Query, lower, wire_length

COMMON = ("PTR", "PTR", "PTR", "ANY", "CNAME", "NS", "SOA", "DS", "TXT", "A", "AAAA", "DNAME",
          "DHCID", "TYPE65280", "TYPE65281", "MX", "DNSKEY", "NSEC", "HINFO")
META = (0, TYPES["RRSIG"], TYPES["MAILB"], TYPES["AXFR"], TYPES["IXFR"], TYPES["OPT"], 128, 249,
        250, 65535)
RD, AD, CD = 0x0100, 0x0020, 0x0010
STRAY_BITS = (0, AD, CD, 0x0040, 0x0400, 0x0200)    # and Z, AA, TC, which a query should not set


def make_queries(group, count):
    rng = group.rng
    names = [(maker, zone) for zone in group.zones for maker, weight in MAKERS
             for _ in range(weight)]
    queries = {}
    for _ in range(count * 20):
        if len(queries) == count:
            break
        maker, zone = rng.choice(names)
        name = maker(group, zone)
        if name is None or wire_length(name) > 255 or any(len(label) > 63 for label in name):
            continue
        query = dress(group, zone, name)
        queries.setdefault((lower(query.qname),) + query[1:], query)
    return list(queries.values())


def dress(group, zone, name):
    """Type, class, EDNS and header bits for a name."""
    rng = group.rng
    held = sorted(zone.nodes.get(lower(name), ()))
    if "NS" in held and rng.random() < 0.2:
        qtype = TYPES["DS"]             # at cuts and apexes, where it matters whose data it is
    elif held and rng.random() < 0.5:
        qtype = TYPES[rng.choice(held)]
    elif rng.random() < 0.006:
        qtype = rng.choice(META)
    else:
        qtype = TYPES[rng.choice(COMMON)]
    qclass = CLASS_IN
    if rng.random() < 0.003:
        qclass = rng.choice((CLASS_ANY, CLASS_CH, CLASS_NONE, 0))
    size = rng.choices((1232, 0, 512, 4096, 100), (70, 20, 4, 4, 2))[0]
    flags = (RD if rng.random() < 0.5 else 0) | rng.choices(STRAY_BITS, (92, 3, 3, 1, 1, 1))[0]
    if rng.random() < 0.3:
        name = mangle(rng, name)
    return Query(name, qtype, qclass, size, bool(size) and rng.random() < 0.25, flags)


def owner(group, zone):
    return group.rng.choice(list(zone.nodes))


def above(group, zone):
    """A name between an owner and the apex: an empty non-terminal, or an owner itself."""
    name = owner(group, zone)
    return name[group.rng.randint(0, len(name) - len(zone.apex)):]


def below(group, zone):
    name = owner(group, zone)
    for _ in range(group.rng.choice((1, 1, 1, 2, 4))):
        name = (group.rng.choice((digit(group), b"x", b"*", b"sub", b"ns")),) + name
    return name


def beside(group, zone):
    return (group.rng.choice((digit(group), b"*", b"sub")),) + owner(group, zone)[1:]


def odd(group, zone):
    name = above(group, zone)
    return (group.rng.choice(ODD_LABELS),) + name[group.rng.randint(0, 1):]


def of_type(rrtype):
    """Names at, or below, an owner of the type."""
    def maker(group, zone):
        owners = [key for key, types in zone.nodes.items() if rrtype in types]
        if not owners:
            return None
        name = group.rng.choice(owners)
        for _ in range(group.rng.choice((0, 1, 1, 2))):
            name = (group.rng.choice((digit(group), b"*", b"sub", b"ns", b"1", b"7")),) + name
        return name
    return maker


def covered(group, zone):
    """Names that a wildcard covers, or nearly does."""
    owners = [key for key in zone.nodes if b"*" in key]
    if not owners:
        return None
    name = group.rng.choice(owners)
    name = name[name.index(b"*") + 1:]
    for _ in range(group.rng.choice((1, 1, 2, 3))):
        name = (group.rng.choice((digit(group), b"x", b"sub", b"*")),) + name
    return name


def long_below_dname(group, zone):
    """Below a DNAME, of a length around where the target no longer fits."""
    rng = group.rng
    owners = [(key, zone.rrsets[key, "DNAME"].rdatas[0].target)
              for key, types in zone.nodes.items() if "DNAME" in types]
    if not owners:
        return None
    name, target = rng.choice(owners)
    room = 255 - max(wire_length(name), wire_length(target)) + rng.choice((-1, 0, 0, 1, 1, 2, 60))
    room = min(room, 255 - wire_length(name))
    while room > 1:
        size = min(room - 1, 63, rng.choice((1, 10, 63)))
        name = (b"d" * size,) + name
        room -= size + 1
    return name


def outside(group, zone):
    rng = group.rng
    return rng.choice((zone.apex[1:], (b"no",) + zone.apex[1:], (b"h1", b"hosts") + OUTSIDE, (),
                       (b"arpa",), group.base[-2:], (b"1",) + group.base[1:]))


MAKERS = (
    (owner, 24), (above, 10), (below, 12), (beside, 10), (odd, 6), (covered, 14), (outside, 2),
    (lambda group, zone: zone.apex, 4), (long_below_dname, 8), (of_type("NS"), 8),
    (of_type("DNAME"), 5), (of_type("CNAME"), 4),
)
