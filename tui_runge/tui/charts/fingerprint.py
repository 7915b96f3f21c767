"""What a plot would look like, far cheaper than drawing it: a chart whose picture is the same is not drawn again."""

from collections.abc import Hashable
from dataclasses import fields

from tui_runge.core.thinning import bucket_starts
from tui_runge.tui.charts.axis import Axis
from tui_runge.tui.charts.renderer import dot, dots, ghost_points, in_sight, thinned, tick_marks, y_axis
from tui_runge.tui.charts.spec import Curve, Plot


def fingerprint(plot: Plot, width: int, height: int) -> Hashable:
    """Equal for two plots whose drawings are equal: the dots of their curves, and all else as it is.

    plotext itself floors each point to a dot before it draws a line to it, so nothing finer can be seen.
    """
    axis = y_axis(plot, height - 1) if plot.curves else None
    curves = tuple(_dots(plot, curve, axis, width, height) for curve in plot.curves if axis is not None)
    ticks = tick_marks(plot, _columns(axis, width)) if axis is not None else ""
    others = (getattr(plot, field.name) for field in fields(plot) if field.name not in ("curves", "ticks"))
    return width, height, axis, curves, ticks, *others


def _dots(plot: Plot, curve: Curve, axis: Axis, width: int, height: int) -> Hashable:
    columns, rows = _columns(axis, width), max(1, height - 3)
    if curve.dots:
        filled = dots(plot, curve, columns, rows, axis)
        return curve.label, curve.role, curve.dots, *(array.tobytes() for array in filled)
    x, (low, high) = curve.x, in_sight(plot, curve, axis)
    if curve.points or curve.letter:
        shown = bucket_starts(x, plot.x_limits, ghost_points(columns) if curve.letter else max(1, columns // 3))
        x, low, high = x[shown], high[shown], high[shown]
    else:
        x, low, high = thinned(curve, low, high, plot.x_limits, 2 * columns)
    tall = rows * (2 if curve.points else 4)
    cells = (dot(x, *plot.x_limits, 2 * columns), *(dot(y, axis.low, axis.high, tall) for y in (low, high)))
    return curve.label, curve.brief, curve.role, curve.letter, curve.points, *(array.tobytes() for array in cells)


def _columns(axis: Axis, width: int) -> int:
    """The cells across between the labels of the y axis and the right border."""
    return max(1, width - max((len(text) for _, text in axis.ticks), default=0) - 1)
