# SPDX-License-Identifier: BSD-3-Clause
"""Frames on a port that no kernel shares: ARP, neighbour discovery, echo, and what the kernel gets.

Each has a name, its bytes, the outcome and the frame that must answer it. Written from RFC 826, 5227,
4861, 792 and 4443 with Python's own address types; nothing here calls the code under test.
"""

import ipaddress
import struct

from messages import HOST
from wire import CLIENT_MAC, SERVER_MAC, checksum, frame, query

OURS_4, OURS_6 = "192.0.2.53", "2001:db8::53"
THEIRS_4, THEIRS_6 = "192.0.2.99", "2001:db8::99"
BROADCAST = b"\xff" * 6
OTHER_MAC = bytes.fromhex("02000000000e")
GROUP_MAC = bytes.fromhex("03000000000c")
ALL_NODES, ALL_NODES_MAC = "ff02::1", bytes.fromhex("333300000001")
TO_KERNEL, FOREIGN = "to-kernel", "not-ours"


def ip(text):
    return ipaddress.ip_address(text).packed


def ethernet(payload, ethertype, target=SERVER_MAC, source=CLIENT_MAC, tags=(), padding=b"", cut=None):
    head = target + source + b"".join(struct.pack("!HH", *tag) for tag in tags)
    return (head + struct.pack("!H", ethertype) + payload + padding)[:cut]


def silent(outcome, asked):
    return asked, outcome, None


# ---- ARP


def arp(sender=THEIRS_4, target=OURS_4, sender_mac=CLIENT_MAC, target_mac=b"\0" * 6, operation=1, hardware=1,
        protocol=0x0800, sizes=(6, 4)):
    return (struct.pack("!HHBBH", hardware, protocol, *sizes, operation) + sender_mac + ip(sender)
            + target_mac + ip(target))


def arp_frame(to_mac=BROADCAST, by_mac=CLIENT_MAC, tags=(), padding=b"\0" * 18, cut=None, **fields):
    return ethernet(arp(**fields), 0x0806, to_mac, by_mac, tags, padding, cut)


def arp_reply(to=CLIENT_MAC, asker=THEIRS_4, tags=()):
    return ethernet(arp(OURS_4, asker, SERVER_MAC, to, 2), 0x0806, to, SERVER_MAC, tags)


