# SPDX-License-Identifier: BSD-3-Clause
"""A real Prometheus beside an arpad, in the server's namespace, and HTTP clients there."""

import http.client
import json
import pathlib
import re
import shutil
import socket
import tempfile
import time
import urllib.parse

from .machine import ROOT, LabError

RULES = ROOT / "control" / "metrics" / "arpad.rules.yml"
DASHBOARD = ROOT / "control" / "metrics" / "grafana.json"
ARPAD_PORT, PORT = 10153, 9090
START_SECONDS = 60

CONFIGURATION = """\
global: {{scrape_interval: {interval}, evaluation_interval: {interval}}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: arpad
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def get(namespace, path, port=ARPAD_PORT, method="GET", timeout=20.0, address="127.0.0.1"):
    """(status, headers, text) of a page at an address of the namespace, or at a Unix socket's path."""
    if isinstance(port, int):
        made = namespace.socket(socket.AF_INET, socket.SOCK_STREAM, timeout)
        made.connect((address, port))
    else:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(timeout)
        made.connect(str(port))
    connection = http.client.HTTPConnection("127.0.0.1", timeout=timeout)
    connection.sock = made
    try:
        connection.request(method, path)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read().decode()
    finally:
        connection.close()


class Samples(dict):
    """What a page says: (name, labels as a frozenset of pairs) to the value."""

    LINE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
    LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        super().__init__()
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, value = self.LINE.fullmatch(line).groups()
            self[name, frozenset(self.LABEL.findall(labels or ""))] = float(value)

    def value(self, name, **labels):
        """The sum of the samples that have these labels."""
        wanted = set(labels.items())
        found = [value for (other, pairs), value in self.items() if other == name and wanted <= pairs]
        if not found:
            raise KeyError(f"{name} {labels}")
        return sum(found)


class Prometheus:
    def __init__(self, namespace, interval="1s"):
        program = shutil.which("prometheus")
        if not program:
            raise LabError("Prometheus is not installed: apt-get install prometheus")
        self.namespace = namespace
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="arpad-prometheus-"))
        configuration = self.directory / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(interval=interval, rules=RULES, port=ARPAD_PORT))
        self.log = open(self.directory / "log", "wb")
        self.process = namespace.start(
            program, f"--config.file={configuration}", f"--storage.tsdb.path={self.directory}/data",
            f"--web.listen-address=127.0.0.1:{PORT}", stdout=self.log, stderr=self.log)

    def call(self, page, **parameters):
        status, _, text = get(self.namespace, f"/api/v1/{page}?{urllib.parse.urlencode(parameters)}", PORT)
        if status != 200:  # as while it starts
            raise LabError(f"{page} {parameters}: {text}")
        return json.loads(text)["data"]

    def query(self, expression):
        """[(labels, value)], now."""
        return [(row["metric"], float(row["value"][1]))
                for row in self.call("query", query=expression)["result"]]

    def range(self, expression, start, end, step):
        """[(labels, [(time, value)])]."""
        rows = self.call("query_range", query=expression, start=start, end=end, step=step)["result"]
        return [(row["metric"], [(at, float(value)) for at, value in row["values"]]) for row in rows]

    def wait(self, expression, seconds=START_SECONDS):
        """Until the expression has a value."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self.query(expression):
                    return
            except (OSError, http.client.HTTPException, LabError):
                pass
            if time.monotonic() > deadline or self.process.poll() is not None:
                text = (self.directory / "log").read_text(errors="replace")
                raise LabError(f"'{expression}' came to nothing. Prometheus's log:\n{text}")
            time.sleep(0.2)

    def remove(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def dashboard_panels():
    """The dashboard's panels, row by row, as they are in its file."""
    return json.loads(DASHBOARD.read_text())["panels"]


def fill_in(expression, window):
    """An expression of the dashboard as Grafana would ask it."""
    return expression.replace("$__rate_interval", window).replace("$instance", ".*")
