# SPDX-License-Identifier: BSD-3-Clause
"""The real arpad on kernel sockets alone, and zone files of any number of addresses from 10.0.0.0 on."""

import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("BUILD", "build")
FIRST = 10  # the first octet of the first address
LIMIT_SECONDS = 900
TICK = os.sysconf("SC_CLK_TCK")

HEAD = """\
$ORIGIN {first}.in-addr.arpa.
$TTL 3600
@ SOA ns1.example.net. hostmaster.example.net. 1 3600 900 604800 300
@ NS ns1.example.net.
"""

CONFIGURATION = """\
listen:
  addresses: ["127.0.0.1@{port}"]
store:
  directory: {folder}/store
control:
  socket: {folder}/arpad.sock
zones:
  ns: [ns1.example.net.]
"""


def fail(reason):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {reason}")


def labels(index):
    """Of the index-th address from 10.0.0.0 on: its octets, the last first."""
    return index & 255, index >> 8 & 255, index >> 16 & 255, FIRST + (index >> 24)


def name_of(index):
    low, middle, high, _ = labels(index)
    return f"h{high:03}-{middle:03}-{low:03}.example.net."  # 25 octets on the wire


def write_zone(path, records, first=0):
    """The zone file of the /8 that the first-th address is in, with that and those behind it."""
    with open(path, "w", encoding="ascii") as out:
        out.write(HEAD.format(first=labels(first)[3]))
        for index in range(first, first + records):
            low, middle, high, _ = labels(index)
            out.write(f"{low}.{middle}.{high} PTR {name_of(index)}\n")


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))


def is_answered(client, port, index, name=None):
    """Whether arpad answers the index-th address by its name, or by `name`."""
    question = wire(".".join(map(str, labels(index))) + ".in-addr.arpa.") + struct.pack("!HH", 12, 1)
    client.sendto(struct.pack("!6H", 1, 0, 1, 0, 0, 0) + question, ("127.0.0.1", port))
    try:
        reply = client.recv(4096)
    except (socket.timeout, ConnectionError):
        return False
    return reply[3] & 15 == 0 and reply.endswith(wire(name or name_of(index)))


def run(*command):
    """(seconds on the wall, seconds of the processor) of a command that must succeed."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        fail(f"{' '.join(map(str, command))} failed: {errors.decode(errors='replace')}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


class Arpad:
    """One run of the daemon on the store in `folder`."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        configuration = folder / "arpad.yaml"
        (folder / "store").mkdir(exist_ok=True)
        configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
        self.began = time.monotonic()
        self.log = open(folder / "arpad.log", "w", encoding="ascii")
        self.process = subprocess.Popen([BUILD / "control/arpad", "-c", configuration],
                                        stderr=self.log)

    def wait(self, condition, what):
        while not condition():
            if self.process.poll() is not None or time.monotonic() - self.began > LIMIT_SECONDS:
                fail(f"arpad was not {what}: " + (self.folder / "arpad.log").read_text())
        return time.monotonic() - self.began

    def wait_ready(self):
        def ready():
            time.sleep(0.01)
            return "ready" in (self.folder / "arpad.log").read_text()
        self.wait(ready, "ready")

    def wait_answer(self, index):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.005)
            client.bind(("127.0.0.1", 0))
            return self.wait(lambda: is_answered(client, self.port, index), "answering")

    def processor(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / TICK

    def peak_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def stop(self):
        self.process.terminate()
        if self.process.wait() != 0:
            fail("arpad did not end well: " + (self.folder / "arpad.log").read_text())
        self.log.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
