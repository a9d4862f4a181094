#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a fuzz target's first corpus from the vectors: seed.py TARGET FOLDER.

A target that no vectors fit begins with an empty folder and is listed all the same, so that a
mistaken name is an error and not an empty corpus.
"""

import os
import struct
import sys
from pathlib import Path

VECTORS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "vectors")


def queries(file):
    with open(os.path.join(VECTORS, file), encoding="ascii") as lines:
        for line in lines:
            if not line.startswith("#"):
                name, _, query, _ = line.split()
                yield name, b"" if query == "-" else bytes.fromhex(query)


def framed(frame):
    return struct.pack("!H", len(frame)) + frame


def frame_inputs():
    """Each frame alone, and bursts of eight neighbours over links of several MTUs."""
    frames = list(queries("frames.txt"))

    def link(mtu):
        return struct.pack("!H6x", mtu)

    for name, frame in frames:
        yield name, link(1500) + framed(frame)
    mtus = (1500, 9000, 1280, 576, 68, 0)
    for at in range(0, len(frames), 8):
        burst = b"".join(framed(frame) for _, frame in frames[at:at + 8])
        yield f"burst-{at}", link(mtus[at // 8 % len(mtus)]) + burst


def observe_inputs():
    """A first octet chooses whether a trace looks as well; see fuzz_observe.c."""
    for name, frame in queries("frames.txt"):
        yield name, b"\0" + frame
        yield f"{name}-traced", b"\1" + frame


def neighbor_inputs():
    """A first octet chooses the room behind the frame; see fuzz_neighbor.c."""
    for name, frame in queries("neighbors.txt"):
        yield name, b"\x0f" + frame
        yield f"{name}-tight", b"\0" + frame


def message_inputs():
    """A first octet chooses the policy and the transport; see fuzz_message.c."""
    for number, policy in enumerate(("plain", "full", "enforce")):
        for tcp, file in enumerate((f"{policy}-udp.txt", f"{policy}-tcp.txt")):
            for name, query in queries(file):
                yield f"{policy}-{tcp}-{name}", bytes([number * 2 + tcp]) + query


def zonefile_inputs():
    """A line of each kind, behind the octet that chooses the pieces."""
    lines = (
        '@ 5 SOA a b 1 2h 3 4 5', '7 IN 5 PTR a\\046b.', '$TTL 1h', '$ORIGIN 9', '$INCLUDE a b',
        '$GENERATE 1-9/2 $ 5 PTR h${0,3,x}.${1,0,n}', 'a 5 TXT "b;" c\\255 (', ') ; d',
        'a 5 NSEC b A TYPE900', 'a 5 DS 1 8 2 ab cd', 'a 5 DHCID AAIB', 'a 5 CAA 0 issue "x"',
        'a 5 APL !1:10.0.0.0/8', 'a 5 LOC 1 2 3 N 4 5 6 E 7m 8m', 'a 5 HIP 2 AA AQ== s',
        'a 5 IPSECKEY 1 3 2 g AQ==', 'a 5 SVCB 1 . alpn=h2 port=1', 'a 5 TYPE999 \\# 2 abcd',
        'a 5 RRSIG A 8 2 5 20300101000000 1 2 b. AQ==', 'a 5 EUI48 00-00-5e-00-53-2a',
        'a 5 NSEC3 1 1 2 ab 2vptu5timamqttgl4luu9kg21e0aor3s A', 'a 5 NID 1 1:2:3:4',
    )
    for at, line in enumerate(lines):
        yield f"line-{at}", b"\x07" + line.encode("ascii") + b"\n"
    yield "all", b"\x40" + "\n".join(lines).encode("ascii")


def request_lines():
    """Every method with parameters that it takes."""
    zone_file = r"$TTL 60\n@ SOA a. b. 1 2 3 4 5\n@ NS a.\n7 PTR h.example.\n$GENERATE 8-9 $ PTR h$.\n"
    requests = (
        ("zone.add", '"zone":"192.0.2.0/24","ns":["a.example."],"ttl":60'),
        ("zone.add", '"zone":"2001:db8::/32"'),
        ("ptr.set", '"address":"192.0.2.7","name":"h.example.","ttl":300'),
        ("ptr.set", '"address":"2001:db8::7","names":["h.example.","i.example."]'),
        ("ptr.set", '"address":"192.0.2.7","description":"d","tags":{"k":"v"},"tenant":"t","if_seq":1'),
        ("ptr.add", '"address":"192.0.2.7","name":"j.example.","txn":"txntxntx"'),
        ("ptr.remove", '"address":"192.0.2.7","name":"j.example."'),
        ("ptr.count", '"prefix":"192.0.2.0/24"'),
        ("ptr.unset", '"prefix":"192.0.2.0/25","expect":1,"txn":"txntxntx"'),
        ("zone.add", '"zone":"198.51.100.0/24","txn":"txntxntx"'),
        ("zone.remove", '"zone":"2001:db8::/32","txn":"txntxntx"'),
        ("txn.begin", '"timeout_s":9'), ("txn.list", ""), ("txn.show", '"txn":"txntxntx"'),
        ("txn.diff", '"txn":"txntxntx"'), ("txn.confirm", '"txn":"txntxntx"'),
        ("txn.commit", '"txn":"txntxntx","confirm_s":9,"force":true'),
        ("txn.abort", '"txn":"txntxntx"'),
        ("txn.run", '"operations":[{"method":"ptr.unset","params":{"address":"192.0.2.7"}}]'),
        ("zone.set", '"zone":"192.0.2.0/24","serial":"date","ttl":5'),
        ("zone.freeze", '"zone":"192.0.2.0/24"'), ("zone.thaw", '"zone":"192.0.2.0/24"'),
        ("ptr.list", '"name":"*.e?ample.","tag":"k=v","tenant":"t","changed_since":1'),
        ("ptr.show", '"address":"192.0.2.7"'),
        ("ptr.list", '"prefix":"192.0.2.0/24","after":"192.0.2.1","limit":9'),
        ("ptr.unset", '"address":"192.0.2.7"'),
        ("ptr.add", '"address":"192.0.2.8","name":"j.example.","if_seq":0'),
        ("ptr.remove", '"address":"192.0.2.8","names":["j.example."]'),
        ("ptr.set", '"address":"192.0.2.9","name":"k.","description":"d","tags":{"a":"b"},"tenant":"t"'),
        ("ptr.list", '"name":"*.example.*","tag":"a=b","tenant":"t","changed_since":1'),
        ("ptr.count", '"prefix":"192.0.2.0/24"'), ("ptr.unset", '"prefix":"192.0.2.0/24","expect":1'),
        ("txn.run", '"operations":[{"method":"ptr.set","params":{"address":"192.0.2.7","name":"l."}}]'),
        ("txn.begin", '"timeout_s":9'), ("txn.list", ""), ("txn.show", '"txn":"abcdefgh"'),
        ("txn.diff", '"txn":"abcdefgh"'), ("txn.commit", '"txn":"abcdefgh","confirm_s":9,"force":true'),
        ("txn.confirm", '"txn":"abcdefgh"'), ("txn.abort", '"txn":"abcdefgh"'),
        ("zone.set", '"zone":"192.0.2.0/24","serial":"date","ttl":60'),
        ("zone.freeze", '"zone":"192.0.2.0/24"'), ("zone.thaw", '"zone":"192.0.2.0/24"'),
        ("history", '"address":"192.0.2.7","limit":3'), ("events", '"after":0,"prefix":"192.0.2.0/24"'),
        ("wait", '"seq":1,"timeout_s":0'),
        ("import.begin", '"format":"csv","mode":"merge"'),
        ("import.data", '"import":1,"text":"192.0.2.7,a.example.,60\\n"'), ("import.diff", '"import":1'),
        ("import.commit", '"import":1,"dry_run":true'),
        ("import.begin", '"format":"zone","zone":"192.0.2.0/24"'),
        ("import.data", f'"import":1,"text":"{zone_file}"'),
        ("import.include", '"import":1,"file":"f","origin":"a."'),
        ("import.include-end", '"import":1'),
        ("import.commit", '"import":1'),
        ("import.abort", '"import":1'),
        ("store.backup", ""), ("store.verify", ""), ("store.restore.begin", ""),
        ("zone.export", '"zone":"2.0.192.in-addr.arpa"'),
        ("zone.show", '"zone":"192.0.2.0/24"'),
        ("zone.list", ""),
        ("zone.remove", '"zone":"192.0.2.0/24"'),
        ("server.status", ""), ("server.methods", ""),
        ("server.stats", '"explain":true'),
        ("address.add", '"address":"2001:db8::1"'), ("address.add", '"address":"192.0.2.1@5353"'),
        ("address.remove", '"address":"2001:db8::1"'), ("address.list", ""),
        ("server.drain", ""), ("server.undrain", ""), ("server.health", ""),
        ("config.show", '"key":"tcp"'), ("config.diff", ""), ("config.reload", ""),
        ("config.check", '"text":"listen: {addresses: [192.0.2.1]}\\nports: [{queue: 1}]\\n"'),
    )
    for at, (method, params) in enumerate(requests):
        yield method, f'{{"id":{at},"method":"{method}","params":{{{params}}}}}'.encode("ascii")


def command_inputs():
    """Each line alone, all as one conversation, and all in one line."""
    lines = list(request_lines())
    for at, (method, line) in enumerate(lines):
        yield f"{at}-{method}", line + b"\n"
    yield "all", b"\n".join(line for _, line in lines)
    yield "array", b"[" + b",".join(line for _, line in lines) + b"]"


def config_inputs():
    """The example as it is, with its comments' keys, and with each of its lines spoilt."""
    text = (Path(__file__).resolve().parents[2] / "control/arpad.yaml").read_text(encoding="ascii")
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    yield "example", text.encode("ascii")
    yield "plain", "\n".join(lines).encode("ascii")
    for at, line in enumerate(lines):
        wrong = lines[:at] + [line.replace(":", "x:", 1) + "&"] + lines[at + 1:]
        yield f"wrong-{at}", "\n".join(wrong).encode("ascii")


