# SPDX-License-Identifier: BSD-3-Clause
"""Vectors of the name tree: delegations, aliases, wildcards, empty non-terminals, odd owners."""

from replies import (Reply, answered, from_wildcard, lower, nodata, nxdomain, other, referral, refused,
                     synthesized, too_long)
from wire import (A, AAAA, ANY, CNAME, DHCID, DNAME, DS, HINFO, MX, NS, PRIVATE, PTR, SOA, SRV, TXT, labels, name,
                  opt, query, reverse)
from zones import (ALIAS, APEX_DNAME, BELOW_CUT, CUT, FORWARD, FULL, INNER, INNER_WITHOUT_DS, NET24, ODD, ODD6,
                   ODD_LABELS, RFC4592, WILD, below, under)


def delegations():
    def cut(text):
        return under(CUT, text)

    plain = referral(cut("1"))
    yield "cut-itself", query(cut("1")), plain
    yield "cut-ns", query(cut("1"), NS), plain
    yield "cut-soa", query(cut("1"), SOA), plain
    yield "cut-any", query(cut("1"), ANY), plain
    yield "cut-upper-case", query(b"\x011\x0220\x07IN-ADDR\x04ARPA\0"), plain
    yield "below-cut", query(cut("7.7.1")), plain
    yield "below-cut-rd", query(cut("7.7.1"), flags=0x100, additional=[opt(do=True)]), plain
    yield "below-cut-occluded", query(cut("5.5.1")), plain
    yield "below-cut-occluded-empty-non-terminal", query(cut("5.1")), plain
    yield "below-cut-occluded-cut", query(cut("x.6.1")), plain
    yield "below-cut-occluded-cut-ds", query(cut("6.1"), DS), plain
    yield "below-cut-occluded-dname", query(cut("x.7.1")), plain
    yield "below-cut-occluded-wildcard", query(cut("x.1")), plain
    yield "below-cut-occluded-literal-wildcard", query(cut("*.1")), plain
    yield "below-cut-other-name", query(cut("01.1")), plain
    yield "below-cut-ds", query(cut("7.1"), DS), plain
    yield "cut-ds-none", query(cut("1"), DS), nodata(CUT)
    yield "cut-ds", query(cut("2"), DS), answered
    glue = [(cut("ns1.2"), A), (cut("ns1.2"), AAAA), (cut("ns2.2"), AAAA)]
    yield "cut-with-glue", query(cut("2")), referral(cut("2"), *glue)
    yield "cut-with-glue-occluded-type", query(cut("2"), TXT), referral(cut("2"), *glue)
    yield "cut-with-glue-asked-for", query(cut("ns1.2"), A), referral(cut("2"), *glue)
    sibling = [(cut("ns1.2"), A), (cut("ns1.2"), AAAA), (cut("host"), A)]
    yield "glue-of-the-zone-only", query(cut("9.3")), referral(cut("3"), *sibling, more=sibling)
    owners = [below(CUT, n, b"4") for n in FULL]
    required = [(n, t) for n in owners for t in (A, AAAA)]
    for size in (512, 700, 1232):
        yield (f"glue-that-must-fit-{size}", query(cut("9.4"), additional=[opt(size)]),
               referral(cut("4"), *required))
    shared = [(below(CUT, n, b"shared"), t) for n in FULL[:8] for t in (A, AAAA)]
    for size in (512, 700, 1232):
        yield (f"glue-as-far-as-it-fits-{size}", query(cut("9.5"), additional=[opt(size)]),
               referral(cut("5"), *shared, more=shared))
    yield "delegation-too-long", query(cut("9.wide")), referral(cut("wide"))
    yield "delegation-too-long-opt", query(cut("9.wide"), additional=[opt()]), referral(cut("wide"))
    yield "nested-hit", query(under(INNER, "1.1")), answered
    yield "nested-apex-soa", query(INNER.apex, SOA), answered
    yield "nested-apex-ns", query(INNER.apex, NS), answered
    yield "nested-missing", query(under(INNER, "2.1")), nxdomain(INNER)
    yield "nested-apex-ds", query(INNER.apex, DS), answered
    yield "nested-apex-ds-none", query(INNER_WITHOUT_DS.apex, DS), nodata(CUT)
    yield "nested-apex-nodata", query(INNER_WITHOUT_DS.apex, TXT), nodata(INNER_WITHOUT_DS)
    yield "nested-below-a-cut", query(under(BELOW_CUT, "1")), answered
    yield "nested-below-a-cut-apex", query(BELOW_CUT.apex, SOA), answered
    yield "nested-below-a-cut-missing", query(under(BELOW_CUT, "2")), nxdomain(BELOW_CUT)
    yield "nested-below-a-cut-ds", query(BELOW_CUT.apex, DS), referral(cut("8"))
    yield "beside-nested-below-a-cut", query(cut("2.8")), referral(cut("8"))
    yield "cut-at-a-host", query(cut("1.1.9")), referral(cut("1.1.9"))
    yield "below-cut-at-a-host", query(cut("5.1.1.9")), referral(cut("1.1.9"))
    yield "sibling-of-cut", query(cut("2.1.9")), nxdomain(CUT)
    yield "empty-non-terminal-above-cut", query(cut("1.9")), nodata(CUT)
    yield "empty-non-terminal-above-cut-ds", query(cut("1.9"), DS), nodata(CUT)
    classless = [(cut("ns.0/25.2.9"), A)]
    yield "classless-cut", query(cut("7.0/25.2.9")), referral(cut("0/25.2.9"), *classless)
    yield ("classless-alias", query(cut("1.2.9")),
           referral(cut("0/25.2.9"), *classless, an=[(cut("1.2.9"), CNAME)]))
    yield "classless-alias-cname", query(cut("1.2.9"), CNAME), answered
    yield ("alias-to-the-cut-itself", query(cut("1.3.9")),
           referral(cut("1"), an=[(cut("1.3.9"), CNAME)]))
    yield ("alias-to-the-cut-itself-ds", query(cut("1.3.9"), DS),
           Reply("nodata", an=[(cut("1.3.9"), CNAME)], soa=CUT))
    yield "cut-with-a-name", query(cut("x.named.1.4.9")), referral(cut("named.1.4.9"))
    yield "beside-cut-with-a-name", query(cut("x.1.4.9")), nxdomain(CUT)
    yield "zone-with-cuts-hit", query(cut("host"), A), answered
    yield "zone-with-cuts-nodata", query(cut("host")), nodata(CUT)
    yield "zone-with-cuts-apex", query(CUT.apex, TXT), answered
    yield "zone-with-cuts-apex-ds", query(CUT.apex, DS), nodata(CUT)
    yield "zone-with-cuts-missing", query(cut("99")), nxdomain(CUT)


