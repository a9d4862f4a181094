# SPDX-License-Identifier: BSD-3-Clause
"""The set test: clients, a fault, a restart, everything read back; again and again on one store."""

import errno
import random
import signal
import subprocess
import time

import disk
import load
import readback
from lab.control import Control
from subject import Refused, Subject

CLIENTS = 4
PROBE = "10.200.0.1"  # of no client: set until that succeeds
DEATH_SECONDS = 20  # within which a load makes the calls to the disk that one is to die in
RECOVERY_SECONDS = 20  # within which changes are taken again when the disk is well


class Lost(Exception):
    """What was acknowledged is not there, what was refused is, or something is there half."""


class SetTest:
    """One arpad and its clients' memory. Every fault method is a round, and raises Lost."""

    def __init__(self, seed, shim=False, window=64, kinds="all", subject=None):
        self.random = random.Random(seed)
        self.subject = subject or Subject(shim=shim)
        self.window, self.kinds, self.clients = window, kinds, []
        self.state, self.sequence, self.numbers = {}, 0, 0
        self.acknowledged = self.unanswered = self.refused = self.kept = 0

    def open(self):
        self.subject.start()
        with self.subject.connect() as control:
            control.call("zone.add", zone=load.ZONE)
            self.state, self.sequence = readback.state_of(control)
        return self

    def close(self):
        self.subject.remove()

    # ---- A round ----

    def begin(self, limit=None, count=CLIENTS):
        self.clients = []
        for number in range(count):
            client = load.Client(self.subject.socket, number, {}, random.Random(
                self.random.random()), self.window, self.kinds, limit)
            mine = {key: value for key, value in self.state.items() if client.owns(key)}
            client.before, client.model = dict(mine), dict(mine)
            self.numbers += 1
            client.serial = self.numbers * 1000000
            self.clients.append(client)
        for client in self.clients:
            client.start()
        for client in self.clients:
            while client.is_alive() and not client.answered.wait(0.05):
                pass

    def end(self):
        """The clients end by themselves, or since arpad is gone."""
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(120)
            if client.is_alive():
                raise Lost("a client still waits for its answers")

    def check(self, may_refuse=False):
        """Reads everything back and compares; what is there is the next round's beginning."""
        with Control(self.subject.socket, 60) as control:
            observed, sequence = self._read(control)
        highest = max([self.sequence, *(client.sequence for client in self.clients)])
        if sequence < highest:
            raise Lost(f"the sequence number is {sequence}, and {highest} was acknowledged")
        for client in self.clients:
            if client.faults and not may_refuse:
                raise Lost(f"refused without a reason: {client.faults[0]}")
            fault = client.compare(observed)
            if fault:
                raise Lost(fault)
            self._count(client)
        strangers = [key for key in observed if key not in (load.ZONE, PROBE)
                     and not any(client.owns(key) for client in self.clients)]
        if strangers or load.ZONE not in observed:
            raise Lost(f"nobody made {strangers[:3]}, or {load.ZONE} is gone")
        self._check_dns(observed)
        self.state, self.sequence = observed, sequence

    @staticmethod
    def _read(control):
        try:
            return readback.state_of(control)
        except readback.ReadFailed as failed:
            raise Lost(f"not all can be read: {failed}") from failed

    def _count(self, client):
        for operation in client.operations:
            self.acknowledged += operation.outcome is True
            self.refused += operation.outcome is False
            self.unanswered += operation.outcome is None
        self.kept += client.visible_unanswered

    def _check_dns(self, observed):
        asked = {key for key in (*observed, *self.state) if "/" not in key}
        asked = sorted(asked)
        if len(asked) > readback.SAMPLE:
            asked = self.random.sample(asked, readback.SAMPLE)
        fault = readback.disagreement(self.subject.port, observed, asked)
        if fault:
            raise Lost(fault)

    def restart(self):
        try:
            self.subject.start()
        except Refused as refused:
            raise Lost(f"arpad does not start again: {refused}") from refused

    def said(self):
        return (f"{self.acknowledged} acknowledged, {self.refused} refused, {self.unanswered} "
                f"unanswered of which {self.kept} were kept")

    # ---- Faults ----

    def kill(self, least=0.01, most=0.4):
        """SIGKILL at any moment."""
        self.begin()
        time.sleep(self.random.uniform(least, most))
        self.subject.kill()
        self.end()
        self.restart()
        self.check()

    def kill_in_operation(self):
        """SIGKILL inside one of the next calls that change the disk, half of a write done."""
        self._begin_to_die()
        self.restart()
        self.check()

    def kill_in_stop(self):
        """The same while it stops, when the log goes into LMDB."""
        self._stop_to_die()
        self.restart()
        self.check()

    def power_cut_in_stop(self):
        self._stop_to_die()
        self.subject.cut_power(self._chance())
        self.restart()
        self.check()

    def _stop_to_die(self):
        self.begin()
        time.sleep(self.random.uniform(0.01, 0.2))
        self.end()
        self._die_soon(200)
        self.subject.signal(signal.SIGTERM)
        self.subject.process.wait(60)
        self.subject.control.clear()

    def _die_soon(self, most):
        control = self.subject.control
        control.set(moment=self.random.choice((disk.BEFORE, disk.HALF, disk.AFTER)),
                    kill_at=control.operations + int(most ** self.random.random()))

    def _begin_to_die(self):
        self._die_soon(600)
        self.begin()
        try:
            self.subject.process.wait(DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            faults = [client.faults[-1] for client in self.clients if client.faults]
            raise Lost(f"arpad changes nothing any more: {faults[:1]}; its log: "
                       f"{self.subject.log()[-1000:]}") from None
        self.end()
        self.subject.control.clear()

    def power_cut(self, sync=disk.HONEST, late_ms=0):
        """The process dies in a call to the disk, and what was not synced is kept by chance."""
        self.subject.control.set(sync=sync, late_ms=late_ms)
        self._begin_to_die()
        self.subject.cut_power(self._chance())
        self.restart()
        self.check()

    def _chance(self):
        share = self.random.choice((0.0, 0.1, 0.5, 0.9, 1.0))

        def choose(count):
            if count == 1 or self.random.random() >= share:
                return 0
            return self.random.randrange(1, count)
        return choose

    def stop_and_go(self, seconds=5.0):
        """SIGSTOP, and SIGCONT later: nobody loses anything, and nobody is refused."""
        self.begin()
        time.sleep(0.1)
        self.subject.signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.subject.signal(signal.SIGCONT)
        time.sleep(0.1)
        self.end()
        if any(each.outcome is None for client in self.clients for each in client.operations):
            raise Lost("a request was never answered")
        self.check()

    def disk_fault(self, **errors):
        """Calls fail for a while; then all goes on without a restart, and survives kill -9 too."""
        self.begin()
        time.sleep(0.1)
        self.subject.control.set(**errors)
        self.refuse_and_recover(lambda: None, self.subject.control.clear)

    def refuse_and_recover(self, hurt, heal, seconds=0.5):
        hurt()
        time.sleep(seconds)
        refusals = sum(len(client.faults) for client in self.clients)
        heal()
        self.end()
        if not self.subject.running:
            raise Lost(f"arpad ended: {self.subject.log()}")
        if refusals == 0:
            raise Lost("the fault was not seen by any client")
        self._await_recovery()
        self.check(may_refuse=True)
        self.subject.kill()
        self.restart()
        with Control(self.subject.socket, 60) as control:
            observed, sequence = readback.state_of(control)
        if observed != self.state or sequence < self.sequence:
            raise Lost(load.difference(self.state, observed, 0))

    def _await_recovery(self):
        deadline = time.monotonic() + RECOVERY_SECONDS
        with Control(self.subject.socket, 30) as control:
            while True:
                name = f"again-{self.random.randrange(1 << 40):x}.example.net."
                reply = control.call("ptr.set", address=PROBE, name=name)
                if "result" in reply:
                    break
                if time.monotonic() > deadline:
                    raise Lost(f"it did not recover by itself: {reply['error']}")
                time.sleep(0.1)

    def write_error(self, number=errno.EIO):
        self.disk_fault(write_error=number)

    def sync_error(self, number=errno.EIO):
        self.disk_fault(sync_error=number)

    def kill_in_fault(self):
        """kill -9 while syncs fail: what was refused for that is not there at the next start."""
        self.begin()
        time.sleep(0.05)
        self.subject.control.set(sync_error=errno.EIO)
        time.sleep(self.random.uniform(0.02, 0.2))
        self.subject.kill()
        self.subject.control.clear()
        self.end()
        self.restart()
        self.check(may_refuse=True)

    def read_only(self):
        self.disk_fault(write_error=errno.EROFS, sync_error=errno.EROFS)

    def no_space(self):
        self.disk_fault(write_error=errno.ENOSPC)

