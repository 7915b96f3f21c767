"""Nodes that are added while a network trains."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.trained_runs import train as train_recorded
from tui_runge import Config, train
from tui_runge.core.run_start import New, Resume
from tui_runge.runs.directory import RunsDirectory
from tui_runge.training.refinement import EPOCHS, middles, refined
from tui_runge.training.trainer import Trainer

ADAPTIVE = Config(nodes="adaptive", target="boundary-layer", hidden=(8,), train_points=60, epochs=70)


def test_points_are_added_in_the_gaps_that_weigh_most() -> None:
    x = np.array([0.0, 1.0, 2.0, 4.0])
    errors = np.array([3.0, 1.0, 2.0])  # times the gaps: 3, 1, 4
    config = Config(nodes="adaptive", train_points=8)
    assert middles(x).tolist() == [0.5, 1.5, 3.0]
    assert refined(x, config, errors).tolist() == [0, 1, 2, 4, 3]
    assert refined(x[:1], config, errors[:0]).tolist() == [0]


def test_a_training_begins_with_half_of_them_and_ends_with_all() -> None:
    trainer = Trainer(ADAPTIVE.with_values(epochs=EPOCHS[-1] + 1, train_points=21))
    sizes = [len(trainer.train_x)]
    while not trainer.ended_by:
        trainer.step()
        sizes.append(len(trainer.train_x))
    assert (sizes[0], sizes[EPOCHS[0]], sizes[EPOCHS[0] + 1], sizes[-1]) == (10, 10, 12, 21)
    assert (np.diff(trainer.train_x) > 0).all()


def test_they_gather_where_the_function_is_steep() -> None:
    x = train(ADAPTIVE.with_values(epochs=EPOCHS[-1] + 1)).train_x
    assert len(x) == 60
    assert (x < 0.25).sum() > 2 * (x > 0.75).sum()


def test_other_nodes_stay_where_they_are() -> None:
    assert not train(ADAPTIVE.with_values(nodes="uniform", epochs=30)).train_x.size


@pytest.mark.parametrize("values", [{}, {"optimizer": "lm"}, {"optimizer": "lbfgs", "noise": 0.1}, {"stages": 2}])
@pytest.mark.parametrize("stop", [19, 20, 21, 50])
def test_a_resumed_run_goes_on_with_the_same_nodes(tmp_path: Path, values: dict[str, object], stop: int) -> None:
    config = ADAPTIVE.with_values(**values)
    whole = train(config)
    runs_directory = RunsDirectory(tmp_path)
    first = train_recorded(runs_directory, New(config.with_values(epochs=stop if not values.get("stages") else 70)))
    saved = runs_directory.runs.read(first.run)
    resumed = train_recorded(runs_directory, Resume.of(saved, {"epochs": 70}))
    assert resumed.train_x.tolist() == whole.train_x.tolist()
    if not values.get("stages"):  # whose length follows the epochs planned
        assert resumed.errors == whole.errors


def test_nodes_that_cannot_be_are_refused() -> None:
    trainer = Trainer(ADAPTIVE)
    state = trainer.state_dict()
    for nodes in (np.full(30, 2.0), np.full(99, 0.5), np.full((30, 1), 0.5), np.full(30, np.nan)):
        with pytest.raises(ValueError, match="nodes must be"):
            Trainer(ADAPTIVE).load_state_dict(state | {"nodes": nodes})


def test_a_system_that_would_become_too_large_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"must be <= 10000, got \d+ weights and 12000 residuals"):
        Trainer(Config(optimizer="lm", hidden=(150, 150), train_points=6000, nodes="adaptive"))
