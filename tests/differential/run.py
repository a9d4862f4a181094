#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Differential test: the same zones, the same queries, several servers; every difference is
explained in explained.json or fails. README.md says how to read and repeat a failure.
"""

import argparse
import collections
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import compare
from explain import Explanations
from exchange import exchange
from generate import make_group
from queries import make_queries
from servers import KINDS, Arpad, NotInstalled, Running, ServerError
from situation import situation, type_family
from wire import reply_text, to_text

EXPLAINED = os.path.join(HERE, "explained.json")
QUERIES_A_GROUP = 50
SPARE_ROOM = 128                        # octets; an address record or an SOA may need so many
INSIDE = "ARPAD_DIFFERENTIAL_DIRECTORY" # set for the process in the namespace: where to work
SHOWN = 2                               # repeatable examples for each signature
SKIP = 77                               # for meson: a peer is not installed here


class Case:
    """One query of one group and what each server replied."""

    def __init__(self, group, index, query):
        self.group, self.index, self.query = group, index, query
        self.replies = {}               # server -> octets or None

    def fields(self):
        question = self.query.question()
        fields = {name: compare.canonical(reply, question)
                  for name, reply in self.replies.items()}
        if self.is_tight():
            for reply in fields.values():
                reply.pop("additional", None)
        return fields

    def place(self):
        """Where the query leads; `tc` in front if a server had to truncate, or nearly."""
        place = f"{situation(self.group.zones, self.query)}/{type_family(self.query)}"
        do = "+do" if self.query.do and "cut/" in place else ""
        is_cut_off = any(reply and reply[2] & 0x02 for reply in self.replies.values())
        return ("tc:" if is_cut_off or self.is_tight() else "") + place + do

    def is_tight(self):
        """The longest reply leaves so little room that it is chance what else fits."""
        longest = max(len(reply or b"") for reply in self.replies.values())
        return longest > max(512, min(self.query.size, 1232)) - SPARE_ROOM

    def id(self):
        return f"{self.group.seed}:{self.group.number}:{self.index}"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", default="knot,nsd,bind", help="comma-separated; NAME starts "
                        "it, NAME=ADDRESS:PORT uses one that runs in this network namespace")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=20000, help="queries; 50 for each group")
    parser.add_argument("--case", metavar="SEED:GROUP:QUERY", help="repeat this one, and show all")
    parser.add_argument("--build", default="build", help="where arpad and arpactl were built")
    parser.add_argument("--arpactl", help="command that imports zones into NAME=ADDRESS:PORT")
    parser.add_argument("--keep", action="store_true", help="keep zones, configurations and logs")
    parser.add_argument("--soft", action="store_true", help="list differences in soft fields too")
    parser.add_argument("--json", metavar="FILE", help="write all unexplained cases there")
    return parser.parse_args()


def run_in_namespace(directory):
    """Run this program again in a network and process namespace that ends with it."""
    command = ["unshare", "--net", "--pid", "--fork", "--kill-child"]
    if os.geteuid():
        command.append("--map-root-user")
    inner = subprocess.Popen(command + [sys.executable] + sys.argv,
                             env=dict(os.environ, **{INSIDE: directory}))
    try:
        return inner.wait()
    finally:
        if inner.poll() is None:
            inner.kill()                # all in the namespace die with its first process
            inner.wait()


def make_servers(arguments, directory):
    Arpad.build = arguments.build
    servers = []
    for item in arguments.servers.split(","):
        name, _, address = item.partition("=")
        if address:
            host, _, port = address.rpartition(":")
            control = shlex.split(arguments.arpactl) if arguments.arpactl else None
            servers.append(Running(name, (host.strip("[]"), int(port)), control))
        elif name in KINDS:
            servers.append(KINDS[name](directory))
        else:
            raise ServerError(f"{name} is no server: choose from {', '.join(KINDS)}")
    return servers


def make_cases(arguments):
    if arguments.case:
        seed, number, index = arguments.case.rsplit(":", 2)
        group = make_group(seed, int(number))
        return [Case(group, int(index), make_queries(group, QUERIES_A_GROUP)[int(index)])]
    cases = []
    for number in range(-(-arguments.count // QUERIES_A_GROUP)):
        group = make_group(arguments.seed, number)
        cases += [Case(group, index, query)
                  for index, query in enumerate(make_queries(group, QUERIES_A_GROUP))]
    return cases


def write_zones(cases, directory):
    """Apex and file of every zone; a file's name says which group it is of."""
    os.makedirs(directory)
    files = []
    for group in dict.fromkeys(case.group for case in cases):
        for count, zone in enumerate(group.zones):
            path = os.path.join(directory, f"{group.number}-{count}.zone")
            with open(path, "w", encoding="ascii") as file:
                file.write(zone.text())
            files.append((zone.apex, path))
    return files