def aliases():
    def at(text):
        return under(ALIAS, text)

    target = at("1.0")
    one = [(at("in-zone"), CNAME)]
    yield "in-zone", query(at("in-zone")), Reply("answered", an=[*one, (target, PTR)])
    yield "in-zone-other-type", query(at("in-zone"), TXT), Reply("answered", an=[*one, (target, TXT)])
    yield "in-zone-nodata", query(at("in-zone"), A), Reply("nodata", an=one, soa=ALIAS)
    yield "cname-itself", query(at("in-zone"), CNAME), answered
    yield "cname-any", query(at("in-zone"), ANY), other(CNAME)
    yield ("three", query(at("three"), additional=[opt(do=True)]),
           Reply("answered", an=[(at("three"), CNAME), (at("two"), CNAME), *one, (target, PTR)]))
    yield ("across-zones", query(at("across")),
           Reply("answered", an=[(at("across"), CNAME), (reverse("192.0.2.1"), PTR)]))
    yield ("across-trees", query(at("across-6")),
           Reply("answered", an=[(at("across-6"), CNAME), (reverse("2001:db8::1"), PTR)]))
    yield ("across-and-back", query(at("across-and-back")),
           Reply("answered", an=[(at("across-and-back"), CNAME), (under(WILD, "back.10"), CNAME), (target, PTR)]))
    yield "outside", query(at("outside")), Reply("answered", an=[(at("outside"), CNAME)])
    yield ("target-in-upper-case", query(at("upper")),
           Reply("answered", an=[(at("upper"), CNAME), (b"\x011\x010\x0221\x07IN-ADDR\x04ARPA\0", PTR)]))
    yield "loop-of-1", query(at("loop-1")), Reply("answered", an=[(at("loop-1"), CNAME)])
    loop = [(at(f"loop-{x}"), CNAME) for x in "abc"]
    yield "loop-of-3", query(at("loop-a")), Reply("answered", an=loop)
    yield "loop-of-3-from-within", query(at("loop-b")), Reply("answered", an=loop[1:] + loop[:1])
    yield "to-loop", query(at("to-loop")), Reply("answered", an=[(at("to-loop"), CNAME), *loop])

    def chain(first, last):
        return [(at(f"chain-{n}"), CNAME) for n in range(first, last, -1)]
    yield ("chain-of-15", query(at("chain-15"), additional=[opt()]),
           Reply("answered", an=[*chain(15, 0), (at("chain-0"), PTR)]))
    yield "chain-of-16", query(at("chain-16"), additional=[opt()]), Reply("answered", an=chain(16, 0))
    yield "chain-of-19", query(at("chain-19"), additional=[opt()]), Reply("answered", an=chain(19, 3))
    yield ("to-missing", query(at("to-missing")),
           Reply("nxdomain", 3, an=[(at("to-missing"), CNAME)], soa=ALIAS))
    yield ("to-missing-across-zones", query(at("to-missing-across")),
           Reply("nxdomain", 3, an=[(at("to-missing-across"), CNAME)], soa=NET24))
    yield "to-nodata", query(at("to-nodata")), Reply("nodata", an=[(at("to-nodata"), CNAME)], soa=ALIAS)
    yield ("to-empty-non-terminal", query(at("to-empty")),
           Reply("nodata", an=[(at("to-empty"), CNAME)], soa=ALIAS))
    yield "to-cut", query(at("to-cut")), referral(under(CUT, "1"), an=[(at("to-cut"), CNAME)])
    yield ("to-wildcard", query(at("to-wild")),
           Reply("answered", an=[(at("to-wild"), CNAME), (under(WILD, "77"), PTR, under(WILD, "*"))]))
    d = at("dname")
    yield ("to-dname", query(at("to-dname")),
           Reply("answered", an=[(at("to-dname"), CNAME), (d, DNAME), synthesized(d, at("1.dname")),
                                 (reverse("192.0.2.1"), PTR)]))
    yield ("to-forward-zone", query(at("to-forward"), A),
           Reply("answered", an=[(at("to-forward"), CNAME), (name("www.example.org"), A)]))
    big = [(at("big"), CNAME), (at("big-2"), CNAME), (reverse("192.0.2.10"), PTR)]
    yield "what-fits-of-a-chain", query(at("big")), Reply("answered", an=big)
    yield "what-fits-of-a-chain-opt", query(at("big"), additional=[opt()]), Reply("answered", an=big)
    for text, zone in (("0", ALIAS), ("text", ALIAS)):
        yield f"beside-aliases-{text}", query(at(text)), nodata(zone)
    yield "forward-zone", query(name("www.example.org"), A), answered
    yield "forward-zone-missing", query(name("no.example.org"), A), nxdomain(FORWARD)
    yield "forward-zone-above", query(name("org"), A), refused


