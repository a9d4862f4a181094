# SPDX-License-Identifier: BSD-3-Clause
"""What a query meets in the zones: the steps of RFC 1034 4.3.2, RFC 4592 and RFC 6672 as words.

The words name the causes of disagreements, so that five hundred equal ones are one line. They are
not an oracle: the peers are.
"""

from wire import CLASS_IN, TYPES, is_under, lower, type_name

MAX_STEPS = 40      # more than any server follows
FAMILIES = ("ANY", "DS", "SOA", "NS", "CNAME", "DNAME")
LOOKUP_TYPES = frozenset(TYPES.values()) - {TYPES[name] for name in (
    "OPT", "RRSIG", "MAILB", "AXFR", "IXFR")}


def type_family(query):
    """The QTYPE where it matters by itself, else `data`."""
    if query.qclass != CLASS_IN:
        return f"CLASS{query.qclass}"
    name = type_name(query.qtype)
    if name in FAMILIES:
        return name
    return "data" if query.qtype in LOOKUP_TYPES else name


def situation(zones, query):
    """Steps of the lookup, such as `cname>other:nodata`; runs of one step are written `cname+`."""
    qname, steps, seen, home = lower(query.qname), [], set(), None
    for _ in range(MAX_STEPS):
        if qname in seen:
            return join(steps + ["loop"])
        seen.add(qname)
        zone = find_zone(zones, qname, query.qtype)
        if zone is None:
            return join(steps + ["outside"])
        home = home or zone
        step, qname = look(zone, qname, query.qtype)
        steps.append(step if zone is home else "other:" + step)
        if qname is None:
            return join(steps)
    return join(steps + ["long"])


def join(steps):
    words = []
    for step in steps:
        if words and words[-1].rstrip("+") == step:
            words[-1] = step + "+"
        else:
            words.append(step)
    return ">".join(words)


def find_zone(zones, qname, qtype):
    """The deepest zone; for DS at an apex the zone above it, if that is ours (RFC 4035 3.1.4.1)."""
    found = [zone for zone in zones if is_under(qname, zone.apex)]
    found.sort(key=lambda zone: len(zone.apex))
    if qtype == TYPES["DS"] and len(found) > 1 and found[-1].apex == qname:
        found.pop()
    return found[-1] if found else None


def look(zone, qname, qtype):
    """One step in one zone: its word, and the name that the lookup goes on with or None."""
    extra = len(qname) - len(zone.apex)
    for depth in range(extra, -1, -1):
        name = qname[depth:]
        types = zone.nodes.get(name, ())
        if "NS" in types and depth < extra:
            if depth:
                return "below-cut", None
            if qtype != TYPES["DS"]:
                return "at-cut", None
            return ("ds-at-cut" if "DS" in types else "no-ds-at-cut"), None
        if "DNAME" in types and depth:
            return rename(zone, name, qname, depth)
    types = zone.nodes.get(qname)
    if types is not None:
        return answer(zone, qname, qtype, types, "apex-" if not extra else "")
    if qname in zone.inner:
        return "ent", None
    return wildcard(zone, qname, qtype, extra)


def wildcard(zone, qname, qtype, extra):
    for depth in range(1, extra + 1):
        encloser = qname[depth:]
        if encloser in zone.nodes or encloser in zone.inner:
            star = (b"*",) + encloser
            if star in zone.nodes:
                return answer(zone, star, qtype, zone.nodes[star], "wild-")
            return ("wild-ent" if star in zone.inner else "nxdomain"), None
    return "nxdomain", None


def rename(zone, owner, qname, depth):
    target = zone.rrsets[owner, "DNAME"].rdatas[0].target
    renamed = qname[:depth] + target
    if sum(len(label) + 1 for label in renamed) > 254:
        return "yxdomain", None
    return "dname", renamed


def answer(zone, owner, qtype, types, prefix):
    if "CNAME" in types and qtype not in (TYPES["CNAME"], TYPES["ANY"]):
        return prefix + "cname", zone.rrsets[owner, "CNAME"].rdatas[0].target
    if "DNAME" in types and prefix == "wild-":
        return "wild-dname", None
    if qtype == TYPES["ANY"] or type_name(qtype) in types:
        return prefix + "hit", None
    return prefix + "nodata", None
