# SPDX-License-Identifier: BSD-3-Clause
"""Judges that we did not write: ldns for every reply, dnsperf for losses."""

import re
import tempfile

from . import machine


def ldns_complaints(messages):
    """What ldns says against these messages; an empty string when it can read them all."""
    done = machine.run(machine.LDNS_DECODE, input="".join(m.hex() + "\n" for m in messages),
                       check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


class DnsperfText:
    """The figures in what a whole run of dnsperf prints; with -v also every reply's latency."""

    def __init__(self, text):
        self.latencies = [float(found) for found in
                          re.findall(r"^> \w+ \S+ \S+ (\d+\.\d+)$", text, re.M)]
        self.text = text[max(text.find("Statistics:"), 0):]
        self.sent = int(self._find(r"Queries sent:\s+(\d+)"))
        self.completed = int(self._find(r"Queries completed:\s+(\d+)"))
        self.lost = int(self._find(r"Queries lost:\s+(\d+)"))
        self.rate = float(self._find(r"Queries per second:\s+([\d.]+)"))
        self.latency = float(self._find(r"Average Latency \(s\):\s+([\d.]+)"))
        self.rcodes = self._find(r"Response codes:\s+(.*)")

    def _find(self, pattern):
        found = re.search(pattern, self.text)
        if not found:
            raise machine.LabError(f"dnsperf gave no figures:\n{self.text}")
        return found.group(1)


class Dnsperf(DnsperfText):
    """One bounded run and its figures."""

    def __init__(self, pair, server, queries, seconds, rate=None, clients=4, cpus=None, verbose=False):
        words = ["dnsperf", "-s", server, "-d", queries, "-l", seconds, "-c", clients, "-T", 1]
        if ":" in server:
            words += ["-f", "inet6"]
        if rate is not None:
            words += ["-Q", rate]
        if verbose:
            words += ["-v"]
        if cpus is not None:
            words = ["taskset", "-c", cpus, *words]
        # Into a file: to empty a pipe of a line a reply would take a processor from who is measured.
        with tempfile.TemporaryFile("w+") as out:
            done = pair.client.run(*words, timeout=seconds + 30, stdout=out)
            out.seek(0)
            super().__init__(out.read() or done.stderr)
