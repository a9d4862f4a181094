# SPDX-License-Identifier: BSD-3-Clause
"""Floods: arpad, Knot and a reflector by turns; arpad alone, with rate limiting on and off."""

import time

import figures

import counts
import loads

LIMITED = """\
rate-limit:
  mode: on
  answers: 1000
  nxdomain: 1000
  ipv4-prefix: 32
"""


def flood(lab, number):
    """One round of everyone. A reflector's replies are its queries, so only their number is looked at."""
    for subject in (lab.reflector, lab.arpad, lab.knot):
        with lab.noted("flood", subject.name, number) as note:
            lab.run(subject)
            before = counts.of_server(subject.stats()) if subject is lab.arpad else None
            seconds = loads.worker_seconds(subject.process.pid)
            run = loads.flood(lab)
            seconds = loads.worker_seconds(subject.process.pid) - seconds
            note.update(offered=run["sent_rate"], answered=run["rate"],
                        part=counts.share(run["replies"], run["sent"]),
                        a_cpu_second=counts.share(run["replies"], seconds))
            if subject is not lab.reflector:
                note["fault"] = figures.fault_of_flood(run, lab.load.reply_octets)
            if before is not None:
                counted = counts.between(before, counts.of_server(subject.stats()))
                note.update(counted=counted, missed=counted["missed"],
                            replied=counts.share(counted["sent"], counted["received"]))


def limit(lab, number):
    """65,536 clients, each an account of its own and within its limit: what a packet costs the worker.

    Cycles, not replies: the generator of so many clients is slower than a worker.
    """
    for mode, options in (("off", ""), ("on", LIMITED)):
        with lab.noted("limit", mode, number) as note:
            lab.run(lab.arpad, options)
            before = counts.of_server(lab.arpad.stats())
            with loads.hostile(lab, "many", lab.flood, lab.seconds):
                time.sleep(lab.seconds)
            counted = counts.between(before, counts.of_server(lab.arpad.stats()))
            note.update(counted=counted, cycles=counts.share(counted["cycles"], counted["received"]),
                        fault=fault_of_limit(counted))


def fault_of_limit(counted):
    """Why the clients were not all within their limits, or None."""
    if counted["received"] == 0:
        return "no query came"
    if counted.get("answered", 0) + counted.get("nxdomain", 0) < 0.999 * counted["received"]:
        return f"not everyone was answered: {counted}"
    return None
