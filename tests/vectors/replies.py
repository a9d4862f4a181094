# SPDX-License-Identifier: BSD-3-Clause
"""Replies put together from the RRsets that a vector says they hold, each with its exact bytes.

A `want` is a function of the query, the transport and the policy; it gives the outcome and the
reply. What it holds is said by hand in the vectors: nothing here resolves a name.
"""

import struct

from wire import (AA, BADCOOKIE, BADVERS, CH, CNAME, COOKIE, EDE, FORMERR, IN, KEEPALIVE, NOERROR, NOTIMP, NSID,
                  NXDOMAIN, OPT, QR, RD, REFUSED, SOA, TC, TXT, YXDOMAIN, ZONEVERSION, header, opt, option,
                  rr, server_cookie)
from zones import RECORDS

CLIENT = "198.51.100.100"
NOW = 1559731985  # the moment of RFC 9018 A.1


class Policy:
    """The same facts as in tests/support/fixture.c."""

    def __init__(self, size=1232, keepalive=100, any_whole=False, cookies="off", secrets=(), identity="",
                 version="", nsid=b""):
        self.size, self.keepalive, self.any_whole, self.cookies = size, keepalive, any_whole, cookies
        self.secrets = [bytes.fromhex(s) for s in secrets]
        self.identity, self.version, self.nsid = identity, version, nsid


PLAIN = Policy()
FULL = Policy(any_whole=True, cookies="on", identity="a.test", version="arpad of the tests",
              nsid=b"node-7", keepalive=250,
              secrets=("e5e973e5a6b2a43f48e7dc849e37bfcf", "dd3bdf9344b678b185a6f5cb60fca715"))
ENFORCE = Policy(size=4096, cookies="enforce", secrets=("e5e973e5a6b2a43f48e7dc849e37bfcf",))


def lower(name):
    return bytes(b + 32 if 65 <= b <= 90 else b for b in name)


class Asked:
    """The parts of a well-formed query that its reply depends on."""

    def __init__(self, message):
        self.ident, self.flags, _, _, authority, additional = struct.unpack("!6H", message[:12])
        at = 12
        while message[at]:
            at += 1 + message[at]
        self.qname = message[12:at + 1]
        self.question = message[12:at + 5]
        self.qtype, self.qclass = struct.unpack("!HH", message[at + 1:at + 5])
        self.opt = None
        self.options = []
        at += 5
        for _ in range(authority + additional):
            while message[at] and message[at] < 0xC0:
                at += 1 + message[at]
            at += 2 if message[at] else 1
            rtype, size, ttl, length = struct.unpack("!HHIH", message[at:at + 10])
            if rtype == OPT:
                self.opt = (size, bool(ttl & 0x8000))
                self.read_options(message[at + 10:at + 10 + length], ttl >> 16 & 0xFF)
            at += 10 + length

    def read_options(self, data, version):
        while version == 0 and data:
            code, length = struct.unpack("!HH", data[:4])
            self.options.append((code, data[4:4 + length]))
            data = data[4 + length:]

    def has(self, code):
        return any(c == code for c, _ in self.options)

    def cookie(self):
        return next((data for code, data in self.options if code == COOKIE), None)


class Builder:
    """The sections, and where in the message each name stands that an owner may point at."""

    def __init__(self, asked, limit):
        self.asked, self.limit = asked, limit
        self.message = bytearray(12) + asked.question
        self.current = (asked.qname, 12)  # the name being answered, and where it stands
        self.servers = {}                 # NS target -> where it stands
        self.counts = {"an": 0, "ns": 0, "ar": 0}
        self.cut = False

    def pointer(self, owner):
        """The place of `owner`, a suffix of the current name or a server of the delegation."""
        current, at = self.current
        if lower(owner) in self.servers:
            at = self.servers[lower(owner)]
        else:
            assert lower(current).endswith(lower(owner)), (current, owner)
            at += len(current) - len(owner)
        return struct.pack("!H", 0xC000 | at)

    def add(self, section, owner, rtype, ttl, rdatas, optional=False, rclass=IN):
        if self.cut:
            return
        wire = b"".join(rr(self.pointer(owner), rtype, ttl, r, rclass) for r in rdatas)
        if len(self.message) + len(wire) > self.limit:
            self.cut |= not optional
            return
        at = len(self.message) + 12
        self.message += wire
        self.counts[section] += len(rdatas)
        if section == "an" and rtype == CNAME:
            self.current = (rdatas[0], at)
        if section == "ns" and rtype != SOA:
            for rdata in rdatas:
                self.servers[lower(rdata)] = at
                at += 12 + len(rdata)


def rrset(owner, rtype):
    return next(s for s in RECORDS[lower(owner)] if s[0] == rtype)


def options_of(asked, policy, tcp, zone, error):
    """The reply's options in our order; the zone's version is kept room for when it is asked."""
    out, kept = b"", 0
    if asked.has(NSID) and policy.nsid:
        out += option(NSID, policy.nsid)
    if asked.cookie() and policy.cookies != "off":
        out += option(COOKIE, server_cookie(asked.cookie()[:8], CLIENT, NOW, policy.secrets[0]))
    if asked.has(KEEPALIVE) and tcp:
        out += option(KEEPALIVE, struct.pack("!H", policy.keepalive))
    if asked.has(ZONEVERSION) and zone:
        out += option(ZONEVERSION, struct.pack("!BBI", zone.labels, 0, zone.serial))
    elif asked.has(ZONEVERSION):
        kept = 10
    if error:
        out += option(EDE, struct.pack("!H", error[0]) + error[1].encode())
    return out, kept


