# SPDX-License-Identifier: BSD-3-Clause
"""The servers under test: each its configuration, its process, its readiness.

Every server runs from a directory of its own below the run's, in the foreground, as our child; it
is stopped by its process id. The peers' configurations are the lab's (lab/peers.py).
"""

import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from lab import peers
from exchange import exchange
from wire import TYPES, Malformed, Query, read_reply, rcode, to_text

READY_S = 60        # a thousand zones load in two seconds on an idle machine
STOP_S = 10


class ServerError(Exception):
    """A server that cannot take part; the text says why and what to do."""


class NotInstalled(ServerError):
    """The machine lacks a peer."""


class Server:
    """A child process that serves the zones of zone_files (apex -> path) on address."""

    name = None
    port = 0

    def __init__(self, directory):
        self.directory = os.path.join(directory, self.name)
        self.address = (self.host, self.port)
        self.process = None
        self.log_path = os.path.join(self.directory, "log")

    def start(self, zone_files):
        os.makedirs(self.directory)
        self.configure(zone_files)
        self.spawn(self.command())

    def spawn(self, command):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def stop(self):
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                self.process.send_signal(number)
            try:
                self.process.wait(STOP_S)
                return
            except subprocess.TimeoutExpired:
                continue

    def log_tail(self, text="", count=3):
        """The last lines of its log that hold the text; of these, errors if there are any."""
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                lines = [line.rstrip() for line in log if text in line]
        except FileNotFoundError:
            return []
        faults = [line for line in lines if re.search("error|fail|refuse|invalid", line, re.I)]
        return (faults or lines)[-count:]

    def wait_ready(self, apexes):
        """The apexes that it does not serve once it is up; [] is as it should be."""
        queries = [Query(apex, TYPES["SOA"]) for apex in apexes]
        deadline = time.monotonic() + READY_S
        missing = list(range(len(queries)))
        settled = 0
        while missing and settled < 10:
            if self.process is not None and self.process.poll() is not None:
                raise ServerError(f"{self.name} ended at start with status "
                                  f"{self.process.returncode}: " + " | ".join(self.log_tail()))
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} is not ready after {READY_S} s: "
                                  + " | ".join(self.log_tail()))
            first = exchange(self.address, [queries[missing[0]]], attempts=1, patience_s=0.2)
            if first[0] is None:
                continue
            replies = exchange(self.address, [queries[index] for index in missing])
            left = [index for index, reply in zip(missing, replies) if not is_served(reply)]
            settled = settled + 1 if len(left) == len(missing) else 0
            missing = left
            if missing:
                time.sleep(0.2)
        return [apexes[index] for index in missing]


def is_served(message):
    try:
        reply = read_reply(message or b"")
    except Malformed:
        return False
    return rcode(reply) == "NOERROR" and bool(reply.flags & 0x400) and bool(reply.answer)


class Peer(Server):
    """One that reads the zone files by itself; the lab knows its configuration and command."""

    def configure(self, zone_files):
        zones = [(conf_name(apex), path) for apex, path in zone_files]
        try:
            self.words = self.lab_command(self.directory, self.host, self.port, zones)
        except peers.NotInstalled as error:
            raise NotInstalled(str(error))

    def command(self):
        return self.words


class Knot(Peer):
    name, host, port = "knot", "127.0.0.1", 5301
    lab_command = staticmethod(peers.knot)


class Nsd(Peer):
    name, host, port = "nsd", "127.0.0.1", 5302
    lab_command = staticmethod(peers.nsd)


class Bind(Peer):
    name, host, port = "bind", "127.0.0.1", 5303
    lab_command = staticmethod(peers.bind)


class Arpad(Server):
    """arpad on a kernel socket; its zones are imported through arpactl, one command each."""

    name, host, port = "arpad", "127.0.0.1", 5300
    build = "build"

    def configure(self, zone_files):
        self.zone_files = zone_files
        self.socket_path = os.path.join(self.directory, "arpad.sock")
        self.write("arpad.yaml", f"""\
listen:
  addresses: ["{self.host}@{self.port}"]
answers:
  any: all
control:
  socket: "{self.socket_path}"
store:
  directory: "{self.directory}/store"
""")

    def program_path(self, name):
        path = os.path.abspath(os.path.join(self.build, "control", name))
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
        raise ServerError(f"{name} is not in {self.build}/control: build it, or name the build "
                          "directory with --build")

    def command(self):
        return [self.program_path("arpad"), "-c", os.path.join(self.directory, "arpad.yaml")]

    def wait_ready(self, apexes):
        control = [self.program_path("arpactl"), "-s", self.socket_path]
        deadline = time.monotonic() + READY_S
        while subprocess.run(control + ["status"], capture_output=True, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerError("arpad does not answer on its control socket: "
                                  + " | ".join(self.log_tail()))
            time.sleep(0.1)
        import_zones(control, self.zone_files, self.log_path)
        return super().wait_ready(apexes)


class Running(Server):
    """A server that runs already; its zones are imported if a control command is given."""

    def __init__(self, name, address, control):
        self.name, self.address, self.control = name, address, control
        self.process, self.log_path = None, os.devnull

    def start(self, zone_files):
        if self.control:
            import_zones(self.control, zone_files, self.log_path)


def import_zones(control, zone_files, log_path):
    for apex, path in zone_files:
        done = subprocess.run(control + ["zone", "import", to_text(apex), path],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            with open(log_path, "a", encoding="utf-8") as log:
                log.write(f"{to_text(apex)} refused: {done.stderr or done.stdout}\n")


def conf_name(apex):
    """The apex in a configuration file: none of our apexes needs an escape there."""
    text = to_text(apex)
    assert "\\" not in text, text
    return text


KINDS = {kind.name: kind for kind in (Knot, Nsd, Bind, Arpad)}
