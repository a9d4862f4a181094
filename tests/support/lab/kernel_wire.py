# SPDX-License-Identifier: BSD-3-Clause
"""A port that DPDK owns, with its way to the kernel: two namespaces whose only link is arpad.

net_tap makes wire0, which is moved to the client's namespace once arpad is ready: its frames are all
that arpad's port sends and receives. In the server's namespace there is the interface that the exception path
makes, and no other.
"""

import itertools
import json
import os

from .machine import run
from .namespaces import (CLIENT_4, CLIENT_6, OTHER_4, OTHER_6, SERVER_4, SERVER_6, Namespace,
                         add_address)

WIRE, KERNEL = "wire0", "arpad0"
CLIENT_MAC = "02:00:00:00:00:02"  # the driver gives both ends one address
WIRE_FRAMES = 20000
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
    def device():
        """What a configuration has as its port's device."""
        return f"net_tap0,iface={WIRE}"

    @staticmethod
    def kernel(addresses=(OTHER_4, OTHER_6), **keys):
        """Its section `kernel`, with further keys as text."""
        listed = ", ".join(f'"{address}/{64 if ":" in address else 24}"'
                           for address in (SERVER_4, SERVER_6, *addresses))
        more = "".join(f", {key}: {value}" for key, value in keys.items())
        return f'{{addresses: [{listed}], gateways: [{CLIENT_4}, "{CLIENT_6}"]{more}}}'

    def interface(self):
        """What ip tells of the exception path's interface, or None."""
        shown = run("ip", "-j", "-n", self.server.name, "link", "show", KERNEL, check=False)
        return json.loads(shown.stdout)[0] if shown.returncode == 0 else None

    def connect(self):
        """Gives the other end of the wire to the client."""
        client = self.client.name
        run("ip", "-n", self.server.name, "link", "set", WIRE, "netns", client)
        run("ip", "-n", client, "link", "set", WIRE, "address", CLIENT_MAC)
        # A worker that is not scheduled for a while on a busy machine must not be the wire's loss.
        run("ip", "-n", client, "link", "set", WIRE, "txqueuelen", WIRE_FRAMES)
        run("ip", "-n", client, "link", "set", WIRE, "up")
        for address in (CLIENT_4, CLIENT_6):
            add_address(self.client, WIRE, address)
        for address in (BEYOND_4, BEYOND_6):
            run("ip", "-n", client, "addr", "add", address, "dev", "lo")

    def remove(self):
        for namespace in (self.client, self.server):
            if namespace is not None:
                namespace.remove()
