# SPDX-License-Identifier: BSD-3-Clause
"""The control protocol in plain Python: one JSON object a line, without arpactl."""

import json
import socket


class Control:
    def __init__(self, path, timeout=10.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("rb")
        self.greeting = self.read()
        self.identity = 0

    def read(self):
        """The next line's object; None when the server has closed."""
        line = self.lines.readline()
        return json.loads(line) if line else None

    def send_line(self, line):
        self.socket.sendall(line if isinstance(line, bytes) else line.encode() + b"\n")

    def send(self, method, **params):
        """Sends without waiting; returns the request's id."""
        self.identity += 1
        self.send_line(json.dumps({"id": self.identity, "method": method, "params": params}))
        return self.identity

    def call(self, method, **params):
        identity = self.send(method, **params)
        reply = self.read()
        if reply is None or reply.get("id") != identity:
            raise ValueError(f"the reply to {identity} is {reply}")
        return reply

    def close(self):
        self.lines.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