def dnames():
    def at(text):
        return under(ALIAS, text)

    def through(owner, qname, *then, **rest):
        return [(owner, DNAME), synthesized(owner, qname), *then]

    d = at("dname")
    host = at("1.dname")
    end = (reverse("192.0.2.1"), PTR)
    yield "below", query(host), Reply("answered", an=through(d, host, end))
    yield "below-rd", query(host, flags=0x100, additional=[opt()]), Reply("answered", an=through(d, host, end))
    yield ("below-case-kept", query(b"\x011\x05DnAmE" + ALIAS.apex),
           Reply("answered", an=through(d, b"\x011\x05DnAmE" + ALIAS.apex, end)))
    yield ("below-missing", query(at("77.dname")),
           Reply("nxdomain", 3, an=through(d, at("77.dname")), soa=NET24))
    yield "below-nodata", query(host, A), Reply("nodata", an=through(d, host), soa=NET24)
    yield "below-occluded", query(at("2.dname")), Reply("answered", an=through(d, at("2.dname"),
                                                                              (reverse("192.0.2.2"), PTR)))
    yield ("below-occluded-dname", query(at("1.5.dname")),
           Reply("nxdomain", 3, an=through(d, at("1.5.dname")), soa=NET24))
    yield ("below-occluded-cut", query(at("1.cut.dname")),
           Reply("nxdomain", 3, an=through(d, at("1.cut.dname")), soa=NET24))
    yield ("below-alias", query(at("50.dname")),
           Reply("nxdomain", 3, an=through(d, at("50.dname"), (reverse("192.0.2.50"), CNAME)), soa=NET24))
    yield "below-cut-above", query(at("x.dname.cut")), referral(at("cut"))
    yield "itself-dname", query(d, DNAME), answered
    yield "itself-beside", query(d, TXT), answered
    yield "itself-nodata", query(d), nodata(ALIAS)
    yield "itself-any", query(d, ANY), other(DNAME)
    yield "below-cname", query(host, CNAME), Reply("answered", an=through(d, host))
    yield "below-any", query(host, ANY), Reply("answered", an=through(d, host))
    yield ("below-dname", query(host, DNAME), Reply("nodata", an=through(d, host), soa=NET24))
    yield "below-ds", query(host, DS), Reply("nodata", an=through(d, host), soa=NET24)
    outside = at("dname-outside")
    yield "outside", query(at("a.b.dname-outside")), Reply("answered", an=through(outside, at("a.b.dname-outside")))
    long = at("dname-long")
    fits = labels(b"a" * 63)[:-1] + long
    yield "as-long-as-may-be", query(fits, additional=[opt()]), Reply("answered", an=through(long, fits))
    over = labels(b"a" * 62, b"b")[:-1] + long
    yield "too-long", query(over, additional=[opt()]), too_long((long, DNAME))
    yield "too-long-cname", query(over, CNAME, additional=[opt()]), too_long((long, DNAME))
    wild = at("dname-wild")
    yield ("into-a-wildcard", query(at("z.dname-wild")),
           Reply("answered", an=through(wild, at("z.dname-wild"), (under(WILD, "z.1.7"), PTR, under(WILD, "*.1.7")))))
    twice = at("dname-twice")
    yield ("twice", query(at("1.dname-twice")),
           Reply("answered", an=[*through(twice, at("1.dname-twice")), *through(d, host, end)]))
    loop = at("dname-loop")
    yield "loop", query(at("x.dname-loop")), Reply("answered", an=through(loop, at("x.dname-loop")))
    yield ("into-a-nested-zone", query(at("1.1.dname-inner")),
           Reply("answered", an=through(at("dname-inner"), at("1.1.dname-inner"), (under(INNER, "1.1"), PTR))))
    grows = at("dname-grows")
    chain, last = [], at("x.dname-grows")
    for _ in range(16):
        chain += list(through(grows, last))[1 if chain else 0:]  # the DNAME once
        last = last[:2] + b"\4more" + last[2:]
    for size in (1232, 4096):
        yield f"grows-{size}", query(at("x.dname-grows"), additional=[opt(size)]), Reply("answered", an=chain)
    apex = APEX_DNAME.apex
    yield ("apex-below", query(under(APEX_DNAME, "1")),
           Reply("answered", an=through(apex, under(APEX_DNAME, "1"), end)))
    yield "apex-soa", query(apex, SOA), answered
    yield "apex-ns", query(apex, NS), answered
    yield "apex-dname", query(apex, DNAME), answered
    yield "apex-nodata", query(apex), nodata(APEX_DNAME)
    yield ("wire-root-target", query(below(ODD, b"a", b"5")),
           Reply("answered", an=through(below(ODD, b"5"), below(ODD, b"a", b"5"))))


