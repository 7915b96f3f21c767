"""How a chart is looked at: scale, smoothing, zoom and crosshair. Pure functions of a frozen view."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the screen's first frame needs a view, not NumPy
    from tui_runge.tui.charts.spec import Curve, Floats

WINDOWS = (1, 5, 15, 45, 135)
"""Widths of the moving average, in recorded points; the first is the raw line alone."""
CLOSEST = 1e-6
"""The narrowest zoom, as a part of the whole."""


@dataclass(frozen=True)
class View:
    """`span` is the visible stretch of the x axis, None for the whole; `cross` the crosshair's place, None for none.

    A view that `follows` keeps its width and ends at the newest epoch.
    """

    log: bool = True
    smoothing: int = 0
    span: tuple[float, float] | None = None
    cross: float | None = None
    follows: bool = False

    def limits(self, whole: tuple[float, float], newest: float) -> tuple[float, float]:
        """The x limits to draw, given those of the whole chart and the newest point."""
        if self.span is None:
            return whole
        left, right = self.span
        return (newest - (right - left), newest) if self.follows else (left, right)


def zoom(view: View, factor: float, whole: tuple[float, float], newest: float) -> View:
    """Zoom in (factor < 1) or out at the crosshair, or at the middle; the whole where it would be wider than that."""
    left, right = view.limits(whole, newest)
    width = (right - left) * factor
    if width >= whole[1] - whole[0]:
        return replace(view, span=None, follows=False)
    if width < CLOSEST * (whole[1] - whole[0]):
        return view
    at = view.cross if view.cross is not None and left <= view.cross <= right else (left + right) / 2
    start = at - (at - left) * factor
    return _placed(view, start, width, whole, newest)


def pan(view: View, part: float, whole: tuple[float, float], newest: float) -> View:
    """Move the visible stretch by a part of its width."""
    if view.span is None:
        return view
    left, right = view.limits(whole, newest)
    return _placed(view, left + part * (right - left), right - left, whole, newest)


def _placed(view: View, start: float, width: float, whole: tuple[float, float], newest: float) -> View:
    start = min(max(start, whole[0]), whole[1] - width)
    return replace(view, span=(start, start + width), follows=start <= newest <= start + width and newest < whole[1])


def move(view: View, direction: int, x: "Floats", whole: tuple[float, float], newest: float) -> View:
    """Move the crosshair by a hundredth of what is visible, to the nearest of the points x (k,), ascending."""
    left, right = view.limits(whole, newest)
    if not x.size:
        return view
    if view.cross is None:
        return replace(view, cross=float(x[nearest(x, min((left + right) / 2, newest))]))
    at = nearest(x, view.cross + direction * (right - left) / 100)
    if x[at] == x[nearest(x, view.cross)]:
        at = min(max(at + direction, 0), x.size - 1)
    cross = float(x[at])
    moved = replace(view, cross=cross)
    if view.span is not None and not left <= cross <= right:
        moved = pan(moved, (cross - (left if cross < left else right)) / (right - left), whole, newest)
    return moved


def nearest(x: "Floats", value: float) -> int:
    """The index of the point of x (k,), ascending, that is nearest to a value."""
    after = int(x.searchsorted(value))
    if after == x.size or (after and value - x[after - 1] <= x[after] - value):
        return after - 1
    return after


def smooth(values: "Floats", window: int) -> "Floats":
    """The centred moving average of values (k,) over `window` points, fewer at the ends; NaN is left out of it."""
    import numpy as np

    if not values.size:
        return values
    finite = np.isfinite(values)
    half = window // 2
    kernel = np.ones(2 * half + 1)
    count = np.convolve(finite.astype(np.float64), kernel, mode="full")[half : half + values.size]
    total = np.convolve(np.where(finite, values, 0.0), kernel, mode="full")[half : half + values.size]
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def smooth_curve(curve: "Curve", view: View) -> "Curve":
    """The moving average of a curve without a band; of the logarithm where that is what is shown."""
    import numpy as np

    window = WINDOWS[view.smoothing]
    if view.log:
        with np.errstate(divide="ignore", invalid="ignore"):
            average = 10 ** smooth(np.log10(curve.low), window)
    else:
        average = smooth(curve.low, window)
    return replace(curve, low=average, high=average)
