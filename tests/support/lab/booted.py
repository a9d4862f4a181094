# SPDX-License-Identifier: BSD-3-Clause
"""A systemd that is process 1 of namespaces of its own, in a lab's network: real units, really started.

It sees this machine's files but for /run, /var/lib, /usr/local and a copy of /etc, which are empty or its own.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from .machine import LabError, die_with_parent, run

BOOT_SECONDS = 30
CGROUPS = pathlib.Path("/sys/fs/cgroup")
CONTROLLERS = ("devices", "memory", "pids")  # of the old hierarchy: what units of ours ask for

INNER = """\
set -e
mount --make-rprivate /
mount -t proc proc /proc
umount -R /sys/fs/cgroup
{cgroups}
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/systemd/system
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /usr/local
mount -t tmpfs -o mode=755 tmpfs /mnt
cp -a /etc/. /mnt/
mount --bind /mnt /etc
cp -a {files}/. /
exec env -i container=lxc PATH="$PATH" /lib/systemd/systemd --system --unit=lab.target \\
    --log-target=console --show-status=no
"""

OLD = """\
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
for name in {controllers}; do
    mkdir /sys/fs/cgroup/$name
    mount -t cgroup -o $name cgroup /sys/fs/cgroup/$name
done
mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
"""
NEW = "mount -t cgroup2 cgroup2 /sys/fs/cgroup\n"


def _hierarchies():
    """Where the cgroups of a container go, and how it mounts them."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS], NEW
    present = [name for name in CONTROLLERS if (CGROUPS / name).is_dir()]
    if not (CGROUPS / "systemd").is_dir() or not (CGROUPS / "unified").is_dir():
        return [], ""
    return ([CGROUPS / name for name in (*present, "systemd", "unified")],
            OLD.format(controllers=" ".join(present)))


def why_not():
    """None when a systemd can be booted here, else the reason."""
    if not os.path.exists("/lib/systemd/systemd"):
        return "there is no systemd on this machine"
    return None if _hierarchies()[0] else "this machine has no cgroups that systemd can use"


class Booted:
    """`files` are copied over the root: names, from the root on, to their contents."""

    def __init__(self, namespace, files):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="arpad-boot-"))
        self.directory.chmod(0o755)
        self.log_path = self.directory / "systemd.log"
        self.cgroups = []
        self.process = self.pid = None
        self._write_files(files)
        try:
            self._boot(namespace)
        except BaseException:
            self.remove()
            raise

    def _write_files(self, files):
        root = self.directory / "root"
        for name, contents in {"run/systemd/system/lab.target": "[Unit]\nDefaultDependencies=no\n",
                               **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(contents, pathlib.Path):
                shutil.copy(contents, path)
            else:
                path.write_text(contents)
                path.chmod(0o644)

    def _boot(self, namespace):
        hierarchies, mounts = _hierarchies()
        name = f"arpad-lab-{self.directory.name}"
        self.cgroups = [hierarchy / name for hierarchy in hierarchies]
        inner = self.directory / "inner.sh"
        inner.write_text(INNER.format(cgroups=mounts, files=self.directory / "root"))
        enter = " && ".join([f"mkdir {cgroup} && echo $$ > {cgroup}/cgroup.procs" for cgroup in self.cgroups])
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                namespace.command("sh", "-c", f"{enter} && exec unshare --mount --pid --fork --uts --ipc "
                                              f"--cgroup --kill-child sh {inner}"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline:
            self.pid = self._init()
            if self.pid and self.run("systemctl", "is-active", "lab.target", check=False).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise LabError(f"no systemd came up. It said:\n{self.log()}")

    def _init(self):
        """The process that is number 1 inside, once it is systemd."""
        try:
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
            child = int(children.split()[0])
            return child if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd" else None
        except (OSError, IndexError, ValueError):
            return None

    def run(self, *words, **options):
        return run("nsenter", f"--target={self.pid}", "--root", "--mount", "--pid", "--net", "--ipc", *words, **options)

    def show(self, unit, name):
        """A unit's property."""
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()

    def outer_pid(self, inner):
        """What a process of the inside is called here."""
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                words = next(line for line in status.read_text().splitlines() if line.startswith("NSpid:")).split()
                if words[-1] == str(inner) and len(words) > 2 and os.stat(
                        f"{status.parent}/ns/pid").st_ino == os.stat(f"/proc/{self.pid}/ns/pid").st_ino:
                    return int(status.parent.name)
            except (OSError, StopIteration):
                continue
        raise LabError(f"no process {inner} inside")

    def log(self):
        return self.log_path.read_text(errors="replace")

    def remove(self):
        if self.pid:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process:
            self.process.kill()
            self.process.wait(20)
        for cgroup in self.cgroups:
            self._remove_cgroup(cgroup)
        shutil.rmtree(self.directory, ignore_errors=True)

    @staticmethod
    def _remove_cgroup(cgroup):
        """The last process may take a moment to be gone."""
        deadline = time.monotonic() + 10
        while cgroup.exists() and time.monotonic() < deadline:
            for folder, _, _ in os.walk(cgroup, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    time.sleep(0.05)
