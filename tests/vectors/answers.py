# SPDX-License-Identifier: BSD-3-Clause
"""docs/answers.md from the vectors: each reply in words, with the vectors that get it."""

import words

HEAD = """<!-- SPDX-License-Identifier: BSD-3-Clause -->
# What arpad answers

Every reply below is that of a test: the words are read back from the bytes of the vectors in
`tests/vectors/`, whose names stand in the first column. Made by `tests/vectors/generate.py`; a test
compares. Where TCP differs it is said; a reply over UDP is never longer than the client's OPT and the
configured size allow (512 octets without OPT).

The rules behind the tables:

* Under 12 octets, or QR set: silence. Two servers could otherwise talk for ever.
* All else that is malformed gets a header of 12 octets, FORMERR, every flag but QR clear, RD too: a
  message that cannot be trusted is not repeated. An opcode other than QUERY gets the same with NOTIMP.
* A well-formed question gets its question back octet by octet, case included; RD is copied, and no
  other flag. Options that are not understood, EDNS flags but DO, and Z are never echoed.
* A refusal has no records. Where the query had an OPT, an extended error (RFC 8914) says why.
* What does not fit is left out whole RRset by whole RRset, and TC is set; what fitted before stays.
  Glue below the zone cut has to fit (RFC 9471); other addresses are given where there is room.
* An alias is followed inside the zones of this server, over at most 16 names; the response code is
  that of the last. A loop ends where it would begin again.
* Of `ANY` one RRset is given, or all, as configured (RFC 8482).
* With `rate-limit` on, a client above its rate over UDP gets its question with TC and nothing else (and
  an OPT, if it sent one); one that sent a cookie that is not ours, BADCOOKIE with a good one; one with a
  good cookie, its answer. A message that would get a header alone, or BADVERS, gets silence.
* Nobody holds keys here: a TSIG or SIG(0) record is skipped as any record of the additional section.
"""

POLICIES = {
    "plain": "With the default policy",
    "full": "With texts, NSID and cookies configured, and `ANY` answered whole",
    "enforce": "With cookies demanded, and replies of up to 4,096 octets",
}


def rows(vectors):
    """Reply in words (over UDP, over TCP) -> the names of the vectors, in order."""
    found = {}
    for (_, text, _, _, udp), (_, _, _, _, tcp) in vectors:
        key = (words.reply(udp), words.reply(tcp))
        found.setdefault(key, []).append(text.split("/", 1)[1])
    return found


def table(title, vectors):
    yield f"\n### {title}\n"
    yield "| query | reply |"
    yield "|---|---|"
    for (udp, tcp), names in rows(vectors).items():
        said = udp if udp == tcp else f"{udp}<br>TCP: {tcp}"
        listed = ", ".join(f"`{n}`".replace("|", "\\|") for n in names)
        yield f"| {listed} | {said} |"


def render(answers):
    """`answers` as generate.py's."""
    yield HEAD.rstrip("\n")
    for policy, words_of_it in POLICIES.items():
        yield f"\n## {words_of_it}"
        groups = {}
        for pair in zip(answers(policy, False), answers(policy, True)):
            groups.setdefault(pair[0][0], []).append(pair)
        for title, vectors in groups.items():
            yield from table(title, vectors)
