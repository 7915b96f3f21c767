"""The measured points of a run, and what its network makes of them."""

import numpy as np

from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Floats, Progress, trained_config
from tui_runge.problems import Points, known_in_order


def measured_points(progress: Progress) -> MeasuredPoints | None:
    """The measured points in their order and with their parts; None where a function was fitted."""
    config = trained_config(progress)
    if config.points is None:
        return None
    from tui_runge.problems.measured import with_parts

    return with_parts(config.points, config)


def knows_slopes(progress: Progress) -> bool:
    """Whether f′ is known at any point: of a function everywhere, of measured points where it was measured."""
    points = progress.config.points
    return points is None or points.has_slopes


def model_at(progress: Progress, x: Floats) -> tuple[Floats, Floats]:
    """f̂ and f̂′ at x (n,), each (n,) and in the user's units; NaN where the model is not known."""
    if progress.model is None:
        return np.full_like(x, np.nan), np.full_like(x, np.nan)
    from tui_runge.export.exported_model import ExportedModel, evaluate

    return evaluate(ExportedModel(progress.model), x)


def noise_between_neighbours(points: MeasuredPoints) -> tuple[float, int]:
    """The standard deviation of noise on f, whatever f is, and how many points say so; NaN and 0 where none can.

    Each point is compared with the line between its neighbours (Gasser, Sroka & Jennen-Steinmetz, Residual variance and
    residual pattern in nonlinear regression, 1986). Where f bends between neighbours, that is counted as noise.
    """
    order = known_in_order(points.x, points.f)
    x, f = points.x[order], points.f[order]
    apart = x[2:] > x[:-2]
    if not apart.any():
        return float("nan"), 0
    before, middle, after = (slice(0, -2), slice(1, -1), slice(2, None))
    share = ((x[after] - x[middle])[apart]) / ((x[after] - x[before])[apart])
    off = share * f[before][apart] + (1 - share) * f[after][apart] - f[middle][apart]
    return mean_square(off / np.sqrt(share**2 + (1 - share) ** 2 + 1)) ** 0.5, int(apart.sum())


def count_f(points: Points) -> int:
    """The number of points at which f is known."""
    return known(points.f).size


def known(values: Floats) -> Floats:
    """Those of the values (n,) that are not NaN."""
    return values[~np.isnan(values)]


def mean_square(values: Floats) -> float:
    """The mean square of those values (n,) that are known; NaN where none is."""
    there = known(values)
    return float(np.mean(there**2)) if there.size else float("nan")
