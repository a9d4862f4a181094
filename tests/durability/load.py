# SPDX-License-Identifier: BSD-3-Clause
"""Clients that change and remember: what was sent in which order, and what was acknowledged.

A client owns its addresses and zones, and one connection does its requests in their order. So
after any fault there is one number n, at least that of the last acknowledgement, so that the server
holds exactly what the first n requests made: none lost, none half, none out of order, and no refused
one visible. Every value is unique.
"""

import json
import socket
import threading

ZONE = "10.0.0.0/8"  # of all clients: each has a /16 of it
HOSTS = 600


class Operation:
    """`lines` are its requests; `effect` changes a dict as the server would, or not at all."""

    def __init__(self, effect, requests, may_fail=False):
        self.effect, self.requests, self.may_fail = effect, requests, may_fail
        self.outcome = None  # None: no answer; True: done; False: refused


def in_zone(state, address):
    return address.startswith("10.") or f"{address.rpartition('.')[0]}.0/24" in state


def put(state, address, name, description=None):
    """A name takes the old one's place; a description stays until there is another."""
    if description is None and address in state:
        description = state[address][1]
    state[address] = (name, description)


class Client(threading.Thread):
    def __init__(self, path, number, state, random, window=64, kinds=None, limit=None):
        super().__init__(daemon=True)
        self.path, self.number, self.random, self.window = path, number, random, window
        self.before = dict(state)  # when it began
        self.model = dict(state)  # as if all that was sent had been done
        self.kinds, self.limit = kinds or ("set", "unset", "bad"), limit
        self.operations, self.waiting, self.faults = [], [], []
        self.sequence = 0  # the highest that was acknowledged
        self.serial = 0
        self.stopping = threading.Event()
        self.answered = threading.Event()  # at least one

    # ---- What it sends ----

    def name(self):
        self.serial += 1
        tag = self.random.randrange(1 << 40)
        return f"c{self.number}-{tag:010x}-{self.serial}.example.net."

    def host(self):
        zones = [key for key in self.model if "/" in key]
        if zones and self.random.random() < 0.2:
            return f"{self.random.choice(zones)[:-5]}.{self.random.randrange(1, 255)}"
        i = self.random.randrange(HOSTS)
        return f"10.{self.number}.{i // 250}.{i % 250 + 1}"

    def zone(self):
        return f"172.{16 + self.number % 16}.{self.random.randrange(4)}.0/24"

    def set(self):
        """With a description as often as not; without, the one that was there stays."""
        address, name = self.host(), self.name()
        params = {"address": address, "name": name}
        if self.random.random() < 0.5:
            params["description"] = f"of {name}"

        def effect(state):
            if in_zone(state, address):
                put(state, address, name, params.get("description"))
        return Operation(effect, [("ptr.set", params)], not in_zone(self.model, address))

    def grow(self):
        """One more address than there were."""
        i = HOSTS + self.serial % 50000
        address, name = f"10.{self.number}.{i // 250}.{i % 250 + 1}", self.name()

        def effect(state):
            put(state, address, name)
        return Operation(effect, [("ptr.set", {"address": address, "name": name})])

    def unset(self):
        address = self.random.choice([key for key in self.model if "/" not in key] or [self.host()])
        return Operation(lambda state: state.pop(address, None), [("ptr.unset", {"address": address})],
                         address not in self.model)

    def bad(self):
        params = self.random.choice((
            {"address": f"192.0.2.{self.number}", "name": self.name()},
            {"address": self.host(), "name": "a." * 200},
            {"address": self.host(), "name": self.name(), "ttl": 0}))
        return Operation(lambda state: None, [("ptr.set", params)], True)

    def txn(self):
        """All of it or nothing; with one that must fail among them: nothing."""
        picked = sorted({self.host() for _ in range(self.random.randrange(1, 20))})
        changes = {address: self.name() for address in picked}
        spoiled = self.random.random() < 0.2
        steps = [{"method": "ptr.set", "params": {"address": address, "name": name}}
                 for address, name in changes.items()]
        if spoiled:
            steps.append({"method": "ptr.set",
                          "params": {"address": "192.0.2.1", "name": "no.example.net."}})

        def effect(state):
            if not spoiled and all(in_zone(state, address) for address in changes):
                for address, name in changes.items():
                    put(state, address, name)
        return Operation(effect, [("txn.run", {"operations": steps})],
                         spoiled or not all(in_zone(self.model, each) for each in changes))

    def zone_add(self):
        zone = self.zone()

        def effect(state):
            state.setdefault(zone, "zone")
        return Operation(effect, [("zone.add", {"zone": zone})], zone in self.model)

    def zone_remove(self):
        zone = self.zone()

        def effect(state):
            if state.pop(zone, None):
                for key in [key for key in state if key.startswith(zone[:-4])]:
                    del state[key]
        return Operation(effect, [("zone.remove", {"zone": zone})], zone not in self.model)

    def zone_import(self):
        """The whole contents of a zone, which is added where it is new."""
        zone = self.zone()
        hosts = self.random.sample(range(1, 255), self.random.randrange(1, 254))
        names = {host: self.name() for host in hosts}
        text = ("$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. 1 2 3 4 5\n"
                "@ NS ns1.example.net.\n")
        text += "".join(f"{host} PTR {name}\n" for host, name in names.items())

        def effect(state):
            kept = {f"{zone[:-5]}.{host}" for host in names}
            for key in [key for key in state if key.startswith(zone[:-4])]:
                if key not in kept:
                    del state[key]
            state[zone] = "zone"
            for host, name in names.items():
                put(state, f"{zone[:-5]}.{host}", name)
        return Operation(effect, [("zone", zone), ("text", text)])

    def make(self):
        return getattr(self, self.random.choices(*zip(*WEIGHTS.items()))[0]
                       if self.kinds == "all" else self.random.choice(self.kinds))()

    # ---- How it sends ----

    def run(self):
        try:
            self._run()
        except OSError:
            pass  # arpad is gone, as it is in most of these tests
        finally:
            self.socket.close()

    def _run(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(str(self.path))
        self.lines = self.socket.makefile("rb")
        self.lines.readline()
        while not self.stopping.is_set() and len(self.operations) != self.limit:
            lines = []
            while len(self.waiting) < self.window and len(self.operations) != self.limit:
                operation = self.make()
                if operation.requests[0][0] == "zone":
                    self._flush(lines)
                    self._import(operation)
                    lines = []
                else:
                    self._note(operation)
                    lines.append(line(*operation.requests[0]))
            self.socket.sendall(b"".join(lines))
            if not self._receive(len(self.waiting) - self.window // 2):
                return
        self._receive(len(self.waiting))

    def _note(self, operation):
        operation.effect(self.model)
        self.operations.append(operation)
        self.waiting.append(operation)

    def _flush(self, lines):
        self.socket.sendall(b"".join(lines))
        if not self._receive(len(self.waiting)):
            raise ConnectionResetError

    def _call(self, method, **params):
        self.socket.sendall(line(method, params))
        reply = self.lines.readline()
        if not reply.endswith(b"\n"):
            raise ConnectionResetError
        return json.loads(reply)

    def _import(self, operation):
        zone, text = operation.requests[0][1], operation.requests[1][1]
        begun = self._call("import.begin", format="zone", zone=zone)
        if "error" in begun:
            operation.outcome = False
            self._unexpected(operation, begun)
            return
        number = begun["result"]["import"]
        for i in range(0, len(text), 3000):
            self._call("import.data", **{"import": number, "text": text[i:i + 3000]})
        self._note(operation)
        self.socket.sendall(line("import.commit", {"import": number}))
        if not self._receive(1):
            raise ConnectionResetError

    def _receive(self, count):
        """Notes so many answers; false when the connection has ended."""
        for _ in range(count):
            reply = self.lines.readline()
            if not reply.endswith(b"\n"):
                return False
            reply = json.loads(reply)
            operation = self.waiting.pop(0)
            operation.outcome = "result" in reply
            self.answered.set()
            if operation.outcome:
                self.sequence = max(self.sequence, reply["result"].get("seq", 0))
            else:
                self._unexpected(operation, reply)
        return True

    def _unexpected(self, operation, reply):
        if not operation.may_fail:
            self.faults.append((operation.requests[0], reply["error"]))

    # ---- What must be there ----

    def owns(self, key):
        return key != ZONE and (key.startswith(f"10.{self.number}.")
                                or key.startswith(f"172.{16 + self.number % 16}."))

    def compare(self, observed):
        """None, or a sentence; `observed` is the whole server's state. Takes it over if right."""
        mine = {key: value for key, value in observed.items() if self.owns(key)}
        state = dict(self.before)
        unanswered = []
        for operation in self.operations:
            if operation.outcome is None:
                unanswered.append(operation)
            elif operation.outcome:
                operation.effect(state)
        acknowledged = dict(state)
        for number in range(len(unanswered) + 1):
            if state == mine:
                self.visible_unanswered = number
                self.state = mine
                return None
            if number < len(unanswered):
                unanswered[number].effect(state)
        return difference(acknowledged, mine, len(unanswered))


WEIGHTS = {"set": 60, "unset": 10, "bad": 4, "txn": 8, "zone_add": 3, "zone_remove": 2,
           "zone_import": 1}


def line(method, params):
    return json.dumps({"id": 1, "method": method, "params": params}).encode() + b"\n"


def difference(wanted, found, unanswered):
    keys = [key for key in sorted({*wanted, *found}) if wanted.get(key) != found.get(key)]
    shown = ", ".join(f"{key}: {wanted.get(key)} was acknowledged, {found.get(key)} is there"
                      for key in keys[:3])
    return f"{len(keys)} differ beyond what {unanswered} unanswered requests explain: {shown}"
