# SPDX-License-Identifier: BSD-3-Clause
"""System calls made by a thread of a running process, as one who took it over would make them.

The thread is stopped with ptrace(2), made to run one `syscall` instruction of the C library with our
registers, and put back where it was. x86-64 only; root only.
"""

import contextlib
import ctypes
import os
import re
import signal

ATTACH, DETACH, GETREGS, SETREGS, SINGLESTEP, SEIZE, INTERRUPT = 16, 17, 12, 13, 9, 0x4206, 0x4207
_WALL = 0x40000000
SYSCALL = b"\x0f\x05\xc3"  # syscall; ret: the C library is full of it

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in (
        "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi",
        "orig_rax", "rip", "cs", "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs")]


class Killed(Exception):
    """The process ended by this signal instead of returning from the call."""


def _ptrace(request, thread, address=None, data=None):
    if _libc.ptrace(request, thread, address, data) < 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def threads(pid):
    """Name to thread id."""
    return {open(f"/proc/{pid}/task/{thread}/comm", encoding="ascii").read().strip(): int(thread)
            for thread in os.listdir(f"/proc/{pid}/task")}


def _instruction(pid):
    """Where in the process's C library there is a `syscall`."""
    for line in open(f"/proc/{pid}/maps", encoding="ascii"):
        found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r-xp .*/libc\.so\.6$", line)
        if found:
            start, end = (int(word, 16) for word in found.groups())
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(start)
                at = memory.read(end - start).find(SYSCALL)
            if at >= 0:
                return start + at
    raise RuntimeError("no system call instruction in the C library")


def _wait_stop(thread):
    while True:
        _, status = os.waitpid(thread, _WALL)
        if os.WIFSTOPPED(status):
            return os.WSTOPSIG(status)
        raise Killed(signal.Signals(os.WTERMSIG(status)) if os.WIFSIGNALED(status)
                     else f"exit {os.WEXITSTATUS(status)}")


@contextlib.contextmanager
def held(thread):
    """The thread alone stands still, as one that a fault keeps from going on; then it goes on.

    By a child, for what is waited for is its tracer's; and a process that ends meanwhile is left to itself.
    """
    ready, ready_child = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _ptrace(SEIZE, thread)
            _ptrace(INTERRUPT, thread)
            os.waitpid(thread, _WALL)
            os.write(ready_child, b"1")
            signal.pause()
        finally:
            os._exit(1)
    os.close(ready_child)
    try:
        if os.read(ready, 1) != b"1":
            raise RuntimeError(f"thread {thread} can't be held")
        yield
    finally:
        os.close(ready)
        os.kill(child, signal.SIGKILL)  # its end lets the thread go
        os.waitpid(child, 0)


def call(pid, thread, number, *arguments):
    """What the system call returns: -errno where it fails. A bytes argument lies on the stack."""
    instruction = _instruction(pid)
    _ptrace(ATTACH, thread)
    _wait_stop(thread)
    saved, changed = Registers(), Registers()
    _ptrace(GETREGS, thread, None, ctypes.addressof(saved))
    ctypes.memmove(ctypes.addressof(changed), ctypes.addressof(saved), ctypes.sizeof(saved))
    place = saved.rsp - 4096  # beyond what the stopped function may use below its stack
    for register, argument in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), arguments):
        if isinstance(argument, bytes):
            with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
                memory.seek(place)
                memory.write(argument + b"\0")
            argument, place = place, place - 256
        setattr(changed, register, argument & (1 << 64) - 1)
    changed.rax, changed.rip = number, instruction
    changed.orig_rax = (1 << 64) - 1  # else the kernel would restart the call that we interrupted
    _ptrace(SETREGS, thread, None, ctypes.addressof(changed))
    _ptrace(SINGLESTEP, thread)
    stopped = _wait_stop(thread)
    if stopped != signal.SIGTRAP:
        _ptrace(DETACH, thread, None, stopped)
        raise Killed(signal.Signals(stopped))
    _ptrace(GETREGS, thread, None, ctypes.addressof(changed))
    _ptrace(SETREGS, thread, None, ctypes.addressof(saved))
    _ptrace(DETACH, thread)
    return ctypes.c_longlong(changed.rax).value
