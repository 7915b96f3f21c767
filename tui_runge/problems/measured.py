"""The problem of fitting measured points."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.problems.nodes import Interval, uniform
from tui_runge.problems.problem import Points, Problem
from tui_runge.problems.random_streams import random_words
from tui_runge.problems.unit_scaling import LARGEST, unit_scaling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

ROUNDING = 2.0**-32
"""Of the network's numbers, which are about 1: other units change their last digits, and a long training would make a
visible difference of those. What is left is finer than any measurement."""
TOO_WIDE = "the numbers span more, or less, than can be computed with: give them in other units"
MOST_SCALED = 1e30
"""The largest number that a network is given: its square is finite in float64, and itself in float32."""


def measured_problem(points: MeasuredPoints, config: Config) -> Problem:
    """The problem of fitting measured points, as a configuration asks for.

    The fit is shown on a uniform grid, where f and df are NaN: not known. Of points without parts, a share drawn by the
    seed is held out for validation; with none held out, the network is validated on what it is trained on. Raises
    ValueError where all x are the same, or numbers span too much.
    """
    import numpy as np

    interval = float(points.x.min()), float(points.x.max())
    if interval[0] == interval[1]:
        raise ValueError(f"{points.name}: x must take two values at least, got {interval[0]:.6g} only")
    held_out = _held_out(points, config)
    if np.isnan(points.f[~held_out]).all():
        raise ValueError(f"{points.name} has no value of f to train on: not all may be held out for validation")
    scaling = IDENTITY if config.scaling == "off" else _scaling(points, interval)

    def grid() -> Points:
        x = uniform(interval, config.evaluation_points)
        return Points(x, np.full_like(x, np.nan), np.full_like(x, np.nan))

    return Problem(
        label=points.name,
        interval=interval,
        make_training=lambda: _part(points, ~held_out),
        make_validation=lambda: _part(points, held_out if held_out.any() else ~held_out),
        make_evaluation=grid,
        make_scaling=lambda: scaling,
        errors_on="validation" if held_out.any() else "training",
        rounding=0.0 if config.scaling == "off" else ROUNDING,
    )


def with_parts(points: MeasuredPoints, config: Config) -> MeasuredPoints:
    """The points with the parts that a run of a configuration has them in: as they came, or drawn by the seed."""
    return replace(points, held_out=_held_out(points, config))


def _held_out(points: MeasuredPoints, config: Config) -> "Mask":
    return _draw(points, config.validation_fraction, config.seed) if points.held_out is None else points.held_out


def _draw(points: MeasuredPoints, fraction: float, seed: int) -> "Mask":
    """The points (n,) held out: this share of those with f, never the last of them, and of those with df alone."""
    import numpy as np

    held_out = np.zeros(len(points), dtype=bool)
    order = np.argsort(random_words(seed, "split", len(points)), kind="stable")
    with_f = ~np.isnan(points.f[order])
    for group, left in ((order[with_f], 1), (order[~with_f], 0)):
        count = max(round(fraction * len(group)), 1 if fraction > 0 else 0)
        held_out[group[: max(0, min(count, len(group) - left))]] = True
    return held_out


def _part(points: MeasuredPoints, chosen: "Mask") -> Points:
    """The points that a mask (n,) chooses."""
    return Points(points.x[chosen], points.f[chosen], points.df[chosen])


def _scaling(points: MeasuredPoints, interval: Interval) -> Scaling:
    """The scaling of the points; raises ValueError where the network's numbers would not be finite."""
    import numpy as np

    with np.errstate(all="ignore"):
        try:
            scaling = unit_scaling(interval, points.f, points.df)
        except ValueError:
            raise ValueError(TOO_WIDE) from None
        scaled = scaling.network_x(points.x), scaling.network_f(points.f), scaling.network_df(points.df)
    if not all(1 / LARGEST < scale < LARGEST for scale in (scaling.x_scale, scaling.f_scale, scaling.df_scale)):
        raise ValueError(TOO_WIDE)  # the errors are squared in the units of f, and of f over x
    for ours, networks in zip((points.x, points.f, points.df), scaled, strict=True):
        if not (np.abs(networks[~np.isnan(ours)]) < MOST_SCALED).all():
            raise ValueError(TOO_WIDE)
    return scaling