def ask_all(servers, cases, zone_files):
    """Fill in the replies; returns zones that a server refused: server -> apexes."""
    refused = {}
    for server in servers:
        server.start(zone_files)
        missing = server.wait_ready([apex for apex, _ in zone_files])
        for apex in missing:
            refused.setdefault(apex, []).append(server)
    for server in servers:
        started = time.monotonic()
        replies = exchange(server.address, [case.query for case in cases])
        for case, reply in zip(cases, replies):
            case.replies[server.name] = reply
        print(f"{server.name}: {len(cases)} queries in {time.monotonic() - started:.1f} s, "
              f"{replies.count(None)} unanswered")
    return refused


def report_refused(refused):
    for apex, servers in refused.items():
        for server in servers:
            lines = server.log_tail(to_text(apex)[:-1]) or server.log_tail()
            print(f"NOT LOADED by {server.name}: {to_text(apex)}: {' | '.join(lines)}")


def show(case):
    print(f"--- case {case.id()}  {case.place()}")
    print(f"query {case.query}")
    for name, reply in case.replies.items():
        print("\n".join(f"  {name:6} {line}" for line in reply_text(reply)))


class Judgement:
    """Cases by signature: what the peers disagree on, and where arpad stands alone."""

    def __init__(self, explanations):
        self.explanations = explanations
        self.reasons = collections.Counter()
        self.accepted = collections.Counter()           # what arpad does on purpose
        self.peers = collections.defaultdict(list)      # unexplained only
        self.arpad = collections.defaultdict(list)
        self.soft = collections.defaultdict(list)
        self.unanimous = self.explained = 0

    def judge(self, case):
        replies = case.fields()
        arpad = replies.pop("arpad", None)
        fields = compare.differing(list(replies.values()), compare.HARD)
        right = list(replies)
        if not fields:
            self.unanimous += 1
            self.judge_soft(case, replies)
        else:
            right = self.explain(case, fields, replies)
        if arpad is not None:
            self.judge_arpad(case, replies, arpad, right)

    def explain(self, case, fields, replies):
        """The servers that are right; all of them where no entry says."""
        place = case.place()
        found = self.explanations.explain(place, fields, replies)
        if found is None:
            parts = compare.partition(replies, fields)
            self.peers[f"{place} {'+'.join(fields)} {parts}"].append(case)
            return list(replies)
        entries, right = found
        self.explained += 1
        for entry in entries:
            self.reasons[f"{entry['reason']} [{entry['rfc']}]"] += 1
        return right

    def judge_soft(self, case, replies):
        soft = compare.differing(list(replies.values()), compare.SOFT)
        if soft:
            self.soft[f"{'+'.join(soft)} {compare.partition(replies, soft)}"].append(case)

    def judge_arpad(self, case, replies, arpad, right):
        """What all peers agree on binds arpad; so do all hard fields of one that is right."""
        peers = list(replies.values())
        agreed = [field for field in compare.HARD + compare.SOFT
                  if not compare.differing(peers, (field,))]
        wrong = compare.differing([peers[0], arpad], agreed)
        if not wrong and all(compare.differing([replies[name], arpad], compare.HARD)
                             for name in right):
            wrong = ["unlike-" + "-".join(right)]
        if not arpad.get("chosen", frozenset()) <= compare.all_chosen(peers):
            wrong.append("stray-in-any")
        if not wrong:
            return
        accepted = self.explanations.accept(case.place(), wrong)
        if accepted:
            self.accepted[f"{accepted['reason']} [{accepted['rfc']}]"] += 1
        else:
            self.arpad[f"arpad {case.place()} {'+'.join(wrong)}"].append(case)


