# SPDX-License-Identifier: BSD-3-Clause
"""DNS messages by hand: for what dig would not send, and for counting without starting a process."""

import socket
import struct

A, NS, CNAME, SOA, PTR, TXT, AXFR, ANY = 1, 2, 5, 6, 12, 16, 252, 255
OPT, PADDING = 41, 12
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 1, 2, 3, 4, 5
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010


def wire_name(text):
    wire = b""
    for label in text.rstrip(".").split("."):
        if label:
            wire += bytes([len(label)]) + label.encode("ascii")
    return wire + b"\0"


def query(name, qtype=PTR, identity=0x4242, flags=0, edns=None, qclass=1):
    """One question; `edns` is the UDP size of an OPT record, or None for no OPT."""
    message = struct.pack("!6H", identity, flags, 1, 0, 0, 0 if edns is None else 1)
    message += wire_name(name) + struct.pack("!2H", qtype, qclass)
    if edns is not None:
        message += b"\0" + struct.pack("!HHIH", 41, edns, 0, 0)
    return message


class Reply:
    """The parts of a reply that tests ask for. Names are decompressed; every read is bounded."""

    def __init__(self, wire):
        self.wire = wire
        self.id, self.flags, *self.counts = struct.unpack_from("!6H", wire)
        self.rcode = self.flags & 15
        at = 12
        self.questions = []
        for _ in range(self.counts[0]):
            name, at = self._name(at)
            self.questions.append((name, *struct.unpack_from("!2H", wire, at)))
            at += 4
        self.question_end = at
        self.sections = []
        for count in self.counts[1:]:
            section = []
            for _ in range(count):
                record, at = self._record(at)
                section.append(record)
            self.sections.append(section)
        self.answer, self.authority, self.additional = self.sections
        if at != len(wire):
            raise ValueError(f"{len(wire) - at} octets after the last record")

    def _name(self, at):
        labels, end = [], None
        for _ in range(128):
            length = self.wire[at]
            if length >= 0xC0:
                end = at + 2 if end is None else end
                at = struct.unpack_from("!H", self.wire, at)[0] & 0x3FFF
            elif length == 0:
                return ".".join(labels) + ".", at + 1 if end is None else end
            else:
                labels.append(self.wire[at + 1:at + 1 + length].decode("latin-1"))
                at += 1 + length
        raise ValueError("a name without an end")

    def _record(self, at):
        name, at = self._name(at)
        rtype, rclass, ttl, length = struct.unpack_from("!HHIH", self.wire, at)
        at += 10
        if rtype in (PTR, NS, CNAME):
            data = self._name(at)[0]
        else:
            data = self.wire[at:at + length]
        return (name, rtype, rclass, ttl, data), at + length

    def names(self):
        """What the PTR records of the answer say."""
        return [record[4] for record in self.answer if record[1] == PTR]


def padded(wire, octets):
    """A query without EDNS, with an OPT that pads it to so many octets (RFC 7830)."""
    rest = octets - len(wire) - 15
    return (wire[:10] + b"\0\1" + wire[12:]
            + b"\0" + struct.pack("!HHIHHH", OPT, 1232, 0, rest + 4, PADDING, rest) + bytes(rest))


class TcpClient:
    """A connection from the client's namespace; `source` is an address of it."""

    def __init__(self, pair, server, timeout=5.0, source=None):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self.socket = pair.client.socket(family, socket.SOCK_STREAM, timeout)
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect((server, 53))

    def send(self, *wires):
        self.socket.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))

    def _exactly(self, count):
        got = bytearray()
        while len(got) < count:
            try:
                piece = self.socket.recv(count - len(got))
            except ConnectionResetError:
                return None
            if not piece:
                return None
            got += piece
        return bytes(got)

    def receive(self):
        """The next message; None at the end of the connection."""
        length = self._exactly(2)
        return None if length is None else self._exactly(struct.unpack("!H", length)[0])

    def ask(self, name, qtype=PTR, **options):
        self.send(query(name, qtype, **options))
        return Reply(self.receive())

    def close(self):
        self.socket.close()


class Client:
    """A UDP client inside the client's namespace that matches replies by their id."""

    def __init__(self, pair, server, timeout=2.0):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        self.socket = pair.client.socket(family, socket.SOCK_DGRAM, timeout)
        self.socket.connect((server, 53))
        self.identity = 0

    def send(self, wire):
        self.socket.send(wire)

    def receive(self, timeout=None):
        """The next datagram, or None when none comes in time."""
        if timeout is not None:
            self.socket.settimeout(timeout)
        try:
            return self.socket.recv(65535)
        except TimeoutError:
            return None

    def ask(self, name, qtype=PTR, **options):
        """Sends one query and returns its Reply; an older query's reply is passed over."""
        self.identity = (self.identity + 1) & 0xFFFF
        self.send(query(name, qtype, identity=self.identity, **options))
        while True:
            wire = self.receive()
            if wire is None:
                raise TimeoutError(f"no reply to {name}")
            if struct.unpack_from("!H", wire)[0] == self.identity:
                return Reply(wire)

    def close(self):
        self.socket.close()
