# SPDX-License-Identifier: BSD-3-Clause
"""The kernel shares the port: all that is not a DNS query to arpad's addresses reaches it."""

import socket
import sys
import threading

import tap
from lab import zonedata
from lab.daemon import Arpad
from lab.message import Client, Reply, TcpClient, padded, query
from lab.namespaces import OTHER_4, OTHER_6, SERVER_4, SERVER_6, Pair

PROBES = 200


def receive_all(connection, count):
    """Exactly `count` octets."""
    got = bytearray()
    while len(got) < count:
        piece = connection.recv(count - len(got))
        if not piece:
            raise ConnectionError(f"the stream ended after {len(got)} of {count} octets")
        got += piece
    return bytes(got)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Coexistence(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.pair.add_server_address(OTHER_4)
        cls.pair.add_server_address(OTHER_6)
        cls.arpad = Arpad(cls.pair)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        cls.arpad.ctl("zone", "add", zonedata.ZONE_4)
        cls.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")

    def setUp(self):
        """A DNS load of its own goes on during every case, and every query must be answered."""
        self.asked = 0
        self.done = threading.Event()
        self.errors = []
        self.load_client = Client(self.pair, SERVER_4)
        self.load = threading.Thread(target=self.keep_asking)
        self.load.start()

    def tearDown(self):
        self.done.set()
        self.load.join()
        self.load_client.close()
        self.assertEqual(self.errors, [])
        self.assertGreater(self.asked, 0)

    def keep_asking(self):
        try:
            while not self.done.wait(0.001) or self.asked == 0:
                names = self.load_client.ask("7.0.18.198.in-addr.arpa.").names()
                if names != ["host.example.net."]:
                    raise ValueError(f"answer {names}")
                self.asked += 1
        except (TimeoutError, ValueError, OSError) as error:
            self.errors.append(error)

    def server_socket(self, address, port, kind):
        made = self.pair.server.socket(family(address), kind, timeout=5)
        self.addCleanup(made.close)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        return made

    def client_socket(self, address, port, kind):
        made = self.pair.client.socket(family(address), kind, timeout=5)
        self.addCleanup(made.close)
        made.connect((address, port))
        return made

    def test_ping(self):
        for address in (SERVER_4, SERVER_6, OTHER_4, OTHER_6):
            for size in (56, 1400):
                shown = self.pair.client.run("ping", "-n", "-c", 20, "-i", "0.01", "-W", 2,
                                             "-s", size, address)
                self.assertIn(" 0% packet loss", shown.stdout)

    def test_tcp_to_a_login_port(self):
        for address in (SERVER_4, SERVER_6):
            self.assert_tcp(address, 22)

    def test_tcp_to_port_53_of_an_address_that_is_not_ours(self):
        for address in (OTHER_4, OTHER_6):
            self.assert_tcp(address, 53)

    def test_tcp_to_port_53_of_our_address_is_answered_by_arpad(self):
        for address in (SERVER_4, SERVER_6):
            client = TcpClient(self.pair, address)
            self.addCleanup(client.close)
            for _ in range(PROBES):
                reply = client.ask("7.0.18.198.in-addr.arpa.")
                self.assertEqual(reply.names(), ["host.example.net."])

    def test_tcp_to_other_ports_of_our_address(self):
        for address in (SERVER_4, SERVER_6):
            for port in (54, 853):
                self.assert_tcp(address, port)

    def assert_tcp(self, address, port):
        """A connection, a greeting and a megabyte each way: segments, not only a handshake."""
        listener = self.server_socket(address, port, socket.SOCK_STREAM)
        listener.listen(1)
        payload = bytes(range(256)) * 4096

        def serve():
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(10)
                peer.sendall(b"hello\r\n")
                peer.sendall(receive_all(peer, len(payload)))

        server = threading.Thread(target=serve)
        server.start()
        client = self.client_socket(address, port, socket.SOCK_STREAM)
        self.assertEqual(receive_all(client, 7), b"hello\r\n")
        client.sendall(payload)
        self.assertEqual(receive_all(client, len(payload)), payload)
        server.join()

    def test_udp_to_another_port(self):
        for address in (SERVER_4, SERVER_6):
            for port in (54, 5353, 123):
                self.assert_udp(address, port)

    def test_udp_53_to_an_address_that_is_not_ours(self):
        for address in (OTHER_4, OTHER_6):
            self.assert_udp(address, 53)

    def test_udp_from_port_53_is_not_taken(self):
        """A resolver on this host gets its replies: they come *from* port 53, not to it."""
        upstream = self.pair.client.socket(socket.AF_INET, socket.SOCK_DGRAM, timeout=5)
        self.addCleanup(upstream.close)
        upstream.bind(("198.18.0.2", 53))
        resolver = self.server_socket(SERVER_4, 40053, socket.SOCK_DGRAM)
        for i in range(PROBES):
            upstream.sendto(b"reply %d" % i, (SERVER_4, 40053))
            self.assertEqual(resolver.recv(100), b"reply %d" % i)

    def assert_udp(self, address, port):
        """The kernel's socket gets exactly what was sent, a DNS query among it, and can reply."""
        server = self.server_socket(address, port, socket.SOCK_DGRAM)
        client = self.client_socket(address, port, socket.SOCK_DGRAM)
        for i in range(PROBES):
            sent = query("7.0.18.198.in-addr.arpa.", identity=i) if i % 2 else b"probe %d" % i
            client.send(sent)
            got, sender = server.recvfrom(2048)
            self.assertEqual(got, sent)
            server.sendto(b"kernel " + got, sender)
            self.assertEqual(client.recv(2048), b"kernel " + got)

    def test_fragments_to_port_53_are_answered(self):
        """Only the kernel can put them together; arpad answers from its socket."""
        before = self.arpad.ctl_json("stats")["listener"]["udp_queries"]
        wire = padded(query("7.0.18.198.in-addr.arpa."), 4000)
        for address in (SERVER_4, SERVER_6):
            client = self.client_socket(address, 53, socket.SOCK_DGRAM)
            client.send(wire)
            self.assertEqual(Reply(client.recv(2048)).names(), ["host.example.net."])
        after = self.arpad.ctl_json("stats")["listener"]["udp_queries"]
        self.assertEqual(after - before, 2)

    def test_ip_options_are_answered(self):
        client = self.client_socket(SERVER_4, 53, socket.SOCK_DGRAM)
        client.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01" * 4)  # no operation
        client.send(query("7.0.18.198.in-addr.arpa."))
        self.assertEqual(Reply(client.recv(2048)).names(), ["host.example.net."])


if __name__ == "__main__":
    sys.exit(tap.main())
