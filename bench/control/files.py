# SPDX-License-Identifier: BSD-3-Clause
"""Records as files of each import format, and how they are streamed to the control socket."""

import json
import os
import pathlib
import tempfile

import daemon
from lab.control import Control
from lab.machine import LabError

FORMATS = ("zone", "csv", "ndjson")
PIECE = 1 << 16
FLIGHT = 16  # pieces on their way


def _lines(records, form, begin):
    for index in range(begin, begin + records):
        low, middle, high, first = daemon.labels(index)
        name = daemon.name_of(index)
        if form == "csv":
            yield f"{first}.{high}.{middle}.{low},{name},3600\n"
        else:
            yield (f'{{"address":"{first}.{high}.{middle}.{low}","names":["{name}"],'
                   '"ttl":3600}\n')


class Records:
    """A file of so many records from 10.0.0.0 and `begin` on, for as long as the block lasts."""

    def __init__(self, records, form, begin=0):
        self.records, self.form, self.begin = records, form, begin

    def __enter__(self):
        handle, path = tempfile.mkstemp(prefix=f"arpad-{self.form}-")
        os.close(handle)
        self.path = pathlib.Path(path)
        if self.form == "zone":
            daemon.write_zone(self.path, self.records, self.begin)
        else:
            with open(self.path, "w", encoding="ascii") as out:
                out.writelines(_lines(self.records, self.form, self.begin))
        return self.path

    def __exit__(self, *_):
        self.path.unlink()


def _ended(reply, what):
    if reply is None or "error" in reply:
        raise LabError(f"{what}: {reply and reply['error']['message']}")
    return reply["result"]


def send(socket, path, form, zone, mode="replace"):
    """Imports the file as the zone's whole contents; returns what the commit says."""
    with Control(socket, 600) as control, open(path, encoding="ascii") as text:
        number = _ended(control.call("import.begin", format=form, zone=zone, mode=mode),
                        "import.begin")["import"]
        head = f'{{"id":1,"method":"import.data","params":{{"import":{number},"text":'
        waiting = 0
        while piece := text.read(PIECE):
            control.send_line(f"{head}{json.dumps(piece)}}}}}")
            waiting += 1
            if waiting == FLIGHT:
                waiting -= 1
                _ended(control.read(), "import.data")
        for _ in range(waiting):
            _ended(control.read(), "import.data")
        return _ended(control.call("import.commit", **{"import": number}), "import.commit")
