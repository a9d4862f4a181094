# SPDX-License-Identifier: BSD-3-Clause
"""What a generated zone may hold: one function a feature, each adding it at a random place.

A feature asks the zone to take each RRset and leaves out what the zone may not hold.
"""

import base64

from wire import lower, to_text, wire_length
from zones import Rdata

OUTSIDE = (b"example", b"net")          # no server here is authoritative for it

ODD_LABELS = (b"01", b"007", b"256", b"999999999999", b"-1", b"0x1", b"1 ", b"\0", b"\xff",
              b"a.b", b"1.2", b"UPPER", b"_dns-sd", b"_udp", b"\\", b'"', b";", b"(", b"@", b"$",
              b"0-25", b"0/25", b"128/25", b"a*", b"**", b"\xc3\xa4", b"x" * 63)
TTLS = (0, 1, 60, 300, 3600, 86400, 2147483647)
CHAIN_LENGTHS = (1, 1, 1, 1, 2, 2, 3, 4, 6, 9, 14, 20)


def step_down(group, name, count):
    for _ in range(count):
        name = (digit(group),) + name
    return name


def digit(group):
    """A label of the group's tree; from few values, so that names meet each other."""
    rng = group.rng
    if group.is_ip6:
        return rng.choice((b"0", b"0", b"0", b"1", b"2", b"a", b"f"))
    return str(rng.choice((0, 1, 1, 2, 3, 5, 64, 128, 255, rng.randint(0, 255)))).encode()


def host(group, zone):
    """An owner in the zone that is (nearly always) a whole address."""
    total = 34 if group.is_ip6 else 6
    missing = max(1, total - len(zone.apex))
    if group.is_ip6 and group.rng.random() < 0.5:
        missing = min(missing, group.rng.randint(1, 4))
    return step_down(group, zone.apex, missing)


def mangle(rng, name):
    """The same name with letters in another case (RFC 4343)."""
    return tuple(bytes(c ^ 0x20 if chr(c).isascii() and chr(c).isalpha() and rng.random() < 0.5
                       else c for c in label) for label in name)


def owner_for(group, zone):
    rng = group.rng
    name = host(group, zone)
    if rng.random() < 0.15:
        name = (rng.choice(ODD_LABELS),) + name[rng.randint(0, 1):]
    return mangle(rng, name) if rng.random() < 0.1 else name


def ttl_for(group):
    return group.rng.choice(TTLS)


def target_in(group, zone):
    """Where a CNAME or DNAME may point: here, below, elsewhere among our zones, outside."""
    rng = group.rng
    pick = rng.random()
    if pick < 0.35:
        return rng.choice(list(zone.nodes))
    if pick < 0.45:
        return (rng.choice((b"sub", b"*", b"7")),) + rng.choice(list(zone.nodes))
    if pick < 0.55:
        return host(group, zone)
    if pick < 0.75:
        other = rng.choice(group.zones)
        return rng.choice(list(other.nodes) + [host(group, other)])
    if pick < 0.80:
        return zone.apex
    if pick < 0.85:
        return mangle(rng, (b"Host", b"UPPER") + OUTSIDE)
    return (f"h{rng.randint(0, 9)}".encode(), b"hosts") + OUTSIDE


def name_rdata(name):
    return Rdata(to_text(name), lower(name))


def fill_apex(group, zone):
    rng = group.rng
    numbers = [rng.randint(1, 2**32 - 1), 3600, 900, 604800, rng.choice((0, 1, 60, 300, 86400))]
    soa = f"ns1.example.net. hostmaster.example.net. {' '.join(map(str, numbers))}"
    zone.add(zone.apex, "SOA", ttl_for(group), [Rdata(soa)])
    servers = [name_rdata((b"ns1",) + OUTSIDE)]
    if rng.random() < 0.4:
        inside = (b"ns",) + zone.apex
        servers.append(name_rdata(inside))
        put(group, zone, inside, "A")
    zone.add(zone.apex, "NS", ttl_for(group), servers)
    for rrtype in ("TXT", "PTR", "DHCID", "MX", "TYPE65280"):
        if rng.random() < 0.15:
            put(group, zone, zone.apex, rrtype)


