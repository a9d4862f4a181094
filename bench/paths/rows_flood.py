# SPDX-License-Identifier: BSD-3-Clause
"""Floods: arpad, Knot and a reflector by turns; and arpad with response rate limiting on and off."""

import figures

import counts
import loads

LIMITED = """\
rate-limit:
  mode: on
  answers: 1000
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
    """65,536 clients, each an account of its own and each within its limit; cycles as a second opinion."""
    for mode, options in (("off", ""), ("on", LIMITED)):
        with lab.noted("limit", mode, number) as note:
            lab.run(lab.arpad, options)
            before = counts.of_server(lab.arpad.stats())
            run = loads.flood(lab, loads.MANY_SOURCES)
            counted = counts.between(before, counts.of_server(lab.arpad.stats()))
            note.update(offered=run["sent_rate"], answered=run["rate"],
                        counted=counted, cycles_each=counts.share(counted["cycles"], counted["received"]),
                        fault=figures.fault_of_flood(run, lab.load.reply_octets))
