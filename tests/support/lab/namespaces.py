# SPDX-License-Identifier: BSD-3-Clause
"""Two network namespaces joined by a veth pair. Nothing of it touches the machine's own network.

Commands enter a namespace with nsenter: 'ip netns exec' would also give them a /sys of their own,
which no service on a real machine has.
"""

import contextlib
import ctypes
import itertools
import os
import socket
import subprocess

from .machine import LabError, die_with_parent, run

SERVER_INTERFACE, CLIENT_INTERFACE = "vs", "vc"
SERVER_4, SERVER_6 = "198.18.0.1", "2001:db8::1"
CLIENT_4, CLIENT_6 = "198.18.0.2", "2001:db8::2"
OTHER_4, OTHER_6 = "198.18.0.9", "2001:db8::9"  # on the server's interface, but not arpad's
SECOND_SERVER_INTERFACE, SECOND_CLIENT_INTERFACE = "vs1", "vc1"
SECOND_SERVER_4, SECOND_CLIENT_4 = "198.18.1.1", "198.18.1.2"

_CLONE_NEWNET = 0x40000000
_serial = itertools.count()


class Namespace:
    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"
        run("ip", "netns", "add", name)

    def remove(self):
        run("ip", "netns", "del", self.name, check=False)

    def command(self, *words):
        """`words` as a command that runs inside."""
        return ["nsenter", f"--net={self.path}", *map(str, words)]

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def start(self, *words, **options):
        """A child inside that ends when we do, and not by the terminal's Ctrl-C."""
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(self.command(*words), preexec_fn=die_with_parent,
                                start_new_session=True, **options)

    @contextlib.contextmanager
    def entered(self):
        """Sockets opened within belong to this namespace for ever. One thread only."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", "rb") as home, open(self.path, "rb") as inside:
            if libc.setns(inside.fileno(), _CLONE_NEWNET) != 0:
                raise LabError(f"setns to {self.name}: {os.strerror(ctypes.get_errno())}")
            try:
                yield
            finally:
                if libc.setns(home.fileno(), _CLONE_NEWNET) != 0:
                    os._exit(70)  # lost in a namespace: nothing that follows could be right

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_DGRAM, timeout=2.0):
        with self.entered():
            made = socket.socket(family, kind)
        made.settimeout(timeout)
        return made


class Pair:
    """The server's and the client's namespace; names carry our pid, so two labs never collide."""

    def __init__(self, prefix="arpad"):
        tag = f"{os.getpid()}-{next(_serial)}"
        self.server = self.client = None
        try:
            self.server = Namespace(f"{prefix}-server-{tag}")
            self.client = Namespace(f"{prefix}-client-{tag}")
            self._join(SERVER_INTERFACE, CLIENT_INTERFACE)
            self._up(self.server, SERVER_INTERFACE, SERVER_4, SERVER_6)
            self._up(self.client, CLIENT_INTERFACE, CLIENT_4, CLIENT_6)
        except BaseException:
            self.remove()
            raise

    def _join(self, at_server, at_client):
        # One queue, said aloud: queries on a queue without an AF_XDP socket would go to the kernel.
        counts = ("numrxqueues", 1, "numtxqueues", 1)
        run("ip", "-n", self.server.name, "link", "add", at_server, *counts, "type", "veth",
            "peer", "name", at_client, *counts, "netns", self.client.name)
        # A veth leaves UDP checksums to the "hardware" at the other end, which is arpad.
        self.client.run("ethtool", "-K", at_client, "tx", "off")

    def add_second_link(self):
        """A second veth pair beside the first, with IPv4 addresses of its own."""
        self._join(SECOND_SERVER_INTERFACE, SECOND_CLIENT_INTERFACE)
        self._up(self.server, SECOND_SERVER_INTERFACE, SECOND_SERVER_4)
        self._up(self.client, SECOND_CLIENT_INTERFACE, SECOND_CLIENT_4)

    @staticmethod
    def _up(namespace, interface, *addresses):
        run("ip", "-n", namespace.name, "link", "set", "lo", "up")
        run("ip", "-n", namespace.name, "link", "set", interface, "up")
        for address in addresses:
            add_address(namespace, interface, address)

    def add_server_address(self, address):
        add_address(self.server, SERVER_INTERFACE, address)

    def xdp_program(self):
        """The name of the XDP program on the server's interface, or None."""
        shown = run("ip", "-n", self.server.name, "-d", "link", "show", SERVER_INTERFACE).stdout
        for line in shown.splitlines():
            if "prog/xdp" in line:
                words = line.split()
                return words[words.index("name") + 1] if "name" in words else "unnamed"
        return None

    def remove(self):
        for namespace in (self.client, self.server):
            if namespace is not None:
                namespace.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def add_address(namespace, interface, address):
    if ":" in address:
        run("ip", "-n", namespace.name, "addr", "add", f"{address}/64", "dev", interface, "nodad")
    else:
        run("ip", "-n", namespace.name, "addr", "add", f"{address}/24", "dev", interface)
