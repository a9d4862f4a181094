# SPDX-License-Identifier: BSD-3-Clause
"""Much at once: imports of each format into an empty store, and the list of all."""

import os
import subprocess
import time

import files
import subjects
from lab import machine
from lab.machine import LabError


def imports(lab, number):
    for form in files.FORMATS:
        with files.Records(lab.records, form) as path:
            arpad = subjects.Arpad().start()
            try:
                began = time.monotonic()
                done = files.send(arpad.socket, path, form, subjects.ZONE)
                seconds = time.monotonic() - began
                if done["records"] < lab.records:
                    raise LabError(f"{done['records']} of {lab.records} records were imported")
                lab.keep(row=f"import-{form}", subject="arpad", round=number,
                         rate=lab.records / seconds, peak=arpad.run.peak_bytes(),
                         processor=arpad.run.processor() / lab.records * 1e6)
            finally:
                arpad.remove()


def listed(lab, number):
    """arpactl's NDJSON of all records, counted by their newlines."""
    arpad = lab.large()
    before = arpad.run.processor()
    began = time.monotonic()
    client = subprocess.Popen([machine.ARPACTL, "-s", arpad.socket, "-o", "ndjson", "ptr", "list"],
                              stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    lines = octets = 0
    while piece := os.read(client.stdout.fileno(), 1 << 20):
        lines += piece.count(b"\n")
        octets += len(piece)
    seconds = time.monotonic() - began
    client.stdout.close()
    _, status, usage = os.wait4(client.pid, 0)
    client.returncode = os.waitstatus_to_exitcode(status)
    if client.returncode != 0 or lines < arpad.records:
        raise LabError(f"arpactl ended with {client.returncode} after {lines} lines")
    lab.keep(row="list", subject="arpad", round=number, rate=lines / seconds, octets=octets,
             processor=(arpad.run.processor() - before) / lines * 1e6,
             client_processor=(usage.ru_utime + usage.ru_stime) / lines * 1e6, client_peak=usage.ru_maxrss * 1024, peak=arpad.run.peak_bytes())
