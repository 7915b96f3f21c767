"""Training on measured points, of which f or f' may not be known: each loss is over the points that have it."""

import math
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
import torch

from tui_runge.core.config import OPTIMIZER_NAMES, Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Model
from tui_runge.core.scaling import Scaling
from tui_runge.export.loaded_model import LoadedModel
from tui_runge.problems import problem_of, read_data
from tui_runge.training import stages
from tui_runge.training.objectives import ByAutograd
from tui_runge.training.threads import threads
from tui_runge.training.trainer import Trainer

GAPS = math.nan


def points(rows: int = 24, known: str = "fdb", held_out: int = 6) -> MeasuredPoints:
    """Points of a sine in odd units; the letters in turn say whether a row has f, its slope d, or both."""
    x = np.linspace(100, 500, rows)
    f, df = 1e4 + 300 * np.sin(x / 50), 6 * np.cos(x / 50)
    letters = np.array([known[row % len(known)] for row in range(rows)])
    f[letters == "d"], df[letters == "f"] = GAPS, GAPS
    return MeasuredPoints.of(x, f, df, held_out=np.arange(rows) % 4 == 3 if held_out else None)


def config_of(measured: MeasuredPoints, **values: Any) -> Config:
    usual = {"hidden": (6, 5), "epochs": 20, "evaluation_points": 9, "dtype": "float64", "keep": "last"}
    return Config(data="points.csv", points=measured, **{**usual, **values})


def trained(config: Config) -> Trainer:
    trainer = Trainer(config)
    while not trainer.ended_by:
        trainer.step()
    return trainer


def model_of(trainer: Trainer) -> LoadedModel:
    state = trainer.state_dict()
    weights = [stage.numpy() for stage in state["weights"]]
    return LoadedModel(Model.of(trainer.config, state["sizes"], weights, Scaling(*state["scaling"])))


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZER_NAMES if "lm" not in name])
@pytest.mark.parametrize("number", [1, 2])
def test_trajectories_are_those_by_autograd(optimizer: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of(points(), optimizer=optimizer, stages=number, function_weight=0.7, derivative_weight=3.0)
    fast = trained(config)
    monkeypatch.setattr(stages, "ByTangents", ByAutograd)
    plain = trained(config)
    assert fast.stage == number
    torch.testing.assert_close(fast.weights, plain.weights, rtol=1e-6, atol=1e-7)
    assert fast.losses == pytest.approx(plain.losses, rel=1e-6)
    assert fast.present_losses()[0] < fast.history.curves().low[0, 0]


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
@pytest.mark.parametrize("number", [1, 2])
def test_a_point_is_as_good_as_one_of_its_value_and_one_of_its_slope(optimizer: str, number: int) -> None:
    whole = points(known="b")
    nothing = np.full(len(whole), GAPS)
    halves = MeasuredPoints.of(
        np.concatenate((whole.x, whole.x)),
        np.concatenate((whole.f, nothing)),
        np.concatenate((nothing, whole.df)),
        held_out=np.concatenate((whole.held_out, whole.held_out)),  # type: ignore[arg-type]
    )
    values: dict[str, Any] = {"function_weight": 0.7, "derivative_weight": 3.0, "stages": number}
    one, two = (trained(config_of(each, optimizer=optimizer, **values)) for each in (whole, halves))
    torch.testing.assert_close(one.weights, two.weights, rtol=1e-4, atol=1e-5)
    assert astuple(one.evaluate()[1]) == pytest.approx(astuple(two.evaluate()[1]), rel=1e-4)


@pytest.mark.parametrize("number", [1, 2])
def test_losses_and_errors_are_over_what_is_known_in_the_users_units(number: int) -> None:
    config = config_of(points(), optimizer="lm", stages=number, function_weight=2.0, derivative_weight=0.5)
    trainer, problem = trained(config), problem_of(config)
    model, losses = model_of(trainer), iter(trainer.present_losses())
    for part in (problem.training, problem.validation):
        total, function, derivative = next(losses), next(losses), next(losses)
        by_f, by_df = model(part.x) - part.f, model.derivative(part.x) - part.df
        assert function == pytest.approx(np.nanmean(by_f**2), rel=1e-6)
        assert derivative == pytest.approx(np.nanmean(by_df**2), rel=1e-6)
        assert total == pytest.approx(2 * function + 0.5 * trainer.scaling.x_scale**2 * derivative)
    fit, errors = trainer.evaluate()
    assert errors.max_f == pytest.approx(np.nanmax(np.abs(by_f)))
    assert errors.max_df == pytest.approx(np.nanmax(np.abs(by_df)))
    assert (errors.mse_f, errors.mse_df) == pytest.approx((function, derivative))
    np.testing.assert_allclose(fit.f_hat, model(fit.x))
    assert np.isnan([fit.f, fit.df]).all()


def test_without_any_slope_there_is_no_loss_of_slopes() -> None:
    trainer = trained(config_of(points(known="f"), optimizer="lm"))
    total, function, derivative, *validation = trainer.losses
    assert total == function
    assert math.isnan(derivative)
    assert validation[0] == validation[1]
    assert math.isnan(validation[2])
    errors = trainer.evaluate()[1]
    assert np.isnan([errors.mse_df, errors.max_df]).all()
    assert errors.max_f < 300


def test_slopes_may_be_missing_from_the_validation_points_alone() -> None:
    measured = points(known="bbbf")
    trainer = trained(config_of(measured))
    total, function, derivative = trainer.present_losses()[3:]
    assert total == function
    assert math.isnan(derivative)
    assert math.isfinite(trainer.present_losses()[2])


def test_nothing_to_validate_on_is_no_loss_of_0() -> None:
    measured = points(known="bbbd")
    trainer = trained(config_of(measured, derivative_weight=0.0))
    assert np.isnan(trainer.present_losses()[3:5]).all()
    assert math.isfinite(trainer.present_losses()[0])


def test_with_nothing_held_out_the_errors_are_on_the_training_points() -> None:
    measured = MeasuredPoints.of([1, 2, 4], [3, GAPS, 5], [GAPS, 2, 1])
    trainer = trained(config_of(measured, validation_fraction=0.0))
    by_f = model_of(trainer)(measured.x.copy()) - measured.f
    assert trainer.evaluate()[1].max_f == pytest.approx(np.nanmax(np.abs(by_f)))


def test_copper_is_fitted_to_its_noise_and_alike_in_other_units() -> None:
    config = read_data(Config(data="example:copper", optimizer="lm", hidden=(8, 8), epochs=50))
    assert config.points is not None
    others = MeasuredPoints.of(config.points.x / 1000, 100 * config.points.f)
    one, other = trained(config), trained(config.with_values(points=others))
    problem, losses = problem_of(config), one.present_losses()
    counts = len(problem.training.x), len(problem.validation.x)
    assert math.sqrt(np.average([losses[1], losses[4]], weights=counts)) == pytest.approx(0.08, abs=0.005)
    assert torch.equal(one.weights, other.weights)
    x = problem.evaluation.x
    np.testing.assert_allclose(model_of(other)(x / 1000), 100 * model_of(one)(x), rtol=1e-6)


def test_threads_are_by_the_number_of_measured_points() -> None:
    few, many = (config_of(points(rows), hidden=(64, 64)) for rows in (24, 8000))
    assert (threads(few, 8), threads(many, 8)) == (1, 8)
