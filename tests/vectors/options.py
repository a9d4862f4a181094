# SPDX-License-Identifier: BSD-3-Clause
"""Vectors of what the policy decides: cookies, NSID, zone versions, keepalive, ANY, CHAOS."""

import struct

from messages import HOST, classes
from replies import (CLIENT, ENFORCE, FULL, NOW, PLAIN, Reply, answered, bad_cookie, bad_version, formerr, nodata,
                     not_implemented, nxdomain, other, referral, refused, refused_class)
from wire import (ANY, AXFR, CNAME, COOKIE, DS, KEEPALIVE, NSID, PTR, SOA, TXT, ZONEVERSION, name, opt, option,
                  query, reverse, server_cookie)
from zones import (ALIAS, CUT, INNER, INNER_WITHOUT_DS, NESTED, NET16, NET24, NET6, ODD, WIDE, WILD, below, under)

CLIENT_PART = bytes.fromhex("2464c4abcf10c957")
OTHER_SECRET = bytes(range(16))
ALL = option(NSID) + option(COOKIE, CLIENT_PART) + option(KEEPALIVE) + option(ZONEVERSION)


def ask(options, qname=HOST, qtype=PTR, **rest):
    return query(qname, qtype, additional=[opt(options=options)], **rest)


def cookie(secret, at=NOW, address=CLIENT, client=CLIENT_PART, reserved=b"\0\0\0"):
    return option(COOKIE, server_cookie(client, address, at, secret, reserved))


def cookies():
    first, second = FULL.secrets
    # The first of RFC 9018 A, and its moment.
    yield "client-alone", ask(option(COOKIE, CLIENT_PART)), "new"
    good = {
        "ours": cookie(first),
        "ours-40-minutes-old": cookie(first, NOW - 2400),
        "ours-3600-seconds-old": cookie(first, NOW - 3600),
        "ours-300-seconds-ahead": cookie(first, NOW + 300),
        "ours-reserved-set": cookie(first, reserved=b"\xab\xcd\xef"),
        "ours-then-another": cookie(first) + option(COOKIE, b"x" * 7),
    }
    for text, options in good.items():
        yield text, ask(options), "good"
    yield "of-the-other-secret", ask(cookie(second)), "second"
    bad = {
        "of-a-strange-secret": cookie(OTHER_SECRET),
        "of-another-client": cookie(first, address="198.51.100.101"),
        "of-the-same-octets-in-ip6": cookie(first, address="c633:6464::"),
        "of-another-client-part": option(COOKIE, b"another!" + cookie(first)[12:]),
        "3601-seconds-old": cookie(first, NOW - 3601),
        "301-seconds-ahead": cookie(first, NOW + 301),
        "half-the-circle-away": cookie(first, NOW + 2**31),
        "a-bit-changed": cookie(first)[:-1] + bytes([cookie(first)[-1] ^ 1]),
        "version-2": option(COOKIE, CLIENT_PART + b"\2" + cookie(first)[13:]),
        "server-part-of-8": option(COOKIE, CLIENT_PART + b"s" * 8),
        "server-part-of-15": option(COOKIE, CLIENT_PART + b"s" * 15),
        "server-part-of-17": option(COOKIE, server_cookie(CLIENT_PART, CLIENT, NOW, first) + b"\0"),
        "server-part-of-32": option(COOKIE, CLIENT_PART + b"s" * 32),
        "strange-then-ours": cookie(OTHER_SECRET) + cookie(first),
    }
    for text, options in bad.items():
        yield text, ask(options), "new"
    for length in (0, 7, 9, 15, 41):
        yield f"of-{length}", ask(option(COOKIE, b"c" * length)), formerr
    yield "none", ask(b""), answered
    yield "none-without-opt", query(HOST), answered
    yield "version-1", query(HOST, additional=[opt(version=1, options=cookie(first))]), bad_version
    yield "do", query(HOST, additional=[opt(do=True, options=cookie(first))]), "good"


