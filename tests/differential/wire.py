# SPDX-License-Identifier: BSD-3-Clause
"""Names, queries and replies as bytes: a small DNS codec of the test's own.

A name is a tuple of labels (bytes), leftmost first, without the root; `()` is the root.
The codec is independent of every server under test, so that no two of them can share its errors.
"""

import struct
from typing import NamedTuple

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "RP": 17,
    "AAAA": 28, "SRV": 33, "DNAME": 39, "OPT": 41, "DS": 43, "SSHFP": 44, "RRSIG": 46,
    "NSEC": 47, "DNSKEY": 48, "DHCID": 49, "IXFR": 251, "AXFR": 252, "MAILB": 253, "ANY": 255,
    "CAA": 257, "TYPE65280": 65280, "TYPE65281": 65281,
}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
          6: "YXDOMAIN", 9: "NOTAUTH", 16: "BADVERS"}
CLASS_IN, CLASS_CH, CLASS_NONE, CLASS_ANY = 1, 3, 254, 255

# RDATA that holds names: octets before them, how many names, and octets after them
# (RFC 1035 3.3, RFC 1183, RFC 2782, RFC 6672). Servers may compress some of these.
NAMES_IN_RDATA = {
    TYPES["NS"]: (0, 1, 0), TYPES["CNAME"]: (0, 1, 0), TYPES["PTR"]: (0, 1, 0),
    TYPES["DNAME"]: (0, 1, 0), TYPES["SOA"]: (0, 2, 20), TYPES["MX"]: (2, 1, 0),
    TYPES["RP"]: (0, 2, 0), TYPES["SRV"]: (6, 1, 0),
}

# Octets that every zone-file reader takes unescaped inside a label.
PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*/")


class Malformed(ValueError):
    """A reply that does not parse; its text says where."""


class RR(NamedTuple):
    owner: bytes        # uncompressed wire form, lower case
    rrtype: int
    rrclass: int
    ttl: int
    rdata: bytes        # names uncompressed and in lower case
    exact: bytes        # the same with the case that came


class Reply(NamedTuple):
    flags: int
    question: bytes
    answer: list
    authority: list
    additional: list    # without OPT
    opt: object         # None, or (size, extended rcode, version, flags, options)


def lower(name):
    return tuple(label.lower() for label in name)


def wire_length(name):
    return sum(len(label) + 1 for label in name) + 1


def is_under(name, apex):
    """True if name is apex or below it; both in lower case."""
    return len(name) >= len(apex) and name[len(name) - len(apex):] == apex


def to_wire(name):
    return b"".join(bytes([len(label)]) + label for label in name) + b"\0"


def to_text(name):
    def escape(label):
        return "".join(chr(c) if c in PLAIN else "\\." if c == 0x2E else f"\\{c:03d}"
                       for c in label)
    return "".join(escape(label) + "." for label in name) or "."


def type_name(number):
    return TYPE_NAMES.get(number, f"TYPE{number}")


class Query(NamedTuple):
    qname: tuple
    qtype: int
    qclass: int = CLASS_IN
    size: int = 0       # of the OPT record; 0 is a query without EDNS
    do: bool = False
    flags: int = 0      # header bits set by the client: RD, AD, CD

    def question(self):
        return to_wire(self.qname) + struct.pack("!HH", self.qtype, self.qclass)

    def message(self, ident):
        opt = b""
        if self.size:
            opt = struct.pack("!BHHIH", 0, TYPES["OPT"], self.size, 0x8000 if self.do else 0, 0)
        header = struct.pack("!HHHHHH", ident, self.flags, 1, 0, 0, 1 if opt else 0)
        return header + self.question() + opt

    def __str__(self):
        qclass = "" if self.qclass == CLASS_IN else f" CLASS{self.qclass}"
        edns = f" edns={self.size}{' do' if self.do else ''}" if self.size else ""
        flags = f" flags=0x{self.flags:04x}" if self.flags else ""
        return f"{to_text(self.qname)}{qclass} {type_name(self.qtype)}{edns}{flags}"


def read_name(message, at):
    """The uncompressed wire form of the name at `at`, and where the text behind it goes on."""
    out, end, floor = [], None, at
    length = 1
    while True:
        if at >= len(message):
            raise Malformed("name runs past the end")
        count = message[at]
        if count >= 0xC0:
            if at + 1 >= len(message):
                raise Malformed("pointer cut off")
            target = (count & 0x3F) << 8 | message[at + 1]
            end = at + 2 if end is None else end
            if target >= floor:
                raise Malformed("pointer does not go back")
            floor = at = target
            continue
        if count > 63:
            raise Malformed("label type")
        out.append(message[at:at + 1 + count])
        length += count + 1 if count else 0
        if length > 255:
            raise Malformed("name over 255 octets")
        at += 1 + count
        if not count:
            return b"".join(out), at if end is None else end


