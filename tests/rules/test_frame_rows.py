#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every numbered kind of hostile frame has vectors, and they are there."""

import os
import sys

from rules import ROOT, finish, lines

sys.path.insert(0, os.path.join(ROOT, "tests/vectors"))
from frame_rows import ROWS  # noqa: E402

NUMBERS = (2, 4, 5, 6, 8, 9, 10, 13, *range(21, 25), *range(26, 33), *range(35, 39),
           *range(42, 50), *range(60, 66), 67, 68, 69, 71, *range(73, 79), 82, 83, 85, 86, 89, 90)


def main():
    there = {line.split()[0] for line in lines("tests/vectors/frames.txt") if line[:1] not in "#"}
    problems = [f"F{number:02}: no row" for number in NUMBERS if f"F{number:02}" not in ROWS]
    for row, (_, names) in ROWS.items():
        if not names:
            problems.append(f"{row}: no vector")
        problems += [f"{row}: no vector {name}" for name in names if name not in there]
    finish(problems, len(ROWS), "kinds of frames")


main()
