"""The derivative's weight that `auto` stands for: from what it starts, what it follows, and how it is resumed."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.trained_runs import train
from tui_runge import train as train_alone
from tui_runge.core.config import OPTIMIZER_TRAITS, TARGET_NAMES, Config
from tui_runge.core.history import SERIES
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.problems import Points
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.metrics import metrics
from tui_runge.training.balance import EVERY, START, Balance
from tui_runge.training.trainer import Trainer

AUTO = Config(
    hidden=(6, 5),
    train_points=12,
    validation_points=7,
    evaluation_points=9,
    epochs=40,
    learning_rate=0.01,
    derivative_weight="auto",
)
X = np.linspace(0, 1, 11)


def trained(config: Config, epochs: int) -> Trainer:
    trainer = Trainer(config)
    go_on(trainer, epochs)
    return trainer


def go_on(trainer: Trainer, epochs: int) -> None:
    while trainer.epoch < epochs:
        trainer.step()


def test_it_starts_from_the_sizes_of_f_and_its_derivative() -> None:
    waves = Balance(Points(X, np.sin(3 * X), 3 * np.cos(3 * X)))
    steeper = Balance(Points(X, np.sin(3 * X), 12 * np.cos(3 * X)))
    assert waves.weight == waves.start == pytest.approx(4 * steeper.start)
    assert Balance(Points(X, np.tile([1.0, -1.0], 6)[:11], np.ones(11))).start == pytest.approx(START, rel=0.01)


@pytest.mark.parametrize("df", [np.full(11, np.nan), np.zeros(11), np.full(11, 1e200)])
def test_it_starts_from_1_where_nothing_can_be_compared(df: np.ndarray) -> None:
    assert Balance(Points(X, np.sin(X), df)).start == 1


def test_it_rises_while_the_derivative_lags_behind() -> None:
    balance = Balance(Points(X, np.sin(3 * X), 3 * np.cos(3 * X)))
    balance.observe(1e-4, 1e-1)
    assert balance.weight > balance.start
    balance.observe(0.0, 1e-1)
    before = balance.weight
    balance.observe(1e-1, 1e-4)
    assert balance.weight < before


def test_the_total_loss_is_that_of_the_weight_shown() -> None:
    trainer = trained(AUTO, 25)
    weight = trainer.auto_weight
    assert weight is not None
    losses = dict(zip(SERIES, trainer.losses, strict=True))
    for data in ("train", "validation"):
        expected = losses[f"{data}_function"] + weight * losses[f"{data}_derivative"]
        assert losses[f"{data}_total"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZER_TRAITS)
def test_it_follows_the_losses_only_where_no_method_models_them(optimizer: str) -> None:
    trainer = trained(AUTO.with_values(optimizer=optimizer), EVERY + 1)
    follows = trainer.auto_weight != Trainer(AUTO).auto_weight
    assert follows == trainer.config.weight_follows_losses == (optimizer in ("adam", "adamw", "sgd", "gd"))


@pytest.mark.parametrize("values", [{}, {"stages": 2}, {"keep": "best", "patience": 30}, {"batch_size": 5}])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adam-lm"])
def test_it_resumes_bit_for_bit(optimizer: str, values: dict[str, object]) -> None:
    if optimizer == "adam-lm" and "batch_size" in values:
        pytest.skip("it takes no batches")
    config = AUTO.with_values(optimizer=optimizer, **values)
    for epoch in (7, 10, 25):
        whole, first = trained(config, 40), trained(config, epoch)
        first.judge()
        second = Trainer(config)
        second.load_state_dict(first.state_dict())
        assert second.auto_weight == first.auto_weight
        go_on(second, 40)
        assert second.weights.tolist() == whole.weights.tolist()
        assert second.auto_weight == whole.auto_weight
        assert second.present_losses() == whole.present_losses()


def test_what_was_undone_before_the_next_epoch_leaves_no_trace() -> None:
    whole, other = trained(AUTO, 30), trained(AUTO, 13)
    other.update(AUTO.with_values(derivative_weight=2))
    other.update(AUTO)
    go_on(other, 30)
    assert other.weights.tolist() == whole.weights.tolist()


def test_it_begins_anew_after_a_weight_that_was_given() -> None:
    trainer = trained(AUTO, 13)
    trainer.update(AUTO.with_values(derivative_weight=2))
    go_on(trainer, 16)
    assert trainer.auto_weight is None
    trainer.update(AUTO)
    go_on(trainer, 17)
    assert trainer.auto_weight not in (None, Trainer(AUTO).auto_weight)


def test_it_is_of_no_effect_where_no_slopes_are_known() -> None:
    points = MeasuredPoints.of(X, np.sin(X))
    config = AUTO.with_values(data="points", points=points)
    assert config.derivative_weight == 0
    assert trained(config, 3).auto_weight is None


def test_slopes_known_at_some_points_are_enough() -> None:
    slopes = np.where(np.arange(11) % 2, np.cos(X), np.nan)
    trainer = trained(AUTO.with_values(data="points", points=MeasuredPoints.of(X, np.sin(X), slopes)), 15)
    assert trainer.auto_weight is not None
    assert all(map(np.isfinite, trainer.losses))


def test_nothing_is_to_be_balanced_where_f_has_no_weight() -> None:
    with pytest.raises(ValueError, match="derivative_weight must be a number where function_weight is 0, got auto"):
        AUTO.with_values(function_weight=0)


def test_a_run_tells_the_weight_and_goes_on_telling_it_once_saved(tmp_path: Path) -> None:
    directory = RunsDirectory(tmp_path / "runs")
    end = train(directory, AUTO)
    assert directory.runs.read(end.run).progress.auto_weight == end.auto_weight == end.derivative_weight
    assert metrics(end, "again")["auto_weight"] == end.auto_weight
    assert end.losses[0] == pytest.approx(end.losses[1] + end.derivative_weight * end.losses[2], rel=1e-12)


SEVEN = [10.0**power for power in range(-3, 4)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("target", TARGET_NAMES)
def test_both_errors_are_near_those_of_the_best_of_seven_weights(target: str) -> None:
    fixed = [train_alone(Config(target=target, derivative_weight=weight)).errors for weight in SEVEN]
    best = min(fixed, key=lambda errors: errors.mse_f * errors.mse_df)
    errors = train_alone(Config(target=target, derivative_weight="auto")).errors
    assert errors.mse_f <= 1.5 * best.mse_f
    assert errors.mse_df <= 1.5 * best.mse_df
