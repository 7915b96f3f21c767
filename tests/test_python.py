"""What a Python program gives to `train`: a formula, functions, points, a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.trained_runs import train as train_kept
from tui_runge import Config, Problem, train
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.problems import problem_of
from tui_runge.runs.directory import RunsDirectory

SMALL = Config(hidden=(6,), train_points=24, validation_points=9, evaluation_points=11, epochs=3)
X = np.linspace(0.0, 3.0, 20)


def untyped(value: Any) -> Any:
    """A value that a type checker would not let through."""
    return value


def test_a_function_is_fitted_as_its_formula_is() -> None:
    typed = train(SMALL, problem=Problem.of("sin(x)", interval=(0, 3)))
    given = train(SMALL, problem=Problem.of(np.sin, np.cos, (0, 3)))
    assert (typed.config.target, typed.config.interval) == ("sin(x)", "0,3")
    assert given.fit.x.tolist() == typed.fit.x.tolist() == pytest.approx(np.linspace(0, 3, 11))
    assert given.fit.f_hat == pytest.approx(typed.fit.f_hat, abs=1e-5)
    assert given.errors.mse_df == pytest.approx(typed.errors.mse_df, rel=1e-4)
    assert problem_of(given.config).label == "sin(x)"


def test_a_given_function_trains_on_a_plan_and_learns() -> None:
    plan = [ScheduledChange(20, "derivative_weight", 2.0)]
    problem = Problem.of(lambda x: x**3, lambda x: 3 * x**2)
    progress = train(SMALL.with_values(optimizer="lm", epochs=60), plan, problem)
    assert problem_of(progress.config).label == "f(x)"
    assert progress.config.derivative_weight == 2
    assert progress.errors.max_f < 1e-3


def test_a_named_function_and_an_interval_in_words() -> None:
    config = Problem.of("runge").in_config(SMALL.with_values(data="gone.csv"))
    assert config == SMALL
    ends = problem_of(Problem.of(np.sin, np.cos, "0,pi").in_config(SMALL)).interval
    assert ends == (0, np.pi)


class Column:
    """What a column of a data frame is to NumPy."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._values, dtype=dtype)


@pytest.mark.parametrize("kind", [np.array, list, Column])
def test_points_are_given_in_columns_of_any_kind(kind: Callable[[Any], Any]) -> None:
    config = Problem.points(kind(X), kind(np.sin(X)), df=kind(np.cos(X))).in_config(SMALL)
    assert config.points == MeasuredPoints.of(X, np.sin(X), np.cos(X))
    assert train(config).loss("train_total") < 10


def test_points_without_slopes_leave_the_derivative_unweighted() -> None:
    assert Problem.points([0, 1, 2], untyped([1, None, 3])).in_config(SMALL).derivative_weight == 0


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: Problem.of("sin(", interval=(0, 3)), r"^target: "),
        (lambda: Problem.of("sin(x)", np.cos), r"^df must be left out for the formula 'sin\(x\)'"),
        (lambda: Problem.of(np.sin), r"^f must be a formula, or f and df both functions of an array; of values"),
        (lambda: Problem.of(untyped(X), untyped(X)), r"^f must be a formula, or f and df both functions"),
        (lambda: Problem.of(np.sin, np.cos, untyped(3)), r"^interval must be two numbers such as \(0, 3\), got 3$"),
        (lambda: Problem.of(np.sin, np.cos, (0, 1, 2)), r"^interval must be two numbers such as \(0, 3\), got"),
        (lambda: Problem.of(np.sin, np.cos, (1, 0)), r"^interval: an interval must begin below its end, got"),
        (lambda: Problem.of(np.sin, np.cos, (0, np.inf)), r"^interval: "),
        (lambda: Problem.points([1, 2], [1]), r"^points: the columns must be equally long, got 2, 1, 2$"),
        (lambda: Problem.points([1, np.inf], [1, 2]), r"^points has 1 bad cell: row 2, column x: inf is not a finite"),
        (lambda: Problem.points([1, 2], untyped(["a", 2])), r"^points: column f must hold numbers$"),
        (lambda: Problem.points([1, 1], [1, 2]), r"^points: x must take two values at least, got 1 only$"),
        (lambda: Problem.of(lambda x: x.sum(), np.cos), r"^f\(x\) must have the shape of x, \(\d+,\), got \(\)$"),
        (lambda: Problem.of(np.sin, lambda x: x[:3]), r"^df\(x\) must have the shape of x, \(\d+,\), got \(3,\)$"),
        (lambda: Problem.of(np.sqrt, np.cos), r"^f\(x\) is not finite at x = -1: choose an interval without it$"),
        (lambda: Problem.of(lambda x: 1j * x, np.cos), r"^f\(x\) must hold real numbers, got complex128$"),
        (
            lambda: Problem.of(lambda x: untyped(x).y, np.cos),
            r"^f must map an array of shape .* to one, but raised AttributeErr",
        ),
    ],
)
def test_what_cannot_be_fitted_is_one_line(make: Callable[[], Problem], line: str) -> None:
    with pytest.raises(ValueError, match=line) as refused:
        train(SMALL, problem=make())
    assert "\n" not in str(refused.value)


def test_a_function_gives_way_to_another_and_keeps_to_its_arrays() -> None:
    def spoil(x: Any) -> Any:
        x[:] = 0
        return x

    config = Problem.of(np.sin, spoil).in_config(SMALL)
    assert problem_of(config).training.x.any()
    assert config.with_values(epochs=9).function is config.function
    assert config.with_values(target="steep").function is None


def test_train_reads_the_file_of_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "fit.csv"
    file.write_text(MeasuredPoints.of(X, np.sin(X), np.cos(X)).to_csv())
    progress = train(SMALL.with_values(data=str(file)))
    assert progress.config.points == MeasuredPoints.of(X, np.sin(X), np.cos(X), name="fit.csv")
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    run = train_kept(RunsDirectory(tmp_path / "runs"), progress.config).run
    again = train(SMALL.with_values(data=f"run:{run[:12]}"))
    assert (again.config.data, again.losses) == (f"run:{run}", progress.losses)
