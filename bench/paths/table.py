# SPDX-License-Identifier: BSD-3-Clause
"""Many measurements to one table: a row for each thing that was asked for, with its target."""

import statistics

# Key, what, whether more is better, target, moonshot, how a figure is written.
ROWS = (
    ("reflected", "flood: answered by arpad / reflected by testpmd", True, 0.95, 0.99, "{:.3f}"),
    ("knot", "flood: answered by arpad / by Knot XDP", True, 2, 3, "{:.2f}"),
    ("overload", "flood: replies / frames that the worker's queue received", True, .999, 1, "{:.4%}"),
    ("latency", "dnsperf at half load: p99 of arpad / of Knot XDP", False, 1, 0.5, "{:.2f}"),
    ("limit", "rate limiting on, all within limits: a packet costs more by", False, 0.03, 0.01, "{:.1%}"),
    ("hostile", "90 % of packets hostile: good clients lose", False, 0.001, 0.0001, "{:.4%}"),
    ("kernel", "flood for the kernel, AF_XDP, DNS at 80 %: DNS loses", False, 0.001, 0, "{:.4%}"),
    ("exception", "flood for the kernel, exception path, DNS at 80 %: DNS loses", False, .001, 0, "{:.4%}"),
    ("reload", "reloads: DNS loses", False, 0, 0, "{:.4%}"),
    ("addresses", "addresses added and removed: DNS loses", False, 0, 0, "{:.4%}"),
    ("updates", "10,000 updates/s: DNS loses", False, 0, 0, "{:.4%}"),
)
KEYS = [row[0] for row in ROWS]


def counted(results, row, subject=None):
    return [each for each in results if each["row"] == row and not each["fault"]
            and subject in (None, each["subject"])]


def ratios(results, row, key, above, below):
    """above / below of each round in which both count."""
    lower = {each["round"]: each[key] for each in counted(results, row, below)}
    return [each[key] / lower[each["round"]] for each in counted(results, row, above)
            if lower.get(each["round"])]


def figures(results, row):
    """The row's figure in each round."""
    if row == "reflected":
        return ratios(results, "flood", "answered", "arpad", "testpmd")
    if row == "knot":
        return ratios(results, "flood", "answered", "arpad", "knot")
    if row == "overload":
        return [each["replied"] for each in counted(results, "flood", "arpad")]
    if row == "latency":
        return ratios(results, row, "p99", "arpad", "knot")
    if row == "limit":
        return [ratio - 1 for ratio in ratios(results, row, "cycles", "on", "off")]
    return [each["lost"] for each in counted(results, row)]


def verdict(value, more, target, moonshot):
    def reaches(wanted):
        return value >= wanted if more else value <= wanted
    return "moonshot" if reaches(moonshot) else "target" if reaches(target) else "missed"


def rows(results):
    """{row, what, median, worst, rounds, target, moonshot, verdict} of each row that was measured."""
    made = []
    for row, what, more, target, moonshot, form in ROWS:
        found = figures(results, row)
        if not found:
            continue
        median = statistics.median(found)
        made.append({"row": row, "what": what, "median": median, "form": form,
                     "worst": min(found) if more else max(found), "rounds": len(found),
                     "target": target, "moonshot": moonshot,
                     "verdict": verdict(median, more, target, moonshot)})
    return made


def text(results):
    lines = [f"{'median of rounds':66}{'median':>10}{'worst':>10}{'rounds':>8}{'target':>10}{'moonshot':>10}"]
    for row in rows(results):
        numbers = [row["form"].format(row[key]) for key in ("median", "worst")]
        wanted = [f"{row[key]:g}" for key in ("target", "moonshot")]
        lines.append(f"{row['what']:66}" + "".join(f"{number:>10}" for number in numbers)
                     + f"{row['rounds']:>8}" + "".join(f"{number:>10}" for number in wanted)
                     + f"  {row['verdict']}")
    return "\n".join(lines + [f"Does not count: {each['row']}, {each['subject']}, round {each['round']}: "
                              f"{each['fault']}" for each in results if each["fault"]])
