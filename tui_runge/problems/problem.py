"""A problem: what a network is fitted to, on which points, and what others reached there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.scaling import IDENTITY, Scaling

ErrorsOn = Literal["grid", "validation", "training"]

if TYPE_CHECKING:  # a problem's label is shown in the screen's first frame, which cannot wait for NumPy
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Places x with f(x) and f'(x) in the user's units, float64 arrays of shape (n,); NaN where one is not known."""

    x: "Floats"
    f: "Floats"
    df: "Floats"


@dataclass(frozen=True)
class Truth:
    """A function f that is known everywhere, and its derivative df; both map an array to one of the same shape."""

    f: "Callable[[Floats], Floats]"
    df: "Callable[[Floats], Floats]"

    def at(self, x: "Floats") -> Points:
        """The points (x, f(x), f'(x)) for x of shape (n,)."""
        return Points(x, self.f(x), self.df(x))


@dataclass(frozen=True)
class Reference:
    """The errors that somebody else reached on a problem; `name` says who."""

    name: str
    errors: Errors

    def losses(self, config: Config) -> dict[str, float]:
        """The total, function and derivative loss that these errors make with the weights of a configuration."""
        function, derivative = self.errors.mse_f, self.errors.mse_df
        total = config.function_weight * function + config.derivative_weight * derivative
        return {"total": total, "function": function, "derivative": derivative}


@dataclass(frozen=True)
class Problem:
    """What is fitted on an interval; `label` is f as a formula, or what stands for it.

    The points are made when they are first asked for. `truth` is None where only points are known. The network is
    trained in the units of `scaling`; `reference` holds errors to compare with, where there are any. `errors_on` says
    which points the errors of a fit are taken on: those of the evaluation grid, or measured ones. The network's numbers
    are rounded to multiples of `rounding`, if it is not 0.
    """

    label: str
    interval: tuple[float, float]
    make_training: Callable[[], Points]
    make_validation: Callable[[], Points]
    make_evaluation: Callable[[], Points]
    truth: Truth | None = None
    scaling: Scaling = IDENTITY
    reference: Reference | None = None
    errors_on: ErrorsOn = "grid"
    rounding: float = 0.0

    @cached_property
    def training(self) -> Points:
        """The points that the network is trained on."""
        return self.make_training()

    @cached_property
    def validation(self) -> Points:
        """The points that the validation losses are taken on."""
        return self.make_validation()

    @cached_property
    def evaluation(self) -> Points:
        """The points that the fit is shown and the errors are taken on."""
        return self.make_evaluation()

    def in_network_units(self, points: Points) -> Points:
        """Points as the network is trained on them; NaN stays NaN."""
        scaling, step = self.scaling, self.rounding
        columns = scaling.network_x(points.x), scaling.network_f(points.f), scaling.network_df(points.df)
        return Points(*((column / step).round() * step if step else column for column in columns))
