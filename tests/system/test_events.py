# SPDX-License-Identifier: BSD-3-Clause
"""What followers are told over SIGKILL: every change once and in order; and commits that wait."""

import json
import random
import socket
import sys
import threading
import time

import tap
from lab.daemon import Arpad
from lab.namespaces import Pair

WRITERS = 4
KILLS = 5
ZONE = "10.0.0.0/16"


class Connection:
    """A client of the control socket, by the standard library alone."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.greeting = json.loads(self.lines.readline())
        self.last_id = 0

    def send(self, method, **params):
        self.last_id += 1
        line = json.dumps({"id": self.last_id, "method": method, "params": params})
        self.socket.sendall(line.encode() + b"\n")

    def read(self):
        """A reply line; EOFError where arpad is gone."""
        line = self.lines.readline()
        if not line.endswith("\n"):
            raise EOFError
        return json.loads(line)

    def call(self, method, **params):
        self.send(method, **params)
        reply = self.read()
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def close(self):
        self.lines.close()
        self.socket.close()


GONE = (EOFError, OSError)


class Follower(threading.Thread):
    """Follows from the first change on; comes back after each end with the place of its last row."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.rows = []
        self.returns = 0
        self.error = None
        self.ended = threading.Event()

    def follow_once(self):
        connection = Connection(self.path)
        place = {"after": 0}
        if self.rows:
            place = {"after": self.rows[-1]["seq"], "after_index": self.rows[-1]["index"]}
        connection.send("events", **place)
        connection.socket.settimeout(1)
        try:
            while not self.ended.is_set():
                reply = connection.read()
                if "error" in reply:
                    self.error = reply["error"]
                    return
                self.rows += reply["result"]
        finally:
            connection.close()

    def run(self):
        while not self.ended.is_set() and self.error is None:
            try:
                self.follow_once()
            except TimeoutError:
                continue  # nothing for a second: a new connection goes on as well
            except GONE:
                self.returns += 1
                time.sleep(0.02)


class Writer(threading.Thread):
    """Changes addresses of its own until it is told to end; knows what was acknowledged."""

    def __init__(self, path, number, seed):
        super().__init__(daemon=True)
        self.path, self.number = path, number
        self.random = random.Random(seed)
        self.acknowledged = {}  # seq -> (address, name or None)
        self.ended = threading.Event()
        self.error = None

    def change(self, connection):
        address = f"10.0.{self.number}.{self.random.randrange(40)}"
        if self.random.randrange(4) == 0:
            name, method, params = None, "ptr.unset", {}
        else:
            name = f"n{self.random.randrange(1 << 30)}.example.net."
            method, params = "ptr.set", {"name": name}
        connection.send(method, address=address, **params)
        reply = connection.read()
        if "result" in reply:
            if reply["result"]["changed"]:
                self.acknowledged[reply["result"]["seq"]] = (address, name)
        elif reply["error"]["name"] != "not-found":
            self.error = reply["error"]

    def run(self):
        while not self.ended.is_set():
            try:
                connection = Connection(self.path)
                try:
                    while not self.ended.is_set():
                        self.change(connection)
                finally:
                    connection.close()
            except GONE:
                time.sleep(0.02)


