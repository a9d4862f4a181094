# SPDX-License-Identifier: BSD-3-Clause
"""DNS messages and Ethernet frames from plain values, written from the RFCs for the vectors alone.

Nothing here calls the code under test: a mistake would have to be made twice to go unseen.
"""

import ipaddress
import struct

QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10
NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, BADVERS, BADCOOKIE = 0, 1, 3, 4, 5, 6, 16, 23
A, NS, CNAME, SOA, PTR, HINFO, MX, TXT, AAAA, SRV = 1, 2, 5, 6, 12, 13, 15, 16, 28, 33
DNAME, OPT, DS, DHCID = 39, 41, 43, 49
TSIG, IXFR, AXFR, MAILB, MAILA, ANY = 250, 251, 252, 253, 254, 255
PRIVATE = 65280  # RFC 6895 3.1: never assigned
IN, CH = 1, 3
NSID, COOKIE, KEEPALIVE, EDE, ZONEVERSION = 3, 10, 11, 15, 19


def labels(*parts):
    """A wire name from its labels, each bytes, the root added."""
    return b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


def name(text):
    """A wire name from text without escapes."""
    return labels(*(p.encode("latin-1") for p in text.split(".") if p))


def reverse(address):
    return name(ipaddress.ip_address(address).reverse_pointer)


def question(qname, qtype=PTR, qclass=IN):
    return qname + struct.pack("!HH", qtype, qclass)


def header(ident=0x1A2B, flags=0, qd=1, an=0, ns=0, ar=0):
    return struct.pack("!6H", ident, flags, qd, an, ns, ar)


def rr(owner, rtype, ttl, rdata, rclass=IN):
    return owner + struct.pack("!HHIH", rtype, rclass, ttl, len(rdata)) + rdata


def option(code, data=b""):
    return struct.pack("!HH", code, len(data)) + data


def opt(size=1232, version=0, do=False, flags=0, options=b"", rcode=0, owner=b"\0"):
    ttl = rcode << 24 | version << 16 | (0x8000 if do else 0) | flags
    return rr(owner, OPT, ttl, options, rclass=size)


def query(qname, qtype=PTR, qclass=IN, flags=0, additional=(), authority=(), tail=b"",
          ident=0x1A2B):
    return (header(ident, flags, 1, 0, len(authority), len(additional))
            + question(qname, qtype, qclass) + b"".join(authority) + b"".join(additional) + tail)


def siphash24(key, data):
    """SipHash-2-4 by its paper: 64-bit words, least significant octet first."""
    mask = (1 << 64) - 1
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261,
         k1 ^ 0x7465646279746573]

    def left(x, n):
        return (x << n | x >> 64 - n) & mask

    def sipround(times):
        for _ in range(times):
            v[0] = (v[0] + v[1]) & mask
            v[1] = left(v[1], 13) ^ v[0]
            v[0] = left(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = left(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = left(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = left(v[1], 17) ^ v[2]
            v[2] = left(v[2], 32)

    whole = len(data) // 8 * 8
    last = data[whole:].ljust(7, b"\0") + bytes([len(data) % 256])
    for word in struct.unpack("<%dQ" % (whole // 8 + 1), data[:whole] + last):
        v[3] ^= word
        sipround(2)
        v[0] ^= word
    v[2] ^= 0xFF
    sipround(4)
    return struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])


def server_cookie(client, address, now, secret, reserved=b"\0\0\0"):
    """The whole option content by RFC 9018 4: the client's part, then ours."""
    head = client + b"\1" + reserved + struct.pack("!I", now % 2**32)
    return head + siphash24(secret, head + ipaddress.ip_address(address).packed)


def checksum(data):
    """RFC 1071, over 16-bit words."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_checksum(source, target, datagram):
    if source.version == 4:
        pseudo = source.packed + target.packed + struct.pack("!BBH", 0, 17, len(datagram))
    else:
        pseudo = source.packed + target.packed + struct.pack("!IBBBB", len(datagram), 0, 0, 0, 17)
    return checksum(pseudo + datagram)


SERVER_MAC, CLIENT_MAC = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000c")


def frame(payload, **change):
    """An Ethernet frame with a UDP datagram; `change` overrides any field, checksums included.

    `vlan` is a TCI, or a tuple of tags, outermost first, each a TCI or (TPID, TCI). For a reply, the
    same function is called with the ends swapped and our header values.
    """
    f = {
        "source": "192.0.2.99", "target": "192.0.2.53", "sport": 40000, "dport": 53,
        "source_mac": CLIENT_MAC, "target_mac": SERVER_MAC, "vlan": None, "ethertype": None,
        "version": None, "tos": 0, "ident": 0x1234, "fragment": 0, "ttl": 57, "protocol": 17,
        "options": b"", "ihl": None, "total": None, "ip_sum": None, "flow": 0, "extension": b"",
        "udp_length": None, "udp_sum": None, "after_udp": b"", "padding": b"", "cut": None,
    }
    assert set(change) <= set(f), change
    f.update(change)
    source, target = ipaddress.ip_address(f["source"]), ipaddress.ip_address(f["target"])

    udp_length = 8 + len(payload) if f["udp_length"] is None else f["udp_length"]
    datagram = struct.pack("!HHHH", f["sport"], f["dport"], udp_length, 0) + payload
    sum_ = udp_checksum(source, target, datagram) or 0xFFFF
    if f["udp_sum"] is not None:
        sum_ = f["udp_sum"]
    datagram = datagram[:6] + struct.pack("!H", sum_) + datagram[8:] + f["after_udp"]

    if source.version == 4:
        ihl = 5 + len(f["options"]) // 4 if f["ihl"] is None else f["ihl"]
        total = 20 + len(f["options"]) + len(datagram) if f["total"] is None else f["total"]
        first = (4 if f["version"] is None else f["version"]) << 4 | ihl
        ip = struct.pack("!BBHHHBBH", first, f["tos"], total, f["ident"], f["fragment"], f["ttl"],
                         f["protocol"], 0) + source.packed + target.packed + f["options"]
        sum_ = checksum(ip) if f["ip_sum"] is None else f["ip_sum"]
        ip = ip[:10] + struct.pack("!H", sum_) + ip[12:]
        ethertype = 0x0800
    else:
        version = 6 if f["version"] is None else f["version"]
        total = len(f["extension"]) + len(datagram) if f["total"] is None else f["total"]
        ip = struct.pack("!IHBB", version << 28 | f["tos"] << 20 | f["flow"], total, f["protocol"],
                         f["ttl"]) + source.packed + target.packed + f["extension"]
        ethertype = 0x86DD
    if f["ethertype"] is not None:
        ethertype = f["ethertype"]
    tags = f["vlan"] if isinstance(f["vlan"], tuple) else (f["vlan"],)
    tags = [(0x8100, tag) if isinstance(tag, int) else tag for tag in tags if tag is not None]
    tags = b"".join(struct.pack("!HH", *tag) for tag in tags)
    whole = (f["target_mac"] + f["source_mac"] + tags + struct.pack("!H", ethertype) + ip + datagram
             + f["padding"])
    return whole if f["cut"] is None else whole[:f["cut"]]


def reply_frame(payload, **asked):
    """The frame that answers one made with frame(..., **asked)."""
    source, target = asked.get("source", "192.0.2.99"), asked.get("target", "192.0.2.53")
    return frame(payload, source=target, target=source, sport=asked.get("dport", 53),
                 dport=asked.get("sport", 40000), vlan=asked.get("vlan"), source_mac=SERVER_MAC,
                 target_mac=asked.get("source_mac", CLIENT_MAC), ttl=64, ident=0, fragment=0x4000)
