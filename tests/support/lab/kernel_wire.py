# SPDX-License-Identifier: BSD-3-Clause
"""A port that DPDK owns, with its way to the kernel: two namespaces whose only link is arpad.

net_tap makes wire0, which is moved to the client's namespace once arpad is ready: its frames are all
that arpad's port sends and receives. In the server's namespace there is the interface that the exception path
makes, and no other.
"""

import itertools
import os

from .machine import run
from .namespaces import CLIENT_4, CLIENT_6, Namespace, add_address

WIRE, KERNEL = "wire0", "arpad0"
CLIENT_MAC = "02:00:00:00:00:02"  # the driver gives both ends one address
BEYOND_4, BEYOND_6 = "203.0.113.7", "2001:db8:7::7"  # the client's too, behind its gateway address

_serial = itertools.count()


class KernelWire:
    def __init__(self, prefix="arpad-kernel"):
        tag = f"{os.getpid()}-{next(_serial)}"
        self.server = self.client = None
        try:
            self.server = Namespace(f"{prefix}-server-{tag}")
            self.client = Namespace(f"{prefix}-client-{tag}")
            for namespace in (self.server, self.client):
                run("ip", "-n", namespace.name, "link", "set", "lo", "up")
        except BaseException:
            self.remove()
            raise

    @staticmethod
    def device(queues=""):
        """What a configuration has as its port's device, with the start of its section `kernel`."""
        return f"net_tap0,iface={WIRE}{queues}"

    def connect(self):
        """Gives the other end of the wire to the client."""
        client = self.client.name
        run("ip", "-n", self.server.name, "link", "set", WIRE, "netns", client)
        run("ip", "-n", client, "link", "set", WIRE, "address", CLIENT_MAC)
        run("ip", "-n", client, "link", "set", WIRE, "up")
        for address in (CLIENT_4, CLIENT_6):
            add_address(self.client, WIRE, address)
        for address in (BEYOND_4, BEYOND_6):
            run("ip", "-n", client, "addr", "add", address, "dev", "lo")

    def remove(self):
        for namespace in (self.client, self.server):
            if namespace is not None:
                namespace.remove()
