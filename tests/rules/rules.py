# SPDX-License-Identifier: BSD-3-Clause
"""What the rule tests share: the tree's files and one way to report."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("dataplane", "control", "bpf", "bench", "tests")
SKIPPED = 77  # meson's exit code for a test that cannot run here


def files(*endings, folders=FOLDERS):
    """Paths below the root, sorted."""
    found = []
    for folder in folders:
        for at, names, leaves in os.walk(os.path.join(ROOT, folder)):
            names[:] = [n for n in names if n != "__pycache__"]
            found += [os.path.relpath(os.path.join(at, leaf), ROOT) for leaf in leaves
                      if leaf.endswith(endings)]
    return sorted(found)


def lines(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read().splitlines()


def finish(problems, checked, what):
    """Prints the problems and ends: non-zero when there are any, or when nothing was checked."""
    for problem in problems:
        print(problem)
    print(f"{checked} {what} checked, {len(problems)} against the rules")
    sys.exit(1 if problems or not checked else 0)
