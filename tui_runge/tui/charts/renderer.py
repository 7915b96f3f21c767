"""From numbers to rows of characters: the only place that knows plotext, and a pure function of small arrays."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.text import shorten
from tui_runge.core.thinning import bucket_starts, medians, thin
from tui_runge.tui.charts.axis import Axis, linear_axis, log_axis, snug_log_axis
from tui_runge.tui.charts.spec import DOT, Curve, Plot, Role, Row

Floats = NDArray[np.float64]
# plotext carries a colour for each cell: a role's number passes for one, and the widget turns it into a style.
COMPARED_RUNS: tuple[Role, ...] = ("first", "second", "third", "fourth", "fifth", "sixth")
COLOURS: tuple[Role, ...] = (
    *("axis", "train", "validation", "target", "points", "model", "faint", "ghost", "mark", "cross"),
    *COMPARED_RUNS,
)
QUADRANT = "hd"
"""plotext's name for a quarter of a cell: placed as finely as half a row, and unlike a line of braille dots."""
LARGEST = 1e300
"""Nearer to the largest float, plotext overflows."""
QUARTERS = " ▖▗▄▘▌▚▙▝▞▐▟▀▛▜█"
"""The characters of quarters of a cell: 1 is the lower left, 2 the lower right, 4 the upper left, 8 the upper right."""
LINE = "━"
VERTICAL = "│"
"""What plotext draws a vertical line with."""
CROWDED = 1.5
"""Ticks of a cell over their mean number from which they are shown as many."""


def draw(plot: Plot, width: int, height: int) -> list[Row]:
    """The plot in `height` rows of `width` cells, each row as runs of text with a role."""
    drawn = any(np.isfinite(curve.high).any() for curve in plot.curves if not (plot.note and curve.letter))
    if not drawn or width < 12 or height < 5:
        return [title_row(plot, (), width), *_note(plot.note, width, height - 1)]
    return [title_row(plot, plot.curves, width), *_canvas(plot, width, height - 1)]


def title_row(plot: Plot, curves: tuple[Curve, ...], width: int) -> Row:
    """The title, shortened to its first words if need be, and the legend at the right, where it covers no curve."""
    words = plot.title.split(" ")
    titles = [" ".join(words[:count]) for count in range(len(words), 1, -1)]
    fitting = ((title, legend) for legend in _legends(curves) for title in titles if _room(title, legend) <= width)
    short, legend = next(fitting, (shorten(plot.title, width), []))
    used = _room("", legend)
    role: Role = "chosen" if plot.chosen else "title"
    gap: Role = "axis"
    return ((short, role), (" " * (width - used - len(short)), gap), *legend)


def _legends(curves: tuple[Curve, ...]) -> Iterator[list[tuple[str, Role]]]:
    """The legends to choose from: what a ghost is gives way first, then the ghosts, then all."""
    briefly = (replace(curve, label=curve.brief or curve.label) for curve in curves)
    for shown in (curves, tuple(briefly), tuple(curve for curve in curves if not curve.letter)):
        yield [run for curve in shown if curve.label for run in _entry(curve)]


def _room(title: str, legend: list[tuple[str, Role]]) -> int:
    return len(title) + sum(len(text) for text, _ in legend)


