#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a fuzz target's first corpus from the vectors: seed.py TARGET FOLDER.

A target that no vectors fit begins with an empty folder and is listed all the same, so that a
mistaken name is an error and not an empty corpus.
"""

import os
import struct
import sys

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
    """Each frame alone, and bursts of eight neighbours."""
    frames = list(queries("frames.txt"))
    for name, frame in frames:
        yield name, framed(frame)
    for at in range(0, len(frames), 8):
        yield f"burst-{at}", b"".join(framed(frame) for _, frame in frames[at:at + 8])


def message_inputs():
    """A first octet chooses the policy and the transport; see fuzz_message.c."""
    for number, policy in enumerate(("plain", "full", "enforce")):
        for tcp, file in enumerate((f"{policy}-udp.txt", f"{policy}-tcp.txt")):
            for name, query in queries(file):
                yield f"{policy}-{tcp}-{name}", bytes([number * 2 + tcp]) + query


INPUTS = {
    "command": list,
    "frame": frame_inputs,
    "message": message_inputs,
    "store_value": list,
    "zonefile": list,
}


def main():
    target, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for name, data in INPUTS[target]():
        with open(os.path.join(folder, name.replace("/", "_")), "wb") as out:
            out.write(data)


main()
