# SPDX-License-Identifier: BSD-3-Clause
"""Response rate limiting: who is above its rate is sent to TCP or given a cookie; others notice nothing."""

import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import tap
from lab import machine, zonedata
from lab.daemon import Arpad
from lab.message import AA, TC, Reply, query
from lab.namespaces import (CLIENT_4, CLIENT_INTERFACE, SERVER_4, SERVER_INTERFACE, Pair, add_address)

NAME = "7.0.18.198.in-addr.arpa."
OTHER_CLIENT = "198.18.0.3"
RATE = 50
ASKED = 400
PREFIXES = 1 << 24
OPTIONS = ("rate-limit: {{mode: {mode}, answers: {rate}, nxdomain: 50, errors: 50, burst: 1, ipv4-prefix: 32, "
           "exempt: [{exempt}]}}\nanswers: {{cookies: on}}\n")


class Limited(tap.LabCase):
    """A daemon with rates, and who asks it."""

    interfaces = (SERVER_INTERFACE,)

    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        add_address(self.pair.client, CLIENT_INTERFACE, OTHER_CLIENT)

    def start(self, mode="on", exempt="", rate=RATE):
        self.arpad = Arpad(self.pair, interfaces=self.interfaces, options=OPTIONS.format(mode=mode, exempt=exempt, rate=rate))
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")

    def reconfigure(self, mode, exempt=""):
        done = self.arpad.log().count("reload: done")
        self.arpad.options = OPTIONS.format(mode=mode, exempt=exempt, rate=RATE)
        self.arpad.configure((SERVER_4,))
        self.arpad.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while self.arpad.log().count("reload: done") == done and time.monotonic() < deadline:
            time.sleep(0.02)

    def client(self, address=CLIENT_4):
        made = self.pair.client.socket(timeout=1.0)
        self.addCleanup(made.close)
        made.bind((address, 0))
        made.connect((SERVER_4, 53))
        return made

    def burst(self, client, count=ASKED, name=NAME, **options):
        """Asks `count` times, as fast as replies come; the replies."""
        replies = []
        for i in range(count):
            client.send(query(name, identity=i + 1, **options))
            if i % 16 == 15 or i == count - 1:
                while len(replies) <= i:
                    wire = client.recv(65535)
                    replies.append(Reply(wire))
        return replies

    def stats(self):
        return self.arpad.ctl_json("stats")

    def dig(self, *words):
        return self.pair.client.run("dig", f"@{SERVER_4}", "+norecurse", "+tries=1", "+time=2", "-b", CLIENT_4,
                                    NAME, "PTR", *words).stdout

    def exhaust(self):
        began = time.monotonic()
        replies = self.burst(self.client())
        took = time.monotonic() - began
        whole = [reply for reply in replies if reply.answer]
        self.assertGreaterEqual(len(whole), RATE)
        self.assertLessEqual(len(whole), RATE + 1 + RATE * took)
        for reply in replies:
            if not reply.answer:
                self.assertEqual(reply.flags & (TC | AA), TC)
                self.assertEqual(reply.counts, [1, 0, 0, 0])
        return len(replies) - len(whole)


