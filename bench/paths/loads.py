# SPDX-License-Identifier: BSD-3-Clause
"""What is sent, all from the generator's core: floods by kxdpgun, good clients, hostile frames."""

import contextlib
import json
import pathlib
import time

import figures
from lab import machine
from lab.machine import LabError
from lab.namespaces import CLIENT_INTERFACE, SERVER_4, SERVER_INTERFACE

import counts

CLIENTS, HOSTILE = machine.BUILD / "bench" / "clients", machine.BUILD / "bench" / "hostile"
SLACK_SECONDS = 60


def pinned(*words):
    return ["taskset", "-c", machine.cores()[0], *words]


def link(namespace, interface):
    return counts.of_link(namespace.run("ip", "-s", "-j", "link", "show", interface).stdout)


def server_mac(pair):
    shown = pair.server.run("ip", "-j", "link", "show", SERVER_INTERFACE).stdout
    return json.loads(shown)[0]["address"]


def know_each_other(pair):
    """Fixed neighbours: a reflector answers no ARP, and sends back what it does not understand."""
    pair.client.run("ip", "neigh", "replace", SERVER_4, "lladdr", server_mac(pair), "dev",
                    CLIENT_INTERFACE, "nud", "permanent")


def worker_seconds(pid):
    """CPU time of a DPDK process's workers: what they did is told by it where a core is shared."""
    return sum(int((task / "schedstat").read_text().split()[0]) / 1e9
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
               if "worker" in (task / "comm").read_text())


def flood(lab):
    """kxdpgun at more than any answers: queries that left and replies that came, a second."""
    done = lab.pair.client.run(
        *pinned("kxdpgun", "-I", CLIENT_INTERFACE, "-t", lab.seconds, "-Q", lab.flood,
                "-i", lab.load.queries, SERVER_4), check=False, timeout=lab.seconds + SLACK_SECONDS)
    try:
        return figures.read_kxdpgun(done.stdout + done.stderr)
    except figures.NoFigures as error:
        raise LabError(str(error))


def clients(lab, rate, seconds=None, cookies=False):
    """bench/clients to its end: {lost, fault, and what it printed}."""
    seconds = seconds or lab.seconds
    done = lab.pair.client.run(*pinned(CLIENTS, SERVER_4, lab.load.records, rate, seconds,
                                       *(["cookies"] if cookies else [])),
                               timeout=seconds + SLACK_SECONDS)
    found = json.loads(done.stdout)
    return {**found, "lost": counts.lost(found),
            "fault": counts.fault_of_clients(found, rate * seconds)}


@contextlib.contextmanager
def hostile(lab, kind, rate, seconds, interface=CLIENT_INTERFACE, mac=None):
    """bench/hostile beside what is in the block; yields a dict that has its figures at the end."""
    found = {}
    child = lab.pair.client.start(
        *pinned(HOSTILE, kind, interface, mac or server_mac(lab.pair), rate, seconds),
        stdout=-1, text=True)
    try:
        time.sleep(0.5)  # its frames are made first
        yield found
        found.update(json.loads(child.communicate(timeout=seconds + SLACK_SECONDS)[0]))
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
