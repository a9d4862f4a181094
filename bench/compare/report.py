# SPDX-License-Identifier: BSD-3-Clause
"""The comparison as one HTML page that needs nothing else: style, plots and tables are in it."""

import statistics

import charts
import figures
from plot import escape
from results import Results

MIB = 2 ** 20

STYLE = """
body { font: 15px/1.5 system-ui, 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif; color: #1f2933;
  background: #fff; max-width: 1000px; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.6rem 0 .4rem;
  padding-top: .8rem; border-top: 1px solid #e3e8ec; }
p { max-width: 52rem; } .note { color: #5f6b76; font-size: .92rem; }
svg { max-width: 100%; height: auto; display: block; margin: .8rem 0; }
.panels { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
table { border-collapse: collapse; margin: .8rem 0 1.2rem; font-size: .92rem; }
th, td { padding: .28rem .8rem; border-bottom: 1px solid #e3e8ec; text-align: right;
  font-variant-numeric: tabular-nums; }
th { font-weight: 600; border-bottom-color: #9aa5b1; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
td { white-space: nowrap; }
h3 { font-size: 1rem; margin: 1.2rem 0 0; }
.swatch { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin-right: .5em; }
.fault { color: #a61b1b; } .facts td { text-align: left; white-space: normal; }
@media print { body { margin: 0; max-width: none; } h2, svg, table { break-inside: avoid; } }
"""


def number(value, decimals=0, factor=1):
    return "–" if value is None else f"{value * factor:,.{decimals}f}"


def table(heads, lines, css=""):
    """Cells are text, or are HTML already when they begin with '<'."""
    def cells(tag, words):
        return "".join(f"<{tag}>{word if word.startswith('<') else escape(word)}</{tag}>"
                       for word in words)
    head = f"<thead><tr>{cells('th', heads)}</tr></thead>" if heads else ""
    body = "".join(f"<tr>{cells('td', line)}</tr>" for line in lines)
    return f'<table class="{css}">{head}<tbody>{body}</tbody></table>'


def swatch(results, server):
    colour = charts.LOOKS[server][0]
    return (f'<span class="swatch" style="background:{colour}"></span>'
            f"{escape(results.titles[server])}")


def by_server(results, heads, cells):
    """A table with a line for each server; cells(server) are its figures."""
    return table(["server", *heads],
                 [[swatch(results, server), *cells(server)] for server in results.servers])


def section(title, text, *parts):
    """Nothing at all when none of its plots could be drawn."""
    there = [part for part in parts if part]
    return f"<h2>{escape(title)}</h2><p>{text}</p>" + "".join(there) if there else ""


def panels(drawn):
    there = [svg for svg in drawn if svg]
    return f'<div class="panels">{"".join(there)}</div>' if there else ""


def overload(results):
    def cells(server):
        runs = results.counted(server, "flood")
        return [number(results.median(server, "flood", key), decimals, factor)
                for key, decimals, factor in (("offered", 0, 1), ("answered", 0, 1), ("loss", 1, 100))
                ] + [str(len(runs))]
    heads = ["offered, queries/s", "answered, replies/s", "lost, %", "runs that count"]
    return section(
        "Answered at overload",
        f"kxdpgun is asked for {results.data['flood']:,} queries/s for {results.data['seconds']} s, more "
        "than it can send; “offered” is what it sent. Where nothing is lost, it was the limit, not "
        "the server.",
        charts.flood(results), by_server(results, heads, cells))


def sweep(results):
    drawn = charts.sweep(results)
    lines = []
    for server in results.servers:
        for offered, answered, loss in results.sweep(server):
            lines.append([swatch(results, server), number(offered), number(answered),
                          number(loss, 2, 100)])
    return section(
        "Rate answered against rate offered",
        "kxdpgun again, at rates from low to the overload's. A server keeps up as long as its line lies "
        "on the dashed one.",
        drawn, drawn and "<details><summary>The figures</summary>" + table(
            ["server", "offered, queries/s", "answered, replies/s", "lost, %"], lines) + "</details>")


def latency(results):
    keys = [f"p{percent:g}" for percent in figures.PERCENTILES]

    def cells(server):
        return [number(results.median(server, "paced", key))
                for key in ("mean", *keys, "max")] + [
                    number(results.median(server, "paced", "loss"), 3, 100)]
    heads = ["mean", *(f"{percent:g} %" for percent in figures.PERCENTILES), "longest", "lost, %"]
    return section(
        "Latency",
        f"dnsperf at {results.data['rate']:,} queries/s for {results.data['seconds']} s, the latency of "
        "every reply as dnsperf saw it; microseconds.",
        charts.latency(results), by_server(results, heads, cells))


def closed(results):
    def cells(server):
        return [number(results.median(server, "closed", "answered")),
                number(results.median(server, "closed", "mean")),
                number(results.median(server, "closed", "loss"), 3, 100)]
    return section(
        "Closed loop",
        "dnsperf with 4 clients and one thread, each query as soon as a reply makes room; with a fast "
        "server dnsperf is the limit.",
        by_server(results, ["queries/s", "mean latency, us", "lost, %"], cells))


