# SPDX-License-Identifier: BSD-3-Clause
"""Every Ethernet frame of the vectors: its name, its bytes and the frame that must answer it."""

import ipaddress
import struct

from messages import HOST
from replies import answered, nxdomain
from wire import CLIENT_MAC, SERVER_MAC, checksum, frame, opt, query, reply_frame, reverse
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
    for text, mac in (("broadcast", "ffffffffffff"), ("multicast", "01005e000001"),
                      ("other", "02000000000b"), ("other-first-octet", "06000000000a"),
                      ("zero", "000000000000"), ("vrrp", "00005e000101")):
        yield f"to-{text}-mac", *silent("not-our-mac", ask(target_mac=bytes.fromhex(mac)))
        yield f"ipv6-to-{text}-mac", *silent("not-our-mac",
                                             ask(target_mac=bytes.fromhex(mac), **SIX))
    for text, mac in (("multicast", "0300000000ff"), ("broadcast", "ffffffffffff"),
                      ("zero", "000000000000"), ("our", "02000000000a")):
        yield f"from-{text}-mac", *silent("bad-source", ask(source_mac=bytes.fromhex(mac)))
    for mac in ("000000000001", "02000000000b", "fe0000000000"):
        source = bytes.fromhex(mac)
        yield f"from-mac-{mac}", *replied(ask(source_mac=source), source_mac=source)
    for ethertype in (0, 60, 0x05DC, 0x05FF, 0x0600, 0x0801, 0x8035, 0x8847, 0x8863, 0x88CC, 0x9100,
                      0x9200, 0xFFFF):
        yield f"ethertype-{ethertype:04x}", *silent("not-ip", ask(ethertype=ethertype))
    yield "ipv6-type-with-ipv4", *silent("ip-header", ask(ethertype=0x86DD))
    yield "ipv4-type-with-ipv6", *silent("ip-header", ask(ethertype=0x0800, **SIX))
    yield "jumbo", *replied(ask(after_udp=b"\0" * 1800))
    yield "ipv6-jumbo", *replied(ask(after_udp=b"\0" * 1800, **SIX), **SIX)


def arp(operation, sender, target, target_mac=b"\xff" * 6):
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + CLIENT_MAC
    body += ipaddress.ip_address(sender).packed + bytes(6) + ipaddress.ip_address(target).packed
    return target_mac + CLIENT_MAC + b"\x08\x06" + body.ljust(46, b"\0")


def solicitation(hop_limit):
    """A neighbour solicitation for our address to its solicited-node group (RFC 4861 4.3)."""
    group, source = ipaddress.ip_address("ff02::1:ff00:53"), ipaddress.ip_address(SIX["source"])
    body = struct.pack("!BBHI", 135, 0, 0, 0) + ipaddress.ip_address(SIX["target"]).packed
    body += b"\1\1" + CLIENT_MAC
    pseudo = source.packed + group.packed + struct.pack("!IBBBB", len(body), 0, 0, 0, 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    ip = struct.pack("!IHBB", 6 << 28, len(body), 58, hop_limit) + source.packed + group.packed
    return b"\x33\x33" + group.packed[12:] + CLIENT_MAC + b"\x86\xdd" + ip + body


def not_datagrams():
    """What a kernel answers, which has the port too or gets it by the exception path."""
    yield "arp-request", *silent("not-our-mac", arp(1, "192.0.2.99", "192.0.2.53"))
    yield "arp-gratuitous-for-ours", *silent("not-our-mac", arp(1, "192.0.2.53", "192.0.2.53"))
    yield "arp-reply-unasked", *silent("not-ip", arp(2, "192.0.2.99", "192.0.2.53", SERVER_MAC))
    yield "nd-solicitation", *silent("not-our-mac", solicitation(255))
    yield "nd-solicitation-from-afar", *silent("not-our-mac", solicitation(64))
    syn_fin = struct.pack("!HHIIBBHHH", 40000, 53, 1, 0, 5 << 4, 3, 1024, 0, 0)
    source, target = (ipaddress.ip_address(a).packed for a in ("192.0.2.99", "192.0.2.53"))
    sum_ = checksum(source + target + struct.pack("!BBH", 0, 6, 20) + syn_fin)
    syn_fin = syn_fin[:16] + struct.pack("!H", sum_) + syn_fin[18:]
    yield "tcp-syn-fin", *silent("not-udp", raw_ipv4(6, syn_fin))
    inner = reply_frame(answered(query(HOST), False)[1])[14:42]
    too_big = struct.pack("!BBHHH", 3, 4, 0, 0, 68) + inner
    too_big = too_big[:2] + struct.pack("!H", checksum(too_big)) + too_big[4:]
    yield "icmp-fragmentation-needed", *silent("not-udp", raw_ipv4(1, too_big))


def raw_ipv4(protocol, body):
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 57, protocol, 0)
    ip += ipaddress.ip_address("192.0.2.99").packed + ipaddress.ip_address("192.0.2.53").packed
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return SERVER_MAC + CLIENT_MAC + b"\x08\0" + ip + body


