# SPDX-License-Identifier: BSD-3-Clause
"""A port that no kernel sees: what arpad does not answer itself is exchanged with the host's kernel."""

import os
import socket
import sys
import tempfile
import threading
import time
import unittest

import tap
from lab import machine, zonedata
from lab.daemon import Arpad
from lab.kernel_wire import BEYOND_4, BEYOND_6, CLIENT_MAC, KERNEL, WIRE, KernelWire
from lab.message import Client, Reply, TcpClient, padded, query
from lab.namespaces import CLIENT_4, CLIENT_6, OTHER_4, OTHER_6, SERVER_4, SERVER_6
from lab.oracle import Dnsperf

NAME, OWNER = "host.example.net.", "7.0.18.198.in-addr.arpa."
STREAM_BYTES = 10 << 20
FLOOD_SECONDS = 5
FLOOD_PER_SECOND = 20000
FLOOD_RATE = 2000  # of the exception path: a tenth of what comes
DNS_PER_SECOND = 1000


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def start(case, **keys):
    """An arpad whose port has a way to the kernel, with one record."""
    wire = KernelWire()
    case.addClassCleanup(wire.remove)
    arpad = Arpad(wire, interfaces=(), devices=(wire.device(),), kernel=wire.kernel(**keys))
    case.addClassCleanup(arpad.remove)
    arpad.start()
    wire.connect()
    arpad.ctl("zone", "add", zonedata.ZONE_4)
    arpad.ctl("ptr", "set", "198.18.0.7", NAME)
    return wire, arpad


def all_counted(case):
    """Every frame that a worker had for the kernel was moved, or is counted as dropped."""
    deadline = time.monotonic() + 5
    while True:
        stats = case.arpad.ctl_json("stats")
        kernel, due = stats["ports"][0]["kernel"], stats["outcomes"]["to-kernel"]
        if kernel["to_kernel"] + kernel["ring_full"] + kernel["device_full"] == due:
            return kernel
        case.assertLess(time.monotonic(), deadline, f"{due} frames do not add up: {kernel}")
        time.sleep(0.05)


def receive_all(connection, count):
    got = bytearray()
    while len(got) < count:
        piece = connection.recv(min(count - len(got), 1 << 16))
        if not piece:
            raise ConnectionError(f"the stream ended after {len(got)} of {count} octets")
        got += piece
    return bytes(got)


