# SPDX-License-Identifier: BSD-3-Clause
"""A port that DPDK owns: no kernel is on it, so arpad itself is a neighbour and answers pings."""

import signal
import socket
import struct
import sys
import time

import tap
from lab import zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import CLIENT_4, CLIENT_6, OTHER_4, OTHER_6, SERVER_4, SERVER_6
from lab.wire import CLIENT_MAC, Card, Wire

QUEUES = 2
BROADCAST = b"\xff" * 6
ALL_NODES, ALL_NODES_MAC = "ff02::1", bytes.fromhex("333300000001")
STRANGER_MAC = bytes.fromhex("0200000000ee")
NAME = "7.0.18.198.in-addr.arpa."
SILENCE_SECONDS = 0.5  # a reply takes some milliseconds


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def arp(sender, target, mac=CLIENT_MAC, operation=1, to=BROADCAST, target_mac=b"\0" * 6, tag=b""):
    return (to + mac + tag + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, operation) + mac + packed(sender)
            + target_mac + packed(target))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def icmpv6(source, target, kind, body, to, hops=255, mac=CLIENT_MAC):
    pseudo = packed(source) + packed(target) + struct.pack("!II", len(body) + 4, 58)
    sum_ = checksum(pseudo + struct.pack("!BBH", kind, 0, 0) + body)
    return (to + mac + struct.pack("!HIHBB", 0x86DD, 6 << 28, len(body) + 4, 58, hops) + packed(source)
            + packed(target) + struct.pack("!BBH", kind, 0, sum_) + body)


def solicitation(source, asked, option=b"\1\1" + CLIENT_MAC, to=None, mac=None, **rest):
    group = packed("ff02::1:ff00:0")[:13] + packed(asked)[13:]
    return icmpv6(source, to or socket.inet_ntop(socket.AF_INET6, group), 135, bytes(4) + packed(asked) + option,
                  mac or b"\x33\x33" + group[12:], **rest)


def is_arp_reply(frame):
    return frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\2"


def is_advertisement(frame):
    return frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 136


def announces(address):
    """Whether a frame announces it: an ARP request about itself, or an advertisement that nobody asked for."""
    asked = packed(address)

    def wanted(frame):
        if ":" in address:
            return is_advertisement(frame) and frame[62:78] == asked and frame[58] == 0x20
        return frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1" and frame[28:32] == frame[38:42] == asked
    return wanted