def arp_vectors():
    def told(asked, **how):
        return asked, "neighbor", arp_reply(**how)

    yield "broadcast", *told(arp_frame())
    yield "unicast", *told(arp_frame(SERVER_MAC))
    yield "to-a-group", *told(arp_frame(bytes.fromhex("01005e000001")))
    yield "without-padding", *told(arp_frame(padding=b""))
    yield "padding-is-not-sent-back", *told(arp_frame(padding=b"\xa5" * 18))
    yield "target-mac-is-ignored", *told(arp_frame(target_mac=b"\xff" * 6))
    for text, tags in (("vlan", [(0x8100, 7)]), ("priority", [(0x8100, 0xE000)]), ("provider", [(0x88A8, 7)]),
                       ("two-vlans", [(0x8100, 1), (0x8100, 2)]), ("provider-vlan", [(0x88A8, 5), (0x8100, 6)])):
        yield text, *told(arp_frame(tags=tags), tags=tags)
    yield "probe", *told(arp_frame(sender="0.0.0.0"), asker="0.0.0.0")
    yield "by-another-mac", *told(arp_frame(sender_mac=OTHER_MAC), to=OTHER_MAC)
    yield "from-another-network", *told(arp_frame(sender="203.0.113.7"), asker="203.0.113.7")
    yield "for-another", *silent(TO_KERNEL, arp_frame(target="192.0.2.54"))
    yield "probe-for-another", *silent(TO_KERNEL, arp_frame(sender="0.0.0.0", target="192.0.2.54"))
    yield "another-announces", *silent(TO_KERNEL, arp_frame(target=THEIRS_4))
    yield "reply", *silent(TO_KERNEL, arp_frame(SERVER_MAC, operation=2))
    for operation in (0, 3, 8, 9, 0x0101, 65535):
        yield f"operation-{operation}", *silent(TO_KERNEL, arp_frame(operation=operation))
    yield "conflict-announcement", *silent("address-conflict", arp_frame(sender=OURS_4))
    yield "conflict-reply", *silent("address-conflict", arp_frame(SERVER_MAC, sender=OURS_4, target=THEIRS_4,
                                                                  operation=2))
    yield "conflict-request", *silent("address-conflict", arp_frame(sender=OURS_4, target=THEIRS_4))
    yield "announcement-by-our-mac", *silent("bad-source", arp_frame(sender=OURS_4, sender_mac=SERVER_MAC))
    yield "sender-our-mac", *silent("bad-source", arp_frame(sender_mac=SERVER_MAC))
    yield "our-own-come-back", *silent("bad-source", arp_frame(by_mac=SERVER_MAC))
    yield "from-a-group", *silent("bad-source", arp_frame(by_mac=GROUP_MAC))
    for source in ("0.0.0.1", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"):
        yield f"sender-{source}", *silent("bad-source", arp_frame(sender=source))
    yield "sender-mac-of-a-group", *silent("neighbor-bad", arp_frame(sender_mac=GROUP_MAC))
    yield "sender-mac-broadcast", *silent("neighbor-bad", arp_frame(sender_mac=BROADCAST))
    yield "sender-mac-0", *silent("neighbor-bad", arp_frame(sender_mac=b"\0" * 6))
    yield "hardware-6", *silent("neighbor-bad", arp_frame(hardware=6))
    yield "hardware-257", *silent("neighbor-bad", arp_frame(hardware=257))
    yield "protocol-ipv6", *silent("neighbor-bad", arp_frame(protocol=0x86DD))
    yield "protocol-trailer", *silent("neighbor-bad", arp_frame(protocol=0x1000))
    for sizes in ((6, 16), (8, 4), (0, 4), (6, 0), (255, 255)):
        yield f"sizes-{sizes[0]}-{sizes[1]}", *silent("neighbor-bad", arp_frame(sizes=sizes))
    yield "cut", *silent("frame-short", arp_frame(cut=41))
    yield "cut-behind-tags", *silent("frame-short", arp_frame(tags=[(0x88A8, 5), (0x8100, 6)], cut=49))
    yield "cut-in-tags", *silent("frame-short", arp_frame(tags=[(0x8100, 6)], cut=17))


# ---- IPv6: neighbour discovery and echo


def ipv6(message, source=THEIRS_6, target=OURS_6, hops=255, protocol=58, version=6, flow=0, tos=0, length=None,
         extension=b"", sum_=None):
    """`message` is ICMPv6 with its checksum as 0, which is filled in here."""
    pseudo = ip(source) + ip(target) + struct.pack("!II", len(message), 58)
    right = checksum(pseudo + message) if sum_ is None else sum_
    message = message[:2] + struct.pack("!H", right) + message[4:]
    size = len(extension + message) if length is None else length
    head = struct.pack("!IHBB", version << 28 | tos << 20 | flow, size, protocol, hops)
    return head + ip(source) + ip(target) + extension + message


def solicited_node(target):
    return str(ipaddress.ip_address(ip("ff02::1:ff00:0")[:13] + ip(target)[13:]))


def group_mac(address):
    return b"\x33\x33" + ip(address)[12:]


def link_layer(kind, mac=CLIENT_MAC, size=1):
    return struct.pack("!BB", kind, size) + mac


def nd(kind, target=OURS_6, options=b"", code=0, flags=0):
    return struct.pack("!BBHI", kind, code, 0, flags << 24) + ip(target) + options


def ns_frame(asks=OURS_6, options=link_layer(1), code=0, to_mac=None, source_mac=CLIENT_MAC, tags=(), padding=b"",
             cut=None, keep=None, **rest):
    rest.setdefault("target", solicited_node(asks))
    if to_mac is None:
        to_mac = group_mac(rest["target"]) if rest["target"].startswith("ff") else SERVER_MAC
    message = nd(135, asks, options, code)[:keep]
    return ethernet(ipv6(message, **rest), 0x86DD, to_mac, source_mac, tags, padding, cut)


def na_frame(asks=OURS_6, to=ALL_NODES, source=THEIRS_6, options=link_layer(2), flags=0x20, code=0, keep=None,
             tags=(), source_mac=CLIENT_MAC, **rest):
    message = nd(136, asks, options, code, flags)[:keep]
    to_mac = group_mac(to) if to.startswith("ff") else SERVER_MAC
    return ethernet(ipv6(message, source, to, **rest), 0x86DD, to_mac, source_mac, tags)


def na_reply(to=THEIRS_6, to_mac=CLIENT_MAC, flags=0x60, option=True, tags=()):
    message = nd(136, OURS_6, link_layer(2, SERVER_MAC) if option else b"", 0, flags)
    return ethernet(ipv6(message, OURS_6, to), 0x86DD, to_mac, SERVER_MAC, tags)


def nd_vectors():
    def told(asked, **how):
        return asked, "neighbor", na_reply(**how)

    def bad(asked):
        return asked, "neighbor-bad", None

    nonce = bytes.fromhex("0e01a1a2a3a4a5a6")
    yield "group", *told(ns_frame())
    yield "link-local-asks", *told(ns_frame(source="fe80::1"), to="fe80::1")
    yield "unicast", *told(ns_frame(target=OURS_6))
    yield "unreachability", *told(ns_frame(target=OURS_6, options=b""), option=False)
    yield "group-without-its-mac", *told(ns_frame(options=b""))
    yield "by-another-mac", *told(ns_frame(options=link_layer(1, OTHER_MAC)), to_mac=OTHER_MAC)
    yield "by-another-frame", *told(ns_frame(source_mac=OTHER_MAC), to_mac=CLIENT_MAC)
    yield "nonce-first", *told(ns_frame(options=nonce + link_layer(1)))
    yield "nonce-last", *told(ns_frame(options=link_layer(1) + nonce))
    yield "unknown-options", *told(ns_frame(options=b"\xfd\2" + b"\xff" * 14 + link_layer(1) + b"\0\1" + b"\0" * 6))
    yield "two-macs", *told(ns_frame(options=link_layer(1) + link_layer(1, OTHER_MAC)))
    yield "target-option-is-none", *told(ns_frame(options=link_layer(2, OTHER_MAC)))
    yield "class-and-flow", *told(ns_frame(tos=0xC0, flow=0xABCDE))
    yield "padded", *told(ns_frame(padding=b"\xa5" * 9))
    yield "reserved-is-ignored", *told(ethernet(
        ipv6(nd(135, options=link_layer(1), flags=0xFF), target=solicited_node(OURS_6)), 0x86DD,
        group_mac(solicited_node(OURS_6))))
    for text, tags in (("vlan", [(0x8100, 7)]), ("provider-vlan", [(0x88A8, 5), (0x8100, 6)])):
        yield text, *told(ns_frame(tags=tags), tags=tags)
    defended = {"to": ALL_NODES, "to_mac": ALL_NODES_MAC, "flags": 0x20}
    yield "probe", *told(ns_frame(source="::", options=b""), **defended)
    yield "probe-with-nonce", *told(ns_frame(source="::", options=nonce), **defended)
    yield "probe-vlan", *told(ns_frame(source="::", options=b"", tags=[(0x8100, 7)]), tags=[(0x8100, 7)],
                              **defended)
    yield "probe-with-its-mac", *bad(ns_frame(source="::"))
    yield "probe-to-unicast", *bad(ns_frame(source="::", options=b"", target=OURS_6))
    yield "probe-to-all-nodes", *bad(ns_frame(source="::", options=b"", target=ALL_NODES))
    for hops in (0, 1, 64, 254):
        yield f"hop-limit-{hops}", *bad(ns_frame(hops=hops))
    yield "code-1", *bad(ns_frame(code=1))
    yield "option-of-0", *bad(ns_frame(options=link_layer(1, size=0)))
    yield "second-option-of-0", *bad(ns_frame(options=link_layer(1) + b"\x0e\0" + b"\0" * 6))
    yield "option-past-end", *bad(ns_frame(options=b"\xfd\2" + b"\0" * 6))
    yield "option-cut", *bad(ns_frame(options=link_layer(1) + b"\xfd\1"))
    yield "mac-of-16", *bad(ns_frame(options=b"\1\2" + b"\2" * 14))
    yield "mac-of-a-group", *bad(ns_frame(options=link_layer(1, GROUP_MAC)))
    yield "mac-0", *bad(ns_frame(options=link_layer(1, b"\0" * 6)))
    yield "mac-ours", *silent("bad-source", ns_frame(options=link_layer(1, SERVER_MAC)))
    yield "our-own-come-back", *silent("bad-source", ns_frame(source_mac=SERVER_MAC))
    yield "sum", *silent("icmp-checksum", ns_frame(sum_=0x1111))
    yield "sum-0", *silent("icmp-checksum", ns_frame(sum_=0))
    yield "short", *silent(TO_KERNEL, ns_frame(options=b"", keep=23))
    for source in ("::1", "ff02::1", "::ffff:192.0.2.99", OURS_6):
        yield f"from-{source}", *silent("bad-source", ns_frame(source=source))
    yield "for-another", *silent(TO_KERNEL, ns_frame(asks="2001:db8::54"))
    yield "for-a-link-local", *silent(TO_KERNEL, ns_frame(asks="fe80::ff:fe00:a"))
    yield "for-a-group", *silent(TO_KERNEL, ns_frame(asks="ff02::1:ff00:53"))
    yield "to-all-nodes", *silent(TO_KERNEL, ns_frame(target=ALL_NODES))
    yield "to-another-group", *silent(TO_KERNEL, ns_frame(target="ff02::1:ff00:54"))
    yield "to-another", *silent(TO_KERNEL, ns_frame(target="2001:db8::54"))
    yield "unicast-by-a-group", *silent(TO_KERNEL, ns_frame(target=OURS_6, to_mac=ALL_NODES_MAC))
    yield "group-by-unicast", *silent(TO_KERNEL, ns_frame(to_mac=SERVER_MAC))
    yield "hop-by-hop", *silent(TO_KERNEL, ns_frame(protocol=0, extension=bytes.fromhex("3a00010400000000")))
    yield "fragment", *silent(TO_KERNEL, ns_frame(protocol=44, extension=bytes.fromhex("3a00000000000001")))
    yield "conflict", *silent("address-conflict", na_frame())
    yield "conflict-solicited", *silent("address-conflict", na_frame(to=OURS_6, flags=0x60))
    yield "conflict-without-mac", *silent("address-conflict", na_frame(options=b""))
    yield "conflict-by-our-mac", *silent(TO_KERNEL, na_frame(options=link_layer(2, SERVER_MAC)))
    yield "advertisement-our-own", *silent("bad-source", na_frame(source_mac=SERVER_MAC))
    yield "advertisement-hop-limit", *bad(na_frame(hops=64))
    yield "advertisement-code", *bad(na_frame(code=1))
    yield "advertisement-option-of-0", *bad(na_frame(options=link_layer(2, size=0)))
    yield "advertisement-sum", *silent("icmp-checksum", na_frame(sum_=0x1111))
    yield "advertisement-short", *silent(TO_KERNEL, na_frame(options=b"", keep=23))
    yield "advertisement-of-another", *silent(TO_KERNEL, na_frame(asks=THEIRS_6))
    for kind, text in ((1, "unreachable"), (2, "too-big"), (3, "time-exceeded"), (129, "echo-reply"),
                       (130, "listener-query"), (133, "router-solicitation"), (134, "router-advertisement"),
                       (137, "redirect"), (143, "listener-report"), (255, "type-255")):
        yield text, *silent(TO_KERNEL, ethernet(ipv6(nd(kind)), 0x86DD))
    yield "version-4", *silent("ip-header", ns_frame(version=4))
    yield "length-past-frame", *silent("ip-header", ns_frame(length=1000))
    yield "cut-in-ipv6", *silent("frame-short", ns_frame(cut=53))
    yield "icmp-of-3", *silent("frame-short", ns_frame(length=3))
    yield "icmp-of-0", *silent("frame-short", ns_frame(length=0))


def echo_message(kind, data, code=0, ident=0x1234, sequence=7):
    return struct.pack("!BBHHH", kind, code, 0, ident, sequence) + data


def ping6(data=b"abcdefgh", code=0, kind=128, to_mac=SERVER_MAC, tags=(), padding=b"", source_mac=CLIENT_MAC,
          keep=None, **rest):
    rest.setdefault("hops", 57)
    return ethernet(ipv6(echo_message(kind, data, code)[:keep], **rest), 0x86DD, to_mac, source_mac, tags, padding)


def pong6(data=b"abcdefgh", to=THEIRS_6, tos=0, tags=()):
    return ethernet(ipv6(echo_message(129, data), OURS_6, to, hops=64, tos=tos), 0x86DD, CLIENT_MAC, SERVER_MAC,
                    tags)


def echo6_vectors():
    def told(asked, **how):
        return asked, "echo", pong6(**how)

    yield "ipv6", *told(ping6())
    yield "ipv6-link-local-asks", *told(ping6(source="fe80::1"), to="fe80::1")
    for size in (0, 1, 7, 8, 9, 56, 1452):
        data = bytes(i * 7 % 256 for i in range(size))
        yield f"ipv6-of-{size}", *told(ping6(data), data=data)
    yield "ipv6-past-mtu", *silent(TO_KERNEL, ping6(b"x" * 1453))
    yield "ipv6-hop-limit-1", *told(ping6(hops=1))
    yield "ipv6-class-without-ecn", *told(ping6(tos=0xBB, flow=0xABCDE), tos=0xB8)
    yield "ipv6-padding-is-not-sent-back", *told(ping6(padding=b"\xa5" * 5))
    for text, tags in (("vlan", [(0x8100, 7)]), ("provider-vlan", [(0x88A8, 5), (0x8100, 6)])):
        yield f"ipv6-{text}", *told(ping6(tags=tags), tags=tags)
    # A reply whose sum is 0 is sent with the other zero.
    turned = pong6(b"\0\0")[56:58]
    assert pong6(turned)[56:58] == b"\0\0"
    asked, outcome, reply = told(ping6(turned), data=turned)
    yield "ipv6-sum-0", asked, outcome, reply[:56] + b"\xff\xff" + reply[58:]
    yield "ipv6-code-1", *silent(TO_KERNEL, ping6(code=1))
    yield "ipv6-short", *silent("frame-short", ping6(keep=7))
    yield "ipv6-sum", *silent("icmp-checksum", ping6(sum_=0x1111))
    yield "ipv6-no-sum", *silent("icmp-checksum", ping6(sum_=0))
    for source in ("::", "::1", "ff02::1", "::ffff:192.0.2.99", OURS_6):
        yield f"ipv6-from-{source}", *silent("bad-source", ping6(source=source))
    yield "ipv6-to-another", *silent(TO_KERNEL, ping6(target="2001:db8::54"))
    yield "ipv6-to-all-nodes", *silent(TO_KERNEL, ping6(target=ALL_NODES, to_mac=ALL_NODES_MAC))
    yield "ipv6-by-a-group", *silent(TO_KERNEL, ping6(to_mac=ALL_NODES_MAC))
    yield "ipv6-our-own-come-back", *silent("bad-source", ping6(to_mac=ALL_NODES_MAC, source_mac=SERVER_MAC))
    yield "ipv6-fragment", *silent(TO_KERNEL, ping6(protocol=44, extension=bytes.fromhex("3a00000000000001")))
    yield "ipv6-length-past-frame", *silent("ip-header", ping6(length=1000))


# ---- IPv4 echo


def ipv4(message, source=THEIRS_4, target=OURS_4, tos=0, ident=0x4321, fragment=0, ttl=57, protocol=1, options=b"",
         first=None, total=None, ip_sum=None, sum_=None):
    right = checksum(message) if sum_ is None else sum_
    message = message[:2] + struct.pack("!H", right) + message[4:]
    size = 20 + len(options + message) if total is None else total
    first = 0x45 + len(options) // 4 if first is None else first
    head = struct.pack("!BBHHHBBH", first, tos, size, ident, fragment, ttl, protocol, 0)
    head += ip(source) + ip(target) + options
    right = checksum(head) if ip_sum is None else ip_sum
    return head[:10] + struct.pack("!H", right) + head[12:] + message


def ping(data=b"abcdefgh", code=0, kind=8, to_mac=SERVER_MAC, tags=(), padding=b"", source_mac=CLIENT_MAC,
         keep=None, cut=None, ident=0x1234, sequence=7, **rest):
    message = echo_message(kind, data, code, ident, sequence)[:keep]
    return ethernet(ipv4(message, **rest), 0x0800, to_mac, source_mac, tags, padding, cut)


def pong(data=b"abcdefgh", to=THEIRS_4, tos=0, tags=(), ident=0x1234, sequence=7):
    message = echo_message(0, data, 0, ident, sequence)
    return ethernet(ipv4(message, OURS_4, to, tos, 0, 0x4000, 64, sum_=checksum(message) or 0xFFFF), 0x0800,
                    CLIENT_MAC, SERVER_MAC, tags)


def echo4_vectors():
    def told(asked, **how):
        return asked, "echo", pong(**how)

    yield "ipv4", *told(ping())
    for size in (0, 1, 7, 8, 9, 56, 1472):
        data = bytes(i * 7 % 256 for i in range(size))
        yield f"ipv4-of-{size}", *told(ping(data), data=data)
    yield "ipv4-past-mtu", *silent(TO_KERNEL, ping(b"x" * 1473))
    yield "ipv4-all-zero", *told(ping(b"\0" * 8, ident=0, sequence=0), data=b"\0" * 8, ident=0, sequence=0)
    yield "ipv4-all-one", *told(ping(b"\xff" * 8), data=b"\xff" * 8)
    turned = struct.pack("!H", checksum(echo_message(0, b"\0\0")))
    assert checksum(echo_message(0, turned)) == 0
    yield "ipv4-sum-0", *told(ping(turned), data=turned)
    yield "ipv4-ttl-1", *told(ping(ttl=1))
    yield "ipv4-tos-without-ecn", *told(ping(tos=0xBB), tos=0xB8)
    yield "ipv4-dont-fragment", *told(ping(fragment=0x4000))
    yield "ipv4-padding-is-not-sent-back", *told(ping(b"", padding=b"\xa5" * 18), data=b"")
    yield "ipv4-from-another-network", *told(ping(source="203.0.113.7"), to="203.0.113.7")
    for text, tags in (("vlan", [(0x8100, 7)]), ("priority", [(0x8100, 0xE000)]), ("provider", [(0x88A8, 7)]),
                       ("two-vlans", [(0x8100, 1), (0x8100, 2)]), ("provider-vlan", [(0x88A8, 5), (0x8100, 6)])):
        yield f"ipv4-{text}", *told(ping(tags=tags), tags=tags)
    yield "ipv4-options", *silent(TO_KERNEL, ping(options=b"\1" * 4))
    yield "ipv4-record-route", *silent(TO_KERNEL, ping(options=bytes([7, 39, 4]) + b"\0" * 37))
    for text, fragment in (("first", 0x2000), ("last", 0x0001), ("middle", 0x2001)):
        yield f"ipv4-{text}-fragment", *silent(TO_KERNEL, ping(fragment=fragment))
    yield "ipv4-code-1", *silent(TO_KERNEL, ping(code=1))
    for kind, text in ((0, "reply"), (3, "unreachable"), (5, "redirect"), (11, "time-exceeded"), (13, "timestamp"),
                       (17, "mask"), (255, "type-255")):
        yield f"ipv4-{text}", *silent(TO_KERNEL, ping(kind=kind))
    yield "ipv4-short", *silent("frame-short", ping(keep=7, padding=b"\0" * 9))
    yield "ipv4-sum", *silent("icmp-checksum", ping(sum_=0x1111))
    yield "ipv4-no-sum", *silent("icmp-checksum", ping(sum_=0))
    yield "ipv4-header-sum", *silent("ip-checksum", ping(ip_sum=0x1111))
    for source in ("0.0.0.0", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", OURS_4):
        yield f"ipv4-from-{source}", *silent("bad-source", ping(source=source))
    yield "ipv4-to-another", *silent(TO_KERNEL, ping(target="192.0.2.54"))
    yield "ipv4-to-broadcast", *silent(TO_KERNEL, ping(target="192.0.2.255", to_mac=BROADCAST))
    yield "ipv4-to-all", *silent(TO_KERNEL, ping(target="255.255.255.255", to_mac=BROADCAST))
    yield "ipv4-by-broadcast", *silent(TO_KERNEL, ping(to_mac=BROADCAST))
    yield "ipv4-our-own-come-back", *silent("bad-source", ping(to_mac=BROADCAST, source_mac=SERVER_MAC))
    yield "ipv4-total-past-frame", *silent("ip-header", ping(total=1000))
    yield "ipv4-total-19", *silent("ip-header", ping(total=19))
    yield "ipv4-header-of-16", *silent("ip-header", ping(first=0x44))
    yield "ipv4-version-6", *silent("ip-header", ping(first=0x65))
    yield "ipv4-group-total-19", *silent("ip-header", ping(to_mac=BROADCAST, total=19))
    yield "ipv4-group-cut", *silent("frame-short", ping(to_mac=BROADCAST, cut=33))


# ---- What else a host is sent


def other_vectors():
    def kernel(asked):
        return silent(TO_KERNEL, asked)

    six = {"source": THEIRS_6, "target": OURS_6}
    message = query(HOST)
    for protocol in (2, 6, 47, 89, 112, 132, 136):
        yield f"ipv4-protocol-{protocol}", *kernel(frame(message, protocol=protocol))
        yield f"ipv6-protocol-{protocol}", *kernel(frame(message, protocol=protocol, **six))
    yield "udp-to-another-port", *kernel(frame(message, dport=5353))
    yield "udp-to-another-port-6", *kernel(frame(message, dport=5353, **six))
    yield "dns-to-another", *kernel(frame(message, target="192.0.2.54"))
    yield "dns-to-another-6", *kernel(frame(message, source=THEIRS_6, target="2001:db8::54"))
    yield "dns-first-fragment", *kernel(frame(message, fragment=0x2000))
    yield "dns-last-fragment", *kernel(frame(message, fragment=1))
    yield "dns-options", *kernel(frame(message, options=b"\1" * 4))
    yield "dns-fragment-6", *kernel(frame(message, protocol=44, extension=bytes.fromhex("1100000000000001"), **six))
    yield "dns-by-broadcast", *kernel(frame(message, target_mac=BROADCAST))
    yield "mdns", *kernel(frame(message, target="224.0.0.251", dport=5353,
                                target_mac=bytes.fromhex("01005e0000fb")))
    yield "dhcp", *kernel(frame(b"\2" * 240, source="192.0.2.1", target="255.255.255.255", sport=67, dport=68,
                                target_mac=BROADCAST))
    yield "lldp", *kernel(ethernet(b"\2\7" * 20, 0x88CC, bytes.fromhex("0180c200000e")))
    yield "spanning-tree", *kernel(ethernet(b"\x42\x42\3" * 13, 39, bytes.fromhex("0180c2000000")))
    yield "rarp", *kernel(ethernet(arp(), 0x8035, BROADCAST))
    yield "unknown", *kernel(ethernet(b"\0" * 46, 0x88B5))
    yield "vlan-unknown", *kernel(ethernet(b"\0" * 46, 0x88B5, tags=[(0x8100, 1)]))
    yield "dns-bad-sum", *silent("ip-checksum", frame(message, ip_sum=0x1111))
    yield "dns-bad-udp-sum", *silent("udp-checksum", frame(message, udp_sum=0x1111))
    yield "dns-from-us", *silent("bad-source", frame(message, source=OURS_4))


def foreign_vectors():
    """Flooded by a switch, or by promiscuity: to a MAC address that is not the port's."""
    yield "arp", *silent(FOREIGN, arp_frame(OTHER_MAC))
    yield "nd", *silent(FOREIGN, ns_frame(target=OURS_6, to_mac=OTHER_MAC))
    yield "ipv4", *silent(FOREIGN, ping(to_mac=OTHER_MAC))
    yield "ipv6", *silent(FOREIGN, ping6(to_mac=OTHER_MAC))
    yield "vlan", *silent(FOREIGN, ping(to_mac=OTHER_MAC, tags=[(0x8100, 7)]))
    yield "unknown", *silent(FOREIGN, ethernet(b"\0" * 46, 0x88B5, OTHER_MAC))


GROUPS = (("arp", arp_vectors), ("nd", nd_vectors), ("echo", echo4_vectors), ("echo", echo6_vectors),
          ("other", other_vectors),
          ("foreign", foreign_vectors))


def all_neighbors():
    for title, vectors in GROUPS:
        for name, *rest in vectors():
            yield f"{title}/{name}", *rest
