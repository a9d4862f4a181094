# SPDX-License-Identifier: BSD-3-Clause
"""An interface that is changed under arpad's feet: its MTU bounds replies, its MAC address is served."""

import sys
import time

import tap
from lab import zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import CLIENT_INTERFACE, SERVER_4, SERVER_INTERFACE, Pair

NAME = "7.0.18.198.in-addr.arpa."
TARGETS = [f"{'a' * 60}.host-{i}.example.net." for i in range(10)]  # as many as an address may have
IP_AND_UDP, TC = 28, 0x0200
SMALL_MTU, LARGE_MTU = 600, 1500
NEW_MAC = "02:00:00:00:00:0b"
FOLLOWED_SECONDS = 10  # it looks once a second
SEVERAL = 5


class Link(tap.LabCase):
    def open(self, mtu):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        self.set_link("mtu", mtu)
        self.arpad = Arpad(self.pair, addresses=(SERVER_4,))
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", *TARGETS)
        self.client = Client(self.pair, SERVER_4)
        self.addCleanup(self.client.close)

    def set_link(self, what, value):
        self.pair.server.run("ip", "link", "set", SERVER_INTERFACE, what, value)

    def wait_for(self, text, count=1):
        deadline = time.monotonic() + FOLLOWED_SECONDS
        while self.arpad.log().count(text) < count:
            self.assertLess(time.monotonic(), deadline, self.arpad.log())
            time.sleep(0.05)

    def redirected(self):
        return self.arpad.ctl_json("stats")["steer"][0]["verdicts"].get("redirected", 0)

    def ask_workers(self):
        """A reply, which a worker gave and not the kernel's socket."""
        before = self.redirected()
        reply = self.client.ask(NAME, edns=4096)
        self.assertEqual(self.redirected(), before + 1)
        return reply

    def assert_truncated(self):
        reply = self.ask_workers()
        self.assertTrue(reply.flags & TC)
        self.assertLessEqual(len(reply.wire), SMALL_MTU - IP_AND_UDP)

    def assert_whole(self):
        reply = self.ask_workers()
        self.assertFalse(reply.flags & TC)
        self.assertGreater(len(reply.wire), SMALL_MTU - IP_AND_UDP)
        self.assertEqual(sorted(reply.names()), sorted(TARGETS))

    def test_no_reply_is_longer_than_the_MTU_even_as_it_changes(self):
        self.open(SMALL_MTU)
        self.assertIn(f"{SERVER_INTERFACE}: packets of at most {SMALL_MTU} bytes", self.arpad.log())
        self.assert_truncated()
        self.set_link("mtu", LARGE_MTU)
        self.wait_for(f"packets of at most {LARGE_MTU} bytes")
        self.assert_whole()
        self.set_link("mtu", SMALL_MTU)
        self.wait_for(f"packets of at most {SMALL_MTU} bytes", 2)
        self.assert_truncated()
        self.set_link("mtu", 530)
        self.wait_for("has no room for DNS replies of 512 octets")
        self.client.socket.settimeout(0.5)
        self.assertRaises(TimeoutError, self.client.ask, NAME)
        self.assertEqual(self.arpad.ctl_json("stats")["outcomes"]["no-room"], 1)

    def test_a_new_MAC_address_is_answered_on_by_the_workers(self):
        self.open(LARGE_MTU)
        self.assert_whole()
        self.set_link("address", NEW_MAC)
        self.wait_for(f"{SERVER_INTERFACE}: the MAC address is now {NEW_MAC}")
        self.pair.client.run("ip", "neigh", "replace", SERVER_4, "lladdr", NEW_MAC, "nud", "permanent",
                             "dev", CLIENT_INTERFACE)
        for _ in range(SEVERAL):
            self.assert_whole()
        self.assertEqual(self.arpad.ctl_json("stats")["outcomes"].get("not-our-mac", 0), 0)


if __name__ == "__main__":
    sys.exit(tap.main())
