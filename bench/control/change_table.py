# SPDX-License-Identifier: BSD-3-Clause
"""Many measurements to one table: a row for each thing that was asked for, with its target."""

import statistics


def _of(results, row, subject=None):
    return [each for each in results if each["row"] == row and subject in (None, each["subject"])]


def _median(results, key):
    return statistics.median(each[key] for each in results) if results else None


def _ratio(results, row, above, below, key):
    """Of the medians of each round, the median."""
    ratios = []
    for number in sorted({each["round"] for each in _of(results, row)}):
        of_round = [each for each in results if each["round"] == number]
        upper, lower = (_median(_of(of_round, row, one), key) for one in (above, below))
        if upper and lower:
            ratios.append(upper / lower)
    return statistics.median(ratios) if ratios else None


def _worst(results, row, key):
    found = _of(results, row)
    return max(each[key] for each in found) if found else None


# What, figure, whether more is better, target, moonshot, how it is written.
ROWS = (
    ("one at a time: durable changes/s, arpad / BIND",
     lambda r: _ratio(r, "serial", "arpad", "bind", "rate"), True, 1, 1.5, "{:.2f}"),
    ("  arpad, changes/s", lambda r: _median(_of(r, "serial", "arpad"), "rate"), True, None, None, "{:,.0f}"),
    ("  BIND, changes/s", lambda r: _median(_of(r, "serial", "bind"), "rate"), True, None, None, "{:,.0f}"),
    ("  arpad, p50 in us", lambda r: _median(_of(r, "serial", "arpad"), "p50"), False, None, None, "{:,.0f}"),
    ("  BIND, p50 in us", lambda r: _median(_of(r, "serial", "bind"), "p50"), False, None, None, "{:,.0f}"),
    ("256 in flight, 1,000 records: durable changes/s",
     lambda r: _median(_of(r, "flight", "few"), "rate"), True, 1e5, 3e5, "{:,.0f}"),
    ("256 in flight, the large store: durable changes/s",
     lambda r: _median(_of(r, "flight", "many"), "rate"), True, 1e5, 3e5, "{:,.0f}"),
    ("  arpad's CPU time, us a change, 1,000 records",
     lambda r: _median(_of(r, "flight", "few"), "processor"), False, None, None, "{:.1f}"),
    ("  the same, the large store",
     lambda r: _median(_of(r, "flight", "many"), "processor"), False, None, None, "{:.1f}"),
    ("the large store / 1,000 records",
     lambda r: _ratio(r, "flight", "many", "few", "rate"), True, 0.9, 1, "{:.2f}"),
    ("acknowledged, then read over AF_XDP: stale answers",
     lambda r: _worst(r, "fresh", "stale"), False, 0, 0, "{:.0f}"),
    ("  of so many", lambda r: _median(_of(r, "fresh"), "asked"), True, None, None, "{:,.0f}"),
    *((f"import, {form}: lines/s",
       lambda r, form=form: _median(_of(r, f"import-{form}"), "rate"), True, 1e6, 3e6, "{:,.0f}")
      for form in ("zone", "csv", "ndjson")),
    *((f"  arpad's CPU time, us a line of {form}",
       lambda r, form=form: _median(_of(r, f"import-{form}"), "processor"), False, None, None, "{:.2f}")
      for form in ("zone", "csv", "ndjson")),
    ("list as NDJSON: lines/s", lambda r: _median(_of(r, "list"), "rate"), True, 1e6, 3e6, "{:,.0f}"),
    ("  arpad's CPU time, us a line", lambda r: _median(_of(r, "list"), "processor"), False, None, None, "{:.2f}"),
    ("  arpactl's CPU time, us a line",
     lambda r: _median(_of(r, "list"), "client_processor"), False, None, None, "{:.2f}"),
    ("  arpactl's memory at most, MiB",
     lambda r: _scaled(_worst(r, "list", "client_peak")), False, None, None, "{:,.1f}"),
    ("worker's rate during an import: slower by",
     lambda r: _median(_of(r, "worker-import"), "slower"), False, 0.02, 0.005, "{:.2%}"),
    ("worker's rate during changes: slower by",
     lambda r: _median(_of(r, "worker-changes"), "slower"), False, 0.02, 0.005, "{:.2%}"),
    ("  changes/s meanwhile", lambda r: _median(_of(r, "worker-changes"), "changes"), True, None, None, "{:,.0f}"),
)


def _scaled(octets):
    return None if octets is None else octets / (1 << 20)


def verdict(value, more, target, moonshot):
    def reaches(wanted):
        return value >= wanted if more else value <= wanted
    if target is None:
        return ""
    return "moonshot" if reaches(moonshot) else "target" if reaches(target) else "missed"


def text(results):
    lines = [f"{'median of rounds':54}{'measured':>12}{'target':>12}{'moonshot':>12}"]
    for what, figure, more, target, moonshot, form in ROWS:
        value = figure(results)
        if value is None:
            continue
        wanted = ["" if each is None else form.format(each) for each in (target, moonshot)]
        lines.append(f"{what:54}{form.format(value):>12}{wanted[0]:>12}{wanted[1]:>12}"
                     f"  {verdict(value, more, target, moonshot)}".rstrip())
    return "\n".join(lines)
