# SPDX-License-Identifier: BSD-3-Clause
"""What a reader needs to repeat a comparison: machine, commit, versions, command."""

import os
import pathlib
import platform
import re
import shlex
import sys
import time

from lab import machine

TOOLS = {"kxdpgun": "knot-dnsutils", "dnsperf": "dnsperf"}


def _git(*words):
    return machine.run("git", "-C", machine.ROOT, *words, check=False).stdout.strip()


def commit():
    changed = " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return (_git("rev-parse", "--short", "HEAD") or "unknown") + changed


def _first(path, pattern, otherwise="unknown"):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    except OSError:
        return otherwise
    return found[1] if found else otherwise


def package_version(package):
    shown = machine.run("dpkg-query", "--show", "--showformat=${Version}", package, check=False)
    return shown.stdout.strip() or "not a package"


def load_average():
    return os.getloadavg()[0]


def about(kinds, options):
    """Facts by their names, in the order of showing."""
    control, workers = machine.cores()
    environment = [f"{key}={os.environ[key]}" for key in options if key in os.environ]
    model = _first("/proc/cpuinfo", r"model name\s+: (.*)")
    distribution = _first("/etc/os-release", r'PRETTY_NAME="(.*)"')
    kib = int(_first("/proc/meminfo", r"MemTotal:\s+(\d+)", "0"))
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": commit(),
        "command": shlex.join([*environment, os.path.relpath(sys.argv[0], machine.ROOT),
                               *sys.argv[1:]]),
        "processor": f"{model}, {os.cpu_count()} cores",
        "memory": f"{kib / 2 ** 20:.1f} GiB",
        "system": f"{distribution}, kernel {platform.release()}",
        "cores used": f"load generator {control}, server {', '.join(map(str, workers))} "
                      "(arpad's control thread shares the generator's)",
        **{kind.title: kind.version() for kind in kinds},
        **{tool: package_version(package) for tool, package in TOOLS.items()},
    }