def _note(note: str, width: int, height: int) -> list[Row]:
    """Empty rows with a text in the middle, if it fits."""
    rows = [note if len(note) <= width and row == height // 2 else "" for row in range(height)]
    return [((row.center(width), "axis"),) for row in rows]


def _entry(curve: Curve) -> tuple[tuple[str, Role], ...]:
    mark = curve.letter or curve.dots or (DOT if curve.points else LINE)
    return ((f" {mark}", curve.role), (f" {curve.label}", "axis"))


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
    x_axis = horizontal_axis(plot, columns)
    for direction, axis in (("x", x_axis), ("y", vertical)):
        getattr(figure, f"{direction}lim")(axis.low, axis.high)
        getattr(figure, f"{direction}ticks")([at for at, _ in axis.ticks], [text for _, text in axis.ticks])
    figure.scatter([x_axis.low], [vertical.low], marker=" ")  # plotext leaves out the axes of a picture without points
    _rule(figure, plot)
    for curve in sorted(plot.curves, key=lambda curve: not curve.letter):
        _add(figure, plot, curve, columns, vertical)
    figure._set_sizes()
    figure.monitor.build_plot()
    matrix = figure.monitor.matrix
    _write_dots(matrix, plot, margin, columns, vertical)
    _write_ticks(matrix, plot, margin, columns)
    _write_marks(matrix, plot, margin, columns)
    _label(matrix.marker[0], plot.x_label)
    return [_row(matrix.marker[y], matrix.fullground[y]) for y in reversed(range(height))]


def _rule(figure: Any, plot: Plot) -> None:
    """The straight lines, which lie below the curves."""
    left, right = plot.x_limits
    if plot.level is not None:
        figure.hline(float(scaled(np.array([plot.level]), plot.log)[0]), COLOURS.index("faint"))
    for at, _ in plot.marks:
        if left <= at <= right:
            figure.vline(at, COLOURS.index("mark"))
    for line in (plot.replay_x, plot.cross):
        if line is not None and left <= line <= right:
            figure.vline(line, COLOURS.index("cross"))


def _write_dots(matrix: Any, plot: Plot, margin: int, columns: int, vertical: Axis) -> None:
    """The curves drawn as dots: in a cell that two share, the one that has more of its points there.

    A line keeps every other column where they lie upon it, and the points of a target keep all that are theirs.
    """
    line, target = COLOURS.index("model"), COLOURS.index("target")
    curves = [curve for curve in plot.curves if curve.dots]
    rows = matrix.rows - 2
    shares = np.zeros(columns * rows)
    for curve in curves:
        quarters, count = dots(plot, curve, columns, rows, vertical)
        share = count / max(1, count.sum())
        for cell in np.flatnonzero((count > 0) & (share >= shares)).tolist():
            row, column = divmod(cell, columns)
            markers, colours = matrix.marker[row + 2], matrix.fullground[row + 2]
            at = margin + column
            there = colours[at] if markers[at] != " " else None
            if there != target and (there != line or column % 2 == 0):
                markers[at] = QUARTERS[quarters[cell]] if curve.dots == DOT else curve.dots
                colours[at] = COLOURS.index(curve.role)
        shares = np.maximum(shares, share)


def dots(
    plot: Plot, curve: Curve, columns: int, rows: int, vertical: Axis
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The quarters that the points of a curve fill of each cell, as `QUARTERS` has them, and their number there.

    Both (columns * rows,), row after row from below.
    """
    across = dot(curve.x, *plot.x_limits, 2 * columns)
    up = dot(scaled(curve.high, plot.log), vertical.low, vertical.high, 2 * rows)
    inside = (across >= 0) & (across < 2 * columns) & (up >= 0) & (up < 2 * rows)  # NaN is not
    across, up = across[inside].astype(np.int64), up[inside].astype(np.int64)
    cell = up // 2 * columns + across // 2
    quarter = across % 2 + 2 * (up % 2)
    filled = np.bincount(4 * cell + quarter, minlength=4 * columns * rows).reshape(-1, 4)
    quarters = ((filled > 0) * np.array([1, 2, 4, 8], dtype=np.uint8)).sum(axis=1, dtype=np.uint8)
    return quarters, filled.sum(axis=1)


def dot(values: Floats, low: float, high: float, count: int) -> Floats:
    """In which of `count` dots each value lies, rounded as plotext does; NaN stays."""
    return np.floor(np.round(0.5 + (count - 1) * ((values - low) / (high - low)), 8))


def _write_ticks(matrix: Any, plot: Plot, margin: int, columns: int) -> None:
    """The ticks upon the line of the x axis, doubled where they crowd."""
    axis = matrix.marker[1]
    for column, mark in enumerate(tick_marks(plot, columns), margin):
        if mark.strip():
            axis[column] = mark if axis[column] == "─" else "┼"


def tick_marks(plot: Plot, columns: int) -> str:
    """The mark of each column of the x axis: a tick, many, or a space."""
    if plot.ticks is None:
        return ""
    at = dot(plot.ticks, *plot.x_limits, columns)
    at = at[(at >= 0) & (at < columns)].astype(np.int64)
    counts = np.bincount(at, minlength=columns)
    many = CROWDED * at.size / max(1, int(np.count_nonzero(counts)))
    return "".join(" " if not count else "╨" if count > many else "┴" for count in counts.tolist())


def _write_marks(matrix: Any, plot: Plot, margin: int, columns: int) -> None:
    """Each mark's text beside its line, in the highest row where it covers nothing.

    Where there is no such row it may cover lines of marks, and stand upon its own.
    """
    left, right = plot.x_limits
    for at, text in plot.marks:
        column = margin + round((at - left) / (right - left) * (columns - 1))
        upon = max(margin, min(column - len(text) // 2, margin + columns - len(text)))
        rows, starts = range(matrix.rows - 1, 1, -1), (column + 1, column - len(text), upon)
        for covered, row, start in product(("", VERTICAL), rows, starts):
            cells = slice(start, start + len(text))
            inside = left <= at <= right and margin <= start and cells.stop <= margin + columns
            if inside and not "".join(matrix.marker[row][cells]).strip(f" {covered}"):
                matrix.marker[row][cells] = text
                matrix.fullground[row][cells] = [COLOURS.index("mark")] * len(text)
                break


def _label(row: list[str], label: str) -> None:
    """Write the label into the last gap between the ticks of a row that holds it, if there is one."""
    room = len(label) + 4
    at = "".join(row).rfind(" " * room)
    if at >= 0:
        row[at + 2 : at + 2 + len(label)] = label


def y_axis(plot: Plot, height: int) -> Axis:
    """The axis that all curves of a plot fit in, in a picture of some height without its heading.

    On a linear axis ghosts have to fit in with the others: one that diverged would leave nothing of them to see.
    """
    level = np.array([*plot.holds, *([] if plot.level is None else [plot.level])])
    curves = [curve for curve in plot.curves if plot.log or not curve.letter]
    low = scaled(np.concatenate([level, *(curve.low for curve in curves)]), plot.log)
    high = scaled(np.concatenate([level, *(curve.high for curve in curves)]), plot.log)
    finite = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)]])
    if plot.y_limits is not None:
        finite = np.clip(finite, *plot.y_limits)
    limits = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 0.0) if plot.log else (0.0, 1.0)
    if plot.headroom:
        rows = max(1, height - 2)
        room = min(plot.headroom, height // 3, rows - 1)  # one row at least is for the curves
        limits = limits[0], limits[1] + (limits[1] - limits[0]) * room / (rows - room)
    axis = (snug_log_axis if plot.snug else log_axis) if plot.log else linear_axis
    return axis(*limits, most=max(2, (height - 2) // 2))


def horizontal_axis(plot: Plot, columns: int) -> Axis:
    """The x axis in so many columns; of labels that would touch, those further to the right are left out."""
    if not plot.x_ticks:
        most = max(3, columns // 10)
        return log_axis(*plot.x_limits, most) if plot.x_decades else linear_axis(*plot.x_limits, most, snug=True)
    left, right = plot.x_limits
    kept, end = list[tuple[float, str]](), -1.0
    for at, text in plot.x_ticks:
        start = (at - left) / (right - left) * (columns - 1) - len(text) / 2
        if start > end:
            kept.append((at, text))
            end = start + len(text) + 1
    return Axis(left, right, tuple(kept))


def scaled(values: Floats, log: bool) -> Floats:
    """log10 of what is positive on a log axis; what cannot be drawn is NaN."""
    if not log:
        return np.where(np.abs(values) < LARGEST, values, np.nan)
    positive = np.isfinite(values) & (values > 0)
    return np.log10(np.where(positive, values, 1.0), where=positive, out=np.full(values.shape, np.nan))


def _add(figure: Any, plot: Plot, curve: Curve, columns: int, vertical: Axis) -> None:
    if curve.dots:
        return  # written upon what is drawn
    low, high = in_sight(plot, curve, vertical)
    colour = COLOURS.index(curve.role)
    if curve.points:
        shown = bucket_starts(curve.x, plot.x_limits, columns // 3)
        shown = shown[np.isfinite(high[shown])]
        if shown.size:
            figure.scatter(curve.x[shown].tolist(), high[shown].tolist(), marker=QUADRANT, color=colour)
        return
    if curve.letter:
        shown = bucket_starts(curve.x, plot.x_limits, ghost_points(columns))
        x, low, high = curve.x[shown], high[shown], high[shown]
    else:
        x, low, high = thinned(curve, low, high, plot.x_limits, 2 * columns)
    for xs, ys in _unbroken_lines(x, low, high):
        figure.plot(xs, ys, marker=curve.letter or "braille", color=colour)


def in_sight(plot: Plot, curve: Curve, vertical: Axis) -> tuple[Floats, Floats]:
    """What of a curve can be drawn, as scaled (k,), the rest NaN: where the axis need not hold it, what is inside."""
    low, high = scaled(curve.low, plot.log), scaled(curve.high, plot.log)
    if curve.letter or plot.y_limits is not None:
        outside = (low < vertical.low) | (high > vertical.high)
        low, high = np.where(outside, np.nan, low), np.where(outside, np.nan, high)
    return low, high


def ghost_points(columns: int) -> int:
    """The parts of the limits in each of which a ghost's line visits one point: it is seen no finer."""
    return max(1, columns // 2)


def thinned(
    curve: Curve, low: Floats, high: Floats, limits: tuple[float, float], buckets: int
) -> tuple[Floats, Floats, Floats]:
    """What is drawn of a line, as scaled: the extremes in each part of the limits, or its median."""
    if not curve.median:
        return thin(curve.x, low, high, limits, buckets)
    x, middle = medians(curve.x, low, limits, buckets)
    return x, middle, middle


def _unbroken_lines(x: Floats, low: Floats, high: Floats) -> list[tuple[list[float], list[float]]]:
    """The stretches without gaps, each as the points of one line that visits both extremes of every bucket."""
    lines: list[tuple[list[float], list[float]]] = []
    fresh = True
    for at, bottom, top in zip(x.tolist(), low.tolist(), high.tolist(), strict=True):
        if math.isnan(bottom):
            fresh = True
            continue
        if fresh:
            lines.append(([], []))
            fresh = False
        xs, ys = lines[-1]
        near_top = bool(ys) and abs(ys[-1] - top) < abs(ys[-1] - bottom)
        for value in (bottom,) if bottom == top else (top, bottom) if near_top else (bottom, top):
            xs.append(at)
            ys.append(value)
    return lines


def _row(markers: list[str], colours: list[Any]) -> Row:
    """A row of cells as texts; a space takes the role before it, since each text costs the terminal a colour code."""
    texts: list[tuple[str, Role]] = []
    for colour, cells in groupby(zip(markers, colours, strict=True), key=lambda cell: cell[1]):
        text = "".join(marker for marker, _ in cells)
        role = COLOURS[colour] if isinstance(colour, int) else "axis"
        if texts and (text.isspace() or role == texts[-1][1]):
            texts[-1] = (texts[-1][0] + text, texts[-1][1])
        else:
            texts.append((text, role))
    return tuple(texts)
