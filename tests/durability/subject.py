# SPDX-License-Identifier: BSD-3-Clause
"""An arpad to be hurt: kernel sockets on the loopback, a disk shim if wanted, no namespaces."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import disk
from lab import machine
from lab.control import Control

SHIM = machine.BUILD / "tests" / "durability" / "libdurability_disk.so"
SERVES_AS = "nobody"
READY_SECONDS = 60

CONFIGURATION = """\
listen:
  addresses: ["127.0.0.1@{port}"]
store:
  directory: {store}
control:
  socket: {socket}
zones:
  ns: [ns1.example.net., ns2.example.net.]
privileges:
  sandbox: no
{user}{options}"""


class Refused(Exception):
    """arpad ended before it was ready; the text is its log."""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Subject:
    """`store` is made in `directory`, or is what the caller gives. With `shim` every change of the
    store's files is traced."""

    def __init__(self, shim=False, options="", store=None, folder=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="arpad-durability-", dir=folder))
        self.directory.chmod(0o755)
        self.store = store or self.directory / "store"
        self.socket, self.log_path = self.directory / "s", self.directory / "log"
        self.trace_path = self.directory / "trace"
        self.port, self.process, self.options = free_port(), None, options
        self.control = disk.Control(self.directory / "control") if shim else None
        self.trace = None
        self.owner = pwd.getpwnam(SERVES_AS).pw_uid if os.geteuid() == 0 else None
        if store is None:
            self.store.mkdir()
        if self.owner is not None:
            os.chown(self.store, self.owner, self.owner)
            os.chown(self.directory, self.owner, self.owner)
        self.configure()

    def configure(self):
        path = self.directory / "arpad.yaml"
        path.write_text(CONFIGURATION.format(
            port=self.port, store=self.store, socket=self.socket, options=self.options,
            user=f"  user: {SERVES_AS}\n" if self.owner is not None else ""))

    def launch(self):
        environment = dict(os.environ)
        if self.control is not None:
            self.trace_path.unlink(missing_ok=True)
            self.trace = disk.Trace(self.store)
            environment.update(LD_PRELOAD=str(SHIM), DISK_DIRECTORY=str(self.store),
                               DISK_CONTROL=str(self.control.path), DISK_TRACE=str(self.trace_path))
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(machine.ARPAD), "-c", str(self.directory / "arpad.yaml")], stdout=log,
                stderr=log, env=environment, preexec_fn=machine.die_with_parent)

    def start(self, timeout=READY_SECONDS):
        self.launch()
        deadline = time.monotonic() + timeout
        while "INFO ready" not in self.log():
            if self.process.poll() is not None:
                raise Refused(self.log())
            if time.monotonic() > deadline:
                self.kill()
                raise Refused(f"not ready after {timeout} s: {self.log()}")
            time.sleep(0.005)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def connect(self, timeout=30.0):
        return Control(self.socket, timeout)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        if self.running:
            self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(20)

    def stop(self):
        if self.running:
            self.signal(signal.SIGTERM)
            self.process.wait(30)
        return self.process.returncode

    def cut_power(self, choose):
        """What a power cut leaves takes the store's place; the process is gone already."""
        self.kill()
        self.trace.replay(self.trace_path)
        self.trace.build(self.store, choose, self.owner)

    def remove(self):
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
