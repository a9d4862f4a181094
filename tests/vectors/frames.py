# SPDX-License-Identifier: BSD-3-Clause
"""Every Ethernet frame of the vectors: its name, its bytes and the frame that must answer it."""

import struct

from messages import HOST
from replies import answered, nxdomain
from wire import checksum, frame, opt, query, reply_frame, reverse
from zones import NET24

SIX = {"source": "2001:db8::99", "target": "2001:db8::53"}


def ask(**change):
    return frame(query(HOST), **change)


def replied(asked, message=None, want=answered, **reply_like):
    outcome, reply = want(message or query(HOST), False)
    return asked, outcome, reply_frame(reply, **reply_like)


def silent(outcome, asked):
    return asked, outcome, None


def sum_is_zero(addresses):
    """A query whose reply's UDP checksum comes out as 0 and so must be sent as 0xffff."""
    for ident in range(65536):
        message = query(HOST, ident=ident)
        reply = reply_frame(answered(message, False)[1], **addresses)
        at = 40 if "source" not in addresses else 60
        if reply[at:at + 2] == b"\xff\xff":
            return message
    raise AssertionError("one ID of 65,536 gives every sum")


def ethernet():
    yield "ipv4", *replied(ask())
    missing = query(reverse("192.0.2.77"))
    yield "ipv4-nxdomain", *replied(frame(missing), missing, nxdomain(NET24))
    yield "vlan", *replied(ask(vlan=0x6007), vlan=0x6007)
    yield "vlan-priority-only", *replied(ask(vlan=0xE000), vlan=0xE000)
    yield "ipv6-vlan", *replied(ask(vlan=5, **SIX), vlan=5, **SIX)
    yield "padded", *replied(ask(padding=b"\xaa" * 30))
    yield "empty", *silent("frame-short", b"")
    yield "one-byte", *silent("frame-short", b"\2")
    yield "ethernet-only", *silent("frame-short", ask(cut=14))
    yield "cut-at-17", *silent("frame-short", ask(cut=17))
    yield "runt", *silent("frame-short", ask(cut=24))
    yield "cut-in-ipv4-header", *silent("frame-short", ask(cut=33))
    yield "cut-after-ipv4-header", *silent("ip-header", ask(cut=34))
    yield "cut-after-vlan", *silent("frame-short", ask(vlan=1, cut=18))
    yield "cut-in-vlan-ipv4-header", *silent("frame-short", ask(vlan=1, cut=37))
    yield "cut-in-ipv6-header", *silent("frame-short", ask(cut=53, **SIX))
    yield "to-broadcast-mac", *silent("not-ours", ask(target_mac=b"\xff" * 6))
    yield "to-multicast-mac", *silent("not-ours", ask(target_mac=bytes.fromhex("01005e000001")))
    yield "from-multicast-mac", *silent("bad-source", ask(source_mac=bytes.fromhex("0300000000ff")))
    yield "arp", *silent("not-ip", ask(ethertype=0x0806))
    yield "llc", *silent("not-ip", ask(ethertype=60))
    yield "provider-tag", *silent("not-ip", ask(ethertype=0x88A8))
    yield "two-tags", *silent("not-ip", ask(vlan=1, ethertype=0x8100))
    yield "ipv6-type-with-ipv4", *silent("ip-header", ask(ethertype=0x86DD))
    yield "ipv4-type-with-ipv6", *silent("ip-header", ask(ethertype=0x0800, **SIX))


def ipv4():
    yield "ipv4-tos-cleared", *replied(ask(tos=0xBB))
    yield "ipv4-reserved-flag", *replied(ask(fragment=0x8000))
    yield "ipv4-dont-fragment", *replied(ask(fragment=0x4000))
    yield "ipv4-ttl-0", *replied(ask(ttl=0))
    yield "ipv4-ttl-1", *replied(ask(ttl=1))
    yield "ipv4-bytes-after-udp", *replied(ask(after_udp=b"\xaa" * 7))
    yield "ipv4-version-5", *silent("ip-header", ask(version=5))
    yield "ipv4-header-of-16", *silent("ip-header", ask(ihl=4))
    yield "ipv4-options", *silent("not-udp", ask(options=b"\1" * 40))
    yield "ipv4-header-past-total", *silent("ip-header", ask(ihl=15, total=56))
    yield "ipv4-total-past-frame", *silent("ip-header", ask(total=1000))
    yield "ipv4-total-19", *silent("ip-header", ask(total=19))
    yield "ipv4-total-0", *silent("ip-header", ask(total=0))
    yield "ipv4-total-20", *silent("udp-length", ask(total=20))
    yield "ipv4-total-27", *silent("udp-length", ask(total=27))
    yield "ipv4-bad-sum", *silent("ip-checksum", ask(ip_sum=0x1111))
    yield "ipv4-first-fragment", *silent("not-udp", ask(fragment=0x2000))
    yield "ipv4-last-fragment", *silent("not-udp", ask(fragment=0x0001))
    yield "ipv4-far-fragment", *silent("not-udp", ask(fragment=0x1FFF))
    for protocol in (0, 1, 6, 132, 136):
        yield f"ipv4-protocol-{protocol}", *silent("not-udp", ask(protocol=protocol))
    yield "ipv4-to-another", *silent("not-ours", ask(target="192.0.2.54"))
    yield "ipv4-to-broadcast", *silent("not-ours", ask(target="192.0.2.255"))
    yield "ipv4-to-multicast", *silent("not-ours", ask(target="224.0.0.251"))
    for source in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "239.1.2.3", "240.0.0.1",
                   "255.255.255.255", "192.0.2.53"):
        yield f"ipv4-from-{source}", *silent("bad-source", ask(source=source))
    yield "ipv4-from-1.0.0.1", *replied(ask(source="1.0.0.1"), source="1.0.0.1")
    yield ("ipv4-from-223.255.255.255",
           *replied(ask(source="223.255.255.255"), source="223.255.255.255"))


