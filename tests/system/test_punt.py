# SPDX-License-Identifier: BSD-3-Clause
"""UPDATE, NOTIFY and transfers on the fast path: the listener's thread answers, by the same port."""

import collections
import struct
import sys
import threading

import tap
from lab import zonedata
from lab.burst import Burst
from lab.daemon import Arpad
from lab.message import (AXFR, NOTIMP, PTR, QR, REFUSED, SOA, Client, Reply, TcpClient, padded,
                         query, wire_name)
from lab.namespaces import (SECOND_SERVER_4, SECOND_SERVER_INTERFACE, SERVER_4, SERVER_6,
                            SERVER_INTERFACE, Pair)

NOTIFY, UPDATE, IXFR = 4 << 11, 5 << 11, 251
SERVERS = (SERVER_4, SERVER_6, SECOND_SERVER_4)
APEX = zonedata.apex(zonedata.ZONE_4)
NAME, HOST = "7.0.18.198.in-addr.arpa.", "host.example.net."
BURST = 1024  # four times what the ring holds
FLOOD, ROUNDS = 128, 1500  # less than a veth's own ring holds, for its drops are not arpad's


def notify(identity):
    return query(APEX, SOA, identity=identity, flags=NOTIFY)


def update(identity, records=1):
    """Adds PTR records, without the compression that a client would use."""
    wire = struct.pack("!6H", identity, UPDATE, 1, 0, records, 0)
    wire += wire_name(APEX) + struct.pack("!2H", SOA, 1)
    target = wire_name(HOST)
    for i in range(records):
        wire += wire_name(f"{i % 256}.1.18.198.in-addr.arpa.")
        wire += struct.pack("!HHIH", PTR, 1, 300, len(target)) + target
    return wire


def ixfr(identity):
    soa = wire_name(HOST) * 2 + struct.pack("!5I", 1, 2, 3, 4, 5)
    wire = bytearray(query(APEX, IXFR, identity=identity))
    wire[8:10] = struct.pack("!H", 1)
    return bytes(wire) + b"\xc0\x0c" + struct.pack("!HHIH", SOA, 1, 0, len(soa)) + soa


def slow_messages():
    return {"notify": notify(1), "update": update(2), "large update": update(3, 20),
            "axfr": query(APEX, AXFR, identity=4), "axfr with OPT": query(APEX, AXFR, 5, edns=1232),
            "ixfr": ixfr(6), "padded notify": padded(notify(7), 1000)}


class Punt(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.pair.add_second_link()
        cls.arpad = Arpad(cls.pair, addresses=SERVERS,
                          interfaces=[SERVER_INTERFACE, SECOND_SERVER_INTERFACE])
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        cls.arpad.ctl("zone", "add", zonedata.ZONE_4)
        cls.arpad.ctl("ptr", "set", "198.18.0.7", HOST)

    def counted(self):
        """(punted by each worker, refused, listener's punted, its replies, its own UDP queries)"""
        stats = self.arpad.ctl_json("stats")
        listener = stats["listener"]
        return ([worker["outcomes"]["punted"] for worker in stats["workers"]],
                stats["outcomes"]["punt-refused"], listener["punted"]["notimp"],
                listener["punt_replied"], listener["udp_queries"])

    def client(self, server):
        client = Client(self.pair, server)
        self.addCleanup(client.close)
        return client

    def test_each_gets_the_reply_that_it_gets_over_tcp(self):
        for server in (SERVER_4, SERVER_6):
            udp, tcp = self.client(server), TcpClient(self.pair, server)
            self.addCleanup(tcp.close)
            for name, wire in slow_messages().items():
                before = self.counted()
                udp.send(wire)
                got = udp.receive()
                self.assertIsNotNone(got, f"{name} to {server}: no reply")
                tcp.send(wire)
                self.assertEqual(got, tcp.receive(), f"{name} to {server}")
                self.assertEqual(Reply(got).rcode, NOTIMP)
                after = self.counted()
                self.assertEqual(after[0][0] - before[0][0], 1, f"{name} came by the queue")
                self.assertEqual(after[2:4], (before[2] + 1, before[3] + 1))
                self.assertEqual(after[4], before[4], "no kernel socket had a part")

    def test_the_reply_leaves_by_the_port_that_the_message_came_by(self):
        for place, server in enumerate((SERVER_4, SECOND_SERVER_4)):
            client = self.client(server)
            before = self.counted()
            for i in range(100):
                client.send(notify(i))
                got = client.receive()
                self.assertIsNotNone(got, f"no reply from {server}")
                self.assertEqual(struct.unpack_from("!2H", got), (i, QR | NOTIFY | NOTIMP))
            after = self.counted()
            self.assertEqual([now - then for now, then in zip(after[0], before[0])],
                             [100 * (place == 0), 100 * (place == 1)])

    def test_nsupdate_is_told(self):
        for server in (SERVER_4, SERVER_6):
            commands = (f"server {server}\nzone {APEX}\n"
                        f"update add 9.0.18.198.in-addr.arpa. 300 PTR {HOST}\nsend\n")
            done = self.pair.client.run("nsupdate", "-t", 5, input=commands, check=False)
            self.assertIn("NOTIMP", done.stdout + done.stderr)
            self.assertNotEqual(done.returncode, 0)

    def test_what_finds_the_ring_full_is_refused_and_nothing_is_lost(self):
        burst = Burst(self.pair, SERVER_4, [notify(i) for i in range(BURST)])
        self.addCleanup(burst.close)
        before = self.counted()
        codes = collections.Counter()
        for _ in range(5):
            burst.send()
            replies = burst.receive(BURST)
            self.assertEqual(sorted(reply[0] for reply in replies), list(range(BURST)))
            codes.update(reply[1] for reply in replies)
        after = self.counted()
        self.assertEqual(set(codes), {QR | NOTIFY | NOTIMP, QR | NOTIFY | REFUSED})
        self.assertEqual(codes[QR | NOTIFY | REFUSED], after[1] - before[1])
        self.assertEqual(codes[QR | NOTIFY | NOTIMP], after[2] - before[2])
        print(f"# of {5 * BURST}: {codes[QR | NOTIFY | REFUSED]} refused")

    def test_queries_lose_nothing_in_a_flood(self):
        flood = Burst(self.pair, SERVER_4, [notify(i) for i in range(FLOOD)])
        self.addCleanup(flood.close)
        done = threading.Event()
        asked, errors = [], []

        def keep_asking(client):
            count = 0
            try:
                while not done.is_set() or not count:
                    if client.ask(NAME).names() != [HOST]:
                        raise ValueError("another answer")
                    count += 1
            except (TimeoutError, ValueError, OSError) as error:
                errors.append(error)
            asked.append(count)

        tcp = TcpClient(self.pair, SERVER_4)
        self.addCleanup(tcp.close)
        threads = [threading.Thread(target=keep_asking, args=[self.client(server)])
                   for server in (SERVER_4, SERVER_6)]
        threads.append(threading.Thread(target=keep_asking, args=[tcp]))
        for thread in threads:
            thread.start()
        for _ in range(ROUNDS):
            flood.send()
            done.wait(0.001)
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [], str(self.arpad.ctl_json("stats")["ports"]))
        self.assertEqual(len(asked), len(threads))
        print(f"# {ROUNDS * FLOOD} in the flood, {sum(asked)} queries beside it")


if __name__ == "__main__":
    sys.exit(tap.main())