def rdata_of(group, rrtype):
    rng = group.rng
    if rrtype == "A":
        return Rdata(f"192.0.2.{rng.randint(1, 254)}")
    if rrtype == "AAAA":
        return Rdata(f"2001:db8::{rng.randint(1, 0xFFFF):x}")
    if rrtype == "TXT":
        words = ['"a b"', '"v=1;\\"q\\""', '"\\000\\255"', '""', f'"{rng.random():.6f}"',
                 '"' + "t" * 255 + '"']
        return Rdata(" ".join(rng.sample(words, rng.randint(1, 3))))
    if rrtype == "DHCID":
        return Rdata(base64.b64encode(b"\0\1\1" + rng.randbytes(32)).decode())
    if rrtype == "TYPE65280":
        data = rng.randbytes(rng.choice((0, 1, 20, 255)))
        return Rdata(f"\\# {len(data)} {data.hex()}")
    if rrtype == "DS":
        kind, size = rng.choice(((1, 20), (2, 32), (4, 48)))
        return Rdata(f"{rng.randint(1, 65535)} 13 {kind} {rng.randbytes(size).hex()}")
    if rrtype == "HINFO":
        return Rdata('"cpu" "os"')
    if rrtype == "CAA":
        return Rdata('0 issue "ca.example.net"')
    name = (rng.choice((b"mail", b"Host", b"h1")), b"hosts") + OUTSIDE
    if rrtype == "MX":
        return Rdata(f"{rng.randint(0, 50)} {to_text(name)}")
    if rrtype == "SRV":
        return Rdata(f"0 {rng.randint(0, 50)} 53 {to_text(name)}")
    if rrtype == "RP":
        return Rdata(f"admin.example.net. {to_text(name)}")
    return name_rdata((f"h{rng.randint(0, 999)}".encode(),) + name)


def put(group, zone, owner, rrtype, count=1):
    """Random data of the type at the owner; False if the zone may not hold it."""
    return zone.add(owner, rrtype, ttl_for(group),
                    [rdata_of(group, rrtype) for _ in range(count)])


def ptr(group, zone):
    put(group, zone, owner_for(group, zone), "PTR", group.rng.choice((1, 1, 1, 2, 3)))


def many_ptr(group, zone):
    """Ten names, long ones at times: more than 512 or 1232 octets."""
    owner = owner_for(group, zone)
    filler = b"n" * group.rng.choice((3, 20, 40, 61))
    names = [(f"p{count}".encode(), filler, filler, filler[:50]) + OUTSIDE for count in range(10)]
    zone.add(owner, "PTR", 300, [name_rdata(name) for name in names])


def misc(group, zone):
    owner = owner_for(group, zone)
    types = ("TXT", "DHCID", "TYPE65280", "A", "AAAA", "MX", "SRV", "RP", "HINFO", "CAA", "PTR")
    for rrtype in group.rng.sample(types, group.rng.randint(1, 4)):
        put(group, zone, owner, rrtype, group.rng.choice((1, 1, 2, 4)))


def odd_owner(group, zone):
    owner = zone.apex
    for _ in range(group.rng.randint(1, 3)):
        owner = (group.rng.choice(ODD_LABELS),) + owner
    put(group, zone, owner, group.rng.choice(("PTR", "TXT", "TYPE65280")))


def longest_owner(group, zone):
    """An owner of 255 octets, as long as a name can be."""
    owner = host(group, zone)
    while wire_length(owner) < 254:
        owner = (b"l" * min(62, 254 - wire_length(owner)),) + owner
    put(group, zone, owner, "PTR")


def empty_non_terminal(group, zone):
    owner = step_down(group, host(group, zone), group.rng.randint(1, 3))
    put(group, zone, owner, group.rng.choice(("PTR", "TXT")))


def cut(group, zone, owner):
    """A zone cut: NS (inside, beside or outside), glue, at times DS, and occluded data below."""
    rng = group.rng
    inside = (b"ns",) + owner
    beside = [(b"ns",) + key for key, types in zone.nodes.items() if "NS" in types]
    places = [inside, inside, (b"ns1",) + OUTSIDE, (b"ns2",) + OUTSIDE, (b"a", b"ns") + owner]
    servers = list(dict.fromkeys(rng.sample(places + beside, rng.randint(1, 3))))
    if not zone.add(owner, "NS", ttl_for(group), [name_rdata(name) for name in servers]):
        return
    for server in servers:
        for rrtype in ("A", "AAAA"):
            if rng.random() < 0.6:
                put(group, zone, server, rrtype)
    if rng.random() < 0.4:
        put(group, zone, owner, "DS", rng.randint(1, 2))
    if rng.random() < 0.2:
        put(group, zone, owner, rng.choice(("TXT", "PTR")))
    for _ in range(rng.choice((0, 0, 1, 2))):
        occlude(group, zone, owner)


def occlude(group, zone, owner):
    """Something below a cut that must never be answered with."""
    rng = group.rng
    below = (rng.choice((b"*", b"1", b"7", b"sub")),) + owner
    rrtype = rng.choice(("PTR", "TXT", "CNAME", "NS", "DNAME", "DS"))
    if rrtype == "DS":                  # a DS has a cut of its own
        put(group, zone, below, "NS")
    if rrtype in ("CNAME", "DNAME", "NS"):
        zone.add(below, rrtype, 300, [name_rdata(target_in(group, zone))])
    else:
        put(group, zone, below, rrtype)