class Reply:
    """What a reply holds. `an`, `ns`, `ar`: (owner, type), (owner, type, where the RRset is) for what a
    wildcard gives, or (owner, type, ttl, rdatas) for what is in no zone. In `ar` a third part: optional.
    """

    def __init__(self, outcome, rcode=NOERROR, aa=True, an=(), ns=(), ar=(), soa=None, zone=None,
                 error=None):
        self.outcome, self.rcode, self.aa, self.error = outcome, rcode, aa, error
        self.sections = {"an": an, "ns": ns, "ar": ar}
        self.soa = soa
        self.zone = zone or soa

    def __call__(self, message, tcp=False, policy=PLAIN):
        asked = Asked(message)
        limit, tail, kept = 65535 if tcp else 512, b"", 0
        if asked.opt:
            data, kept = options_of(asked, policy, tcp, self.zone, self.error)
            tail = opt(policy.size, do=asked.opt[1], rcode=self.rcode >> 4, options=data)
            if not tcp:
                limit = min(max(asked.opt[0], 512), policy.size)
        built = Builder(asked, limit - len(tail) - kept)
        for section in ("an", "ns"):
            for item in self.sections[section]:
                self.add(built, section, *item)
        if self.soa:
            built.add("ns", self.soa.apex, SOA, self.soa.negative_ttl, [self.soa.rdata])
        for item in self.sections["ar"]:
            self.add(built, "ar", *item[:2], optional=len(item) > 2)
        flags = (QR | asked.flags & RD | self.rcode & 15 | (AA if self.aa else 0)
                 | (TC if built.cut else 0))
        head = header(asked.ident, flags, 1, built.counts["an"], built.counts["ns"],
                      built.counts["ar"] + bool(tail))
        return "truncated" if built.cut else self.outcome, head + bytes(built.message[12:]) + tail

    @staticmethod
    def add(built, section, owner, rtype, *rest, optional=False):
        if len(rest) == 2:
            ttl, rdatas = rest
        else:
            _, ttl, rdatas = rrset(rest[0] if rest else owner, rtype)
        built.add(section, owner, rtype, ttl, rdatas, optional)


def synthesized(dname_owner, qname):
    """The CNAME that a DNAME stands for (RFC 6672 3.1), as an item of `an`."""
    _, ttl, (target,) = rrset(dname_owner, 39)
    return qname, CNAME, ttl, [qname[:len(qname) - len(dname_owner)] + target]


def answered(message, tcp, policy=PLAIN, qtype=None, zone=None):
    """The RRset of the type asked for, or of `qtype` where they differ, at the name itself."""
    asked = Asked(message)
    wanted = asked.qtype if qtype is None else qtype
    return Reply("answered", an=[(asked.qname, wanted)], zone=zone)(message, tcp, policy)


def from_wildcard(wildcard, zone=None):
    def want(message, tcp, policy=PLAIN):
        asked = Asked(message)
        return Reply("answered", an=[(asked.qname, asked.qtype, wildcard)], zone=zone)(message, tcp, policy)
    return want


def nodata(zone):
    return Reply("nodata", soa=zone)


def nxdomain(zone):
    return Reply("nxdomain", NXDOMAIN, soa=zone)


def other(qtype):
    """The RRset of `qtype` although another was asked for: ANY."""
    return lambda message, tcp, policy=PLAIN: answered(message, tcp, policy, qtype)


def referral(cut, *glue, more=(), an=(), zone=None):
    """`glue` must fit; `more` is given where it does. Both (owner, type), in the order of the servers."""
    items = [(*g, "optional") if g in more else g for g in glue]
    return Reply("referral", aa=bool(an), an=an, ns=[(cut, 2)], ar=items, zone=zone)


def chaos(which):
    def want(message, tcp, policy=PLAIN):
        string = getattr(policy, which).encode()
        if not string:
            return refused_class(message, tcp, policy)
        asked = Asked(message)

        class Chaos(Reply):
            @staticmethod
            def add(built, section, owner, rtype, *rest, optional=False):
                built.add(section, owner, rtype, 0, rest[1], rclass=CH)
        return Chaos("answered", aa=False,
                     an=[(asked.qname, TXT, 0, [bytes([len(string)]) + string])])(message, tcp, policy)
    return want


refused = Reply("refused", REFUSED, aa=False, error=(20, "no zone of this server"))
refused_class = Reply("refused", REFUSED, aa=False, error=(21, "class not served"))
not_implemented = Reply("notimp", NOTIMP, aa=False, error=(21, "query type not supported"))
bad_version = Reply("badvers", BADVERS, aa=False)
bad_cookie = Reply("badcookie", BADCOOKIE, aa=False)


def too_long(*an, zone=None):
    return Reply("yxdomain", YXDOMAIN, an=an, zone=zone)


def _bare(rcode, outcome):
    def make(message, tcp, policy=PLAIN):
        ident, flags = struct.unpack("!HH", message[:4])
        return outcome, header(ident, QR | (flags & 0x7800) | rcode, 0)
    return make


formerr = _bare(FORMERR, "formerr")
bare_not_implemented = _bare(NOTIMP, "notimp")


def silence(outcome):
    return lambda message, tcp, policy=PLAIN: (outcome, None)