C, S = 0x8100, 0x88A8
TAGS = {
    "c": ((C, 1),), "c-priority-only": ((C, 0xE000),), "c-all-bits": ((C, 0xFFFE),),
    "c-drop-eligible": ((C, 0x1064),), "s": ((S, 100),), "s-drop-eligible": ((S, 0x3064),),
    "s-c": ((S, 0x2064), (C, 0x7005)), "c-c": ((C, 0x6FFE), (C, 0)), "s-c-zero": ((S, 0), (C, 0)),
}
BAD_TAGS = {
    "s-s": ((S, 1), (S, 2)), "c-s": ((C, 1), (S, 2)), "c-c-c": ((C, 1), (C, 2), (C, 3)),
    "s-c-c": ((S, 1), (C, 2), (C, 3)), "s-c-s": ((S, 1), (C, 2), (S, 3)),
    "c-4095": ((C, 0xFFF),), "s-4095": ((S, 0xEFFF),), "s-c-4095": ((S, 1), (C, 0x0FFF)),
    "s-4095-c": ((S, 0x0FFF), (C, 1)),
}


def tags():
    """Every shape of tags with both families; the reply's are the query's, bit for bit."""
    for family, ends, ip in (("ipv4", {}, 20), ("ipv6", SIX, 40)):
        for text, vlan in TAGS.items():
            yield f"{family}-tags-{text}", *replied(ask(vlan=vlan, **ends), vlan=vlan, **ends)
            inside = 14 + 4 * len(vlan)
            yield (f"{family}-tags-{text}-cut", *silent("frame-short", ask(
                vlan=vlan, cut=inside + ip - 1, **ends)))
            yield (f"{family}-tags-{text}-padded", *replied(ask(
                vlan=vlan, padding=b"\xaa" * 9, **ends), vlan=vlan, **ends))
            yield (f"{family}-tags-{text}-other-type", *silent("not-ip", ask(
                vlan=vlan, ethertype=0x0806, **ends)))
            yield (f"{family}-tags-{text}-to-another", *silent("not-our-mac", ask(
                vlan=vlan, target_mac=CLIENT_MAC, **ends)))
        for text, vlan in BAD_TAGS.items():
            yield f"{family}-tags-{text}", *silent("vlan-tags", ask(vlan=vlan, **ends))
        yield f"{family}-tags-cut-in-second", *silent("frame-short", ask(
            vlan=TAGS["s-c"], cut=21, **ends))
    yield "tag-cut-17", *silent("frame-short", ask(vlan=1, cut=17))
    yield "tag-alone", *silent("not-ip", ask(vlan=1, ethertype=0x0806, cut=18))


