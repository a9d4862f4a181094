# SPDX-License-Identifier: BSD-3-Clause
"""Figures to SVG: axes, lines and bars. Pure text; every string from outside is escaped."""

import collections
import html
import math

INK, GREY, GRID = "#1f2933", "#5f6b76", "#e3e8ec"
FONT = "system-ui, 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif"

# `place` is where a value lies between 0 and 1; `ticks` are pairs of a value and its text.
Axis = collections.namedtuple("Axis", "label place ticks")
# `points` are (x, y, text of the tooltip); a dashed line is a reference, without markers.
Line = collections.namedtuple("Line", "title colour points marker dashed", defaults=("circle", False))
# `parts` are (length, opacity, text of the tooltip), one behind the other; `text` stands after them.
Bar = collections.namedtuple("Bar", "title colour parts text")


def compact(value):
    """A number for a tick: 0, 0.5, 20, 150 k, 1.2 M."""
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= unit:
            return f"{value / unit:.3g}{name}"
    return f"{value:.3g}"


def step_for(span, count):
    """The smallest of 1, 2, 5 times a power of ten that divides the span into at most so many."""
    raw = span / count
    power = 10 ** math.floor(math.log10(raw))
    for factor in (1, 2, 5, 10):
        if factor * power >= raw * (1 - 1e-9):
            return factor * power


def linear(label, values, count=6, text=compact):
    """From 0 to the first tick that no value exceeds."""
    top = max(values, default=0) or 1
    step = step_for(top, count)
    last = math.ceil(top / step - 1e-9)
    ticks = [(index * step, text(index * step)) for index in range(last + 1)]
    return Axis(label, lambda value: value / (last * step), ticks)


def logarithmic(label, values, at=None, text=compact):
    """Positive values, between two of 1, 2, 5 times a power of ten; ticks there or where `at` says."""
    powers = range(math.floor(math.log10(min(values))) - 1, math.ceil(math.log10(max(values))) + 2)
    steps = [factor * 10.0 ** power for power in powers for factor in (1, 2, 5)]
    low = max(step for step in steps if step <= min(values) * (1 + 1e-9))
    high = min(step for step in steps if step >= max(values) * (1 - 1e-9) and step > low)
    if at is None:
        is_short = high / low <= 1000
        at = [step for step in steps if low <= step <= high
              and (is_short or math.log10(step).is_integer())]
    return Axis(label, lambda value: math.log10(value / low) / math.log10(high / low),
                [(value, text(value)) for value in at])


def of_percentiles(label, percents):
    """Each further nine takes the same room, so that tails are seen."""
    def depth(percent):
        return -math.log10(1 - percent / 100)
    low, high = depth(min(percents)), depth(max(percents))
    return Axis(label, lambda value: (depth(value) - low) / (high - low),
                [(percent, f"{percent:g}") for percent in percents])


def escape(text):
    return html.escape(str(text), quote=True)


def _text(x, y, text, anchor="start", size=12, colour=INK, more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{colour}"{more}>{escape(text)}</text>')


def _line(x1, y1, x2, y2, colour, width=1.0, more=""):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}"{more}/>')


def _marker(shape, x, y, colour, tip):
    title = f"<title>{escape(tip)}</title>" if tip else ""
    style = f'fill="{colour}" stroke="#ffffff" stroke-width="1"'
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" {style}>{title}</circle>'
    corners = {"square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
               "triangle": ((0, -5.5), (5, 4), (-5, 4)),
               "diamond": ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)),
               "wedge": ((0, 5.5), (5, -4), (-5, -4))}[shape]
    path = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{path}" {style}>{title}</polygon>'


def _svg(width, height, title, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" '
            f'width="{width}" height="{height:.0f}" role="img" aria-label="{escape(title)}" '
            f'font-family="{FONT}">' + "\n".join(parts) + "</svg>")


