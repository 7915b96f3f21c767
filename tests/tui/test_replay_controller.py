"""The control of a replay without a screen: where it stands, what is read of it, and branches."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.canned import CannedSession, progress
from tests.support.parts import Messages, experiment_with
from tests.support.trained_runs import train
from tui_runge.core.config import Config
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import Branch
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.store import RunStore
from tui_runge.tui.replay import Replay, ReplayController

CONFIG = Config(hidden=(4,), train_points=8, validation_points=5, evaluation_points=9, epochs=40)


class Control:
    """A controller of the replay of a run that has published its `end`; what it notified of and led to."""

    def __init__(self, end: Progress | None, runs_directory: RunsDirectory | None) -> None:
        self.experiment, self.session = experiment_with(end)
        self.messages = Messages()
        self.shown: list[Replay | None] = []
        self.controller = ReplayController(self.experiment, runs_directory, notify=self.messages, changed=self._changed)

    def _changed(self) -> None:
        self.shown.append(self.controller.replay)

    @property
    def replay(self) -> Replay:
        assert self.controller.replay is not None
        return self.controller.replay

    @property
    def branches(self) -> list[Branch]:
        assert isinstance(self.session, CannedSession)
        return [command for command in self.session.sent if isinstance(command, Branch)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Progress, RunsDirectory]:
    """A run that was trained to its end and kept; no test may change its files."""
    directory = RunsDirectory(tmp_path_factory.mktemp("runs"))
    return train(directory, CONFIG), directory


@pytest.fixture
def control(trained: tuple[Progress, RunsDirectory]) -> Control:
    return Control(*trained)


@pytest.mark.parametrize(
    ("status", "in_the_past", "applicable"),
    [
        ("running", False, set()),
        ("paused", False, {"branch_now"}),
        ("finished", False, {"branch_now"}),
        ("running", True, {"leave_replay", "branch"}),
        ("finished", True, {"leave_replay", "branch"}),
    ],
)
def test_it_says_which_actions_apply(status: Any, in_the_past: bool, applicable: set[str]) -> None:
    control = Control(progress(status, run="amber"), None)
    control.controller.move_to(Replay("amber", (4,), 4) if in_the_past else None)
    assert {action for action, applies in control.controller.applicable.items() if applies} == applicable


def test_before_the_first_progress_nothing_applies() -> None:
    assert not any(Control(None, None).controller.applicable.values())


async def test_it_scrubs_through_the_past_and_back_to_the_present(control: Control) -> None:
    controller = control.controller
    controller.scrub(1)
    assert controller.replay is None
    controller.scrub(-1)
    epochs = control.replay.epochs
    assert (control.replay.epoch, epochs[-1] < 40) == (epochs[-1], True)
    controller.scrub(-1)
    assert control.replay.epoch == epochs[-2]
    controller.scrub(1)
    controller.scrub(1)
    assert controller.replay is None
    assert not control.messages.all


async def test_of_the_snapshots_passed_only_the_last_is_read(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    read, epochs = RunStore.read, list[int | None]()

    def counted(store: RunStore, name: str, epoch: int | None = None) -> Any:
        epochs.append(epoch)
        return read(store, name, epoch)

    monkeypatch.setattr(RunStore, "read", counted)
    for _ in range(3):
        control.controller.scrub(-1)
    await asyncio.gather(*(control.controller.read_snapshots() for _ in range(3)))
    assert epochs == [control.replay.epochs[-3]]
    assert control.replay.snapshot is not None
    assert control.replay.snapshot.epoch == control.replay.epoch == epochs[0]
    assert control.shown[-1] == control.replay
    await control.controller.read_snapshots()
    assert len(epochs) == 1


async def test_what_is_read_after_the_return_to_the_present_is_dropped(control: Control) -> None:
    control.controller.scrub(-1)
    reading = asyncio.ensure_future(control.controller.read_snapshots())
    await asyncio.sleep(0)  # lets it begin to read
    control.controller.leave()
    await reading
    assert control.controller.replay is None


async def test_a_snapshot_that_cannot_be_read_is_a_message(control: Control) -> None:
    control.controller.scrub(-1)
    await control.controller.read_snapshots()
    replay = control.replay
    control.controller.move_to(Replay(replay.run, (39, *replay.epochs), 39, replay.snapshot))
    await control.controller.read_snapshots()
    assert control.replay == replay
    ((title, message),) = control.messages.all
    assert (title, message.startswith(f"run {replay.run}: ")) == ("not replayed", True)


def test_another_run_ends_the_replay(control: Control) -> None:
    control.controller.scrub(-1)
    control.controller.leave_other_run(control.replay.run)
    assert control.controller.replay is not None
    control.controller.leave_other_run("birch")
    assert control.controller.replay is None


@pytest.mark.parametrize("run", ["", "20261123-1712-amber"])
def test_without_snapshots_there_is_a_message(tmp_path: Path, run: str) -> None:
    control = Control(progress("running", run=run), RunsDirectory(tmp_path))
    control.controller.scrub(-1)
    assert control.controller.replay is None
    reason = "the run has no snapshots yet" if run else "the run is not kept: there is nothing to replay"
    assert control.messages.all == [("", reason)]


async def test_a_branch_leaves_the_past_with_what_is_requested(control: Control) -> None:
    control.controller.scrub(-1)
    run, epoch = control.replay.run, control.replay.epoch
    control.experiment.request(CONFIG.with_values(derivative_weight=2.0))
    await control.controller.branch()
    (branch,) = control.branches
    assert (branch.parent, branch.config.derivative_weight) == (f"{run}@{epoch}", 2.0)
    assert control.messages.all == [("branched from", f"{run} at epoch {epoch}")]


async def test_a_branch_leaves_the_present_where_the_run_stands(control: Control) -> None:
    control.experiment.request(CONFIG)
    await control.controller.branch()
    assert [branch.parent.split("@")[1] for branch in control.branches] == ["40"]


async def test_a_branch_that_cannot_be_stops_nothing(control: Control) -> None:
    control.experiment.request(CONFIG.with_values(hidden=(8,)))
    await control.controller.branch()
    assert not control.branches
    assert control.messages.all == [("no branch", "hidden must stay 4 in a branch, got 8: restart instead")]


async def test_a_run_that_is_not_kept_has_no_branch() -> None:
    control = Control(progress("finished"), None)
    await control.controller.branch()
    assert control.messages.all == [("no branch", "the run is not kept: restart it instead")]


async def test_a_branch_that_has_trained_nothing_is_not_branched_from_but_its_parent(tmp_path: Path) -> None:
    directory = RunsDirectory(tmp_path)
    parent = train(directory, CONFIG)
    branch = train(directory, Branch.of(directory.runs.read(parent.run), {}))
    assert (branch.status, branch.epoch) == ("finished", parent.epoch)
    control = Control(branch, directory)
    control.experiment.request(CONFIG)
    await control.controller.branch()
    assert control.branches[-1].parent == f"{parent.run}@{parent.epoch}"
