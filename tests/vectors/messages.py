# SPDX-License-Identifier: BSD-3-Clause
"""Every DNS message of the vectors: its name, its bytes and what the reply must be."""

import struct

from replies import (Reply, answered, bad_version, bare_not_implemented, chaos, formerr, nodata, not_implemented,
                     nxdomain, other, refused, refused_class, silence)
from wire import (AA, AD, ANY, AXFR, CD, CNAME, DS, IN, IXFR, MAILA, MAILB, NS, OPT, PTR, QR, RA, RD, SOA, TC,
                  TSIG, TXT, Z, header, labels, name, opt, option, query, question, reverse, rr)
from zones import NESTED, NET16, NET24, NET6, WIDE

HOST = reverse("192.0.2.1")
SHORT = silence("message-short")
REPLY = silence("message-is-reply")
ROOT = b"\0"


def in_net24(*below):
    return labels(*below, b"2", b"0", b"192", b"in-addr", b"arpa")


def nibbles(text):
    """A name below 2001:db8::/32 from its own labels, dotted."""
    return name(text + ".8.b.d.0.1.0.0.2.ip6.arpa")


def headers():
    q = query(HOST)
    yield "empty", b"", SHORT
    yield "one-byte", b"\0", SHORT
    yield "eleven-bytes", q[:11], SHORT
    yield "header-only", header(qd=0), formerr
    yield "question-promised-but-missing", header(), formerr
    yield "reply-without-question", header(flags=QR, qd=0), REPLY
    yield "reply-with-question", query(HOST, flags=QR), REPLY
    yield "reply-of-another-opcode", query(HOST, flags=QR | 5 << 11), REPLY
    yield "no-question-counted-but-sent", header(qd=0) + question(HOST), formerr
    yield "second-question-missing", header(qd=2) + question(HOST), formerr
    yield "two-questions", header(qd=2) + question(HOST) * 2, formerr
    yield "65535-questions", header(qd=65535) + question(HOST), formerr
    yield "answer-promised-but-missing", header(an=1) + question(HOST), formerr
    yield "answer-in-query", header(an=1) + question(HOST) + rr(ROOT, PTR, 0, ROOT), formerr
    yield "authority-promised-but-missing", header(ns=1) + question(HOST), formerr
    yield "authority-in-query", query(HOST, authority=[rr(ROOT, NS, 0, ROOT)]), formerr
    yield "additional-promised-but-missing", header(ar=1) + question(HOST), formerr
    yield "65535-additionals-one-sent", header(ar=65535) + question(HOST) + opt(), formerr
    yield "one-byte-after", query(HOST, tail=b"\0"), formerr
    yield "400-bytes-after", query(HOST, tail=b"\0" * 400), formerr
    for opcode in (1, 2, 3, 4, 5, 6, 7, 14, 15):
        yield f"opcode-{opcode}", query(HOST, flags=opcode << 11), bare_not_implemented
    yield "opcode-15-header-only", header(flags=15 << 11, qd=0), bare_not_implemented
    every = AA | TC | RD | RA | Z | AD | CD | 15
    yield ("opcode-15-every-flag", header(flags=15 << 11 | every, qd=0),
           bare_not_implemented)
    yield "malformed-every-flag", header(flags=every, qd=0), formerr
    for text, flag in (("tc", TC), ("aa", AA), ("z", Z), ("ad", AD), ("cd", CD), ("ra", RA)):
        yield f"flag-{text}-ignored", query(HOST, flags=flag), answered
    yield "flag-rd-copied", query(HOST, flags=RD), answered
    yield "rcode-in-query-ignored", query(HOST, flags=9), answered
    yield "id-0", query(HOST, ident=0), answered
    yield "id-65535", query(HOST, ident=65535), answered


