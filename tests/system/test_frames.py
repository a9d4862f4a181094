# SPDX-License-Identifier: BSD-3-Clause
"""The Linux kernel as the oracle: every frame of the vectors at arpad behind kernel sockets, and at
arpad behind its fast path. What the fast path refuses and Linux answers, and the other way round, is
listed here; nothing else may differ.
"""

import fnmatch
import pathlib
import socket
import struct
import sys
import time

import tap
from lab import machine
from lab.daemon import Arpad
from lab.message import query
from lab.namespaces import CLIENT_INTERFACE, SERVER_INTERFACE, Pair, add_address

sys.path.insert(0, str(pathlib.Path(machine.ROOT) / "tests" / "vectors"))
from wire import frame  # noqa: E402

OURS_4, OURS_6 = "192.0.2.53", "2001:db8::53"
SERVER_MAC, CLIENT_MAC = "02:00:00:00:00:0a", "02:00:00:00:00:0c"
ETH_P_ALL, MARK = 3, 0xFEED
# A priority tag of VLAN 0 is no VLAN: Linux takes it off. It has no interface for any other here.
TAGS_THAT_LINUX_DROPS = ("vlan", "ipv6-vlan", "ipv?-tags-c*", "ipv?-tags-s*")
# The fast path answers, Linux did not.
LAXER = {
    TAGS_THAT_LINUX_DROPS: "a VLAN needs no interface of its own; tags come back as they were",
    ("ipv4-from-192.0.2.255",): "the masks of networks are not known on the fast path",
    ("ipv6-from-fe80::1", "ipv6-from-fec0::1", "from-mac-*"): "no route or neighbour is needed: replies go to whence the query came",
}
# Linux answers, the fast path does not.
STRICTER = {
    ("udp-from-port-*",): "ports below 1024 but 53 are services that may answer an answer",
    ("ipv4-ttl-0", "ipv6-hop-limit-0"): "RFC 1122 3.2.1.7 and RFC 8200 3 would have it answered; no router forwards it",
    ("to-broadcast-mac", "to-multicast-mac", "ipv6-to-broadcast-mac", "ipv6-to-multicast-mac"):
        "a unicast datagram to a group (RFC 1122 3.3.6)",
    ("ipv6-udp-length-0",): "Linux takes it for a jumbogram's (RFC 2675 4), and the IP length instead",
    ("from-zero-mac", "from-our-mac", "from-multicast-mac", "from-broadcast-mac"): "no station's address",
    ("ipv4-from-240.0.0.1", "ipv4-from-0.*", "ipv6-from-::*", "ipv4-from-127.*"): "no one's to be answered",
    ("ipv4-options", "ipv4-ihl-*", "ipv6-hop-by-hop*", "ipv6-destination", "ipv6-fragment*", "ipv6-routing"):
        "the steering leaves them to the kernel, and its socket answers",
}
# The fast path would answer, but the steering program leaves these to the kernel.
NOT_STEERED = {
    ("ipv?-tags-s", "ipv?-tags-s-padded", "ipv?-tags-s-drop-eligible*"):
        "a provider's tag alone: only where no kernel shares the port",
}


def listed(name, lists):
    return any(fnmatch.fnmatchcase(name, pattern) for patterns in lists for pattern in patterns)


def vectors():
    """(name, frame, whether the fast path replies) of the frames that are no DNS matter."""
    path = pathlib.Path(machine.ROOT) / "tests" / "vectors" / "frames.txt"
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, _, asked, reply = line.split()
        if not name.startswith("message/") and 2 * 14 <= len(asked) <= 2 * 1514:
            yield name, bytes.fromhex(asked), reply != "-"


class Frames(tap.LabCase):
    def open(self, **options):
        pair = Pair()
        self.addCleanup(pair.remove)
        for namespace, interface, mac, four, six in (
                (pair.server, SERVER_INTERFACE, SERVER_MAC, OURS_4, OURS_6),
                (pair.client, CLIENT_INTERFACE, CLIENT_MAC, "192.0.2.99", "2001:db8::99")):
            namespace.run("ip", "link", "set", interface, "address", mac)
            add_address(namespace, interface, four)
            add_address(namespace, interface, six)
        # Whoever asks is behind the client, by a neighbour that is known.
        for family, via in (("-4", "192.0.2.99"), ("-6", "2001:db8::99")):
            pair.server.run("ip", family, "neigh", "replace", via, "lladdr", CLIENT_MAC, "nud",
                            "permanent", "dev", SERVER_INTERFACE)
            pair.server.run("ip", family, "route", "add", "default", "via", via, "dev", SERVER_INTERFACE)
        arpad = Arpad(pair, addresses=(OURS_4, OURS_6), **options)
        self.addCleanup(arpad.remove)
        arpad.start()
        arpad.ctl("zone", "add", "192.0.2.0/24")
        with pair.client.entered():
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.addCleanup(wire.close)
        wire.bind((CLIENT_INTERFACE, ETH_P_ALL))
        wire.settimeout(2)
        return wire

    @staticmethod
    def replies(wire):
        """DNS replies as they come: (id, seconds)."""
        while True:
            got, address = wire.recvfrom(4096)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            ip = 14
            while got[ip - 2:ip] in (b"\x81\0", b"\x88\xa8"):
                ip += 4
            udp = ip + (20 if got[ip - 2:ip] == b"\x08\0" else 40)
            if len(got) >= udp + 12 and got[udp:udp + 2] == b"\0\x35":
                yield struct.unpack_from("!H", got, udp + 8)[0]

    def answered(self, wire, markers):
        """The names of the frames that were answered. After each frame come markers, one for every way
        to an answer (the fast path, each family's kernel socket), and each way keeps its order."""
        names = set()
        replies = self.replies(wire)
        for name, asked, _ in vectors():
            wire.send(asked)
            for marker in markers:
                wire.send(marker)
            waiting = len(markers)
            while waiting:
                if next(replies) == MARK:
                    waiting -= 1
                else:
                    names.add(name)
        return names

    def test_the_fast_path_answers_nothing_that_Linux_drops(self):
        mark = query("9.2.0.192.in-addr.arpa.", identity=MARK)
        six = {"source": "2001:db8::99", "target": OURS_6}
        plain, plain_6 = frame(mark), frame(mark, **six)
        # Options and extension headers are left to the kernel by the steering.
        by_kernel = frame(mark, options=b"\1" * 4)
        by_kernel_6 = frame(mark, protocol=0, extension=bytes.fromhex("1100010400000000"), **six)
        fast = {name for name, _, replied in vectors() if replied}
        started = time.monotonic()
        linux = self.answered(self.open(interfaces=()), (plain, plain_6))
        both = self.answered(self.open(), (plain, by_kernel, by_kernel_6))
        self.assertLess(time.monotonic() - started, 60)
        self.assertGreater(len(linux), 60)
        self.assertGreater(len(both), 80)
        show = "\n".join
        self.assertEqual(show(sorted(n for n in fast - linux if not listed(n, LAXER))), "",
                         "answered on the fast path, and not by Linux")
        self.assertEqual(show(sorted(n for n in linux - fast if not listed(n, STRICTER))), "",
                         "answered by Linux, and not on the fast path")
        self.assertEqual(show(sorted(n for n in fast - both if not listed(n, NOT_STEERED))), "", "a frame of the fast path, lost with AF_XDP")
        self.assertEqual(show(sorted(both - fast - linux)), "", "answered with AF_XDP alone")


if __name__ == "__main__":
    sys.exit(tap.main())
