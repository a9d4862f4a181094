# SPDX-License-Identifier: BSD-3-Clause
"""Ethernet frames by hand, sent and caught on the client's end of the pair: VLAN tags above all.

The kernel takes the outer tag off what it hands to a packet socket and tells it aside, so a Wire puts
it back: a frame is seen as it was on the wire.
"""

import ipaddress
import json
import socket
import struct
import time

from .machine import run
from .namespaces import CLIENT_INTERFACE, SERVER_INTERFACE

Q, AD = 0x8100, 0x88A8  # IEEE 802.1Q, 802.1ad
_ETH_P_ALL = 3
_SOL_PACKET, _PACKET_AUXDATA = 263, 8
_VLAN_VALID, _TPID_VALID = 0x10, 0x40
_AUXDATA = struct.Struct("=IIIHHHH")


def mac_of(namespace, interface):
    shown = run("ip", "-j", "-n", namespace.name, "link", "show", "dev", interface).stdout
    return bytes.fromhex(json.loads(shown)[0]["address"].replace(":", ""))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(source, port, target, payload, target_port=53):
    """(ether type, IP packet) of a UDP datagram between two addresses of one family."""
    source, target = ipaddress.ip_address(source), ipaddress.ip_address(target)
    length = 8 + len(payload)
    pseudo = source.packed + target.packed + struct.pack("!IHBB", length, 0, 0, 17)
    udp = struct.pack("!4H", port, target_port, length, 0) + payload
    summed = checksum(pseudo + udp) or 0xFFFF
    udp = udp[:6] + struct.pack("!H", summed) + udp[8:]
    if source.version == 6:
        return 0x86DD, struct.pack("!IHBB", 6 << 28, length, 17, 64) + pseudo[:32] + udp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 17, 0) + pseudo[:8]
    return 0x0800, head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def ethernet(target, source, tags, ether_type, packet):
    """`tags` are (type, control) pairs, outermost first."""
    stack = b"".join(struct.pack("!HH", *tag) for tag in tags)
    return target + source + stack + struct.pack("!H", ether_type) + packet


class Wire:
    """The client's end of the pair."""

    def __init__(self, pair):
        self.server_mac = mac_of(pair.server, SERVER_INTERFACE)
        self.mac = mac_of(pair.client, CLIENT_INTERFACE)
        self.socket = pair.client.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((CLIENT_INTERFACE, _ETH_P_ALL))
        self.socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)

    def send(self, tags, ether_type, packet, target=None):
        self.socket.send(ethernet(target or self.server_mac, self.mac, tags, ether_type, packet))

    def _receive(self):
        frame, aside, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(_AUXDATA.size))
        for level, kind, data in aside:
            if (level, kind) != (_SOL_PACKET, _PACKET_AUXDATA):
                continue
            status, _, _, _, _, control, tpid = _AUXDATA.unpack(data[:_AUXDATA.size])
            if status & _VLAN_VALID:
                tpid = tpid if status & _TPID_VALID else Q
                frame = frame[:12] + struct.pack("!HH", tpid, control) + frame[12:]
        return frame

    def catch(self, port, timeout=2.0):
        """The next frame from the server to UDP `port`: (tags, UDP payload); None: none in time."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame = self._receive()
            except TimeoutError:
                return None
            if frame[6:12] != self.server_mac:
                continue
            tags, at = [], 12
            while struct.unpack_from("!H", frame, at)[0] in (Q, AD):
                tags.append(struct.unpack_from("!HH", frame, at))
                at += 4
            header = {0x0800: 20, 0x86DD: 40}.get(struct.unpack_from("!H", frame, at)[0])
            if header is None:
                continue
            udp = at + 2 + header
            protocol = frame[at + 2 + (9 if header == 20 else 6)]
            if protocol == 17 and struct.unpack_from("!H", frame, udp + 2)[0] == port:
                length = struct.unpack_from("!H", frame, udp + 4)[0]
                return tags, frame[udp + 8:udp + length]
        return None

    def close(self):
        self.socket.close()
