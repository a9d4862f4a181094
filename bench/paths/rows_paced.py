# SPDX-License-Identifier: BSD-3-Clause
"""Paced loads: latency at half load, what good clients lose beside hostile ones, and during changes."""

import ipaddress
import json
import signal
import threading
import time

import measure
from lab import machine, oracle
from lab.control import Control
from lab.namespaces import CLIENT_INTERFACE, SERVER_4, SERVER_6, SERVER_INTERFACE

import counts
import loads
import workload

CHANGES_RATE = 10000    # queries/s while something changes
UPDATES_RATE = 10000
UNREACHED_RATE = 2_000_000  # of bench/clients
WINDOW = 2000           # requests that may wait for their replies: a fifth of a second
STRIDE = 7919           # a prime, so that consecutive updates are of networks far apart
SECOND_4 = "198.18.0.77"
NOBODY = "02:00:00:00:00:77"
LIMITED = """\
rate-limit:
  mode: on
"""


def latency(lab, number):
    """dnsperf at half of what the slower of the two answers in a closed loop, found in round 1."""
    if lab.half is None:
        lab.half = min(closed(lab, subject) for subject in (lab.arpad, lab.knot)) / 2
    for subject in (lab.arpad, lab.knot):
        with lab.noted("latency", subject.name, number) as note:
            lab.run(subject)
            note.update(measure.paced(lab.pair, lab.load, int(lab.half), lab.seconds))
            if not note["fault"] and note["answered"] < 0.95 * lab.half:
                note["fault"] = f"dnsperf reached {note['answered']:.0f}/s of {lab.half:.0f}/s"


def closed(lab, subject):
    """Queries/s of dnsperf as fast as replies come back."""
    lab.run(subject)
    try:
        return oracle.Dnsperf(lab.pair, SERVER_4, lab.load.queries, lab.seconds,
                              cpus=machine.cores()[0]).rate
    finally:
        subject.stop()


def most(lab, kind, hostile_rate, interface=CLIENT_INTERFACE):
    """Queries/s that bench/clients has answered when it sends as fast as it can, beside the same
    hostile frames to a station that is not there: so they cost the generators' core what they will."""
    with loads.hostile(lab, kind, hostile_rate, lab.seconds + 2, interface, NOBODY):
        return loads.clients(lab, UNREACHED_RATE)["answered"] / lab.seconds


def beside(lab, note, kind, rate, hostile_rate, cookies, interface=CLIENT_INTERFACE, mac=None):
    """Good clients while hostile frames are sent for longer than they ask."""
    seconds = lab.seconds
    before = counts.of_server(lab.arpad.stats())
    wires = loads.link(lab.pair.client, interface)
    with loads.hostile(lab, kind, hostile_rate, seconds + 2, interface, mac) as flood:
        note.update(loads.clients(lab, rate, seconds, cookies))
    wire = counts.between(wires, loads.link(lab.pair.client, interface))
    counted = counts.between(before, counts.of_server(lab.arpad.stats()))
    note.update(counted=counted, missed=counted["missed"], wire_dropped=wire["tx_dropped"],
                hostile_rate=flood["sent"] / (seconds + 2))
    if note["hostile_rate"] < 0.8 * hostile_rate and not note["fault"]:
        note["fault"] = f"only {note['hostile_rate']:.0f}/s hostile frames of {hostile_rate}/s were sent"


def hostile(lab, number):
    """Nine of ten packets are hostile, and only a cookie exempts the good clients from the limit."""
    with lab.noted("hostile", "arpad", number) as note:
        lab.run(lab.arpad, LIMITED)
        beside(lab, note, "dns", lab.good, 9 * lab.good, cookies=True)


def kernel(lab, number):
    """What the XDP program leaves to the kernel, while DNS runs at 80 % of its closed loop."""
    with lab.noted("kernel", "arpad", number) as note:
        lab.run(lab.arpad)
        if lab.most is None:
            lab.most = most(lab, "kernel", lab.kernel_rate)
        beside(lab, note, "kernel", int(0.8 * lab.most), lab.kernel_rate, cookies=False)


