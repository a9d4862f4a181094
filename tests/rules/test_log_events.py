#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/logs.md has every event of the log, with its levels and keys, and no other."""

import re

from rules import files, finish, lines

EVENT = re.compile(r"log_event\(\s*(\w+)(\[[^]]*\])?,\s*([^,]+?),\s*"
                   r"(NULL|fields|LOG_FIELDS\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\))", re.S)
NAME = r'"([a-z][a-z-]*)"'
# Those whose level or keys are in a table of their own.
COMPUTED = {"drops", "dpdk", "libbpf", "change", "act"}


def events(problems):
    """Levels and keys of each event in the code."""
    found = {}
    for path in files(".c", folders=("control",)):
        text = "\n".join(lines(path))
        if path == "control/log.c":
            continue
        calls = list(EVENT.finditer(text))
        if len(calls) != text.count("log_event("):
            problems.append(f"{path}: a call of log_event that this test can't read")
        for call in calls:
            names = re.findall(NAME, call[3])
            if not names:
                problems.append(f"{path}: {call[3]} is no literal event")
            for name in names:
                levels, keys = found.setdefault(name, (set(), set()))
                levels.add(call[1].removeprefix("LOG_").lower())
                keys.update(re.findall(rf"_FIELD\(\s*{NAME}", call[4]))
        for call in re.finditer(r"log_batch_line\(([^;]*)\);", text):
            for name in re.findall(NAME, call[1]):
                found.setdefault(name, (set(), set()))
    return found


def main():
    problems = []
    there = events(problems)
    told = {}
    for line in lines("docs/logs.md"):
        row = re.fullmatch(r"\| `([a-z-]+)` \| ([a-z, ]+) \| ([a-z, -]+) \| [^|]+\. \| [^|]+ \|", line)
        if row:
            told[row[1]] = (set(row[2].split(", ")), set(row[3].split(", ")) - {"-"})
    problems += [f"docs/logs.md lacks {name}" for name in sorted(there.keys() - told.keys())]
    problems += [f"docs/logs.md has {name}, the code has not" for name in sorted(told.keys() - there.keys())]
    for name in sorted(there.keys() & told.keys() - COMPUTED):
        if there[name] != told[name]:
            problems.append(f"{name}: the code has {there[name]}, docs/logs.md {told[name]}")
    finish(problems, len(there), "events")


main()
