"""The discussion: each sentence stands in the reports of the runs that it is true of, and in no other."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import trained_runs
from tests.support.canned import CHANGED, progress
from tui_runge import Config, train
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Change, Progress, felt_changes, trained_config
from tui_runge.core.run_start import Branch
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.export.discussion import ENDINGS, SENTENCES, discussion
from tui_runge.export.facts import Facts
from tui_runge.runs.directory import RunsDirectory

WHOLE = progress("finished", epoch=1200)
NAN = Errors(float("nan"), float("inf"), float("nan"), float("inf"))
SMALL = Config(hidden=(8,), train_points=24, validation_points=17, evaluation_points=41, learning_rate=0.02, epochs=400)


def said(run: Progress) -> str:
    return "\n".join(discussion(run))


def trained(*plan: ScheduledChange, **values: Any) -> Callable[[], Progress]:
    """A small run to be trained when it is asked for, and once only."""
    return cache(lambda: train(SMALL.with_values(**values), plan))


RUNS: dict[str, tuple[Callable[[], Progress], str]] = {
    "whole": (trained(), "harder where over_fitting trend gradients"),
    "one epoch": (trained(epochs=1), ""),
    "a few epochs": (trained(epochs=5), "hardly_fitted"),
    "diverged": (trained(learning_rate=1e30), ""),
    "diverged later": (trained(optimizer="sgd", learning_rate=0.5), "gradients"),
    "w_d = 0": (trained(derivative_weight=0.0), "not_fitted where over_fitting trend"),
    "w_f = 0": (trained(function_weight=0.0), "not_fitted where over_fitting trend"),
    "w_d = 0 before the first epoch": (
        trained(ScheduledChange(0, "derivative_weight", 0.0)),
        "not_fitted where over_fitting trend changes",
    ),
    "w_d = 0 in the end": (
        trained(ScheduledChange(200, "derivative_weight", 0.0)),
        "not_fitted where over_fitting trend changes gradients",
    ),
    "steered": (
        trained(ScheduledChange(200, "derivative_weight", 50.0)),
        "harder where over_fitting trend changes gradients",
    ),
    "steered at the last": (
        trained(ScheduledChange(390, "derivative_weight", 50.0)),
        "harder where over_fitting changes gradients",
    ),
    "patience": (trained(patience=5), "last_weights harder where over_fitting trend gradients"),
    "lm, converged at rounding": (
        trained(optimizer="lm", train_points=4, epochs=100),
        "harder where over_fitting gradients",
    ),
    "lbfgs, converged": (trained(optimizer="lbfgs"), "harder where over_fitting gradients"),
    "stages": (
        trained(stages=2, optimizer="lm", hidden=(5,), epochs=80),
        "stages harder where over_fitting trend gradients",
    ),
    "fewer stages than asked for": (
        trained(stages=3, stop_error=3e-3),
        "stages harder where over_fitting trend gradients",
    ),
    "few validation points": (trained(validation_points=5), "harder where trend gradients"),
}
ALWAYS = {"ending", "one_seed", "against"}


@pytest.mark.parametrize("name", RUNS)
def test_a_sentence_stands_where_it_is_true_and_nowhere_else(name: str) -> None:
    make, expected = RUNS[name]
    facts = Facts(make())
    there = {sentence.__name__.removeprefix("_") for sentence in SENTENCES if sentence(facts)}
    assert there == ALWAYS | set(expected.split())


def run(name: str) -> Progress:
    return RUNS[name][0]()


@pytest.mark.parametrize("name", RUNS)
def test_numbers_are_readable(name: str) -> None:
    text = said(run(name))
    assert "nan" not in text.replace("loss became nan", "")
    assert all(len(word.strip(".,;()")) <= len("112652010") for word in text.split() if word[0].isdigit())


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_is_told(ending: str) -> None:
    assert ENDINGS[ending] in said(replace(WHOLE, ended_by=ending))


def test_a_run_without_an_epoch_has_nothing_but_its_end() -> None:
    nothing = replace(progress("stopped", 0, ended_by="stopped"), errors=NAN)
    assert said(nothing) == "The run took 0 epochs and 0.90 s of training. It ended because it was stopped."


def test_one_seed_is_called_one_seed() -> None:
    assert (
        "All this is of one run, with the seed 112652010, and one seed is one draw: another gives other numbers."
        in said(WHOLE)
    )


def test_patience_keeps_the_last_weights_and_says_so() -> None:
    ended = run("patience")
    best = np.nanmin(ended.curves.band("validation_total")[0])
    said_of = {last: said(replace(ended, losses=(last,) * 6)) for last in (best * 1.1, best * 0.9)}
    worse, better = said_of.values()
    assert "the weights are those of the last epoch, not those of the lowest validation loss" in worse
    assert f"which was {best:.2e}; the last one is {best * 1.1:.2e}." in worse
    assert "Patience does not go back: the weights are those of the last epoch." in better
    assert "More epochs" not in worse + better


# Which of f and f′ is harder


def test_errors_are_compared_relative_to_the_mean_squares() -> None:
    whole = said(WHOLE)
    assert "The derivative is the harder part. Relative to the mean square of what is fitted" in whole
    assert "of f′ is 5.1e-06 (9.99e-06 of 1.9) and that of f 1.5e-07 (2.31e-08 of 0.16): about 35 times as" in whole


def test_the_reports_run_finds_the_derivative_harder(report: Progress) -> None:
    text = said(report)
    assert "The derivative is the harder part." in text
    assert "(2.31e-08 of 0.16): about 32 times as large" in text
    assert "There is no sign of over-fitting" in text
    assert "More epochs would probably lower it further" in text


def with_errors(mse_f: float, mse_df: float, **values: Any) -> str:
    errors = replace(WHOLE.errors, mse_f=mse_f, mse_df=mse_df)
    return said(replace(WHOLE, errors=errors, config=Config(**values)))


def test_no_part_is_harder_than_another_that_is_fitted_as_well() -> None:
    assert "Both are fitted about as well. " in with_errors(1e-6, 13e-6)


def test_a_part_of_less_weight_need_not_be_the_harder() -> None:
    assert "The function is the harder part" in with_errors(1e-2, 1e-2, function_weight=20.0)
    text = with_errors(1e-2, 1e-2)
    assert "The function has the larger error." in text
    assert "It need not be the harder part: relative to the mean squares the loss gives it 0.08 of" in text
    assert "the weights of the loss were changed on the way" in said(run("steered"))
    assert "for the networks after the first its weight was divided by" in said(run("stages"))
    assert "The derivative is the harder part" in said(run("fewer stages than asked for"))


def test_errors_of_rounding_are_not_compared() -> None:
    text = with_errors(1e-15, 9e-6)
    assert "harder" not in text
    assert "The error of f′ is largest" in text
    assert "harder" in with_errors(1e-15, 9e-6, dtype="float64")


def test_nothing_is_called_hard_that_was_not_fitted() -> None:
    derivative, function, end = (said(run(name)) for name in ("w_d = 0", "w_f = 0", "w_d = 0 in the end"))
    assert "The derivative was not fitted: its weight in the loss was 0. The errors of f′ are only" in derivative
    assert "Neither of the two errors of f is as small as the report's." in derivative
    assert "error of f′" not in derivative
    assert "That leaves f̂ free by a constant" in function
    assert "The error of f " not in function
    assert "After epoch 200 the derivative was not fitted any more" in end
    assert "MSE(f′)" not in said(run("w_d = 0 before the first epoch")).partition("Before the first epoch")[2]


# Over-fitting


def with_losses(train: float, validation: float, **values: Any) -> str:
    last = WHOLE.curves.last.copy()
    last[[0, 3]] = train, validation
    return said(replace(WHOLE, curves=replace(WHOLE.curves, last=last), config=Config(**values)))


def test_it_says_whether_the_network_over_fits() -> None:
    assert "There is no sign of over-fitting" in with_losses(1e-5, 1.9e-5)
    text = with_losses(1e-5, 3.97e-3)
    assert "The network over-fits: the validation loss, 3.97e-03, is about 400 times the training loss" in text
    assert "More epochs" not in text
    assert "is more than a million times the" in with_losses(1e-9, 1.0)


def test_a_training_loss_of_rounding_has_no_ratio() -> None:
    canned, real = with_losses(1e-13, 1e-5), said(run("lm, converged at rounding"))
    for text in (canned, real):
        assert "is that of rounding in float" in text
        assert "over-fit" not in text
    assert "over-fits" in with_losses(1e-13, 1e-5, dtype="float64")


def test_losses_that_weigh_the_interval_differently_are_not_compared() -> None:
    text = with_losses(1e-5, 1e-3, nodes="chebyshev")
    assert "The training points, chebyshev, weigh the interval otherwise" in text
    assert "over-fit" not in text


@pytest.mark.parametrize("train_points", [128, 255])
def test_validation_points_that_were_trained_on_show_nothing(train_points: int) -> None:
    text = with_losses(1e-5, 1e-5, train_points=train_points)
    assert "The validation points are all training points too, so they cannot show over-fitting." in text


# Trend


def with_trend(factor: float, **values: Any) -> str:
    """What is said of a run whose loss was 1e-5, and `factor` times that over the last 120 epochs."""
    low = np.full_like(WHOLE.curves.low, 1e-5)
    low[:, -120:] *= factor
    return said(replace(WHOLE, curves=replace(WHOLE.curves, low=low), **values))


def test_it_says_how_the_loss_went_in_the_end() -> None:
    fell = "The training loss was still falling: its median over the last 120 epochs is 20 % below that of as many"
    assert fell in with_trend(0.8)
    assert "More epochs would probably lower it further" in with_trend(0.8)
    assert "hardly changed any more" in with_trend(1.0)
    assert "The training loss was rising" in with_trend(3.0)
    assert "A smaller learning rate, or a schedule that lowers it, may help." in with_trend(3.0)


@pytest.mark.parametrize("ended_by", ["converged", "diverged"])
def test_no_trend_beside_an_end_that_excludes_it(ended_by: str) -> None:
    status: Any = "diverged" if ended_by == "diverged" else "finished"
    assert "The training loss" not in with_trend(0.8, ended_by=ended_by, status=status)


@pytest.mark.parametrize(
    ("factor", "values"),
    [
        (0.8, {"schedule": "cosine"}),
        (0.8, {"stages": 2}),
        (3.0, {"optimizer": "lbfgs"}),
        (3.0, {"schedule": "plateau"}),
        (1.0, {}),
    ],
)
def test_nothing_is_advised_that_may_not_help(factor: float, values: dict[str, Any]) -> None:
    text = with_trend(factor, config=Config(**values))
    assert "The training loss" in text
    assert "More epochs" not in text
    assert "learning rate, or" not in text


def test_a_trend_is_judged_at_equal_weights_only() -> None:
    changed = Change(epoch=1080, name="derivative_weight", before=1.0, after=3.0)
    text = with_trend(3.0, changes=(changed,))
    assert "hardly changed any more: its median over the last 12 epochs" in text
    assert "rising" not in text
    late = replace(changed, epoch=1190)
    assert "The training loss" not in with_trend(3.0, changes=(late,))
    assert "rising" in with_trend(3.0, changes=(Change(1080, "patience", 0, 5),))
    assert "rising" not in with_trend(3.0, stage_starts=(1080,), config=Config(stages=2))


def test_the_trend_of_a_long_run_is_that_of_its_buckets() -> None:
    assert "the median of its lowest value in every 2 epochs over the last 300 epochs" in said(
        progress("finished", epoch=3000)
    )


# Changes, branches and stages


def test_it_says_what_was_changed_and_what_came_of_it() -> None:
    text = said(progress("finished", changes=CHANGED))
    assert "After epoch 300 derivative weight was changed from 1 to 2; from there to the end MSE(f) went from " in text
    changes = (*CHANGED, Change(400, "epochs", 1200, 740), Change(500, "learning_rate", 1e-3, 1e-2))
    text = said(progress("finished", changes=changes))
    assert "- After epoch 300 derivative weight was changed from 1 to 2; from there to epoch 500 MSE(f) went" in text
    assert "- After epoch 400 epochs was changed from 1200 to 740.\n" in text


def test_the_errors_after_a_change_are_those_of_the_epochs_around_it() -> None:
    run_ = run("steered")
    function = run_.curves.band("train_function")[0]
    numbers = f"MSE(f) went from {function[200]:.2e} to {run_.loss('train_function'):.2e} and MSE(f′) from "
    assert numbers in said(run_)


def test_steps_of_one_value_after_one_epoch_are_one_change() -> None:
    steps = tuple(Change(300, "derivative_weight", a, b) for a, b in [(1.0, 0.0), (0.0, 5.0)])
    back = Change(400, "learning_rate", 0.1, 0.2), Change(400, "learning_rate", 0.2, 0.1)
    assert felt_changes(progress("finished", changes=(*steps, *back))) == (Change(300, "derivative_weight", 1.0, 5.0),)


def test_a_change_that_no_epoch_felt_is_not_told_unless_it_ended_the_run() -> None:
    config = Config(derivative_weight=2.0, epochs=740)
    weight, epochs = Change(740, "derivative_weight", 1.0, 2.0), Change(740, "epochs", 1200, 740)
    ended = progress("finished", config=config, changes=(weight, epochs))
    assert felt_changes(ended) == (epochs,)
    assert trained_config(ended) == Config(epochs=740)


def test_a_branch_is_told_with_what_it_changed(tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path, "word")
    parent = trained_runs.train(place, SMALL.with_values(epochs=100))
    values = {"optimizer": "lm", "dtype": "float64", "epochs": 200, "train_points": 30}
    branch = trained_runs.train(place, Branch.of(place.runs.read(parent.run), values))
    text = said(branch)
    assert "After epoch 100 train points was changed from 24 to 30, optimizer was changed from adam to lm" in text
    assert "went from" not in text  # the errors on other points are other errors
    assert "The training loss" in text


def test_stages_are_told_one_by_one() -> None:
    assert "Network 2 was added after epoch 40; from there to the end MSE(f) went from " in said(run("stages"))
    assert "Of the 3 networks asked for, only 1 was begun." in said(run("fewer stages than asked for"))


# Beside the report


def test_it_says_which_of_the_reports_errors_were_met() -> None:
    assert "MSE(f) and MaxErr(f) are as small as the report's, or smaller; MSE(f′) and MaxErr(f′) not." in said(WHOLE)
    assert "None of the four errors is as small as the report's." in said(replace(WHOLE, errors=NAN))
    assert "The report's were taken on 500 points" not in said(WHOLE)
    assert "The report's were taken on 500 points, these on 41." in said(run("whole"))


def test_another_target_has_nothing_to_compare_with() -> None:
    assert "report" not in said(replace(WHOLE, config=Config(target="steep")))
