#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Files are small, say their licence first, and end as text files do."""

import os

from rules import ROOT, files, finish, lines

LINES_MAX = 600  # a file that needs more is two
TEST_LINES_MAX = 800  # a list of cases reads well for longer than code does
SPDX = "SPDX-License-Identifier: "


def main():
    paths = files(".c", ".h", ".cc", ".py", ".sh")
    problems = []
    for path in paths:
        text = lines(path)
        first = 1 if text and text[0].startswith("#!") else 0
        limit = TEST_LINES_MAX if path.startswith("tests/") else LINES_MAX
        if len(text) > limit:
            problems.append(f"{path}: {len(text)} lines, more than {limit}")
        if len(text) <= first or SPDX not in text[first]:
            problems.append(f"{path}: the first line is no {SPDX}line")
        with open(os.path.join(ROOT, path), "rb") as file:
            data = file.read()
        if not data.endswith(b"\n") or b"\r" in data:
            problems.append(f"{path}: not LF line ends to the last")
    finish(problems, len(paths), "files")


main()
