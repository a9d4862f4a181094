# SPDX-License-Identifier: BSD-3-Clause
"""Which packets the workers get, by the steering program's own counters, and who answers the rest.

What test_coexistence.py shows from the client's side (nothing of the kernel's is lost), this one
shows from the inside: each kind of traffic ends in its verdict, and no other.
"""

import signal
import socket
import sys
import threading
import time

import tap
from lab import frames, oracle, zonedata
from lab.daemon import Arpad
from lab.message import Client, Reply, TcpClient, padded, query
from lab.namespaces import (CLIENT_4, CLIENT_6, OTHER_4, OTHER_6, SERVER_4, SERVER_6,
                            SERVER_INTERFACE, Pair)

ANYCAST_4, ANYCAST_6 = "203.0.113.53", "2001:db8:a::53"
MORE_4, MORE_6 = "203.0.113.54", "2001:db8:a::54"  # come later
NAME = "7.0.18.198.in-addr.arpa."
ANSWER = ["host.example.net."]
SEVERAL = 25
IP_FREEBIND = 15  # linux/in.h; Python has no name for it


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Steering(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        for address in (OTHER_4, OTHER_6):
            cls.pair.add_server_address(address)
        for address in (ANYCAST_4, ANYCAST_6):
            cls.on_loopback("add", address)
        cls.pair.client.run("ip", "route", "add", "203.0.113.0/24", "via", SERVER_4)
        cls.pair.client.run("ip", "route", "add", "2001:db8:a::/64", "via", SERVER_6)
        cls.arpad = Arpad(cls.pair)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.configure([SERVER_4, SERVER_6], ["lo"])
        cls.arpad.start()
        cls.arpad.ctl("zone", "add", zonedata.ZONE_4)
        cls.arpad.ctl("ptr", "set", "198.18.0.7", ANSWER[0])
        for address in (SERVER_4, SERVER_6):  # neighbours are known before anything is counted
            client = Client(cls.pair, address)
            client.ask(NAME)
            client.close()

    @classmethod
    def on_loopback(cls, what, address):
        length = 128 if ":" in address else 32
        cls.pair.server.run("ip", "address", what, f"{address}/{length}", "dev", "lo")

    def verdicts(self):
        stats = self.arpad.ctl_json("stats")
        counts = dict(stats["steer"][0]["verdicts"])
        counts["kernel-queries"] = stats["listener"]["udp_queries"]
        return counts

    def count(self, act):
        """What `act` adds to each verdict, and to the queries that the kernel's sockets got."""
        before = self.verdicts()
        act()
        return {name: now - before[name] for name, now in self.verdicts().items()
                if now != before[name]}

    def assert_counts(self, act, **expected):
        """Exactly these verdicts grow, but for what the kernels tell each other now and then."""
        counts = self.count(act)
        for chatter in ("pass-group", "pass-ether-type", "pass-protocol"):
            if chatter.replace("-", "_") not in expected:
                counts.pop(chatter, None)
        self.assertEqual(counts, {name.replace("_", "-"): count
                                  for name, count in expected.items()})

    def socket(self, address, port=53, kind=socket.SOCK_DGRAM):
        made = self.pair.client.socket(family(address), kind, timeout=2)
        self.addCleanup(made.close)
        made.connect((address, port))
        return made

    def ask(self, address, times=1):
        client = Client(self.pair, address)
        try:
            for _ in range(times):
                self.assertEqual(client.ask(NAME).names(), ANSWER)
        finally:
            client.close()

    def answers(self, address):
        """Whether a query is answered within a short while."""
        client = Client(self.pair, address, 0.3)
        try:
            return client.ask(NAME).names() == ANSWER
        except (TimeoutError, ConnectionRefusedError):
            return False
        finally:
            client.close()

    def wait_for(self, address, answered):
        deadline = time.monotonic() + 5
        while self.answers(address) != answered:
            self.assertLess(time.monotonic(), deadline, f"{address}: answered is not {answered}")
            time.sleep(0.05)

    def listed(self):
        return {row["address"]: row["sources"] for row in self.arpad.ctl_json("address", "list")}

    # Each kind of traffic and its verdict.

    def test_queries_to_unicast_and_anycast_addresses_are_redirected(self):
        for address in (SERVER_4, SERVER_6, ANYCAST_4, ANYCAST_6):
            with self.subTest(address):
                self.assert_counts(lambda: self.ask(address, SEVERAL), redirected=SEVERAL)

    def serve_in_the_kernel(self, address, port):
        """Another UDP server beside arpad, which sends back what it gets."""
        server = self.pair.server.socket(family(address), socket.SOCK_DGRAM, timeout=5)
        self.addCleanup(server.close)
        server.bind((address, port))
        return server

    def exchange(self, address, port, server):
        client = self.socket(address, port)
        for i in range(SEVERAL):
            sent = query(NAME, identity=i)
            client.send(sent)
            got, sender = server.recvfrom(2048)
            self.assertEqual(got, sent)
            server.sendto(got, sender)
            self.assertEqual(client.recv(2048), sent)

    def test_another_address_is_another_servers(self):
        for address in (OTHER_4, OTHER_6):
            with self.subTest(address):
                server = self.serve_in_the_kernel(address, 53)
                self.assert_counts(lambda: self.exchange(address, 53, server),
                                   pass_address=SEVERAL)

    def test_another_port_is_another_servers(self):
        for address in (SERVER_4, ANYCAST_6):
            with self.subTest(address):
                server = self.serve_in_the_kernel(address, 5353)
                self.assert_counts(lambda: self.exchange(address, 5353, server),
                                   pass_port=SEVERAL)

    def test_tcp_is_the_kernels(self):
        for address in (SERVER_4, SERVER_6, ANYCAST_4):
            with self.subTest(address):
                client = TcpClient(self.pair, address)
                self.addCleanup(client.close)
                counts = self.count(lambda: [self.assertEqual(client.ask(NAME).names(), ANSWER)
                                             for _ in range(SEVERAL)])
                self.assertGreaterEqual(counts.pop("pass-tcp"), SEVERAL)
                self.assertNotIn("redirected", counts)
                self.assertNotIn("kernel-queries", counts)

    def test_ping_is_the_kernels(self):
        for address in (SERVER_4, SERVER_6, ANYCAST_4, ANYCAST_6):
            with self.subTest(address):
                counts = self.count(lambda: self.pair.client.run(
                    "ping", "-n", "-c", SEVERAL, "-i", "0.01", "-W", 2, address))
                self.assertGreaterEqual(counts["pass-protocol"], SEVERAL)

    def test_fragments_are_put_together_and_answered_by_the_kernels_socket(self):
        wire = padded(query(NAME), 4000)
        for address in (SERVER_4, SERVER_6, ANYCAST_4, ANYCAST_6):
            with self.subTest(address):
                client = self.socket(address)

                def ask():
                    for _ in range(SEVERAL):
                        client.send(wire)
                        self.assertEqual(Reply(client.recv(2048)).names(), ANSWER)

                self.assert_counts(ask, pass_fragment=3 * SEVERAL, kernel_queries=SEVERAL)

    def ask_with_options(self, address, level, option, value):
        client = self.socket(address)
        client.setsockopt(level, option, value)
        for _ in range(SEVERAL):
            client.send(query(NAME))
            self.assertEqual(Reply(client.recv(2048)).names(), ANSWER)

    def test_ip_options_are_answered_by_the_kernels_socket(self):
        self.assert_counts(lambda: self.ask_with_options(
            SERVER_4, socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01" * 4),  # no operation
            pass_options=SEVERAL, kernel_queries=SEVERAL)

    def test_ipv6_destination_options_are_answered_by_the_kernels_socket(self):
        header = bytes([0, 0, 1, 4, 0, 0, 0, 0])  # 8 octets, of which PadN takes 6
        self.assert_counts(lambda: self.ask_with_options(
            SERVER_6, socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, header),
            pass_options=SEVERAL, kernel_queries=SEVERAL)

    # Frames that only a packet socket can make.

    def wire(self):
        made = frames.Wire(self.pair)
        self.addCleanup(made.close)
        return made

    def assert_answered_with_tags(self, tags):
        wire = self.wire()
        for source, target in ((CLIENT_4, SERVER_4), (CLIENT_6, SERVER_6)):
            for i in range(SEVERAL):
                wire.send(tags, *frames.datagram(source, 40000 + i, target,
                                                 query(NAME, identity=i)))
                caught = wire.catch(40000 + i)
                self.assertIsNotNone(caught, f"no reply to frame {i} with tags {tags}")
                self.assertEqual(caught[0], tags)
                self.assertEqual(Reply(caught[1]).names(), ANSWER)

    def test_one_vlan_tag_comes_back_as_it_was(self):
        for control in (100, 0x6064, 0):  # a VLAN; with a priority; a priority tag
            with self.subTest(control):
                self.assert_counts(
                    lambda: self.assert_answered_with_tags([(frames.Q, control)]),
                    redirected_tagged=2 * SEVERAL)

    def test_two_vlan_tags_come_back_as_they_were(self):
        for outer in (frames.AD, frames.Q):
            with self.subTest(hex(outer)):
                self.assert_counts(
                    lambda: self.assert_answered_with_tags([(outer, 200), (frames.Q, 0x2064)]),
                    redirected_tagged=2 * SEVERAL)

    def test_other_tags_are_left_to_the_kernel(self):
        wire = self.wire()
        for tags in ([(frames.AD, 1)], [(frames.Q, 1), (frames.AD, 2)], [(frames.Q, 1)] * 3):
            with self.subTest(tags):
                packet = frames.datagram(CLIENT_4, 40100, SERVER_4, query(NAME))
                self.assert_counts(lambda: wire.send(tags, *packet), pass_tags=1)
                self.assertIsNone(wire.catch(40100, 0.2))

    def test_other_mac_addresses_are_left_to_the_kernel(self):
        wire = self.wire()
        packet = frames.datagram(CLIENT_4, 40200, SERVER_4, query(NAME))
        stranger = bytes([2, 0, 0, 0, 0, 9])
        self.assert_counts(lambda: wire.send([], *packet, target=stranger), pass_other_mac=1)
        self.assertIsNone(wire.catch(40200, 0.2), "the kernel has no such address either")

    # Changes while it runs.

    def test_an_address_comes_and_goes_by_arpactl(self):
        for address in (OTHER_4, OTHER_6):
            with self.subTest(address):
                self.assertFalse(self.answers(address))
                added = self.arpad.ctl("address", "add", address)
                self.assertIn("listen.addresses", added.stdout)
                self.assert_counts(lambda: self.ask(address, SEVERAL), redirected=SEVERAL)
                tcp = TcpClient(self.pair, address)
                self.assertEqual(tcp.ask(NAME).names(), ANSWER)
                tcp.close()
                self.assertEqual(self.listed()[address], ["arpactl"])
                self.assertEqual(self.arpad.ctl("address", "add", address,
                                                check=False).returncode, 6)
                self.arpad.ctl("address", "remove", address)
                self.assertFalse(self.answers(address))
                self.assertNotIn(address, self.listed())
                with self.assertRaises(ConnectionRefusedError):
                    TcpClient(self.pair, address)
                self.assertEqual(self.arpad.ctl("address", "remove", address,
                                                check=False).returncode, 6)

    def test_what_others_give_is_not_arpactls_to_take(self):
        for address, words in ((SERVER_4, "listen.addresses"), (ANYCAST_4, "listen.interfaces")):
            refused = self.arpad.ctl("address", "remove", address, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(words, refused.stderr)
            self.ask(address)
        # Wanted twice: it stays when one of the two is gone.
        self.arpad.ctl("address", "add", ANYCAST_4)
        self.assertEqual(self.listed()[ANYCAST_4], ["interface lo", "arpactl"])
        still = self.arpad.ctl("address", "remove", ANYCAST_4)
        self.assertIn("interface lo", still.stdout)
        self.ask(ANYCAST_4)

    def test_an_address_that_another_server_holds_is_refused_and_stays_its(self):
        server = self.serve_in_the_kernel(OTHER_4, 53)
        refused = self.arpad.ctl("address", "add", OTHER_4, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("another name server", refused.stderr)
        self.assertNotIn(OTHER_4, self.listed())
        self.assert_counts(lambda: self.exchange(OTHER_4, 53, server), pass_address=SEVERAL)
        self.ask(SERVER_4)

    def test_an_address_comes_and_goes_with_its_interface(self):
        for address in (MORE_4, MORE_6):
            with self.subTest(address):
                self.assertFalse(self.answers(address))
                self.on_loopback("add", address)
                self.wait_for(address, True)
                self.assertEqual(self.listed()[address], ["interface lo"])
                self.assert_counts(lambda: self.ask(address, SEVERAL), redirected=SEVERAL)
                self.on_loopback("del", address)
                self.wait_for(address, False)
                self.assertNotIn(address, self.listed())

    def reload(self):
        """SIGHUP, and wait until it is done; returns the line of the log."""
        before = len(self.arpad.log())
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while "reload:" not in (log := self.arpad.log()[before:]):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return log

    def test_an_interface_that_does_not_exist_is_waited_for(self):
        self.addCleanup(self.reload)
        self.addCleanup(self.arpad.configure, [SERVER_4, SERVER_6], ["lo"])
        self.arpad.configure([SERVER_4, SERVER_6], ["lo", "later0"])
        self.assertIn("later0", self.reload())
        self.ask(SERVER_4)
        self.pair.server.run("ip", "link", "add", "later0", "type", "bridge")
        self.addCleanup(self.pair.server.run, "ip", "link", "del", "later0", check=False)
        self.pair.server.run("ip", "address", "add", f"{MORE_4}/32", "dev", "later0")
        time.sleep(0.2)
        self.assertFalse(self.answers(MORE_4), "the interface is down")
        self.pair.server.run("ip", "link", "set", "later0", "up")
        self.wait_for(MORE_4, True)
        self.pair.server.run("ip", "link", "del", "later0")
        self.wait_for(MORE_4, False)

    def test_addresses_of_arpactl_and_draining_outlive_a_reload(self):
        self.arpad.ctl("address", "add", OTHER_4)
        self.addCleanup(self.arpad.ctl, "address", "remove", OTHER_4)
        self.arpad.ctl("drain")
        self.addCleanup(self.arpad.ctl, "undrain")
        self.reload()
        self.assertEqual(self.listed()[OTHER_4], ["arpactl"])
        self.assertEqual(self.arpad.ctl_json("status")["steering"], "draining")
        counts = self.count(lambda: self.ask(OTHER_4, SEVERAL))
        self.assertEqual(counts["kernel-queries"], SEVERAL)
        self.assertNotIn("redirected", counts)

    # Nothing is lost.

    def run_beside_load(self, seconds, rate, act):
        """dnsperf asks SERVER_4 while `act` runs over and over; returns its figures and how often."""
        queries = self.arpad.directory / "queries"
        queries.write_text(f"{NAME} PTR\n")
        done, times, errors = threading.Event(), [0], []

        def keep_acting():
            try:
                while not done.is_set():
                    act()
                    times[0] += 1
            except BaseException as error:  # told by the case's own thread
                errors.append(error)

        actor = threading.Thread(target=keep_acting)
        actor.start()
        try:
            load = oracle.Dnsperf(self.pair, SERVER_4, queries, seconds, rate)
        finally:
            done.set()
            actor.join()
        self.assertEqual(errors, [])
        self.assertEqual(load.lost, 0, load.text)
        self.assertEqual(load.sent, load.completed)
        self.assertGreater(load.sent, rate * seconds / 4, "a load worth the name")
        print(f"# {load.sent} queries, none lost, beside {times[0]} rounds")
        return times[0]

    def test_no_query_is_lost_while_another_address_comes_and_goes(self):
        def add_and_remove():
            self.arpad.ctl("address", "add", OTHER_4)
            self.arpad.ctl("address", "remove", OTHER_4)
            time.sleep(0.01)

        self.assertGreaterEqual(self.run_beside_load(10, 5000, add_and_remove), 100)

    def test_no_query_is_lost_by_draining_and_reloading(self):
        def drain_and_undrain():
            self.arpad.ctl("drain")
            time.sleep(0.05)
            self.arpad.ctl("undrain")
            self.arpad.send_signal(signal.SIGHUP)
            time.sleep(0.05)

        before = self.verdicts()
        self.run_beside_load(5, 5000, drain_and_undrain)
        after = self.verdicts()
        for name in ("redirected", "pass-draining", "kernel-queries"):
            self.assertGreater(after[name], before[name] + 1000, name)


class Restart(tap.LabCase):
    def test_addresses_of_arpactl_end_with_arpad(self):
        with Pair() as pair, Arpad(pair) as arpad:
            pair.add_server_address(OTHER_4)
            arpad.configure([SERVER_4], [SERVER_INTERFACE])
            arpad.start()
            rows = {row["address"]: row["sources"] for row in arpad.ctl_json("address", "list")}
            self.assertEqual(rows, {
                SERVER_4: ["configuration", f"interface {SERVER_INTERFACE}"],
                OTHER_4: [f"interface {SERVER_INTERFACE}"],
                SERVER_6: [f"interface {SERVER_INTERFACE}"]})
            arpad.ctl("address", "add", ANYCAST_4)
            arpad.stop()
            arpad.start()
            self.assertNotIn(ANYCAST_4, arpad.ctl("address", "list").stdout)

    def test_interfaces_alone_are_enough(self):
        with Pair() as pair, Arpad(pair) as arpad:
            arpad.configure([], [SERVER_INTERFACE])
            arpad.start()
            arpad.ctl("zone", "add", zonedata.ZONE_4)
            arpad.ctl("ptr", "set", "198.18.0.7", ANSWER[0])
            for address in (SERVER_4, SERVER_6):
                client = Client(pair, address)
                self.addCleanup(client.close)
                self.assertEqual(client.ask(NAME).names(), ANSWER)
            self.assertEqual(arpad.ctl_json("stats")["steer"][0]["verdicts"]["redirected"], 2)

    def test_a_generic_program_on_a_bridge_goes_with_a_killed_arpad_too(self):
        """A bridge has no native XDP: driver and link both fall back to the generic kind."""
        with Pair() as pair, Arpad(pair, interfaces=["br0"]) as arpad:
            for words in ("link add br0 type bridge", f"link set {SERVER_INTERFACE} master br0",
                          "link set br0 up", f"address flush dev {SERVER_INTERFACE}",
                          f"address add {SERVER_4}/24 dev br0"):
                pair.server.run("ip", *words.split())
            arpad.configure([SERVER_4])
            for _ in range(2):
                arpad.start()
                arpad.ctl("zone", "add", zonedata.ZONE_4, check=False)
                arpad.ctl("ptr", "set", "198.18.0.7", ANSWER[0])
                self.assertIn("xdpgeneric", pair.server.run("ip", "link", "show", "br0").stdout)
                client = Client(pair, SERVER_4, 5)
                self.addCleanup(client.close)
                self.assertEqual(client.ask(NAME).names(), ANSWER)
                self.assertGreater(arpad.ctl_json("stats")["steer"][0]["verdicts"]["redirected"], 0)
                arpad.kill()
                self.assertNotIn("xdp", pair.server.run("ip", "link", "show", "br0").stdout)

    def test_without_ports_addresses_come_and_go_too(self):
        with Pair() as pair, Arpad(pair, interfaces=()) as arpad:
            pair.add_server_address(OTHER_4)
            arpad.start()
            arpad.ctl("zone", "add", zonedata.ZONE_4)
            arpad.ctl("ptr", "set", "198.18.0.7", ANSWER[0])
            arpad.ctl("address", "add", OTHER_4)
            client = Client(pair, OTHER_4)
            self.addCleanup(client.close)
            self.assertEqual(client.ask(NAME).names(), ANSWER)
            absent = arpad.ctl("address", "add", ANYCAST_4, check=False)
            self.assertEqual(absent.returncode, 1)
            self.assertIn("no interface has this address", absent.stderr)
            self.assertNotIn(ANYCAST_4, arpad.ctl("address", "list").stdout)
            self.assertIn("no port is steered", arpad.ctl("drain").stdout)
            self.assertEqual(arpad.ctl("health", check=False).returncode, 1)
            self.assertEqual(client.ask(NAME).names(), ANSWER)

    def test_an_address_that_another_server_holds_keeps_no_other_out(self):
        with Pair() as pair, Arpad(pair) as arpad:
            arpad.configure([SERVER_4], ["lo"])
            arpad.start()
            other = pair.server.socket()
            self.addCleanup(other.close)
            other.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
            other.bind((ANYCAST_4, 53))
            pair.server.run("ip", "-batch", "-", input="".join(
                f"address add {address}/32 dev lo\n"
                for address in (MORE_4, ANYCAST_4, "203.0.113.55")))
            deadline = time.monotonic() + 5
            wanted = {SERVER_4, MORE_4, "203.0.113.55"}
            while (got := {row["address"] for row in arpad.ctl_json("address", "list")}) != wanted:
                self.assertLess(time.monotonic(), deadline, got)
                time.sleep(0.05)
            self.assertIn(ANYCAST_4, arpad.log())


if __name__ == "__main__":
    sys.exit(tap.main())
