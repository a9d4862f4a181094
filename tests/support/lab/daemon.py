# SPDX-License-Identifier: BSD-3-Clause
"""One arpad in a lab: its configuration, its process, its log, and arpactl against it."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from . import machine
from .machine import LabError, run
from .namespaces import SERVER_4, SERVER_6, SERVER_INTERFACE

READY_SECONDS = 60  # DPDK without hugepages on a busy machine needs some; a million records, more
STOP_SECONDS = 20

CONFIGURATION = """\
listen:
  addresses: [{addresses}]
  port: 53
  interfaces: [{followed}]
{fast_path}store:
  directory: {store}
control:
  socket: {socket}
log:
  level: info
zones:
  ns: [ns1.example.net., ns2.example.net.]
{options}"""

FAST_PATH = """\
ports:
{ports}
dpdk:
  control-core: {control_core}
  worker-cores: [{worker_cores}]
  hugepages: {hugepages}
{dpdk}"""


class Arpad:
    """Makes a directory for store, socket and log; start() and stop() as often as one likes.

    Without interfaces it serves from kernel sockets alone. `options` are further sections of the
    configuration, as text; `dpdk` are further lines of that section. `user` is the id of an ordinary
    user to run as, without capabilities. `devices` are ports that DPDK owns, in its words.
    """

    def __init__(self, pair, hugepages="no", addresses=(SERVER_4, SERVER_6),
                 interfaces=(SERVER_INTERFACE,), queues=1, options="", user=None, devices=(),
                 dpdk=""):
        self.pair, self.options, self.user, self.dpdk = pair, options, user, dpdk
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="arpad-lab-"))
        self.configuration = self.directory / "arpad.yaml"
        self.store = self.directory / "store"
        self.socket = self.directory / "arpad.sock"
        self.log_path = self.directory / "arpad.log"
        self.process = None
        self.hugepages, self.interfaces, self.queues = hugepages, interfaces, queues
        self.devices = devices
        self.store.mkdir()
        if user is not None:
            for path in (self.directory, self.store):
                os.chown(path, user, user)
        self.configure(addresses)

    def configure(self, addresses, followed=()):
        """Writes the configuration; a running arpad sees it after SIGHUP.

        `followed` are interfaces, all of whose addresses it shall answer on too.
        """
        self.configuration.write_text(CONFIGURATION.format(
            addresses=", ".join(f'"{address}"' for address in addresses),
            followed=", ".join(followed), fast_path=self._fast_path() if self._ports() else "",
            store=self.store, socket=self.socket, options=self.options))
        self.configuration.chmod(0o644)

    def _ports(self):
        return ([f"interface: {name}" for name in self.interfaces]
                + [f'device: "{name}"' for name in self.devices])

    def _fast_path(self):
        control, workers = machine.cores()
        count = len(self._ports()) * self.queues
        if count > len(workers):
            workers = [*workers, control]  # better shared with the control thread than a worker
        workers = [workers[i % len(workers)] for i in range(count)]
        ports = (f"  - {port}\n    queues: {self.queues}" for port in self._ports())
        return FAST_PATH.format(ports="\n".join(ports), control_core=control,
                                worker_cores=", ".join(map(str, workers)),
                                hugepages=self.hugepages, dpdk=self.dpdk)

    def launch(self, *extra):
        """Starts it in the server's namespace without waiting."""
        for built in (machine.ARPAD, machine.ARPACTL):
            if not built.exists():
                raise LabError(f"{built} is not built; run 'make' first.")
        as_user = [] if self.user is None else [
            "setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups",
            "--bounding-set=-all", "--no-new-privs"]
        with open(self.log_path, "wb") as log:
            self.process = self.pair.server.start(
                *as_user, machine.ARPAD, "-c", self.configuration, *extra, stdout=log, stderr=log)
        return self

    def start(self, timeout=READY_SECONDS):
        """Starts it and returns once it answers packets."""
        self.launch()
        deadline = time.monotonic() + timeout
        while "ready" not in self.log():
            if self.process.poll() is not None:
                raise LabError(f"arpad ended with status {self.process.returncode} before it was "
                               f"ready. Its log:\n{self.log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise LabError(f"arpad was not ready after {timeout} s. Its log:\n{self.log()}")
            time.sleep(0.05)
        return self

    def log(self):
        try:
            return self.log_path.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, timeout=STOP_SECONDS):
        """Waits for its own end; returns the exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise LabError(f"arpad had not ended after {timeout} s. Its log:\n{self.log()}")

    def send_signal(self, number):
        os.kill(self.process.pid, number)

    def stop(self, number=signal.SIGTERM):
        """Asks it to stop; returns the exit status."""
        if not self.running:
            return self.process.returncode if self.process else 0
        self.send_signal(number)
        return self.wait()

    def kill(self):
        if self.running:
            self.process.kill()
            self.process.wait(STOP_SECONDS)

    def remove(self):
        try:
            if self.running:
                self.stop()
        except LabError:
            pass
        finally:
            self.kill()
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def ctl_command(self, *words):
        return [str(machine.ARPACTL), "-s", str(self.socket), *map(str, words)]

    def ctl(self, *words, check=True, **options):
        return run(*self.ctl_command(*words), check=check, **options)

    def ctl_json(self, *words):
        return json.loads(self.ctl("-j", *words).stdout)