def request_inputs():
    """The same, with and without blanks."""
    for at, (method, line) in enumerate(request_lines()):
        yield f"{at}-{method}", line
        yield f"{at}-{method}-blanks", line.replace(b":", b" : ").replace(b",", b" , ")
    yield "array", b"[" + b",".join(line for _, line in request_lines()) + b"]"


def arpactl_inputs():
    """A reply, a line for the shell, a row and an object for "ptr set -"."""
    yield "reply", (b'{"id":1,"more":true,"result":[{"address":"192.0.2.1","names":["a\\u00e9"],'
                    b'"ttl":5,"tags":{"k":"v"}}]}')
    yield "row", b'192.0.2.1,"a ""b""",60,"d, e",t,k=v;l=w\r\n'
    yield "line", b"192.0.2.1 a\\046b. 60"
    yield "words", b"ptr set '192.0.2.1' a. \"x\\\\\" # y"
    yield "object", b'{"address":"192.0.2.1","names":["a."],"seq":1,"ttl":5}'
    yield "keys", b"q2\t\033[A\033OB\033[5~\033"
    yield "stats", (b'{"version":"1","ready":false,"reasons":["draining"],"start_id":"a","time_ms":9,'
                    b'"monotonic_ms":8,"seq":7,"outcomes":{"answered":6,"rate-dropped":5},'
                    b'"workers":[{"port":"vs","queue":0,"core":1,"received":4,"bursts":3,'
                    b'"busy_cycles":2,"cycles":9,"busy_ratio":0.5}],"listener":{"tcp_queries":1},'
                    b'"ports":[{"port":"vs","link_up":1,"kernel":{"interface":"a","ring_full":1}}],'
                    b'"steer":[{"interface":"vs","verdicts":{"redirected":1}}],"prefixes":'
                    b'{"seconds":10,"one_in":4,"rows":[{"name":"a","count":5,"error":1}]}}')
    yield "zones", (b'[{"zone":"10.0.0.0/8","serial":1,"records":2,"frozen":true,'
                    b'"modified":"2026-01-01T00:00:00Z"}]')