class Case(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.arpad = Arpad(self.pair, interfaces=())
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        connection = Connection(self.arpad.socket)
        connection.call("zone.add", zone=ZONE)
        connection.close()

    def call(self, method, **params):
        connection = Connection(self.arpad.socket)
        try:
            return connection.call(method, **params)
        finally:
            connection.close()

    def restart(self):
        self.arpad.kill()
        self.arpad.start()


class Events(Case):
    def state_of(self, rows):
        """What the rows make of all addresses, each row fitting to those before it."""
        state = {}
        for row in rows:
            if row["kind"] == "rrset" and row["type"] == "PTR":
                self.assertEqual(row["before"], state.get(row["address"]))
                state[row["address"]] = row["after"]
        return {address: after["names"] for address, after in state.items() if after}

    def listed(self):
        connection = Connection(self.arpad.socket)
        connection.send("ptr.list", prefix=ZONE)
        rows, more = [], True
        while more:
            reply = connection.read()
            rows += reply["result"]
            more = reply.get("more", False)
        connection.close()
        return {row["address"]: row["names"] for row in rows}

    def test_every_change_comes_once_and_in_order_over_kills(self):
        seed = random.randrange(1 << 32)
        print(f"# seed {seed}")
        source = random.Random(seed)
        follower = Follower(self.arpad.socket)
        writers = [Writer(self.arpad.socket, i, source.random()) for i in range(WRITERS)]
        for thread in (follower, *writers):
            thread.start()
        for _ in range(KILLS):
            time.sleep(source.uniform(0.1, 0.5))
            self.restart()
        time.sleep(0.3)
        for writer in writers:
            writer.ended.set()
        for writer in writers:
            writer.join()
            self.assertIsNone(writer.error)
        last = self.call("server.status")["seq"]
        deadline = time.monotonic() + 30
        while not follower.rows or follower.rows[-1]["seq"] < last:
            self.assertIsNone(follower.error)
            self.assertLess(time.monotonic(), deadline, "the follower does not catch up")
            time.sleep(0.05)
        follower.ended.set()
        follower.join()
        seq, index = 0, -1
        for row in follower.rows:
            if row["seq"] != seq:
                self.assertEqual((row["seq"], row["index"]), (seq + 1, 0))
            else:
                self.assertEqual(row["index"], index + 1)
            seq, index = row["seq"], row["index"]
        told = {row["seq"]: (row["address"], row["after"] and row["after"]["names"][0])
                for row in follower.rows if row["kind"] == "rrset" and row["type"] == "PTR"}
        acknowledged = 0
        for writer in writers:
            acknowledged += len(writer.acknowledged)
            for number, what in writer.acknowledged.items():
                self.assertEqual(told[number], what)
        self.assertEqual(self.state_of(follower.rows), self.listed())
        self.assertGreater(follower.returns, 0)
        self.assertGreater(acknowledged, 0)
        print(f"# {acknowledged} changes acknowledged, {len(follower.rows)} rows, "
              f"{follower.returns} returns")

    def test_who_does_not_read_holds_nobody_up_and_misses_nothing(self):
        slow, writer = Connection(self.arpad.socket), Connection(self.arpad.socket)
        slow.send("events", after=0)
        count, at_once = 20000, 500
        for start in range(0, count, at_once):
            writer.socket.sendall(json.dumps([
                {"id": i, "method": "ptr.set", "params": {
                    "address": f"10.0.9.{i % 250}", "name": f"n{i}.example.net"}}
                for i in range(start, start + at_once)]).encode() + b"\n")
            for i in range(start, start + at_once):
                reply = writer.read()
                self.assertEqual((reply["id"], "result" in reply), (i, True))
        # Some 10 MiB of events: far more than waits for one client.
        seq, names = 0, []
        while len(names) < count:
            for row in slow.read()["result"]:
                self.assertIn(row["seq"], (seq, seq + 1))
                seq = row["seq"]
                if row["kind"] == "rrset" and row["type"] == "PTR":
                    names += row["after"]["names"]
        self.assertEqual(names, [f"n{i}.example.net." for i in range(count)])
        slow.close()
        writer.close()

    def test_wait_and_history_know_what_was_before_a_kill(self):
        self.call("ptr.set", address="10.0.0.1", name="a.example.net")
        self.call("ptr.set", address="10.0.0.1", name="b.example.net")
        seq = self.call("ptr.unset", address="10.0.0.1")["seq"]
        self.restart()
        self.assertEqual(self.call("wait", seq=seq), [{"seq": seq}])
        rows = self.call("history", address="10.0.0.1")
        self.assertEqual([row["seq"] for row in rows], [seq, seq - 1, seq - 2])
        self.assertEqual(rows[0]["before"]["names"], ["b.example.net."])
        waiting, other = Connection(self.arpad.socket), Connection(self.arpad.socket)
        waiting.send("wait", seq=seq + 1)
        other.call("ptr.set", address="10.0.0.1", name="c.example.net")
        self.assertEqual(waiting.read()["result"], [{"seq": seq + 1}])
        waiting.close()
        other.close()


class Confirmation(Case):
    def commit(self, name, confirm_s):
        txn = self.call("txn.begin")["txn"]
        self.call("ptr.set", address="10.0.0.9", name=name, txn=txn)
        done = self.call("txn.commit", txn=txn, confirm_s=confirm_s)
        self.assertIn("confirm_by", done)
        return txn

    def names(self):
        return self.call("ptr.show", address="10.0.0.9")["names"]

    def until(self, name):
        deadline = time.monotonic() + 20
        while self.names() != [name]:
            self.assertLess(time.monotonic(), deadline, f"{name} does not come back")
            time.sleep(0.1)

    def test_what_nobody_confirms_is_undone(self):
        self.call("ptr.set", address="10.0.0.9", name="old.example.net")
        self.commit("new.example.net", 1)
        self.assertEqual(self.names(), ["new.example.net."])
        self.until("old.example.net.")
        self.assertIn("was not confirmed in time and is undone", self.arpad.log())

    def test_what_is_overdue_at_the_start_is_undone_before_anybody_can_ask(self):
        self.call("ptr.set", address="10.0.0.9", name="old.example.net")
        self.commit("new.example.net", 1)
        self.arpad.kill()
        time.sleep(2)
        self.arpad.start()
        self.assertEqual(self.names(), ["old.example.net."])
        self.assertEqual(self.call("history", address="10.0.0.9")[0]["user"], "arpad")

    def test_what_is_confirmed_stays_over_a_kill(self):
        txn = self.commit("new.example.net", 1)
        self.call("txn.confirm", txn=txn)
        self.arpad.kill()
        time.sleep(2)
        self.arpad.start()
        self.assertEqual(self.names(), ["new.example.net."])


if __name__ == "__main__":
    sys.exit(tap.main())
