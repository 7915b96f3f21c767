"""The chart of a sweep as a picture to print."""

import math
from typing import BinaryIO

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.text import printable, shorten
from tui_runge.export.figures import BLUE, GREY, SKY, VERMILLION, figure_axes
from tui_runge.sweeps.chart import ErrorChart, chart_title

# Okabe & Ito, as in the other figures; the marks tell the lines apart without colours too.
STYLES = ((VERMILLION, "o"), (BLUE, "s"), ("#009E73", "^"), ("#CC79A7", "D"), (SKY, "v"), (GREY, "P"))
LONGEST_TICK = 16
"""Letters of a value that its tick has room for."""


def draw_chart(chart: ErrorChart, file: BinaryIO, file_format: str) -> None:
    """Write a PNG or SVG of an error over a varied value: medians joined by a line, quartiles as bars."""
    subtitle = "median over the seeds, quartiles as bars"
    with figure_axes(file, chart_title(chart), subtitle, file_format=file_format) as axes:
        axes.set(xlabel=chart.axis.replace("_", " "), ylabel=ERROR_LABELS[chart.error], xlim=chart.limits)
        positive = False
        for line, (color, mark) in zip(chart.lines, STYLES, strict=False):
            shown = [n for n, value in enumerate(line.median) if 0 < value < math.inf]
            x, median = ([values[n] for n in shown] for values in (line.x, line.median))
            below = [line.median[n] - line.low[n] for n in shown]
            above = [min(line.high[n], chart.top) - line.median[n] for n in shown]
            label = printable(line.label) or None
            axes.errorbar(x, median, (below, above), color=color, marker=mark, markersize=5, capsize=3, label=label)
            positive = positive or bool(shown)
        if positive:
            axes.set_yscale("log")
        axes.set_xticks(*_ticks(chart), parse_math=False)


def _ticks(chart: ErrorChart) -> tuple[list[float], list[str]]:
    """The places of the values, and the values, those without a number that would cover the one before left out."""
    low, high = chart.limits
    places, texts, end = list[float](), list[str](), -math.inf
    for place, text in chart.ticks:
        width = 0.016 * (high - low) * len(shorten(text, LONGEST_TICK))
        fits = place - width / 2 > end
        places.append(place)
        texts.append(shorten(printable(text), LONGEST_TICK) if fits else "")
        end = place + width / 2 if fits else end
    return places, texts
