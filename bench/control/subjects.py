# SPDX-License-Identifier: BSD-3-Clause
"""Who is changed: arpad and BIND on the loopback, each with a store of its own on the same disk."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import time

import daemon
from lab import machine
from lab.control import Control
from lab.machine import LabError

import files

CHANGES = machine.BUILD / "bench" / "change_client"
ZONE, APEX = "10.0.0.0/8", "10.in-addr.arpa"
START_SECONDS = 30

# What named logs of each update costs it time, so it logs none of that.
NAMED = """\
options {{
    directory "{directory}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile "{directory}/session.key";
    recursion no;
    empty-zones-enable no;
    dnssec-validation no;
    notify no;
    allow-transfer {{ none; }};
}};
logging {{ category default {{ null; }}; category update {{ null; }}; }};
controls {{ }};
zone "{apex}" {{ type primary; file "{zone}"; allow-update {{ 127.0.0.1; }}; check-names ignore; }};
"""


def changes(*words, namespace=None, timeout=600):
    """What bench/change_client printed; what it refuses to count as right is an error."""
    command = [CHANGES, *words]
    done = (namespace.run if namespace else machine.run)(*command, check=False, timeout=timeout)
    if not done.stdout.startswith("{"):
        raise LabError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    if result["refused"]:
        raise LabError(f"{result['refused']} changes were refused: {done.stderr.strip()}")
    return result


class Arpad:
    """Started; filled with so many records."""

    name = "arpad"

    def __init__(self, records=0):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="arpad-changes-"))
        self.records, self.port, self.run = records, daemon.free_port(), None
        self.socket = self.folder / "arpad.sock"

    def start(self):
        self.run = daemon.Arpad(self.folder, self.port)
        self.run.wait_ready()
        with Control(self.socket) as control:
            control.call("zone.add", zone=ZONE)
        if self.records:
            with files.Records(self.records, "zone") as path:
                files.send(self.socket, path, "zone", ZONE)
        return self

    def changes(self, *words):
        return changes("--control", self.socket, *words)

    def stop(self):
        self.run.stop()

    def remove(self):
        if self.run is not None and self.run.process.poll() is None:
            self.run.process.kill()
            self.run.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Bind:
    name = "bind"

    def __init__(self):
        if shutil.which("named") is None:
            raise LabError("named is not installed: 'apt-get install bind9'.")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="arpad-changes-"))
        self.port, self.process = daemon.free_port(), None

    def start(self):
        zone = self.folder / "zone"
        daemon.write_zone(zone, 0)
        configuration = self.folder / "named.conf"
        configuration.write_text(NAMED.format(directory=self.folder, port=self.port, zone=zone,
                                              apex=APEX))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["named", "-g", "-4", "-n", "1", "-c", str(configuration)], stdout=log, stderr=log,
                preexec_fn=machine.die_with_parent)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.changes("--changes", 1)
                return self
            except LabError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def changes(self, *words):
        return changes("--dns", f"127.0.0.1@{self.port}", *words)

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
