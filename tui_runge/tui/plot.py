"""From numbers to rows of characters: the only place that knows plotext, and a pure function of small arrays."""

import math
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tui_runge.tui.axis import Axis, linear_axis, log_axis

Floats = NDArray[np.float64]
Role = Literal["train", "validation", "target", "model", "mark", "title", "axis"]
Row = tuple[tuple[str, Role], ...]

# plotext carries a colour for each cell: a role's number passes for one, and the widget turns it into a style.
COLOURS: tuple[Role, ...] = ("axis", "train", "validation", "target", "model", "mark")
QUADRANT = "hd"
"""plotext's name for a quarter of a cell: placed as finely as half a row, and unlike a line of braille dots."""
LARGEST = 1e300
"""Nearer to the largest float, plotext overflows."""
LINE = "━"
POINT = "▖"


@dataclass(frozen=True)
class Curve:
    """A line, or sparse points that leave a line below them visible. x, low and high (k,): a band where they differ."""

    label: str
    role: Role
    x: Floats
    low: Floats
    high: Floats
    points: bool = False


@dataclass(frozen=True)
class Plot:
    """What a chart shows; nothing yet where it has no curves.

    `x_limits` are fixed, so that what is drawn stays where it is; y fits the curves.
    """

    title: str
    curves: tuple[Curve, ...] = ()
    x_limits: tuple[float, float] = (0.0, 1.0)
    x_label: str = ""
    log: bool = False
    marks: tuple[float, ...] = ()


def draw(plot: Plot, width: int, height: int) -> list[Row]:
    """The plot in `height` rows of `width` cells, each row as runs of text with a role."""
    drawn = any(np.isfinite(curve.high).any() for curve in plot.curves)
    if not drawn or width < 12 or height < 5:
        return [heading(plot.title, (), width), *([_blank(width)] * (height - 1))]
    return [heading(plot.title, plot.curves, width), *_canvas(plot, width, height - 1)]


def heading(title: str, curves: tuple[Curve, ...], width: int) -> Row:
    """The title, shortened to its first words if need be, and the legend at the right, where it covers no curve."""
    legend = [run for curve in curves for run in _entry(curve)]
    used = sum(len(text) for text, _ in legend)
    words = title.split(" ")
    fitting = [" ".join(words[:count]) for count in range(len(words), 1, -1)]
    short = next((text for text in fitting if len(text) + used <= width), None)
    if short is None:
        return ((_cut(title, width).ljust(width), "title"),)
    return ((short.ljust(width - used), "title"), *legend)


def _blank(width: int) -> Row:
    return ((" " * width, "axis"),)


