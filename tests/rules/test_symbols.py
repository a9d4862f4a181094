#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Worker code calls mem* and the project, nothing that allocates, locks, prints or waits.

Takes the build directory. Files that are hot as a whole are judged by what their object leaves
undefined; files that also hold the control thread's code, function by function from a disassembly.
"""

import glob
import json
import os
import re
import subprocess
import sys

from rules import SKIPPED, finish

MEMORY = {"memcpy", "memset", "memcmp", "memmove", "strlen"}
# Put there by the compiler's options, not by the code.
COMPILER = {"__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"}

HOT_OBJECTS = {
    "dns": ["dns_arpa", "dns_arpa_host", "dns_cookie", "dns_edns", "dns_name", "dns_owner", "dns_query", "dns_reply",
            "dns_siphash"],
    "records": ["records_table"],
    "dataplane": ["answer", "chaos", "echo", "frame", "neighbor", "observe", "observe_burst", "outcome", "overlimit", "pipeline",
                  "policy", "query_type", "ratelimit", "referral", "resolve",
                  "respond"],
}
# Object -> its hot functions; the rest is the control thread's and may allocate.
HOT_FUNCTIONS = {
    ("records", "records_record"): ["record_next"],
    ("records", "records_host_pages"): [],
    ("records", "records_hosts_pool"): [],
    ("records", "records_hosts_writer"): [],
    ("records", "records_table_entries"): [],
    ("records", "records_table_pages"): [],
    ("records", "records_table_room"): [],
    ("records", "records_table_tree"): [],
    ("records", "records_zones"): ["zones_find", "zones_find_above", "zones_have_cuts",
                                   "zone_depths_previous"],
}
# What these libraries may take from each other, so that dns stays pure.
BELOW = {
    "dns": ["dns"],
    "records": ["dns", "records"],
    "dataplane": ["dns", "records", "dataplane"],
}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def object_path(build, library, name):
    return os.path.join(build, "dataplane", f"lib{library}.a.p", f"{name}.c.o")


def defined(build, library):
    objects = glob.glob(object_path(build, library, "*"))
    return {line.split()[-1] for line in run("nm", "--defined-only", *objects).splitlines()
            if len(line.split()) == 3}


def calls_of(path):
    """Function -> the symbols that it refers to, by relocation or by a call inside the section."""
    calls, at = {}, None
    for line in run("objdump", "-dr", "--no-show-raw-insn", path).splitlines():
        head = re.fullmatch(r"[0-9a-f]+ <([^>]+)>:", line)
        if head:
            at = calls.setdefault(head[1].removesuffix(".cold"), set())
            continue
        relocation = re.search(r"R_\S+\s+([A-Za-z_][\w.]*)", line)
        inside = re.search(r"(?:call|jmp)\w*\s+[0-9a-f]+ <([A-Za-z_]\w*)", line)
        for match in (relocation, inside):
            if match and at is not None:
                at.add(match[1])
    return calls


def reached(calls, start):
    """Symbols that `start` refers to, functions of the same file followed."""
    seen, todo = set(), [start]
    while todo:
        for name in calls.get(todo.pop(), ()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return seen


def usable(build):
    options = {o["name"]: o["value"] for o in json.loads(
        run("meson", "introspect", "--buildoptions", build))}
    return options["b_sanitize"] == "none" and not options["b_coverage"]


def main():
    build = sys.argv[1]
    if not usable(build):
        print("sanitizers and coverage add symbols of their own: skipped")
        sys.exit(SKIPPED)
    known = {library: defined(build, library) for library in BELOW}
    problems, checked = [], 0

    def judge(library, where, symbols):
        allowed = MEMORY | COMPILER | set().union(*(known[b] for b in BELOW[library]))
        problems.extend(f"{where}: {s} is not for worker code" for s in sorted(symbols - allowed))

    for library, names in HOT_OBJECTS.items():
        for name in names:
            checked += 1
            listed = run("nm", "-u", object_path(build, library, name)).split()
            judge(library, f"{library}/{name}", {s for s in listed if s != "U"})
    for (library, name), functions in HOT_FUNCTIONS.items():
        calls = calls_of(object_path(build, library, name))
        for function in functions:
            checked += 1
            if function not in calls:
                problems.append(f"{library}/{name}: no function {function}")
            symbols = {s for s in reached(calls, function) if not s.startswith(".")}
            judge(library, f"{library}/{name}: {function}", symbols - set(calls))
    # A hot file that is in no list would go unseen.
    listed = {(l, n) for l, names in HOT_OBJECTS.items() for n in names} | set(HOT_FUNCTIONS)
    # The control thread's own.
    listed |= {("records", "records_table_writer"), ("dataplane", "addresses"), ("dataplane", "probe"),
               ("dataplane", "observe_memory"), ("dataplane", "ratelimit_memory")}
    for library in BELOW:
        for path in glob.glob(object_path(build, library, "*")):
            name = os.path.basename(path).removesuffix(".c.o")
            if (library, name) not in listed:
                problems.append(f"{library}/{name}: say in this test whether it is hot")
    finish(problems, checked, "hot objects and functions")


main()
