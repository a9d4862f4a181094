#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every outcome has a name of its own, a sentence, and a vector that ends in it."""

import re

from rules import files, finish, lines

# Outcomes of the buffer or of the other thread, not of the bytes; test_respond.c and test_pipeline.c
# have them.
WITHOUT_VECTOR = {"no-room", "punted", "punt-refused"}


def main():
    text = "\n".join(lines("dataplane/outcome.h"))
    outcomes = re.findall(r'\bX\(([A-Z0-9_]+), "([^"]+)", "([^"]+)"\)', text)
    seen = set()
    for path in files(".txt", folders=("tests/vectors",)):
        seen |= {line.split()[1] for line in lines(path) if line and not line.startswith("#")}
    problems = []
    for number, (symbol, name, sentence) in enumerate(outcomes):
        if name != symbol.lower().replace("_", "-"):
            problems.append(f"{symbol}: its name is {name}")
        if name in {other for _, other, _ in outcomes[:number]}:
            problems.append(f"{symbol}: {name} is taken")
        if not re.fullmatch(r"[A-Z].*\.", sentence):
            problems.append(f'{symbol}: "{sentence}" is no sentence')
        if name not in seen | WITHOUT_VECTOR:
            problems.append(f"{symbol}: no vector ends in {name}")
    finish(problems, len(outcomes), "outcomes")


main()
