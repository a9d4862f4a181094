# SPDX-License-Identifier: BSD-3-Clause
"""What a client sees: every kind of answer, over IPv4 and IPv6, and ldns reads every reply."""

import struct
import sys

import tap
from lab import message, oracle, zonedata
from lab.daemon import Arpad
from lab.message import AA, PTR, QR, RA, RD, SOA, TC, Client, Reply, query
from lab.namespaces import SERVER_4, SERVER_6, Pair

HIT_4, HIT_6 = zonedata.address_4(6), zonedata.address_6(6)
ADDRESSES = 600  # fills 198.18.0.0/24, 198.18.1.0/24 and a part of 198.18.2.0/24
NEGATIVE_TTL = 300  # the lower of the SOA's TTL, 3600, and its MINIMUM (RFC 2308 section 3)


class Answers(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.arpad = Arpad(cls.pair)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        for zone, addresses in ((zonedata.ZONE_4, zonedata.zone_4(ADDRESSES)),
                                (zonedata.ZONE_6, zonedata.zone_6(ADDRESSES))):
            path = cls.arpad.directory / "zone"
            zonedata.write_zone(path, addresses)
            cls.arpad.ctl("zone", "import", zone, path)

    def setUp(self):
        self.wires = []
        self.clients = [Client(self.pair, SERVER_4), Client(self.pair, SERVER_6)]

    def tearDown(self):
        for client in self.clients:
            client.close()
        if self.wires:
            self.assertEqual(oracle.ldns_complaints(self.wires), "")

    def exchange(self, client, wire):
        client.send(wire)
        reply = client.receive()
        self.assertIsNotNone(reply, f"no reply to {wire.hex()}")
        self.wires.append(reply)
        self.assertEqual(reply[:2], wire[:2], "the id")
        return reply

    def ask(self, name, qtype=PTR, flags=0, **options):
        """Asks over both families; the replies must agree. Checks what every reply must be."""
        wire = query(name, qtype, flags=flags, **options)
        replies = {self.exchange(client, wire) for client in self.clients}
        self.assertEqual(len(replies), 1, "IPv4 and IPv6 give one answer")
        reply = Reply(replies.pop())
        self.assertEqual(reply.flags & (QR | RA | RD), QR | (flags & RD))
        question = wire[12:12 + len(message.wire_name(name)) + 4]
        self.assertEqual(reply.wire[12:reply.question_end], question, "the question, byte for byte")
        self.assertEqual(len(reply.additional), 0 if options.get("edns") is None else 1)
        return reply

    def assert_negative(self, reply, rcode, zone):
        self.assertEqual(reply.rcode, rcode)
        self.assertTrue(reply.flags & AA)
        self.assertEqual(reply.answer, [])
        self.assertEqual([record[:4] for record in reply.authority],
                         [(zonedata.apex(zone), SOA, 1, NEGATIVE_TTL)])

    def test_a_record_of_each_family(self):
        for address in (HIT_4, HIT_6):
            for flags in (0, RD):
                reply = self.ask(zonedata.arpa(address), flags=flags)
                self.assertEqual((reply.rcode, bool(reply.flags & AA)), (0, True))
                self.assertEqual(reply.answer, [
                    (zonedata.arpa(address), PTR, 1, 3600, zonedata.name_of(address))])
                self.assertEqual(reply.authority, [])

    def test_soa_and_ns_at_the_apex(self):
        for zone in (zonedata.ZONE_4, zonedata.ZONE_6):
            reply = self.ask(zonedata.apex(zone), SOA)
            self.assertEqual([record[:4] for record in reply.answer],
                             [(zonedata.apex(zone), SOA, 1, 3600)])
            reply = self.ask(zonedata.apex(zone), message.NS)
            self.assertEqual({record[4] for record in reply.answer},
                             {"ns1.example.net.", "ns2.example.net."})

    def test_a_type_that_the_owner_lacks_is_nodata(self):
        for address, zone in ((HIT_4, zonedata.ZONE_4), (HIT_6, zonedata.ZONE_6)):
            for qtype in (message.A, message.TXT, SOA, 65280):
                self.assert_negative(self.ask(zonedata.arpa(address), qtype), 0, zone)

    def test_an_empty_non_terminal_is_nodata(self):
        self.assert_negative(self.ask("0.18.198.in-addr.arpa."), 0, zonedata.ZONE_4)
        labels = zonedata.arpa(HIT_6).split(".")
        for cut in (1, 7, 20):
            self.assert_negative(self.ask(".".join(labels[cut:])), 0, zonedata.ZONE_6)

    def test_a_name_that_does_not_exist_is_nxdomain(self):
        missing_4, missing_6 = zonedata.address_4(60000), zonedata.address_6(60000)
        names = (zonedata.arpa(missing_4), "200.18.198.in-addr.arpa.",
                 "1." + zonedata.arpa(HIT_4), "07.0.18.198.in-addr.arpa.",
                 "256.0.18.198.in-addr.arpa.", "*.0.18.198.in-addr.arpa.",
                 "mail.0.18.198.in-addr.arpa.")
        for name in names:
            self.assert_negative(self.ask(name), message.NXDOMAIN, zonedata.ZONE_4)
        self.assert_negative(
            self.ask(zonedata.arpa(missing_6)), message.NXDOMAIN, zonedata.ZONE_6)

    def test_a_name_outside_every_zone_is_refused(self):
        for name in ("1.113.0.203.in-addr.arpa.", "example.net.", ".", "198.in-addr.arpa.",
                     "in-addr.arpa.", "arpa.", "1.0.18.198.in-addr.arpa.example.net."):
            reply = self.ask(name)
            self.assertEqual((reply.rcode, reply.flags & AA, reply.counts[1:]),
                             (message.REFUSED, 0, [0, 0, 0]), name)
        reply = self.ask(zonedata.arpa(HIT_4), qclass=3)
        self.assertEqual(reply.rcode, message.REFUSED)

    def test_letter_case_comes_back_as_it_was_sent(self):
        for name in ("7.0.18.198.In-AdDr.aRpA.", zonedata.arpa(HIT_6).replace("ip6", "Ip6"),
                     zonedata.arpa(zonedata.address_6(9)).upper()):
            reply = self.ask(name)
            self.assertEqual(len(reply.answer), 1, name)
            self.assertEqual(reply.answer[0][0], name)

    def test_edns(self):
        for offered in (0, 512, 1232, 4096, 65535):
            reply = self.ask(zonedata.arpa(HIT_4), edns=offered)
            name, rtype, size, ttl, data = reply.additional[0]
            self.assertEqual((name, rtype, ttl, data), (".", 41, 0, b""))
            self.assertGreaterEqual(size, 512)
        wire = bytearray(query(zonedata.arpa(HIT_4), edns=1232))
        wire[-4:-2] = b"\x80\x00"  # DO
        for client in self.clients:
            reply = Reply(self.exchange(client, bytes(wire)))
            self.assertEqual(reply.additional[0][3], 0x8000, "DO is copied")

    def test_edns_version_1_is_badvers(self):
        wire = bytearray(query(zonedata.arpa(HIT_4), edns=1232))
        wire[-5] = 1
        for client in self.clients:
            reply = Reply(self.exchange(client, bytes(wire)))
            extended = reply.additional[0][3] >> 24 << 4 | reply.rcode
            self.assertEqual((extended, reply.additional[0][3] >> 16 & 0xFF), (16, 0))
            self.assertEqual(reply.answer, [])

    def test_what_does_not_fit_is_truncated(self):
        names = [f"{'x' * 50}-{i}.example.net." for i in range(10)]
        self.arpad.ctl("ptr", "set", "198.18.0.200", *names)
        name = "200.0.18.198.in-addr.arpa."
        for edns in (None, 512):
            reply = self.ask(name, edns=edns)
            self.assertTrue(reply.flags & TC)
            self.assertEqual((reply.rcode, reply.answer), (0, []))
            self.assertLessEqual(len(reply.wire), 512)
        reply = self.ask(name, edns=1232)
        self.assertFalse(reply.flags & TC)
        self.assertEqual(sorted(reply.names()), sorted(names))

    def test_malformed_queries_get_a_formerr_of_12_octets(self):
        good = query(zonedata.arpa(HIT_4))
        head = good[:12]
        cases = {
            "no question": head,
            "question count 0": good[:4] + b"\0\0" + good[6:12],
            "question count 2": good[:4] + b"\0\2" + good[6:],
            "name without an end": head + b"\x01" + b"7",
            "label past the end": head + b"\x3f7",
            "compression pointer in the question": head + b"\xc0\x0c\0\x0c\0\1",
            "reserved label type": head + b"\x80a\0\0\x0c\0\1",
            "no type and class": good[:-4],
            "an answer in a query": good[:6] + b"\0\1" + good[8:],
            "two OPT records": (lambda w: w[:10] + b"\0\2" + w[12:] + w[-11:])(
                query(zonedata.arpa(HIT_4), edns=1232)),
            "name over 255 octets": head + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\x0c\0\1",
        }
        for what, wire in cases.items():
            with self.subTest(what):
                for client in self.clients:
                    reply = self.exchange(client, wire)
                    self.assertEqual(len(reply), 12)
                    self.assertEqual(reply[2:], b"\x80\x01" + bytes(8))

    def test_other_opcodes_and_transfers_over_udp_are_notimp(self):
        for opcode in (1, 2, 3, 6, 15):
            wire = query(zonedata.arpa(HIT_4), flags=opcode << 11)
            for client in self.clients:
                _, flags = struct.unpack_from("!2H", self.exchange(client, wire))
                self.assertEqual(flags, QR | opcode << 11 | message.NOTIMP)
        for qtype in (message.AXFR, 251):
            wire = query(zonedata.apex(zonedata.ZONE_4), qtype)
            for client in self.clients:
                _, flags = struct.unpack_from("!2H", self.exchange(client, wire))
                self.assertEqual(flags & 15, message.NOTIMP)

    def test_replies_and_short_messages_meet_silence(self):
        silent = (query(zonedata.arpa(HIT_4), flags=QR), query("example.net.", flags=QR | AA),
                  b"", b"\x42", b"\x42" * 11)
        for client in self.clients:
            for wire in silent:
                client.send(wire)
            # The next reply must be that of this query, not of one before it.
            probe = query(zonedata.arpa(HIT_4), identity=0x7777)
            self.assertEqual(self.exchange(client, probe)[:2], b"\x77\x77")
            self.assertIsNone(client.receive(timeout=0.3))

    def test_dig_and_kdig_agree(self):
        for tool in ("dig", "kdig"):
            for server in (SERVER_4, SERVER_6):
                for options in (["+noedns"], ["+edns=0"], ["+bufsize=4096"], ["+dnssec"]):
                    for address in (HIT_4, HIT_6):
                        shown = self.pair.client.run(
                            tool, f"@{server}", "+short", "+norecurse", *options, "-x", address)
                        self.assertEqual(shown.stdout.strip(), zonedata.name_of(address),
                                         f"{tool} {options}")
                        self.assertNotIn("WARN", shown.stdout + shown.stderr)


if __name__ == "__main__":
    sys.exit(tap.main())
