# SPDX-License-Identifier: BSD-3-Clause
"""The register test: writers and readers of few addresses, over control socket and DNS, and kills.

Each has one request at a time and notes when it began and ended. Each address's history must be
linearizable: a value that was seen or acknowledged never gives way to an older one, by whatever way
it is asked for, before and after a restart.
"""

import random
import threading
import time

import load
import readback
import register
from rounds import Lost
from subject import Refused, Subject

ADDRESSES = 100
WRITERS, READERS = 16, 4


class Histories:
    def __init__(self):
        self.of = {f"10.0.0.{i}": [] for i in range(ADDRESSES)}
        self.addresses = sorted(self.of)

    def note(self, address, begin, end, value, writes):
        self.of[address].append(register.Operation(begin, end, value, writes))

    def check(self):
        for address, history in self.of.items():
            fault = register.violation(history)
            if fault:
                raise Lost(f"{address}: {fault}")

    def count(self):
        return sum(map(len, self.of.values()))


class Person(threading.Thread):
    """Writes, or reads by one of the two ways, until arpad is gone or it is told to stop."""

    def __init__(self, test, number, random_, step):
        super().__init__(daemon=True)
        self.test, self.number, self.random, self.step = test, number, random_, step
        self.count = 0
        self.done = threading.Event()

    def run(self):
        try:
            with self.test.subject.connect() as self.control:
                self.questions = readback.Questions(self.test.subject.port)
                self.questions.socket.settimeout(0.5)
                try:
                    while not self.test.stopping.is_set():
                        self.step(self, self.random.choice(self.test.histories.addresses))
                        self.done.set()
                finally:
                    self.questions.close()
        except (OSError, ValueError):
            pass  # arpad is gone

    def write(self, address):
        self.count += 1
        value = f"w{self.number}-{self.test.round}-{self.count}.example.net."
        begin, end = time.monotonic_ns(), float("inf")
        try:
            reply = self.control.call("ptr.set", address=address, name=value)
            if "error" in reply:
                raise Lost(f"a write was refused: {reply['error']}")
            end = time.monotonic_ns()
        finally:
            self.test.histories.note(address, begin, end, value, True)

    def show(self, address):
        begin = time.monotonic_ns()
        reply = self.control.call("ptr.show", address=address)
        value = reply["result"]["names"][0] if "result" in reply else None
        self.test.histories.note(address, begin, time.monotonic_ns(), value, False)

    def ask(self, address):
        begin = time.monotonic_ns()
        value = self.questions.name_of(address)
        self.test.histories.note(address, begin, time.monotonic_ns(), value, False)


class RegisterTest:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.subject, self.histories = Subject(), Histories()
        self.round = 0

    def run(self, rounds, seconds=0.5):
        """So many kills; the history goes on over them. Returns the count of operations."""
        try:
            self.subject.start()
            with self.subject.connect() as control:
                control.call("zone.add", zone=load.ZONE)
            for self.round in range(rounds):
                self._round(seconds * self.random.uniform(0.5, 1.5))
            self.histories.check()
            return self.histories.count()
        finally:
            self.subject.remove()

    def _round(self, seconds):
        self.stopping = threading.Event()
        steps = [Person.write] * WRITERS + [Person.show, Person.ask] * (READERS // 2)
        people = [Person(self, number, random.Random(self.random.random()), step)
                  for number, step in enumerate(steps)]
        for person in people:
            person.start()
        time.sleep(seconds)
        self.subject.kill()
        self.stopping.set()
        for person in people:
            person.join(30)
            if not person.done.is_set():
                raise Lost("one of the clients did nothing")
        try:
            self.subject.start()
        except Refused as refused:
            raise Lost(f"arpad does not start again: {refused}") from refused
        self._read_all()

    def _read_all(self):
        with self.subject.connect() as control:
            begin = time.monotonic_ns()
            state, _ = readback.state_of(control)
            end = time.monotonic_ns()
        for address in self.histories.addresses:
            self.histories.note(address, begin, end, state.get(address, (None,))[0],
                                False)