def names():
    fixed = struct.pack("!HH", PTR, IN)
    bare = {
        "pointer-to-itself": b"\xc0\x0c",
        "pointer-forward": b"\xc0\x12",
        "pointer-into-header": b"\xc0\x00",
        "pointer-past-end": b"\xff\xff",
        "pointer-after-label": b"\x011\xc0\x0c",
        "label-of-64": b"\x40" + b"a" * 64 + b"\0",
        "label-type-01": b"\x41\x01\x20\xff\0",
        "label-type-10": b"\x80" + b"a" * 5 + b"\0",
        "label-past-end": b"\x3f" + b"a" * 5,
    }
    for text, wire in bare.items():
        yield f"qname-{text}", header() + wire + fixed, formerr
    yield "qname-half-pointer", header() + b"\xc0", formerr
    yield "qname-without-root", header() + HOST[:-1], formerr
    yield "qname-root-runs-into-type", header() + HOST[:-1] + fixed, formerr
    yield "qtype-missing", header() + HOST, formerr
    yield "qtype-half", header() + HOST + b"\0", formerr
    yield "qclass-missing", header() + HOST + fixed[:2], formerr
    yield "qclass-half", header() + HOST + fixed[:3], formerr
    room = 255 - len(NET24.apex)
    yield ("qname-255", query(labels(*[b"a" * 63] * 3, b"a" * (room - 193)) [:-1] + NET24.apex),
           nxdomain(NET24))
    yield ("qname-256", query(labels(*[b"a" * 63] * 3, b"a" * (room - 192))[:-1] + NET24.apex),
           formerr)
    yield ("qname-most-labels",
           query(labels(*[b"a"] * (room // 2))[:-1] + NET24.apex), nxdomain(NET24))
    yield "qname-127-labels", query(labels(*[b"a"] * 127)), refused
    yield "label-of-63", query(in_net24(b"a" * 63)), nxdomain(NET24)
    yield "label-with-nul", query(in_net24(b"a\0b")), nxdomain(NET24)
    yield "label-with-dot", query(in_net24(b"1.2")), nxdomain(NET24)
    yield "label-with-all-ones", query(in_net24(b"\xff\xfe")), nxdomain(NET24)
    yield "label-with-high-bit", query(in_net24(b"\xb1")), nxdomain(NET24)
    yield "root", query(ROOT), refused
    yield "in-addr-alone", query(name("in-addr")), refused
    yield "arpa", query(name("arpa")), refused
    yield "forward-name", query(name("www.example.net"), 1), refused
    yield "upper-case", query(b"\x011\x012\x010\x03192\x07IN-ADDR\x04ARPA\0"), answered
    yield "mixed-case-kept", query(b"\x011\x012\x010\x03192\x07iN-aDdR\x04ArPa\0"), answered
    yield ("mixed-case-nxdomain",
           query(b"\x019\x012\x010\x03192\x07iN-aDdR\x04ArPa\0"), nxdomain(NET24))
    yield "suffix-inside-a-label", query(labels(b"1\x012\x010\x03192\x07in-addr", b"arpa")), refused
    yield ("suffix-in-one-label",
           query(labels(b"1", b"2", b"0", b"192", b"\x07in-addr\x04arpa")), refused)
    yield "suffix-not-last", query(name("1.2.0.192.in-addr.arpa.example")), refused
    yield ("suffix-twice",
           query(name("1.2.0.192.in-addr.arpa.2.0.192.in-addr.arpa")), nxdomain(NET24))
    yield ("case-fold-is-ascii-only",
           query(b"\x011\x012\x010\x03192\x07in\x0daddr\x04arpa\0"), refused)


def reverse_names():
    for text in ("01", "001", "00", "256", "260", "300", "999", "999999999999", "1 ", " 1", "+1",
                 "-1", "0x1", "1a", "a", "*", "/", ":", "0-127", "0/25"):
        yield (f"label-{text.replace(' ', '_').replace('/', 'slash')}",
               query(in_net24(text.encode())), nxdomain(NET24))
    yield "label-non-canonical-above", query(name("1.02.51.198.in-addr.arpa")), nxdomain(NET16)
    yield "label-non-canonical-apex", query(name("1.02.0.192.in-addr.arpa")), refused
    yield "below-a-host", query(name("5.1.2.0.192.in-addr.arpa")), nxdomain(NET24)
    yield "far-below-a-host", query(name("1." * 20 + "1.2.0.192.in-addr.arpa")), nxdomain(NET24)
    yield "below-a-missing-host", query(name("5.77.2.0.192.in-addr.arpa")), nxdomain(NET24)
    yield "host-missing", query(reverse("192.0.2.77")), nxdomain(NET24)
    yield "host-0", query(reverse("192.0.2.0")), nxdomain(NET24)
    yield "host-255", query(reverse("192.0.2.255")), nxdomain(NET24)
    yield "apex-ptr", query(NET24.apex), nodata(NET24)
    yield "apex-soa", query(NET24.apex, SOA), answered
    yield "apex-ns", query(NET24.apex, NS), answered
    yield "apex-any", query(NET24.apex, ANY), other(SOA)
    yield "above-the-apex", query(name("0.192.in-addr.arpa")), refused
    yield "in-addr-arpa", query(name("in-addr.arpa")), refused
    yield "ip6-arpa", query(name("ip6.arpa")), refused
    yield "ip6-arpa-soa", query(name("ip6.arpa"), SOA), refused
    yield "ip6-int", query(name("1.8.b.d.0.1.0.0.2.ip6.int")), refused
    yield "neighbour-zone", query(reverse("192.0.3.1")), refused
    yield "empty-non-terminal", query(name("100.51.198.in-addr.arpa")), nodata(NET16)
    yield "below-empty-non-terminal", query(reverse("198.51.100.8")), nxdomain(NET16)
    yield "no-empty-non-terminal", query(name("101.51.198.in-addr.arpa")), nxdomain(NET16)
    yield "negative-ttl-of-soa-ttl", query(reverse("198.51.1.1")), nxdomain(NET16)
    yield "nested-apex", query(NESTED.apex), nodata(NESTED)
    yield "nested-soa", query(NESTED.apex, SOA), answered
    yield "nested-ds-is-the-parent's", query(NESTED.apex, DS), nodata(NET16)
    yield "nested-other-name-ds", query(name("x.200.51.198.in-addr.arpa"), DS), nxdomain(NESTED)
    yield "nested-host-ds", query(reverse("198.51.200.9"), DS), nodata(NESTED)
    yield "apex-ds-without-parent", query(NET24.apex, DS), nodata(NET24)
    yield "nested-hit", query(reverse("198.51.200.9")), answered
    yield "nested-missing", query(reverse("198.51.200.10")), nxdomain(NESTED)
    yield "nested-other-name", query(name("x.200.51.198.in-addr.arpa")), nxdomain(NESTED)
    yield "ip6-hit", query(reverse("2001:db8::1")), answered
    yield "ip6-letters", query(reverse("2001:db8::abcd:ef01")), answered
    yield "ip6-upper-case", query(bytes(reverse("2001:db8::abcd:ef01")).upper()), answered
    yield "ip6-deep", query(reverse("2001:db8:1:2:3:4:5:6")), answered
    yield "ip6-missing", query(reverse("2001:db8::2")), nxdomain(NET6)
    yield ("ip6-missing-high",
           query(reverse("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")), nxdomain(NET6))
    yield "ip6-outside", query(reverse("2001:db9::1")), refused
    yield "ip6-apex", query(NET6.apex), nodata(NET6)
    yield "ip6-apex-soa", query(NET6.apex, SOA), answered
    host = [str(n) for n in ("1" + "0" * 23)]
    for depth in range(1, 24):
        yield (f"ip6-empty-non-terminal-{4 * (8 + depth)}", query(nibbles(".".join(host[-depth:]))),
               nodata(NET6))
    yield "ip6-sibling-of-empty-non-terminal", query(nibbles("2.0.0.0")), nxdomain(NET6)
    for text in ("01", "g", "G", "-", "10", "a0", "`", "@", "/", ":"):
        yield f"ip6-label-{text.replace('/', 'slash')}", query(nibbles(text)), nxdomain(NET6)
    yield ("ip6-label-nul",
           query(labels(b"\0", *b"8 b d 0 1 0 0 2 ip6 arpa".split())), nxdomain(NET6))
    yield "ip6-33-nibbles", query(b"\x011" + reverse("2001:db8::1")), nxdomain(NET6)
    yield "ip6-in-ip4-tree", query(name("1.8.b.d.0.1.0.0.2.in-addr.arpa")), refused
    yield "ip4-in-ip6-tree", query(name("1.2.0.192.ip6.arpa")), refused


def types():
    yield "hit", query(HOST), answered
    yield "two-names", query(reverse("192.0.2.2")), answered
    yield "ten-long-names", query(reverse("192.0.2.10")), answered
    yield "ttl-1", query(reverse("192.0.2.20")), answered
    yield "ttl-2147483647", query(reverse("192.0.2.21")), answered
    yield "second-rrset", query(reverse("192.0.2.30"), TXT), answered
    yield "any", query(HOST, ANY), other(PTR)
    yield "any-gives-the-first-rrset", query(reverse("192.0.2.30"), ANY), other(PTR)
    yield "any-at-empty-non-terminal", query(name("100.51.198.in-addr.arpa"), ANY), nodata(NET16)
    yield "any-missing", query(reverse("192.0.2.77"), ANY), nxdomain(NET24)
    yield "any-outside", query(reverse("10.0.0.1"), ANY), refused
    alias = reverse("192.0.2.50")
    dead_end = Reply("nxdomain", 3, an=[(alias, CNAME)], soa=NET24)
    yield "alias", query(alias), dead_end
    yield "alias-itself", query(alias, CNAME), answered
    yield "alias-any", query(alias, ANY), other(CNAME)
    yield "alias-another-type", query(alias, TXT, additional=[opt(do=True)]), dead_end
    yield "alias-target", query(name("50.0-127.2.0.192.in-addr.arpa")), nxdomain(NET24)
    for qtype in (1, NS, CNAME, SOA, 28, 39, DS, 46, 127, 256, 666, 32769, 65535):
        yield f"type-{qtype}", query(HOST, qtype), nodata(NET24)
    yield "type-65535-missing", query(reverse("192.0.2.77"), 65535), nxdomain(NET24)
    yield "type-65535-outside", query(name("example.net"), 65535), refused
    yield "soa-of-the-reverse-root", query(name("10.in-addr.arpa"), SOA), refused
    yield "wide-hit", query(reverse("203.0.113.1")), answered
    yield "wide-soa", query(WIDE.apex, SOA), answered
    yield "wide-nxdomain", query(reverse("203.0.113.2")), nxdomain(WIDE)
    yield "wide-nodata", query(reverse("203.0.113.1"), TXT), nodata(WIDE)
    yield "wide-nxdomain-opt", query(reverse("203.0.113.2"), additional=[opt()]), nxdomain(WIDE)


def meta_types():
    for qtype in (0, OPT, 128, 129, 200, 249, TSIG):
        yield f"type-{qtype}", query(HOST, qtype), formerr
    yield "type-0-outside", query(name("example.net"), 0), formerr
    yield "type-0-class-ch", query(HOST, 0, 3), formerr
    yield "type-128-opt", query(HOST, 128, additional=[opt(do=True)]), formerr
    yield "mailb", query(HOST, MAILB), not_implemented
    yield "maila", query(HOST, MAILA), not_implemented
    yield "maila-opt", query(HOST, MAILA, additional=[opt()]), not_implemented
    yield "axfr", query(NET24.apex, AXFR), not_implemented
    yield "axfr-opt", query(NET24.apex, AXFR, additional=[opt()]), not_implemented
    yield "axfr-outside", query(name("example.net"), AXFR), not_implemented
    soa = rr(b"\xc0\x0c", SOA, 0, NET24.rdata)
    yield "ixfr", query(NET24.apex, IXFR, authority=[soa]), not_implemented
    yield "ixfr-opt", query(NET24.apex, IXFR, authority=[soa], additional=[opt()]), not_implemented
    yield "ixfr-without-soa", query(NET24.apex, IXFR), not_implemented
    yield "ixfr-two-soa", query(NET24.apex, IXFR, authority=[soa, soa]), formerr
    yield ("ixfr-two-soa-one-sent", header(ns=2) + question(NET24.apex, IXFR) + soa, formerr)
    yield "ixfr-another-type", query(NET24.apex, IXFR, authority=[rr(ROOT, NS, 0, ROOT)]), formerr
    yield "ixfr-soa-cut", query(NET24.apex, IXFR, authority=[soa[:-1]]), formerr
    yield "soa-in-authority-of-ptr", query(HOST, authority=[soa]), formerr


def classes():
    for qclass in (0, 2, 4, 254, 255, 65535):
        yield f"class-{qclass}", query(HOST, qclass=qclass), refused_class
    yield "class-255-opt", query(HOST, qclass=255, additional=[opt()]), refused_class
    yield "class-ch", query(HOST, qclass=3), refused_class
    yield "class-ch-opt", query(HOST, qclass=3, additional=[opt(do=True)]), refused_class
    yield "class-any-axfr", query(NET24.apex, AXFR, qclass=255), refused_class
    yield "class-in-version-bind", query(name("version.bind"), TXT), refused
    for text, which in (("id.server", "identity"), ("hostname.bind", "identity"), ("version.bind", "version"),
                        ("version.server", "version"), ("VERSION.bind", "version"), ("Id.SerVer", "identity")):
        yield f"chaos-{text}", query(name(text), TXT, 3), chaos(which)
    yield "chaos-any", query(name("id.server"), ANY, 3), chaos("identity")
    yield "chaos-opt", query(name("version.server"), TXT, 3, additional=[opt(do=True)]), chaos("version")
    yield "chaos-ptr", query(name("id.server"), PTR, 3), refused_class
    yield "chaos-axfr", query(name("id.server"), AXFR, 3), refused_class
    yield "chaos-authors-bind", query(name("authors.bind"), TXT, 3), refused_class
    yield "chaos-below", query(name("x.id.server"), TXT, 3), refused_class
    yield "chaos-above", query(name("server"), TXT, 3), refused_class
    yield "chaos-root", query(ROOT, TXT, 3), refused_class


def edns():
    def ask(*additional, **rest):
        return query(HOST, additional=additional, **rest)

    yield "opt", ask(opt()), answered
    yield "opt-do", ask(opt(do=True)), answered
    yield "opt-do-nodata", query(HOST, 1, additional=[opt(do=True)]), nodata(NET24)
    yield "opt-nxdomain", query(reverse("192.0.2.77"), additional=[opt()]), nxdomain(NET24)
    yield "opt-refused", query(name("example.net"), additional=[opt(do=True)]), refused
    yield "opt-flags-not-echoed", ask(opt(flags=0x7FFF)), answered
    yield "opt-flag-0080", ask(opt(flags=0x0080)), answered
    yield "opt-rcode-in-query-ignored", ask(opt(rcode=255)), answered
    yield "opt-twice", ask(opt(), opt()), formerr
    yield "opt-owner-not-root", ask(opt(owner=b"\x01a\0")), formerr
    yield "opt-owner-pointer", ask(opt(owner=b"\xc0\x0c")), formerr
    end = 12 + len(HOST) - 1
    yield "opt-owner-pointer-to-root", ask(opt(owner=struct.pack("!H", 0xC000 | end))), formerr
    yield "opt-in-authority", query(HOST, authority=[opt()]), formerr
    yield "opt-in-authority-of-ixfr", query(HOST, IXFR, authority=[opt()]), formerr
    yield "opt-in-answer", header(an=1) + question(HOST) + opt(), formerr
    yield "opt-then-byte", ask(opt(), tail=b"\0"), formerr
    yield "opt-without-question", header(qd=0, ar=1) + opt(options=option(10, b"c" * 8)), formerr
    for version in (1, 2, 255):
        yield f"opt-version-{version}", ask(opt(version=version)), bad_version
    yield "opt-version-1-do", ask(opt(version=1, do=True)), bad_version
    yield "opt-version-1-option", ask(opt(version=1, options=option(100, b"x"))), bad_version
    yield "opt-version-1-nsid", ask(opt(version=1, options=option(3))), bad_version
    yield "opt-version-1-cookie", ask(opt(version=1, options=option(10, b"c" * 8))), bad_version
    yield ("opt-version-1-outside",
           query(name("example.net"), additional=[opt(version=1)]), bad_version)
    yield "opt-version-1-rd", ask(opt(version=1), flags=RD | CD), bad_version
    yield "opt-version-1-axfr", query(HOST, AXFR, additional=[opt(version=1)]), bad_version
    yield "opt-option-past-rdata", ask(opt(options=b"\0\x64\0\x09xx")), formerr
    yield "opt-option-header-cut", ask(opt(options=b"\0\x64\0")), formerr
    yield "opt-rdata-past-message", ask(opt(options=option(100, b"xxxx"))[:-1]), formerr
    yield "opt-version-1-option-cut", ask(opt(version=1, options=b"\0\x64\0")), bad_version
    yield "opt-version-1-rdata-past-message", ask(opt(version=1, options=b"abcd")[:-1]), formerr
    for cut in range(1, 11):
        yield f"opt-cut-after-{cut}", ask(opt()[:cut]), formerr
    known = {
        "unknown-option": option(100, b"data"),
        "empty-option": option(100),
        "two-options": option(100, b"a") + option(101, b"b"),
        "nsid": option(3),
        "nsid-with-payload": option(3, b"payload"),
        "client-subnet": option(8, bytes.fromhex("00011800c00002")),
        "client-subnet-bad-length": option(8, bytes.fromhex("00011800c000")),
        "client-subnet-family-99": option(8, bytes.fromhex("00631800c00002")),
        "expire": option(9),
        "padding": option(12, b"\0" * 200),
        "cookie": option(10, b"c" * 8),
        "cookie-of-16": option(10, b"c" * 16),
        "cookie-of-24": option(10, b"c" * 24),
        "cookie-of-40": option(10, b"c" * 40),
        "two-cookies": option(10, b"c" * 8) * 2,
        "cookie-then-malformed-one": option(10, b"c" * 8) + option(10, b"c" * 7),
        "error": option(15, b"\0\0"),
        "every-code-to-99": b"".join(option(c) for c in range(100) if c not in (10, 11, 19)),
    }
    for text, options in known.items():
        yield f"opt-{text}", ask(opt(options=options)), answered
    for length in (0, 1, 7, 9, 15, 41, 64):
        yield f"opt-cookie-of-{length}", ask(opt(options=option(10, b"c" * length))), formerr
    yield "opt-cookie-malformed-then-good", ask(opt(options=option(10, b"c") + option(10, b"c" * 8))), formerr
    for size in (0, 1, 511, 512, 513, 65535):
        yield f"opt-size-{size}", ask(opt(size)), answered
    yield "additional-past-message", ask(rr(ROOT, 1, 0, b"abcd")[:-1]), formerr
    yield "additional-owner-malformed", ask(rr(b"\x80", 1, 0, b"")), formerr
    yield "additional-owner-half-pointer", header(ar=1) + question(HOST) + b"\xc0", formerr
    yield "additional-owner-past-message", header(ar=1) + question(HOST) + b"\x05ab", formerr
    yield "additional-owner-only", ask(ROOT), formerr


def tsig():
    """No keys are known here: a signature is skipped as any additional record is."""
    def ask(*additional, **rest):
        return query(HOST, additional=additional, **rest)

    def sign(algorithm=name("hmac-sha256"), key=name("key"), mac=b"", ident=0x1A2B, after=b"", size=None):
        rdata = (algorithm + b"\0" * 6 + b"\1\x2c" + struct.pack("!H", len(mac) if size is None else size) + mac
                 + struct.pack("!HHH", ident, 0, 0) + after)
        return rr(key, TSIG, 0, rdata, 255)

    yield "tsig", ask(sign()), answered
    yield "tsig-empty", ask(rr(name("key"), TSIG, 0, b"", 255)), answered
    yield "opt-then-tsig", ask(opt(), sign()), answered
    yield "tsig-then-opt", ask(sign(), opt()), answered
    yield "tsig-twice", ask(sign(), sign()), answered
    yield "tsig-bytes-after", ask(sign(after=b"zzz")), answered
    yield "tsig-unknown-algorithm", ask(sign(name("no.such"))), answered
    yield "tsig-algorithm-root", ask(sign(ROOT)), answered
    yield "tsig-mac-of-2", ask(sign(mac=b"ab")), answered
    yield "tsig-mac-past-rdata", ask(sign(size=999)), answered
    yield "tsig-key-root", ask(sign(key=ROOT)), answered
    yield "tsig-another-id", ask(sign(ident=1)), answered
    yield "tsig-axfr", query(NET24.apex, AXFR, additional=[sign()]), not_implemented
    yield "tsig-in-answer", header(an=1) + question(HOST) + sign(), formerr
    yield "tsig-in-authority", query(HOST, authority=[sign()]), formerr
    yield "tsig-cut", ask(sign()[:-1]), formerr
    yield "sig0", ask(rr(ROOT, 24, 0, b"\0" * 18 + ROOT, 255)), answered


def other_opcodes():
    update = 5 << 11
    yield "update-no-zone", header(flags=update, qd=0), bare_not_implemented
    yield "update", query(NET24.apex, SOA, flags=update, authority=[rr(HOST, PTR, 60, ROOT)]), bare_not_implemented
    yield "update-class-any", query(NET24.apex, SOA, 255, flags=update), bare_not_implemented
    yield ("update-delete-with-rdata",
           query(NET24.apex, SOA, flags=update, authority=[rr(HOST, PTR, 0, ROOT, 255)]), bare_not_implemented)
    notify = 4 << 11
    yield "notify", query(NET24.apex, SOA, flags=notify | AA), bare_not_implemented
    yield "notify-unknown-zone", query(name("example.net"), SOA, flags=notify | AA), bare_not_implemented
    yield ("notify-rdlength-lie", header(flags=notify, an=1) + question(NET24.apex, SOA) + NET24.apex
           + struct.pack("!HHIH", SOA, 1, 0, 60000), bare_not_implemented)
    yield "notify-class-none", query(NET24.apex, SOA, 254, flags=notify), bare_not_implemented
    yield "dso", header(flags=6 << 11, qd=0), bare_not_implemented
    yield "iquery", header(flags=1 << 11, qd=0, an=1) + rr(ROOT, 1, 0, b"\xc0\0\2\1"), bare_not_implemented


def sizes():
    at = {n: reverse(f"192.0.2.{n}") for n in (10, 40, 41, 42, 43)}
    yield "size-512-fits", query(at[40], TXT), answered
    yield "size-513-truncated", query(at[41], TXT), answered
    yield "size-523-offered-523", query(at[40], TXT, additional=[opt(523)]), answered
    yield "size-523-offered-522", query(at[40], TXT, additional=[opt(522)]), answered
    yield "size-1232-fits", query(at[42], TXT, additional=[opt(1232)]), answered
    yield "size-1232-offered-4096", query(at[42], TXT, additional=[opt(4096)]), answered
    yield "size-1232-offered-1231", query(at[42], TXT, additional=[opt(1231)]), answered
    yield "size-1233-truncated", query(at[43], TXT, additional=[opt(1232)]), answered
    yield "size-1233-offered-65535", query(at[43], TXT, additional=[opt(65535)]), answered
    yield "ten-long-names-do", query(at[10], additional=[opt(4096, do=True)], flags=RD), answered
    yield "ten-long-names-any", query(at[10], ANY), other(PTR)


GROUPS = (
    ("Headers and counts", headers),
    ("Other opcodes", other_opcodes),
    ("The question's wire format", names),
    ("Reverse names", reverse_names),
    ("Types", types),
    ("Types that are no question", meta_types),
    ("Classes, and what class CHAOS tells", classes),
    ("EDNS", edns),
    ("Signatures", tsig),
    ("Sizes", sizes),
)
