# SPDX-License-Identifier: BSD-3-Clause
"""The comparison as text for a terminal: a line as each measurement ends, a table at the end."""

import figures
from results import Results

# Row, measurement, its key, what to multiply it with, decimals.
ROWS = (
    ("flood: replies/s", "flood", "answered", 1, 0),
    ("flood: lost, %", "flood", "loss", 100, 0),
    ("paced: lost, %", "paced", "loss", 100, 2),
    ("paced: mean latency, us", "paced", "mean", 1, 0),
    ("paced: median latency, us", "paced", "p50", 1, 0),
    ("paced: 99th percentile, us", "paced", "p99", 1, 0),
    ("closed: queries/s", "closed", "answered", 1, 0),
    ("closed: lost, %", "closed", "loss", 100, 2),
    ("closed: mean latency, us", "closed", "mean", 1, 0),
)


def line(what, measured):
    """One measurement as a few words."""
    if measured["fault"]:
        return f"{what}: does not count: {measured['fault']}"
    if what == "import":
        return f"import: {measured['seconds']:.2f} s from the zone file to the store and the wire"
    if what == "load":
        octets = measured["anonymous"] + measured["huge"]
        return (f"load: {measured['seconds']:.2f} s to the first answer, {octets / 2 ** 20:.1f} MiB "
                f"(load average {measured['load_average']:.1f})")
    words = [f"{what}: {measured['answered']:.0f}/s answered"]
    if "offered" in measured:
        words.append(f"of {measured['offered']}/s offered")
    words.append(f"{100 * measured['loss']:.2f} % lost")
    if "mean" in measured:
        words.append(f"mean {measured['mean']:.0f} us")
    return ", ".join(words)


def faults(data):
    return Results(data).faults()


def rows(results):
    """(label, a value for each server, decimals): first of the traffic, then of each size."""
    for label, what, key, factor, decimals in ROWS:
        values = [results.median(server, what, key) for server in results.servers]
        yield label, [value if value is None else value * factor for value in values], decimals
    for records in results.sizes():
        text = figures.write_size(records)
        yield (f"{text}: start to answer, s",
               [results.median(server, "load", "seconds", records=records)
                for server in results.servers], 2)
        octets = [results.memory(server, records) for server in results.servers]
        yield (f"{text}: memory, bytes a record",
               [value if value is None else value / records for value in octets], 0)


def show(data):
    results = Results(data)
    two = len(results.servers) == 2
    print(f"\n{'medians of ' + str(data['rounds']) + ' rounds':30}"
          + "".join(f"{results.titles[server]:>12}" for server in results.servers)
          + (f"{'ratio':>8}" if two else ""))
    for label, values, decimals in rows(results):
        text = f"{label:30}" + "".join(
            f"{'-':>12}" if value is None else f"{value:12.{decimals}f}" for value in values)
        if two:
            sound = None not in values and values[1]
            text += f"{values[0] / values[1]:8.2f}" if sound else f"{'-':>8}"
        print(text)
    for title, number, what, sentence in results.faults():
        print(f"Does not count: {title}, round {number}, {what}: {sentence}")