def wildcards():
    def ex(text):
        return under(RFC4592, text)

    star = from_wildcard(ex("*"))
    # RFC 4592 2.2.1, response by response.
    yield "rfc4592-host3-mx", query(ex("host3"), MX), star
    yield "rfc4592-host3-a", query(ex("host3"), A), nodata(RFC4592)
    yield "rfc4592-foo.bar-txt", query(ex("foo.bar"), TXT), star
    yield "rfc4592-host1-mx", query(ex("host1"), MX), nodata(RFC4592)
    yield "rfc4592-sub.*-mx", query(ex("sub.*"), MX), nodata(RFC4592)
    yield "rfc4592-_telnet._tcp.host1-srv", query(ex("_telnet._tcp.host1"), SRV), nxdomain(RFC4592)
    yield "rfc4592-host.subdel-a", query(ex("host.subdel"), A), referral(ex("subdel"))
    yield "rfc4592-ghost.*-mx", query(ex("ghost.*"), MX), nxdomain(RFC4592)
    yield "rfc4592-host2-empty-non-terminal", query(ex("host2"), TXT), nodata(RFC4592)
    yield "rfc4592-x.host2", query(ex("x.host2"), TXT), nxdomain(RFC4592)
    yield "rfc4592-literal", query(ex("*"), TXT), answered
    yield "rfc4592-literal-nodata", query(ex("*"), A), nodata(RFC4592)
    yield "rfc4592-any", query(ex("any"), ANY), Reply("answered", an=[(ex("any"), TXT, ex("*"))])
    yield "rfc4592-case-kept", query(labels(b"HosT3")[:-1] + RFC4592.apex, MX), star
    yield "rfc4592-ds", query(ex("host3"), DS), nodata(RFC4592)

    def at(text):
        return under(WILD, text)

    any_ptr = from_wildcard(at("*"))
    yield "host", query(at("200")), any_ptr
    yield "deep", query(at("4.3.2")), any_ptr
    yield "deeper-than-a-host", query(at("9.8.7.6.5.4.3.2")), any_ptr
    yield "other-name", query(at("01")), any_ptr
    yield "star-inside-a-label", query(at("a*")), any_ptr
    yield "star-above", query(at("x.*.y")), any_ptr
    yield "another-star-below", query(at("*.y")), any_ptr
    yield "literal", query(at("*")), answered
    yield "below-literal", query(at("x.*")), nxdomain(WILD)
    room = 255 - len(WILD.apex)
    longest = labels(b"a" * 63, b"b" * 63, b"c" * 63, b"d" * (room - 193))[:-1] + WILD.apex
    yield "longest-name", query(longest), any_ptr
    yield "most-labels", query(labels(*[b"a"] * (room // 2))[:-1] + WILD.apex), any_ptr
    yield "blocked-by-empty-non-terminal", query(at("7.8")), nodata(WILD)
    yield "blocked-below-empty-non-terminal", query(at("6.7.8")), nxdomain(WILD)
    yield "blocked-below-a-host", query(at("x.9.8.7.8")), nxdomain(WILD)
    yield "wildcard-is-empty-non-terminal", query(at("x.5")), nodata(WILD)
    yield "wildcard-is-empty-non-terminal-literal", query(at("*.5")), nodata(WILD)
    yield "below-wildcard-that-is-empty", query(at("y.x.5")), nodata(WILD)
    yield "name-below-a-wildcard", query(at("sub.*.5"), TXT), answered
    yield "sibling-below-a-wildcard", query(at("bus.*.5"), TXT), nxdomain(WILD)
    alias = Reply("answered", an=[(at("x.6"), CNAME, at("*.6")), (reverse("192.0.2.1"), PTR)])
    yield "alias", query(at("x.6")), alias
    yield "alias-cname", query(at("x.6"), CNAME), from_wildcard(at("*.6"))
    yield ("alias-loop", query(at("a.9")),
           Reply("answered", an=[(at("a.9"), CNAME, at("*.9")), (at("x.9"), CNAME, at("*.9"))]))
    yield "nearer-wildcard", query(at("x.1.7")), from_wildcard(at("*.1.7"))
    yield "nearer-wildcard-has-not-the-type", query(at("x.1.7"), TXT), nodata(WILD)
    yield "beside-nearer-wildcard", query(at("2.7")), nxdomain(WILD)
    yield "type-missing", query(at("200"), A), nodata(WILD)


def odd_owners():
    for text, parts in ODD_LABELS.items():
        yield text, query(below(ODD, *parts)), answered
        if text != "longest":
            yield f"{text}-below", query(below(ODD, b"x", *parts)), nxdomain(ODD)
        for up in range(1, len(parts)):
            above = below(ODD, *parts[up:])
            if text != "below-slash" or up > 1:
                yield f"{text}-{up}-above", query(above), nodata(ODD)
    yield "upper-case-query", query(below(ODD, b"MIXED-Case")), answered
    yield "upper-case-of-others-only", query(below(ODD, b"\xdf\xde")), nxdomain(ODD)
    yield "nul-cut-short", query(below(ODD, b"a")), nxdomain(ODD)
    yield "nul-split", query(below(ODD, b"a", b"b")), nxdomain(ODD)
    yield "dot-split", query(below(ODD, b"1", b"2")), nxdomain(ODD)
    yield "canonical-of-leading-zero", query(below(ODD, b"1")), nxdomain(ODD)
    yield "five-labels-are-no-host", query(below(ODD, b"2", b"3", b"4")), nodata(ODD)
    yield "ip6-g", query(below(ODD6, b"g")), answered
    yield "ip6-upper-g", query(below(ODD6, b"G")), answered
    yield "ip6-10", query(below(ODD6, b"0", b"10")), answered
    yield "ip6-10-above", query(below(ODD6, b"10")), nodata(ODD6)
    yield "ip6-33-nibbles", query(b"\1f" + reverse("2001:dba::1")), answered
    yield "ip6-33-nibbles-above", query(reverse("2001:dba::1")), nodata(ODD6)
    yield "ip6-33-nibbles-beside", query(b"\1e" + reverse("2001:dba::1")), nxdomain(ODD6)
    three = below(ODD, b"3")
    for qtype in (DHCID, A, AAAA, HINFO, DS, PRIVATE):
        yield f"type-{qtype}", query(three, qtype), answered
    yield "rdata-of-every-length", query(below(ODD, b"4"), PRIVATE), answered
    yield "no-ptr", query(three), nodata(ODD)


def empty_non_terminals():
    host = lower(reverse("192.0.2.1"))
    assert host.endswith(NET24.apex)
    for text in ("8", "7.8", "8.7.8"):
        yield f"wild-{text}", query(under(WILD, text), TXT), (nodata(WILD))
    for up, text in enumerate(("4.3.9.9", "3.9.9", "9.9")):
        yield f"not-there-{up}", query(under(CUT, text)), nxdomain(CUT)
    for text in ("1.9", "2.9", "1.4.9", "4.9", "9", "shared"):
        yield f"above-{text}", query(under(CUT, text)), nodata(CUT)
        yield f"above-{text}-any", query(under(CUT, text), ANY), nodata(CUT)
    yield "_udp", query(below(ODD, b"_udp")), nodata(ODD)
    yield "_tcp", query(below(ODD, b"_tcp")), nxdomain(ODD)


GROUPS = (
    ("Delegations", delegations),
    ("Aliases", aliases),
    ("DNAME", dnames),
    ("Wildcards", wildcards),
    ("Empty non-terminals", empty_non_terminals),
    ("Owners that are no addresses", odd_owners),
)
