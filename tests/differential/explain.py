# SPDX-License-Identifier: BSD-3-Clause
"""explained.json: why the peers disagree in a place, and whose answer is right there.

`open` entries: the RFCs leave a choice, or we have made one; `right` names the peers to be like.
`wrong` entries: one peer is known to err in a place; the others, if they agree, are right.
Places are matched as `PLACE FIELDS`, with * and ? as wildcards.
"""

import fnmatch
import itertools
import json

from compare import differing


class Explanations:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.open, self.wrong = document["open"], document["wrong"]
        self.arpad = document["arpad"]

    def accept(self, place, fields):
        """The entry that says why arpad differs here from its peers, or None."""
        found = matching(self.arpad, f"{place} {'+'.join(fields)}")
        return found[0] if found else None

    def explain(self, place, fields, replies):
        """(entries, servers that are right there), or None. The fewest errors that suffice."""
        text = f"{place} {'+'.join(fields)}"
        for entry in matching(self.open, text):
            return (entry,), [name for name in entry["right"] if name in replies]
        errors = {}
        for entry in matching(self.wrong, text):
            errors.setdefault(entry["server"], entry)
        for count in range(1, len(replies)):
            for servers in itertools.combinations(errors, count):
                right = [name for name in replies if name not in servers]
                if right and not differing([replies[name] for name in right], fields):
                    return tuple(errors[name] for name in servers), right
        return None


def matching(entries, text):
    return [entry for entry in entries if fnmatch.fnmatchcase(text, entry["place"])]
