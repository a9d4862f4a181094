# SPDX-License-Identifier: BSD-3-Clause
"""The fixture zones. generate.py writes them to zones.txt, which tests/support/fixture.c serves."""

import ipaddress
import struct

from wire import (A, AAAA, CNAME, DHCID, DNAME, DS, HINFO, MX, NS, PRIVATE, PTR, SOA, SRV, TXT, labels, name,
                  reverse)


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


def text(string):
    return bytes([len(string)]) + string.encode()


def below(zone, *parts):
    """A name below a zone's apex from labels of any octets."""
    return labels(*parts)[:-1] + zone.apex


def under(zone, dotted):
    return name(dotted)[:-1] + zone.apex


# Owner -> its RRsets in order: type, TTL, RDATAs.
RECORDS = {}


def put(owner, rtype, *rdatas, ttl=3600):
    RECORDS.setdefault(owner, []).append((rtype, ttl, list(rdatas)))


class Zone:
    def __init__(self, apex, ttl=3600, minimum=600, mname="ns1.example.net",
                 rname="hostmaster.example.net", serial=2026010101, also=()):
        self.apex = name(apex)
        self.serial = serial
        self.labels = len(apex.split("."))
        self.rdata = ((mname if isinstance(mname, bytes) else name(mname))
                      + (rname if isinstance(rname, bytes) else name(rname))
                      + struct.pack("!5I", serial, 7200, 3600, 1209600, minimum))
        self.negative_ttl = min(ttl, minimum)
        put(self.apex, SOA, self.rdata, ttl=ttl)
        put(self.apex, NS, name("ns1.example.net"), name("ns2.example.net"), ttl=86400)
        for rtype, rdata in also:
            put(self.apex, rtype, rdata)


def a(address):
    return ipaddress.ip_address(address).packed


# ---- Zones of hosts alone ----

NET24 = Zone("2.0.192.in-addr.arpa", 3600, 300)
NET16 = Zone("51.198.in-addr.arpa", 60, 3600)
NESTED = Zone("200.51.198.in-addr.arpa", 1800, 900)
WIDE = Zone("113.0.203.in-addr.arpa", 600, 600, long_name(98), long_name(99))
NET6 = Zone("8.b.d.0.1.0.0.2.ip6.arpa", 3600, 600)

put(reverse("192.0.2.1"), PTR, name("host1.example.net"))
put(reverse("192.0.2.2"), PTR, name("a.example.net"), name("b.example.net"))
put(reverse("192.0.2.10"), PTR, *[long_name(n) for n in range(10)], ttl=300)
put(reverse("192.0.2.20"), PTR, name("brief.example.net"), ttl=1)
put(reverse("192.0.2.21"), PTR, name("forever.example.net"), ttl=2147483647)
put(reverse("192.0.2.30"), PTR, name("two.example.net"))
put(reverse("192.0.2.30"), TXT, text("hello"), ttl=60)
# With the names of these, replies of exactly 512, 513, 1232 and 1233 bytes (the last two with OPT).
put(reverse("192.0.2.40"), TXT, txt(460), ttl=60)
put(reverse("192.0.2.41"), TXT, txt(461), ttl=60)
put(reverse("192.0.2.42"), TXT, txt(1169), ttl=60)
put(reverse("192.0.2.43"), TXT, txt(1170), ttl=60)
put(reverse("192.0.2.50"), CNAME, under(NET24, "50.0-127"), ttl=600)
put(reverse("198.51.100.7"), PTR, name("seven.example.net"))
put(reverse("198.51.200.9"), PTR, name("nine.example.net"))
put(reverse("203.0.113.1"), PTR, name("wide.example.net"))
put(reverse("2001:db8::1"), PTR, name("six.example.net"))
put(reverse("2001:db8::abcd:ef01"), PTR, name("letters.example.net"))
put(reverse("2001:db8:1:2:3:4:5:6"), PTR, name("deep.example.net"))

# ---- Wildcards without a zone cut, and names that are no addresses ----

WILD = Zone("24.in-addr.arpa")
put(under(WILD, "*"), PTR, name("any.example.net"))
put(under(WILD, "*"), TXT, text("wild"))
put(under(WILD, "sub.*.5"), TXT, text("not wild"))  # *.5 is an empty non-terminal
put(under(WILD, "*.6"), CNAME, reverse("192.0.2.1"))
put(under(WILD, "*.1.7"), PTR, name("deep.example.net"))
put(under(WILD, "9.8.7.8"), PTR, name("far.example.net"))  # and empty non-terminals above
put(under(WILD, "*.9"), CNAME, under(WILD, "x.9"))  # every name below 9 leads to itself

