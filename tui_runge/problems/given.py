"""The problem of fitting a function that a program gives."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.given_function import GivenFunction
from tui_runge.problems.problem import Problem, Truth, function_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_runge.core.given_function import ArrayFunction
    from tui_runge.problems.problem import Floats


def given_problem(function: GivenFunction, config: Config) -> Problem:
    """The problem of fitting a given function, in units in which it and its interval are about 1.

    Its points raise ValueError, where f or df gives something else than a finite number for each x.
    """
    truth = Truth(_checked("f", function.f), _checked("df", function.df))
    problem = function_problem(function.name, function.interval, truth, config, scaled=True)
    return replace(problem, formula="")  # its name is no text that can be differentiated


def _checked(name: str, function: "ArrayFunction") -> "Callable[[Floats], Floats]":
    """A function that raises ValueError in one line where a stranger's gives no finite numbers, or raises."""

    def at(x: "Floats") -> "Floats":
        import numpy as np

        try:
            with np.errstate(all="ignore"):
                values = np.asarray(function(x.copy()))
        except Exception as error:  # a stranger's function may raise anything
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise ValueError(f"{name} must map an array of shape {x.shape} to one, but raised {reason}") from error
        if values.shape != x.shape:
            raise ValueError(f"{name}(x) must have the shape of x, {x.shape}, got {values.shape}")
        if values.dtype.kind not in "biuf":
            raise ValueError(f"{name}(x) must hold real numbers, got {values.dtype}")
        values = values.astype(np.float64)
        if (bad := x[~np.isfinite(values)]).size:
            raise ValueError(f"{name}(x) is not finite at x = {bad[0]:.6g}: choose an interval without it")
        return values

    return at
