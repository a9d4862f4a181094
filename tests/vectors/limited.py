# SPDX-License-Identifier: BSD-3-Clause
"""What each message gets that is above its client's rate: with slip 1, a short reply where one can be made."""

import struct

from frames import SIX
from replies import CLIENT, FULL, NOW, PLAIN, Asked
from wire import BADCOOKIE, COOKIE, QR, RD, TC, frame, opt, option, reply_frame, server_cookie

POLICIES = {"plain": PLAIN, "full": FULL}
SILENT = ("message-short", "message-is-reply")


def valid(cookie, policy):
    """RFC 9018 4.3: ours, at most an hour old and five minutes ahead."""
    if len(cookie) != 24 or cookie[8] != 1:
        return False
    age = (NOW - struct.unpack("!I", cookie[12:16])[0] + 2**31) % 2**32 - 2**31
    return -300 <= age <= 3600 and any(
        cookie == server_cookie(cookie[:8], CLIENT, NOW - age, secret, cookie[9:12]) for secret in policy.secrets)


def limited(message, outcome, reply, policy):
    """(outcome, reply) in place of those that a client within its rate gets."""
    if outcome in SILENT:
        return outcome, None
    if len(reply) == 12 or outcome == "badvers":
        return "rate-dropped", None
    asked = Asked(message)
    cookie = asked.cookie() if policy.cookies != "off" else None
    if cookie and valid(cookie, policy):
        return outcome, reply
    rcode = BADCOOKIE if cookie else 0
    flags = QR | asked.flags & RD | rcode & 15 | (0 if cookie else TC)
    short = struct.pack("!6H", asked.ident, flags, 1, 0, 0, asked.opt is not None) + asked.question
    if asked.opt:
        fresh = server_cookie(cookie[:8], CLIENT, NOW, policy.secrets[0]) if cookie else b""
        short += opt(policy.size, do=asked.opt[1], rcode=rcode >> 4,
                     options=option(COOKIE, fresh) if cookie else b"")
    assert len(short) <= len(message) + (16 if cookie else 0), "no amplification"
    return "rate-slipped", short


def messages(answers, policy):
    for _, text, message, outcome, reply in answers(policy, False):
        yield text, message, *limited(message, outcome, reply, POLICIES[policy])


def frames(answers):
    for n, (text, message, outcome, reply) in enumerate(messages(answers, "plain")):
        if len(message) > 1452:
            continue
        ends = ({}, SIX, {"vlan": 100})[n % 3]
        yield text, frame(message, **ends), outcome, reply and reply_frame(reply, **ends)
