# SPDX-License-Identifier: BSD-3-Clause
"""Who asks most: in a flood of many clients about many addresses, one of each stands out and is named,
with a number that is within its bounds. Over AF_XDP and kernel sockets, UDP and TCP, both families."""

import ipaddress
import random
import re
import signal
import socket
import sys
import time

import tap
from lab import zonedata
from lab.daemon import Arpad
from lab.frames import Wire, datagram, ethernet
from lab.message import PTR, SOA, TcpClient, query
from lab.namespaces import CLIENT_4, SERVER_4, SERVER_6, Pair

# Of every ten messages three are the attacker's, one of them about the victim's address.
CLIENTS, ASKED_ABOUT = 3000, 5000
ATTACKER = {4: "198.18.7.7", 6: "2001:db8:7::7"}
VICTIM = {4: "198.18.99.99", 6: "2001:db8:99::99"}
SERVER = {4: SERVER_4, 6: SERVER_6}
SEEN_SECONDS = 20  # for the observer's thread to come round on a busy machine


def name_of(address):
    return ipaddress.ip_address(address).reverse_pointer


def crowd(family, number):
    """A client or an address of its own."""
    return f"198.19.{number >> 8}.{number & 255}" if family == 4 else f"2001:db8:5:{number:x}::1"


def messages(family, count, draw):
    """(client, address asked about) of each, and how many are of the two that stand out."""
    made = []
    for i in range(count):
        attacks = i % 10 < 3
        client = ATTACKER[family] if attacks else crowd(family, draw.randrange(CLIENTS))
        made.append((client, VICTIM[family] if attacks and i % 2 else
                     crowd(family, draw.randrange(ASKED_ABOUT))))
    return made


def network(address, bits):
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


class Observed(tap.LabCase):
    interfaces, addresses = ("vs",), (SERVER_4, SERVER_6)

    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)

    def start(self, options=""):
        self.arpad = Arpad(self.pair, options=options, interfaces=self.interfaces, addresses=self.addresses)
        self.addCleanup(self.arpad.remove)
        self.arpad.start()

    def top(self, what, count=10, seconds=0):
        return self.arpad.ctl_json("observe", what, "-n", count, "--seconds", seconds)

    def wait_seen(self, wanted):
        """Until the sketches have so many messages, or no more come."""
        deadline = time.monotonic() + SEEN_SECONDS
        while self.top("outcomes")["total"] < wanted and time.monotonic() < deadline:
            time.sleep(0.05)

    def assert_within(self, row, truth, chance=1.0):
        """`chance`: how much wider, since the bounds hold in 95 of 100 cases and tests in all."""
        spread = chance * row["sampling_error"]
        self.assertLessEqual(truth, row["count"] + spread, row)
        self.assertGreaterEqual(truth, row["count"] - row["error"] - spread, row)

    def assert_named(self, family, sent, chance=1.0):
        clients = [client for client, _ in sent]
        asked = [address for _, address in sent]
        prefix_bits, client_bits = (24, 24) if family == 4 else (48, 56)
        for what, name, truth in (
                ("clients", ATTACKER[family], clients.count(ATTACKER[family])),
                ("client-prefixes", network(ATTACKER[family], client_bits), clients.count(ATTACKER[family])),
                ("addresses", VICTIM[family], asked.count(VICTIM[family])),
                ("prefixes", network(VICTIM[family], prefix_bits), asked.count(VICTIM[family]))):
            rows = self.top(what)["rows"]
            ours = [row for row in rows if row["name"] == name]
            self.assertEqual(len(ours), 1, f"{name} is not among {rows}")
            self.assert_within(ours[0], truth, chance)
            if what in ("clients", "addresses"):
                for row in rows:
                    if row["name"] not in (*ATTACKER.values(), *VICTIM.values()):
                        self.assertLess(row["count"] - row["error"], ours[0]["count"] / 5)

    def counters(self):
        return self.arpad.ctl_json("stats")["observe"]


