#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The test's own parts, tested without any server: codec, generator, judgement."""

import os
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import compare
from explain import Explanations
from generate import make_group
from queries import make_queries
from run import EXPLAINED, Case, Judgement
from situation import situation
from wire import TYPES, Malformed, Query, read_reply, to_text, to_wire, wire_length
from zones import Rdata, Zone

APEX = (b"2", b"0", b"192", b"in-addr", b"arpa")
OWNER = (b"7",) + APEX


def reply_to(query, flags=0x8400, answer=(), ident=0):
    """A reply with records (owner, type, ttl, rdata) in its answer section."""
    body = b"".join(to_wire(owner) + struct.pack("!HHIH", rrtype, 1, ttl, len(rdata)) + rdata
                    for owner, rrtype, ttl, rdata in answer)
    return struct.pack("!6H", ident, flags, 1, len(answer), 0, 0) + query.question() + body


def ptr(text, ttl=300):
    return (OWNER, TYPES["PTR"], ttl, to_wire(tuple(text.encode().split(b"."))))


class Codec(unittest.TestCase):
    def test_pointer_and_case(self):
        query = Query(OWNER, TYPES["PTR"])
        data = struct.pack("!6H", 0, 0x8400, 1, 1, 0, 0) + query.question()
        data += b"\xc0\x0c" + struct.pack("!HHIH", TYPES["PTR"], 1, 60, 4) + b"\x01H\xc0\x0c"
        rr = read_reply(data).answer[0]
        self.assertEqual(rr.owner, to_wire(OWNER))
        self.assertEqual(rr.rdata, to_wire((b"h",) + OWNER))
        self.assertEqual(rr.exact, to_wire((b"H",) + OWNER))

    def test_every_cut_is_malformed(self):
        data = reply_to(Query(OWNER, TYPES["PTR"]), answer=[ptr("a.example")])
        for length in range(len(data)):
            with self.assertRaises(Malformed):
                read_reply(data[:length])
        with self.assertRaises(Malformed):
            read_reply(data + b"\0")

    def test_pointer_loop_is_malformed(self):
        data = struct.pack("!6H", 0, 0x8000, 1, 0, 0, 0) + b"\xc0\x0c\0\x01\0\x01"
        with self.assertRaises(Malformed):
            read_reply(data)

    def test_labels_are_octets(self):
        self.assertEqual(to_text((b"a.b", b"\0\xff", b'"')), "a\\.b.\\000\\255.\\034.")


class Generator(unittest.TestCase):
    def test_same_seed_same_everything(self):
        for number in range(20):
            first, second = make_group("7", number), make_group("7", number)
            self.assertEqual([zone.text() for zone in first.zones],
                             [zone.text() for zone in second.zones])
            self.assertEqual(make_queries(first, 50), make_queries(second, 50))

    def test_groups_have_apexes_of_their_own(self):
        apexes = [zone.apex for number in range(600) for zone in make_group("7", number).zones]
        self.assertEqual(len(apexes), len(set(apexes)))

    def test_what_a_zone_refuses(self):
        zone = Zone(APEX)
        name = Rdata("x.example.", (b"x", b"example"))
        self.assertTrue(zone.add(OWNER, "CNAME", 1, [name]))
        self.assertFalse(zone.add(OWNER, "PTR", 1, [name]))
        self.assertTrue(zone.add((b"8",) + APEX, "DNAME", 1, [name]))
        self.assertFalse(zone.add((b"1", b"8") + APEX, "PTR", 1, [name]))
        self.assertTrue(zone.add((b"1", b"9") + APEX, "PTR", 1, [name]))
        self.assertFalse(zone.add((b"9",) + APEX, "DNAME", 1, [name]))

    def test_queries_fit_in_a_message(self):
        for number in range(40):
            for query in make_queries(make_group("7", number), 50):
                self.assertLessEqual(wire_length(query.qname), 255)
                self.assertLessEqual(max(map(len, query.qname), default=0), 63)

    def test_situations_cover_the_subject(self):
        seen = " ".join(situation(group.zones, query)
                        for group in (make_group("7", number) for number in range(80))
                        for query in make_queries(group, 50))
        for word in ("hit", "nodata", "ent", "nxdomain", "at-cut", "below-cut", "ds-at-cut",
                     "wild-hit", "wild-cname", "dname", "yxdomain", "loop", "other:", "outside",
                     "apex-hit", "shared:", "undelegated:", "over5:"):
            self.assertIn(word, seen)


class Judging(unittest.TestCase):
    def judge(self, peers, arpad):
        group = make_group("7", 0)
        group.zones = [Zone(APEX)]
        group.zones[0].add(OWNER, "PTR", 300, [Rdata("a.example.")])
        case = Case(group, 0, Query(OWNER, TYPES["PTR"]))
        case.replies = dict(zip(("knot", "nsd", "bind"), peers), arpad=arpad)
        judgement = Judgement(Explanations(EXPLAINED))
        judgement.judge(case)
        return judgement

    def setUp(self):
        query = Query(OWNER, TYPES["PTR"])
        self.good = reply_to(query, answer=[ptr("a.example"), ptr("b.example")])
        self.turned = reply_to(query, answer=[ptr("b.example"), ptr("a.example")])
        self.old = reply_to(query, answer=[ptr("a.example", 60), ptr("b.example", 60)])
        self.plain = reply_to(query, 0x8000, answer=[ptr("a.example"), ptr("b.example")])

    def test_order_within_an_rrset_is_free(self):
        self.assertFalse(self.judge([self.good] * 3, self.turned).arpad)

    def test_ttl_aa_and_silence_are_found(self):
        for arpad in (self.old, self.plain, None, self.good[:40], self.good + b"x"):
            self.assertTrue(self.judge([self.good] * 3, arpad).arpad)

    def test_split_peers_allow_each_of_them_only(self):
        peers = [self.good, self.old, self.good]
        self.assertTrue(self.judge(peers, self.good).peers)
        self.assertFalse(self.judge(peers, self.old).arpad)
        self.assertTrue(self.judge(peers, self.plain).arpad)

    def test_order_of_aliases_matters(self):
        links = [(OWNER, TYPES["CNAME"], 1, to_wire((b"8",) + APEX)),
                 ((b"8",) + APEX, TYPES["CNAME"], 1, to_wire((b"9",) + APEX))]
        query = Query(OWNER, TYPES["PTR"])
        first = compare.canonical(reply_to(query, answer=links), query.question())
        second = compare.canonical(reply_to(query, answer=links[::-1]), query.question())
        self.assertEqual(compare.differing([first, second], compare.HARD), ["answer"])


if __name__ == "__main__":
    unittest.main()
