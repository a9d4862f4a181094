#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom: the table of docs/architecture.md, on every #include line.

control -> the doors of dataplane, records, dns, bpf/steer; dataplane -> records (never the writer's
half) -> dns -> libc. Six packages have their folders. Includes are path-qualified.
"""

import os
import re

from rules import ROOT, files, finish, lines

INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')

# Folder of the includer (the longest match counts) -> what its quoted includes may name.
PROJECT = {
    "dataplane/dns/": r"dataplane/dns/.*",
    "dataplane/records/": r"dataplane/(dns|records)/.*",
    "dataplane/dpdk/": r"dataplane/(?!records/table_(writer|layout)).*|bpf/steer_map\.h",
    "dataplane/": r"dataplane/(?!dpdk/|records/table_(writer|layout)).*",
    "control/": r"control/.*|bpf/steer(_map|_verdict)?\.h|dataplane/(dns|records)/.*"
                r"|dataplane/(addresses|counters|dataplane|observe|outcome|ratelimit|respond|serving)\.h",
    "bpf/": r"bpf/.*",
    "bench/": r".*",
    "tests/": r".*",
}
# It poisons names and includes nothing, so every hot file may have it.
POISON = "dataplane/hot.h"
# Only these files know how the table lies in memory; one test looks at where entries land.
TABLE_LAYOUT = re.compile(r"dataplane/records/table(_writer|_entries|_pages|_tree)?\.[ch]"
                          r"|tests/records/test_table_spread\.c")

# System header -> the only folders, or files, that may include it.
PACKAGES = {
    "DPDK": (r"rte_.*", ("dataplane/dpdk/", "bench/bench_rte_hash.c", "tests/eal/")),
    "ldns": (r"ldns/.*", ("control/", "tests/", "bench/")),
    "libmnl": (r"libmnl/.*", ("control/",)),
    "libbpf": (r"bpf/.*", ("bpf/", "tests/bpf/")),
    "Google Benchmark": (r"benchmark/.*", ("bench/",)),
    "cmocka": (r"cmocka\.h", ("tests/",)),
}
# What the pure and the hot folders may take from libc.
LIBC = {
    "dataplane/dns/": r"std(bool|def|int)\.h|string\.h|smmintrin\.h",  # SSE4.1: no library
    "dataplane/records/": r"std(align|atomic|bool|def|int|lib)\.h|string\.h|assert\.h|errno\.h"
                          r"|sys/mman\.h|smmintrin\.h",
    "dataplane/": r"std(align|atomic|bool|def|int|lib)\.h|string\.h|assert\.h|sys/mman\.h",
}


def folder_of(path, table):
    fits = [folder for folder in table if path.startswith(folder)]
    return max(fits, key=len) if fits else None


def quoted(path, name):
    if "/" not in name or ".." in name:
        return f'"{name}" names no folder'
    if name == "dataplane/records/table_layout.h" and not TABLE_LAYOUT.fullmatch(path):
        return f'"{name}" is private to table*.[ch]'
    generated = name.endswith((".skel.h", "vmlinux.h", ".pb-c.h"))
    if not generated and not os.path.exists(os.path.join(ROOT, name)):
        return f'"{name}" is no file of the tree'
    if name != POISON and not re.fullmatch(PROJECT[folder_of(path, PROJECT)], name):
        return f'"{name}" may not be included here'
    return None


def system(path, name):
    for package, (pattern, folders) in PACKAGES.items():
        if re.fullmatch(pattern, name) and not path.startswith(folders):
            return f"<{name}>: {package} belongs to {' and '.join(folders)}"
    libc = folder_of(path, LIBC)
    if libc and not path.startswith("dataplane/dpdk/") and not re.fullmatch(LIBC[libc], name):
        return f"<{name}> is not for {libc}"
    return None


def main():
    problems, checked = [], 0
    for path in files(".c", ".h", ".cc"):
        for number, line in enumerate(lines(path), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            checked += 1
            problem = (quoted if match[1] == '"' else system)(path, match[2])
            if problem:
                problems.append(f"{path}:{number}: {problem}")
    finish(problems, checked, "includes")


main()