def journal_inputs():
    """One entry of each kind, and a commit that waits."""
    key = struct.pack("!BQI", 12, 7, 0)
    host = bytes([1, 192, 0, 2, 1, 32, 0])
    name = b"\x01a\x07example\x00"
    value = struct.pack("!IHIIQH", 300, 1, 1, 2, 7, len(name)) + name
    soa = struct.pack("!IHIIQH", 60, 1, 1, 2, 7, 22) + bytes(2) + bytes(20)

    def head(kind):
        return struct.pack("!IIIBB5s", 1, 2, 3, kind, 5, b"alice")

    def owned(type_, numbers, before, after):
        return (struct.pack("!H", len(host)) + host + struct.pack("!H", type_) +
                b"".join(struct.pack("!Q", n) for n in numbers) +
                struct.pack("!I", len(before)) + before + struct.pack("!I", len(after)) + after)

    yield "rrset", key + head(1) + owned(12, [5], b"", value)
    yield "changed", key + head(1) + owned(12, [5], value, value)
    yield "soa", key + head(1) + owned(6, [5, 7], soa, soa)
    for kind, what in ((2, "added"), (3, "removed"), (5, "settings")):
        yield what, key + head(kind) + owned(0, [0], b"", bytes(10))
    yield "bulk", key + head(4) + struct.pack("!QQQ", 1, 2, 3)
    yield "revert", key + head(6) + struct.pack("!QQQQ", 1, 2, 3, 4)
    yield "waiting", b"\x08abcdefgh" + struct.pack("!QQI", 5, 5, 1000) + b"alice"


def import_csv_inputs():
    """A line of each kind, behind the octet that chooses the pieces."""
    lines = (
        "192.0.2.7,a.example.", "192.0.2.7,a,60,text,acme,k=v;l=w", "2001:db8::7,b,,,,",
        'address,name,ttl,tags\n192.0.2.7,"a",1,"k=""v"""', "name,seq,address\na,1,192.0.2.7",
        "192.0.2.7,x\\.y\\065\r\n\n192.0.2.7,z", "\ufeff192.0.2.7,a,1,\u00fc",
    )
    for at, line in enumerate(lines):
        yield f"line-{at}", b"\x07" + line.encode() + b"\n"