class BothWays(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wire, cls.arpad = start(cls)

    def tearDown(self):
        all_counted(self)

    def client_socket(self, address, port, kind=socket.SOCK_DGRAM):
        made = self.wire.client.socket(family(address), kind, timeout=10)
        self.addCleanup(made.close)
        made.connect((address, port))
        return made

    def test_interface_is_like_the_port(self):
        shown = self.wire.interface()
        self.assertEqual(shown["mtu"], 1500)
        self.assertIn("UP", shown["flags"])
        with Ask(self.wire, SERVER_4) as client:  # so that the client knows arpad's MAC address
            client.ask(OWNER)
        known = machine.run("ip", "-n", self.wire.client.name, "neigh", "show", SERVER_4).stdout
        self.assertIn(f"lladdr {shown['address']}", known)

    def test_udp_is_answered_by_a_worker_and_tcp_by_the_kernel_sockets(self):
        before = self.arpad.ctl_json("stats")["listener"]
        for address in (SERVER_4, SERVER_6):
            with Ask(self.wire, address) as client:
                self.assertEqual(client.ask(OWNER).names(), [NAME])
            client = TcpClient(self.wire, address)
            self.addCleanup(client.close)
            for _ in range(50):
                self.assertEqual(client.ask(OWNER).names(), [NAME])
        after = self.arpad.ctl_json("stats")["listener"]
        self.assertEqual(after["udp_queries"], before["udp_queries"])
        self.assertEqual(after["tcp_queries"], before["tcp_queries"] + 100)

    def test_tcp_from_beyond_the_gateway(self):
        for address, source in ((SERVER_4, BEYOND_4), (SERVER_6, BEYOND_6)):
            for words in (("+notcp",), ("+tcp",)):
                shown = self.wire.client.run("dig", "+tries=1", "+short", *words, "-b", source,
                                             f"@{address}", "-x", "198.18.0.7").stdout
                self.assertEqual(shown.split(), [NAME])

    def test_this_host_asks_itself(self):
        for words in (("+notcp",), ("+tcp",)):
            shown = self.wire.server.run("dig", "+tries=1", "+short", *words, f"@{SERVER_4}",
                                         "-x", "198.18.0.7").stdout
            self.assertEqual(shown.split(), [NAME])

    def test_ten_megabytes_each_way(self):
        payload = os.urandom(1 << 20) * (STREAM_BYTES >> 20)
        for address in (SERVER_4, OTHER_6):
            listener = self.wire.server.socket(family(address), socket.SOCK_STREAM, timeout=10)
            self.addCleanup(listener.close)
            listener.bind((address, 179))
            listener.listen(1)
            echoed = []

            def serve():
                peer, _ = listener.accept()
                with peer:
                    peer.settimeout(20)
                    echoed.append(receive_all(peer, len(payload)))
                    peer.sendall(echoed[0])

            server = threading.Thread(target=serve)
            server.start()
            client = self.client_socket(address, 179, socket.SOCK_STREAM)
            client.settimeout(20)
            started = time.monotonic()
            client.sendall(payload)
            self.assertEqual(receive_all(client, len(payload)), payload)
            server.join()
            print(f"# {address}: {2 * STREAM_BYTES / (time.monotonic() - started) / 1e6:.0f} MB/s",
                  flush=True)

    def test_ping_of_an_address_that_is_no_name_servers(self):
        for address in (OTHER_4, OTHER_6):
            for size in (56, 1400, 4000):
                shown = self.wire.client.run("ping", "-n", "-c", 10, "-i", "0.01", "-W", 5,
                                             "-s", size, address)
                self.assertIn(" 0% packet loss", shown.stdout)

    def test_fragments_are_answered(self):
        before = self.arpad.ctl_json("stats")["listener"]["udp_queries"]
        for address in (SERVER_4, SERVER_6):
            client = self.client_socket(address, 53)
            client.send(padded(query(OWNER), 4000))
            self.assertEqual(Reply(client.recv(2048)).names(), [NAME])
        after = self.arpad.ctl_json("stats")["listener"]["udp_queries"]
        self.assertEqual(after, before + 2)

    def test_ip_options_are_answered(self):
        client = self.client_socket(SERVER_4, 53)
        client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01" * 4)  # no operation
        client.send(query(OWNER))
        self.assertEqual(Reply(client.recv(2048)).names(), [NAME])

    def test_a_closed_port_is_said_to_be_unreachable(self):
        for address in (SERVER_4, SERVER_6, OTHER_4, OTHER_6):
            client = self.client_socket(address, 5353)
            client.send(b"nobody is here")
            with self.assertRaises(ConnectionRefusedError):
                client.recv(100)

    def test_errors_of_routers_reach_the_kernel(self):
        """As traceroute does: a datagram that may not go further than the first router."""
        IP_RECVERR, MSG_ERRQUEUE, TIME_EXCEEDED = 11, 0x2000, 11
        self.wire.client.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        machine.run("ip", "-n", self.wire.client.name, "route", "add", "192.0.2.0/24", "dev", WIRE)
        sender = self.wire.server.socket(timeout=5)
        self.addCleanup(sender.close)
        sender.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
        sender.sendto(b"how far?", ("192.0.2.99", 33434))
        with self.assertRaises(OSError):
            sender.recv(100)  # the error wakes us; its text is in the queue of errors
        _, ancillary, _, _ = sender.recvmsg(100, 512, MSG_ERRQUEUE)
        error = next(data for level, kind, data in ancillary
                     if level == socket.IPPROTO_IP and kind == IP_RECVERR)
        self.assertEqual(error[5], TIME_EXCEEDED)
        self.assertEqual(socket.inet_ntoa(error[20:24]), CLIENT_4)

    def test_the_kernel_finds_its_neighbours(self):
        machine.run("ip", "-n", self.wire.server.name, "neigh", "flush", "dev", KERNEL)
        for address in (CLIENT_4, CLIENT_6):
            shown = self.wire.server.run("ping", "-n", "-c", 3, "-i", "0.1", "-W", 5, address)
            self.assertIn(" 0% packet loss", shown.stdout)
            known = machine.run("ip", "-n", self.wire.server.name, "neigh", "show", address).stdout
            self.assertIn(f"lladdr {CLIENT_MAC}", known)

    def test_the_kernels_udp_has_right_checksums(self):
        """No checksum is left to hardware that is not there: the client's kernel would drop it."""
        for address in (OTHER_4, OTHER_6):
            server = self.wire.server.socket(family(address), timeout=5)
            self.addCleanup(server.close)
            server.bind((address, 5354))
            client = self.client_socket(address, 5354)
            for size in (0, 1, 1000, 1472 if ":" not in address else 1452, 4000):
                client.send(bytes(size))
                got, sender = server.recvfrom(8192)
                server.sendto(got, sender)
                self.assertEqual(client.recv(8192), bytes(size))

    def test_an_idle_path_costs_next_to_nothing(self):
        thread = self.exception_thread()
        before = thread_seconds(thread)
        time.sleep(2)
        self.assertLess(thread_seconds(thread) - before, 0.2)  # of 2: a tenth of a core

    def exception_thread(self):
        tasks = f"/proc/{self.arpad.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/comm", encoding="ascii") as comm:
                if comm.read().strip() == "arpad-exception":
                    return f"{tasks}/{task}"
        self.fail("there is no thread arpad-exception")


