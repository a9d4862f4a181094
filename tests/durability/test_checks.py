#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The durability tests' own judges, without any server: the disk's model, registers, the memory."""

import math
import pathlib
import random
import struct
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "durability"), str(ROOT / "tests" / "support")]

import disk
import load
import register
from disk import BEGIN, CREATE, END, FAIL, MAPPED, RENAME, RESIZE, UNLINK, WRITE, WRITE_SAFE

FILE, FOLDER = 7, 1


def nothing(_count):
    return 0


def everything(count):
    return count - 1


class PowerCut(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="arpad-checks-")
        self.addCleanup(self.folder.cleanup)
        self.directory = pathlib.Path(self.folder.name) / "store"
        self.directory.mkdir()
        self.trace = disk.Trace(self.directory)

    def do(self, *entries):
        for kind, inode, offset, data in entries:
            self.trace.step(kind, inode, offset, data)

    def begin_with(self, content=b""):
        self.do((CREATE, FILE, 0, b"f"), (WRITE, FILE, 0, content), (BEGIN, FILE, 1, b""),
                (END, FILE, 1, b""), (BEGIN, FOLDER, 2, b""), (END, FOLDER, 2, b""))

    def left(self, choose):
        self.trace.build(self.directory, choose)
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}

    def test_what_was_synced_is_kept(self):
        self.begin_with(b"a" * 1024)
        self.assertEqual(self.left(nothing), {"f": b"a" * 1024})
        self.assertEqual(self.left(everything), {"f": b"a" * 1024})

    def test_what_was_written_since_is_kept_by_sectors(self):
        self.begin_with(b"a" * 1024)
        self.do((WRITE, FILE, 0, b"b" * 1024))
        self.assertEqual(self.left(nothing)["f"], b"a" * 1024)
        self.assertEqual(self.left(everything)["f"], b"b" * 1024)
        choices = iter((0, 1))
        self.assertEqual(self.left(lambda count: next(choices) if count > 1 else 0)["f"],
                         b"a" * 512 + b"b" * 512)

    def test_a_sync_is_about_what_was_written_before_it_began(self):
        self.begin_with(b"a" * 512)
        self.do((WRITE, FILE, 0, b"b" * 512), (BEGIN, FILE, 3, b""), (WRITE, FILE, 0, b"c" * 512),
                (END, FILE, 3, b""))
        self.assertEqual(self.left(nothing)["f"], b"b" * 512)
        self.assertEqual(self.left(everything)["f"], b"c" * 512)

    def test_a_sync_that_never_ended_promises_nothing(self):
        self.begin_with(b"a" * 512)
        self.do((WRITE, FILE, 0, b"b" * 512), (BEGIN, FILE, 3, b""))
        self.assertEqual(self.left(nothing)["f"], b"a" * 512)

    def test_what_a_failed_sync_was_about_is_safe_by_no_later_one(self):
        self.begin_with(b"a" * 512)
        self.do((WRITE, FILE, 0, b"b" * 512), (BEGIN, FILE, 3, b""), (FAIL, FILE, 3, b""),
                (BEGIN, FILE, 4, b""), (END, FILE, 4, b""))
        self.assertEqual(self.left(nothing)["f"], b"a" * 512)
        self.do((WRITE, FILE, 0, b"c" * 512), (BEGIN, FILE, 5, b""), (END, FILE, 5, b""))
        self.assertEqual(self.left(nothing)["f"], b"c" * 512)

    def test_a_write_of_o_dsync_is_safe_at_once(self):
        self.begin_with(b"a" * 512)
        self.do((WRITE_SAFE, FILE, 0, b"b" * 512))
        self.assertEqual(self.left(nothing)["f"], b"b" * 512)

    def test_a_part_of_a_sector_keeps_its_neighbours(self):
        self.begin_with(b"a" * 512)
        self.do((WRITE, FILE, 100, b"b"))
        self.assertEqual(self.left(everything)["f"], b"a" * 100 + b"b" + b"a" * 411)

    def test_the_size_is_undecided_until_a_sync(self):
        self.begin_with(b"a" * 512)
        self.do((RESIZE, FILE, 2000, b""))
        self.assertEqual(len(self.left(nothing)["f"]), 512)
        self.assertEqual(self.left(everything)["f"], b"a" * 512 + bytes(1488))
        self.do((RESIZE, FILE, 10, b""), (BEGIN, FILE, 3, b""), (END, FILE, 3, b""))
        self.assertEqual(self.left(nothing)["f"], b"a" * 10)

    def test_names_need_a_sync_of_their_directory(self):
        self.begin_with(b"a")
        self.do((RENAME, 0, 0, b"f\0g"), (CREATE, 8, 0, b"h"), (UNLINK, 0, 0, b"g"))
        self.assertEqual(set(self.left(nothing)), {"f"})
        self.assertEqual(set(self.left(everything)), {"h"})
        self.assertEqual(set(self.left(lambda count: min(1, count - 1))), {"g"})
        self.do((BEGIN, FOLDER, 3, b""), (END, FOLDER, 3, b""))
        self.assertEqual(set(self.left(nothing)), {"h"})

    def test_a_mapped_file_can_not_be_judged(self):
        self.begin_with(b"a")
        self.do((MAPPED, FILE, 0, b""))
        with self.assertRaisesRegex(ValueError, "mmap"):
            self.left(nothing)

    def test_an_entry_that_was_cut_short_is_left(self):
        path = pathlib.Path(self.folder.name) / "trace"
        head = disk.ENTRY.pack(CREATE, 1, FILE, 0) + b"f"
        path.write_bytes(head + disk.ENTRY.pack(WRITE, 100, FILE, 0) + b"abc")
        self.assertEqual([entry[0] for entry in self.trace.entries(path)], [CREATE])
        self.assertEqual(struct.calcsize("<IIQQ"), disk.ENTRY.size)