def import_ndjson_inputs():
    """A line of each kind, behind the octet that chooses the pieces."""
    lines = (
        '{"address":"192.0.2.7","names":["a.example.","b"],"ttl":60}',
        '{"address":"2001:db8::7","name":"a","description":"\\u00fc\\ud83d\\ude00","tags":{}}',
        ' { "tags" : { "k" : "v" } , "tenant":"t", "name" : "a" , "address" : "192.0.2.7" } ',
        '{"address":"192.0.2.7","name":"a","created":"x","modified":null,"seq":1,"status":true,'
        '"zone":-1}',
    )
    for at, line in enumerate(lines):
        yield f"line-{at}", b"\x07" + line.encode() + b"\n"


def backup_inputs():
    """The lines of a backup without its head and end."""
    zone = '{"zone":"2.0.192.in-addr.arpa.","serial_policy":0,"frozen":false,"ttl":0}\n'
    times = '"ttl":1,"created":1,"modified":2}\n'
    apex = '{"owner":"2.0.192.in-addr.arpa.",'
    lines = (
        zone, apex + '"type":2,"data":["016100","016200"],' + times,
        '{"address":"192.0.2.7","names":["a.","."],"description":"x","tenant":"t",'
        '"tags":{"k":"v"},' + times,
        apex + '"type":6,"data":["016100016200' + 5 * "00000001" + '"],' + times,
        '{"owner":"\\\\000*.2.0.192.in-addr.arpa.","type":16,"data":["0161"],' + times,
    )
    for at, line in enumerate(lines):
        yield f"line-{at}", (zone + line).encode()
    yield "all", "".join(lines).encode()


def preflight_inputs():
    """A text of each kind; the unit is the one that is installed."""
    with open(os.path.join(VECTORS, "../../control/arpad.service.in"), "rb") as unit:
        yield "unit", unit.read()
    for at, text in enumerate((
            "0-3,8,10-11", "6.1.0-13-amd64", "0000:3b:00.1,a=1", "0::/system.slice/knot.service",
            "12: 3500007F:0035 00000000:0000 07 0:0 0:0 0 0 0 1111 2",
            "1: B80D0120000000000000000001000000:0035 0:0 0A 0:0 0:0 0 0 0 22 2",
            "[Service]\nCapabilityBoundingSet=~CAP_BPF\nLimitMEMLOCK=1:64M\nDeviceAllow=\n")):
        yield f"text-{at}", text.encode()


def trace_row_inputs():
    """Rows with their packets, and a message of each kind behind the octets that say which."""
    row = ('{"time":"2026-11-23T17:00:00.123456789Z","client":"192.0.2.1","port":1,"server":"192.0.2.2",'
           '"server_port":53,"outcome":"answered","transport":"%s","path":"%s","worker":0,"one_in":64,'
           '"query_bytes":6,"query":"Zm9vYmFy","reply_bytes":2,"reply":"Zm8="}')
    yield "frames", (row % ("udp", "worker")).encode()
    yield "udp", (row % ("udp", "kernel")).replace("192.0.2", "2001:db8:").encode()
    yield "tcp", (row % ("tcp", "kernel")).encode()
    yield "base64", b'"Zg=="'
    message = (b"\x12\x34\x01\x00\0\1\0\0\0\0\0\1\x017\x010\x012\x03192\x07in-addr\x04arpa\0\0\x0c\0\1"
               b"\0\0\x29\x04\xd0\0\0\x80\0\0\0")
    for path in range(4):
        for family in (4, 8):
            yield f"message-{path}-{family}", bytes([path | family, 3, 23, 0]) + message


def http_request_inputs():
    """Requests as clients send them; the first octet is also where the text is cut."""
    for at, text in enumerate((
            "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\n\r\n", "HEAD / HTTP/1.0\n\n",
            "GET http://[::1]:10153/readyz?x=y#z HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")):
        yield f"request-{at}", text.encode()


INPUTS = {
    "backup": backup_inputs,
    "arpactl": arpactl_inputs,
    "command": command_inputs,
    "config": config_inputs,
    "frame": frame_inputs,
    "http_request": http_request_inputs,
    "import_csv": import_csv_inputs,
    "import_ndjson": import_ndjson_inputs,
    "message": message_inputs,
    "neighbor": neighbor_inputs,
    "observe": observe_inputs,
    "preflight": preflight_inputs,
    "request": request_inputs,
    "journal": journal_inputs,
    "store_log": list,
    "trace_row": trace_row_inputs,
    "store_value": list,
    "zonefile": zonefile_inputs,
}


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for name, data in INPUTS[target]():
        with open(os.path.join(folder, name.replace("/", "_")), "wb") as out:
            out.write(data)


main()