def by_size(groups):
    return sorted(groups.items(), key=lambda item: -len(item[1]))


def report(judgement, total, soft):
    """Print everything; returns the cases that nothing explains."""
    share = 100 * judgement.unanimous / max(total, 1)
    print(f"\n{judgement.unanimous} of {total} unanimous ({share:.1f} %)")
    print(f"\npeers differ, explained: {judgement.explained} cases")
    for reason, count in judgement.reasons.most_common():
        print(f"  {count:6}  {reason}")
    print(f"\narpad differs on purpose: {sum(judgement.accepted.values())} cases")
    for reason, count in judgement.accepted.most_common():
        print(f"  {count:6}  {reason}")
    failed = []
    for title, groups in (("peers differ, unexplained", judgement.peers),
                          ("arpad differs", judgement.arpad)):
        print(f"\n{title}: {sum(map(len, groups.values()))} cases in {len(groups)} signatures")
        for signature, cases in by_size(groups):
            failed += cases
            print(f"  {len(cases):6}  {signature}")
            for case in cases[:SHOWN]:
                show(case)
    if soft:
        print("\nsoft fields, where the hard ones agree:")
        for signature, cases in by_size(judgement.soft):
            print(f"  {len(cases):6}  {signature}   e.g. {cases[0].id()} {cases[0].query}")
    return failed


def write_json(path, cases):
    with open(path, "w", encoding="utf-8") as file:
        json.dump([{
            "case": case.id(), "place": case.place(), "query": str(case.query),
            "zones": [zone.text() for zone in case.group.zones],
            "replies": {name: reply_text(reply) for name, reply in case.replies.items()},
        } for case in cases], file, indent=1)


def run(arguments, directory):
    cases = make_cases(arguments)
    zone_files = write_zones(cases, os.path.join(directory, "zones"))
    print(f"seed {arguments.seed}: {len(zone_files)} zones, {len(cases)} queries")
    servers = make_servers(arguments, directory)
    try:
        refused = ask_all(servers, cases, zone_files)
        report_refused(refused)
    finally:
        for server in servers:
            server.stop()
    if arguments.case:
        for zone in cases[0].group.zones:
            print(f"\n; {zone.name()}\n{zone.text()}")
        show(cases[0])
    # A zone that one server does not hold says nothing about answers: its group is left out.
    kept = [case for case in cases
            if not any(zone.apex in refused for zone in case.group.zones)]
    judgement = Judgement(Explanations(EXPLAINED))
    for case in kept:
        judgement.judge(case)
    failed = report(judgement, len(kept), arguments.soft)
    if arguments.json:
        write_json(arguments.json, failed)
    print(f"\n{len(failed)} unexplained, {len(refused)} zones not loaded everywhere")
    return 1 if failed or refused else 0


def run_inside(arguments, directory):
    if os.environ.get(INSIDE):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    try:
        return run(arguments, directory)
    except ServerError as fault:
        print(f"differential: {fault}", file=sys.stderr)
        return SKIP if isinstance(fault, NotInstalled) else 2


def main():
    arguments = parse_arguments()
    if os.environ.get(INSIDE):
        return run_inside(arguments, os.environ[INSIDE])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))   # so that what follows is undone
    directory = tempfile.mkdtemp(prefix="differential-")
    try:
        if "=" in arguments.servers:
            return run_inside(arguments, directory)
        return run_in_namespace(directory)
    finally:
        if arguments.keep:
            print(f"kept: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