def ipv6():
    yield "ipv6", *replied(ask(**SIX), **SIX)
    yield "ipv6-flow-and-class-cleared", *replied(ask(flow=0xABCDE, tos=0xFF, **SIX), **SIX)
    yield "ipv6-hop-limit-0", *replied(ask(ttl=0, **SIX), **SIX)
    yield "ipv6-version-4", *silent("ip-header", ask(version=4, **SIX))
    yield "ipv6-payload-past-frame", *silent("ip-header", ask(total=1000, **SIX))
    yield "ipv6-payload-0", *silent("udp-length", ask(total=0, **SIX))
    yield "ipv6-payload-7", *silent("udp-length", ask(total=7, **SIX))
    yield "ipv6-no-sum", *silent("udp-checksum", ask(udp_sum=0, **SIX))
    yield "ipv6-bad-sum", *silent("udp-checksum", ask(udp_sum=0x1111, **SIX))
    pad = bytes.fromhex("1100010400000000")
    for text, number in (("hop-by-hop", 0), ("routing", 43), ("fragment", 44), ("destination", 60)):
        yield f"ipv6-{text}", *silent("not-udp", ask(protocol=number, extension=pad, **SIX))
    yield "ipv6-tcp", *silent("not-udp", ask(protocol=6, **SIX))
    yield "ipv6-icmp", *silent("not-udp", ask(protocol=58, **SIX))
    yield "ipv6-to-another", *silent("not-ours", ask(source="2001:db8::99", target="2001:db8::54"))
    yield "ipv6-to-multicast", *silent("not-ours", ask(source="2001:db8::99", target="ff02::fb"))
    for source in ("::", "::1", "ff02::1", "::ffff:192.0.2.99", "2001:db8::53"):
        yield (f"ipv6-from-{source}",
               *silent("bad-source", ask(source=source, target="2001:db8::53")))
    for source in ("::2", "::1:0:0:1", "fe80::1", "::fffe:192.0.2.99"):
        ends = {"source": source, "target": "2001:db8::53"}
        yield f"ipv6-from-{source}", *replied(ask(**ends), **ends)


def udp():
    yield "udp-no-sum", *replied(ask(udp_sum=0))
    yield "udp-bad-sum", *silent("udp-checksum", ask(udp_sum=0x1111))
    yield "udp-length-past-ip", *silent("udp-length", ask(udp_length=1000))
    yield ("udp-length-one-past-ip",
           *silent("udp-length", ask(udp_length=49, udp_sum=0, padding=b"\0")))
    yield "udp-length-0", *silent("udp-length", ask(udp_length=0))
    yield "udp-length-7", *silent("udp-length", ask(udp_length=7))
    yield "udp-length-8", *silent("message-short", frame(b""))
    yield "udp-length-19", *silent("message-short", frame(b"\0" * 11))
    yield "udp-odd-length", *replied(frame(query(HOST, additional=[opt(options=b"\0\x64\0\1x")])),
                                     query(HOST, additional=[opt()]))
    yield "udp-to-another-port", *silent("not-ours", ask(dport=5353))
    yield "udp-to-port-0", *silent("not-ours", ask(dport=0))
    for port in (0, 1, 7, 19, 52, 54, 1023):
        yield f"udp-from-port-{port}", *silent("bad-source", ask(sport=port))
    for port in (53, 1024, 65535):
        yield f"udp-from-port-{port}", *replied(ask(sport=port), sport=port)
    yield "udp-length-past-ip-6", *silent("udp-length", ask(udp_length=1000, **SIX))
    message = sum_is_zero({})
    yield "udp-reply-sum-0", *replied(frame(message), message)
    message = sum_is_zero(SIX)
    yield "ipv6-udp-reply-sum-0", *replied(frame(message, **SIX), message, **SIX)
    # A sum that comes out as 0 in the query is sent as 0xffff and must be taken.
    tail = struct.unpack("!H", frame(query(HOST, ident=0))[40:42])[0]
    message = query(HOST, ident=tail)
    assert frame(message)[40:42] == b"\xff\xff"
    yield "udp-query-sum-0", *replied(frame(message), message)


def wrapped(messages):
    """Every DNS message of the default policy again, in turn over IPv4, IPv6 and a tag."""
    for n, (text, message, want) in enumerate(messages):
        if len(message) > 1452:
            continue
        ends = ({}, SIX, {"vlan": 100})[n % 3]
        outcome, reply = want(message, False)
        answer = None if reply is None else reply_frame(reply, **ends)
        yield f"message/{text}", frame(message, **ends), outcome, answer


def all_frames(messages):
    assert checksum(bytes.fromhex("45000073000040004011b861c0a80001c0a800c7")) == 0
    for group in (ethernet, ipv4, ipv6, udp):
        yield from group()
    yield from wrapped(messages)
