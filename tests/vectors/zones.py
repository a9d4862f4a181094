# SPDX-License-Identifier: BSD-3-Clause
"""The fixture zones, the same facts as tests/support/fixture.c, and the replies they call for."""

import struct

from wire import (AA, BADVERS, CNAME, FORMERR, NOERROR, NOTIMP, NS, NXDOMAIN, OPT, PTR, QR,
                  RD, REFUSED, SOA, TC, TXT, labels, header, name, opt, question, reverse, rr)

POINTER_TO_QNAME = b"\xc0\x0c"


def long_name(n):
    """A name of 255 bytes; `n` tells one from another."""
    return labels(b"%02d" % n + b"x" * 61, b"y" * 63, b"z" * 63, b"w" * 61)


def txt(size):
    """TXT RDATA of `size` bytes: strings of 255 as long as they fit, then the rest."""
    out = b""
    while size > 0:
        part = min(size, 256)
        out += bytes([part - 1]) + b"t" * (part - 1)
        size -= part
    return out


class Zone:
    def __init__(self, apex, ttl, minimum, mname="ns1.example.net", rname="hostmaster.example.net"):
        self.apex = name(apex)
        self.rdata = ((mname if isinstance(mname, bytes) else name(mname))
                      + (rname if isinstance(rname, bytes) else name(rname))
                      + struct.pack("!5I", 2026010101, 7200, 3600, 1209600, minimum))
        self.ttl = ttl
        self.negative_ttl = min(ttl, minimum)


NET24 = Zone("2.0.192.in-addr.arpa", 3600, 300)
NET16 = Zone("51.198.in-addr.arpa", 60, 3600)
NESTED = Zone("200.51.198.in-addr.arpa", 1800, 900)
WIDE = Zone("113.0.203.in-addr.arpa", 600, 600, long_name(98), long_name(99))
NET6 = Zone("8.b.d.0.1.0.0.2.ip6.arpa", 3600, 600)

NS_SET = (NS, 86400, [name("ns1.example.net"), name("ns2.example.net")])

# Owner -> its RRsets in order: type, TTL, RDATAs.
RECORDS = {
    reverse("192.0.2.1"): [(PTR, 3600, [name("host1.example.net")])],
    reverse("192.0.2.2"): [(PTR, 3600, [name("a.example.net"), name("b.example.net")])],
    reverse("192.0.2.10"): [(PTR, 300, [long_name(n) for n in range(10)])],
    reverse("192.0.2.20"): [(PTR, 1, [name("brief.example.net")])],
    reverse("192.0.2.21"): [(PTR, 2147483647, [name("forever.example.net")])],
    reverse("192.0.2.30"): [(PTR, 3600, [name("two.example.net")]), (TXT, 60, [b"\5hello"])],
    # Replies of exactly 512, 513, 1232 and 1233 bytes; the last two with an OPT.
    reverse("192.0.2.40"): [(TXT, 60, [txt(460)])],
    reverse("192.0.2.41"): [(TXT, 60, [txt(461)])],
    reverse("192.0.2.42"): [(TXT, 60, [txt(1169)])],
    reverse("192.0.2.43"): [(TXT, 60, [txt(1170)])],
    reverse("192.0.2.50"): [(CNAME, 600, [name("50.0-127.2.0.192.in-addr.arpa")])],
    reverse("198.51.100.7"): [(PTR, 3600, [name("seven.example.net")])],
    reverse("198.51.200.9"): [(PTR, 3600, [name("nine.example.net")])],
    reverse("203.0.113.1"): [(PTR, 3600, [name("wide.example.net")])],
    reverse("2001:db8::1"): [(PTR, 3600, [name("six.example.net")])],
    reverse("2001:db8::abcd:ef01"): [(PTR, 3600, [name("letters.example.net")])],
    reverse("2001:db8:1:2:3:4:5:6"): [(PTR, 3600, [name("deep.example.net")])],
}
for _zone in (NET24, NET16, NESTED, WIDE, NET6):
    RECORDS[_zone.apex] = [(SOA, _zone.ttl, [_zone.rdata]), NS_SET]


