# SPDX-License-Identifier: BSD-3-Clause
"""Changes: one at a time beside BIND, many in flight on a small and a large store, and how fresh."""

import subjects
from lab import machine
from lab.daemon import Arpad as LabArpad
from lab.namespaces import SERVER_4, Pair

FEW = 1000
FLIGHT = 256
SLICES = 5  # of a round: the disk's mood changes within a second


def serial(lab, number):
    """Slices by turns, so that a busy disk meets both."""
    slices = {"arpad": [], "bind": []}
    for _ in range(SLICES):
        for subject in (lab.small(), lab.bind()):
            slices[subject.name].append(subject.changes(
                "--records", FEW, "--flight", 1, "--seconds", lab.seconds))
    for name, each in slices.items():
        lab.keep(row="serial", subject=name, round=number,
                 rate=sum(one["changes"] for one in each) / sum(one["seconds"] for one in each),
                 p50=sorted(one["p50_us"] for one in each)[SLICES // 2],
                 p99=max(one["p99_us"] for one in each))


def flight(lab, number):
    """The same over stores of 1,000 and of ten million records, by turns."""
    for _ in range(2):
        for subject, name in ((lab.small(), "few"), (lab.large(), "many")):
            before = subject.run.processor()
            done = subject.changes("--records", min(subject.records, 1 << 24), "--flight", FLIGHT,
                                   "--seconds", lab.seconds)
            lab.keep(row="flight", subject=name, round=number, rate=done["rate"],
                     p50=done["p50_us"], p99=done["p99_us"],
                     processor=(subject.run.processor() - before) / done["changes"] * 1e6)


def fresh(lab, number):
    """Over AF_XDP: each acknowledged change is asked for at once."""
    with Pair() as pair, LabArpad(pair) as arpad:
        arpad.start()
        arpad.ctl("zone", "add", subjects.ZONE)
        done = subjects.changes(
            "--control", arpad.socket, "--records", FEW, "--flight", FLIGHT,
            "--changes", lab.changes, "--fresh", f"{SERVER_4}@53", namespace=pair.client,
            timeout=1200)
        stats = arpad.ctl_json("stats")
        by_workers = sum(worker["outcomes"]["answered"] for worker in stats["workers"])
        if by_workers < done["asked"]:
            raise machine.LabError(f"workers answered {by_workers} of {done['asked']} queries")
        lab.keep(row="fresh", subject="arpad", round=number, stale=done["stale"],
                 asked=done["asked"], repeated=done["repeated"], rate=done["rate"])
