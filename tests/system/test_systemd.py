# SPDX-License-Identifier: BSD-3-Clause
"""The unit: what systemd-analyze says of it, and arpad in a systemd that really runs it."""

import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
import unittest

import tap
from lab import booted, inject, machine, zonedata
from lab.booted import Booted
from lab.daemon import CONFIGURATION, FAST_PATH, SERVES_AS
from lab.message import Client
from lab.namespaces import SERVER_4, SERVER_INTERFACE, Pair

UNIT = machine.ROOT / "control" / "arpad.service.in"
EXPOSURE_MAX = 2.0  # lower is better; docs/operation.md says what counts
NAME = "7.0.18.198.in-addr.arpa."
PATIENCE_S = 60
SAID = "/run/arpad.log"


def unit_text():
    text = UNIT.read_text().replace("@sbindir@", "/usr/local/sbin")
    return text.replace("@docdir@", "/usr/share/doc/arpad")


def unit_here():
    """Started alone, by a user that exists, without limits that a container may not raise."""
    text = unit_text().replace("[Unit]\n", "[Unit]\nDefaultDependencies=no\n")
    text = text.replace("User=arpad\nGroup=arpad\n", f"User={SERVES_AS}\nGroup=nogroup\n")
    # For buffers of AF_XDP, where no memory may be locked.
    text = text.replace("CAP_NET_RAW CAP_NET_ADMIN", "CAP_IPC_LOCK CAP_NET_RAW CAP_NET_ADMIN")
    text = text.replace("[Service]\n", f"[Service]\nStandardError=append:{SAID}\n")
    return re.sub(r"^(After|Before|Wants|LimitMEMLOCK|LimitNOFILE)=.*\n", "", text, flags=re.MULTILINE)


class Analyzed(tap.LabCase):
    def test_systemd_finds_no_fault_in_the_unit(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "arpad.service"
            unit.write_text(unit_text().replace("/usr/local/sbin/arpad", "/bin/true"))
            done = machine.run("systemd-analyze", "verify", unit, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            shown = machine.run("systemd-analyze", "security", "--offline=true", "--no-pager", unit).stdout
        exposure = float(re.search(r"Overall exposure level for arpad.service: ([\d.]+)", shown).group(1))
        self.assertLessEqual(exposure, EXPOSURE_MAX)


@unittest.skipIf(booted.why_not(), booted.why_not())
class Run(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)

    def boot(self, watchdog_s=60):
        control, workers = machine.cores()
        fast_path = FAST_PATH.format(ports=f"  - interface: {SERVER_INTERFACE}", control_core=control,
                                     worker_cores=workers[0], hugepages="no", dpdk="")
        configuration = CONFIGURATION.format(
            addresses=f'"{SERVER_4}"', followed="", fast_path=fast_path, store="/var/lib/arpad",
            socket="/run/arpad/arpad.sock", privileges="",
            options="metrics: {dpdk-telemetry: yes}\n")
        self.systemd = Booted(self.pair.server, {
            "run/systemd/system/arpad.service": unit_here().replace("WatchdogSec=60", f"WatchdogSec={watchdog_s}"),
            "etc/arpad/arpad.yaml": configuration,
            "usr/local/sbin/arpad": machine.ARPAD,
            "usr/local/sbin/arpactl": machine.ARPACTL,
            "usr/local/bpf/steer.bpf.o": machine.BUILD / "bpf" / "steer.bpf.o"})
        self.addCleanup(self.systemd.remove)
        self.start()

    def start(self):
        started = self.systemd.run("systemctl", "start", "arpad", check=False)
        self.assertEqual(started.returncode, 0, self.log())

    def log(self):
        return self.systemd.run("systemctl", "status", "--no-pager", "--full", "arpad", check=False).stdout \
            + self.systemd.run("cat", SAID, check=False).stdout + self.systemd.log()

    def ctl(self, *words, check=True):
        return self.systemd.run("/usr/local/sbin/arpactl", *words, check=check)

    def wait_for(self, what, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}\n{self.log()}")
            time.sleep(0.1)

    def test_it_is_started_when_it_serves_and_tells_how_it_is(self):
        self.boot()
        self.assertEqual(self.ctl("health").stdout, "ready\n")
        # Where "RUNTIME_DIRECTORY=/run/arpad dpdk-telemetry.py" looks.
        self.systemd.run("test", "-S", "/run/arpad/dpdk/rte/dpdk_telemetry.v2")
        self.ctl("zone", "add", zonedata.ZONE_4)
        self.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        client = Client(self.pair, SERVER_4)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(NAME).names(), ["host.example.net."])
        answered = json.loads(self.ctl("-j", "stats").stdout)["workers"][0]["outcomes"]["answered"]
        self.assertEqual(answered, 1, "not by a worker")
        self.wait_for("no status", lambda: "1 zones, 3 records" in self.systemd.show("arpad", "StatusText"))
        self.systemd.run("systemctl", "reload", "arpad")
        self.wait_for("not reloaded", lambda: self.systemd.show("arpad", "SubState") == "running")
        self.ctl("drain")
        self.wait_for("no reason", lambda: "drain" in self.systemd.show("arpad", "StatusText"))
        self.assertEqual(self.ctl("health", check=False).returncode, 1)
        self.systemd.run("systemctl", "stop", "arpad")
        self.assertEqual(self.systemd.show("arpad", "Result"), "success")
        self.assertIsNone(self.pair.xdp_program())

    def test_the_watchdog_ends_one_whose_worker_stands_still(self):
        self.boot(watchdog_s=6)
        pid = int(self.systemd.show("arpad", "MainPID"))
        self.assertEqual(self.systemd.show("arpad", "NRestarts"), "0")
        outer = self.systemd.outer_pid(pid)
        with inject.held(inject.threads(outer)["rte-worker-1"]):
            self.wait_for("it goes on", lambda: self.systemd.show("arpad", "Result") == "watchdog")
        self.wait_for("not restarted", lambda: self.systemd.show("arpad", "NRestarts") == "1")
        self.wait_for("not up again", lambda: self.systemd.show("arpad", "SubState") == "running")
        self.assertNotEqual(int(self.systemd.show("arpad", "MainPID")), pid)
        self.assertEqual(self.ctl("health").stdout, "ready\n")


if __name__ == "__main__":
    sys.exit(tap.main())