def ipv4():
    yield "ipv4-tos-cleared", *replied(ask(tos=0xBB))
    yield "ipv4-reserved-flag", *replied(ask(fragment=0x8000))
    yield "ipv4-dont-fragment", *replied(ask(fragment=0x4000))
    yield "ipv4-ttl-0", *silent("hop-limit", ask(ttl=0))
    for ttl in (1, 2, 255):
        yield f"ipv4-ttl-{ttl}", *replied(ask(ttl=ttl))
    for tos in (1, 2, 3, 0xB8, 0xFF):
        yield f"ipv4-tos-{tos}", *replied(ask(tos=tos))
    for ident in (0, 0xFFFF):
        yield f"ipv4-id-{ident}", *replied(ask(ident=ident))
    yield "ipv4-bytes-after-udp", *replied(ask(after_udp=b"\xaa" * 7))
    yield "ipv4-version-5", *silent("ip-header", ask(version=5))
    yield "ipv4-header-of-16", *silent("ip-header", ask(ihl=4))
    yield "ipv4-options", *silent("not-udp", ask(options=b"\1" * 40))
    yield "ipv4-header-past-total", *silent("ip-header", ask(ihl=15, total=56))
    yield "ipv4-total-past-frame", *silent("ip-header", ask(total=1000))
    yield "ipv4-total-19", *silent("ip-header", ask(total=19))
    yield "ipv4-total-21", *silent("udp-length", ask(total=21))
    yield "ipv4-total-one-less", *silent("udp-length", ask(total=67))
    yield "ipv4-total-65535", *silent("ip-header", ask(total=65535))
    yield "ipv4-total-one-past-frame", *silent("ip-header", ask(total=69))
    yield "ipv4-total-past-udp", *replied(ask(total=69, padding=b"\0"))
    yield "ipv4-overlapping-fragment", *silent("not-udp", ask(fragment=0x2001))
    yield "ipv4-all-flags", *silent("not-udp", ask(fragment=0xE000))
    yield "ipv4-reserved-and-dont-fragment", *replied(ask(fragment=0xC000))
    for version in (0, 6, 15):
        yield f"ipv4-version-{version}", *silent("ip-header", ask(version=version))
    for ihl in (0, 1, 6, 14):
        yield (f"ipv4-ihl-{ihl}", *silent("ip-header" if ihl < 5 else "not-udp", ask(ihl=ihl)))
    yield "ipv4-no-sum", *silent("ip-checksum", ask(ip_sum=0))
    yield "ipv4-sum-ffff", *silent("ip-checksum", ask(ip_sum=0xFFFF))
    yield "ipv4-total-0", *silent("ip-header", ask(total=0))
    yield "ipv4-total-20", *silent("udp-length", ask(total=20))
    yield "ipv4-total-27", *silent("udp-length", ask(total=27))
    yield "ipv4-bad-sum", *silent("ip-checksum", ask(ip_sum=0x1111))
    yield "ipv4-first-fragment", *silent("not-udp", ask(fragment=0x2000))
    yield "ipv4-last-fragment", *silent("not-udp", ask(fragment=0x0001))
    yield "ipv4-far-fragment", *silent("not-udp", ask(fragment=0x1FFF))
    for protocol in (0, 1, 2, 4, 6, 16, 18, 41, 47, 50, 132, 136, 255):
        yield f"ipv4-protocol-{protocol}", *silent("not-udp", ask(protocol=protocol))
    yield "ipv4-to-another", *silent("not-ours", ask(target="192.0.2.54"))
    yield "ipv4-to-broadcast", *silent("not-ours", ask(target="192.0.2.255"))
    yield "ipv4-to-multicast", *silent("not-ours", ask(target="224.0.0.251"))
    for source in ("0.0.0.0", "0.1.2.3", "0.255.255.255", "127.0.0.0", "127.0.0.1",
                   "127.255.255.255", "224.0.0.0", "224.0.0.1", "239.1.2.3", "240.0.0.1",
                   "255.255.255.255", "192.0.2.53"):
        yield f"ipv4-from-{source}", *silent("bad-source", ask(source=source))
    # A network's broadcast address cannot be told from a host's without its mask.
    for source in ("1.0.0.1", "126.255.255.255", "128.0.0.1", "223.255.255.255", "192.0.2.255"):
        yield f"ipv4-from-{source}", *replied(ask(source=source), source=source)


