"""The front of a problem: which runs are of it, and which no other beats in both errors."""

import math
from datetime import UTC, datetime
from typing import Any

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.runs.front import FEWER_THAN_TWO, NO_SLOPES, front, same_problem_runs, what_is_missing
from tui_runge.runs.summary import RunSummary


def run(name: str, mse_f: float, mse_df: float, config: Config | None = None, **facts: Any) -> RunSummary:
    errors = Errors(mse_f, mse_df, 1.0, 1.0)
    return RunSummary(name, "finished", datetime.now(UTC), config or Config(), 9, errors, 1.0, **facts)


def test_a_run_is_on_the_front_unless_another_is_as_good_in_both_and_better_in_one() -> None:
    runs = [
        run("a", 1e-3, 1e-1),
        run("b", 1e-2, 1e-2),
        run("b2", 1e-2, 1e-2),
        run("c", 1e-2, 5e-1),
        run("d", 1e-1, 1e-3),
        run("e", 1, 1),
    ]
    found = front(runs, "b")
    assert [each.summary.name for each in found if each.on_front] == ["a", "b", "b2", "d"]
    assert [each.summary.name for each in found if each.current] == ["b"]
    assert [each.summary.errors.mse_f for each in found] == sorted(each.errors.mse_f for each in runs)


def test_it_is_of_one_function_on_one_interval_or_of_the_same_points() -> None:
    other_weight = run("weight", 1, 1, Config(derivative_weight="auto"))
    points = run("points", 1, 1, Config(data="a.csv"), points="hash")
    moved = run("moved", 1, 1, Config(data="b.csv"), points="hash")
    others = [run("kink", 1, 1, Config(target="kink")), run("interval", 1, 1, Config(interval="0,1"))]
    unknown = [run("no slopes", 1, float("nan")), run("diverged", float("inf"), 1)]
    runs = [run("plain", 1, 1), other_weight, points, moved, *others, *unknown]
    assert [each.name for each in same_problem_runs(runs, Config(), "")] == ["plain", "weight"]
    assert [each.name for each in same_problem_runs(runs, Config(data="b.csv"), "hash")] == ["points", "moved"]


def test_a_weight_is_shown_beside_the_functions_where_that_is_not_1() -> None:
    weights = [Config(derivative_weight=0.1), Config(derivative_weight="auto"), Config(function_weight=3)]
    assert [each.weight for each in front([run("a", 1, 1, config) for config in weights])] == ["0.1", "auto", "1 to 3"]


def test_two_thousand_runs_are_quick() -> None:
    assert len(front([run(str(n), 1 + n, 2000 - n) for n in range(2000)])) == 2000


def test_without_slopes_another_run_makes_no_front() -> None:
    assert what_is_missing(Errors(1.0, math.nan, 1.0, math.nan)) == NO_SLOPES
    assert what_is_missing(Errors(math.nan, math.nan, math.nan, math.nan)) == FEWER_THAN_TWO
