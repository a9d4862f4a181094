# SPDX-License-Identifier: BSD-3-Clause
"""Runs a program under the limits of a systemd unit, without systemd: for tests on any machine.

unit_limits.py UNIT USER WRITABLE PROGRAM ARGUMENT... What it applies: CapabilityBoundingSet,
AmbientCapabilities, NoNewPrivileges, LimitMEMLOCK, LimitNOFILE, UMask, ProtectSystem=strict (all but
WRITABLE is read only), SystemCallFilter with SystemCallErrorNumber, RestrictAddressFamilies and
MemoryDenyWriteExecute. A key that it does not know and that could refuse something is in IGNORED.
"""

import ctypes
import errno
import os
import pwd
import resource
import socket
import subprocess
import sys

# What names, orders or hides something, or is about a kind of call that the filter refuses anyway.
IGNORED = {
    "Description", "Documentation", "After", "Before", "Wants", "StartLimitIntervalSec", "Type", "ExecStartPre",
    "ExecStart", "ExecReload", "WatchdogSec", "Restart", "RestartSec", "Environment", "PrivateDevices", "BindPaths",
    "RootDirectory", "MountAPIVFS", "BindReadOnlyPaths", "User", "Group", "StateDirectory", "StateDirectoryMode", "RuntimeDirectory",
    "RuntimeDirectoryMode", "ProtectHome", "ProtectProc", "PrivateTmp", "PrivateMounts",
    "ProtectClock", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
    "ProtectKernelTunables", "ProtectControlGroups", "RestrictNamespaces", "RestrictRealtime",
    "RestrictSUIDSGID", "LockPersonality", "RemoveIPC", "SystemCallArchitectures", "DevicePolicy",
    "DeviceAllow", "WantedBy"}
APPLIED = {
    "CapabilityBoundingSet", "AmbientCapabilities", "NoNewPrivileges", "LimitMEMLOCK", "LimitNOFILE",
    "UMask", "ProtectSystem", "SystemCallFilter", "SystemCallErrorNumber", "RestrictAddressFamilies",
    "MemoryDenyWriteExecute"}

ALLOW, ERRNO, EQUAL, MASKED_EQUAL = 0x7fff0000, 0x00050000, 4, 7
CLONE_NEWNS, AF_XDP, FAMILIES = 0x20000, 44, 46
PROT_WRITE, PROT_EXEC = 2, 4


def read_unit(path):
    """Key to the list of its values."""
    keys = {}
    for line in open(path, encoding="ascii"):
        name, equals, value = line.strip().partition("=")
        if equals and not line.startswith("#"):
            keys.setdefault(name, []).append(value)
    unknown = set(keys) - IGNORED - APPLIED
    if unknown:
        raise ValueError(f"unknown keys: {unknown}")
    return keys


def call_names(word):
    """The system calls of a group (@name) or of one name."""
    if not word.startswith("@"):
        return {word}
    shown = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", word], check=True,
                           capture_output=True, text=True).stdout
    words = [line.strip() for line in shown.splitlines()[1:] if line.strip()]
    return set().union(*(call_names(word) for word in words if not word.startswith("#")))


def allowed_calls(lines):
    """As systemd reads them: in order, '~' takes away. What it allows in any case is added."""
    calls = call_names("@default") | {"execve"}
    for line in lines:
        names = set().union(*(call_names(word) for word in line.lstrip("~").split()))
        calls = calls - names if line.startswith("~") else calls | names
    return calls


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int),
                ("first", ctypes.c_uint64), ("second", ctypes.c_uint64)]


class Filter:
    def __init__(self, otherwise):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action, name, *comparisons):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # not of this machine
        array = (Comparison * max(len(comparisons), 1))(*comparisons)
        done = self.library.seccomp_rule_add_array(
            self.context, ctypes.c_uint32(action), number, len(comparisons), array)
        if done:
            raise OSError(-done, f"rule for {name}")

    def load(self):
        done = self.library.seccomp_load(self.context)
        if done:
            raise OSError(-done, "seccomp_load")


def family_number(name):
    return AF_XDP if name == "AF_XDP" else int(getattr(socket, name))


def load_filters(keys):
    calls = Filter(ERRNO | getattr(errno, keys["SystemCallErrorNumber"][0]))
    for name in sorted(allowed_calls(keys["SystemCallFilter"])):
        calls.add(ALLOW, name)
    calls.load()
    families = Filter(ALLOW)
    listed = map(family_number, " ".join(keys["RestrictAddressFamilies"]).split())
    for number in set(range(FAMILIES)) - set(listed):
        families.add(ERRNO | errno.EAFNOSUPPORT, "socket", Comparison(0, EQUAL, number, 0))
    families.load()
    memory = Filter(ALLOW)
    both = PROT_WRITE | PROT_EXEC
    memory.add(ERRNO | errno.EPERM, "mmap", Comparison(2, MASKED_EQUAL, both, both))
    memory.add(ERRNO | errno.EPERM, "mprotect", Comparison(2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC))
    memory.load()


def protect_system(writable):
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for words in (["--make-rprivate", "/"], ["--bind", writable, writable],
                  ["-o", "remount,bind,ro", "/"]):
        subprocess.run(["mount", *words], check=True)


def lock_memory():
    """LimitMEMLOCK=infinity; where even root may not raise it, the capability that stands above it."""
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    except ValueError:
        return ["CAP_IPC_LOCK"]
    return []


def main(unit, user, writable, *command):
    keys = read_unit(unit)
    if user != "-":  # the outer half, as root
        about = pwd.getpwnam(user)
        protect_system(writable)
        capability_for_memory = lock_memory()
        files = min(int(keys["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        os.umask(int(keys["UMask"][0], 8))
        bounding, ambient = (
            ",".join("+" + name.removeprefix("CAP_").lower()
                     for name in keys[key][0].split() + capability_for_memory)
            for key in ("CapabilityBoundingSet", "AmbientCapabilities"))
        os.execvp("setpriv", [
            "setpriv", f"--reuid={about.pw_uid}", f"--regid={about.pw_gid}", "--clear-groups",
            f"--bounding-set=-all,{bounding}", f"--inh-caps=-all,{ambient}",
            f"--ambient-caps=-all,{ambient}", "--no-new-privs",
            sys.executable, "-B", __file__, unit, "-", writable, *command])
    load_filters(keys)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
