# SPDX-License-Identifier: BSD-3-Clause
"""Who looks at arpad's health sees a thread that stands still, and systemd is told all of it in order."""

import json
import os
import re
import signal
import socket
import sys
import time

import tap
from lab import inject, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, Pair

NAME = "7.0.18.198.in-addr.arpa."
PATIENCE_S = 60
RECORDS = 80000  # enough that the load tells how far it is
WATCHDOG_US = 2000000


class NotifySocket:
    """What systemd would be: receives and remembers messages, each a list of its lines."""

    def __init__(self, directory):
        self.path = f"{directory}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.messages = []

    def read(self, timeout=0.0):
        self.socket.settimeout(timeout)
        try:
            self.messages.append(self.socket.recv(4096).decode("ascii").split("\n"))
            return self.messages[-1]
        except (BlockingIOError, TimeoutError):
            return None

    def wait(self, pattern):
        """The next message that has a line of this pattern."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            message = self.read(1.0)
            if message and any(re.match(pattern, line) for line in message):
                return message
        raise AssertionError(f"systemd was not told {pattern}; it was: {self.messages}")

    def forget(self):
        while self.read():
            pass
        self.messages.clear()

    def close(self):
        self.socket.close()


class Health(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)

    def serve(self, **options):
        self.arpad = Arpad(self.pair, **options)
        self.addCleanup(self.arpad.remove)
        self.notify = NotifySocket(self.arpad.directory)
        self.addCleanup(self.notify.close)
        self.start()
        return self.arpad

    def start(self):
        os.environ.update(NOTIFY_SOCKET=self.notify.path, WATCHDOG_USEC=str(WATCHDOG_US))
        try:
            self.arpad.start()
        finally:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]

    def health(self):
        done = self.arpad.ctl("health", check=False)
        return done.returncode, done.stdout

    def wait_health(self, code, word):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            said = self.health()
            if said[0] == code and word in said[1]:
                return
            time.sleep(0.1)
        self.fail(f"health is {said}, not {code} {word}\n{self.arpad.log()}")

    def test_systemd_is_told_everything_in_its_order(self):
        arpad = self.serve()
        self.assertEqual(self.notify.wait("READY=1"),
                         ["READY=1", "STATUS=Serving. 0 replies/s, 0 zones, 0 records"])
        self.assertEqual(self.notify.messages[0], ["STATUS=Starting"])
        self.notify.wait("WATCHDOG=1")
        zone = arpad.directory / "zone"
        first = zonedata.FIRST_4.__class__("10.0.0.1")
        zonedata.write_zone(zone, (first + i for i in range(RECORDS)))
        arpad.ctl("zone", "add", "10.0.0.0/8")
        arpad.ctl("zone", "import", "10.0.0.0/8", zone, timeout=120)
        self.notify.wait(f"STATUS=Serving. 0 replies/s, 1 zones, {RECORDS + 2} records")
        arpad.send_signal(signal.SIGHUP)
        reloading = self.notify.wait("RELOADING=1")
        self.assertRegex(reloading[1], r"MONOTONIC_USEC=\d+")
        self.notify.wait("READY=1")
        self.notify.forget()
        self.assertEqual(arpad.stop(), 0)
        self.notify.wait("STOPPING=1")
        self.assertIsNone(self.notify.read(0.1), "the last word")
        self.notify.forget()
        self.start()
        self.notify.wait("READY=1")
        said = [message[0].split("=")[0] for message in self.notify.messages]
        self.assertEqual(said, ["STATUS", "EXTEND_TIMEOUT_USEC", "READY"], self.notify.messages)
        self.assertRegex(self.notify.messages[1][1], r"STATUS=Loading: \d+ records so far")

    def stand_still(self, thread, reason):
        """Readiness falls and the watchdog starves while the thread is held, and no longer."""
        self.wait_health(0, "ready")
        with inject.held(inject.threads(self.arpad.process.pid)[thread]):
            self.wait_health(1, f"not ready: {reason}: ")
            self.notify.forget()
            self.notify.wait("STATUS=")
            self.notify.wait("STATUS=")
            self.assertNotIn(["WATCHDOG=1"], self.notify.messages)
        self.wait_health(0, "ready")
        self.notify.wait("WATCHDOG=1")
        self.assertRegex(self.arpad.log(), f"(?m)ERROR not-ready reason={reason} ")

    def test_a_thread_that_stands_still_is_seen(self):
        self.serve()
        self.stand_still("rte-worker-1", "worker-stuck")

    def test_without_ports_the_listener_alone_is_asked(self):
        self.serve(interfaces=(), addresses=[f"{SERVER_4}@5300"], user=12345)
        self.stand_still("dns-listener", "listener-stuck")
        told = json.loads(self.arpad.ctl("-j", "health").stdout)
        self.assertEqual(told["workers"], [])

    def test_our_own_queries_are_in_no_counter_and_under_no_limit(self):
        limit = "rate-limit: {mode: on, answers: 1, errors: 1, burst: 1, slip: 0}\n"
        arpad = self.serve(options=limit)
        arpad.ctl("zone", "add", zonedata.ZONE_4)
        arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        deadline = time.monotonic() + PATIENCE_S
        while arpad.ctl_json("health")["workers"][0]["answers"] < 5:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assertEqual(arpad.ctl_json("health")["workers"][0]["misses"], 0)
        client = Client(self.pair, SERVER_4)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(NAME).names(), ["host.example.net."])
        stats = arpad.ctl_json("stats")
        worker = stats["workers"][0]["outcomes"]
        self.assertEqual((worker["answered"], worker["refused"]), (1, 0))
        self.assertEqual(sum(stats["listener"]["outcomes"].values()), 0)

    def test_a_drain_is_told_first_and_the_steering_ends_later(self):
        arpad = self.serve(options="health: {drain-delay-ms: 1500}\n")
        said = arpad.ctl_json("drain")
        self.assertEqual(said, {"steering": "draining", "changed": True, "delay_ms": 1500})
        self.assertEqual(self.health()[0], 1)
        self.assertEqual(arpad.ctl_json("status")["reasons"], ["draining"])
        deadline = time.monotonic() + PATIENCE_S
        while arpad.ctl_json("status")["steering"] != "draining":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(arpad.ctl("undrain").returncode, 0)
        self.assertEqual(self.health(), (0, "ready\n"))
        # Undrained before its time, the steering goes on.
        arpad.ctl("drain")
        arpad.ctl("undrain")
        self.notify.forget()
        self.notify.wait("STATUS=Serving")
        self.assertEqual(arpad.ctl_json("status")["steering"], "on")
        arpad.stop()
        self.assertEqual(self.arpad.ctl("health", check=False).returncode, 3)


if __name__ == "__main__":
    sys.exit(tap.main())
