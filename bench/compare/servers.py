# SPDX-License-Identifier: BSD-3-Clause
"""The servers that are compared: one at a time in the pair's server namespace, on one core."""

import pathlib
import shutil
import subprocess
import tempfile
import time

from lab import machine, peers
from lab.daemon import Arpad as LabArpad
from lab.machine import LabError
from lab.namespaces import SERVER_4, SERVER_INTERFACE

import machine_facts
import workload

PORT = 53
STOP_SECONDS = 120  # BIND frees ten million names one by one
IMPORT_SECONDS = 1800


class Server:
    """Its directory is its own; start() and stop() as often as one likes, remove() at the end."""

    name = title = program = package = None
    source = "the zone file"  # what it loads at its start

    def __init__(self, pair, load, hugepages):
        self.pair, self.load, self.hugepages, self.process = pair, load, hugepages, None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="arpad-compare-"))

    def prepare(self):
        """What is done once before the first start; returns its seconds when they are a figure."""
        return None

    def start(self):
        """Starts it without waiting."""
        cpus = ",".join(map(str, machine.cores()[1]))
        with open(self.directory / "log", "wb") as log:
            self.process = self.pair.server.start("taskset", "-c", cpus, *self.command(),
                                                  stdout=log, stderr=log)

    def command(self):
        try:
            return self.lab_command(str(self.directory), SERVER_4, PORT, [self.zone()])
        except peers.NotInstalled as error:
            raise LabError(f"{error} (tests/support/install-packages does).")

    def zone(self):
        return workload.APEX, str(self.load.zone)

    def check_running(self):
        if self.process.poll() is not None:
            raise LabError(f"{self.title} ended with status {self.process.returncode}. Its log:\n"
                           f"{self.log()[-2000:]}")

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def processes(self):
        """Its process ids, children included."""
        found, ahead = [], [self.process.pid]
        while ahead:
            pid = ahead.pop()
            found.append(pid)
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                ahead += map(int, children.read_text().split())
        return found

    def store_bytes(self):
        """What it keeps on disk besides the zone file."""
        return 0

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @classmethod
    def version(cls):
        return machine_facts.package_version(cls.package)


class Arpad(Server):
    name, title = "arpad", "arpad"
    source = "its store"

    def __init__(self, pair, load, hugepages):
        super().__init__(pair, load, hugepages)
        self.arpad = LabArpad(pair, hugepages="yes" if hugepages else "no")

    def prepare(self):
        """Imports the zone file into the empty store."""
        self.arpad.start()
        started = time.monotonic()
        self.arpad.ctl("zone", "import", workload.ZONE, self.load.zone, timeout=IMPORT_SECONDS)
        seconds = time.monotonic() - started
        self.arpad.stop()
        return seconds

    def start(self):
        self.arpad.launch()
        self.process = self.arpad.process

    def log(self):
        return self.arpad.log()

    def store_bytes(self):
        return sum(512 * path.stat().st_blocks for path in self.arpad.store.iterdir())

    def remove(self):
        super().remove()
        self.arpad.remove()

    @classmethod
    def version(cls):
        return machine.run(machine.ARPAD, "--version", check=False).stdout.strip()


class Knot(Server):
    name, title = "knot", "Knot (XDP)"
    program, package = "knotd", "knot"

    @staticmethod
    def lab_command(*words):
        return peers.knot(*words, interface=SERVER_INTERFACE)

    def stop(self):
        super().stop()
        # Knot leaves its XDP program behind, and arpad rightly refuses to touch a stranger's.
        self.pair.server.run("ip", "link", "set", "dev", SERVER_INTERFACE, "xdp", "off",
                             check=False)


class Nsd(Server):
    name, title, program, package = "nsd", "NSD", "nsd", "nsd"
    lab_command = staticmethod(peers.nsd)


class Bind(Server):
    name, title, program, package = "bind", "BIND", "named", "bind9"
    lab_command = staticmethod(peers.bind)


class Gdnsd(Server):
    name, title, program, package = "gdnsd", "gdnsd", "gdnsd", "gdnsd"
    lab_command = staticmethod(peers.gdnsd)


KINDS = {kind.name: kind for kind in (Arpad, Knot, Nsd, Bind, Gdnsd)}
