"""What a run keeps when its configuration changes: the table of `training.kept`, and what it is for."""

from typing import Any

import pytest
import torch

from tui_runge import Config
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.training.kept import Kept
from tui_runge.training.optimizers.adam import Adam
from tui_runge.training.optimizers.lbfgs import LBFGS
from tui_runge.training.optimizers.levenberg_marquardt import INITIAL_DAMPING, LevenbergMarquardt
from tui_runge.training.schedules import Plateau
from tui_runge.training.trainer import Trainer

#: what changed, and what is kept: the method's averages, its verdict, the schedule, patience, the first loss,
#: the best weights
TABLE = {
    "target": ("two-scale", "m....."),
    "interval": ("-2,2", "m....."),
    "data": ("points.csv", "m....."),
    "scaling": ("on", "m....."),
    "train_points": (9, "m....."),
    "validation_points": (6, "mvs.f."),
    "validation_fraction": (0.5, "mvspfb"),  # of no effect where a function is fitted
    "evaluation_points": (10, "mvspfb"),
    "nodes": ("chebyshev", "m....."),
    "noise": (0.1, "m....."),
    "hidden": ((5,), "mvspfb"),  # no branch can change it
    "activation": ("sin", "m....."),
    "first_layer_scale": (2.0, "mvspfb"),
    "stages": (2, "mvspfb"),
    "function_weight": (2.0, "m...fb"),
    "derivative_weight": (2.0, "m...fb"),
    "smoothing": (0.1, "m...fb"),
    "optimizer": ("adamw", "....fb"),
    "learning_rate": (0.5, "mvs.fb"),
    "schedule": ("plateau", "mv..fb"),
    "batch_size": (4, "mvs.fb"),
    "epochs": (9, "mvspfb"),
    "stop_error": (1e-9, "mvspfb"),
    "patience": (3, "mvspfb"),
    "keep": ("best", "mvspfb"),
    "max_seconds": (9.0, "mvspfb"),
    "seed": (1, "mvspfb"),
    "dtype": ("float64", "m....."),
    "device": ("cpu", "mvspfb"),
    "threads": (2, "mvspfb"),
}


def test_the_table_has_every_hyperparameter() -> None:
    assert TABLE.keys() >= HYPERPARAMETERS.keys()


@pytest.mark.parametrize("name", TABLE)
def test_what_is_kept_when_a_hyperparameter_changes(small: Config, name: str) -> None:
    value, letters = TABLE[name]
    assert Kept.between(small, small.with_values(**{name: value})) == tuple(letter != "." for letter in letters)


POINTS = MeasuredPoints.of([0, 1, 2], [3, 4, 5])
SPLIT = POINTS.with_validation(MeasuredPoints.of([4], [7]))


@pytest.mark.parametrize(
    ("values", "changed", "letters"),
    [
        ({"data": "a.csv", "points": POINTS}, {"points": SPLIT}, "m....."),
        ({"data": "a.csv", "points": POINTS}, {"seed": 2}, "m....."),
        ({"data": "a.csv", "points": POINTS}, {"validation_fraction": 0.5}, "m....."),
        ({"data": "a.csv", "points": POINTS}, {"noise": 0.1, "target": "steep", "train_points": 9}, "mvspfb"),
        ({"optimizer": "lm"}, {"learning_rate": 0.5, "schedule": "cosine"}, "mvspfb"),
        ({"data": "a.csv", "points": SPLIT}, {"seed": 2}, "mvspfb"),
        ({"data": "a.csv", "points": SPLIT}, {"points": POINTS.with_validation(SPLIT)}, "m....."),
        ({"noise": 0.1}, {"seed": 2}, "m....."),
        ({"nodes": "random"}, {"seed": 2}, "m....."),
        ({"batch_size": 4}, {"seed": 2}, "mvspfb"),
    ],
    ids=str,
)
def test_other_points_are_another_loss(values: dict[str, Any], changed: dict[str, Any], letters: str) -> None:
    before = Config(**values)
    kept = Kept.between(before, before.with_values(**changed))
    assert kept == tuple(letter != "." for letter in letters)


def trained(config: Config, epochs: int | None = None) -> Trainer:
    trainer = Trainer(config)
    train_on(trainer, epochs)
    return trainer


def train_on(trainer: Trainer, epochs: int | None = None) -> None:
    while not trainer.ended_by and (epochs is None or trainer.epoch < epochs):
        trainer.step()


def branch(parent: Trainer, **values: Any) -> Trainer:
    trainer = Trainer(parent.config.with_values(**values))
    trainer.load_state_dict(parent.state_dict(), branch_of=parent.config)
    return trainer


@pytest.fixture(scope="module")
def converged() -> Trainer:
    trainer = trained(Config(optimizer="lm", hidden=(6,), train_points=2, derivative_weight=0.0, epochs=4000))
    assert trainer.ended_by == "converged"
    return trainer


@pytest.mark.parametrize(
    "values",
    [
        {"train_points": 20},
        {"derivative_weight": 1.0},
        {"target": "steep"},
        {"optimizer": "adam-lm"},
        {"dtype": "float32"},
    ],
    ids=str,
)
def test_a_converged_run_branched_to_another_loss_trains(converged: Trainer, values: dict[str, object]) -> None:
    other = branch(converged, **values)
    assert other.ended_by == ""
    before = other.weights.clone()
    other.step()
    assert not torch.equal(other.weights, before)


