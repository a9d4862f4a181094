# SPDX-License-Identifier: BSD-3-Clause
"""BGP speakers that follow arpad's health: a real neighbour sees the route come and go, and no query is lost."""

import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

import tap
from lab import inject, machine, oracle, zonedata
from lab.daemon import SERVES_AS, Arpad
from lab.machine import run
from lab.namespaces import CLIENT_4, SERVER_4, Pair

SERVICE = "203.0.113.53"
NAME = "7.0.18.198.in-addr.arpa."
PATIENCE_S = 60
SCRIPTS = machine.ROOT / "control" / "health"
# So long that a withdrawal is over before the steering goes, be the machine never so busy.
DRAIN_DELAY_MS = 5000

ROUTER = f"""\
router id {CLIENT_4};
protocol device {{ scan time 1; }}
protocol kernel {{ ipv4 {{ export all; }}; }}
protocol bgp server {{
    local {CLIENT_4} as 64500;
    neighbor {SERVER_4} as 64501;
    connect delay time 1;
    ipv4 {{ import all; export none; }};
}}
"""

BIRD = f"""\
router id {SERVER_4};
protocol device {{ scan time 1; }}
protocol static anycast {{
    disabled;
    ipv4;
    route {SERVICE}/32 blackhole;
}}
protocol bgp uplink {{
    local {SERVER_4} as 64501;
    neighbor {CLIENT_4} as 64500;
    connect delay time 1;
    ipv4 {{ import none; export where proto = "anycast"; next hop self; }};
}}
"""

EXABGP = """\
process arpad {{
    run {script} {service}/32;
    encoder text;
}}
neighbor {router} {{
    router-id {server};
    local-address {server};
    local-as 64501;
    peer-as 64500;
    family {{ ipv4 unicast; }}
    api {{ processes [ arpad ]; }}
}}
"""


class Anycast(tap.LabCase):
    def setUp(self):
        self.pair = Pair()
        self.addCleanup(self.pair.remove)
        folder = tempfile.TemporaryDirectory(prefix="arpad-lab-bgp-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        run("ip", "-n", self.pair.server.name, "addr", "add", f"{SERVICE}/32", "dev", "lo")
        # What carries queries while BGP does not: as another host's route would, but to this one.
        run("ip", "-n", self.pair.client.name, "route", "add", f"{SERVICE}/32", "via", SERVER_4,
            "metric", "1000")
        self.arpad = Arpad(self.pair, addresses=(SERVER_4, SERVICE),
                           options=f"health: {{drain-delay-ms: {DRAIN_DELAY_MS}}}\n")
        self.addCleanup(self.arpad.remove)
        self.arpad.start()
        self.arpad.ctl("zone", "add", zonedata.ZONE_4)
        self.arpad.ctl("ptr", "set", "198.18.0.7", "host.example.net.")
        self.router = self.bird(self.pair.client, "router", ROUTER)

    def start(self, namespace, *words, **options):
        log = open(self.folder / "log", "ab")
        self.addCleanup(log.close)
        process = namespace.start(*words, stdout=log, stderr=log, **options)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except TimeoutError:
            process.kill()
            process.wait(10)

    def bird(self, namespace, name, configuration):
        """The command that controls it."""
        path, control = self.folder / f"{name}.conf", self.folder / f"{name}.ctl"
        path.write_text(configuration)
        self.start(namespace, "bird", "-f", "-c", path, "-s", control)
        self.wait(f"{name} runs", control.exists)
        return ["birdc", "-s", str(control)]

    def environment(self, **more):
        return {**os.environ, "ARPACTL": f"{machine.ARPACTL} -s {self.arpad.socket}", "INTERVAL": "0.2",
                **more}

    def follow_by_bird(self):
        birdc = self.bird(self.pair.server, "speaker", BIRD)
        return self.start(self.pair.server, SCRIPTS / "arpad-bird-health", "anycast",
                          env=self.environment(BIRDC=" ".join(birdc)))

    def follow_by_exabgp(self):
        self.arpad.socket.chmod(0o666)
        configuration = self.folder / "exabgp.conf"
        configuration.write_text(EXABGP.format(script=SCRIPTS / "arpad-exabgp-health", service=SERVICE,
                                               router=CLIENT_4, server=SERVER_4))
        more = {"exabgp.daemon.user": "root", "exabgp.tcp.bind": "", "exabgp.log.all": "false",
                "exabgp.api.cli": "false"}
        return self.start(self.pair.server, "exabgp", configuration, env=self.environment(**more))

    def wait(self, what, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"not so: {what}\n{(self.folder / 'log').read_text()}\n"
                          f"{run(*self.router, 'show', 'protocols', 'all', check=False).stdout}")
            time.sleep(0.05)

    def routed(self):
        """Whether the router has the route in its kernel's table, beside that of last resort."""
        shown = run("ip", "-n", self.pair.client.name, "route", "show", SERVICE, "proto", "bird").stdout
        return f"via {SERVER_4}" in shown

    def steering(self):
        return self.arpad.ctl_json("status")["steering"]

    def drain_and_undrain(self):
        self.wait("announced while ready", self.routed)
        self.arpad.ctl("drain")
        self.wait("withdrawn by a drain", lambda: not self.routed())
        self.assertEqual(self.steering(), "on", "withdrawn before the steering goes")
        self.wait("drained", lambda: self.steering() == "draining")
        self.arpad.ctl("undrain")
        self.wait("announced again", self.routed)
        self.assertEqual(self.steering(), "on")

    def drain_under_load(self):
        self.wait("announced while ready", self.routed)
        queries = self.folder / "queries"
        queries.write_text(f"{NAME} PTR\n")
        errors = []

        def act():
            try:
                self.drain_and_undrain()
            except BaseException as error:  # told by the case's own thread
                errors.append(error)

        actor = threading.Thread(target=act)
        actor.start()
        try:
            load = oracle.Dnsperf(self.pair, SERVICE, queries, DRAIN_DELAY_MS // 1000 + 4, 2000)
        finally:
            actor.join()
        self.assertEqual(errors, [])
        self.assertEqual((load.lost, load.sent), (0, load.completed), load.text)
        self.assertGreater(load.sent, 5000, "a load worth the name")

    def hold_a_worker(self):
        self.wait("announced while ready", self.routed)
        with inject.held(inject.threads(self.arpad.process.pid)["rte-worker-1"]):
            self.wait("withdrawn when a worker stands still", lambda: not self.routed())
        self.wait("announced when it goes on", self.routed)

    def test_bird_follows(self):
        follower = self.follow_by_bird()
        self.drain_under_load()
        self.hold_a_worker()
        follower.send_signal(signal.SIGTERM)
        self.wait("withdrawn when nobody follows any more", lambda: not self.routed())

    def test_exabgp_follows(self):
        self.follow_by_exabgp()
        self.drain_and_undrain()
        self.arpad.kill()
        self.wait("withdrawn when arpad is dead", lambda: not self.routed())


if __name__ == "__main__":
    sys.exit(tap.main())
