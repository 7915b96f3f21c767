"""Functions worth fitting, by the names that `Config.target` knows: each with its interval and what it teaches."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.problems.nodes import Interval
from tui_runge.problems.problem import Problem, Reference, Truth, function_problem

if TYPE_CHECKING:
    from tui_runge.problems.problem import Floats


@dataclass(frozen=True)
class NamedFunction:
    """A function with its formula, why it is worth fitting, and the interval that it is fitted on.

    `by_hand` is how it is computed where the formula is not: what was trained before formulas were read stays the same
    to the last bit.
    """

    formula: str
    why: str
    interval: Interval = (-1.0, 1.0)
    by_hand: Truth | None = None
    reference: Reference | None = None

    @property
    def truth(self) -> Truth:
        """The function and its derivative."""
        if self.by_hand:
            return self.by_hand
        # Here, since the first frame of a function that is computed by hand need not wait for what reads formulas.
        from tui_runge.problems.expression import formula_truth

        return formula_truth(self.formula)


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
        "polynomials through equally spaced points swing wildly at the ends; a network does not",
        by_hand=Truth(lambda x: 1 / (1 + 25 * x**2), lambda x: -50 * x / (1 + 25 * x**2) ** 2),
        reference=REPORT,
    ),
    "two-scale": NamedFunction(
        "sin(2x + 1) + 0.2 exp(1.3x)",
        "smooth and gentle: the easiest, to see how far a method gets",
        by_hand=Truth(_two_scale, _two_scale_derivative),
    ),
    "steep": NamedFunction(
        "tanh(20x)",
        "a front: f' is a spike of height 20 and nearly 0 elsewhere",
        by_hand=Truth(_steep, _steep_derivative),
    ),
    "wave-packet": NamedFunction(
        "exp(-x²) sin(8x)",
        "several waves: large first-layer weights reach them sooner",
        by_hand=Truth(_wave_packet, _wave_packet_derivative),
    ),
    "kink": NamedFunction("abs(x)", "f' jumps at 0, so a smooth network rounds the corner, and overshoots in f'"),
    "chirp": NamedFunction(
        "sin(10x²)", "faster and faster waves: low frequencies are learned first, so from left to right", (0.0, 2.0)
    ),
    "square-wave": NamedFunction(
        "(4 / pi) (sin(pi x) + sin(3 pi x) / 3 + sin(5 pi x) / 5 + sin(7 pi x) / 7 + sin(9 pi x) / 9)",
        "five terms of the Fourier series of a step: Gibbs' overshoot is to be fitted, not to be smoothed away",
    ),
    "weierstrass": NamedFunction(
        "cos(pi x) + cos(3 pi x) / 2 + cos(9 pi x) / 4",
        "each term is half as high and 1.5 times as steep as the one before: f' is rougher than f",
    ),
    "branch-points": NamedFunction(
        "exp(x) / sqrt(1 + 9x²)",
        "smooth, yet singular at x = ±i/3 in the complex plane, which limits how fast polynomials converge",
    ),
    "growing-waves": NamedFunction(
        "x sin(x)", "waves that grow outwards: the ends weigh most in the loss", (-10.0, 10.0)
    ),
    "many-minima": NamedFunction(
        "-(1.4 - 3x) sin(18x)", "a test of global optimization: f' is 17 times as large as f", (0.0, 1.0)
    ),
    "boundary-layer": NamedFunction(
        "x - exp(-40x)", "all that is steep lies at the left end: Chebyshev nodes are dense there", (0.0, 1.0)
    ),
}


def named_problem(name: str, interval: Interval | None, config: Config) -> Problem:
    """The problem of fitting a named function, on its own interval or on another; not scaled.

    On another interval its points raise ValueError, where the function or its derivative is not finite there; and what
    others reached is nothing to compare with.
    """
    function = NAMED_FUNCTIONS[name]
    if interval in (None, function.interval):
        return function_problem(
            function.formula, function.interval, function.truth, config, reference=function.reference
        )
    from tui_runge.problems.expression import checked_points

    assert interval is not None
    points_at = checked_points(function.formula, interval, function.truth)
    return function_problem(function.formula, interval, function.truth, config, points_at=points_at)


def name_of(text: str) -> str:
    """The named function that a formula is, however that is written, or nothing; raises ValueError as `parse` does."""
    from tui_runge.problems.expression import same_formula

    return next((name for name, each in NAMED_FUNCTIONS.items() if same_formula(text, each.formula)), "")