ODD = Zone("25.in-addr.arpa")
# Label by label, lower case: each is an owner with a PTR of its own.
ODD_LABELS = {
    "leading-zero": (b"01",),
    "octet-256": (b"256",),
    "five-labels": (b"1", b"2", b"3", b"4"),
    "slash": (b"0/25",),
    "below-slash": (b"7", b"0/25"),
    "nul": (b"a\0b",),
    "all-ones": (b"\xff\xfe",),
    "dot": (b"1.2",),
    "backslash": (b"\\", b"."),
    "sixty-three": (b"s" * 63,),
    "underscore": (b"b", b"_dns-sd", b"_udp"),
    "letters": (b"mixed-case",),
    "space": (b" ",),
    "pointer-like": (b"\xc0\x0c",),
    "longest": (b"l" * 63, b"m" * 63, b"n" * 63, b"o" * 44),
}
for _parts in ODD_LABELS.values():
    put(below(ODD, *_parts), PTR, name("odd.example.net"))
put(below(ODD, b"3"), DHCID, b"\0\1\2" + bytes(range(32)))
put(below(ODD, b"3"), A, a("192.0.2.3"))
put(below(ODD, b"3"), AAAA, a("2001:db8::3"))
put(below(ODD, b"3"), HINFO, text("vax") + text("vms"))
put(below(ODD, b"3"), DS, b"\x12\x34\x08\x02" + b"d" * 32)  # a DS without a cut is data
put(below(ODD, b"3"), PRIVATE, b"")
put(below(ODD, b"4"), PRIVATE, b"\xde\xad", b"\xbe\xef", b"")
put(below(ODD, b"5"), DNAME, b"\0")  # the root
ODD6 = Zone("a.b.d.0.1.0.0.2.ip6.arpa")
put(below(ODD6, b"g"), PTR, name("odd.example.net"))
put(below(ODD6, b"0", b"10"), PTR, name("odd.example.net"))
put(b"\1f" + reverse("2001:dba::1"), PTR, name("odd.example.net"))  # 33 nibbles

# ---- Delegations ----

CUT = Zone("20.in-addr.arpa", also=((TXT, text("apex")),))


def delegate(child, *servers, ds=()):
    put(under(CUT, child), NS, *servers, ttl=7200)
    if ds:
        put(under(CUT, child), DS, *ds)


delegate("1", name("ns.example.net"), name("ns.example.org"))
put(under(CUT, "5.5.1"), PTR, name("occluded.example.net"))
put(under(CUT, "6.1"), NS, name("ns.occluded.example.net"))
put(under(CUT, "7.1"), DNAME, name("occluded.example.net"))
put(under(CUT, "*.1"), PTR, name("occluded.example.net"))
delegate("2", under(CUT, "ns1.2"), under(CUT, "ns2.2"), under(CUT, "ns3.2"),
         ds=(b"\x12\x34\x08\x02" + b"d" * 32, b"\x12\x35\x08\x02" + b"e" * 32))
put(under(CUT, "2"), TXT, text("occluded"))
put(under(CUT, "ns1.2"), A, a("192.0.2.201"), a("192.0.2.202"))
put(under(CUT, "ns1.2"), AAAA, a("2001:db8::201"))
put(under(CUT, "ns2.2"), AAAA, a("2001:db8::202"))
put(under(CUT, "ns3.2"), PTR, name("no.address.example.net"))
delegate("3", under(CUT, "ns1.2"), under(CUT, "host"), under(CUT, "missing"), under(NET24, "ns"))
put(under(CUT, "host"), A, a("192.0.2.203"))
put(under(NET24, "ns"), A, a("192.0.2.204"))  # of another zone of ours: no glue of this one
FULL = [b"n%02d" % n + b"f" * 10 for n in range(13)]
delegate("4", *[below(CUT, n, b"4") for n in FULL])
for _n in FULL:
    put(below(CUT, _n, b"4"), A, a("192.0.2.205"))
    put(below(CUT, _n, b"4"), AAAA, a("2001:db8::205"))
# In the zone but not below the cut: not required, so given as far as they fit.
delegate("5", *[below(CUT, n, b"shared") for n in FULL[:8]])
for _n in FULL[:8]:
    put(below(CUT, _n, b"shared"), AAAA, *[a("2001:db8::%d" % n) for n in range(3)])
    put(below(CUT, _n, b"shared"), A, a("192.0.2.206"))
INNER = Zone("6.20.in-addr.arpa", serial=66, also=((DS, b"\x66\x66\x08\x02" + b"f" * 32),))
put(under(INNER, "1.1"), PTR, name("inner.example.net"))
INNER_WITHOUT_DS = Zone("7.20.in-addr.arpa", serial=77)
delegate("8", name("ns.example.net"))
BELOW_CUT = Zone("1.8.20.in-addr.arpa", serial=88)
put(under(BELOW_CUT, "1"), PTR, name("below.example.net"))
delegate("1.1.9", name("ns.example.net"))  # at a host
delegate("0/25.2.9", under(CUT, "ns.0/25.2.9"))  # RFC 2317
put(under(CUT, "ns.0/25.2.9"), A, a("192.0.2.207"))
put(under(CUT, "1.2.9"), CNAME, under(CUT, "1.0/25.2.9"))
put(under(CUT, "1.3.9"), CNAME, under(CUT, "1"))
delegate("wide", *[long_name(n) for n in range(2)])
delegate("named.1.4.9", name("ns.example.net"))