def test_a_converged_run_stays_so_for_the_same_loss(converged: Trainer) -> None:
    assert branch(converged, epochs=9000, evaluation_points=9).ended_by == "converged"


def test_a_converged_run_whose_loss_changes_while_it_runs_trains_on(converged: Trainer) -> None:
    trainer = branch(converged)
    trainer.update(trainer.config.with_values(derivative_weight=1.0))
    loss = trainer.history.curves().last[1]
    for _ in range(3):
        trainer.step()
    assert trainer.ended_by == ""
    assert trainer.history.curves().last[1] != loss


def test_the_plateau_is_that_of_the_loss(small: Config) -> None:
    config = small.with_values(schedule="plateau", learning_rate=0.5, epochs=400)
    parent = trained(config, 300)
    state = parent.state_dict()["schedule"]
    assert state["factor"] < 1
    assert branch(parent, epochs=900).state_dict()["schedule"] == state
    other = branch(parent, nodes="chebyshev")
    parent.update(config.with_values(derivative_weight=100.0))
    parent.apply_config()
    for trainer in (parent, other):
        assert trainer.state_dict()["schedule"]["factor"] == 1
        train_on(trainer, 311)
        assert trainer.state_dict()["schedule"]["factor"] == 1


def test_the_plateau_counts_once_the_weights_have_left_those_of_another_loss() -> None:
    schedule = Plateau()
    schedule.forget_loss()
    factors = [schedule(epoch, 100, loss) for epoch, loss in enumerate([1e-3] + 9 * [50.0] + 20 * [40.0])]
    assert factors[:22] == 22 * [1.0]
    assert factors[-1] == pytest.approx(0.1)


def test_a_branch_goes_on_as_the_whole_run_would(small: Config) -> None:
    config = small.with_values(schedule="plateau", learning_rate=0.01, epochs=60, patience=50)
    whole, part = trained(config), branch(trained(config.with_values(epochs=30)), epochs=60)
    train_on(part)
    assert torch.equal(part.weights, whole.weights)
    assert (part.epoch, part.ended_by) == (whole.epoch, whole.ended_by)


def test_averages_outlive_the_loss_and_not_the_optimizer(small: Config) -> None:
    parent = trained(small)
    assert isinstance(parent.optimizer, Adam)
    for values, steps in (({"nodes": "chebyshev"}, 5), ({"optimizer": "adamw"}, 0)):
        optimizer = branch(parent, **values).optimizer
        assert isinstance(optimizer, Adam)
        assert optimizer.steps == steps


@pytest.mark.parametrize("schedule", ["plateau", "cosine"])
def test_a_branch_may_have_another_schedule_where_none_has_an_effect(small: Config, schedule: str) -> None:
    part = branch(trained(small.with_values(optimizer="lbfgs"), 4), schedule=schedule)
    part.step()
    assert part.epoch == 5


@pytest.mark.parametrize(("before", "after"), [(1.0, 1e9), (1e9, 1.0), (1e9, 1e30)])
def test_a_branch_to_an_extreme_weight_forgets_the_averages_as_the_whole_run_does(
    small: Config, before: float, after: float
) -> None:
    whole = trained(small.with_values(derivative_weight=before), 4)
    part = branch(whole, derivative_weight=after)
    whole.update(whole.config.with_values(derivative_weight=after))
    for trainer in (whole, part):
        trainer.step()
    assert torch.equal(part.weights, whole.weights)


def test_the_damping_and_the_curvature_are_those_of_the_loss(small: Config) -> None:
    lm = trained(small.with_values(optimizer="lm"))
    assert isinstance(lm.optimizer, LevenbergMarquardt)
    assert lm.optimizer.damping != INITIAL_DAMPING
    lm.update(lm.config.with_values(function_weight=3.0))
    lm.apply_config()
    assert lm.optimizer.damping == INITIAL_DAMPING
    lbfgs = trained(small.with_values(optimizer="lbfgs"))
    assert isinstance(lbfgs.optimizer, LBFGS)
    assert lbfgs.optimizer.state_dict()["learnt"]
    lbfgs.update(lbfgs.config.with_values(function_weight=3.0))
    lbfgs.apply_config()
    assert not lbfgs.optimizer.state_dict()["learnt"]


@pytest.mark.parametrize(("before", "epochs"), [("adam", 20), ("adam-lm", 10)])
def test_a_late_branch_reaches_the_second_half_of_adam_lm(small: Config, before: str, epochs: int) -> None:
    parent = trained(small.with_values(optimizer=before, epochs=40, dtype="float64"), 9)
    late = branch(parent, optimizer="adam-lm", epochs=epochs)
    train_on(late)
    assert dict(late.details)["method"] == "lm"
    shorter = trained(small.with_values(optimizer="adam-lm", epochs=40), 9)
    shorter.update(shorter.config.with_values(epochs=12))
    train_on(shorter)
    assert dict(shorter.details)["method"] == "lm"


def test_a_model_of_several_stages_is_the_same_in_a_branch_with_other_nodes(small: Config) -> None:
    parent = trained(small.with_values(stages=2, epochs=10))
    other = branch(parent, nodes="chebyshev", train_points=12)
    assert other.state_dict()["sizes"] == parent.state_dict()["sizes"]
    assert other.evaluate()[1] == parent.evaluate()[1]