class RateLimit(Limited):
    """Over AF_XDP."""

    def test_who_floods_gets_short_replies_and_another_all_of_them(self):
        self.start()
        limited = self.exhaust()
        for reply in self.burst(self.client(OTHER_CLIENT), 30):
            self.assertEqual(reply.flags & TC, 0)
            self.assertEqual(len(reply.answer), 1)
        stats = self.stats()
        self.assertEqual(stats["rate_limit"]["limited"]["answers"], limited)
        self.assertEqual(stats["outcomes"]["rate-slipped"], limited)
        self.assertEqual(stats["outcomes"]["rate-dropped"], 0)
        self.assertIn(f"rate_limit.limited.answers {limited}\n", self.arpad.ctl("stats").stdout)

    def test_each_kind_of_reply_has_its_rate(self):
        self.start()
        self.exhaust()
        client = self.client()
        for name, rcode in (("8.0.18.198.in-addr.arpa.", 3), ("example.net.", 5)):
            for reply in self.burst(client, 40, name):
                self.assertEqual((reply.rcode, reply.flags & TC), (rcode, 0))

    def dig_above_the_rate(self, wanted, *words):
        """What dig shows right after a burst; again where the machine was slower than one reply a second."""
        for _ in range(5):
            self.burst(self.client(), 3)
            text = self.dig(*words)
            if re.search(wanted, text):
                return text
        self.fail(f"no {wanted}: {text}")

    def test_dig_asks_again_over_tcp_and_is_answered(self):
        self.start(rate=1)
        self.dig_above_the_rate("flags: qr tc;", "+ignore", "+nocookie")
        text = self.dig_above_the_rate("retrying in TCP mode", "+nocookie")
        self.assertIn("host.example.net.", text)

    def test_a_client_with_cookies_is_given_one_and_then_exempt(self):
        self.start(rate=1)
        self.dig_above_the_rate("status: BADCOOKIE", "+cookie", "+nobadcookie")
        text = self.dig_above_the_rate("BADCOOKIE, retrying", "+cookie")
        self.assertIn("host.example.net.", text)
        self.assertNotIn("TCP", text)
        cookie = bytes.fromhex(re.search(r"COOKIE: ([0-9a-f]{48}) \(good\)", text).group(1))
        option = struct.pack("!HH", 10, len(cookie)) + cookie
        wire = query(NAME)[:10] + b"\0\1" + query(NAME)[12:]
        wire += b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
        client = self.client()
        for _ in range(200):
            client.send(wire)
            self.assertEqual(len(Reply(client.recv(65535)).answer), 1)
        self.assertGreaterEqual(self.stats()["rate_limit"]["exempt_cookie"], 100)

    def test_log_only_changes_nothing_and_counts(self):
        self.start(mode="log")
        for reply in self.burst(self.client()):
            self.assertEqual(len(reply.answer), 1)
        limited = self.stats()["rate_limit"]["limited"]["answers"]
        self.assertGreater(limited, ASKED // 4)
        deadline = time.monotonic() + 5
        while "rate limit:" not in self.arpad.log() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.burst(self.client(), 100)
        time.sleep(1.5)
        self.assertEqual(self.arpad.log().count("rate limit:"), 1, "one line a minute")
        self.assertIn(f"{limited} replies above their rate were sent (log only)", self.arpad.log())

    def test_a_reload_applies_at_once_and_keeps_the_counts(self):
        self.start(mode="off")
        for reply in self.burst(self.client()):
            self.assertEqual(len(reply.answer), 1)
        self.assertEqual(self.stats()["rate_limit"]["limited"]["answers"], 0)
        self.reconfigure("on")
        limited = self.exhaust()
        self.reconfigure("on", exempt=f"{CLIENT_4}, 2001:db8::/32")
        for reply in self.burst(self.client()):
            self.assertEqual(len(reply.answer), 1)
        rate = self.stats()["rate_limit"]
        self.assertEqual(rate["limited"]["answers"], limited)
        self.assertGreater(rate["exempt_prefix"], ASKED // 4)


class KernelSockets(RateLimit):
    """The same where no worker is."""

    interfaces = ()


class Flood(Limited):
    """Only with workers: the kernel has its own ways with forged sources."""

    def memory(self):
        status = pathlib.Path(f"/proc/{self.arpad.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def frame(self):
        """A query in a frame whose source the flood forges."""
        macs = [bytes.fromhex(mac.replace(":", "")) for mac in (
            self.mac(self.pair.server, SERVER_INTERFACE), self.mac(self.pair.client, CLIENT_INTERFACE))]
        message = query(NAME)
        udp = struct.pack("!4H", 4321, 53, 8 + len(message), 0) + message
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\0" * 4,
                         socket.inet_aton(SERVER_4))
        return macs[0] + macs[1] + b"\x08\0" + ip + udp

    @staticmethod
    def mac(namespace, interface):
        return re.search(r"ether (\S+)", namespace.run("ip", "link", "show", interface).stdout).group(1)

    def test_a_flood_from_16_million_prefixes_takes_no_memory_and_limits_nobody(self):
        self.start()
        count = 400000
        flood = self.pair.client.start(machine.BUILD / "tests/support/flood", CLIENT_INTERFACE,
                                       self.frame().hex(), PREFIXES, count // 4, stdout=subprocess.PIPE)
        self.assertEqual(flood.wait(30), 0)
        flood.stdout.close()
        before = self.memory()
        flood = self.pair.client.start(machine.BUILD / "tests/support/flood", CLIENT_INTERFACE,
                                       self.frame().hex(), PREFIXES, count, stdout=subprocess.PIPE)
        client, asked, whole = self.client(), 0, 0
        while flood.poll() is None:
            asked += 1
            client.send(query(NAME, identity=asked))
            try:
                whole += len(Reply(client.recv(65535)).answer) == 1
            except TimeoutError:
                asked -= 1  # lost to overload, not to a limit: those are told
            time.sleep(0.04)
        self.assertEqual(flood.returncode, 0)
        flood.stdout.close()
        self.assertGreater(asked, 5)
        self.assertEqual(whole, asked, "a client within its rate")
        stats = self.stats()
        self.assertGreater(stats["outcomes"]["answered"], count // 4)
        self.assertEqual(stats["outcomes"]["rate-dropped"], 0)
        self.assertEqual(stats["outcomes"]["rate-slipped"], 0)
        self.assertLess(self.memory() - before, 512, "KiB")
        self.exhaust()


if __name__ == "__main__":
    sys.exit(tap.main())
