# SPDX-License-Identifier: BSD-3-Clause
"""README's walk-through, run as it stands there by a shell in which `arpactl` is this tree's."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import tap
from lab import machine
from lab.daemon import Arpad
from lab.namespaces import Pair

README = pathlib.Path(machine.ROOT) / "README.md"


def block(heading):
    """The commands in the first fenced block under a heading."""
    return re.search(rf"^### {heading}\n+```\n(.*?)^```", README.read_text(), re.M | re.S).group(1)


class Readme(tap.LabCase):
    def setUp(self):
        pair = Pair()
        self.addCleanup(pair.remove)
        self.arpad = Arpad(pair, interfaces=())
        self.addCleanup(self.arpad.remove)
        self.arpad.start()

    def run_block(self, text):
        """What a shell prints that stops at the first command that fails."""
        with tempfile.TemporaryDirectory(prefix="arpad-readme-") as folder:
            tool = pathlib.Path(folder) / "arpactl"
            tool.write_text(f'#!/bin/sh\nexec {machine.ARPACTL} -s {self.arpad.socket} "$@"\n')
            tool.chmod(0o755)
            done = subprocess.run(
                ["bash", "-euc", text], cwd=folder, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_a_tenants_day(self):
        said = self.run_block(block("A tenant's day"))
        for shown in ("description: outgoing mail", "- 192.0.2.9 ", "+ 192.0.2.10 app.example.com. 3600"):
            self.assertIn(shown, said)
        self.assertEqual(self.arpad.ctl("ptr", "list").stdout,
                         "192.0.2.8 web.example.com. 600\n192.0.2.10 app.example.com. 3600\n")


if __name__ == "__main__":
    sys.exit(tap.main())
