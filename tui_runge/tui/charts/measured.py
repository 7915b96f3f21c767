"""The points that a network is trained or judged on, as the charts of its fit show them."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.problems import known_in_order, problem_of
from tui_runge.tui.charts.spec import DOT, Curve
from tui_runge.tui.charts.view import nearest

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.tui.charts.spec import Floats

    Line = tuple[Floats, Floats]
MANY = 10_000
"""Points of a chart that can be drawn without a delay."""
GROUP = 10
HELD_OUT = "×"
"""The mark of a point held out for validation, which tells it from the others without colours too."""


@lru_cache(maxsize=32)
def part_points(config: Config, part: str, derivative: bool) -> "Line":
    """The x and the f, or f′, of the points of a part, train or validation, that have it: each (k,), x ascending."""
    problem = problem_of(config)
    points = problem.training if part == "train" else problem.validation
    y = points.df if derivative else points.f
    order = known_in_order(points.x, y)
    return points.x[order], y[order]


def parts(config: Config) -> tuple[str, ...]:
    """The parts of measured points: those to train on, and those held out if there are any."""
    return ("train", "validation") if problem_of(config).errors_on == "validation" else ("train",)


def dots(config: Config, derivative: bool) -> tuple[Curve, ...]:
    """The measured points of f, or of f′, as curves of dots."""
    curves = []
    for part in parts(config):
        x, y = part_points(config, part, derivative)
        if x.size and part == "train":
            curves.append(Curve("train", "points", x, y, y, dots=DOT))
        elif x.size:
            curves.append(Curve("val", "validation", x, y, y, dots=HELD_OUT))
    return tuple(curves)


def thin_dots(curve: Curve) -> Curve:
    """A curve of very many dots with only the lowest and the highest of each `GROUP` neighbours; others unchanged."""
    import numpy as np

    if not curve.dots or curve.x.size <= MANY:
        return curve
    groups = curve.high[: curve.x.size // GROUP * GROUP].reshape(-1, GROUP)
    first = np.arange(len(groups)) * GROUP
    kept = np.stack([first + groups.argmin(axis=1), first + groups.argmax(axis=1)], axis=1).ravel()
    x, y = curve.x[kept], curve.high[kept]
    return replace(curve, x=x, low=y, high=y)


def y_limits(network: "Floats", points: tuple[Curve, ...]) -> tuple[float, float] | None:
    """Limits around all points, and what of the network (n,) is no farther from them than half their range.

    Where there are no points, what most of the network lies in stands for them. None where nothing can be drawn.
    """
    import numpy as np

    from tui_runge.tui.charts.renderer import LARGEST

    known = np.concatenate([curve.high for curve in points]) if points else np.empty(0)
    finite = network[np.abs(network) < LARGEST]
    if not known.size and not finite.size:
        return None
    low, high = (known.min(), known.max()) if known.size else np.percentile(finite, (2, 98))
    margin = (high - low) / 2 or max(1.0, abs(high))
    return float(low - margin), float(high + margin)


def nearest_point(progress: "Progress", derivative: bool, at: float) -> tuple[str, float, float, float] | None:
    """The part, x, y and residual y - ŷ of the measured point nearest to x = `at`; None where there is none."""
    import numpy as np

    from tui_runge.analysis.errors_by_place import interpolate

    candidates = []
    for part in parts(progress.config):
        x, y = part_points(progress.config, part, derivative)
        if x.size:
            index = nearest(x, at)
            candidates.append((abs(float(x[index]) - at), part, float(x[index]), float(y[index])))
    if not candidates:
        return None
    _, part, place, value = min(candidates)
    return part, place, value, value - float(interpolate(progress.fit, np.array(place))[derivative])


def residual_reading(progress: "Progress", derivative: bool, at: float) -> str:
    """The measured point of f, or of f′, nearest to x = `at` and its residual, as a text; empty where there is none."""
    found = nearest_point(progress, derivative, at)
    if found is None:
        return ""
    part, place, value, residual = found
    nearest_one, symbol = "held out" if part == "validation" else "measured", "f′" if derivative else "f"
    return f"{nearest_one} {symbol} {value:.6g} at {place:.6g}   residual {residual:+.2e}"
