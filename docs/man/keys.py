#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes arpad.yaml(5) for scdoc: keys.py SOURCE CONFIGURATION.

The configuration that documents every key (control/arpad.yaml) is the one source: a comment belongs to
the keys below it, and a key may be commented out itself.
"""

import re
import sys

from page import bold, fill, italic, plain

KEY = re.compile(r"^( *)(- )?([a-z][a-z0-9-]*):(?: +(.*))?$")


class Entry:
    """Keys that one comment is about: [(path, value)], and the comment's words."""

    def __init__(self, words):
        self.words, self.keys = words, []


class Reader:
    def __init__(self):
        self.entries, self.words, self.stack = [], [], []
        self.header = None

    def path(self, indent, item, key):
        """The key's path; the stack holds (indent, name) of what it is in."""
        while self.stack and (self.stack[-1][0] >= indent or item and self.stack[-1][1] == "[]"):
            self.stack.pop()
        if item:
            self.stack.append((indent, "[]"))
            indent += 2
        self.stack.append((indent, key))
        return ".".join(name for _, name in self.stack).replace(".[]", "[]")

    def is_beside(self, path):
        """Whether the key before is of the same mapping: then they share its comment."""
        before = self.entries[-1].keys[-1][0] if self.entries and self.entries[-1].keys else ""
        return "." in path and before.rpartition(".")[0] == path.rpartition(".")[0]

    def key(self, match):
        spaces, item, key, value = match.groups()
        path = self.path(len(spaces), bool(item), key)
        if self.words or not self.is_beside(path):
            self.entries.append(Entry(self.words))
            self.words = []
        if path not in (known for entry in self.entries for known, _ in entry.keys):
            self.entries[-1].keys.append((path, value))

    def line(self, line):
        indent = len(line) - len(line.lstrip())
        body = line.strip()
        text = line[:indent] + body[2:] if body.startswith("#") else line
        match = KEY.match(text)
        if not body:
            if self.header is None:
                self.header, self.words = self.words, []
        elif match:
            self.key(match)
        elif text.strip().startswith("- ") and not self.words:
            path, value = self.entries[-1].keys[-1]
            item = text.strip()[2:]
            self.entries[-1].keys[-1] = (path, f"{value[:-1]}, {item}]" if value else f"[{item}]")
        elif body.startswith("#"):
            self.words.append(text.strip().removeprefix("# "))


def read(path):
    reader = Reader()
    with open(path, encoding="utf-8") as lines:
        for line in lines.read().splitlines():
            reader.line(line)
    return reader


def keys(entries):
    for entry in entries:
        words = plain(" ".join(entry.words))
        for path, value in entry.keys:
            section = "." not in path and not value
            if section:
                yield f"## {path}"
                yield ""
            else:
                yield bold(path + ":") + (f" {italic(value)}" if value else "")
                yield ""
        if words and entry.keys:
            yield ("" if section else "\t") + words
            yield ""


def main():
    source, configuration = sys.argv[1:]
    reader = read(configuration)
    for line in fill(source, {"KEYS": keys(reader.entries)}):
        print(line)


if __name__ == "__main__":
    main()
