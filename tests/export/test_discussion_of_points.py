"""The discussion of runs that fit measured points, or a function with noise: nothing is said that they cannot tell."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.canned import progress
from tests.support.measured_runs import atmosphere, copper, measured_run
from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Change, Progress
from tui_runge.export.discussion import SENTENCES, discussion
from tui_runge.export.facts import Facts
from tui_runge.export.points import noise_between_neighbours
from tui_runge.problems import problem_of


def said(run: Progress) -> str:
    return "\n".join(discussion(run))


def few(count: int) -> MeasuredPoints:
    return MeasuredPoints.of(copper().x[:count], copper().f[:count])


ALWAYS = "ending one_seed residual largest_residual "
CHANGED = (Change(epoch=35, name="smoothing", before=0.0, after=1e-6),)
RUNS: dict[str, tuple[Callable[[], Progress], str]] = {
    "no slopes": (lambda: measured_run(copper()), ALWAYS + "best_weights not_fitted held_out trend"),
    "slopes": (lambda: measured_run(atmosphere()), ALWAYS + "best_weights held_out trend"),
    "slopes that are not fitted": (
        lambda: measured_run(atmosphere(), derivative_weight=0.0),
        ALWAYS + "best_weights not_fitted held_out trend",
    ),
    "only slopes fitted": (
        lambda: measured_run(atmosphere(), function_weight=0.0),
        ALWAYS + "best_weights not_fitted trend",
    ),
    "the last weights": (
        lambda: measured_run(copper(), keep="last", best_epoch=None, ended_by="patience"),
        ALWAYS + "last_weights not_fitted held_out trend",
    ),
    "the best weights, by patience": (
        lambda: measured_run(copper(), ended_by="patience"),
        ALWAYS + "best_weights not_fitted held_out trend",
    ),
    "none held out": (
        lambda: measured_run(copper(), validation_fraction=0.0, best_epoch=None, keep="last"),
        ALWAYS + "not_fitted held_out trend",
    ),
    "few held out": (lambda: measured_run(few(30)), ALWAYS + "best_weights not_fitted trend"),
    "few": (lambda: measured_run(few(9)), "ending one_seed residual best_weights not_fitted trend"),
    "no model": (
        lambda: replace(measured_run(copper()), model=None),
        "ending one_seed residual best_weights not_fitted held_out trend",
    ),
    "no epoch": (lambda: measured_run(copper(), "stopped", 0, None, ended_by="stopped"), "ending"),
    "one epoch": (
        lambda: measured_run(copper(), epoch=1, best_epoch=1),
        "ending one_seed residual best_weights not_fitted",
    ),
    "diverged": (
        lambda: measured_run(copper(), "diverged", message="the loss became nan", ended_by="diverged"),
        "ending one_seed residual best_weights not_fitted",
    ),
    "smoothing changed": (
        lambda: measured_run(copper(), smoothing=1e-6, changes=CHANGED),
        ALWAYS + "best_weights not_fitted held_out changes",
    ),
    "hardly fitted": (
        lambda: scaled(measured_run(copper()), 1e4),
        ALWAYS + "best_weights hardly_fitted not_fitted trend",
    ),
}


def scaled(run: Progress, factor: float) -> Progress:
    """The run with losses and errors that are `factor` times its own."""
    errors = replace(run.errors, mse_f=factor * run.errors.mse_f)
    return replace(run, errors=errors, losses=tuple(factor * loss for loss in run.losses))


def with_losses(train: float, validation: float, **values: Any) -> Progress:
    """A run of copper whose mean squared residuals are these."""
    nan = float("nan")
    return measured_run(copper(), losses=(train, train, nan, validation, validation, nan), **values)


@pytest.mark.parametrize("name", RUNS)
def test_a_sentence_stands_where_it_is_true_and_nowhere_else(name: str) -> None:
    make, expected = RUNS[name]
    facts = Facts(make())
    there = {sentence.__name__.removeprefix("_") for sentence in SENTENCES if sentence(facts)}
    assert there == set(expected.split())


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_said_that_points_do_not_tell(name: str) -> None:
    run = RUNS[name][0]()
    text = said(run)
    assert "nan" not in text.replace("loss became nan", "")
    assert "report" not in text
    assert "harder" not in text
    if name not in ("slopes", "slopes that are not fitted", "only slopes fitted"):
        assert "f′" not in text
        assert "derivative" not in text


# Which weights


def test_the_best_weights_are_named_with_their_epoch() -> None:
    run = measured_run(copper())
    best, last = run.loss("validation_total"), run.curves.newest("validation_total")
    assert (
        f"The weights are the best: those after epoch 30, of the lowest validation loss, {best:.2e}; the last epoch "
        f"began with {last:.2e}. They were chosen by the held-out points, which therefore flatter them a little."
    ) in said(run)
    assert "those after the last epoch, of the lowest validation loss" in said(replace(run, best_epoch=40))
    none = measured_run(copper(), validation_fraction=0.0)
    assert "No points were held out, so that loss is that of the training points" in said(none)


def test_the_best_weights_of_a_function_are_chosen_by_no_noise() -> None:
    text = said(progress("finished", epoch=300, config=Config(keep="best"), best_epoch=290))
    assert "The weights are the best: those after epoch 290" in text
    assert "flatter" not in text
    assert "The weights are the best" not in said(progress("finished", epoch=300))


def test_the_end_of_a_change_is_the_end_of_training_and_not_of_the_best_weights() -> None:
    run = measured_run(copper(), smoothing=1e-6, changes=CHANGED)
    assert f"to {run.curves.newest('train_function'):.2e} on the training points" in said(run)


def test_more_epochs_are_not_advised_once_the_best_is_long_past() -> None:
    assert "More epochs would" in said(with_losses(1e-2, 1e-2, best_epoch=39))
    assert "More epochs would" not in said(with_losses(1e-2, 1e-2, best_epoch=30))


def test_a_diverged_run_has_the_weights_before() -> None:
    text = said(RUNS["diverged"][0]())
    assert "All numbers are those of the best weights before." in text
    assert "last finite" not in text


# Residuals


def test_the_residual_is_held_against_the_noise_between_neighbours() -> None:
    text = said(measured_run(copper()))
    assert (
        "Over all 236 points the residual of f has a standard deviation of 0.1227, 2.1 % of that of f itself." in text
    )
    assert "scatter by about 0.076 around a line, so what the network leaves is about as large as noise" in text
    assert "there is something in the points that it does not follow" in said(with_losses(1.0, 1.0))
    assert "the residual is less than such noise" in said(with_losses(1e-4, 1e-4))


@pytest.mark.parametrize("repeats", [1, 3])
def test_the_noise_between_neighbours_is_that_of_the_points(repeats: int) -> None:
    rng = np.random.default_rng(1)
    x = np.repeat(np.linspace(0, 1, 2000), repeats)
    points = MeasuredPoints.of(x, np.sin(9 * x) + 0.03 * rng.standard_normal(x.size))
    noise, _ = noise_between_neighbours(points)
    assert noise == pytest.approx(0.03, rel=0.05)


def test_points_all_at_one_place_have_no_neighbours() -> None:
    assert noise_between_neighbours(MeasuredPoints.of([1, 1, 1], [1, 2, 3]))[1] == 0
    assert noise_between_neighbours(MeasuredPoints.of([1], [1]))[1] == 0


def test_the_point_farthest_off_is_named() -> None:
    f = copper().f.copy()
    f[7] += 5
    run = measured_run(MeasuredPoints.of(copper().x, f, held_out=np.arange(236) == 7))
    assert f"standard deviations, at x = {copper().x[7]:.6g}, a held-out point." in said(run)


# Over-fitting


def test_residuals_of_held_out_points_show_over_fitting() -> None:
    text = said(with_losses(1e-2, 5e-2))
    assert (
        "The network over-fits: the mean square of the residual of f at the 47 held-out points, 5.00e-02, is about 5 "
        "times that at the 189 training points, 1.00e-02, where chance alone would hardly make it 2 times."
    ) in text
    assert "There is no sign of over-fitting" in said(with_losses(1e-2, 1.9e-2))


def test_one_point_far_off_is_no_over_fitting() -> None:
    run = with_losses(1e-2, 5e-2)
    text = said(replace(run, errors=replace(run.errors, max_f=(35 * 5e-2) ** 0.5)))
    assert "The mean square of the residual of f at the 47 held-out points, 5.00e-02, is about 5 times that" in text
    assert "Without the largest of those held out it is about 1.3 times: one point is no sign of over-fitting." in text
    assert "The network over-fits" not in text


def test_few_points_differ_by_chance() -> None:
    nan = float("nan")
    run = measured_run(few(60), losses=(1e-2, 1e-2, nan, 3e-2, 3e-2, nan))
    assert "There is no sign of over-fitting: the mean square of the residual of f at the 12 held-out" in said(run)


def test_what_is_held_out_by_the_seed_is_told_with_the_seed() -> None:
    assert "another gives other numbers and holds out other points." in said(measured_run(copper()))
    settled = replace(copper(), held_out=np.arange(236) % 5 == 0)
    assert "another gives other numbers." in said(measured_run(settled))


def test_slopes_that_have_no_weight_or_are_not_held_out() -> None:
    assert "The errors of f′ are only what the fit of f brings with it." in said(
        RUNS["slopes that are not fitted"][0]()
    )
    held_out = np.arange(80) % 5 == 0
    points = replace(atmosphere(), df=np.where(held_out, np.nan, atmosphere().df), held_out=held_out)
    text = said(measured_run(points, derivative_weight=0.0))
    assert "The derivative was not fitted: its weight in the loss was 0.\n" in text
    assert "No slopes were measured: f̂′ is the network's own" in said(measured_run(copper()))


def test_a_poor_fit_of_points_is_compared_with_a_constant() -> None:
    run = scaled(measured_run(copper()), 1e3)
    assert "of the variance of f, where 1 is what a network that is constant has." in said(run)


# Noise and smoothing of a function


def noisy(left: float, error: float, **values: Any) -> str:
    """What is said of a run whose training residuals and errors are so many times the noise."""
    config = Config(**{"noise": 0.05, "derivative_weight": 0.0, **values})
    problem = problem_of(config)
    assert problem.truth is not None
    noise = float(np.mean((problem.training.f - problem.truth.at(problem.training.x).f) ** 2))
    run = progress("finished", epoch=300, config=config)
    losses = (left * noise, left * noise, 1.0, error * noise, error * noise, 1.0)
    return said(replace(run, losses=losses, errors=replace(run.errors, mse_f=error * noise)))


def test_it_says_what_became_of_the_noise() -> None:
    assert "it averages most of the noise out." in noisy(0.97, 0.03)
    assert "it follows much of the noise. More smoothing, or a smaller network, may help." in noisy(0.3, 0.8)
    assert "it does not fit f down to the noise." in noisy(3.0, 2.0)
    assert "without noise is" in noisy(0.8, 0.7)
    assert "noise on f′" not in noisy(0.97, 0.03)
    assert "noise on f′" in noisy(0.97, 0.03, derivative_weight=1.0)


def test_losses_with_and_without_noise_are_not_compared() -> None:
    assert "over-fit" not in noisy(0.97, 0.03)
    assert "noise" not in said(progress("finished", epoch=300))


def test_smoothing_is_no_part_of_the_losses_that_are_compared() -> None:
    run = progress("finished", epoch=300, config=Config(smoothing=1e-3))
    losses = (1.0, 1e-5, 1e-5, 2.2e-5, 1.1e-5, 1.1e-5)
    assert (
        "There is no sign of over-fitting: the validation loss, 2.20e-05, is less than 2 times the training loss "
        in (said(replace(run, losses=losses)))
    )
    worse = said(replace(run, losses=(1.0, 1e-5, 1e-5, 8e-5, 4e-5, 4e-5)))
    assert "is about 4 times the training loss without the smoothing, 2.00e-05." in worse
