# SPDX-License-Identifier: BSD-3-Clause
"""This machine: where the build is, what it allows us, and its hugepages."""

import os
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("ARPAD_BUILD", ROOT / "build"))
ARPAD = BUILD / "control" / "arpad"
ARPACTL = BUILD / "control" / "arpactl"
LDNS_DECODE = BUILD / "tests" / "support" / "ldns_decode"

NR_HUGEPAGES = pathlib.Path("/proc/sys/vm/nr_hugepages")  # of the default size, 2 MiB on x86-64
HUGEPAGES_WANTED = 160  # 320 MiB: DPDK's packet buffers with room to spare

# A bare root shell may lack the administrator's folders, where ip, ethtool and bpftool are.
os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"


class LabError(Exception):
    """The lab can't do what was asked; the text is one sentence for a person."""


def run(*command, check=True, timeout=60, **options):
    """Runs a command to its end and returns it with its output as text, unless stdout= takes that."""
    options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
    if options["stdin"] is None:
        del options["stdin"]
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([str(word) for word in command], stderr=subprocess.PIPE, text=True,
                          timeout=timeout, **options)
    if check and done.returncode != 0:
        raise LabError(f"'{' '.join(map(str, command))}' failed: {done.stderr.strip()}")
    return done


def why_not():
    """None when this process may build a lab here, else the reason."""
    if os.geteuid() != 0:
        return "a lab of network namespaces needs root"
    tried = run("unshare", "--net", "true", check=False)
    if tried.returncode != 0:
        return f"this machine allows no network namespaces: {tried.stderr.strip()}"
    return None


def die_with_parent():
    """For a child, before exec: the kernel ends it when we die, however we die."""
    import ctypes
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def cores():
    """(control core, worker cores): the workers get cores of their own where there are some."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[1:] or usable


class Hugepages:
    """Asks the kernel for 2 MiB pages when there are none, and gives them back."""

    def __init__(self):
        self.before = None

    @staticmethod
    def free():
        for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("HugePages_Free:"):
                return int(line.split()[1])
        return 0

    def take(self, wanted=HUGEPAGES_WANTED):
        """Returns whether enough pages are free now."""
        if self.free() >= wanted:
            return True
        try:
            before = int(NR_HUGEPAGES.read_text())
            if before != 0:
                return False  # someone manages them; theirs are not ours to change
            self.before = before
            NR_HUGEPAGES.write_text(f"{wanted}\n")
        except OSError:
            return False
        return self.free() >= wanted

    def give_back(self):
        if self.before is not None:
            NR_HUGEPAGES.write_text(f"{self.before}\n")
            self.before = None


def fail(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(1)