class OverFrames(Observed):
    """Through workers, from forged sources."""

    def flood(self, sent, family, pace=64):
        """Sends what a worker's queue holds, waits until it is answered, and so on: none is lost."""
        wire = Wire(self.pair)
        self.addCleanup(wire.close)
        frames = [ethernet(wire.server_mac, wire.mac, (), *datagram(client, 5353, SERVER[family],
                                                                    query(name_of(address))))
                  for client, address in sent]
        before = self.received()
        for first in range(0, len(frames), pace):
            for frame in frames[first:first + pace]:
                wire.socket.send(frame)
            self.wait_received(before + min(first + pace, len(frames)))

    def received(self):
        return self.arpad.ctl_json("stats")["received"]

    def wait_received(self, wanted):
        deadline = time.monotonic() + SEEN_SECONDS
        while (got := self.received()) < wanted:
            self.assertLess(time.monotonic(), deadline, f"{got} of {wanted} frames came")

    def test_all_are_seen_and_two_stand_out(self):
        self.start("observe: {sample: 1}\n")
        for family in (4, 6):
            with self.subTest(family=family):
                sent = messages(family, 6000, random.Random(family))
                before = self.top("outcomes")["total"]
                self.flood(sent, family)
                self.wait_seen(before + len(sent))
                self.assertEqual(self.counters()["dropped"], 0)
                self.assertGreaterEqual(self.top("outcomes")["total"], before + len(sent))
                self.assert_named(family, sent)
        self.assertEqual(self.top("types")["rows"][0]["name"], "PTR")
        self.assertEqual(self.top("rcodes")["rows"][0]["name"], "REFUSED")

    def test_samples_tell_the_same(self):
        self.start("observe: {sample: 16}\n")
        sent = messages(4, 8000, random.Random(7))
        self.flood(sent, 4, 256)
        self.wait_seen(len(sent) * 3 // 4)
        result = self.top("clients")
        self.assertEqual(result["one_in"], 16)
        self.assertAlmostEqual(result["total"], len(sent), delta=len(sent) / 4)
        self.assert_named(4, sent, chance=2.5)  # 5 standard deviations

    def test_off_sees_nothing_and_a_reload_changes_it(self):
        self.start("observe: {sample: off}\n")
        sent = messages(4, 200, random.Random(1))
        self.flood(sent, 4)
        self.assertEqual((self.counters()["one_in"], self.counters()["seen"]), (0, 0))
        self.arpad.options = "observe: {sample: 1}\n"
        self.arpad.configure(self.addresses)
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + SEEN_SECONDS
        while self.counters()["one_in"] != 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        self.flood(sent, 4)
        self.wait_seen(len(sent))
        self.assert_named(4, sent)

    def test_what_workers_leave_to_the_listener_is_seen_once(self):
        self.start("observe: {sample: 1}\n")
        client = self.pair.client.socket()
        self.addCleanup(client.close)
        client.connect((SERVER_4, 53))
        for _ in range(20):
            client.send(query("18.198.in-addr.arpa", SOA, flags=4 << 11))  # NOTIFY
            client.recv(512)
        self.wait_seen(20)
        rows = {row["name"]: row["count"] for row in self.top("outcomes")["rows"]}
        self.assertNotIn("punted", rows)
        self.assertEqual(self.top("clients")["rows"][0]["name"], CLIENT_4)
        self.assertEqual(self.top("clients")["rows"][0]["count"], 20)


class OverKernelSockets(Observed):
    """Without workers: the listener's thread alone."""

    interfaces = ()

    def clients_of(self, sent, family):
        """A socket for each client. The client's machine has all of 198.16.0.0/14, and 2001:db8::/32."""
        kind = socket.AF_INET if family == 4 else socket.AF_INET6
        made = {}
        with self.pair.client.entered():
            for client, _ in sent:
                if client not in made:
                    made[client] = socket.socket(kind, socket.SOCK_DGRAM)
                    made[client].setsockopt(*((socket.IPPROTO_IP, 15) if family == 4 else
                                              (socket.IPPROTO_IPV6, 78)), 1)  # IP_FREEBIND, IPV6_FREEBIND
                    made[client].bind((client, 0))
                    made[client].settimeout(5)
                    self.addCleanup(made[client].close)
        return made

    def prepare_routes(self):
        client, server = self.pair.client, self.pair.server
        for words in (("-4", "route", "add", "local", "198.19.0.0/16", "dev", "lo"),
                      ("-4", "route", "add", "local", "198.18.7.7/32", "dev", "lo"),
                      ("-6", "route", "add", "local", "2001:db8:5::/48", "dev", "lo"),
                      ("-6", "route", "add", "local", "2001:db8:7::7/128", "dev", "lo")):
            client.run("ip", *words)
        for words in (("-4", "route", "add", "198.19.0.0/16", "via", CLIENT_4),
                      ("-4", "route", "add", "198.18.7.7/32", "via", CLIENT_4),
                      ("-6", "route", "add", "2001:db8:5::/48", "via", "2001:db8::2"),
                      ("-6", "route", "add", "2001:db8:7::7/128", "via", "2001:db8::2")):
            server.run("ip", *words)

    def ask_all(self, sent, family):
        clients = self.clients_of(sent, family)
        for client, address in sent:
            clients[client].sendto(query(name_of(address)), (SERVER[family], 53))
            clients[client].recv(512)

    def test_two_stand_out_of_both_families(self):
        self.start("observe: {sample: 1}\n")
        self.prepare_routes()
        for family in (4, 6):
            with self.subTest(family=family):
                sent = messages(family, 1500, random.Random(family))
                before = self.top("outcomes")["total"]
                self.ask_all(sent, family)
                self.wait_seen(before + len(sent))
                self.assertEqual(self.counters()["dropped"], 0)
                self.assert_named(family, sent)

    def test_tcp_is_seen_too_and_the_text_is_for_people(self):
        self.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        client = TcpClient(self.pair, SERVER_4)
        self.addCleanup(client.close)
        for _ in range(30):
            client.send(query("7.0.18.198.in-addr.arpa", PTR))
            client.receive()
        self.wait_seen(30)
        text = self.arpad.ctl("observe", "addresses").stdout
        self.assertRegex(text, r"\A198\.18\.0\.7 30 [0-9.]+ 100\.0% 30 30\n\Z")
        self.assertRegex(self.arpad.ctl("observe", "outcomes").stdout, r"\Anxdomain 30 ")
        self.assertRegex(self.arpad.ctl("observe", "clients", "-n", 1).stdout, rf"\A{re.escape(CLIENT_4)} 30 ")
        self.assertIn("observe.seen 30\n", self.arpad.ctl("stats").stdout)
        self.assertIn("observe.listener.dropped 0\n", self.arpad.ctl("stats").stdout)
        refused = self.arpad.ctl("observe", "everybody", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("clients, client-prefixes", refused.stderr)


if __name__ == "__main__":
    sys.exit(tap.main())
