# SPDX-License-Identifier: BSD-3-Clause
"""Messages in words, for docs/answers.md: read back from the bytes, not from what was meant."""

import struct

from wire import (AA, AD, CD, COOKIE, EDE, KEEPALIVE, NSID, OPT, QR, RA, RD, TC, Z, ZONEVERSION)

RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
          16: "BADVERS", 23: "BADCOOKIE"}
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA",
         33: "SRV", 39: "DNAME", 43: "DS", 49: "DHCID"}
FLAGS = ((AA, "AA"), (TC, "TC"), (RD, "RD"), (RA, "RA"), (Z, "Z"), (AD, "AD"), (CD, "CD"))
OPTIONS = {NSID: "NSID", COOKIE: "cookie", KEEPALIVE: "keepalive", ZONEVERSION: "zone version"}


def skip_name(message, at):
    while message[at] and message[at] < 0xC0:
        at += 1 + message[at]
    return at + (2 if message[at] else 1)


def options(data):
    found = []
    while data:
        code, length = struct.unpack("!HH", data[:4])
        body, data = data[4:4 + length], data[4 + length:]
        if code == EDE:
            found.append(f"error {struct.unpack('!H', body[:2])[0]} \"{body[2:].decode()}\"")
        else:
            found.append(OPTIONS[code])
    return found


def section(message, at, count, seen):
    """The types of `count` RRs in words, runs counted, and the offset after them."""
    types = []
    for _ in range(count):
        at = skip_name(message, at)
        rtype, _, ttl, length = struct.unpack("!HHIH", message[at:at + 10])
        if rtype == OPT:
            seen["opt"] = (ttl >> 24, options(message[at + 10:at + 10 + length]))
        elif types and types[-1][0] == rtype:
            types[-1][1] += 1
        else:
            types.append([rtype, 1])
        at += 10 + length
    named = [(TYPES.get(t, f"TYPE{t}"), n) for t, n in types]
    return ", ".join(t if n == 1 else f"{n} {t}" for t, n in named), at


def reply(message):
    """What a reply says."""
    if message is None:
        return "silence"
    _, flags, qd, an, ns, ar = struct.unpack("!6H", message[:12])
    assert flags & QR
    if qd == 0:
        assert len(message) == 12
        return f"header only, {RCODES[flags & 15]}"
    seen, parts = {}, []
    at = skip_name(message, 12) + 4
    for title, count in (("answer", an), ("authority", ns), ("additional", ar)):
        words, at = section(message, at, count, seen)
        if words:
            parts.append(f"{title} {words}")
    high, found = seen.get("opt", (0, []))
    head = " ".join([RCODES[high << 4 | flags & 15], *(text for bit, text in FLAGS if flags & bit)])
    if "opt" in seen:
        parts.append("OPT" + (f" with {', '.join(found)}" if found else ""))
    return "; ".join([head, *parts])