def cookies_on():
    for text, message, want in cookies():
        yield text, message, answered if isinstance(want, str) else want
    new = option(COOKIE, CLIENT_PART)
    yield "nxdomain", ask(new, reverse("192.0.2.77")), nxdomain(NET24)
    yield "refused", ask(new, name("example.net")), refused
    yield "chaos-none", ask(new, name("no.server"), TXT, qclass=3), refused_class
    yield "truncated", ask(new, reverse("192.0.2.10")), answered
    yield "without-question", query(HOST, additional=[opt(options=new)])[:12], formerr


def cookies_enforced():
    def over_udp(message, tcp, policy):
        return (answered if tcp else bad_cookie)(message, tcp, policy)

    for text, message, want in cookies():
        wants = {"good": answered, "new": over_udp, "second": over_udp}
        yield text, message, wants[want] if isinstance(want, str) else want
    for text, qname, qtype in (("nxdomain", reverse("192.0.2.77"), PTR), ("refused", name("example.net"), PTR)):
        full = nxdomain(NET24) if text == "nxdomain" else refused

        def want(message, tcp, policy, full=full):
            return (full if tcp else bad_cookie)(message, tcp, policy)
        yield text, ask(option(COOKIE, CLIENT_PART), qname, qtype), want
    yield "size-4096", query(reverse("192.0.2.10"), additional=[opt(4096, options=cookie(ENFORCE.secrets[0]))]), answered
    yield "size-65535", query(reverse("192.0.2.10"), additional=[opt(65535)]), answered
    yield "size-2000", query(reverse("192.0.2.10"), additional=[opt(2000)]), answered


def nsid():
    yield "asked", ask(option(NSID)), answered
    yield "asked-with-payload", ask(option(NSID, b"payload")), answered
    yield "asked-twice", ask(option(NSID) * 2), answered
    yield "not-asked", ask(b""), answered
    yield "nxdomain", ask(option(NSID), reverse("192.0.2.77")), nxdomain(NET24)
    yield "refused", ask(option(NSID), name("example.net")), refused
    yield "version-1", query(HOST, additional=[opt(version=1, options=option(NSID))]), bad_version
    yield "axfr", ask(option(NSID), NET24.apex, AXFR), not_implemented


def keepalive():
    yield "asked", ask(option(KEEPALIVE)), answered
    yield "asked-with-a-time", ask(option(KEEPALIVE, b"\0\1")), answered
    yield "refused", ask(option(KEEPALIVE), name("example.net")), refused


def hit(zone):
    return lambda message, tcp, policy=PLAIN: answered(message, tcp, policy, zone=zone)