def _legend(lines, left, right):
    """Entries in rows from the top; returns the drawing and its height."""
    parts, x, y = [], left, 14
    for line in lines:
        width = 46 + 7 * len(line.title)
        if x > left and x + width > right:
            x, y = left, y + 20
        parts.append(_line(x, y, x + 26, y, line.colour, 2.2, _dash(line)))
        if not line.dashed:
            parts.append(_marker(line.marker, x + 13, y, line.colour, ""))
        parts.append(_text(x + 32, y + 4, line.title))
        x += width
    return parts, y + 18


def _dash(line):
    return ' stroke-dasharray="6 4"' if line.dashed else ""


def _frame(x, y, box):
    """Grid, ticks and labels of both axes; box is (left, top, right, bottom)."""
    left, top, right, bottom = box
    parts = []
    for value, text in y.ticks:
        at = bottom - y.place(value) * (bottom - top)
        parts += [_line(left, at, right, at, GRID), _text(left - 8, at + 4, text, "end", 12, GREY)]
    for value, text in x.ticks:
        at = left + x.place(value) * (right - left)
        parts += [_line(at, top, at, bottom, GRID),
                  _text(at, bottom + 18, text, "middle", 12, GREY)]
    parts += [_line(left, bottom, right, bottom, GREY), _line(left, top, left, bottom, GREY),
              _text((left + right) / 2, bottom + 40, x.label, "middle", 13)]
    middle = (top + bottom) / 2
    turn = f' transform="rotate(-90 16 {middle:.1f})"'
    parts.append(_text(16, middle, y.label, "middle", 13, INK, turn))
    return parts


def line_chart(title, lines, x, y, width=760, height=380):
    """All points must lie within the axes."""
    left, right = 76, width - 28
    parts, top = _legend(lines, left, right)
    bottom = top + height - 50
    parts += _frame(x, y, (left, top, right, bottom))
    for line in lines:
        spots = [(left + x.place(a) * (right - left), bottom - y.place(b) * (bottom - top), tip)
                 for a, b, tip in line.points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b, _ in spots)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" '
                     f'stroke-width="{1.5 if line.dashed else 2.2}" stroke-linejoin="round"'
                     f'{_dash(line)}/>')
        if not line.dashed:
            parts += [_marker(line.marker, a, b, line.colour, tip) for a, b, tip in spots]
    return _svg(width, bottom + 50, title, parts)


def bar_chart(title, bars, label, width=470, text_room=96):
    """Horizontal bars from 0 on a linear axis, each with its figure at its end."""
    left = 24 + max((7.2 * len(bar.title) for bar in bars), default=0)
    right, step, top = width - text_room, 32, 30
    bottom = top + step * len(bars)
    axis = linear(label, [sum(part[0] for part in bar.parts) for bar in bars], 4)
    parts = [_text(left, 16, title, size=14, more=' font-weight="600"')]
    for value, text in axis.ticks:
        at = left + axis.place(value) * (right - left)
        parts += [_line(at, top, at, bottom, GRID),
                  _text(at, bottom + 17, text, "middle", 11, GREY)]
    for index, bar in enumerate(bars):
        y, start = top + index * step + 5, 0.0
        parts.append(_text(left - 8, y + 16, bar.title, "end", 13))
        for length, opacity, tip in bar.parts:
            x = left + axis.place(start) * (right - left)
            parts.append(f'<rect x="{x:.1f}" y="{y}" height="22" '
                         f'width="{axis.place(length) * (right - left):.1f}" fill="{bar.colour}" '
                         f'fill-opacity="{opacity}"><title>{escape(tip)}</title></rect>')
            start += length
        end = left + axis.place(start) * (right - left)
        parts.append(_text(end + 6, y + 16, bar.text, size=12))
    parts += [_line(left, top, left, bottom, GREY),
              _text((left + right) / 2, bottom + 37, label, "middle", 12, GREY)]
    return _svg(width, bottom + 46, title, parts)
