"""A problem far from the unit interval: trained in the network's units, judged in the user's."""

import dataclasses

import numpy as np
import pytest
import torch

from tui_runge.core.config import Config
from tui_runge.core.progress import Model
from tui_runge.core.scaling import Scaling
from tui_runge.export.exported_model import ExportedModel
from tui_runge.export.loaded_model import LoadedModel
from tui_runge.problems import Problem, Truth
from tui_runge.problems.nodes import uniform
from tui_runge.training import trainer as trainer_module
from tui_runge.training.trainer import DivergedError, Trainer

SCALING = Scaling(x_center=200.0, x_scale=200.0, f_center=1e4, f_scale=300.0)
TRUTH = Truth(lambda x: 1e4 + 300 * np.sin(x / 50), lambda x: 6 * np.cos(x / 50))
INTERVAL = (0.0, 400.0)
PROBLEM = Problem(
    "1e4 + 300 sin(x / 50)",
    INTERVAL,
    make_training=lambda: TRUTH.at(uniform(INTERVAL, 80)),
    make_validation=lambda: TRUTH.at(uniform(INTERVAL, 41)),
    make_evaluation=lambda: TRUTH.at(uniform(INTERVAL, 101)),
    truth=TRUTH,
    make_scaling=lambda: SCALING,
)
CONFIG = Config(optimizer="lm", hidden=(12,), epochs=60, evaluation_points=101)


@pytest.fixture(autouse=True)
def _the_problem_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer_module, "problem_of", lambda _: PROBLEM)


def trained(config: Config) -> Trainer:
    trainer = Trainer(config)
    while not trainer.ended_by:
        trainer.step()
    return trainer


def model_of(trainer: Trainer) -> Model:
    state = trainer.state_dict()
    weights = [stage.numpy() for stage in state["weights"]]
    return Model.of(trainer.config, state["sizes"], weights, Scaling(*state["scaling"]))


@pytest.mark.parametrize("values", [{}, {"stages": 2}, {"dtype": "float32"}], ids=str)
def test_the_fit_and_its_errors_are_in_the_users_units(values: dict[str, object]) -> None:
    fit, errors = trained(CONFIG.with_values(**values)).evaluate()
    assert fit.x.tolist() == uniform(INTERVAL, 101).tolist()  # and not those that the network's numbers are
    assert (fit.f.tolist(), fit.df.tolist()) == (TRUTH.f(fit.x).tolist(), TRUTH.df(fit.x).tolist())
    by_f, by_df = fit.f_hat - fit.f, fit.df_hat - fit.df
    assert errors.max_f == pytest.approx(np.abs(by_f).max(), rel=1e-3)
    assert errors.max_df == pytest.approx(np.abs(by_df).max(), rel=1e-3)
    assert errors.mse_f == pytest.approx((by_f**2).mean(), rel=1e-3)
    assert errors.mse_df == pytest.approx((by_df**2).mean(), rel=1e-3)
    assert errors.max_f < 0.3
    assert errors.max_df < 0.05


@pytest.mark.parametrize("stages", [1, 2])
def test_the_losses_are_in_the_users_units(stages: int) -> None:
    trainer = Trainer(CONFIG.with_values(stages=stages, epochs=20, function_weight=2.0, derivative_weight=0.5))
    for _ in range(15):
        trainer.step()
    before = dataclasses.astuple(model_of(trainer).scaling)
    model = LoadedModel(model_of(trainer))
    trainer.step()
    losses = iter(trainer.losses)
    for points in (PROBLEM.training, PROBLEM.validation):
        total, function, derivative = next(losses), next(losses), next(losses)
        assert function == pytest.approx(((model(points.x) - points.f) ** 2).mean(), rel=1e-6)
        assert derivative == pytest.approx(((model.derivative(points.x) - points.df) ** 2).mean(), rel=1e-6)
        assert total == pytest.approx(2 * function + 0.5 * SCALING.x_scale**2 * derivative)
    assert before == dataclasses.astuple(SCALING)


def test_the_run_stops_at_an_error_in_the_users_units() -> None:
    trainer = trained(CONFIG.with_values(stop_error=9.0, epochs=500))
    assert trainer.ended_by == "stop_error"
    assert trainer.present_losses()[1] <= 9.0 < trainer.history.curves().low[1][-1]


@pytest.mark.parametrize("values", [{}, {"stages": 2}, {"dtype": "float32"}], ids=str)
def test_the_exported_model_fits_as_the_trainer_does(values: dict[str, object]) -> None:
    trainer = trained(CONFIG.with_values(**values))
    fit, _ = trainer.evaluate()
    x = torch.from_numpy(fit.x)[:, None].to(trainer.weights.dtype)
    value, derivative = (column[:, 0].double().numpy() for column in ExportedModel(model_of(trainer))(x))
    np.testing.assert_allclose(value, fit.f_hat, rtol=1e-6)
    np.testing.assert_allclose(derivative, fit.df_hat, rtol=1e-6, atol=1e-6 * 6)


def test_a_run_resumes_in_the_same_units_only(monkeypatch: pytest.MonkeyPatch) -> None:
    state = trained(CONFIG.with_values(epochs=5)).state_dict()
    Trainer(CONFIG).load_state_dict(state)
    monkeypatch.setattr(trainer_module, "problem_of", lambda _: dataclasses.replace(PROBLEM, make_scaling=Scaling))
    with pytest.raises(ValueError, match="the points to fit must be those that the run was trained on"):
        Trainer(CONFIG).load_state_dict(state)
    Trainer(CONFIG).load_state_dict(state, branch_of=CONFIG)


def test_a_loss_that_explodes_is_told_in_the_users_units() -> None:
    trainer = Trainer(CONFIG.with_values(optimizer="sgd", learning_rate=1e3))
    trainer.step()
    with pytest.raises(DivergedError, match=r"^the loss became \S+ at epoch 2$") as diverged:
        trainer.step()
    loss = float(str(diverged.value).split()[3])
    assert loss > SCALING.f_scale**2 * 1e4
