# SPDX-License-Identifier: BSD-3-Clause
"""A real Prometheus scrapes arpad over AF_XDP; alert rules and dashboard find their data in it."""

import json
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time

import tap
from lab import zonedata
from lab.burst import Burst
from lab.daemon import Arpad
from lab.message import ANY, SOA, Client, TcpClient, query
from lab.namespaces import OTHER_4, SERVER_4, SERVER_6, Pair
from lab.prometheus import ARPAD_PORT, Prometheus, Samples, dashboard_panels, fill_in, get

NAME, ADDRESS = "7.0.18.198.in-addr.arpa.", "198.18.0.7"
OPTIONS = (f"metrics: {{listen: 127.0.0.1@{ARPAD_PORT}, zones: yes, dpdk-telemetry: TELEMETRY}}\n"
           "rate-limit: {mode: log, answers: 5}\n")
MILLION = 1 << 20


def wait_for(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain: {what}")
        time.sleep(0.1)


class Metrics(tap.LabCase):
    def start(self, telemetry="no"):
        pair = Pair()
        self.addCleanup(pair.remove)
        arpad = Arpad(pair, options=OPTIONS.replace("TELEMETRY", telemetry))
        self.addCleanup(arpad.remove)
        arpad.start()
        return pair, arpad

    def samples(self, pair):
        status, headers, text = get(pair.server, "/metrics")
        self.assertEqual((status, headers["Content-Type"]),
                         (200, "text/plain; version=0.0.4; charset=utf-8"))
        return Samples(text)

    def prepare(self, arpad):
        arpad.ctl("zone", "add", zonedata.ZONE_4)
        arpad.ctl("ptr", "set", ADDRESS, "host.example.net.")

    def ask(self, pair):
        """Some of each kind that the metrics tell apart."""
        for server, count in ((SERVER_4, 8), (SERVER_6, 4)):
            client = Client(pair, server)
            for _ in range(count):
                client.ask(NAME)
            client.ask("8.0.18.198.in-addr.arpa.")
            client.ask(NAME, qtype=ANY)
            client.ask("18.198.in-addr.arpa.", qtype=SOA)
            client.send(b"short")
            client.send(query(NAME)[:-2])
            client.receive()
            client.close()
        client = TcpClient(pair, SERVER_4)
        for _ in range(3):
            client.ask(NAME)
        client.close()

    def test_every_query_is_counted_once_and_by_its_kind(self):
        pair, arpad = self.start()
        self.prepare(arpad)
        before = self.samples(pair)
        self.ask(pair)
        wait_for("all are counted", lambda: self.samples(pair).value(
            "arpad_queries_total") - before.value("arpad_queries_total") == 25)
        wait_for("the zone is told of",
                 lambda: self.samples(pair).value("arpad_store_sequence") == 2)
        after = self.samples(pair)

        def grown(name, **labels):
            return after.value(name, **labels) - before.value(name, **labels)

        self.assertEqual(grown("arpad_queries_total", family="4", path="fast"), 13)
        self.assertEqual(grown("arpad_queries_total", family="6", path="fast"), 9)
        self.assertEqual(grown("arpad_queries_total", transport="tcp"), 3)
        for kind, count in (("PTR", 17), ("ANY", 2), ("SOA", 2), ("none", 4)):
            self.assertEqual(grown("arpad_queries_by_type_total", type=kind), count, kind)
        for rcode, count in (("NOERROR", 19), ("NXDOMAIN", 2), ("FORMERR", 2)):
            self.assertEqual(grown("arpad_responses_total", rcode=rcode), count, rcode)
        self.assertEqual(grown("arpad_dropped_total", reason="message-short"), 2)
        self.assertEqual(grown("arpad_answers_total", source="nxdomain"), 2)
        self.assertGreaterEqual(grown("arpad_response_seconds_count"), 22)
        self.assertEqual(grown("arpad_rx_burst_packets_sum"), grown("arpad_response_seconds_count"))
        self.assertEqual(after.value("arpad_update_requests_total", method="ptr.set", result="done"), 1)
        self.assertEqual(after.value("arpad_zone_serial", zone="198.18.0.0/16"), 2)
        self.assertEqual(after.value("arpad_records", family="4"), 3)
        pid = arpad.process.pid
        self.assertAlmostEqual(after.value("process_open_fds"),
                               len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir())), delta=3)

    def test_readiness_by_page_and_metric(self):
        pair, arpad = self.start()
        for path, text in (("/healthz", "alive\n"), ("/readyz", "ready\n")):
            wait_for(path, lambda: get(pair.server, path)[::2] == (200, text))  # pylint: disable=W0640
        arpad.ctl("drain")
        status, _, text = get(pair.server, "/readyz")
        self.assertEqual(status, 503)
        self.assertIn("draining: ", text)
        samples = self.samples(pair)
        self.assertEqual((samples.value("arpad_ready"), samples.value("arpad_draining"),
                          samples.value("arpad_not_ready", reason="draining")), (0, 1, 1))
        self.assertEqual(get(pair.server, "/healthz")[0], 200)
        arpad.ctl("undrain")
        self.assertEqual(get(pair.server, "/readyz")[0], 200)

    def load(self, pair, arpad, stop):
        """Until `stop`: queries over both families, and what is none, changes and refusals."""
        names = [f"{i % 256}.{i // 256}.18.198.in-addr.arpa." for i in range(256)]
        wires = [query(name, identity=i) for i, name in enumerate(names)] + [b"short"]
        bursts = [Burst(pair, server, wires) for server in (SERVER_4, SERVER_6)]
        number = 0
        while not stop.is_set():
            for burst in bursts:
                burst.send()
                burst.receive(len(wires), timeout=0.05)
            number += 1
            arpad.ctl("ptr", "set", ADDRESS, f"host-{number}.example.net.")
            arpad.ctl("ptr", "set", "203.0.113.1", "none.example.net.", check=False)
            self.ask(pair)
        for burst in bursts:
            burst.close()

    def test_prometheus_finds_what_rules_and_dashboard_ask_for(self):
        pair, arpad = self.start()
        self.prepare(arpad)
        stop = threading.Event()
        prometheus = Prometheus(pair.server)
        self.addCleanup(prometheus.remove)
        prometheus.wait('up{job="arpad"} == 1')
        began = time.monotonic()
        while time.monotonic() - began < 8:
            once = threading.Event()
            timer = threading.Timer(0.5, once.set)
            timer.start()
            self.load(pair, arpad, once)
        stop.set()
        empty = []
        for panel in dashboard_panels():
            for target in panel.get("targets", ()):
                expression = fill_in(target["expr"], "10s")
                if not prometheus.query(expression):
                    empty.append((panel["title"], expression))
        groups = prometheus.call("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreater(len(rules), 15)
        for rule in rules:
            self.assertEqual((rule["health"], rule.get("lastError")), ("ok", None), rule["name"])
            # A comparison that does not hold has no value; asked for as a number it always has one.
            expression = re.sub(r" (==|>|<) ", r" \1 bool ", rule["query"])
            if not prometheus.query(expression):
                empty.append((rule["name"], expression))
        # There is no port that DPDK owns, and so no way to the kernel beside one.
        self.assertEqual([name for name, _ in empty], ["ArpadLinkDown", "ArpadKernelPathFull"])
        self.assertEqual(prometheus.query("ALERTS{alertstate='firing', severity='page'}"), [])
        shown = prometheus.call("targets")["activeTargets"][0]
        self.assertEqual((shown["health"], shown["lastError"]), ("up", ""))

    def test_promtool_has_nothing_to_say(self):
        pair, arpad = self.start()
        self.prepare(arpad)
        self.ask(pair)
        time.sleep(1.1)  # the facts' copy is a second old at most
        page = get(pair.server, "/metrics")[2]
        done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_a_scrape_does_not_wait_for_a_large_import(self):
        pair, arpad = self.start()
        arpad.ctl("zone", "add", "10.in-addr.arpa")
        zone = arpad.directory / "zone"
        with open(zone, "w", encoding="ascii") as file:
            file.write("$ORIGIN 10.in-addr.arpa.\n$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 2 3 4 5\n"
                       "@ NS ns1.example.net.\n")
            file.writelines(f"{i & 255}.{i >> 8 & 255}.{i >> 16} PTR h{i}.example.net.\n"
                            for i in range(MILLION))
        importing = subprocess.Popen(arpad.ctl_command("import", "--zone", "10.in-addr.arpa", zone),
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        longest = silent = 0.0
        while importing.poll() is None:
            began = time.monotonic()
            samples = self.samples(pair)
            longest = max(longest, time.monotonic() - began)
            silent = max(silent, samples.value("arpad_control_silent_seconds"))
            self.assertEqual(get(pair.server, "/healthz")[0], 200)
        self.assertEqual(importing.returncode, 0, importing.stdout.read())
        importing.stdout.close()
        print(f"# longest scrape {longest:.3f} s; the control thread was silent for {silent:.1f} s")
        wait_for("all are there", lambda: self.samples(pair).value("arpad_records", family="4") > MILLION)
        # On a machine of two busy cores; the commit takes seconds.
        self.assertLess(longest, 1.0)

    def test_a_unix_socket(self):
        pair, arpad = self.start()
        arpad.stop()
        path = arpad.directory / "metrics.sock"
        arpad.options = f"metrics: {{listen: {path}}}\n"
        arpad.configure((SERVER_4, SERVER_6))
        arpad.start()
        self.assertEqual(get(pair.server, "/healthz", port=path)[0], 200)
        arpad.kill()
        self.assertTrue(path.exists(), "it could not remove it")
        arpad.start()
        self.assertEqual(get(pair.server, "/metrics", port=path)[0], 200)
        arpad.stop()
        self.assertFalse(path.exists())

    def test_others_are_told_of_where_it_listens(self):
        pair, arpad = self.start()
        self.assertNotIn("metrics.listen", arpad.log())
        arpad.stop()
        arpad.options = f"metrics: {{listen: {OTHER_4}@{ARPAD_PORT}}}\n"
        arpad.configure((SERVER_4, SERVER_6))
        arpad.start()
        self.assertRegex(arpad.log(), r"metrics.listen is \S+, which other hosts may reach")
        self.assertRegex(arpad.log(), "serving without metrics: .*no interface has this address")
        pair.add_server_address(OTHER_4)
        wait_for("it is tried again", lambda: "metrics are served at" in arpad.log())
        self.assertEqual(get(pair.server, "/readyz", address=OTHER_4)[0], 200)

    def telemetry(self, path, command):
        """By the protocol of dpdk-telemetry.py: one SEQPACKET for each command and each reply."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(10)
            client.connect(str(path))
            self.assertIn("22.11", json.loads(client.recv(1 << 16))["version"])
            client.send(command.encode())
            return json.loads(client.recv(1 << 16))[command]

    def test_dpdks_telemetry(self):
        pair, arpad = self.start(telemetry="yes")
        self.prepare(arpad)
        self.ask(pair)
        sockets = [path for path in pathlib.Path("/run/dpdk").rglob("dpdk_telemetry.v2*")
                   if path.is_socket()]
        self.assertEqual(len(sockets), 1, sockets)
        wait_for("the zone is told of", lambda: self.telemetry(sockets[0], "/arpad/status")["zones"] == 1)
        status = self.telemetry(sockets[0], "/arpad/status")
        self.assertEqual((status["ready"], status["workers"], status["sequence"]), (1, 1, 2))
        stats = self.telemetry(sockets[0], "/arpad/stats")
        self.assertEqual((stats["nxdomain"], stats["message_short"]), (2, 2))
        worker = self.telemetry(sockets[0], "/arpad/workers")["0"]
        self.assertEqual((worker["port"], worker["queue"]), ("vs", 0))
        self.assertGreater(worker["total_cycles"], worker["busy_cycles"])
        self.assertIn("/arpad/workers", self.telemetry(sockets[0], "/"))
        self.assertEqual(self.telemetry(sockets[0], "/ethdev/list"), [0])
        self.assertEqual(arpad.stop(), 0)


if __name__ == "__main__":
    sys.exit(tap.main())
