# SPDX-License-Identifier: BSD-3-Clause
"""Text to figures, and many figures to one. Nothing here runs a program or opens a file."""

import collections
import math
import re
import statistics

PERCENTILES = (50, 90, 99, 99.9, 99.99)
REPLY_OCTETS_SLACK = 2  # the lost part of a list may have shorter names than the rest
SIZES = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}


class NoFigures(Exception):
    """The text of a load generator lacks what it prints after a whole run."""


def read_kxdpgun(text):
    """A run's {sent, sent_rate, replies, rate, octets, rcodes}; rates are a second."""
    queries = re.search(r"total queries:\s+(\d+) \((\d+) pps\)", text)
    replies = re.search(r"total replies:\s+(\d+) \((\d+) pps\)", text)
    if not queries or not replies:
        raise NoFigures(f"kxdpgun gave no figures: {text.strip()[-200:]}")
    octets = re.search(r"average DNS reply size:\s+(\d+) B", text)
    return {
        "sent": int(queries[1]), "sent_rate": int(queries[2]),
        "replies": int(replies[1]), "rate": int(replies[2]),
        "octets": int(octets[1]) if octets else 0,
        "rcodes": {rcode: int(count)
                   for rcode, count in re.findall(r"responded (\w+):\s+(\d+)", text)},
    }


def fault_of_flood(run, octets):
    """Why a kxdpgun run can't count, or None: rcodes and mean size must be those of right replies."""
    wrong = {rcode: count for rcode, count in run["rcodes"].items() if rcode != "NOERROR"}
    if wrong:
        return "replies with " + ", ".join(f"{rcode}: {wrong[rcode]}" for rcode in sorted(wrong))
    if run["replies"] == 0:
        return "no reply"
    if run["rcodes"].get("NOERROR") != run["replies"]:
        return f"{run['rcodes'].get('NOERROR', 0)} rcodes for {run['replies']} replies"
    if abs(run["octets"] - octets) > REPLY_OCTETS_SLACK:
        return f"replies of {run['octets']} octets; right ones have {octets:.0f}"
    return None


def loss(sent, answered):
    """The share that got no reply, never below 0: a reply may arrive that was asked for before."""
    return max(0.0, 1 - answered / sent) if sent else 0.0


def percentile(ordered, percent):
    """The smallest value that so many percent do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def latency_figures(seconds):
    """{mean, max, p50 …} in microseconds of latencies in seconds."""
    ordered = sorted(seconds)
    figures = {f"p{percent:g}": percentile(ordered, percent) * 1e6 for percent in PERCENTILES}
    figures["mean"] = statistics.fmean(ordered) * 1e6
    figures["max"] = ordered[-1] * 1e6
    return figures


def read_smaps(text):
    """One /proc/PID/smaps_rollup as bytes: {anonymous, huge, file}.

    Proportional shares: pages that the processes of one server share count once in their sum. Shared
    memory without a file system behind it is anonymous memory by another name.
    """
    kib = collections.defaultdict(int)
    for key, value in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.M):
        kib[key] = int(value)
    return {"anonymous": 1024 * (kib["Pss_Anon"] + kib["Pss_Shmem"]),
            "huge": 1024 * (kib["Private_Hugetlb"] + kib["Shared_Hugetlb"]),
            "file": 1024 * kib["Pss_File"]}


def add_up(parts):
    total = collections.Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def read_size(text):
    """100k, 1M, 10000000 as a number; None for other text."""
    found = re.fullmatch(r"(\d+)([kMG]?)", text)
    return int(found[1]) * SIZES.get(found[2], 1) if found else None


def write_size(number):
    """The shortest text that read_size() makes this number of."""
    for unit in ("G", "M", "k"):
        if number >= SIZES[unit] and number % SIZES[unit] == 0:
            return f"{number // SIZES[unit]}{unit}"
    return str(number)


def split_size(name):
    """pipeline/ipv4/hit/10M as its case and 10000000; the whole name and None without a size."""
    case, _, last = name.rpartition("/")
    size = read_size(last)
    return (case, size) if case and size is not None else (name, None)


def read_benchmarks(runs):
    """Google Benchmark's runs as ({case: [(size, median ns)]}, {case: its references' cases}).

    Sizes ascend, and are None for a case without one. A label names references, with blanks between."""
    times, references = collections.defaultdict(list), collections.defaultdict(dict)
    for run in runs:
        if run.get("run_type", "iteration") != "iteration" or run.get("error_occurred"):
            continue
        case, size = split_size(run["run_name"])
        times[case, size].append(run["cpu_time"])
        references[case].update((split_size(name)[0], None) for name in run.get("label", "").split())
    series = collections.defaultdict(list)
    for case, size in sorted(times, key=lambda key: (key[0], key[1] or 0)):
        series[case].append((size, statistics.median(times[case, size])))
    return dict(series), {case: list(names) for case, names in references.items()}


def median(values):
    """Of those that are there; None when none is."""
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None
