"""The chart of a sweep: medians as marks joined by a line, quartiles as bars."""

import math
from typing import TYPE_CHECKING

from tui_runge.sweeps.chart import ErrorChart, ErrorLine, chart_title
from tui_runge.tui.charts.renderer import COMPARED_RUNS
from tui_runge.tui.charts.spec import Curve, Plot, Role
from tui_runge.tui.runs_table import cell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MARKS = "o×+*#%"
"""The mark of each line, which tells it from the others without colours too."""
LONGEST_TICK = 12
"""Cells of a value below the axis."""


def sweep_plot(chart: ErrorChart, *, log: bool, at: str = "") -> Plot:
    """The plot of an error over a varied value, on a logarithmic axis of errors or not; a line marks the value `at`."""
    curves = tuple(
        curve
        for n, line in enumerate(chart.lines)
        for curve in _curves(line, chart.top, COMPARED_RUNS[n], MARKS[n], len(chart.lines) > 1)
    )
    places = {text: place for place, text in chart.ticks}
    ticks = tuple(
        (place, text if len(text) <= LONGEST_TICK else cell(text, LONGEST_TICK)) for place, text in chart.ticks
    )
    shown = any(math.isfinite(value) for line in chart.lines for value in line.median)
    return Plot(
        chart_title(chart),
        curves if shown else (),
        x_limits=chart.limits if chart.ticks else (0.0, 1.0),
        log=log,
        snug=True,
        cross=places.get(at) if shown else None,
        note="no run has ended yet",
        x_ticks=ticks,
    )


def _curves(line: ErrorLine, top: float, role: Role, mark: str, named: bool) -> tuple[Curve, ...]:
    """The bars of a line, the line, and the marks on it, which the legend names."""
    import numpy as np

    x, median, low, high = (np.array(values) for values in (line.x, line.median, line.low, line.high))
    median = np.where(np.isfinite(median), median, np.nan)
    high = np.where(np.isfinite(median), np.minimum(high, top), np.nan)
    low = np.where(np.isfinite(median), low, np.nan)
    gaps = (x[1:] + x[:-1]) / 2  # where there is nothing, so that the bars are not joined
    places = np.insert(x, np.arange(1, x.size), gaps)
    bottoms, tops = (np.insert(values, np.arange(1, x.size), np.nan) for values in (low, high))
    return (
        Curve("", role, places, bottoms, tops),
        Curve("", role, x, median, median),
        Curve(line.label if named else "", role, x, median, median, dots=mark),
    )
