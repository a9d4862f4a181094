# SPDX-License-Identifier: BSD-3-Clause
"""What a query meets in the zones: the steps of RFC 1034 4.3.2, RFC 4592 and RFC 6672 as words.

The words name the causes of disagreements, so that five hundred equal ones are one line. They are
not an oracle: the peers are.
"""

from wire import CLASS_IN, TYPES, is_under, lower, type_name

MAX_STEPS = 40      # more than any server follows
FAMILIES = ("ANY", "DS", "SOA", "NS", "CNAME", "DNAME", "NSEC")
META = frozenset([0, 128, 249, 250] + [TYPES[name] for name in (
    "OPT", "RRSIG", "MAILB", "AXFR", "IXFR")])


def type_family(query):
    """The QTYPE where it matters by itself, else `data`."""
    if query.qclass != CLASS_IN:
        return f"CLASS{query.qclass}"
    name = type_name(query.qtype)
    return name if name in FAMILIES or query.qtype in META else "data"


def situation(zones, query):
    """Steps of the lookup, such as `cname>other:nodata`; runs of one step are written `cname+`.

    In front stand the circumstances that servers are known to differ by: `undelegated`, `shared`
    (another zone of ours has names or a wildcard just here), `over5` and `over11` aliases followed
    in one zone, a `star-dname` in the way."""
    if query.qclass != CLASS_IN or query.qtype in META:
        return "meta"
    tags, steps = [], []
    walk(zones, lower(query.qname), query.qtype, tags, steps)
    aliases = sum(step.endswith(("cname", "dname")) for step in steps)
    tags += ["over11"] if aliases > 11 else ["over5"] if aliases > 5 else []
    return "".join(f"{tag}:" for tag in dict.fromkeys(tags)) + join(steps)


def walk(zones, qname, qtype, tags, steps):
    seen, home = set(), None
    while len(steps) < MAX_STEPS:
        if qname in seen:
            steps.append("loop")
            return
        seen.add(qname)
        zone = find_zone(zones, qname, qtype)
        if zone is None:
            steps.append("outside")
            return
        home = home or zone
        if is_undelegated(zones, zone, qname):
            tags.append("undelegated")
        if is_shared(zones, zone, qname):
            tags.append("shared")
        step, qname, owner = look(zone, qname, qtype)
        if "dname" in step and owner[0] == b"*":
            tags.append("star-dname")
        steps.append(step if zone is home else "other:" + step)
        if qname is None:
            return
    steps.append("long")


def is_undelegated(zones, zone, qname):
    """It, or a name above it, exists only by a zone of ours below that has no cut in this one."""
    for depth in range(len(qname) - len(zone.apex)):
        name = qname[depth:]
        if name in zone.nodes or name in zone.inner:
            return False
        if any(is_under(other.apex, name) for other in zones):
            return True
    return False


def is_shared(zones, zone, qname):
    """A zone other than the one that answers holds something at, below or covering the name."""
    for other in zones:
        if other is zone or not is_under(qname, other.apex):
            continue
        for depth in range(len(qname) - len(other.apex)):
            name = qname[depth:]
            if not is_under(name, zone.apex) and is_under(zone.apex, other.apex):
                break
            if name in other.nodes or name in other.inner or (b"*",) + name in other.nodes:
                return True
    return False


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
    """One step in one zone: its word, the name that the lookup goes on with or None, the owner."""
    extra = len(qname) - len(zone.apex)
    for depth in range(extra, -1, -1):
        name = qname[depth:]
        types = zone.nodes.get(name, ())
        if "NS" in types and depth < extra:
            if depth:
                return "below-cut", None, name
            if qtype != TYPES["DS"]:
                return "at-cut", None, name
            return ("ds-at-cut" if "DS" in types else "no-ds-at-cut"), None, name
        if "DNAME" in types and depth:
            return rename(zone, name, qname, depth)
    types = zone.nodes.get(qname)
    if types is not None:
        return answer(zone, qname, qtype, types, "" if extra else "apex-")
    if qname in zone.inner:
        return "ent", None, qname
    return wildcard(zone, qname, qtype, extra)


def wildcard(zone, qname, qtype, extra):
    for depth in range(1, extra + 1):
        encloser = qname[depth:]
        if encloser in zone.nodes or encloser in zone.inner:
            star = (b"*",) + encloser
            if star in zone.nodes:
                return answer(zone, star, qtype, zone.nodes[star], "wild-")
            return ("wild-ent" if star in zone.inner else "nxdomain"), None, encloser
    return "nxdomain", None, zone.apex


def rename(zone, owner, qname, depth):
    target = zone.rrsets[owner, "DNAME"].rdatas[0].target
    renamed = qname[:depth] + target
    if sum(len(label) + 1 for label in renamed) > 254:
        return "yxdomain", None, owner
    return "dname", renamed, owner


def answer(zone, owner, qtype, types, prefix):
    if "CNAME" in types and qtype not in (TYPES["CNAME"], TYPES["ANY"]):
        return prefix + "cname", zone.rrsets[owner, "CNAME"].rdatas[0].target, owner
    if "DNAME" in types and prefix == "wild-":
        return "wild-dname", None, owner
    if qtype == TYPES["ANY"] or type_name(qtype) in types:
        return prefix + "hit", None, owner
    return prefix + "nodata", None, owner
