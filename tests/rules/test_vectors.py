#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The committed vectors and docs/answers.md are what tests/vectors/generate.py writes."""

import filecmp
import os
import subprocess
import sys
import tempfile

from rules import ROOT, files, finish


def main():
    committed = files(".txt", folders=("tests/vectors",)) + ["docs/answers.md"]
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, os.path.join(ROOT, "tests/vectors/generate.py"), folder],
                       check=True)
        if sorted(os.listdir(folder)) != sorted(map(os.path.basename, committed)):
            problems.append("tests/vectors: other files than generate.py writes")
        for path in committed:
            fresh = os.path.join(folder, os.path.basename(path))
            if os.path.exists(fresh) and not filecmp.cmp(os.path.join(ROOT, path), fresh, False):
                problems.append(f"{path}: run tests/vectors/generate.py")
    finish(problems, len(committed), "files made from the vectors")


main()
