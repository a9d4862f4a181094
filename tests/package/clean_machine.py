# SPDX-License-Identifier: BSD-3-Clause
"""A Debian machine with nothing on it: a root made by mmdebstrap, in which systemd is the first process.

It is in the network namespace that it is given, sees no process but its own, and can change none of the
kernel's settings. What it is made of comes from where this machine's apt gets it.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from lab.machine import LabError, run

BOOT = pathlib.Path(__file__).with_name("boot")
BOOT_SECONDS = 60
APT_SECONDS = 600
ENVIRONMENT = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
               "DEBIAN_FRONTEND=noninteractive")
PROXIES = tuple(f"{name}={os.environ[name]}" for name in ("http_proxy", "https_proxy", "no_proxy")
                if name in os.environ)


def codename():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    raise LabError("/etc/os-release has no VERSION_CODENAME: this test is for Debian.")


def sources():
    """(codename, lines for sources.list): the distribution itself, as this machine's apt has it."""
    name = codename()
    told = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
               "Identifier: Packages").stdout
    lines = []
    for line in told.splitlines():
        place, release, component = line.split()
        if component == "main" and release in (name, f"{name}-updates", f"{name}-security"):
            lines.append(f"deb {place} {release} {component}\n")
    if not lines:
        raise LabError(f"apt on this machine knows no packages of {name}; run 'apt-get update'.")
    return name, "".join(sorted(set(lines)))


def make_root(directory, packages):
    """A root in `directory` with apt, its lists, and `packages`."""
    name, lines = sources()
    if "https:" in lines:
        packages = [*packages, "ca-certificates"]
    shutil.rmtree(directory, ignore_errors=True)
    run("mmdebstrap", "--mode=root", "--variant=apt", "--skip=cleanup/apt/lists",
        f"--include={','.join(packages)}", name, directory, "-", input=lines, timeout=APT_SECONDS)
    shutil.copy("/etc/resolv.conf", directory / "etc/resolv.conf")


def unified_cgroups():
    """Where control groups of version 2 are mounted: at /sys/fs/cgroup, or beside those of version 1."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind = line.split()[:3]
        if kind == "cgroup2":
            return pathlib.Path(where)
    raise LabError("no cgroup2 file system is mounted, and systemd needs one.")


class CleanMachine:
    def __init__(self, root, namespace):
        self.root, self.namespace = root, namespace
        self.group = unified_cgroups() / f"arpad-package-{os.getpid()}"
        self.group.mkdir()
        self.keeper = None
        try:
            self._boot()
        except BaseException:
            self.remove()
            raise

    def _boot(self):
        enter = f'echo $$ >{self.group}/cgroup.procs && exec "$@"'
        self.keeper = self.namespace.start(
            "sh", "-c", enter, "sh", "unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts",
            "--ipc", "--cgroup", BOOT, self.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + BOOT_SECONDS
        while (state := self._state()) not in ("running", "degraded"):
            if self.keeper.poll() is not None:
                raise LabError(f"systemd ended: {self.keeper.stdout.read().decode()}")
            if time.monotonic() > deadline:
                raise LabError(f"systemd had not booted after {BOOT_SECONDS} s: {state}")
            time.sleep(0.1)

    def _first(self):
        """The first process's id as we see it, or None while there is none."""
        keeper = self.keeper.pid
        try:
            children = pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def _state(self):
        if self._first() is None:
            return "not started"
        done = self.run("systemctl", "is-system-running", check=False)
        return done.stdout.strip() or done.stderr.strip()

    def command(self, *words):
        return ["nsenter", f"--target={self._first()}", "--all", "--root", "--wd", *ENVIRONMENT,
                *map(str, words)]

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def apt(self, *words, check=True):
        """apt-get inside, with this machine's network instead of the namespace's."""
        kinds = ("--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd")
        return run("nsenter", f"--target={self._first()}", *kinds, *ENVIRONMENT, *PROXIES, "apt-get",
                   "--yes", "--no-install-recommends", *words, check=check, timeout=APT_SECONDS)

    def show(self, unit, *names):
        """Properties of a unit: their values in that order."""
        told = self.run("systemctl", "show", unit, *(f"--property={name}" for name in names)).stdout
        values = dict(line.split("=", 1) for line in told.splitlines())
        return [values[name] for name in names]

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}").stdout

    def remove(self):
        if self.keeper is not None:
            self.keeper.send_signal(signal.SIGKILL)
            self.keeper.wait()
        deadline = time.monotonic() + 20
        groups = sorted(self.group.glob("**/"), key=lambda path: -len(path.parts))
        for group in groups:  # once their last process is gone
            while True:
                try:
                    group.rmdir()
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
