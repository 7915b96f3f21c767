"""Functions worth fitting, by the names that `Config.target` knows, each with its derivative written out by hand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.problems.nodes import NODES, Interval
from tui_runge.problems.problem import Problem, Reference, Truth

if TYPE_CHECKING:
    from tui_runge.problems.problem import Floats


@dataclass(frozen=True)
class NamedFunction:
    """A function with its formula and the interval that it is fitted on."""

    formula: str
    truth: Truth
    interval: Interval = (-1.0, 1.0)
    reference: Reference | None = None


def _two_scale(x: "Floats") -> "Floats":
    import numpy as np

    return np.sin(2 * x + 1) + 0.2 * np.exp(1.3 * x)


def _two_scale_derivative(x: "Floats") -> "Floats":
    import numpy as np

    return 2 * np.cos(2 * x + 1) + 0.26 * np.exp(1.3 * x)


def _steep(x: "Floats") -> "Floats":
    import numpy as np

    return np.tanh(20 * x)


def _steep_derivative(x: "Floats") -> "Floats":
    import numpy as np

    return 20 / np.cosh(20 * x) ** 2


def _wave_packet(x: "Floats") -> "Floats":
    import numpy as np

    return np.exp(-(x**2)) * np.sin(8 * x)


def _wave_packet_derivative(x: "Floats") -> "Floats":
    import numpy as np

    return np.exp(-(x**2)) * (8 * np.cos(8 * x) - 2 * x * np.sin(8 * x))


REPORT = Reference("report", Errors(mse_f=2.31e-8, mse_df=9.18e-6, max_f=2.87e-4, max_df=8.66e-3))
"""The final errors of the student's report, whose experiment the defaults repeat."""

NAMED_FUNCTIONS = {
    "runge": NamedFunction(
        "1 / (1 + 25 x²)",
        Truth(lambda x: 1 / (1 + 25 * x**2), lambda x: -50 * x / (1 + 25 * x**2) ** 2),
        reference=REPORT,
    ),
    "two-scale": NamedFunction("sin(2x + 1) + 0.2 exp(1.3x)", Truth(_two_scale, _two_scale_derivative)),
    "steep": NamedFunction("tanh(20x)", Truth(_steep, _steep_derivative)),
    "wave-packet": NamedFunction("exp(-x²) sin(8x)", Truth(_wave_packet, _wave_packet_derivative)),
}


def named_problem(config: Config) -> Problem:
    """The problem of fitting the function that `config.target` names."""
    function = NAMED_FUNCTIONS[config.target]
    truth, interval = function.truth, function.interval
    return Problem(
        label=function.formula,
        interval=interval,
        make_training=lambda: truth.at(NODES[config.nodes](interval, config.train_points)),
        make_validation=lambda: truth.at(NODES["uniform"](interval, config.validation_points)),
        make_evaluation=lambda: truth.at(NODES["uniform"](interval, config.evaluation_points)),
        truth=truth,
        reference=function.reference,
    )
