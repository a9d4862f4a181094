# SPDX-License-Identifier: BSD-3-Clause
"""What the manual's generators share: text as scdoc(5) wants it."""

import re

PLACE = re.compile(r"^@([A-Z]+)@$")


def plain(text):
    """Text that stands for itself: nothing in it is markup."""
    text = re.sub(r"([\\*_`<])", r"\\\1", text)
    return re.sub(r"^([-|\[\]#.])", r"\\\1", text)


def bold(text):
    return f"*{plain(text)}*"


def italic(text):
    return f"_{plain(text)}_"


def fill(path, sections):
    """The page's source with each line @NAME@ replaced by the lines of sections["NAME"]."""
    with open(path, encoding="utf-8") as source:
        for line in source.read().splitlines():
            place = PLACE.match(line)
            yield from sections.pop(place[1]) if place else [line]
    if sections:
        raise SystemExit(f"{path}: there is no place for {', '.join(sections)}")
