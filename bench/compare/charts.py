# SPDX-License-Identifier: BSD-3-Clause
"""The report's plots. Each returns SVG, or None when nothing that counts was measured for it."""

import collections

import figures
import plot

# By server and never by order, so that a server looks the same in every report; told apart also by
# those who don't see colours as most do (after Okabe and Ito), and by the markers' shapes.
LOOKS = {"arpad": ("#0072b2", "circle"), "knot": ("#d55e00", "square"), "nsd": ("#009e73", "triangle"),
         "bind": ("#b45a96", "diamond"), "gdnsd": ("#b8860b", "wedge")}
CASES = ("#0072b2", "#d55e00", "#009e73", "#b45a96", "#b8860b", "#4b5d6b", "#56a4d8", "#8b2e16")
OUTSIDE = ("#5f6b76", "#1f2933", "#a98467")  # references, drawn dashed
MARKERS = ("circle", "square", "triangle", "diamond", "wedge")
MIB = 2 ** 20


def _line(results, server, points):
    colour, marker = LOOKS[server]
    return plot.Line(results.titles[server], colour, points, marker)


def sweep(results):
    """Rate answered against rate offered; on the dashed line nothing is lost."""
    lines, values = [], []
    for server in results.servers:
        points = [(offered, answered, f"{results.titles[server]}: {answered:,.0f} of {offered:,.0f} "
                   f"queries/s answered, {100 * loss:.2f} % lost")
                  for offered, answered, loss in results.sweep(server)]
        if points:
            lines.append(_line(results, server, sorted(points)))
            values += [value for point in points for value in point[:2]]
    if not lines:
        return None
    top = max(values)
    everything = plot.Line("nothing lost", plot.GREY, [(0, 0, ""), (top, top, "")], "circle", True)
    return plot.line_chart("Rate answered against rate offered", [*lines, everything],
                           plot.linear("offered, queries per second", values, 8),
                           plot.linear("answered, replies per second", values, 8))


def latency(results):
    lines, values = [], []
    for server in results.servers:
        points = []
        for percent in figures.PERCENTILES:
            value = results.median(server, "paced", f"p{percent:g}")
            if value:
                points.append((percent, value, f"{results.titles[server]}: {percent:g} % of replies "
                               f"within {value:,.0f} us"))
        if points:
            lines.append(_line(results, server, points))
            values += [point[1] for point in points]
    if not lines:
        return None
    return plot.line_chart("Latency percentiles", lines,
                           plot.of_percentiles("percentile of replies", figures.PERCENTILES),
                           plot.logarithmic("latency, microseconds", values))


def flood(results):
    bars = []
    for server in results.servers:
        rate = results.median(server, "flood", "answered")
        if rate is not None:
            lost = 100 * results.median(server, "flood", "loss")
            tip = f"{rate:,.0f} replies/s; {lost:.1f} % of the queries sent got none"
            bars.append(plot.Bar(results.titles[server], LOOKS[server][0], [(rate, 1, tip)],
                                 f"{rate:,.0f}"))
    return plot.bar_chart("Answered at overload", bars, "replies per second", 760) if bars else None


def memory(results, records):
    bars = []
    for server in results.servers:
        total = results.memory(server, records)
        if total is None:
            continue
        parts = []
        for key, opacity in (("anonymous", 1), ("huge", 0.5)):
            octets = results.median(server, "load", key, records=records)
            if octets:
                parts.append((octets / records, opacity,
                              f"{key}: {octets / MIB:,.1f} MiB, {octets / records:,.0f} bytes a record"))
        bars.append(plot.Bar(results.titles[server], LOOKS[server][0], parts,
                             f"{total / records:,.0f}"))
    title = f"{figures.write_size(records)} records"
    return plot.bar_chart(title, bars, "bytes per record") if bars else None


def further_record(results):
    bars = []
    for server in results.servers:
        octets = results.bytes_a_further_record(server)
        if octets is not None:
            bars.append(plot.Bar(results.titles[server], LOOKS[server][0],
                                 [(max(octets, 0), 1, f"{octets:,.1f} bytes")], f"{octets:,.0f}"))
    return plot.bar_chart("Each further record", bars, "bytes per record") if bars else None


def load_time(results, records):
    bars = []
    for server in results.servers:
        seconds = results.median(server, "load", "seconds", records=records)
        if seconds is not None:
            title, colour = results.titles[server], LOOKS[server][0]
            tip = f"from {results.data['sources'][server]}"
            bars.append(plot.Bar(title, colour, [(seconds, 1, tip)], f"{seconds:.2f} s"))
        imported = results.median(server, "import", "seconds", records=records)
        if imported is not None:
            bars.append(plot.Bar(f"{results.titles[server]}, import", LOOKS[server][0],
                                 [(imported, 0.5, "the zone file, parsed, stored and served")],
                                 f"{imported:.2f} s"))
    title = f"{figures.write_size(records)} records"
    return plot.bar_chart(title, bars, "seconds") if bars else None


def benchmarks(series, references):
    """One chart for the cases of which the first two parts are equal, with what they refer to.

    None where all have the same single size: [(heading, SVG)]."""
    targets = {name for names in references.values() for name in names}
    groups = collections.defaultdict(list)
    for case, points in series.items():
        if points[0][0] is not None and (references.get(case) or case not in targets):
            groups["/".join(case.split("/")[:2])].append(case)
    drawn = []
    for head, cases in groups.items():
        if len({size for case in cases for size, _ in series[case]}) < 2:
            continue
        outside = {name: None for case in cases for name in references.get(case, ())
                   if name not in cases and name in series}
        drawn.append((head, _benchmark(head, cases, list(outside), series)))
    return drawn


def _benchmark(head, cases, outside, series):
    sizes = sorted({size for case in cases for size, _ in series[case]})
    lines = []
    for index, case in enumerate([*cases, *outside]):
        is_outside = index >= len(cases)
        points = series[case]
        if points[0][0] is None:  # a reference to which the table's size is nothing
            points = [(size, points[0][1]) for size in (sizes[0], sizes[-1])]
        told = [(size, ns, f"{case} at {figures.write_size(size)}: {ns:.1f} ns")
                for size, ns in points if sizes[0] <= size <= sizes[-1]]
        colour = (OUTSIDE[(index - len(cases)) % len(OUTSIDE)] if is_outside
                  else CASES[index % len(CASES)])
        title = case if is_outside else case.removeprefix(f"{head}/")
        lines.append(plot.Line(title, colour, told, MARKERS[index % len(MARKERS)], is_outside))
    return plot.line_chart(f"{head}: ns against table size", lines,
                           plot.logarithmic("records in the table", sizes, at=sizes),
                           plot.linear("nanoseconds", [point[1] for line in lines
                                                       for point in line.points]))
