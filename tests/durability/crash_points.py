# SPDX-License-Identifier: BSD-3-Clause
"""Every crash point of a commit: each prefix of what it did to the disk, each way to lose the rest.

The trace of the commit is cut before each entry. For each cut the disk may have kept nothing that was
not synced, all of it, or all but or none but one of the undecided sectors. arpad opens each such
store, and must have the state before the commit or after it, whole; behind the acknowledgement, the
state after.
"""

import copy

import readback
from subject import Refused


class Broken(Exception):
    """A store that a power cut may leave is not one of the two states."""


class Commit:
    """What was done to the disk by `act`, a function that returns when all is acknowledged.

    With `stop` what is done while arpad stops behind that belongs to it.
    """

    def __init__(self, subject, act, stop=False):
        self.subject = subject
        path = subject.trace_path
        self.trace = subject.trace
        self.trace.replay(path)
        self.before = self._state()
        act()
        self.acknowledged = path.stat().st_size
        self.after = self._state()
        if stop:
            subject.stop()
        subject.kill()
        self.entries = []
        octets = 0
        for entry in self.trace.entries(path):
            octets = self.trace.read_to
            self.entries.append((octets, entry))

    def _state(self):
        with self.subject.connect() as control:
            return readback.state_of(control)

    def cuts(self):
        """(description, whether it was acknowledged, trace at that point) from the first to the last."""
        trace = self.trace
        done = 0
        for number in range(len(self.entries) + 1):
            yield f"entry {number} of {len(self.entries)}", done >= self.acknowledged, trace
            if number < len(self.entries):
                done, entry = self.entries[number]
                trace.step(*entry)

    def images(self, rng=None, most=None):
        """What try_image takes, of all images or a random part of them; `possible` is how many."""
        plans = []
        self.kept = [(text, acknowledged, copy.deepcopy(trace))
                     for text, acknowledged, trace in self.cuts()]
        for cut, (_, _, trace) in enumerate(self.kept):
            choices = trace.choices()
            plans += [(cut, kind, one) for kind, one in
                      [("nothing", None), ("everything", None)]
                      + [(kind, i) for i in range(choices) for kind in ("only", "all but")]]
        self.possible = len(plans)
        if most is not None and len(plans) > most:
            plans = [plans[i] for i in sorted(rng.sample(range(len(plans)), most))]
        return plans

    def chooser(self, kind, one):
        asked = 0

        def choose(count):
            nonlocal asked
            if count == 1:
                return 0
            number, asked = asked, asked + 1
            if kind in ("nothing", "everything"):
                return count - 1 if kind == "everything" else 0
            return count - 1 if (number == one) == (kind == "only") else 0
        return choose

    def try_image(self, cut, kind, one):
        """Builds it, opens it and raises Broken if it is neither state."""
        text, acknowledged, trace = self.kept[cut]
        said = f"{text}, {kind} {'' if one is None else one} kept"
        trace.build(self.subject.store, self.chooser(kind, one), self.subject.owner)
        try:
            self.subject.start()
            found = self._state()
        except (Refused, readback.ReadFailed) as refused:
            raise Broken(f"{said}: {refused}") from refused
        finally:
            self.subject.kill()
        if found != self.after and (acknowledged or found != self.before):
            raise Broken(f"{said}: neither the state before nor after the commit"
                         f"{', which was acknowledged' if acknowledged else ''}")
