#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every header compiles alone, with gcc and with clang, without a warning."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from rules import ROOT, SKIPPED, files, finish

WARNINGS = ("-Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wwrite-strings -Wvla "
            "-Wundef -Wpointer-arith -Werror").split()


def package_flags():
    """Include paths of what headers may need, as system folders so that they may warn."""
    flags = []
    for package in ("libdpdk", "ldns", "jansson", "libevent", "libbpf", "lmdb"):
        asked = subprocess.run(["pkg-config", "--cflags", package], capture_output=True, text=True,
                               check=False)
        if asked.returncode == 0:
            flags += [f.replace("-I", "-isystem", 1) if f.startswith("-I") else f
                      for f in asked.stdout.split()]
    return flags


def main():
    build = sys.argv[1]
    compilers = [c for c in ("gcc", "clang") if shutil.which(c)]
    if not compilers:
        sys.exit(SKIPPED)
    common = ["-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only", *WARNINGS, "-I", ROOT, "-I", build,
              *package_flags(), "-x", "c"]
    # BPF programs' own headers are no C for this machine.
    headers = [h for h in files(".h") if not h.endswith((".bpf.h", "vmlinux.h"))]

    def compile_one(job):
        compiler, header = job
        source = f'#include "{header}"\nint main(void) {{ return 0; }}\n'
        done = subprocess.run([compiler, *common, "-"], input=source, text=True, cwd=ROOT,
                              capture_output=True, check=False)
        return None if done.returncode == 0 else f"{compiler}: {header}\n{done.stderr}"

    jobs = [(c, h) for c in compilers for h in headers]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [p for p in pool.map(compile_one, jobs) if p]
    finish(problems, len(jobs), "compilations")


main()