def write(begin, end, value):
    return register.Operation(begin, end, value, True)


def read(begin, end, value):
    return register.Operation(begin, end, value, False)


class Registers(unittest.TestCase):
    def test_right_histories(self):
        for history in (
                [], [read(0, 1, None)], [write(0, 1, "a"), read(2, 3, "a")],
                [write(0, 9, "a"), read(1, 2, None), read(3, 4, "a")],
                [write(0, 9, "a"), write(0, 9, "b"), read(1, 2, "b"), read(3, 4, "a")],
                [write(0, math.inf, "a"), read(5, 6, None)],
                [write(0, math.inf, "a"), read(5, 6, "a"), read(7, 8, "a")]):
            self.assertIsNone(register.violation(history))

    def test_wrong_histories(self):
        for history, said in (
                ([read(0, 1, "a")], "never written"),
                ([read(0, 1, "a"), write(2, 3, "a")], "before it was written"),
                ([write(0, 1, "a"), read(2, 3, None)], "None|while"),
                ([write(0, 1, "a"), write(2, 3, "b"), read(4, 5, "a")], "while another"),
                ([write(0, math.inf, "a"), read(1, 2, "a"), read(3, 4, None)], "None|while"),
                ([write(0, 9, "a"), write(0, 9, "b"), read(1, 2, "a"), read(3, 4, "b"),
                  read(5, 6, "a")], "before it as well|while")):
            fault = register.violation(history)
            self.assertIsNotNone(fault)
            self.assertRegex(fault, said)


class Memory(unittest.TestCase):
    """Four sets of one client, of which so many were answered."""

    def setUp(self):
        self.client = load.Client("", 1, {}, random.Random(1))
        self.effects = [("10.1.0.1", "a"), ("10.1.0.2", "b"), ("10.1.0.1", "c"), ("10.1.0.3", "d")]
        for address, name in self.effects:
            self.client.operations.append(load.Operation(
                lambda state, address=address, name=name: state.update({address: name}), []))

    def answer(self, *outcomes):
        for operation, outcome in zip(self.client.operations, outcomes):
            operation.outcome = outcome

    def test_acknowledged_must_be_there(self):
        self.answer(True, True)
        self.assertIsNone(self.client.compare({"10.1.0.1": "a", "10.1.0.2": "b"}))
        self.assertIn("10.1.0.2", self.client.compare({"10.1.0.1": "a"}))

    def test_unanswered_may_be_there_in_their_order(self):
        self.answer(True, True)
        self.assertIsNone(self.client.compare({"10.1.0.1": "c", "10.1.0.2": "b"}))
        self.assertIsNone(self.client.compare({"10.1.0.1": "c", "10.1.0.2": "b", "10.1.0.3": "d"}))
        self.assertIsNotNone(
            self.client.compare({"10.1.0.1": "a", "10.1.0.2": "b", "10.1.0.3": "d"}))

    def test_refused_must_not_be_there(self):
        self.answer(True, False, True, True)
        self.assertIsNone(self.client.compare({"10.1.0.1": "c", "10.1.0.3": "d"}))
        self.assertIsNotNone(
            self.client.compare({"10.1.0.1": "c", "10.1.0.2": "b", "10.1.0.3": "d"}))


if __name__ == "__main__":
    unittest.main()