def thread_seconds(task):
    with open(f"{task}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Ask:
    """A UDP client for a with statement."""

    def __init__(self, wire, address):
        self.client = Client(wire, address)

    def __enter__(self):
        return self.client

    def __exit__(self, *_):
        self.client.close()


class Flood(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wire, cls.arpad = start(cls, rate=FLOOD_RATE)

    def flood(self, stop, sent):
        """Datagrams for the kernel at ten times what may pass, paced so that the wire holds them."""
        client = self.wire.client.socket(timeout=5)
        with client:
            start_time = time.monotonic()
            while not stop.is_set():
                due = int((time.monotonic() - start_time) * FLOOD_PER_SECOND)
                for _ in range(min(due - sent[0], 200)):
                    client.sendto(b"flood", (SERVER_4, 9))
                    sent[0] += 1
                time.sleep(0.001)

    def test_dns_loses_nothing_while_the_path_to_the_kernel_is_flooded(self):
        with Ask(self.wire, SERVER_4) as client:  # the client's kernel keeps few for an unknown MAC
            client.ask(OWNER)
        before = all_counted(self)
        stop, sent = threading.Event(), [0]
        flood = threading.Thread(target=self.flood, args=(stop, sent))
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as queries:
            queries.write(f"{OWNER} PTR\n")
            queries.flush()
            flood.start()
            started = time.monotonic()
            try:
                figures = Dnsperf(self.wire, SERVER_4, queries.name, FLOOD_SECONDS,
                                  rate=DNS_PER_SECOND)
            finally:
                stop.set()
                flood.join()
        seconds = time.monotonic() - started
        after = all_counted(self)
        passed = after["to_kernel"] - before["to_kernel"]
        dropped = after["ring_full"] - before["ring_full"]
        print(f"# {sent[0]} sent, {passed} passed, {dropped} dropped in {seconds:.1f} s; "
              f"DNS {figures.completed} of {figures.sent}", flush=True)
        self.assertEqual(figures.lost, 0)
        self.assertGreaterEqual(figures.completed, 0.9 * FLOOD_SECONDS * DNS_PER_SECOND)
        self.assertGreater(sent[0], 2 * FLOOD_RATE * seconds)
        self.assertGreater(passed, 0.5 * FLOOD_RATE * FLOOD_SECONDS)
        # The rate, the full bucket, what the ring held; and a second of slack.
        self.assertLess(passed, FLOOD_RATE * (seconds + 1) + 64 + 1024)
        self.assertGreater(dropped, 0)
        self.assertGreater(after["to_throttled"], before["to_throttled"])
        self.assertGreaterEqual(passed + dropped, sent[0])
        client = TcpClient(self.wire, SERVER_4)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(OWNER).names(), [NAME])


class Ends(tap.LabCase):
    def setUp(self):
        self.wire = KernelWire()
        self.addCleanup(self.wire.remove)

    def make(self, **keys):
        arpad = Arpad(self.wire, interfaces=(), devices=(self.wire.device(),),
                      kernel=self.wire.kernel(**keys))
        self.addCleanup(arpad.remove)
        return arpad

    def assert_fails_with(self, arpad, sentence):
        with self.assertRaises(machine.LabError) as failed:
            arpad.start()
        self.assertIn(sentence, str(failed.exception))

    def test_nothing_is_left_of_the_interface_however_arpad_ends(self):
        arpad = self.make()
        for end in (arpad.kill, arpad.stop):
            arpad.start()
            self.assertIsNotNone(self.wire.interface())
            end()
            self.assertIsNone(self.wire.interface())
            routes = machine.run("ip", "-n", self.wire.server.name, "route").stdout
            self.assertEqual(routes, "")

    def test_an_interface_that_is_there_is_left_alone(self):
        machine.run("ip", "-n", self.wire.server.name, "tuntap", "add", KERNEL, "mode", "tap")
        self.assert_fails_with(self.make(), f"there is an interface {KERNEL} already")
        self.assertIsNotNone(self.wire.interface())

    @unittest.skipIf(os.path.exists("/dev/vhost-net"), "this kernel has vhost-net")
    def test_virtio_user_needs_vhost_net(self):
        self.assert_fails_with(self.make(device="virtio-user"), "modprobe vhost_net")


if __name__ == "__main__":
    sys.exit(tap.main())
