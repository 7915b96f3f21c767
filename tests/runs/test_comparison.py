"""What a comparison of runs says: where they differ, and which of them ended best."""

import math
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Change
from tui_runge.runs.comparison import compare, differences, final_values, values_over_time
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.runs.summary import RunSummary

CHANGES = (Change(0, "learning_rate", 0.001, 0.002), Change(9, "learning_rate", 0.002, 0.01))


@dataclass(frozen=True)
class Run:
    config: Config
    errors: Errors
    epoch: int = 10
    seconds: float = 1.5


def test_the_smallest_of_each_error_is_the_best_and_an_unknown_one_never() -> None:
    first, second = Run(Config(), Errors(1.0, math.nan, 2.0, math.nan)), Run(Config(), Errors(0.5, 3.0, 2.0, math.nan))
    comparison = compare([first, second])
    assert [row.label for row in comparison.errors] == ["MSE(f)", "MSE(f′)", "MaxErr(f)", "MaxErr(f′)"]
    assert [row.best for row in comparison.errors] == [(False, True), (False, True), (True, True), (False, False)]
    assert (comparison.differences, comparison.epochs, comparison.seconds) == ({}, (10, 10), (1.5, 1.5))


def test_only_hyperparameters_that_differ_are_named_with_the_value_of_every_run() -> None:
    configs = (Config(), Config(hidden=(8, 8)), Config(learning_rate=0.01))
    assert differences(*map(final_values, configs)) == {
        "hidden": ("64,64", "8,8", "64,64"),
        "learning_rate": ("0.001", "0.001", "0.01"),
    }


def test_what_has_no_effect_on_a_run_makes_no_difference() -> None:
    adam, lm, data = Config(learning_rate=0.01), Config(optimizer="lm"), Config(target="steep", data="example:copper")
    assert differences(*map(final_values, (adam, lm))) == {"optimizer": ("adam", "lm"), "dtype": ("float32", "float64")}
    assert differences(*map(final_values, (adam, data, Config(target="kink")))) == {
        "target": ("runge", "-", "kink"),
        "data": ("none", "example:copper", "none"),
        "learning_rate": ("0.01", "0.001", "0.001"),
    }
    assert values_over_time(lm, CHANGES)["learning_rate"] == "-"


def test_the_weight_that_missing_slopes_make_0_is_no_difference_from_the_defaults() -> None:
    config, when = Config(data="copper.csv", derivative_weight=0.0, noise=0.1, epochs=50), datetime(2026, 11, 25)
    of_values = RunSummary("amber", "finished", when, config, 50, Errors(1.0, math.nan, 1.0, math.nan), 1.5)
    assert of_values.differs == "data copper.csv, epochs 50"
    of_slopes = replace(of_values, errors=Errors(1.0, 1.0, 1.0, 1.0))
    assert of_slopes.differs == "data copper.csv, derivative weight 0, epochs 50"


@pytest.mark.parametrize(
    ("end", "text"), [(math.inf, "0.002, 0.01 from 9"), (10, "0.002, 0.01 from 9"), (9, "0.002"), (0, "0.001")]
)
def test_values_over_time_are_those_that_an_epoch_was_trained_with(end: float, text: str) -> None:
    values = values_over_time(Config(learning_rate=0.01), CHANGES, end)
    assert values == final_values(Config()) | {"learning_rate": text}


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (187.0, "3:07"), (3729.0, "1:02:09")])
def test_a_duration_is_written_as_a_person_says_it(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_an_error_that_is_not_known_is_a_dash() -> None:
    assert [format_error(value) for value in (2.314e-8, math.nan, math.inf)] == ["2.31e-08", "–", "–"]
    assert format_error(math.nan, "-") == "-"
