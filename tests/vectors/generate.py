#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the vectors into a folder: one a line, `name outcome query reply`, hexadecimal.

`-` is no bytes: as a query the empty one, as a reply silence. The files are committed, so that C
tests need no Python; tests/rules/ checks that they are what this writes.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from frames import all_frames  # noqa: E402
from messages import all_messages  # noqa: E402


def messages(tcp):
    for text, query, want in all_messages():
        outcome, reply = want(query, tcp)
        yield text, query, outcome, reply


FILES = {
    "messages-udp.txt": ("DNS messages over UDP.", lambda: messages(False)),
    "messages-tcp.txt": ("The same over TCP: no limit but 65,535.", lambda: messages(True)),
    "frames.txt": ("Ethernet frames to 192.0.2.53 and 2001:db8::53, port 53.", all_frames),
}


def render(head, vectors):
    lines = ["# SPDX-License-Identifier: BSD-3-Clause", f"# {head} Made by generate.py.",
             "# name outcome query reply"]
    seen = set()
    for text, query, outcome, reply in vectors:
        assert text not in seen and " " not in text, text
        seen.add(text)
        lines.append(f"{text} {outcome} {query.hex() or '-'} {reply.hex() if reply else '-'}")
    return "\n".join(lines) + "\n"


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for file, (head, vectors) in FILES.items():
        with open(os.path.join(folder, file), "w", encoding="ascii") as out:
            out.write(render(head, vectors()))


if __name__ == "__main__":
    main()