def _entry(curve: Curve) -> tuple[tuple[str, Role], ...]:
    return ((f" {POINT if curve.points else LINE}", curve.role), (f" {curve.label}", "axis"))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def _canvas(plot: Plot, width: int, height: int) -> list[Row]:
    # The figure is private to plotext, yet its public functions all share one global figure.
    from plotext._figure import _figure_class

    figure: Any = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.theme("clear")
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    vertical = y_axis(plot, height)
    margin = max((len(text) for _, text in vertical.ticks), default=0) + 1
    columns = max(1, width - margin)
    x_axis = linear_axis(*plot.x_limits, most=max(2, columns // 7), snug=True)
    for direction, axis in (("x", x_axis), ("y", vertical)):
        getattr(figure, f"{direction}lim")(axis.low, axis.high)
        getattr(figure, f"{direction}ticks")([at for at, _ in axis.ticks], [text for _, text in axis.ticks])
    for mark in plot.marks:
        figure.vline(mark, COLOURS.index("mark"))
    for curve in plot.curves:
        _add(figure, plot, curve, columns)
    figure._set_sizes()
    figure.monitor.build_plot()
    matrix = figure.monitor.matrix
    _label(matrix.marker[0], plot.x_label)
    return [_row(matrix.marker[y], matrix.fullground[y]) for y in reversed(range(height))]


def _label(row: list[str], label: str) -> None:
    """Write the label into the last gap between the ticks of a row that holds it, if there is one."""
    room = len(label) + 4
    at = "".join(row).rfind(" " * room)
    if at >= 0:
        row[at + 2 : at + 2 + len(label)] = label


def y_axis(plot: Plot, height: int) -> Axis:
    """The axis that all curves of a plot fit in, in a picture of some height without its heading."""
    low = scaled(np.concatenate([curve.low for curve in plot.curves]), plot.log)
    high = scaled(np.concatenate([curve.high for curve in plot.curves]), plot.log)
    finite = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)]])
    limits = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 0.0) if plot.log else (0.0, 1.0)
    return (log_axis if plot.log else linear_axis)(*limits, most=max(2, (height - 2) // 2))


def scaled(values: Floats, log: bool) -> Floats:
    """log10 of what is positive on a log axis; what cannot be drawn is NaN."""
    if not log:
        return np.where(np.abs(values) < LARGEST, values, np.nan)
    positive = np.isfinite(values) & (values > 0)
    return np.log10(np.where(positive, values, 1.0), where=positive, out=np.full(values.shape, np.nan))


def _add(figure: Any, plot: Plot, curve: Curve, columns: int) -> None:
    low, high = scaled(curve.low, plot.log), scaled(curve.high, plot.log)
    colour = COLOURS.index(curve.role)
    if curve.points:
        shown = starts(curve.x, plot.x_limits, columns // 3)
        shown = shown[np.isfinite(high[shown])]
        if shown.size:
            figure.scatter(curve.x[shown].tolist(), high[shown].tolist(), marker=QUADRANT, color=colour)
        return
    for xs, ys in _runs(*thin(curve.x, low, high, plot.x_limits, 2 * columns)):
        figure.plot(xs, ys, marker="braille", color=colour)


def thin(
    x: Floats, low: Floats, high: Floats, limits: tuple[float, float], buckets: int
) -> tuple[Floats, Floats, Floats]:
    """The extremes of a series in each of `buckets` equal parts of the limits that holds any point.

    All arrays (k,), x ascending; NaN only where a bucket holds nothing else. The parts do not depend on the data, so
    that a bucket already full stays as it is while the series grows.
    """
    first = starts(x, limits, buckets)
    if first.size == x.size:
        return x, low, high
    return x[first], np.fmin.reduceat(low, first), np.fmax.reduceat(high, first)


def starts(x: Floats, limits: tuple[float, float], buckets: int) -> NDArray[np.intp]:
    """The index of the first point in each of `buckets` equal parts of the limits."""
    left, right = limits
    part = np.clip(((x - left) / (right - left) * buckets).astype(np.int64), 0, buckets - 1)
    return np.flatnonzero(np.diff(part, prepend=-1))


def _runs(x: Floats, low: Floats, high: Floats) -> list[tuple[list[float], list[float]]]:
    """The stretches without gaps, each as the points of one line that visits both extremes of every bucket."""
    runs: list[tuple[list[float], list[float]]] = []
    fresh = True
    for at, bottom, top in zip(x.tolist(), low.tolist(), high.tolist(), strict=True):
        if math.isnan(bottom):
            fresh = True
            continue
        if fresh:
            runs.append(([], []))
            fresh = False
        xs, ys = runs[-1]
        near_top = bool(ys) and abs(ys[-1] - top) < abs(ys[-1] - bottom)
        for value in (bottom,) if bottom == top else (top, bottom) if near_top else (bottom, top):
            xs.append(at)
            ys.append(value)
    return runs


def _row(markers: list[str], colours: list[Any]) -> Row:
    """A row of cells as runs; a space takes the role before it, since each run costs the terminal a colour code."""
    runs: list[tuple[str, Role]] = []
    for colour, cells in groupby(zip(markers, colours, strict=True), key=lambda cell: cell[1]):
        text = "".join(marker for marker, _ in cells)
        role = COLOURS[colour] if isinstance(colour, int) else "axis"
        if runs and (text.isspace() or role == runs[-1][1]):
            runs[-1] = (runs[-1][0] + text, runs[-1][1])
        else:
            runs.append((text, role))
    return tuple(runs)
