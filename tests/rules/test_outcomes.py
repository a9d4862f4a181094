#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every outcome has a name of its own, a sentence, a vector that ends in it, and its row in docs/outcomes.md."""

import os
import re
import subprocess
import sys

from rules import ROOT, files, finish, lines

# Outcomes of the buffer or of the other thread, not of the bytes; test_respond.c and test_pipeline.c
# have them.
WITHOUT_VECTOR = {"no-room", "punted", "punt-refused"}


def check_page(problems):
    """The page is what the generator writes now, which needs advice for each."""
    made = subprocess.run([sys.executable, "-B", os.path.join(ROOT, "docs/outcomes.py")], text=True,
                          capture_output=True, check=False)
    if made.returncode != 0:
        problems.append(made.stderr.strip())
    elif made.stdout.splitlines() != lines("docs/outcomes.md"):
        problems.append("docs/outcomes.md is stale: run python3 docs/outcomes.py >docs/outcomes.md")


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
    check_page(problems)
    finish(problems, len(outcomes), "outcomes")


main()