def zone_versions():
    version = option(ZONEVERSION)
    yield "hit", ask(version), hit(NET24)
    yield "with-payload-ignored", ask(option(ZONEVERSION, b"\2\0abcd")), hit(NET24)
    yield "nodata", ask(version, HOST, TXT), nodata(NET24)
    yield "nxdomain", ask(version, reverse("192.0.2.77")), nxdomain(NET24)
    yield "apex", ask(version, NET24.apex, SOA), hit(NET24)
    yield "ip6", ask(version, reverse("2001:db8::1")), hit(NET6)
    yield "longest-zone", ask(version, reverse("198.51.200.9")), hit(NESTED)
    yield "nested-ds-is-the-parent's", ask(version, NESTED.apex, DS), nodata(NET16)
    yield "nested-ds-given", ask(version, INNER.apex, DS), hit(CUT)
    yield "nested-serial", ask(version, INNER_WITHOUT_DS.apex, SOA), hit(INNER_WITHOUT_DS)
    yield "wildcard", ask(version, under(WILD, "200")), Reply(
        "answered", an=[(under(WILD, "200"), PTR, under(WILD, "*"))], zone=WILD)
    yield "odd-owner", ask(version, below(ODD, b"01")), hit(ODD)
    # The version is of the zone that holds QNAME (RFC 9660 2), wherever an alias leads.
    across = under(ALIAS, "across")
    yield "alias-across-zones", ask(version, across), Reply(
        "answered", an=[(across, CNAME), (reverse("192.0.2.1"), PTR)], zone=ALIAS)
    outside = under(ALIAS, "outside")
    yield "alias-outside", ask(version, outside), Reply("answered", an=[(outside, CNAME)], zone=ALIAS)
    missing = under(ALIAS, "to-missing-across")
    yield "alias-to-nxdomain", ask(version, missing), Reply(
        "nxdomain", 3, an=[(missing, CNAME)], soa=NET24, zone=ALIAS)
    yield "referral-is-the-parent's", ask(version, under(CUT, "7.1")), referral(under(CUT, "1"), zone=CUT)
    yield "refused", ask(version, name("example.net")), refused
    yield "axfr", ask(version, NET24.apex, AXFR), not_implemented
    yield "version-1", query(HOST, additional=[opt(version=1, options=version)]), bad_version
    yield "does-not-fit-beside", query(reverse("192.0.2.42"), TXT, additional=[opt(options=version)]), hit(NET24)
    yield "truncated", ask(version, reverse("192.0.2.10")), hit(NET24)


def all_options():
    yield "hit", ask(ALL), hit(NET24)
    yield "refused", ask(ALL, name("example.net")), refused
    yield "class", ask(ALL, qclass=255), refused_class
    yield "longest-question", ask(ALL, b"\x3f" + b"q" * 63 + b"\x3f" + b"r" * 63 + b"\x3f" + b"s" * 63 + b"\x3d"
                                  + b"t" * 61 + b"\0"), refused
    yield "wide-soa", ask(ALL, reverse("203.0.113.2")), nxdomain(WIDE)


def whole_any():
    two = reverse("192.0.2.30")
    yield "two-rrsets", query(two, ANY), Reply("answered", an=[(two, PTR), (two, TXT)])
    yield "one-rrset", query(HOST, ANY), other(PTR)
    yield "apex", query(NET24.apex, ANY), Reply("answered", an=[(NET24.apex, SOA), (NET24.apex, 2)])
    # The DS there is the zone's above.
    yield "nested-apex", query(INNER.apex, ANY), Reply("answered", an=[(INNER.apex, SOA), (INNER.apex, 2)])
    three = below(ODD, b"3")
    every = [(three, t) for t in (49, 1, 28, 13, 43, 65280)]
    yield "six-rrsets", query(three, ANY), Reply("answered", an=every)
    wild = under(WILD, "200")
    yield "wildcard", query(wild, ANY), Reply("answered", an=[(wild, PTR, under(WILD, "*")), (wild, TXT, under(WILD, "*"))])
    yield "empty-non-terminal", query(name("100.51.198.in-addr.arpa"), ANY), nodata(NET16)
    yield "does-not-fit", query(reverse("192.0.2.10"), ANY), other(PTR)


# Policy, title, vectors; the file is named after the policy.
GROUPS = {
    "plain": (PLAIN, (
        ("Cookies, when they are off", lambda: ((t, m, answered if isinstance(w, str) else w) for t, m, w in cookies())),
        ("NSID, when there is none", nsid),
        ("Keepalive", keepalive),
        ("Zone versions", zone_versions),
    )),
    "full": (FULL, (
        ("Cookies, when they are on", cookies_on),
        ("NSID", nsid),
        ("Keepalive of another time", keepalive),
        ("Zone versions beside the rest", zone_versions),
        ("All options at once", all_options),
        ("ANY, when all is given", whole_any),
        ("Class CHAOS, when there is something to tell", classes),
    )),
    "enforce": (ENFORCE, (
        ("Cookies, when they are demanded", cookies_enforced),
    )),
}
