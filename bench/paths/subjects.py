# SPDX-License-Identifier: BSD-3-Clause
"""Who is measured: arpad with options of a row's choice, Knot, and a reflector that does no DNS."""

import shutil
import subprocess
import time

import measure
import servers
from lab import machine
from lab.machine import LabError
from lab.namespaces import SERVER_4, SERVER_6, SERVER_INTERFACE

TESTPMD = "dpdk-testpmd"
START_SECONDS = 30


class Arpad(servers.Arpad):
    """One store for all rounds, filled once; each start may have further configuration."""

    def start_with(self, options="", addresses=(SERVER_4, SERVER_6)):
        self.arpad.options = options
        self.arpad.configure(addresses)
        begin(self)

    def stats(self):
        return self.arpad.ctl_json("stats")


class Knot(servers.Knot):
    def start_with(self):
        begin(self)


def begin(server):
    """Starts it and returns once it answers rightly."""
    measure.seconds_to_answer(server.pair, server)
    fault = measure.fault_of_samples(server.pair, server.load)
    if fault:
        raise LabError(f"{server.title}: {fault}")


class Reflector:
    """DPDK's forwarder on the same interface: driver, bursts, rings and busy polling as arpad has them.

    It returns each frame to its sender and does nothing else; the XDP program is the driver's own,
    which redirects all that comes without a look.
    """

    name = title = "testpmd"

    def __init__(self, pair, directory):
        self.pair, self.log, self.process = pair, directory / "testpmd.log", None
        if shutil.which(TESTPMD) is None:
            raise LabError(f"{TESTPMD} is not installed: 'apt-get install dpdk-dev'.")

    def start_with(self):
        control, workers = machine.cores()
        device = f"net_af_xdp0,iface={SERVER_INTERFACE},start_queue=0,queue_count=1,busy_budget=0"
        with open(self.log, "wb") as log:
            # Its standard input is closed, so it ends at once unless told to print statistics.
            self.process = self.pair.server.start(
                "stdbuf", "-oL", TESTPMD, "--in-memory", "--no-pci", "--no-telemetry",
                "--iova-mode=va", "-m", "256", "--lcores", f"0@{control},1@{workers[0]}",
                "--main-lcore", "0", "--vdev", device, "--", "--forward-mode=5tswap",
                "--port-topology=loop", "--nb-cores=1", "--total-num-mbufs=16383", "--rxd=2048",
                "--txd=2048", "--burst=64", "--stats-period", "1000", "--auto-start",
                stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while "packet forwarding" not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"testpmd did not start. Its log:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(START_SECONDS)
        # The driver's own program stays when its process does not end well.
        self.pair.server.run("ip", "link", "set", "dev", SERVER_INTERFACE, "xdp", "off", check=False)

    remove = stop
