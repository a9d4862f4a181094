# SPDX-License-Identifier: BSD-3-Clause
"""Who is asking: traces, captures that tshark reads, and dnstap for its own readers; and their bounds."""

import contextlib
import json
import os
import pathlib
import pwd
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import tap
from lab import zonedata
from lab.burst import Burst
from lab.daemon import SERVES_AS, Arpad
from lab.frames import Wire, datagram
from lab.machine import run
from lab.message import Client, TcpClient, query
from lab.namespaces import CLIENT_4, CLIENT_6, CLIENT_INTERFACE, SERVER_4, SERVER_6, Pair, add_address

ADDRESS, NAME = "198.18.0.7", "7.0.18.198.in-addr.arpa."
MISSING = "8.0.18.198.in-addr.arpa."
ELSEWHERE = "7.0.19.198.in-addr.arpa."
ADDRESS_6 = "2001:db8::7"
OTHER_CLIENT = "198.18.0.3"
HOST = "host.example.net."
SAMPLE_ALL = "observe: {sample: 1}\n"
SECONDS = 30
TRACES = 16
FLOOD, ROUNDS = 256, 150


def wait_until(condition, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Pcapng:
    """A capture's packets, read by hand: (interface, octets, length on the wire)."""

    def __init__(self, data):
        self.packets, at = [], 0
        while at < len(data):
            kind, length = struct.unpack_from("=II", data, at)
            if kind == 6:
                interface, _, _, kept, whole = struct.unpack_from("=5I", data, at + 8)
                self.packets.append((interface, data[at + 28:at + 28 + kept], whole))
            at += length


class Lab(tap.LabCase):
    """An arpad with a zone of each family, and clients that ask it."""

    def open(self, **options):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        add_address(self.pair.client, CLIENT_INTERFACE, OTHER_CLIENT)
        self.arpad = Arpad(self.pair, **options)
        self.addCleanup(self.arpad.remove)

    def start(self):
        self.arpad.start()
        for words in (("zone", "add", zonedata.ZONE_4), ("zone", "add", zonedata.ZONE_6),
                      ("ptr", "set", ADDRESS, HOST), ("ptr", "set", ADDRESS_6, HOST)):
            self.arpad.ctl(*words)

    def client(self, server=SERVER_4, source=None):
        made = Client(self.pair, server)
        self.addCleanup(made.close)
        if source:
            made.close()
            made.socket = self.pair.client.socket()
            made.socket.bind((source, 0))
            made.socket.connect((server, 53))
        return made

    def tcp(self, server=SERVER_4):
        made = TcpClient(self.pair, server)
        self.addCleanup(made.close)
        return made

    def begin(self, *words, **options):
        """Starts arpactl, and returns once arpad has begun the trace."""
        begun = self.arpad.log().count("trace user=")
        process = subprocess.Popen(self.arpad.ctl_command(*words), text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **options)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        if not wait_until(lambda: self.arpad.log().count("trace user=") > begun or process.poll() is not None):
            self.fail("the trace has not begun")
        return process

    def rows(self, process, status=0):
        out, error = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, status, error)
        return [json.loads(line) for line in out.splitlines()]

    def follow(self, ask, *words):
        """The rows of a trace while `ask` runs, and its end."""
        process = self.begin("-o", "ndjson", "trace", "--seconds", SECONDS, *words)
        ask()
        *rows, end = self.rows(process)
        self.assertEqual((end["rows"], end["dropped"], end["missed"]), (len(rows), 0, 0))
        return rows, end

    def tshark(self, path, *fields):
        """A list of fields for each packet."""
        words = [word for field in fields for word in ("-e", field)]
        out = run("tshark", "-r", path, "-T", "fields", "-E", "separator=|", *words).stdout
        return [line.split("|") for line in out.splitlines()]

    def malformed(self, path):
        display = "_ws.malformed || _ws.unreassembled || tcp.analysis.retransmission || tcp.checksum.status == 0"
        return len(run("tshark", "-r", path, "-Y", display).stdout.splitlines())

    def path(self, name):
        return str(self.arpad.directory / name)


