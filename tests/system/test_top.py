# SPDX-License-Identifier: BSD-3-Clause
"""arpactl top, runtime and stats --since beside dnsperf, on terminals of all sizes, over a restart."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import tap
from lab import machine, oracle, zonedata
from lab.daemon import Arpad
from lab.message import Client
from lab.namespaces import SERVER_4, Pair

RATE = 2000  # queries/s; what is asserted is how many, not how fast
LOAD_SECONDS = 4
RECORDS = 1000
SECONDS = 60  # for what must come some time


class Terminal:
    """A program on a terminal of its own, and what that shows: enough of ECMA-48 for arpactl."""

    def __init__(self, command, rows, columns, kind="xterm"):
        self.shown, self.raw = [], b""
        child, self.fd = pty.fork()
        if child == 0:
            os.environ.update({"TERM": kind, "NO_COLOR": "1"})
            os.read(0, 1)  # until all is set
            os.execv(command[0], command)
        self.child, self.status = child, None
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.fd)
        self.type("\n")

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.shown = [""] * rows
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def _draw(self, octets):
        for row, text in re.findall(rb"\033\[(\d+);1H\033\[K([^\033]*)", octets):
            assert int(row) <= self.rows and len(text) <= self.columns, (row, text)
            self.shown[int(row) - 1] = text.decode("ascii")

    def read(self, seconds):
        """Takes what comes within the time, at most; False when the program has ended."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.fd, 1 << 16)
        except OSError:
            got = b""
        self.raw += got
        return bool(got)

    def page(self, wanted, seconds=SECONDS):
        """Waits until a whole page has this somewhere, and returns its lines."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            alive = self.read(0.2)
            end = self.raw.rfind(b"\033[J")
            if end >= 0:
                text, self.raw = self.raw[:end], self.raw[end + 3:]
                for page in text.split(b"\033[J"):
                    try:
                        self._draw(page)
                    except AssertionError:  # drawn before it knew of the new size
                        continue
                    if re.search(wanted, "\n".join(self.shown)):
                        return self.shown
            if not alive:
                break
        raise AssertionError(f"{wanted} did not come; there is\n" + "\n".join(self.shown))

    def wait(self):
        """The exit status, when all that it printed is there."""
        deadline = time.monotonic() + SECONDS
        while self.read(0.2) and time.monotonic() < deadline:
            pass
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        return self.status

    def close(self):
        if self.status is None:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.fd)


class Top(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.arpad = Arpad(cls.pair)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        addresses = list(zonedata.zone_4(RECORDS))
        zonedata.write_zone(cls.arpad.directory / "zone", addresses)
        cls.arpad.ctl("zone", "import", zonedata.ZONE_4, cls.arpad.directory / "zone")
        cls.queries = cls.arpad.directory / "queries"
        zonedata.write_queries(cls.queries, addresses)

    def load(self, seconds=LOAD_SECONDS):
        return oracle.Dnsperf(self.pair, SERVER_4, self.queries, seconds, RATE)

    def top(self, *words, rows=24, columns=80, kind="xterm"):
        terminal = Terminal(self.arpad.ctl_command("top", *words), rows, columns, kind)
        self.addCleanup(terminal.close)
        return terminal


class Rates(Top):
    def intervals(self, output, before=None):
        """Lines of NDJSON until one whose interval began after `before` (ms since 1970)."""
        for line in output:
            interval = json.loads(line)
            yield interval
            if before is not None and interval["time_ms"] - 1000 * interval["seconds"] > before:
                return

    def test_what_top_shows_is_what_dnsperf_asked(self):
        command = self.arpad.ctl_command("top", "-o", "ndjson")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as top:
            self.addCleanup(top.kill)
            first = json.loads(top.stdout.readline())
            self.assertTrue(first["known"])
            run = self.load()
            intervals = list(self.intervals(top.stdout, 1000 * time.time()))
            top.send_signal(signal.SIGINT)
            self.assertEqual(top.wait(SECONDS), 0)
        asked = sum(i["queries"] * i["seconds"] for i in intervals)
        by_worker = sum(i["workers"][0]["packets"] * i["seconds"] for i in intervals)
        answered = sum(i["outcomes"]["answered"] * i["seconds"] for i in intervals)
        print(f"# dnsperf {run.sent} at {run.rate:.0f}/s; top {asked:.0f}, at most "
              f"{max(i['queries'] for i in intervals):.0f}/s")
        self.assertEqual(run.lost, 0)
        self.assertAlmostEqual(asked, run.sent, delta=1)
        self.assertGreaterEqual(round(by_worker), run.sent)  # and what the kernel sends
        self.assertGreater(answered, 0.5 * run.sent)
        self.assertLessEqual(max(i["answered_ratio"] for i in intervals), 1)
        # Somewhere in it the rate is dnsperf's: an average can't be above all that it is of.
        self.assertGreater(max(i["queries"] for i in intervals), 0.5 * run.rate)
        busy = [i["workers"][0]["busy_ratio"] for i in intervals]
        self.assertTrue(all(0 <= share <= 1 for share in busy), busy)

    def test_runtime_and_what_changed(self):
        saved = self.arpad.directory / "before"
        saved.write_text(self.arpad.ctl("-j", "stats").stdout)
        run = self.load(2)
        changed = json.loads(self.arpad.ctl("-j", "stats", "--since", saved).stdout)
        counters = changed["counters"]
        self.assertFalse(changed["restarted"])
        self.assertEqual(sum(counters[f"outcome.{name}"]["growth"]
                             for name in ("answered", "nxdomain")
                             if f"outcome.{name}" in counters), run.sent)
        self.assertGreaterEqual(counters["steer.vs.redirected"]["growth"], run.sent)
        self.assertNotIn("outcome.refused", counters)
        growth = counters["worker.0.received"]
        self.assertAlmostEqual(growth["per_second"] * changed["seconds"], growth["growth"],
                               delta=1)
        text = self.arpad.ctl("stats", "--since", saved).stdout
        self.assertRegex(text, r"(?m)^outcome\.answered \d+ [\d.]+/s$")
        self.assertRegex(self.arpad.ctl("stats", "--since", "1").stdout, r"^seconds 1\.")
        runtime = self.arpad.ctl("runtime").stdout.splitlines()
        self.assertRegex(runtime[0], r"^in [\d.]+ s: \d+ queries/s, ")
        self.assertEqual(runtime[1].split()[:3], ["0", "vs", "0"])
        self.assertEqual(len(json.loads(self.arpad.ctl("-j", "runtime").stdout)["workers"]), 1)

    def test_what_can_not_be_compared(self):
        for text in ("", "[]", "{\"outcomes\":{}}"):
            (self.arpad.directory / "bad").write_text(text)
            done = self.arpad.ctl("stats", "--since", self.arpad.directory / "bad", check=False)
            self.assertIn(done.returncode, (1, 2))
            self.assertIn("arpactl -j stats", done.stderr)
        for words in (("--since", "0"), ("--since", "99999999999"), ("--since", "/nonexistent")):
            self.assertIn(self.arpad.ctl("stats", *words, check=False).returncode, (1, 2), words)
        for words in (("-n", "0"), ("-d", "0"), ("--view", "4"), ("-d", "x")):
            self.assertEqual(self.arpad.ctl("top", *words, check=False).returncode, 2, words)


class Screens(Top):
    def test_views_keys_and_sizes(self):
        top = self.top()
        page = top.page(r"(?s)ready\n.*WORKER PORT/QUEUE.*\[1 server\]")
        self.assertEqual(len(page), 24)
        self.assertTrue(page[0].startswith("arpad "), page)
        self.assertTrue(page[23].endswith("q quit"), page)
        top.page(r"queries +\d+/s")
        top.type("3")
        top.page(r"(?s)ZONE +SERIAL.*198\.18\.0\.0/16 +1 .*\[3 zones\]")
        top.type("\t")
        top.page(r"\[1 server\]")
        top.type("2")
        top.page(r"\[2 traffic\]")
        for rows, columns in ((40, 120), (60, 200), (12, 40), (3, 20), (1, 1), (24, 80)):
            top.resize(rows, columns)
            os.kill(top.child, signal.SIGWINCH)  # a second one does no harm
            page = top.page({24: r"\[2 traffic\]", 12: "ready", 3: "queries", 1: "."}
                            .get(rows, r"\[2 traffic\]"))
            self.assertLessEqual(max(map(len, page)), columns)
        top.type("\033[B\033[A\033[6~\033[5~jk \033[15~x")  # arrows, and keys that mean nothing
        top.page(r"\[2 traffic\]")
        before = [self.mode(top.before[3])]
        top.type("q")
        self.assertEqual(top.wait(), 0)
        self.assertIn(b"\033[?1049l", top.raw)
        self.assertEqual([self.mode(termios.tcgetattr(top.fd)[3])], before)

    @staticmethod
    def mode(flags):
        return flags & (termios.ICANON | termios.ECHO | termios.ISIG)

    def test_an_interrupt_and_a_signal_give_the_terminal_back(self):
        for end in (lambda top: top.type("\x03"), lambda top: os.kill(top.child, signal.SIGTERM)):
            top = self.top()
            top.page("ready")
            end(top)
            self.assertEqual(top.wait(), 0)
            self.assertIn(b"\033[?25h\033[?1049l", top.raw)
            self.assertEqual(self.mode(termios.tcgetattr(top.fd)[3]), self.mode(top.before[3]))

    def test_a_dumb_terminal_and_no_terminal_get_lines(self):
        top = self.top("-n", "1", kind="dumb", rows=24, columns=60)
        self.assertEqual(top.wait(), 0)
        self.assertNotIn(b"\033", top.raw)
        self.assertRegex(top.raw.decode(), r"(?m)^ready\r?$")
        self.assertLessEqual(max(map(len, top.raw.decode().splitlines())), 60)
        for view, wanted in (("1", "WORKER PORT/QUEUE"), ("2", "arpad "), ("3", "198.18.0.0/16")):
            text = self.arpad.ctl("top", "-b", "-n", "1", "--view", view).stdout
            self.assertIn(wanted, text)
            self.assertNotIn("\033", text)
            self.assertNotIn("q quit", text)

    def test_pages_as_many_as_asked(self):
        text = self.arpad.ctl("top", "-b", "-n", "2").stdout
        self.assertEqual(len(re.findall(r"(?m)^arpad .*, pid \d+, up ", text)), 2)
        lines = self.arpad.ctl("top", "-o", "ndjson", "-n", "2").stdout.splitlines()
        self.assertEqual([json.loads(line)["known"] for line in lines], [True, True])

    def test_drain_is_shown(self):
        top = self.top()
        top.page("ready")
        self.arpad.ctl("drain")
        self.addCleanup(self.arpad.ctl, "undrain", check=False)
        top.page("DRAINING")
        self.arpad.ctl("undrain")
        top.page("(?m)^ready$")


class Restart(Top):
    def test_top_goes_on_over_a_restart(self):
        saved = self.arpad.directory / "before"
        saved.write_text(self.arpad.ctl("-j", "stats").stdout)
        client = Client(self.pair, SERVER_4)
        self.addCleanup(client.close)
        client.ask(zonedata.arpa(zonedata.address_4(1)))
        top = self.top()
        top.page("(?m)^ready$")
        self.arpad.stop()
        top.page("NO ANSWER for .*: arpad is not running; what is below is old")
        self.assertEqual(self.arpad.ctl("top", "-b", check=False).returncode, 3)
        self.arpad.start()
        top.page(r"ready; was restarted while you look")
        top.page(r"queries +\d+/s")
        top.type("q")
        self.assertEqual(top.wait(), 0)
        client.ask(zonedata.arpa(zonedata.address_4(1)))
        done = self.arpad.ctl("-j", "stats", "--since", saved)
        self.assertIn("restarted since then", done.stderr)
        changed = json.loads(done.stdout)
        self.assertTrue(changed["restarted"])
        self.assertEqual(changed["counters"]["outcome.answered"]["growth"], 1)

    def test_batch_says_that_it_is_gone(self):
        command = self.arpad.ctl_command("top", "-b")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as top:
            self.addCleanup(top.kill)
            self.assertTrue(top.stdout.readline().startswith("arpad "))
            self.arpad.stop()
            self.assertTrue(any("NO ANSWER: arpad is not running" in line for line in top.stdout))
            top.send_signal(signal.SIGTERM)
            self.assertEqual(top.wait(SECONDS), 3)
        self.arpad.start()


if __name__ == "__main__":
    sys.exit(tap.main())
