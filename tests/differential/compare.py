# SPDX-License-Identifier: BSD-3-Clause
"""Replies of several servers to one query: what of them is compared, and how they differ.

Hard fields (rcode, AA, TC, answer, authority, their TTLs) must be explained wherever they differ.
Soft ones (additional, OPT, other header bits, letter case) bind arpad only where its peers agree.
"""

from wire import TYPES, Malformed, rcode, read_reply

HARD = ("rcode", "aa", "tc", "answer", "answer-ttl", "authority", "authority-ttl")
SOFT = ("header", "opt", "additional", "case", "question")
ANY = b"\0\xff"
CHAIN = (TYPES["CNAME"], TYPES["DNAME"])
OTHER_BITS = 0x01F0     # RD RA Z AD CD


def canonical(message, question):
    """Field -> comparable value. No reply, and a malformed one, have an rcode of their own."""
    if message is None:
        return {"rcode": "none"}
    try:
        reply = read_reply(message)
    except Malformed as fault:
        return {"rcode": f"malformed ({fault})"}
    fields = {
        "rcode": rcode(reply),
        "aa": bool(reply.flags & 0x400),
        "tc": bool(reply.flags & 0x200),
        "header": reply.flags & OTHER_BITS,
        "opt": None if reply.opt is None else reply.opt[2:],
        "question": reply.question == question,
    }
    if not fields["tc"]:                # RFC 2181 9: what a truncated reply holds is not used
        fields.update(section("answer", reply.answer, True))
        fields.update(section("authority", reply.authority, False))
        fields["additional"] = frozenset(rr[:5] for rr in reply.additional)
        fields["case"] = frozenset((rr.rrtype, rr.exact) for rr in reply.answer)
    if question[-4:-2] == ANY:
        soften(fields, reply)
    return fields


def soften(fields, reply):
    """RFC 8482 lets a server choose among the RRsets at the name: any will do, but some or none
    must agree. What was chosen is kept in `chosen`, for a check against what the others hold."""
    fields["chosen"] = frozenset(rr[:5] for rr in reply.answer)
    for field in ("tc", "answer", "answer-ttl", "case"):
        fields.pop(field, None)
    if not reply.flags & 0x200:
        fields["answer"] = bool(reply.answer)


def all_chosen(replies):
    """Every record that any of the replies to an ANY query held."""
    return frozenset().union(*(reply.get("chosen", frozenset()) for reply in replies))


def section(name, records, ordered):
    """CNAMEs and DNAMEs in the order they came, if that matters; all else as a multiset; TTLs by
    themselves."""
    data = [(rr.owner, rr.rrtype, rr.rrclass, rr.rdata) for rr in records]
    chain = [item for item in data if ordered and item[1] in CHAIN]
    rest = sorted(item for item in data if not ordered or item[1] not in CHAIN)
    ttls = sorted((rr.owner, rr.rrtype, rr.ttl) for rr in records)
    return {name: (tuple(chain), tuple(rest)), f"{name}-ttl": tuple(ttls)}


def differing(replies, fields):
    """Names of the fields in which the canonical replies are not all alike.

    A field that a reply has not (after TC, or no reply) is not compared; of a section that differs
    the TTLs are not named too."""
    found = []
    for field in fields:
        values = [reply[field] for reply in replies if field in reply]
        if any(value != values[0] for value in values[1:]):
            if not (field.endswith("-ttl") and field[:-4] in found):
                found.append(field)
    return found


def partition(replies, fields):
    """Servers that agree, joined by `=`, the groups by `|`: `knot=nsd|bind`."""
    groups = []
    for name, reply in replies.items():
        for group in groups:
            if not differing([replies[group[0]], reply], fields):
                group.append(name)
                break
        else:
            groups.append([name])
    return "|".join("=".join(group) for group in groups)
