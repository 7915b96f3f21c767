"""How far a fit is from the points that were measured."""

import math
from typing import TYPE_CHECKING

from tui_runge.problems import problem_of

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


def residual_deviation(progress: "Progress") -> float:
    """The root mean square of f - f̂ over all measured points, trained on or held out, in the user's units.

    It is NaN where a function is fitted, and where no loss is known yet.
    """
    import numpy as np

    problem = problem_of(progress.config)
    if problem.errors_on == "grid":
        return math.nan
    parts = {"train": problem.training, "validation": problem.validation}
    if problem.errors_on == "training":  # the same points
        del parts["validation"]
    counts = {part: int(np.count_nonzero(~np.isnan(points.f))) for part, points in parts.items()}
    squares = sum(count * progress.loss(f"{part}_function") for part, count in counts.items() if count)
    return math.sqrt(squares / sum(counts.values()))