def read_rdata(message, at, end, rrtype):
    shape = NAMES_IN_RDATA.get(rrtype)
    if shape is None:
        return message[at:end]
    before, names, after = shape
    parts = [message[at:at + before]]
    at += before
    for _ in range(names):
        name, at = read_name(message, at)
        parts.append(name)
    if at + after != end:
        raise Malformed(f"length of {type_name(rrtype)} RDATA")
    return b"".join(parts) + message[at:end]


def fold_rdata(rdata, rrtype):
    """RDATA with its names in lower case; what is not a name stays as it is."""
    shape = NAMES_IN_RDATA.get(rrtype)
    if shape is None:
        return rdata
    before, _, after = shape
    end = len(rdata) - after
    return rdata[:before] + rdata[before:end].lower() + rdata[end:]


def read_section(message, at, count):
    records, opt = [], None
    for _ in range(count):
        owner, at = read_name(message, at)
        if at + 10 > len(message):
            raise Malformed("record header cut off")
        rrtype, rrclass, ttl, size = struct.unpack_from("!HHIH", message, at)
        at += 10
        if at + size > len(message):
            raise Malformed("RDATA runs past the end")
        if rrtype == TYPES["OPT"]:
            opt = (rrclass, ttl >> 24, ttl >> 16 & 0xFF, ttl & 0xFFFF, message[at:at + size])
        else:
            exact = read_rdata(message, at, at + size, rrtype)
            records.append(RR(owner.lower(), rrtype, rrclass, ttl,
                              fold_rdata(exact, rrtype), exact))
        at += size
    return records, opt, at


def read_reply(message):
    """Reply of the message's octets; Malformed if they are not one whole message."""
    if len(message) < 12:
        raise Malformed("shorter than a header")
    _, flags, questions, answers, authorities, additionals = struct.unpack_from("!6H", message)
    at = 12
    for _ in range(questions):
        _, at = read_name(message, at)
        at += 4
    question = message[12:at]
    answer, _, at = read_section(message, at, answers)
    authority, _, at = read_section(message, at, authorities)
    additional, opt, at = read_section(message, at, additionals)
    if at != len(message):
        raise Malformed("octets behind the last record")
    return Reply(flags, question, answer, authority, additional, opt)


def rcode(reply):
    code = reply.flags & 0xF | (reply.opt[1] << 4 if reply.opt else 0)
    return RCODES.get(code, f"RCODE{code}")


def name_of_wire(wire):
    labels, at = [], 0
    while wire[at]:
        labels.append(wire[at + 1:at + 1 + wire[at]])
        at += 1 + wire[at]
    return tuple(labels)


def rr_text(rr):
    shape = NAMES_IN_RDATA.get(rr.rrtype)
    if shape == (0, 1, 0):
        rdata = to_text(name_of_wire(rr.exact))
    elif rr.rrtype == TYPES["SOA"]:
        rdata = "... " + " ".join(str(v) for v in struct.unpack("!5I", rr.exact[-20:]))
    else:
        rdata = f"\\# {len(rr.exact)} {rr.exact.hex()}"
    return f"{to_text(name_of_wire(rr.owner))} {rr.ttl} {type_name(rr.rrtype)} {rdata}"


def reply_text(message):
    """The reply as lines a person can compare."""
    if message is None:
        return ["no reply"]
    try:
        reply = read_reply(message)
    except Malformed as fault:
        return [f"malformed reply ({fault}): {message.hex()}"]
    bits = [name for bit, name in ((0x400, "aa"), (0x200, "tc"), (0x100, "rd"), (0x80, "ra"),
                                   (0x40, "z"), (0x20, "ad"), (0x10, "cd")) if reply.flags & bit]
    lines = [f"{rcode(reply)} {' '.join(bits)} {len(message)} octets"]
    for title in ("answer", "authority", "additional"):
        lines += [f"  {title}: {rr_text(rr)}" for rr in getattr(reply, title)]
    if reply.opt:
        lines.append(f"  opt: size {reply.opt[0]} version {reply.opt[2]} "
                     f"flags 0x{reply.opt[3]:04x} options {reply.opt[4].hex() or '-'}")
    return lines