# ---- Aliases ----

ALIAS = Zone("21.in-addr.arpa", 900, 300)


def alias(owner, target, ttl=600):
    put(under(ALIAS, owner), CNAME, target, ttl=ttl)


alias("in-zone", under(ALIAS, "1.0"))
put(under(ALIAS, "1.0"), PTR, name("target.example.net"))
put(under(ALIAS, "1.0"), TXT, text("target"))
alias("three", under(ALIAS, "two"))
alias("two", under(ALIAS, "in-zone"))
alias("across", reverse("192.0.2.1"))
alias("across-6", reverse("2001:db8::1"))
alias("across-and-back", under(WILD, "back.10"))
put(under(WILD, "back.10"), CNAME, under(ALIAS, "1.0"))
alias("outside", name("www.example.net"))
alias("upper", b"\x011\x010\x0221\x07IN-ADDR\x04ARPA\0")
alias("loop-1", under(ALIAS, "loop-1"))
alias("loop-a", under(ALIAS, "loop-b"))
alias("loop-b", under(ALIAS, "loop-c"))
alias("loop-c", under(ALIAS, "loop-a"))
alias("to-loop", under(ALIAS, "loop-a"))
for _n in range(1, 20):
    alias(f"chain-{_n}", under(ALIAS, f"chain-{_n - 1}"))
put(under(ALIAS, "chain-0"), PTR, name("end.example.net"))
alias("to-missing", under(ALIAS, "missing.0"))
alias("to-missing-across", reverse("192.0.2.77"))
alias("to-nodata", under(ALIAS, "text"))
put(under(ALIAS, "text"), TXT, text("no PTR"))
alias("to-empty", under(ALIAS, "0"))
alias("to-cut", under(CUT, "9.1"))
alias("to-wild", under(WILD, "77"))
alias("to-dname", under(ALIAS, "1.dname"))
alias("to-forward", name("www.example.org"))
alias("big", under(ALIAS, "big-2"))
alias("big-2", reverse("192.0.2.10"))


def dname(owner, target, ttl=500):
    put(under(ALIAS, owner), DNAME, target, ttl=ttl)


dname("dname", NET24.apex)
put(under(ALIAS, "dname"), TXT, text("beside"))
put(under(ALIAS, "2.dname"), PTR, name("occluded.example.net"))
dname("5.dname", name("occluded.example.net"))
dname("dname-outside", name("example.net"))
dname("dname-long", long_name(2)[64:])  # 191 bytes
dname("dname-wild", under(WILD, "1.7"))
dname("dname-twice", under(ALIAS, "dname"))
dname("dname-loop", under(ALIAS, "dname-loop"))
dname("dname-grows", under(ALIAS, "more.dname-grows"))
dname("dname-inner", under(CUT, "6"))
put(under(ALIAS, "cut.dname"), NS, name("ns.occluded.example.net"))
put(under(ALIAS, "cut"), NS, name("ns.example.net"))
dname("dname.cut", name("occluded.example.net"))

APEX_DNAME = Zone("22.in-addr.arpa", also=((DNAME, NET24.apex),))

FORWARD = Zone("example.org")
put(name("www.example.org"), A, a("192.0.2.80"))
put(name("www.example.org"), PTR, name("forward.example.net"))

# ---- The zone of RFC 4592 2.2.1 ----

RFC4592 = Zone("23.in-addr.arpa")
put(under(RFC4592, "*"), TXT, text("this is a wildcard"))
put(under(RFC4592, "*"), MX, b"\0\x0a" + under(RFC4592, "host1"))
put(under(RFC4592, "sub.*"), TXT, text("this is not a wildcard"))
put(under(RFC4592, "host1"), A, a("192.0.2.1"))
put(under(RFC4592, "_ssh._tcp.host1"), SRV, b"\0\0\0\0\0\x16" + under(RFC4592, "host1"))
put(under(RFC4592, "_ssh._tcp.host2"), SRV, b"\0\0\0\0\0\x16" + under(RFC4592, "host2"))
put(under(RFC4592, "subdel"), NS, name("ns.example.com"), name("ns.example.net"))


def lines():
    """zones.txt: `owner type ttl rdata,rdata`, names and RDATA in hexadecimal, `-` for no octets."""
    for owner, sets in RECORDS.items():
        for rtype, ttl, rdatas in sets:
            data = ",".join(r.hex() or "-" for r in rdatas)
            yield f"{owner.hex()} {rtype} {ttl} {data}"
