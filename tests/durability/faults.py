# SPDX-License-Identifier: BSD-3-Clause
"""Faults that need more than a round: a disk that is full, and every crash point of a commit."""

import ctypes
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

import crash_points as points
import load
from lab.machine import run
from rounds import SetTest
from subject import Subject

CLONE_NEWNS = 0x20000
ROOM_BYTES = 192 << 10  # that the full disk still had when the load began
FULL_SECONDS = 60  # within which a load that grows has used up all that was left


def own_mounts():
    """This process's mounts are its own from here on."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")


def resize(folder, octets):
    run("mount", "-o", f"remount,size={octets}", folder)


def used(folder):
    status = os.statvfs(folder)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def fill_disk(seed, rounds):
    """A tmpfs with hardly any room left, under load; then room again. Returns what was counted."""
    own_mounts()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="arpad-full-"))
    run("mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", folder)
    try:
        return "; ".join(_fill_store(seed + i, folder, folder / f"store{i}")
                         for i in range(rounds))
    finally:
        subprocess.run(["umount", str(folder)], check=False)
        folder.rmdir()


def _fill_store(seed, folder, store):
    """Full twice: when the store is new, and when what it keeps ready is larger."""
    store.mkdir()
    test = SetTest(seed, subject=Subject(store=store), window=256, kinds=("set", "grow", "unset"))
    try:
        test.open()
        for _ in range(2):
            resize(folder, used(folder) + ROOM_BYTES)
            test.begin()
            test.refuse_and_recover(lambda: _until_refused(test),
                                    lambda: resize(folder, 1 << 30))
        return f"twice full: {test.said()}"
    finally:
        test.close()
        shutil.rmtree(store)


def _until_refused(test):
    deadline = time.monotonic() + FULL_SECONDS
    while time.monotonic() < deadline and not any(client.faults for client in test.clients):
        time.sleep(0.02)


# ---- Crash points ----

HOSTS = 50


def _single(control):
    control.call("ptr.set", address="10.0.0.7", name="new.example.net.")


def _zone(control):
    control.call("zone.remove", zone="10.9.0.0/16")


# What, its request, and whether arpad stops then.
ACTS = (("one change", _single, False), ("a zone's removal", _zone, False),
        ("one change and a stop", _single, True))


def crash_points(seed, most=None):
    """Yields a sentence for each act; raises points.Broken. `most` images of each."""
    for name, act, stop in ACTS:
        with Subject(shim=True) as subject:
            yield f"{name}: {_crash_points_of(subject, act, stop, random.Random(seed), most)}"


def _crash_points_of(subject, act, stop, rng, most):
    subject.start()
    with subject.connect() as control:
        control.call("zone.add", zone=load.ZONE)
        control.call("zone.add", zone="10.9.0.0/16")
        for i in range(HOSTS):
            control.call("ptr.set", address=f"10.0.0.{i}", name=f"old{i}.example.net.")
            control.call("ptr.set", address=f"10.9.0.{i}", name=f"old{i}.example.net.")

    def acted():
        with subject.connect() as control:
            act(control)
    commit = points.Commit(subject, acted, stop)
    plans = commit.images(rng, most)
    for plan in plans:
        commit.try_image(*plan)
    return f"{len(commit.entries)} steps, {len(plans)} of {commit.possible} images opened"
