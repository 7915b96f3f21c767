"""What every file of a format says of itself: the run it is of, its errors, and how to check it."""

from collections.abc import Sequence

import numpy as np

from tui_runge import __version__
from tui_runge.analysis.network import evaluate, in_float64
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.progress import Model, Progress
from tui_runge.core.text import printable
from tui_runge.problems import ERROR_POINTS, problem_of
from tui_runge.runs.numbers import format_error
from tui_runge.runs.reproduce import rerun_command

CHECKED_AT = (0.0, 0.3, 1.0)
"""Where in the interval the values to check by are taken, as parts of its width."""


def model_of(progress: Progress) -> Model:
    """The model of a run, which is known: `format_files` has seen to it."""
    assert progress.model is not None
    return progress.model


def provenance(progress: Progress, check: Sequence[str] = ()) -> list[str]:
    """Lines of printable text: the run, its errors, its command, then `check` and values to check by."""
    problem = problem_of(progress.config)
    low, high = problem.interval
    errors = ", ".join(
        f"{label} {format_error(getattr(progress.errors, name))}" for name, label in ERROR_LABELS.items()
    )
    run = f"run {progress.run}" if progress.run else "a run that was not kept"
    lines = [
        f"Written by runge-tui {__version__}: the network f̂ and its derivative f̂′, in the units of x and f.",
        f"It is of {run} after epoch {progress.epoch}, fitted to {problem.label} on [{low!r}, {high!r}].",
        f"Errors on the {ERROR_POINTS[problem.errors_on]}: {errors}.",
        f"To repeat the run: {rerun_command(progress, 'again')}",
        *check,
        *_values(progress),
    ]
    return [printable_line(line) for line in lines]


def printable_line(text: str) -> str:
    """A text in one line, however long, whose letters all print."""
    return "".join(printable(letter) for letter in text)


def float64_note(model: Model) -> list[str]:
    """What to know where a network that was trained in float32 is evaluated in float64."""
    if model.stages[0][0].dtype == np.float64:
        return []
    return ["It was trained in float32; its weights are evaluated in float64 here, which changes about the 7th digit."]


def _values(progress: Progress) -> list[str]:
    """f̂ and f̂′ at some points, in float64."""
    low, high = problem_of(progress.config).interval
    x = np.array([low + part * (high - low) for part in CHECKED_AT])
    columns = (x, *evaluate(in_float64(model_of(progress)), x))
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return ["Its values in float64 include", *(f"  f({at!r}) = {f!r}, f'({at!r}) = {df!r}" for at, f, df in rows)]
