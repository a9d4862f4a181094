# SPDX-License-Identifier: BSD-3-Clause
"""What a worker loses while the control thread works: queries from memory, as bench/replay has them.

One worker has a core, everybody else the other. Its rate is per second of its CPU time, alone, while
ten million records are imported and while many changes a second are made, by turns in one run.
"""

import subprocess
import threading
import time
import types

import files
import loads
import subjects
from lab import machine
from lab.control import Control
from lab.daemon import Arpad
from lab.machine import LabError
from lab.namespaces import Pair

DATA = machine.BUILD / "bench" / "replay_data"
QUERIES, ASKED = 65536, 1_000_000  # in the file; records that they ask for
BUFFERS = QUERIES + 16383
IMPORTED = "11.0.0.0/8"

CONFIGURATION = """\
ports:
  - device: "net_pcap0,rx_pcap={queries},infinite_rx=1"
    buffers: {buffers}
dpdk:
  control-core: {control}
  worker-cores: [{worker}]
  hugepages: {hugepages}
  memory-mib: {memory}
"""


def _sample(arpad):
    return (arpad.ctl_json("stats")["workers"][0]["outcomes"],
            loads.worker_seconds(arpad.process.pid))


def _rate(arpad, wait):
    """Answers per second of the worker's CPU time while `wait()` lasts; all must be answers."""
    before, began = _sample(arpad)
    wait()
    after, ended = _sample(arpad)
    counts = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    if set(counts) != {"answered"}:
        raise LabError(f"not every query was answered: {counts}")
    return counts["answered"] / (ended - began)


class Busy:
    """Does `work` in a thread until it ends; how often and how long, for those who measure beside it."""

    def __init__(self, work):
        self.result = self.error = None
        self.thread = threading.Thread(target=self._run, args=(work,))

    def _run(self, work):
        try:
            self.result = work()
        except LabError as error:
            self.error = error

    def wait(self):
        self.thread.start()
        self.thread.join()
        if self.error:
            raise self.error


def _fill(arpad, records):
    text = subprocess.Popen([DATA, "zone", str(records), "10"], stdout=subprocess.PIPE)
    arpad.ctl("zone", "import", "10.0.0.0/8", "-", stdin=text.stdout, timeout=600)
    text.stdout.close()
    if text.wait() != 0:
        raise LabError("the zone's text could not be made")


def worker(lab, number):
    queries = lab.directory / "queries.pcap"
    machine.run(DATA, "queries", ASKED, QUERIES, 1, 0, queries)
    control, workers = machine.cores()
    options = types.SimpleNamespace(
        queries=queries, buffers=BUFFERS, control=control, worker=workers[0],
        hugepages="yes" if lab.hugepages else "no", memory=64 + BUFFERS * 2560 // (1 << 20))
    with Pair() as pair, Arpad(pair, interfaces=(), options=CONFIGURATION.format(**vars(options))) \
            as arpad, files.Records(lab.records, "zone", 1 << 24) as path:
        arpad.configure(("198.18.0.1",))
        arpad.start()
        _fill(arpad, ASKED)
        for _ in range(3):
            _round(lab, number, arpad, path)


def _round(lab, number, arpad, path):
    alone = _rate(arpad, lambda: time.sleep(lab.seconds * 3))
    busy = Busy(lambda: files.send(arpad.socket, path, "zone", IMPORTED))
    importing = _rate(arpad, busy.wait)
    with Control(arpad.socket, 600) as client:
        client.call("zone.remove", zone=IMPORTED)
    between = _rate(arpad, lambda: time.sleep(lab.seconds * 3))
    busy = Busy(lambda: subjects.changes(
        "--control", arpad.socket, "--records", ASKED, "--flight", 1024, "--rate", lab.rate,
        "--seconds", lab.seconds * 3))
    changing = _rate(arpad, busy.wait)
    base = (alone + between) / 2
    lab.keep(row="worker-import", subject="arpad", round=number, rate=importing, alone=base,
             slower=1 - importing / base)
    lab.keep(row="worker-changes", subject="arpad", round=number, rate=changing, alone=base,
             slower=1 - changing / base, changes=busy.result["rate"])