def lower(qname):
    return bytes(b + 32 if 65 <= b <= 90 else b for b in qname)


class Asked:
    """The parts of a well-formed query that its reply depends on."""

    def __init__(self, message):
        self.ident, self.flags, _, _, authority, additional = struct.unpack("!6H", message[:12])
        at = 12
        while message[at]:
            at += 1 + message[at]
        self.qname = message[12:at + 1]
        self.question = message[12:at + 5]
        self.qtype = struct.unpack("!H", message[at + 1:at + 3])[0]
        self.opt = None
        at += 5
        for _ in range(authority + additional):
            while message[at] and message[at] < 0xC0:
                at += 1 + message[at]
            at += 2 if message[at] else 1
            rtype, size, ttl, length = struct.unpack("!HHIH", message[at:at + 10])
            if rtype == OPT:
                self.opt = (size, bool(ttl & 0x8000))
            at += 10 + length


def whole(asked, rcode, aa, answer=b"", answers=0, authority=b"", tcp=False):
    """A reply with its question; truncated where it does not fit."""
    flags = QR | (asked.flags & RD) | (rcode & 15) | (AA if aa else 0)
    tail = opt(1232, do=asked.opt[1], rcode=rcode >> 4) if asked.opt else b""
    limit = 65535 if tcp else min(max(asked.opt[0], 512), 1232) if asked.opt else 512
    message = (header(asked.ident, flags, 1, answers, 1 if authority else 0, 1 if tail else 0)
               + asked.question + answer + authority + tail)
    if len(message) <= limit:
        return message, False
    return header(asked.ident, flags | TC, 1, 0, 0, 1 if tail else 0) + asked.question + tail, True


def answered(message, tcp, qtype=None):
    """The RRset of the type asked for, or of `qtype` where they differ."""
    asked = Asked(message)
    wanted = asked.qtype if qtype is None else qtype
    sets = [s for s in RECORDS[lower(asked.qname)] if s[0] == wanted]
    rtype, ttl, rdatas = sets[0]
    wire = b"".join(rr(POINTER_TO_QNAME, rtype, ttl, r) for r in rdatas)
    reply, cut = whole(asked, NOERROR, True, wire, len(rdatas), tcp=tcp)
    return ("truncated" if cut else "answered"), reply


def negative(zone, rcode, outcome, message, tcp):
    asked = Asked(message)
    assert lower(asked.qname).endswith(zone.apex)
    owner = struct.pack("!H", 0xC000 | 12 + len(asked.qname) - len(zone.apex))
    soa = rr(owner, SOA, zone.negative_ttl, zone.rdata)
    reply, cut = whole(asked, rcode, True, authority=soa, tcp=tcp)
    return ("truncated" if cut else outcome), reply


def nodata(zone):
    return lambda message, tcp: negative(zone, NOERROR, "nodata", message, tcp)


def nxdomain(zone):
    return lambda message, tcp: negative(zone, NXDOMAIN, "nxdomain", message, tcp)


def other(qtype):
    """The RRset of `qtype` although another was asked for: ANY, or an alias."""
    return lambda message, tcp: answered(message, tcp, qtype)


def _empty(rcode, outcome):
    return lambda message, tcp: (outcome, whole(Asked(message), rcode, False, tcp=tcp)[0])


refused = _empty(REFUSED, "refused")
not_implemented = _empty(NOTIMP, "notimp")
bad_version = _empty(BADVERS, "badvers")


def _bare(rcode, outcome):
    def make(message, tcp):
        ident, flags = struct.unpack("!HH", message[:4])
        return outcome, header(ident, QR | (flags & 0x7800) | rcode, 0)
    return make


formerr = _bare(FORMERR, "formerr")
bare_not_implemented = _bare(NOTIMP, "notimp")


def silence(outcome):
    return lambda message, tcp: (outcome, None)