class Trace(Lab):
    """Over AF_XDP, and over TCP beside it."""

    def setUp(self):
        self.open(options=SAMPLE_ALL)
        self.start()

    def test_it_follows_an_address_over_every_way(self):
        def ask():
            for server in (SERVER_4, SERVER_6):
                self.client(server).ask(NAME)
                self.tcp(server).ask(NAME)
                self.client(server).ask(MISSING)
                self.client(server).ask(ELSEWHERE)
            self.client().ask("_x." + NAME, 16)

        rows, end = self.follow(ask, ADDRESS, "--count", 5)
        self.assertEqual(end["end"], "count")
        seen = [(row["client"], row["name"], row["type"], row["outcome"], row["transport"], row["path"])
                for row in rows]
        self.assertCountEqual(seen, [
            (CLIENT_4, NAME, "PTR", "answered", "udp", "worker"),
            (CLIENT_4, NAME, "PTR", "answered", "tcp", "kernel"),
            (CLIENT_6, NAME, "PTR", "answered", "udp", "worker"),
            (CLIENT_6, NAME, "PTR", "answered", "tcp", "kernel"),
            (CLIENT_4, "_x." + NAME, "TXT", "nxdomain", "udp", "worker")])
        for row in rows:
            self.assertEqual(row["server_port"], 53)
            self.assertLess(abs(time.time() - zonetime(row["time"])), 60)

    def test_it_follows_a_prefix_and_a_client(self):
        def ask():
            for source in (CLIENT_4, OTHER_CLIENT):
                client = self.client(source=source)
                for name in (NAME, MISSING, ELSEWHERE):
                    client.ask(name)

        rows, _ = self.follow(ask, "198.18.0.0/24", "--count", 4)
        self.assertEqual({row["name"] for row in rows}, {NAME, MISSING})
        rows, _ = self.follow(ask, "198.18.0.0/24", "--client", OTHER_CLIENT, "--count", 2)
        self.assertEqual([(row["client"], row["outcome"]) for row in rows],
                         [(OTHER_CLIENT, "answered"), (OTHER_CLIENT, "nxdomain")])
        rows, _ = self.follow(ask, "--client", f"{OTHER_CLIENT}/32", "--count", 3)
        self.assertEqual([row["outcome"] for row in rows], ["answered", "nxdomain", "refused"])

    def test_a_person_reads_a_line_a_query(self):
        process = self.begin("trace", ADDRESS, "--count", 2)
        self.client().ask(NAME)
        self.client(SERVER_6).ask(NAME)
        out, error = process.communicate(timeout=SECONDS)
        lines = out.splitlines()
        self.assertRegex(lines[0], rf"^\d\d:\d\d:\d\d\.\d{{6}}  {CLIENT_4} +  {ADDRESS} +  PTR   answered  +\d+  udp  $")
        self.assertIn(CLIENT_6, lines[1])
        self.assertEqual(len(lines), 2)
        self.assertEqual(error, "2 queries, which is --count\n")

    def test_it_ends_with_its_seconds_and_by_an_interrupt(self):
        path = self.path("interrupted.pcapng")
        process = self.begin("trace", ADDRESS, "--seconds", 1)
        self.assertIn("0 queries; --seconds are over", process.communicate(timeout=SECONDS)[1])
        process = self.begin("trace", ADDRESS, "--pcap", path)
        self.client().ask(NAME)
        self.assertTrue(process.stdout.readline().strip())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.communicate(timeout=SECONDS)[1], "1 query\n")
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.tshark(path, "dns.qry.name"), [[NAME.rstrip(".")]] * 2)

    def test_a_trace_ends_with_its_client(self):
        for _ in range(3):
            process = self.begin("trace", ADDRESS, "--seconds", 3600)
            process.kill()
            process.communicate()
        # There are 16 places: as many can be had as before, and one more can't.
        processes = []
        for _ in range(TRACES):
            begun = wait_until(lambda: self.try_trace(processes))
            self.assertTrue(begun)
        refused = self.arpad.ctl("trace", ADDRESS, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("16 traces are under way", refused.stderr)
        for process in processes:
            process.kill()
            process.communicate()

    def try_trace(self, processes):
        process = self.begin("trace", ADDRESS, "--seconds", 3600)
        if process.poll() is None:
            processes.append(process)
            return True
        process.communicate()
        return False

    def test_frames_are_captured_as_they_were_on_the_wire(self):
        path, wire = self.path("frames.pcapng"), Wire(self.pair)
        self.addCleanup(wire.close)
        process = self.begin("-q", "trace", "198.18.0.0/16", "--count", 4, "--pcap", path)
        sent, received = [], []
        for server, client in ((SERVER_4, CLIENT_4), (SERVER_6, CLIENT_6)):
            for number, tags in enumerate(([], [(0x8100, 7)])):
                kind, packet = datagram(client, 4242 + number, server, query(NAME, identity=number))
                sent.append(wire.server_mac + wire.mac + b"".join(struct.pack("!HH", *tag) for tag in tags)
                            + struct.pack("!H", kind) + packet)
                wire.send(tags, kind, packet)
                received.append(wire.catch(4242 + number))
        self.assertEqual(process.wait(SECONDS), 0)
        packets = Pcapng(pathlib.Path(path).read_bytes()).packets
        self.assertEqual([octets for _, octets, _ in packets[::2]], sent)
        for (_, octets, whole), (_, payload) in zip(packets[1::2], received):
            self.assertEqual(whole, len(octets))
            self.assertTrue(octets.endswith(payload))
            self.assertEqual(octets[:12], wire.mac + wire.server_mac)
        self.assertEqual(self.malformed(path), 0)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        for number, row in enumerate(self.tshark(path, "frame.interface_name", "dns.qry.name", "frame.comment",
                                                 "dns.flags.response", "udp.checksum.status")):
            self.assertEqual(row[:4], ["arpad workers", NAME.rstrip("."), "outcome answered, path worker 0, one in 1",
                                       str(number % 2)])

    def test_messages_of_kernel_sockets_are_captured_with_headers(self):
        path = self.path("tcp.pcapng")
        process = self.begin("-q", "trace", ADDRESS, "--count", 6, "--pcap", path)
        for server in (SERVER_4, SERVER_6):
            client = self.tcp(server)
            for _ in range(3):
                client.ask(NAME)
        self.assertEqual(process.wait(SECONDS), 0)
        rows = self.tshark(path, "ip.src", "ipv6.src", "tcp.dstport", "dns.qry.name", "dns.flags.response")
        self.assertEqual(len(rows), 12)
        for number, row in enumerate(rows):
            reply = number % 2
            source = (SERVER_4 if reply else CLIENT_4) if number < 6 else (SERVER_6 if reply else CLIENT_6)
            self.assertEqual(row[0] or row[1], source)
            self.assertEqual(row[3:], [NAME.rstrip("."), str(reply)])
            self.assertEqual(row[2] == "53", not reply)
        self.assertEqual(self.malformed(path), 0)

    def test_a_capture_has_what_is_sampled_and_replaces_nothing(self):
        path = self.path("sample.pcapng")
        pathlib.Path(path).write_text("dear")
        refused = self.arpad.ctl("capture", "--pcap", path, check=False)
        self.assertEqual((refused.returncode, pathlib.Path(path).read_text()), (1, "dear"))
        self.assertIn("--force", refused.stderr)
        process = self.begin("capture", "--pcap", path, "--count", 20, "--force")
        client = self.client()
        for number in range(20):
            client.ask(f"{number}.1.18.198.in-addr.arpa.")
        self.assertEqual(process.communicate(timeout=SECONDS), ("", "20 queries, which is --count\n"))
        rows = self.tshark(path, "dns.qry.name", "frame.comment")
        self.assertEqual([row[0] for row in rows[::2]], [f"{i}.1.18.198.in-addr.arpa" for i in range(20)])
        self.assertEqual({row[1] for row in rows}, {"outcome nxdomain, path worker 0, one in 1"})
        os.symlink("/etc/passwd", self.path("link"))
        refused = self.arpad.ctl("capture", "--pcap", self.path("link"), "--force", check=False)
        self.assertIn("is no regular file", refused.stderr)
        piped = subprocess.Popen(" ".join(self.arpad.ctl_command("capture", "--pcap", "-", "--count", 1))
                                 + " | tshark -r - -T fields -e dns.qry.name", shell=True, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        asked = threading.Event()
        threading.Thread(target=self.keep_asking, args=[client, asked], daemon=True).start()
        out, _ = piped.communicate(timeout=SECONDS)
        asked.set()
        self.assertEqual(out.split(), [NAME.rstrip(".")] * 2)

    @staticmethod
    def keep_asking(client, done):
        while not done.wait(0.05):
            with contextlib.suppress(OSError):
                client.ask(NAME)

    def test_workers_lose_nothing_while_nobody_reads(self):
        with socket.socket(socket.AF_UNIX) as idle:
            idle.connect(str(self.arpad.socket))
            idle.sendall(b'{"id":1,"method":"trace.follow","params":{"name":"198.18.0.0/16","count":1000000}}\n')
            self.assertTrue(wait_until(lambda: "trace user=" in self.arpad.log()))
            burst = Burst(self.pair, SERVER_4, [query(NAME, identity=i) for i in range(FLOOD)])
            self.addCleanup(burst.close)
            for _ in range(ROUNDS):
                burst.send()
                self.assertEqual(len(burst.receive(FLOOD)), FLOOD)
            stats = self.arpad.ctl_json("stats")
            self.assertEqual(stats["sent"], stats["received"])
            # What it did not take is counted, and it can still be had.
            idle.settimeout(SECONDS)
            rows = lost = 0
            with idle.makefile() as lines:
                lines.readline()
                while rows + lost < ROUNDS * FLOOD:
                    for row in json.loads(lines.readline())["result"]:
                        if "dropped" in row:
                            lost = row["dropped"] + row["missed"]
                        else:
                            rows += 1
            self.assertEqual(rows + lost, ROUNDS * FLOOD)
        print(f"# {ROUNDS * FLOOD} queries, {rows} rows, {lost} lost on their way to who did not read")


def zonetime(text):
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone


class Roles(Lab):
    """Whose client's addresses are shown to whom."""

    def test_operators_see_all_tenants_their_own_and_others_nothing(self):
        nobody = pwd.getpwnam("nobody").pw_uid
        self.open(interfaces=(), options=SAMPLE_ALL, privileges="privileges: {user: root}\n")
        text = self.arpad.configuration.read_text()
        for role, wanted in (("viewer", (5, 5)), ("operator", (0, 0)), ("tenant, tenant: acme", (0, 5))):
            access = (f"  mode: 0666\n  access: [{{user: {nobody}, role: {role}}}]\n"
                      "  tenants: [{name: acme, prefixes: [198.18.0.0/24]}]\n")
            self.arpad.configuration.write_text(text.replace("log:\n", access + "log:\n"))
            self.arpad.directory.chmod(0o755)
            self.arpad.start()
            got = tuple(run("setpriv", f"--reuid={nobody}", "--clear-groups",
                            *self.arpad.ctl_command("trace", name, "--seconds", 1), check=False).returncode
                        for name in (ADDRESS, "198.18.0.0/16"))
            self.assertEqual(got, wanted, role)
            self.arpad.stop()


class Dnstap(Lab):
    """To a file and to a collector, of an arpad that serves as an ordinary user in its sandbox."""

    def setUp(self):
        self.folder = None

    def prepare(self, options, **more):
        self.open(options=SAMPLE_ALL + options, **more)
        self.folder = self.arpad.directory / "tap"
        self.folder.mkdir()
        os.chown(self.folder, pwd.getpwnam(SERVES_AS).pw_uid, -1)
        self.arpad.options = self.arpad.options.replace("TAP", str(self.folder))
        self.arpad.configure((SERVER_4, SERVER_6))

    def read(self, path):
        """Words of each message: date, time, type, address, protocol …"""
        return [line.split() for line in run("dnstap-ldns", "-q", "-r", path).stdout.splitlines()]

    def counts(self):
        return self.arpad.ctl_json("stats")["dnstap"]

    def ask(self):
        for server in (SERVER_4, SERVER_6):
            self.client(server).ask(NAME)
            self.tcp(server).ask(MISSING)

    def check(self, messages, times=1):
        self.assertCountEqual([(words[2], words[3], words[4]) for words in messages],
                              [(kind, client, way) for kind in ("AQ", "AR") for client in (CLIENT_4, CLIENT_6)
                               for way in ("UDP", "TCP")] * times)

    def test_a_file_is_read_by_another_program(self):
        self.prepare("dnstap: {file: TAP/out, identity: lab}\n")
        self.start()
        self.assertIn("nobody", self.arpad.ctl_json("status")["privileges"]["user"])
        self.ask()
        self.assertTrue(wait_until(lambda: self.counts()["sent"] == 8), self.counts())
        self.assertEqual(self.counts(), {"open": True, "sent": 8, "dropped": 0})
        self.arpad.stop()
        self.check(self.read(self.folder / "out"))
        shown = run("dnstap-ldns", "-y", "-r", self.folder / "out").stdout
        self.assertEqual(shown.count('identity: "lab"'), 8)
        self.assertEqual(shown.count(HOST), 2)
        self.assertEqual((self.folder / "out").stat().st_mode & 0o777, 0o640)
        self.arpad.start()
        self.assertTrue(wait_until((self.folder / "out.old").exists))
        self.check(self.read(self.folder / "out.old"))

    def collector(self, number):
        path = self.path(f"collected-{number}")
        (self.folder / "sock").unlink(missing_ok=True)
        made = subprocess.Popen(["fstrm_capture", "-t", "protobuf:dnstap.Dnstap", "-u", self.folder / "sock",
                                 "-w", path], stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: made.poll() is None and made.kill())
        self.assertTrue(wait_until((self.folder / "sock").exists))
        (self.folder / "sock").chmod(0o777)
        self.assertTrue(wait_until(lambda: self.counts()["open"]))
        return made, path

    def test_a_collector_comes_late_and_is_restarted(self):
        self.prepare("dnstap: {socket: TAP/sock}\n")
        self.start()
        self.ask()
        self.assertTrue(wait_until(lambda: self.counts()["dropped"] == 8), self.counts())
        sent = 0
        for number in range(2):
            collector, path = self.collector(number)
            self.ask()
            sent += 8
            self.assertTrue(wait_until(lambda: self.counts()["sent"] == sent), self.counts())
            collector.send_signal(signal.SIGINT)
            collector.wait(SECONDS)
            self.check(self.read(path))
            self.ask()  # whereby it is noticed that nobody takes it any more
            self.assertTrue(wait_until(lambda: not self.counts()["open"]), self.counts())
        self.assertIn(f"go to {self.folder}/sock", self.arpad.log())

    def test_workers_lose_nothing_for_a_collector_that_takes_nothing(self):
        self.prepare("dnstap: {socket: TAP/sock}\n")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.folder / "sock"))
            (self.folder / "sock").chmod(0o777)
            listening.listen(1)
            self.start()
            burst = Burst(self.pair, SERVER_4, [query(NAME, identity=i) for i in range(FLOOD)])
            self.addCleanup(burst.close)
            for _ in range(ROUNDS):
                burst.send()
                self.assertEqual(len(burst.receive(FLOOD)), FLOOD)
            stats = self.arpad.ctl_json("stats")
            self.assertEqual(stats["sent"], stats["received"])
            self.assertGreater(stats["dnstap"]["dropped"], 0)
            self.assertEqual(stats["dnstap"]["sent"], 0)
            self.assertEqual(self.arpad.stop(), 0)


if __name__ == "__main__":
    sys.exit(tap.main())
