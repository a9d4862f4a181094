# SPDX-License-Identifier: BSD-3-Clause
"""Many queries to one server over one UDP socket, a window of them outstanding.

Every query ends in the reply's octets or in None, after its last attempt went unanswered.
"""

import collections
import select
import socket
import time

WINDOW = 200        # below every server's default socket buffer, so nothing is lost to bursts
PATIENCE_S = 1.0    # of one attempt; a loaded machine may let a server wait this long
ATTEMPTS = 3


def belongs(reply, query):
    """A reply to this very query: the header alone, or the question octet for octet."""
    if len(reply) < 12 or not reply[2] & 0x80:
        return False
    return reply[4:6] == b"\0\0" or reply[12:12 + len(query.question())] == query.question()


def exchange(address, queries, window=WINDOW, attempts=ATTEMPTS, patience_s=PATIENCE_S):
    """Replies in the order of the queries. The address is (host, port)."""
    replies = [None] * len(queries)
    waiting = {}                        # message id -> index of the query
    attempts_made = [0] * len(queries)
    deadlines = collections.deque()     # (when, id, index), oldest first
    todo = collections.deque(range(len(queries)))
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.connect(address)
        sock.setblocking(False)
        while todo or waiting:
            now = time.monotonic()
            while todo and len(waiting) < window and (todo[0] & 0xFFFF) not in waiting:
                index = todo.popleft()
                ident = index & 0xFFFF
                try:
                    sock.send(queries[index].message(ident))
                except (BlockingIOError, ConnectionRefusedError):
                    pass                # counts as an attempt that was lost
                attempts_made[index] += 1
                waiting[ident] = index
                deadlines.append((now + patience_s, ident, index))
            collect(sock, queries, waiting, replies)
            expire(deadlines, waiting, attempts_made, todo, attempts)
    return replies


def collect(sock, queries, waiting, replies):
    select.select([sock], [], [], 0.02)
    while True:
        try:
            reply = sock.recv(65535)
        except (BlockingIOError, ConnectionRefusedError):
            return
        ident = int.from_bytes(reply[:2], "big")
        index = waiting.get(ident)
        if index is not None and belongs(reply, queries[index]):
            replies[index] = reply
            del waiting[ident]


def expire(deadlines, waiting, attempts_made, todo, attempts):
    now = time.monotonic()
    while deadlines and deadlines[0][0] <= now:
        _, ident, index = deadlines.popleft()
        if waiting.get(ident) == index:
            del waiting[ident]
            if attempts_made[index] < attempts:
                todo.append(index)
