"""The measured points of a run, and what its network makes of them."""

import numpy as np

from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Floats, Progress, trained_config
from tui_runge.problems import Points, problem_of


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
    from tui_runge.export.exported_model import LoadedModel

    model = LoadedModel(progress.model)
    return model(x), model.derivative(x)


def residual_deviation(progress: Progress) -> float:
    """The standard deviation of the residual f - f̂ over all measured points, in the user's units.

    It is the root mean square over the points that have f: a network that fits leaves a mean of about 0.
    """
    problem = problem_of(trained_config(progress))
    parts = {"train": problem.training}
    if problem.errors_on == "validation":
        parts["validation"] = problem.validation
    counts = {part: count_f(points) for part, points in parts.items()}
    squares = sum(count * progress.loss(f"{part}_function") for part, count in counts.items() if count)
    return float(np.sqrt(squares / sum(counts.values())))


def count_f(points: Points) -> int:
    """The number of points at which f is known."""
    return int(np.count_nonzero(~np.isnan(points.f)))
