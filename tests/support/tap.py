# SPDX-License-Identifier: BSD-3-Clause
"""Runs a module's unittest cases and reports in TAP, with a time limit on each case.

Exit status: 0 all passed, 1 something failed, 77 every case was skipped (a machine without rights).
"""

import signal
import sys
import time
import unittest

from lab import machine

CASE_SECONDS = 120  # a case that needs more says so: case.seconds = N


class LabCase(unittest.TestCase):
    """A case that needs a lab; skipped where this machine allows none."""

    seconds = CASE_SECONDS

    @classmethod
    def setUpClass(cls):
        reason = machine.why_not()
        if reason:
            raise unittest.SkipTest(reason)


class _Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = self.failed = self.skipped_cases = 0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()
        signal.alarm(getattr(test, "seconds", CASE_SECONDS))

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)

    def _say(self, verdict, test, remark=""):
        self.count += 1
        # A subtest, or a whole class that could not be set up, has a name of another kind.
        case = getattr(test, "test_case", test)
        name = getattr(case, "_testMethodName", str(case)).removeprefix("test_").replace("_", " ")
        if case is not test:
            name += f": {test._message}"
        print(f"{verdict} {self.count} - {name}{remark}", flush=True)

    def _fail(self, test, error):
        self.failed += 1
        self._say("not ok", test)
        for line in self._exc_info_to_string(error, test).splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        print(f"# {time.monotonic() - self.started:.1f} s", flush=True)
        self._say("ok", test)

    def addFailure(self, test, err):
        self._fail(test, err)

    def addError(self, test, err):
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._fail(subtest, err)

    def addSkip(self, test, reason):
        self.skipped_cases += 1
        self._say("ok", test, f" # SKIP {reason}")


def _on_alarm(_number, _frame):
    raise TimeoutError("the case's time limit has passed")


def _on_term(_number, _frame):
    raise SystemExit(143)  # unwinds, so that labs are removed


def main():
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.signal(signal.SIGTERM, _on_term)
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = _Result()
    suite.run(result)
    print(f"1..{result.count}", flush=True)
    if result.failed or result.count == 0:
        return 1
    return 77 if result.skipped_cases == result.count else 0
