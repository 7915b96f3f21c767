"""What a session says ended its run."""

from itertools import groupby
from typing import Any

import pytest

from tui_runge.core.commands import Pause, Step, Stop, Update
from tui_runge.core.config import Config
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New
from tui_runge.session.session import Session

SMALL = Config(hidden=(4,), train_points=8, validation_points=4, evaluation_points=5, epochs=6)


def _run(config: Config, *commands: Any) -> list[Progress]:
    """Everything published by a run that is stopped once it ends by itself."""
    published: list[Progress] = []

    def publish(progress: Progress) -> None:
        published.append(progress)
        if progress.status in ("finished", "diverged"):
            session.send(Stop())

    session = Session(New(config), publish)
    for command in commands:
        session.send(command)
    session.run()
    return published


@pytest.mark.parametrize(
    ("values", "ending"),
    [
        ({}, "epochs"),
        ({"max_seconds": 1e-9}, "max_seconds"),
        ({"optimizer": "lm", "stop_error": 10.0}, "stop_error"),
        ({"optimizer": "sgd", "learning_rate": 1e9, "epochs": 1000}, "diverged"),
        ({"optimizer": "lm", "train_points": 1, "derivative_weight": 0.0, "epochs": 9999}, "converged"),
        ({"learning_rate": 0.5, "patience": 3, "epochs": 9999}, "patience"),
    ],
)
def test_names_the_stop_condition(values: dict[str, Any], ending: str) -> None:
    published = _run(SMALL.with_values(**values))
    assert published[-1].ended_by == ending


def test_a_stopped_run_says_so() -> None:
    published = _run(SMALL, Pause(), Step(), Stop())
    assert [progress.ended_by for progress in published] == ["", "", "stopped"]


def test_more_time_wakes_a_run() -> None:
    woken = SMALL.with_values(max_seconds=0.0)
    session_config = SMALL.with_values(max_seconds=1e-9)
    published: list[Progress] = []

    def publish(progress: Progress) -> None:
        published.append(progress)
        if progress.status == "finished":
            session.send(Update(woken) if progress.ended_by == "max_seconds" else Stop())

    session = Session(New(session_config), publish)
    session.run()
    endings = [progress.ended_by for progress in published if progress.status == "finished"]
    assert [ending for ending, _ in groupby(endings)] == ["max_seconds", "epochs"]


def test_details_reach_the_progress() -> None:
    published = _run(SMALL.with_values(optimizer="lm", stages=2))
    assert len(published[-1].stage_starts) == 1
    assert [name for name, _ in published[-1].details] == ["stage", "damping", "rejected"]