def ipv6():
    yield "ipv6", *replied(ask(**SIX), **SIX)
    yield "ipv6-flow-and-class-cleared", *replied(ask(flow=0xABCDE, tos=0xFF, **SIX), **SIX)
    yield "ipv6-hop-limit-0", *silent("hop-limit", ask(ttl=0, **SIX))
    for limit in (1, 255):
        yield f"ipv6-hop-limit-{limit}", *replied(ask(ttl=limit, **SIX), **SIX)
    for tos in (1, 2, 3, 0xB8):
        yield f"ipv6-class-{tos}", *replied(ask(tos=tos, **SIX), **SIX)
    for flow in (1, 0x80000, 0xFFFFF):
        yield f"ipv6-flow-{flow}", *replied(ask(flow=flow, **SIX), **SIX)
    for version in (0, 5, 7, 15):
        yield f"ipv6-version-{version}", *silent("ip-header", ask(version=version, **SIX))
    yield "ipv6-payload-8", *silent("udp-length", ask(total=8, **SIX))
    yield "ipv6-payload-one-less", *silent("udp-length", ask(total=47, **SIX))
    yield "ipv6-payload-one-past-frame", *silent("ip-header", ask(total=49, **SIX))
    yield "ipv6-payload-65535", *silent("ip-header", ask(total=65535, **SIX))
    yield "ipv6-payload-past-udp", *replied(ask(total=49, padding=b"\0", **SIX), **SIX)
    yield "ipv6-padded", *replied(ask(padding=b"\xaa" * 30, **SIX), **SIX)
    for protocol in (4, 41, 50, 51, 59, 135, 136, 255):
        yield f"ipv6-protocol-{protocol}", *silent("not-udp", ask(protocol=protocol, **SIX))
    yield "ipv6-version-4", *silent("ip-header", ask(version=4, **SIX))
    yield "ipv6-payload-past-frame", *silent("ip-header", ask(total=1000, **SIX))
    yield "ipv6-payload-0", *silent("udp-length", ask(total=0, **SIX))
    yield "ipv6-payload-7", *silent("udp-length", ask(total=7, **SIX))
    yield "ipv6-no-sum", *silent("udp-checksum", ask(udp_sum=0, **SIX))
    yield "ipv6-bad-sum", *silent("udp-checksum", ask(udp_sum=0x1111, **SIX))
    pad = bytes.fromhex("1100010400000000")
    discard = bytes.fromhex("1100c20400000000")
    yield ("ipv6-hop-by-hop-unknown",
           *silent("not-udp", ask(protocol=0, extension=discard, **SIX)))
    atomic, first = bytes.fromhex("1100000012345678"), bytes.fromhex("1100000112345678")
    for text, header in (("atomic", atomic), ("first", first)):
        yield (f"ipv6-fragment-{text}",
               *silent("not-udp", ask(protocol=44, extension=header, **SIX)))
    for text, number in (("hop-by-hop", 0), ("routing", 43), ("fragment", 44), ("destination", 60)):
        yield f"ipv6-{text}", *silent("not-udp", ask(protocol=number, extension=pad, **SIX))
    yield "ipv6-tcp", *silent("not-udp", ask(protocol=6, **SIX))
    yield "ipv6-icmp", *silent("not-udp", ask(protocol=58, **SIX))
    yield "ipv6-to-another", *silent("not-ours", ask(source="2001:db8::99", target="2001:db8::54"))
    yield "ipv6-to-multicast", *silent("not-ours", ask(source="2001:db8::99", target="ff02::fb"))
    for target in ("ff02::1", "ff05::1", "::", "::ffff:192.0.2.53"):
        yield (f"ipv6-to-{target}",
               *silent("not-ours", ask(source="2001:db8::99", target=target)))
    for source in ("::", "::1", "::2", "::192.0.2.99", "::ffff:ffff", "ff00::", "ff02::1", "ff0e::1",
                   "::ffff:192.0.2.99", "::ffff:0:0", "2001:db8::53"):
        yield (f"ipv6-from-{source}",
               *silent("bad-source", ask(source=source, target="2001:db8::53")))
    for source in ("::1:0:0", "::1:0:0:1", "fe80::1", "fec0::1", "fd00::1", "::fffe:192.0.2.99", "64:ff9b::c000:263",
                   "feff::1", "100::1"):
        ends = {"source": source, "target": "2001:db8::53"}
        yield f"ipv6-from-{source}", *replied(ask(**ends), **ends)


