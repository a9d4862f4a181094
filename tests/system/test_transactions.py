# SPDX-License-Identifier: BSD-3-Clause
"""PTR objects, transactions and zones over the control socket, and what DNS then says."""

import sys
import time

import tap
from lab import zonedata
from lab.control import Control
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, Pair

ROWS = 3000
WAIT_S = 30


class Transactions(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.arpad = Arpad(cls.pair, interfaces=())
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        cls.arpad.ctl("zone", "add", zonedata.ZONE_4)

    def setUp(self):
        super().setUp()
        self.client = Client(self.pair, SERVER_4)
        self.addCleanup(self.client.close)

    def control(self):
        made = Control(self.arpad.socket)
        self.addCleanup(made.close)
        return made

    def call(self, method, /, **params):
        """The result, of a connection of its own."""
        with Control(self.arpad.socket) as control:
            reply = control.call(method, **params)
        self.assertIn("result", reply, reply)
        return reply["result"]

    def refused(self, method, error, /, **params):
        with Control(self.arpad.socket) as control:
            reply = control.call(method, **params)
        self.assertEqual(reply.get("error", {}).get("name"), error, reply)
        return reply["error"]

    def names(self, address):
        return self.client.ask(zonedata.arpa(address)).names()

    def wait_for(self, what):
        deadline = time.monotonic() + WAIT_S
        while not what():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_each_step_may_come_from_another_connection(self):
        first, second = str(zonedata.address_4(1)), str(zonedata.address_4(2))
        txn = self.call("txn.begin")["txn"]
        self.call("ptr.set", address=first, name="one.example.net", txn=txn)
        self.call("ptr.set", address=second, name="two.example.net", txn=txn)
        self.call("zone.add", zone="203.0.113.0/24", txn=txn)
        self.call("ptr.set", address="203.0.113.9", name="new.example.net", txn=txn)
        self.assertEqual(self.names(zonedata.address_4(1)), [])
        self.assertEqual([row.get("address", row.get("zone"))
                          for row in self.call("txn.diff", txn=txn)],
                         ["203.0.113.0/24", first, second, "203.0.113.9"])
        made = self.call("txn.commit", txn=txn)
        self.assertEqual(made["operations"], 4)
        for address in (first, second, "203.0.113.9"):
            self.assertEqual(self.call("ptr.show", address=address)["seq"], made["seq"])
        self.assertEqual(self.names(zonedata.address_4(1)), ["one.example.net."])
        self.assertEqual(self.names(zonedata.address_4(2)), ["two.example.net."])
        self.refused("txn.commit", "not-found", txn=txn)

    def test_who_comes_second_is_told_with_the_change_that_was_first(self):
        address = str(zonedata.address_4(10))
        known = self.call("ptr.set", address=address, name="a.example.net")["seq"]
        txn = self.call("txn.begin")["txn"]
        self.call("ptr.add", address=address, name="b.example.net", txn=txn)
        now = self.call("ptr.set", address=address, name="c.example.net")["seq"]
        self.assertIn(address, self.refused("txn.commit", "conflict", txn=txn)["message"])
        error = self.refused(
            "ptr.set", "conflict", address=address, name="d.example.net", if_seq=known)
        self.assertEqual(error["data"], {"address": address, "seq": now, "expected": known})
        self.assertEqual(self.names(zonedata.address_4(10)), ["c.example.net."])
        self.call("txn.commit", txn=txn, force=True)
        self.assertEqual(self.names(zonedata.address_4(10)),
                         ["c.example.net.", "b.example.net."])

    def test_one_that_nobody_uses_ends_and_is_told_once(self):
        txn = self.call("txn.begin", timeout_s=1)["txn"]
        self.call("ptr.set", address=str(zonedata.address_4(20)), name="a.example.net", txn=txn)
        said = f"the transaction {txn} of "
        self.wait_for(lambda: said in self.arpad.log())
        self.refused("txn.show", "not-found", txn=txn)
        self.assertEqual(self.names(zonedata.address_4(20)), [])
        # The clock ticks once more, for another one that ends.
        other = self.call("txn.begin", timeout_s=1)["txn"]
        self.wait_for(lambda: f"the transaction {other} of " in self.arpad.log())
        self.assertEqual(self.arpad.log().count(said), 1)

    def test_a_commit_that_nobody_confirms_is_undone(self):
        address = zonedata.address_4(30)
        self.call("ptr.set", address=str(address), name="before.example.net")
        txn = self.call("txn.begin")["txn"]
        self.call("ptr.set", address=str(address), name="after.example.net", txn=txn)
        self.assertIn("confirm_by", self.call("txn.commit", txn=txn, confirm_s=1))
        self.wait_for(lambda: self.names(address) == ["before.example.net."])
        self.refused("txn.confirm", "not-found", txn=txn)
        txn = self.call("txn.begin")["txn"]
        self.call("ptr.set", address=str(address), name="after.example.net", txn=txn)
        self.call("txn.commit", txn=txn, confirm_s=3600)
        self.assertIn(txn, [row["txn"] for row in self.call("txn.list")])
        self.call("txn.confirm", txn=txn)
        self.assertNotIn(txn, [row["txn"] for row in self.call("txn.list")])
        self.assertEqual(self.names(address), ["after.example.net."])

    def test_all_at_once_or_nothing(self):
        good = {"method": "ptr.set", "params": {"address": str(zonedata.address_4(40)),
                                                "name": "a.example.net"}}
        bad = {"method": "ptr.unset", "params": {"address": str(zonedata.address_4(41))}}
        error = self.refused("txn.run", "not-found", operations=[good, bad])
        self.assertIn("operation 2 of txn.run", error["message"])
        self.assertEqual(self.names(zonedata.address_4(40)), [])
        self.call("txn.run", operations=[good])
        self.assertEqual(self.names(zonedata.address_4(40)), ["a.example.net."])

    def test_a_frozen_zone_answers_and_stays(self):
        self.call("zone.add", zone="198.51.100.0/24")
        self.call("zone.freeze", zone="198.51.100.0/24")
        self.refused("ptr.set", "conflict", address="198.51.100.1", name="a.example.net")
        self.call("zone.thaw", zone="198.51.100.0/24")
        self.call("zone.set", zone="198.51.100.0/24", serial="date", ttl=77)
        self.call("ptr.set", address="198.51.100.1", name="a.example.net")
        self.assertEqual(self.call("ptr.show", address="198.51.100.1")["ttl"], 77)
        shown = self.call("zone.show", zone="198.51.100.0/24")
        self.assertEqual(shown["settings"], {"serial": "date", "frozen": False, "ttl": 77})
        self.assertEqual(shown["records"], 3)
        self.assertRegex(str(shown["soa"]["serial"]), "^20[0-9]{8}$")

    def test_long_lists_come_whole_in_order_and_filtered(self):
        self.call("zone.add", zone="10.0.0.0/8")
        control = self.control()
        for start in range(0, ROWS, 500):
            for i in range(start, start + 500):
                control.send("ptr.set", address=f"10.0.{i // 250}.{i % 250}",
                             name=f"h{i}.example.net", tags={"odd": str(i % 2)})
            for _ in range(500):
                self.assertIn("result", control.read())

        def listed(**params):
            rows, more = [], True
            control.send("ptr.list", **params)
            while more:
                reply = control.read()
                rows += reply["result"]
                more = reply.get("more", False)
            return [row["address"] for row in rows]

        wanted = [f"10.0.{i // 250}.{i % 250}" for i in range(ROWS)]
        self.assertEqual(listed(prefix="10.0.0.0/8"), wanted)
        self.assertEqual(listed(prefix="10.0.0.0/8", tag="odd=1"), wanted[1::2])
        self.assertEqual(listed(name="h1234.*"), [wanted[1234]])
        self.assertEqual(listed(prefix="10.0.0.0/8", after=wanted[99], limit=5), wanted[100:105])
        self.assertEqual(self.call("ptr.count", prefix="10.0.0.0/8")["count"], ROWS)
        self.refused("ptr.unset", "conflict", prefix="10.0.0.0/8", expect=ROWS + 1)
        gone = self.call("ptr.unset", prefix="10.0.0.0/8", expect=ROWS)
        self.assertEqual(gone["removed"], ROWS)
        self.assertEqual(listed(prefix="10.0.0.0/8"), [])


if __name__ == "__main__":
    sys.exit(tap.main())
