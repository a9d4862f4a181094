#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The manual pages are clean, and have every option, command and key that there is, and no other.

Takes the build directory, where the pages are made. They are read as man(1) shows them; what there is, is
read from the sources, not from what the pages are made of.
"""

import os
import re
import shutil
import subprocess
import sys

from rules import SKIPPED, files, finish, lines

WIDE = {**os.environ, "MANWIDTH": "1000", "LC_ALL": "C.UTF-8", "MANOPT": "--no-hyphenation"}
# Of lists of mappings whose entries are written in braces: the comment beside them tells their keys.
IN_BRACES = {"user", "group", "role", "tenant", "name", "prefixes", "quota"}


def shown(page, problems):
    """The page's text; whatever the formatter complains of is a problem."""
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], env=WIDE, text=True,
                          capture_output=True, check=False)
    problems += [f"{os.path.basename(page)}: {line}" for line in done.stderr.splitlines()]
    return done.stdout


def section(text, name):
    return re.search(rf"^{name}\n(.*?)(?=^\S)", text, re.M | re.S)[1]


def compare(page, what, there, told, problems):
    problems += [f"{page}: nothing of {what} {name}" for name in sorted(there - told)]
    problems += [f"{page}: there is no {what} {name}" for name in sorted(told - there)]
    return len(there | told)


def check_daemon(text, problems):
    source = "\n".join(lines("control/main.c"))
    there = {f"--{name}" for name in re.findall(r'\{"([a-z-]+)", (?:no|required|optional)_argument', source)}
    there |= {f"-{letter}" for letter in re.search(r'getopt_long\(argc, argv, "([^"]+)"', source)[1]
              if letter != ":"}
    told = set(re.findall(r"(?<![\w-])--?[a-z]+\b", "\n".join(
        line for line in section(text, "OPTIONS").splitlines() if re.match(" {7}-", line))))
    return compare("arpad(8)", "the option", there, told, problems)


# A command in the documentation: options of arpactl's own, then an object and perhaps its verb.
OPTIONS = r"-[ostf] \S+ |-\w+ "
SHOWN = rf"(?:^|`|\$ |; |\| )arpactl ((?:{OPTIONS})*[a-z][a-z-]*(?: [a-z-]+)?)"
OPTION_NAME = re.compile(r'\{[\s\\]*"([a-z-]+)", [^{}]*?OPTION_')


def option_tables(source):
    """Each table of option rows by its name, with the macros in it written out."""
    macros = {name: set(OPTION_NAME.findall(body)) for name, body in
              re.findall(r"^#define (\w+) ((?:.*\\\n)*.*)$", source, re.M)}
    return {name: set(OPTION_NAME.findall(rows)).union(
                *(options for macro, options in macros.items() if re.search(rf"\b{macro}\b", rows)))
            for name, rows in
            re.findall(r"struct option_row (\w+)\[\] = \{(.*?)^\};", source, re.M | re.S)}


def verbs():
    """Each command's words and the options of its row: {"ptr set": {"ttl", ...}}."""
    found = {}
    for path in files(".c", folders=("control/ctl",)):
        source = "\n".join(lines(path))
        tables = option_tables(source)
        for row in re.findall(r'\{\.object = "(.*?)(?=\{\.object = )', source, re.S):
            name = re.search(r'^\s*\.name = "([^"]+)"', row, re.M) or \
                re.search(r'^[^"]+",\s*\.name = "([^"]+)"', row)
            options = re.search(r"\.options = (\w+)", row)
            words = row.partition('"')[0] + (f" {name[1]}" if name else "")
            found[words] = tables[options[1]] if options else set()
    return found


def check_commands(text, problems):
    """A command begins a line at the page's first indent, in words that are no option's."""
    told = {}
    for line in section(text, "COMMANDS").splitlines():
        match = re.match(r" {7}([a-z][a-z-]*(?: [a-z][a-z-]*)?)(?= [A-Z[]|$)(.*)$", line)
        if match:
            told[match[1]] = set(re.findall(r"\[--?([a-z0-9-]+)", match[2]))
    there = verbs()
    checked = compare("arpactl(1)", "the command", set(there), set(told), problems)
    for command in set(there) & set(told):
        checked += compare("arpactl(1)", f"{command}'s option", there[command], told[command],
                           problems)
    known = set(re.findall(r'^\t\{(?:\'.\'|0), "([a-z-]+)", (?:true|false)',
                           "\n".join(lines("control/ctl/options.c")), re.M))
    options = set(re.findall(r"^ {7}(?:-\w, )?--([a-z-]+)", section(text, "OPTIONS"), re.M))
    return checked + compare("arpactl(1)", "the option", known, options, problems)


def check_pages(problems):
    """Every command that the documentation shows is one."""
    known, checked = verbs(), 0
    objects = {command.split()[0] for command in known} | {"help"}
    for path in files(".md", folders=("docs",)) + ["README.md", "SECURITY.md"]:
        if path.startswith("docs/decisions/"):
            continue  # they tell how it was
        for number, line in enumerate(lines(path), 1):
            for words in re.findall(SHOWN, line):
                words = re.sub(OPTIONS, "", words).split()
                checked += 1
                if words[0] not in objects or len(words) == 2 and words[0] not in known and \
                        words[0] != "help" and " ".join(words) not in known:
                    problems.append(f"{path}:{number}: arpactl has no {' '.join(words)}")
    return checked


def check_keys(text, problems):
    source = "\n".join(lines("control/config/config_schema.c"))
    there = set(re.findall(r'(?:TEXT|LIST|MAPPING|_PTR|SEQUENCE)\(\s*"([a-z0-9-]+)"', source))
    keys = section(text, "KEYS")
    told = {name for path in re.findall(r"^ {7}([a-z0-9.[\]-]+):(?: |$)", keys, re.M)
            for name in re.findall(r"[a-z0-9-]+", path)}
    told |= set(re.findall(r"^ {3}([a-z-]+)$", keys, re.M))
    told |= {name for name in IN_BRACES if re.search(rf"[{{ ]{name}: ", keys)}
    return compare("arpad.yaml(5)", "the key", there, told, problems)


def main():
    folder = os.path.join(sys.argv[1], "docs", "man")
    pages = {"arpad.8": check_daemon, "arpactl.1": check_commands, "arpad.yaml.5": check_keys}
    if not shutil.which("man") or not os.path.exists(os.path.join(folder, "arpad.8")):
        print("no man, or the pages were not made (no scdoc): skipped")
        sys.exit(SKIPPED)
    problems, checked = [], 0
    for page, check in pages.items():
        checked += check(shown(os.path.join(folder, page), problems), problems)
    checked += check_pages(problems)
    finish(problems, checked, "options, commands and keys")


main()
