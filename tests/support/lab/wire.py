# SPDX-License-Identifier: BSD-3-Clause
"""A port that DPDK owns, and its other end: net_tap makes a network interface whose frames arpad sends
and receives. The interface is the client's card; no kernel is on arpad's side of it.

arpad runs in the client's namespace, where its driver sees whether the interface is up; its own sockets
there have none of the client's addresses.
"""

import errno
import os
import socket
import time

from .machine import run
from .namespaces import CLIENT_4, CLIENT_6, Namespace, _serial, add_address

INTERFACE = "wire0"
CLIENT_MAC = bytes.fromhex("020000000002")  # the driver gives both ends one address
ETH_P_ALL = 3


class Wire:
    def __init__(self, prefix="arpad-wire"):
        self.server = self.client = Namespace(f"{prefix}-{os.getpid()}-{next(_serial)}")
        run("ip", "-n", self.client.name, "link", "set", "lo", "up")

    def device(self, number=0):
        """What a configuration has as its port's device."""
        return f"net_tap{number},iface={INTERFACE}"

    def _mac(self):
        shown = run("ip", "-n", self.client.name, "link", "show", INTERFACE).stdout
        return bytes.fromhex(shown.split("link/ether ")[1].split()[0].replace(":", ""))

    def prepare(self):
        """Makes the interface a client's, once arpad is ready; returns arpad's MAC address."""
        mac = self._mac()
        run("ip", "-n", self.client.name, "link", "set", INTERFACE, "address", CLIENT_MAC.hex(":"))
        run("ip", "-n", self.client.name, "link", "set", INTERFACE, "up")
        for address in (CLIENT_4, CLIENT_6):
            add_address(self.client, INTERFACE, address)
        return mac

    def set_link(self, state):
        run("ip", "-n", self.client.name, "link", "set", INTERFACE, state)

    def remove(self):
        self.client.remove()


class Card:
    """Whole frames, sent and received by the client's interface."""

    def __init__(self, wire):
        with wire.client.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((INTERFACE, 0))

    def send(self, frame):
        self.socket.send(frame)

    def receive(self, wanted, timeout=2.0):
        """The next frame that `wanted` takes and that the client did not send itself, or None."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame, sender = self.socket.recvfrom(2048)
            except TimeoutError:
                return None
            except OSError as error:
                if error.errno != errno.ENETDOWN:  # said once after a link that was down
                    raise
                continue
            if sender[2] != socket.PACKET_OUTGOING and wanted(frame):
                return frame
        return None

    def ask(self, frame, wanted, timeout=4.0):
        """Sends it up to four times, as neighbours do: net_tap's driver hears of frames by a signal, and on a
        busy machine of some only with the next."""
        for _ in range(4):
            self.send(frame)
            got = self.receive(wanted, timeout / 4)
            if got is not None:
                return got
        return None

    def close(self):
        self.socket.close()