# ---- Changes ----

def while_asking(lab, note, change):
    """Calls change(), again and again, while clients ask; counts how often it returned."""
    stop, done, failures = threading.Event(), [], []

    def work():
        try:
            while not stop.is_set():
                change()
                done.append(time.monotonic())
        except Exception as error:  # told as the measurement's fault
            failures.append(error)
    worker = threading.Thread(target=work)
    worker.start()
    try:
        note.update(loads.clients(lab, CHANGES_RATE))
    finally:
        stop.set()
        worker.join()
    note["changes"] = len(done)
    if failures:
        note["fault"] = f"a change failed: {failures[0]}"


def reload(lab, number):
    """SIGHUP with one address more, then one less, ten times a second."""
    with lab.noted("reload", "arpad", number) as note:
        lab.run(lab.arpad)
        turns = [0]

        def change():
            turns[0] += 1
            more = (SECOND_4,) if turns[0] % 2 else ()
            lab.arpad.arpad.configure((SERVER_4, SERVER_6, *more))
            lab.arpad.arpad.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        lab.pair.add_server_address(SECOND_4)
        while_asking(lab, note, change)
        lab.pair.server.run("ip", "addr", "del", f"{SECOND_4}/24", "dev", SERVER_INTERFACE)


def addresses(lab, number):
    """arpactl address add and remove, of another address than the clients'."""
    with lab.noted("addresses", "arpad", number) as note:
        lab.run(lab.arpad)

        def change():
            lab.arpad.arpad.ctl("address", "add", SECOND_4)
            lab.arpad.arpad.ctl("address", "remove", SECOND_4)
            time.sleep(0.02)  # arpactl's start takes the clients' core
        lab.pair.add_server_address(SECOND_4)
        while_asking(lab, note, change)
        lab.pair.server.run("ip", "addr", "del", f"{SECOND_4}/24", "dev", SERVER_INTERFACE)


class Updates:
    """ptr.set at UPDATES_RATE over the control socket, pipelined; each reply is looked at.

    Each changes the TTL of a record, not its name, so that the zone's samples stay right.
    """

    def __init__(self, lab):
        self.control = Control(lab.arpad.arpad.socket)
        self.records, self.sent, self.answered = lab.load.records, 0, 0
        self.began = time.monotonic()

    def line(self, number):
        owner = int(workload.FIRST) + number * STRIDE % self.records
        return json.dumps({"id": number, "method": "ptr.set", "params": {
            "address": str(ipaddress.IPv4Address(owner)), "name": workload.name(owner),
            "ttl": 3600 + number % 1000}})

    def step(self):
        """Sends what is due by now and takes the replies of what is older than WINDOW."""
        due = min(int((time.monotonic() - self.began) * UPDATES_RATE), self.sent + WINDOW)
        lines = [self.line(number) + "\n" for number in range(self.sent, due)]
        self.control.send_line("".join(lines).encode())
        self.sent += len(lines)
        while self.sent - self.answered > WINDOW:
            self.take()
        time.sleep(0.005)

    def take(self):
        reply = self.control.read()
        if reply is None or "result" not in reply:
            raise ValueError(f"the reply to an update is {reply}")
        self.answered += 1

    def finish(self):
        while self.answered < self.sent:
            self.take()
        seconds = time.monotonic() - self.began
        self.control.close()
        return self.answered / seconds


def updates(lab, number):
    with lab.noted("updates", "arpad", number) as note:
        lab.run(lab.arpad)
        stream = Updates(lab)
        while_asking(lab, note, stream.step)
        note["updates"] = stream.finish()
        if note["updates"] < 0.95 * UPDATES_RATE and not note["fault"]:
            note["fault"] = f"{note['updates']:.0f} updates/s of {UPDATES_RATE}"
