#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes zones and vectors into a folder: a vector a line, `name outcome query reply`, hexadecimal;
and docs/answers.md, beside the folder's vectors where a folder is given.

`-` is no bytes: as a query the empty one, as a reply silence. The files are committed, so that C
tests need no Python; tests/rules/ checks that they, and docs/answers.md, are what this writes.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import answers as document  # noqa: E402
import limited  # noqa: E402
import messages  # noqa: E402
import options  # noqa: E402
import trees  # noqa: E402
import zones  # noqa: E402
from frames import all_frames  # noqa: E402
from neighbors import all_neighbors  # noqa: E402

POLICIES = {
    "plain": "the default policy",
    "full": "everything on",
    "enforce": "cookies demanded",
}


def slug(title):
    return re.sub(r"[^a-z]+", "-", title.split(",")[0].lower()).strip("-")


def groups(policy):
    """(title, vectors): each vector is a name, a query and what it wants."""
    if policy == "plain":
        yield from messages.GROUPS
        yield from trees.GROUPS
    yield from options.GROUPS[policy][1]


def answers(policy, tcp):
    """(title, name, query, outcome, reply) of every vector of a policy."""
    how = options.GROUPS[policy][0]
    for title, vectors in groups(policy):
        for text, query, want in vectors():
            yield title, f"{slug(title)}/{text}", query, *want(query, tcp, how)


def render(head, vectors):
    lines = ["# SPDX-License-Identifier: BSD-3-Clause", f"# {head} Made by generate.py.",
             "# name outcome query reply"]
    seen = set()
    for text, query, outcome, reply in vectors:
        assert text not in seen and " " not in text, text
        seen.add(text)
        lines.append(f"{text} {outcome} {query.hex() or '-'} {reply.hex() if reply else '-'}")
    return "\n".join(lines) + "\n"


def files():
    """Name -> content."""
    yield "zones.txt", "\n".join(["# SPDX-License-Identifier: BSD-3-Clause",
                                  "# The fixture zones. Made by generate.py.",
                                  "# owner type ttl rdata,...", *zones.lines()]) + "\n"
    for policy, words in POLICIES.items():
        for tcp in (False, True):
            over = "TCP" if tcp else "UDP"
            yield (f"{policy}-{over.lower()}.txt",
                   render(f"DNS messages over {over}, {words}.",
                          (vector[1:] for vector in answers(policy, tcp))))
    for policy in limited.POLICIES:
        yield (f"limited-{policy}.txt",
               render(f"DNS messages over UDP above their rate, slip 1, {POLICIES[policy]}.",
                      limited.messages(answers, policy)))
    yield "limited-frames.txt", render("Ethernet frames above their rate, slip 1.", limited.frames(answers))
    plain = [(text, query, want) for title, vectors in groups("plain")
             for text, query, want in ((f"{slug(title)}/{t}", q, w) for t, q, w in vectors())]
    yield "frames.txt", render("Ethernet frames to 192.0.2.53 and 2001:db8::53, port 53.", all_frames(plain))
    yield ("neighbors.txt",
           render("The same where no kernel shares the port: what is no DNS.", all_neighbors()))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else here
    docs = folder if len(sys.argv) > 1 else os.path.join(here, "..", "..", "docs")
    for file, content in files():
        with open(os.path.join(folder, file), "w", encoding="ascii") as out:
            out.write(content)
    with open(os.path.join(docs, "answers.md"), "w", encoding="ascii") as out:
        out.write("\n".join(document.render(answers)) + "\n")


if __name__ == "__main__":
    main()
