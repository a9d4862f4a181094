# SPDX-License-Identifier: BSD-3-Clause
"""Everything that arpad holds, as its control socket and as its DNS say it."""

import socket

from lab import message

class ReadFailed(Exception):
    """A list was refused, or is not what it can be."""


SAMPLE = 1500  # addresses that are asked over DNS too


def state_of(control):
    """{address: (name, description or None)} and {zone: "zone"} of all, and the sequence number."""
    state = {}
    for row in rows(control, "ptr.list"):
        if row["address"] in state:
            raise ReadFailed(f"{row['address']} is listed twice")
        if len(row["names"]) != 1:
            raise ReadFailed(f"{row['address']} has the names {row['names']}")
        state[row["address"]] = (row["names"][0], row.get("description"))
    state.update({row["zone"]: "zone" for row in rows(control, "zone.list")})
    return state, control.call("server.status")["result"]["seq"]


def rows(control, method):
    control.send(method)
    more = True
    while more:
        reply = control.read()
        if reply is None or "error" in reply:
            raise ReadFailed(f"{method}: {reply}")
        more = reply.get("more", False)
        yield from reply["result"]


def reverse(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa."


class Questions:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(5)
        self.number = 0

    def name_of(self, address):
        """The name of its PTR record, or None."""
        self.number = (self.number + 1) & 0xffff
        self.socket.send(message.query(reverse(address), identity=self.number))
        while True:
            reply = message.Reply(self.socket.recv(4096))
            if reply.id == self.number:
                break
        names = reply.names()
        return names[0] if names else None

    def close(self):
        self.socket.close()


def disagreement(port, state, addresses):
    """The first address that DNS answers otherwise than the control socket, as a sentence."""
    questions = Questions(port)
    try:
        for address in addresses:
            name, there = questions.name_of(address), state.get(address, (None,))[0]
            if name != there:
                return f"{address}: DNS says {name}, the control socket {there}"
    finally:
        questions.close()
    return None

