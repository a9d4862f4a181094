# SPDX-License-Identifier: BSD-3-Clause
"""What people type, asked of arpad (UDP over AF_XDP, TCP) and of Knot DNS with the same zone: the same."""

import pathlib
import re
import shutil
import sys
import tempfile
import time

import tap
from lab.daemon import Arpad
from lab.namespaces import SERVER_4, Pair

ZONE, APEX = "198.18.0.0/16", "18.198.in-addr.arpa."
TEXT = """\
$TTL 3600
@ SOA ns1.example.net. hostmaster.example.net. 7 3600 900 604800 300
@ NS ns1.example.net.
@ NS ns2.example.net.
$ORIGIN 0.18.198.in-addr.arpa.
7 PTR host.example.net.
8 60 PTR one.example.net.
8 60 PTR two.example.net.
9 CNAME 9.0-25
0-25 NS ns.0-25
ns.0-25 A 198.18.0.25
01 PTR odd.example.net.
*.wild TXT "covered; \\"quoted\\""
dn DNAME elsewhere.example.net.
t TYPE65280 \\# 3 abcdef
""" + "".join(f"10 PTR {i}{'a' * 62}.{'b' * 63}.{'c' * 63}.{'d' * 61}.\n" for i in range(10))

KNOT = """\
server:
    rundir: {directory}
    listen: [127.0.0.1@53]
    nsid: the-lab
    udp-max-payload: 1232
mod-cookies:
  - id: lab
template:
  - id: default
    global-module: mod-cookies/lab
database:
    storage: {directory}
log:
  - target: stderr
    any: warning
zone:
  - domain: {apex}
    file: {directory}/zone
"""
ANSWERS = "answers:\n  nsid: the-lab\n  any: all\n"

AT = "0.18.198.in-addr.arpa."
QUESTIONS = (
    f"7.{AT} PTR", f"8.{AT} PTR", f"7.{AT} TXT", f"99.{AT} PTR", f"{AT} PTR", f"{APEX} SOA", f"{APEX} NS",
    f"9.{AT} PTR", f"9.{AT} CNAME", f"5.0-25.{AT} PTR", f"0-25.{AT} NS", f"0-25.{AT} DS", f"01.{AT} PTR",
    f"x.wild.{AT} TXT", f"x.wild.{AT} PTR", f"x.dn.{AT} PTR", f"t.{AT} TYPE65280", "example.net. A",
    f"7.{AT} ANY", f"10.{AT} TXT",
)
# Each is given with every question: what a person adds to see more, or to see whether it is bearable.
OPTIONS = (
    "+noedns", "+edns=0", "+dnssec", "+cdflag", "+adflag", "+aaflag", "+zflag", "+norecurse", "+bufsize=512",
    "+bufsize=65535", "+nsid", "+cookie", "+ednsopt=100:abcd", "+ednsflags=0x0080",
)


def seen(text):
    """(status, flags, sections without their order, options by name) of what dig showed."""
    status = re.search(r"status: (\w+)", text).group(1)
    flags = frozenset(re.search(r"flags: ([a-z ]*);", text).group(1).split())
    sections = {}
    for name in ("ANSWER", "AUTHORITY", "ADDITIONAL"):
        found = re.search(rf";; {name} SECTION:\n(.*?)\n(?:\n|$)", text, re.DOTALL)
        lines = found.group(1).splitlines() if found else []
        sections[name] = sorted(" ".join(line.split()).lower() for line in lines)
    edns = re.search(r"; EDNS: version: \d+, flags:([a-z ]*);", text)
    options = (frozenset(edns.group(1).split()) if edns else None, "; NSID:" in text, "COOKIE:" in text)
    if "tc" in flags:  # what is left in a truncated reply is nobody's to use (RFC 2181 9)
        sections = None
    return status, flags, sections, options


class BesideKnot(tap.LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pair = Pair()
        cls.addClassCleanup(cls.pair.remove)
        cls.pair.client.run("ip", "link", "set", "lo", "up")
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="arpad-beside-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        zone = cls.directory / "zone"
        zone.write_text(f"$ORIGIN {APEX}\n{TEXT}", encoding="ascii")
        cls.arpad = Arpad(cls.pair, options=ANSWERS)
        cls.addClassCleanup(cls.arpad.remove)
        cls.arpad.start()
        cls.arpad.ctl("zone", "import", ZONE, zone)
        cls.start_knot()

    @classmethod
    def start_knot(cls):
        configuration = cls.directory / "knot.conf"
        configuration.write_text(KNOT.format(directory=cls.directory, apex=APEX), encoding="ascii")
        with open(cls.directory / "log", "wb") as log:
            knot = cls.pair.client.start("knotd", "-c", configuration, stdout=log, stderr=log)
        cls.addClassCleanup(knot.wait, 30)
        cls.addClassCleanup(knot.terminate)
        deadline = time.monotonic() + 20
        while "status: NOERROR" not in cls.dig("127.0.0.1", f"{APEX} SOA", "+tries=1"):
            if time.monotonic() > deadline or knot.poll() is not None:
                raise AssertionError((cls.directory / "log").read_text())
            time.sleep(0.1)

    @classmethod
    def dig(cls, server, question, *options):
        done = cls.pair.client.run("dig", f"@{server}", "+nocookie", "+time=2", "+qr" if "+qr" in options else
                                   "+noqr", *options, *question.split(), check=False)
        return done.stdout

    def compare(self, *always):
        for options in OPTIONS:
            for question in QUESTIONS:
                with self.subTest(question=question, options=options):
                    ours = self.dig(SERVER_4, question, *always, options)
                    theirs = self.dig("127.0.0.1", question, *always, options)
                    self.assertEqual(seen(ours), seen(theirs), f"{ours}\n--- Knot:\n{theirs}")

    def test_over_af_xdp(self):
        self.compare("+ignore", "+notcp")

    def test_over_tcp(self):
        self.compare("+tcp")

    def test_cut_off_then_whole(self):
        """What people see who add nothing: dig asks again over TCP by itself."""
        ours, theirs = (self.dig(server, f"10.{AT} PTR") for server in (SERVER_4, "127.0.0.1"))
        self.assertIn("Truncated, retrying in TCP mode", ours)
        self.assertEqual(seen(ours), seen(theirs))
        self.assertEqual(len(seen(ours)[2]["ANSWER"]), 10)


if __name__ == "__main__":
    sys.exit(tap.main() if shutil.which("knotd") else 77)
