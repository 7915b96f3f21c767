"""The experiment without a screen: what is requested and undone, and which run the session is asked for."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.canned import COPPER, CannedSession, progress
from tui_runge.core.commands import Command, Pause, RequestProgress, Stop, Unpause, Update
from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.presets import PRESETS
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New, Resume
from tui_runge.core.run_state import RunState
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.tui.experiment import Experiment

SAVED = RunState(progress("paused", 15, Config(activation="sin"), run="amber"), (), {"weights": []}, {})


class Parts:
    """An experiment whose sessions only keep what they are sent, and how often it called back."""

    def __init__(self, config: Config = Config()) -> None:  # noqa: B008 - frozen
        self.sessions: list[CannedSession] = []
        self.changes = 0
        self.replaced = 0
        self.experiment = Experiment(
            New(config), CannedSession, run_session=self._run, replacing=self._replacing, changed=self._changed
        )
        self.experiment.train()

    def _run(self, session: Any) -> None:
        self.sessions.append(session)

    def _replacing(self) -> None:
        self.replaced += 1

    def _changed(self) -> None:
        self.changes += 1

    @property
    def sent(self) -> list[Command]:
        """What the newest session was sent after its first question."""
        return self.sessions[-1].sent[1:]


def test_it_loads_asks_for_a_progress_and_then_has_its_status() -> None:
    parts = Parts()
    assert (parts.experiment.state, parts.experiment.progress) == ("loading", None)
    assert parts.sessions == [parts.experiment.session]
    assert parts.sessions[0].sent == [RequestProgress()]
    first = progress("paused")
    parts.experiment.receive(first)
    assert (parts.experiment.state, parts.experiment.progress) == ("paused", first)


@pytest.mark.parametrize(
    ("status", "applicable"),
    [
        (None, {"pause"}),
        ("running", {"pause"}),
        ("paused", {"resume", "advance"}),
        ("finished", set()),
        ("diverged", set()),
    ],
)
def test_it_says_which_actions_apply(status: Any, applicable: set[str]) -> None:
    experiment = Parts().experiment
    if status is not None:
        experiment.receive(progress(status))
    assert {action for action, applies in experiment.applicable.items() if applies} == applicable
    experiment.set_value("learning_rate", 0.5)
    assert experiment.applicable["undo"]


def test_changes_are_requested_and_undone_one_by_one() -> None:
    parts = Parts()
    experiment, (rate,) = parts.experiment, HYPERPARAMETERS["learning_rate"].key_steps
    experiment.step("learning_rate", rate, 1)
    experiment.set_value("derivative_weight", 2.0)
    experiment.set_default("learning_rate")
    requested = [
        Config(learning_rate=2e-3),
        Config(learning_rate=2e-3, derivative_weight=2),
        Config(derivative_weight=2),
    ]
    assert parts.sent == [Update(config) for config in requested]
    for undone, config in zip(reversed(requested), [requested[1], requested[0], Config()], strict=True):
        assert experiment.undo() == undone
        assert experiment.config == config
        assert parts.sent[-1] == Update(config)
    assert not experiment.applicable["undo"]


def test_a_request_that_changes_nothing_is_none() -> None:
    parts = Parts()
    changes = parts.changes
    parts.experiment.set_default("learning_rate")
    assert (parts.sent, parts.experiment.applicable["undo"], parts.changes) == ([], False, changes)


def test_a_value_that_cannot_be_changes_nothing() -> None:
    parts = Parts()
    with pytest.raises(ValueError, match=r"^learning_rate must be > 0, got -1$"):
        parts.experiment.set_value("learning_rate", -1)
    assert (parts.experiment.config, parts.sent, parts.experiment.applicable["undo"]) == (Config(), [], False)


def test_data_is_read_as_it_is_chosen_and_a_target_chosen_leaves_it() -> None:
    parts = Parts()
    experiment, (turn,) = parts.experiment, HYPERPARAMETERS["data"].key_steps
    experiment.step("data", turn, 1)
    assert experiment.config == COPPER
    experiment.step("target", HYPERPARAMETERS["target"].key_steps[0], 1)
    assert (experiment.config.target, experiment.config.data, experiment.config.points) == ("two-scale", "", None)
    experiment.undo()
    assert experiment.config == COPPER
    with pytest.raises(ValueError, match=r"^cannot read no/such\.csv: No such file or directory$"):
        experiment.set_value("data", "no/such.csv")
    experiment.preset("deeper")
    assert experiment.config == COPPER.with_values(hidden=(64, 64, 64))


@pytest.mark.parametrize(
    ("act", "config", "undoable"),
    [
        (Experiment.restart, Config(), False),
        (Experiment.reseed, Config(seed=112652011), True),
        (lambda experiment: experiment.preset("precise"), PRESETS["precise"].config(), True),
    ],
    ids=["restart", "reseed", "preset"],
)
def test_a_run_begins_with_what_is_requested(
    act: Callable[[Experiment], object], config: Config, undoable: bool
) -> None:
    parts = Parts()
    parts.experiment.receive(progress("running"))
    act(parts.experiment)
    assert parts.sent[-1] == New(config)
    assert (parts.replaced, parts.experiment.applicable["undo"]) == (1, undoable)
    assert parts.experiment.config == config


def test_after_a_failure_the_next_run_has_a_session_of_its_own() -> None:
    parts = Parts()
    parts.experiment.receive(progress("running"))
    parts.experiment.fail()
    assert parts.experiment.state == "failed"
    parts.experiment.restart()
    assert (parts.experiment.state, parts.experiment.progress) == ("loading", None)
    first, second = parts.sessions
    assert first.sent == second.sent == [RequestProgress()]
    parts.experiment.stop()
    assert second.sent[-1] == Stop()


@pytest.mark.parametrize("paused", [True, False])
def test_a_saved_run_is_resumed_as_it_was_saved(paused: bool) -> None:
    parts = Parts()
    parts.experiment.set_value("learning_rate", 0.5)
    parts.experiment.resume(SAVED, paused=paused)
    assert parts.sent[1:] == [Resume.of(SAVED), *([Pause()] if paused else [])]
    assert (parts.experiment.config, parts.experiment.applicable["undo"]) == (SAVED.progress.config, False)


def planned(*changes: ScheduledChange) -> Parts:
    """An experiment that goes on with a saved run and its plan."""
    parts = Parts()
    parts.experiment.resume(dataclasses.replace(SAVED, plan=changes), paused=False)
    return parts


def at(epoch: int, config: Config, run: str = "amber") -> Progress:
    return progress("running", epoch, config, run=run)


def test_what_the_plan_of_a_resumed_run_changes_is_requested_and_stays_when_others_are_undone() -> None:
    experiment = planned(ScheduledChange(20, "learning_rate", 0.5)).experiment
    config = experiment.config
    experiment.receive(at(15, config))
    experiment.set_value("derivative_weight", 2.0)
    experiment.receive(at(19, experiment.config))
    assert experiment.config.learning_rate == config.learning_rate
    experiment.receive(at(25, experiment.config.with_values(learning_rate=0.5)))
    assert experiment.config == config.with_values(learning_rate=0.5, derivative_weight=2.0)
    assert not experiment.pending(HYPERPARAMETERS)
    experiment.undo()
    assert experiment.config == config.with_values(learning_rate=0.5)


def test_what_was_requested_otherwise_is_not_overruled_by_the_plan() -> None:
    experiment = planned(ScheduledChange(20, "learning_rate", 0.5)).experiment
    trained = experiment.config
    experiment.receive(at(19, trained))
    experiment.set_value("learning_rate", 0.1)  # not yet obeyed when the planned change is made
    experiment.receive(at(20, trained.with_values(learning_rate=0.5)))
    assert experiment.config.learning_rate == 0.1


def test_a_plan_is_followed_in_its_own_run_only_and_where_it_can_be() -> None:
    parts = planned(ScheduledChange(20, "function_weight", 0.0))
    experiment = parts.experiment
    config = experiment.config
    flat = config.with_values(function_weight=0.0)
    experiment.receive(at(90, flat, run="violet"))  # of the run before
    assert experiment.config == config
    experiment.set_value("derivative_weight", 0.0)
    experiment.receive(at(20, flat))
    assert experiment.config == config.with_values(derivative_weight=0.0)


def test_where_another_run_cannot_be_resumed_the_plan_of_the_one_before_is_followed() -> None:
    experiment = planned(ScheduledChange(20, "learning_rate", 0.5)).experiment
    config = experiment.config
    experiment.resume(dataclasses.replace(SAVED, progress=at(3, Config(), run="violet")), paused=False)
    experiment.refuse()
    experiment.receive(at(20, config.with_values(learning_rate=0.5)))
    assert experiment.config.learning_rate == 0.5


def test_a_value_asked_for_and_undone_after_the_plan_is_no_plans() -> None:
    experiment = planned(ScheduledChange(20, "learning_rate", 0.5)).experiment
    experiment.receive(at(20, experiment.config.with_values(learning_rate=0.5)))
    config = experiment.config
    experiment.set_value("learning_rate", 0.7)
    experiment.undo()
    experiment.receive(at(21, config.with_values(learning_rate=0.7)))
    assert experiment.config == config


@pytest.mark.parametrize(("status", "last"), [("running", Unpause()), ("paused", Pause())])
def test_where_a_saved_run_is_refused_all_is_as_before(status: Any, last: Command) -> None:
    parts = Parts()
    parts.experiment.receive(progress(status))
    parts.experiment.set_value("learning_rate", 0.5)
    parts.experiment.resume(SAVED, paused=True)
    parts.experiment.refuse()
    assert parts.experiment.config == Config(learning_rate=0.5)
    assert parts.experiment.applicable["undo"]
    assert parts.sent[-1] == last


def test_where_an_update_is_refused_the_value_that_acts_is_requested_again() -> None:
    parts = Parts()
    parts.experiment.receive(progress("running"))
    parts.experiment.set_value("hidden", (9,))
    parts.experiment.set_value("smoothing", 1e-3)
    parts.experiment.take_back(parts.experiment.config)
    assert parts.experiment.config == Config(hidden=(9,))
    parts.experiment.set_value("smoothing", 1e-3)
    refused = parts.experiment.config
    parts.experiment.set_value("smoothing", 1e-6)
    parts.experiment.take_back(refused)
    assert parts.experiment.config.smoothing == 1e-6


def test_where_a_restart_is_refused_what_was_requested_stays() -> None:
    parts = Parts()
    parts.experiment.receive(progress("running"))
    parts.experiment.set_value("device", "cuda")
    parts.experiment.restart()
    parts.experiment.refuse()
    assert parts.experiment.config == Config(device="cuda")
    assert parts.experiment.state == "running"
