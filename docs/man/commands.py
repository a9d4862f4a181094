#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes arpactl(1) for scdoc: commands.py SOURCE ARPACTL.

The program says itself what its commands and options are: that is the one source of both.
"""

import re
import subprocess
import sys

from page import bold, fill, italic, plain

# A usage's words: options, what stands for a value, and the brackets around them.
WORD = re.compile(r"(--?[a-z0-9][a-z0-9-]*)|([A-Z][A-Z0-9_=\[\]|-]*)|(.)")
OPTION = re.compile(r"^  (?:(-\w), )? *(--[a-z-]+)(?: ([A-Z]+))?(?: {2,}(.*))?$")


def said(arpactl, *words):
    done = subprocess.run([arpactl, *words], capture_output=True, text=True, check=True)
    return done.stdout


def usages(text):
    """The lines of "arpactl --help" that are commands: ["ptr", "set"], "ADDRESS|- [NAME...] ..." """
    for line in text.split("\n\n")[1].splitlines():
        words = line.split()
        count = 2 if len(words) > 1 and re.fullmatch(r"[a-z-]+", words[1]) else 1
        yield words[:count], " ".join(words[count:])


def usage(words, operands):
    marked = [bold(" ".join(words))]
    if operands:
        marked.append(" ")
    for option, value, other in WORD.findall(operands):
        marked.append(bold(option) if option else italic(value) if value else plain(other))
    return "".join(marked)


def body(text):
    """The help of a command, whose lines with two blanks in front are examples."""
    for paragraph in text.strip("\n").split("\n\n"):
        lines = paragraph.splitlines()
        if all(line.startswith("  ") for line in lines):
            yield "\t```"
            yield from ("\t" + line[2:] for line in lines)
            yield "\t```"
        else:
            yield "\t" + plain(" ".join(line.strip() for line in lines))
        yield ""


def commands(arpactl):
    for words, operands in usages(said(arpactl, "--help")):
        yield usage(words, operands)
        yield ""
        yield from body(said(arpactl, "help", *words).partition("\n\n")[2])


def options(arpactl):
    for line in said(arpactl, "--help").split("\n\n")[2].splitlines():
        letter, name, value, meaning = OPTION.match(line).groups()
        marked = ", ".join(bold(form) for form in (letter, name) if form)
        yield marked + (f" {italic(value)}" if value else "")
        yield "\t" + plain(meaning or "its version") + "."
        yield ""


def main():
    source, arpactl = sys.argv[1:]
    for line in fill(source, {"COMMANDS": commands(arpactl), "OPTIONS": options(arpactl)}):
        print(line)


main()
