"""What a plot would look like, far cheaper than drawing it: a chart whose picture is the same is not drawn again."""

from collections.abc import Hashable
from dataclasses import fields

import numpy as np

from tui_runge.core.thinning import bucket_starts
from tui_runge.tui.charts.axis import Axis
from tui_runge.tui.charts.renderer import Floats, ghost_points, scaled, thinned, y_axis
from tui_runge.tui.charts.spec import Curve, Plot


def fingerprint(plot: Plot, width: int, height: int) -> Hashable:
    """Equal for two plots whose drawings are equal: the dots of their curves, and all else as it is.

    plotext itself floors each point to a dot before it draws a line to it, so nothing finer can be seen.
    """
    axis = y_axis(plot, height - 1) if plot.curves else None
    curves = tuple(_dots(plot, curve, axis, width, height) for curve in plot.curves if axis is not None)
    return width, height, axis, curves, *(getattr(plot, field.name) for field in fields(plot) if field.name != "curves")


def _dots(plot: Plot, curve: Curve, axis: Axis, width: int, height: int) -> Hashable:
    margin = max((len(text) for _, text in axis.ticks), default=0) + 1
    columns, rows = max(1, width - margin), max(1, height - 3)
    x, low, high = curve.x, scaled(curve.low, plot.log), scaled(curve.high, plot.log)
    if curve.points or curve.letter:
        shown = bucket_starts(x, plot.x_limits, ghost_points(columns) if curve.letter else max(1, columns // 3))
        x, low, high = x[shown], high[shown], high[shown]
    else:
        x, low, high = thinned(curve, low, high, plot.x_limits, 2 * columns)
    tall = rows * (2 if curve.points else 4)
    dots = (_dot(x, *plot.x_limits, 2 * columns), *(_dot(y, axis.low, axis.high, tall) for y in (low, high)))
    return curve.label, curve.brief, curve.role, curve.letter, curve.points, *(array.tobytes() for array in dots)


def _dot(values: Floats, low: float, high: float, count: int) -> Floats:
    """In which of `count` dots each value lies, rounded as plotext does; NaN stays."""
    return np.floor(np.round(0.5 + (count - 1) * ((values - low) / (high - low)), 8))