def udp():
    yield "udp-no-sum", *replied(ask(udp_sum=0))
    yield "udp-bad-sum", *silent("udp-checksum", ask(udp_sum=0x1111))
    yield "udp-length-past-ip", *silent("udp-length", ask(udp_length=1000))
    yield ("udp-length-one-past-ip",
           *silent("udp-length", ask(udp_length=49, udp_sum=0, padding=b"\0")))
    for length in (1, 6, 65535):
        yield f"udp-length-{length}", *silent("udp-length", ask(udp_length=length))
    for total, length in ((67, 48), (68, 49), (68, 65535), (28, 9), (60, 48)):
        yield (f"udp-length-{length}-in-ip-{total}",
               *silent("udp-length", ask(total=total, udp_length=length, udp_sum=0)))
    yield "udp-sum-ffff", *silent("udp-checksum", ask(udp_sum=0xFFFF))
    yield "ipv6-udp-sum-ffff", *silent("udp-checksum", ask(udp_sum=0xFFFF, **SIX))
    yield "udp-bad-sum-odd", *silent("udp-checksum", frame(query(HOST) + b"\0", udp_sum=0x1111))
    yield "ipv6-udp-length-0", *silent("udp-length", ask(udp_length=0, **SIX))
    yield "ipv6-udp-length-7", *silent("udp-length", ask(udp_length=7, **SIX))
    yield "udp-length-0", *silent("udp-length", ask(udp_length=0))
    yield "udp-length-7", *silent("udp-length", ask(udp_length=7))
    yield "udp-length-8", *silent("message-short", frame(b""))
    yield "udp-length-19", *silent("message-short", frame(b"\0" * 11))
    yield "udp-odd-length", *replied(frame(query(HOST, additional=[opt(options=b"\0\x64\0\1x")])),
                                     query(HOST, additional=[opt()]))
    yield "udp-to-another-port", *silent("not-ours", ask(dport=5353))
    for port in (52, 54, 0x3500, 65535):
        yield f"udp-to-port-{port}", *silent("not-ours", ask(dport=port))
    yield "udp-to-port-0", *silent("not-ours", ask(dport=0))
    for port in (0, 1, 7, 13, 17, 19, 37, 52, 54, 69, 123, 161, 389, 1023):
        yield f"udp-from-port-{port}", *silent("bad-source", ask(sport=port))
    # Services that reflect live there too, but any of these may be a resolver's (RFC 6056).
    for port in (53, 1024, 1900, 3702, 5353, 5683, 11211, 65535):
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


def cuts():
    """A frame that ends too early, at every length: each header's own refusal, never a reply."""
    for family, ends, udp in (("ipv4", {}, 34), ("ipv6", SIX, 54)):
        whole = ask(**ends)
        for cut in range(1, len(whole)):
            short = "frame-short" if cut < (18 if cut < 18 else udp) else "ip-header"
            yield f"{family}-cut-{cut}", *silent(short, whole[:cut])
    # Both lengths say what is there: only the message is cut.
    for bytes_ in (0, 1, 11):
        yield f"dns-cut-{bytes_}", *silent("message-short", frame(query(HOST)[:bytes_]))


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
    for group in (ethernet, tags, not_datagrams, ipv4, ipv6, udp, cuts):
        yield from group()
    yield from wrapped(messages)
