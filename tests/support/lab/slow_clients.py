# SPDX-License-Identifier: BSD-3-Clause
"""TCP clients that only take place: half never speak, half send a query one octet a second.

A program for the client's namespace: SERVER COUNT SECONDS. Whoever is closed comes back.
"""

import ipaddress
import resource
import select
import socket
import sys
import time

# Routed to the client's namespace by attach(); every address there may be a client's.
NETWORK = ipaddress.ip_network("198.18.64.0/18")
CLIENTS_PER_ADDRESS = 60  # under arpad's default limit of 64 for one address
# A turn's packets must fit the 256 frames that a veth holds, or it drops those of others too.
TURN_SECONDS = 0.01
OPENED_A_TURN = 20
TURNS_A_SECOND = 100
DESCRIPTORS = 16384
# A query's length field and its first octets: more than a minute of one octet a second.
QUERY = b"\x00\xff" + bytes(255)


def attach(pair):
    """Makes the clients' addresses reachable: the client's namespace owns all of them."""
    from .machine import run
    from .namespaces import CLIENT_4
    run("ip", "-n", pair.server.name, "route", "add", NETWORK, "via", CLIENT_4)
    run("ip", "-n", pair.client.name, "route", "add", "local", NETWORK, "dev", "lo")


def raise_descriptors():
    """For this process and those that it starts."""
    hard = max(DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))


class Clients:
    def __init__(self, server, count):
        self.server = server
        self.poll = select.epoll()
        self.sockets = [None] * count
        self.sent = [0] * count
        self.index_of = {}
        self.closed = list(range(count))

    def open(self, index):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        source = NETWORK.network_address + 1 + index // CLIENTS_PER_ADDRESS
        made.bind((str(source), 0))
        made.connect_ex((self.server, 53))
        self.sockets[index], self.sent[index] = made, 0
        self.index_of[made.fileno()] = index
        self.poll.register(made.fileno(), select.EPOLLIN | select.EPOLLRDHUP)

    def close(self, index):
        made, self.sockets[index] = self.sockets[index], None
        if made is not None:
            self.poll.unregister(made.fileno())
            del self.index_of[made.fileno()]
            made.close()
            self.closed.append(index)

    def turn(self):
        """Opens some of those that are closed, then sees who has been closed."""
        again, self.closed = self.closed[:OPENED_A_TURN], self.closed[OPENED_A_TURN:]
        for index in again:
            self.open(index)
        for descriptor, _ in self.poll.poll(0):
            self.close(self.index_of[descriptor])

    def speak(self, part):
        """The next octet of those that speak in this part of the second."""
        for index in range(2 * part, len(self.sockets), 2 * TURNS_A_SECOND):
            made = self.sockets[index]
            at = self.sent[index]
            if made is None or at == len(QUERY):
                continue
            try:
                self.sent[index] += made.send(QUERY[at:at + 1])
            except BlockingIOError:
                pass  # it does not stand yet
            except OSError:
                self.close(index)


def main(server, count, seconds):
    raise_descriptors()
    clients = Clients(server, int(count))
    start = time.monotonic()
    for turn in range(int(float(seconds) * TURNS_A_SECOND)):
        clients.turn()
        clients.speak(turn % TURNS_A_SECOND)
        # On a busy machine a turn comes late, and a client's second is longer than one.
        time.sleep(max(0.0, start + (turn + 1) * TURN_SECONDS - time.monotonic(), 0.001))


if __name__ == "__main__":
    main(*sys.argv[1:])