def delegation(group, zone):
    rng = group.rng
    owner = host(group, zone)
    if rng.random() < 0.6:
        owner = owner[rng.randint(0, len(owner) - len(zone.apex) - 1):]
    if rng.random() < 0.1:
        owner = (rng.choice((b"01", b"\xff", b"a.b", b"UPPER", b"_sub")),) + owner[1:]
    cut(group, zone, owner)


def classless(group, zone):
    """RFC 2317: a range delegated or held under a name of its own, CNAMEs into it."""
    rng = group.rng
    above = host(group, zone)[1:]
    if len(above) < len(zone.apex):
        return
    middle = (rng.choice((b"0-25", b"0/25", b"128/26", b"64-127")),) + above
    is_delegated = rng.random() < 0.6
    if is_delegated:
        cut(group, zone, middle)
    for last in rng.sample(range(0, 16), rng.randint(1, 4)):
        label = str(last).encode()
        zone.add((label,) + above, "CNAME", ttl_for(group), [name_rdata((label,) + middle)])
        if not is_delegated and rng.random() < 0.8:
            put(group, zone, (label,) + middle, "PTR")


def cname_chain(group, zone):
    """One CNAME or many, ending anywhere or going round."""
    rng = group.rng
    length = rng.choice(CHAIN_LENGTHS)
    owners = [owner_for(group, zone) for _ in range(length)]
    if length > 3:                      # few hosts to choose from: name the links
        owners = [(f"c{link}".encode(),) + owners[0] for link in range(length)]
    last = rng.choice(owners) if rng.random() < 0.2 else target_in(group, zone)
    for owner, target in zip(owners, owners[1:] + [last]):
        zone.add(owner, "CNAME", ttl_for(group), [name_rdata(target)])


def cname_across(group, zone):
    """A CNAME into another of our zones: to data, to nothing, below a cut there."""
    others = [other for other in group.zones if other is not zone]
    if others:
        other = group.rng.choice(others)
        target = group.rng.choice(list(other.nodes) + [host(group, other)])
        zone.add(owner_for(group, zone), "CNAME", 300, [name_rdata(target)])


def dname(group, zone):
    """A DNAME, at times with a target so long that names below it do not fit (RFC 6672 2.2)."""
    rng = group.rng
    owner = owner_for(group, zone)
    if rng.random() < 0.5:
        owner = owner[rng.randint(0, len(owner) - len(zone.apex) - 1):]
    target = target_in(group, zone)
    if rng.random() < 0.4:
        label = b"t" * rng.choice((20, 40, 60))
        while wire_length(target) + len(label) < 240:
            target = (label,) + target
    if rng.random() < 0.05:             # into its own subtree: grows until it no longer fits
        target = (b"in",) + owner
    if zone.add(owner, "DNAME", ttl_for(group), [name_rdata(target)]) and rng.random() < 0.3:
        put(group, zone, owner, rng.choice(("TXT", "PTR", "TYPE65280")))


def apex_dname(group, zone):
    """The whole zone renamed; possible only while nothing stands below its apex."""
    zone.add(zone.apex, "DNAME", ttl_for(group), [name_rdata(target_in(group, zone))])


def wildcard(group, zone):
    """RFC 4592: a wildcard, and names beside and below it that limit what it covers."""
    rng = group.rng
    above = host(group, zone)
    above = above[rng.randint(1, len(above) - len(zone.apex)):]
    owner = (b"*",) + above
    pick = rng.random()
    if pick < 0.35:
        zone.add(owner, "CNAME", ttl_for(group), [name_rdata(target_in(group, zone))])
    else:
        for rrtype in rng.sample(("PTR", "TXT", "A", "TYPE65280"), rng.randint(1, 2)):
            put(group, zone, owner, rrtype, rng.randint(1, 2))
    if rng.random() < 0.4:
        put(group, zone, (digit(group),) + above, "PTR")
    if rng.random() < 0.3:
        put(group, zone, (b"x", digit(group)) + above, "TXT")
    if rng.random() < 0.2:
        put(group, zone, (rng.choice((b"sub", b"*")),) + owner, "PTR")


def dname_wildcard(group, zone):
    """A wildcard DNAME, whose meaning RFC 6672 3.3 leaves open."""
    owner = (b"*",) + host(group, zone)[1:]
    zone.add(owner, "DNAME", ttl_for(group), [name_rdata(target_in(group, zone))])


WEIGHTED = (
    (ptr, 14), (many_ptr, 2), (misc, 10), (odd_owner, 8), (longest_owner, 1),
    (empty_non_terminal, 8), (delegation, 12), (classless, 8), (cname_chain, 12),
    (cname_across, 6), (dname, 12), (apex_dname, 1), (wildcard, 12), (dname_wildcard, 1),
)
FEATURES, WEIGHTS = zip(*WEIGHTED)