def memory(results):
    largest = results.sizes()[-1]
    lines = []
    for server in results.servers:
        for records in results.sizes():
            line = [swatch(results, server), figures.write_size(records)]
            for key in ("anonymous", "huge", "file", "store"):
                line.append(number(results.median(server, "load", key, records=records), 1, 1 / MIB))
            line.append(number(results.memory(server, records), 0, 1 / records))
            line.append(number(results.bytes_a_further_record(server)) if records == largest else "")
            lines.append(line)
    return section(
        "Memory",
        "After the load, before the first queries: anonymous memory and huge pages (the pale part) of all "
        "processes of the server, shared pages once, divided by the records. File-backed pages (programs, "
        "and arpad's store as far as it is mapped) are apart, for the kernel takes them back when it wants. "
        "“Each further record” is the growth between the two largest sizes: what a server takes "
        "before its first record is not in it.",
        panels([*(charts.memory(results, records) for records in results.sizes()),
                charts.further_record(results)]),
        table(["server", "records", "anonymous, MiB", "huge pages, MiB", "file-backed, MiB",
               "store on disk, MiB", "bytes a record", "a further record"], lines))


def load_time(results):
    sizes = results.sizes()

    def cells(server):
        return [number(results.median(server, what, "seconds", records=records), 2)
                for records in sizes for what in ("load", "import")]
    heads = [f"{figures.write_size(records)}: {text}" for records in sizes
             for text in ("start, s", "import, s")]
    read = "; ".join(f"{results.titles[server]} reads {results.data['sources'][server]}"
                     for server in results.servers)
    return section(
        "Load time",
        "From the start of the process to the first right reply over the wire, to a question for the last "
        f"record of the zone; files are in the page cache. {escape(read)}. An import is arpad's once: the "
        "zone file parsed, stored durably and served.",
        panels(charts.load_time(results, records) for records in sizes),
        by_server(results, heads, cells))


def table_size(bench):
    if not bench:
        return ""
    series, references = figures.read_benchmarks(
        bench if isinstance(bench, list) else bench["benchmarks"])
    sized = {case: dict(points) for case, points in series.items() if points[0][0] is not None}
    sizes = sorted({size for points in sized.values() for size in points})
    lines = [[case, *(number(points.get(size), 1) for size in sizes)]
             for case, points in sized.items()]
    drawn = [f"<h3>{escape(head)}</h3>{svg}"
             for head, svg in charts.benchmarks(series, references)]
    return section(
        "Time of one operation against table size",
        "In memory on one core, without a network: CPU time, medians of interleaved repetitions of "
        "bench/run. Dashed lines are the references of the cases, such as one random read or frames sent "
        "back without DNS.",
        *drawn, drawn and table(["case, ns", *map(figures.write_size, sizes)], lines))


def validity(results):
    text = (
        "Before the first load and after each one the server was asked samples drawn over the whole zone "
        "and a name that does not exist; rcode, AA and name of each had to be right. Of the loads "
        "themselves each reply's rcode had to be NOERROR, and for kxdpgun the mean size that of the right "
        "replies. Otherwise the run is in no figure and is named here. Losses are stated beside each rate.")
    faults = results.faults()
    listed = table(["server", "round", "measurement", "why it does not count"],
                   [[title, str(number_), what, f'<span class="fault">{escape(sentence)}</span>']
                    for title, number_, what, sentence in faults]) if faults else \
        f"<p><b>All {len(results.all)} measurements count.</b></p>"
    return section("What counts", text, listed)


def fairness():
    return (
        '<p class="note">A veth pair in one machine: no network card, no zero-copy, and generator and '
        "server share the machine's memory and caches. arpad and Knot take packets through "
        "AF_XDP, before the kernel's network stack; NSD, BIND and gdnsd through sockets, as they are made. "
        "So a rate is for comparing servers in this run, not for foretelling a network card's.</p>")


def busy_machine(data, loads):
    """A warning when more wanted to run than the comparison itself, which is one on each core."""
    if not loads or statistics.median(loads) <= data["cores"] + 1:
        return ""
    return (
        f'<p class="fault">The machine did other work meanwhile: load averages of {min(loads):.1f} to '
        f"{max(loads):.1f} on {data['cores']} cores when servers were started. Rates and latencies then say "
        "as much of the scheduler as of the servers, and a worker that polls loses more than one that "
        "sleeps.</p>")


def page(data, bench=None):
    results = Results(data)
    loads = [each["load_average"] for each in results.all if "load_average" in each]
    facts = {**data["about"], "rounds": f"{data['rounds']}, medians shown (one for more than 1M records)",
             "records asked for": figures.write_size(data["traffic"])}
    if loads:
        facts["load average at starts"] = f"{min(loads):.1f} to {max(loads):.1f}"
    named = ", ".join(results.titles[server] for server in results.servers)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>arpad beside its peers</title><style>{STYLE}</style></head><body>"
        f"<h1>arpad beside its peers</h1><p>{escape(named)}: the same zone, the same queries, the same veth "
        f"pair, by turns; one worker on one core each. {escape(data['about']['date'])}, commit "
        f"{escape(data['about']['commit'])}.</p>" + busy_machine(data, loads) + fairness()
        + overload(results) + sweep(results) + latency(results) + closed(results) + memory(results)
        + load_time(results) + table_size(bench) + validity(results)
        + section("The run", "What is needed to repeat it.",
                  table([], [[key, value] for key, value in facts.items()], "facts"))
        + "</body></html>\n")