class OwnedPort(tap.LabCase):
    def setUp(self):
        self.wire = Wire()
        self.addCleanup(self.wire.remove)
        self.arpad = Arpad(self.wire, interfaces=(), devices=(self.wire.device(),), queues=QUEUES)
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.mac = self.wire.prepare()
        self.card = Card(self.wire)
        self.addCleanup(self.card.close)

    def wait_for(self, text, count=1):
        deadline = time.monotonic() + 30
        while self.arpad.log().count(text) < count:
            self.assertTrue(self.arpad.running, self.arpad.log())
            self.assertLess(time.monotonic(), deadline, self.arpad.log())
            time.sleep(0.02)

    def counted(self, outcome):
        return self.arpad.ctl_json("stats")["outcomes"][outcome]

    def link(self):
        return self.arpad.ctl_json("status")["ports"][0]

    def test_arp(self):
        """Requests to all and to us, a probe before somebody takes the address, and in a VLAN."""
        tag = bytes.fromhex("81000064")
        for frame, asker in ((arp(CLIENT_4, SERVER_4), CLIENT_4),
                             (arp(CLIENT_4, SERVER_4, to=self.mac), CLIENT_4),
                             (arp("0.0.0.0", SERVER_4), "0.0.0.0")):
            reply = self.card.ask(frame, is_arp_reply)
            self.assertEqual(reply, arp(SERVER_4, asker, self.mac, 2, CLIENT_MAC, CLIENT_MAC))
        for tags in (tag, bytes.fromhex("88a80005") + tag):
            wanted = arp(SERVER_4, CLIENT_4, self.mac, 2, CLIENT_MAC, CLIENT_MAC, tags)
            # The kernel takes the first tag out of what it hands to packet sockets.
            inner = wanted[:12] + wanted[16:]
            self.assertIsNotNone(self.card.ask(arp(CLIENT_4, SERVER_4, tag=tags), lambda f: f in (wanted, inner)))
        for silent in (arp(CLIENT_4, OTHER_4), arp(CLIENT_4, CLIENT_4), arp(CLIENT_4, SERVER_4, operation=2)):
            self.assertIsNone(self.card.ask(silent, is_arp_reply, SILENCE_SECONDS))

    def test_neighbor_discovery(self):
        """Asked by the group and alone, with and without our asker's MAC address, and probed."""
        for frame, to, mac, flags, option in (
                (solicitation(CLIENT_6, SERVER_6), CLIENT_6, CLIENT_MAC, 0x60, True),
                (solicitation(CLIENT_6, SERVER_6, to=SERVER_6, mac=self.mac), CLIENT_6, CLIENT_MAC, 0x60, True),
                (solicitation(CLIENT_6, SERVER_6, b"", SERVER_6, self.mac), CLIENT_6, CLIENT_MAC, 0x60, False),
                (solicitation("::", SERVER_6, b""), ALL_NODES, ALL_NODES_MAC, 0x20, True)):
            body = bytes([flags, 0, 0, 0]) + packed(SERVER_6) + (b"\2\1" + self.mac if option else b"")
            wanted = icmpv6(SERVER_6, to, 136, body, mac, mac=self.mac)
            self.assertEqual(self.card.ask(frame, lambda f: f == wanted), wanted)
        for silent in (solicitation(CLIENT_6, SERVER_6, hops=64), solicitation(CLIENT_6, OTHER_6),
                       solicitation("::", SERVER_6)):
            self.assertIsNone(self.card.ask(silent, lambda f: is_advertisement(f) and f[58] == 0x60,
                                            SILENCE_SECONDS))

    def test_ping(self):
        """The client's kernel finds us by itself, and gets back what it sent, up to the MTU."""
        for address, sizes in ((SERVER_4, (0, 56, 1472)), (SERVER_6, (0, 56, 1452))):
            for size in sizes:
                # Until as many are answered: it fails where they are not.
                self.wire.client.run("ping", "-n", "-c", 10, "-w", 10, "-i", "0.01", "-M", "do", "-s", size, address)
        self.assertGreaterEqual(self.counted("echo"), 60)

    @staticmethod
    def ask(client):
        """As a resolver does: again, where no reply comes."""
        try:
            return client.ask(NAME)
        except TimeoutError:
            return client.ask(NAME)

    def test_queries_on_every_queue(self):
        """dig's kind of queries over both families, from so many ports that each queue gets some."""
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        for _ in range(40):
            for address in (SERVER_4, SERVER_6):
                client = Client(self.wire, address)
                self.assertEqual(self.ask(client).names(), ["host.example.net."])
                client.socket.close()
        workers = self.arpad.ctl_json("stats")["workers"]
        self.assertEqual(len(workers), QUEUES)
        self.assertGreaterEqual(sum(worker["outcomes"]["answered"] for worker in workers), 80)
        for worker in workers:
            self.assertGreater(worker["outcomes"]["answered"], 0)

    def test_a_flood_of_the_drivers_signals_does_not_end_it(self):
        self.arpad.send_signal(signal.SIGIO)
        self.test_ping()

    def test_what_is_the_kernels_is_counted_and_not_answered(self):
        before = self.counted("to-kernel")
        stream = self.wire.client.socket(socket.AF_INET, socket.SOCK_STREAM, timeout=SILENCE_SECONDS)
        self.addCleanup(stream.close)
        with self.assertRaises(TimeoutError):
            stream.connect((SERVER_4, 53))
        self.assertGreater(self.counted("to-kernel"), before)

    def test_addresses_are_announced_when_they_come_and_not_answered_when_gone(self):
        for address in (SERVER_4, SERVER_6):
            self.assertIsNotNone(self.card.receive(announces(address), 5))
        self.arpad.configure((OTHER_4, OTHER_6))
        self.arpad.send_signal(signal.SIGHUP)
        rounds = {OTHER_4: 0, OTHER_6: 0}
        while min(rounds.values()) < 3:
            frame = self.card.receive(lambda f: any(announces(address)(f) for address in rounds), 5)
            self.assertIsNotNone(frame, rounds)
            self.assertEqual(frame[6:12], self.mac)
            rounds[OTHER_4 if announces(OTHER_4)(frame) else OTHER_6] += 1
        self.assertIsNotNone(self.card.ask(arp(CLIENT_4, OTHER_4), is_arp_reply))
        self.assertIsNone(self.card.ask(arp(CLIENT_4, SERVER_4), is_arp_reply, SILENCE_SECONDS))

    def test_a_link_that_goes_and_comes(self):
        self.assertEqual((self.link()["link"], self.link()["mtu"]), ("up", 1500))
        self.wire.set_link("down")
        self.wait_for("the link is down")
        self.assertEqual(self.link()["link"], "down")
        self.wire.set_link("up")
        self.wait_for("the link is up", 2)
        self.assertEqual(self.link()["link"], "up")
        self.assertIsNotNone(self.card.receive(announces(SERVER_4), 5))
        self.assertEqual(self.arpad.log().count("the link is down"), 1)

    def test_another_host_with_our_address_is_told_of_once(self):
        """It is not believed, and neighbours who ask still hear of us."""
        for _ in range(5):
            self.card.send(arp(SERVER_4, SERVER_4, STRANGER_MAC))
        self.card.send(icmpv6(SERVER_6, ALL_NODES, 136, b"\x20\0\0\0" + packed(SERVER_6) + b"\2\1" + STRANGER_MAC,
                              ALL_NODES_MAC, mac=STRANGER_MAC))
        self.wait_for("another host uses an address of ours")
        deadline = time.monotonic() + 10
        while self.counted("address-conflict") < 6:
            self.assertLess(time.monotonic(), deadline)
            self.card.ask(arp(CLIENT_4, SERVER_4), is_arp_reply, SILENCE_SECONDS)
        time.sleep(1.2)
        self.assertEqual(self.arpad.log().count("another host"), 1)
        self.assertIsNotNone(self.card.ask(arp(CLIENT_4, SERVER_4), is_arp_reply))


if __name__ == "__main__":
    sys.exit(tap.main())
