"""A run seen again through its snapshots, and trained on from one of them."""

import asyncio
import json
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.support.canned import CannedSession, progress
from tests.support.pilot import Observer, observed
from tests.support.trained_runs import listing
from tests.test_screens import SIZES, SnapCompare
from tui_runge.cli import main
from tui_runge.core.commands import Stop
from tui_runge.core.config import Config
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import Branch, New, RunStart
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.recorder import FolderRecorder
from tui_runge.runs.reproduce import rerun_command
from tui_runge.runs.store import RunStore
from tui_runge.session.session import Session
from tui_runge.tui.app import RungeApp
from tui_runge.tui.charts.builder import build
from tui_runge.tui.charts.kinds import CHARTS
from tui_runge.tui.charts.view import View
from tui_runge.tui.replay import Replay
from tui_runge.tui.widgets.metrics import Metrics

SMALL = Config(hidden=(4,), train_points=8, validation_points=5, evaluation_points=9, epochs=40)
FOUR = Replay("amber", (0, 1, 4, 9), 9)


def test_a_replay_begins_at_the_last_snapshot_before_the_present() -> None:
    assert Replay.last("amber", [0, 1, 4, 9], 9) == Replay("amber", (0, 1, 4), 4)
    assert Replay.last("amber", [0], 0) is None
    assert Replay.last("amber", [], 7) is None


def test_it_moves_to_the_first_snapshot_and_past_the_last_to_the_present() -> None:
    seen = []
    at: Replay | None = FOUR
    for direction in (-1, -1, -1, -1, 1, 1, 1, 1):
        at = at and at.moved(direction)
        seen.append(at and at.epoch)
    assert seen == [4, 1, 0, 0, 1, 4, 9, None]


def test_it_waits_for_what_it_stands_at() -> None:
    assert FOUR.unread
    assert not FOUR.with_snapshot(progress(epoch=9)).unread
    assert FOUR.with_snapshot(progress(epoch=4)).unread


def test_a_snapshot_that_cannot_be_read_is_left_out() -> None:
    assert FOUR.without(9) is None
    left = FOUR.with_snapshot(progress(epoch=4)).without(9)
    assert left is not None
    assert (left.epochs, left.epoch, left.unread) == ((0, 1, 4), 4, False)
    passed = FOUR.without(1)
    assert passed is not None
    assert (passed.epochs, passed.epoch) == ((0, 4, 9), 9)


def test_losses_stay_whole_with_a_marker_and_fits_are_those_of_then() -> None:
    now, then = progress("finished", epoch=1200), progress(epoch=100)
    then = replace(then, fit=replace(then.fit, f_hat=2 * then.fit.f_hat, df_hat=2 * then.fit.df_hat))
    replay = Replay("amber", (100,), 100, then)
    shown = [build(now, kind, View(), replay=replay) for kind in CHARTS]
    assert [plot.replay_x for plot in shown] == [100.0] * 3 + [None] * 6 + [100.0] * 3
    assert shown[0].curves[0].x.size == 1200
    assert (shown[3].curves[0].high == then.fit.f_hat).all()
    assert (shown[4].curves[0].high == then.fit.df_hat).all()
    over_seconds = build(now, CHARTS[0], View(), by_seconds=True, replay=replay)
    assert over_seconds.replay_x == now.times[99]


def trained(runs_directory: RunsDirectory, start: RunStart) -> Progress:
    """The last progress of a run that is trained to its end and kept."""
    published: list[Progress] = []

    def publish(progress: Progress) -> None:
        published.append(progress)
        if progress.status in ("finished", "diverged"):
            session.send(Stop())

    session = Session(start, publish, make_recorder=runs_directory.record)
    session.run()
    return published[-1]


@asynccontextmanager
async def running(runs_directory: RunsDirectory) -> AsyncIterator[tuple[RungeApp, Observer]]:
    """The app with a real run, trained to its end and written."""
    records: list[FolderRecorder] = []
    app = RungeApp(
        New(SMALL),
        Path(),
        partial(Session, make_recorder=listing(runs_directory, records)),
        runs_directory=runs_directory,
    )
    async with observed(app, (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "finished")
        await asyncio.to_thread(records[0].flush, 60)
        yield app, pilot


async def read(app: RungeApp, pilot: Observer) -> Progress:
    """What the replay shows, once it has been read."""
    await pilot.until(lambda: app.replay_controller.replay and not app.replay_controller.replay.unread)
    assert app.replay_controller.replay is not None
    assert app.replay_controller.replay.snapshot is not None
    return app.replay_controller.replay.snapshot


def title(app: RungeApp) -> str:
    return str(app.screen.query_one("#title", Static).content)


async def test_brackets_scrub_and_escape_returns(tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    async with running(runs_directory) as (app, pilot):
        assert app.experiment.progress is not None
        epochs = [epoch for epoch in runs_directory.runs.snapshots(app.experiment.progress.run) if epoch < 40]
        await pilot.press("right_square_bracket")
        assert app.replay_controller.replay is None
        await pilot.press("left_square_bracket")
        then = await read(app, pilot)
        assert then.epoch == epochs[-1]
        numbers = str(app.screen.query_one(Metrics).content)
        assert f"◀ replay, epoch {epochs[-1]} of 40" in numbers
        assert f"{then.errors.mse_f:.2e}" in numbers
        assert "[ ] scrub, b branch, esc back to now" in title(app)
        await pilot.press(*["left_square_bracket"] * 30)
        assert (await read(app, pilot)).epoch == epochs[0]
        await pilot.press("escape")
        assert app.replay_controller.replay is None
        assert "replay" not in title(app) + str(app.screen.query_one(Metrics).content)
        await pilot.press("left_square_bracket", "left_square_bracket", "right_square_bracket")
        assert (await read(app, pilot)).epoch == epochs[-1]
        await pilot.press("right_square_bracket")
        assert app.replay_controller.replay is None
        assert not pilot.messages


@pytest.mark.parametrize("status", ["running", "paused", "finished", "diverged", "loading"])
async def test_a_run_that_is_not_kept_cannot_be_replayed(status: str) -> None:
    first = None if status == "loading" else progress(status)  # type: ignore[arg-type]
    app = RungeApp(New(Config()), Path(), partial(CannedSession, first=first))
    async with observed(app) as pilot:
        await pilot.until(lambda: app.experiment.state == status)
        await pilot.press("left_square_bracket", "right_square_bracket", "escape")
        assert pilot.messages == ["the run is not kept: there is nothing to replay"]
        await pilot.press("b")
        messages = [] if status in ("running", "loading") else ["the run is not kept: restart it instead"]
        assert pilot.messages[1:] == messages
        assert isinstance(app.experiment.session, CannedSession)
        assert not any(isinstance(command, New) for command in app.experiment.session.sent)


async def test_a_run_without_snapshots_says_so(tmp_path: Path) -> None:
    app = RungeApp(
        New(Config()),
        Path(),
        partial(CannedSession, first=progress(run="amber")),
        runs_directory=RunsDirectory(tmp_path),
    )
    async with observed(app) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        await pilot.press("left_square_bracket")
        assert pilot.messages == ["the run has no snapshots yet"]


async def test_a_snapshot_that_vanished_or_is_broken_is_a_message(tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    async with running(runs_directory) as (app, pilot):
        assert app.experiment.progress is not None
        files = sorted(
            (tmp_path / app.experiment.progress.run / "snapshots").iterdir(), key=lambda path: int(path.stem)
        )
        past = [path for path in files if int(path.stem) < 40]
        past[-2].write_bytes(b"torn")
        await pilot.press("left_square_bracket")
        last = await read(app, pilot)
        await pilot.press("left_square_bracket")
        await pilot.until(lambda: pilot.messages)
        assert app.replay_controller.replay is not None
        assert app.replay_controller.replay.snapshot is not None
        assert (app.replay_controller.replay.epoch, app.replay_controller.replay.snapshot.epoch) == (
            last.epoch,
            last.epoch,
        )
        past[-3].unlink()
        await pilot.press("left_square_bracket")
        await pilot.until(lambda: len(pilot.messages) == 2)
        assert all(
            message.startswith(f"run {app.experiment.progress.run}: ") and "\n" not in message
            for message in pilot.messages
        )


async def test_b_branches_with_what_is_asked_for_and_the_parent_is_the_ghost(tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    async with running(runs_directory) as (app, pilot):
        parent = app.experiment.progress
        assert parent is not None
        await pilot.press("left_square_bracket", "left_square_bracket")
        then = await read(app, pilot)
        await pilot.press("W", "b")
        await pilot.until(
            lambda: app.experiment.progress and app.experiment.progress.parent and app.experiment.state == "finished"
        )
        branch = app.experiment.progress
        assert branch is not None
        assert branch.parent == f"{parent.run}@{then.epoch}"
        assert [(change.epoch, change.name, change.before, change.after) for change in branch.changes] == [
            (then.epoch, "derivative_weight", 1.0, 2.0)
        ]
        (ghost,) = app.main_screen.ghosts
        assert ghost.run == parent.run
        assert app.replay_controller.replay is None
        word = parent.run.split("-", 2)[-1]
        assert f"from {word}@{then.epoch}" in title(app)
        assert branch.curves.low[0][: then.epoch].tolist() == then.curves.low[0].tolist()


async def test_b_branches_from_the_end_of_a_run_to_more_epochs(tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    async with running(runs_directory) as (app, pilot):
        assert app.experiment.progress is not None
        run = app.experiment.progress.run
        assert runs_directory.runs.read(run).progress.epoch == 40
        app.experiment.config = SMALL.with_values(epochs=50, optimizer="lm")
        await pilot.press("b")
        await pilot.until(
            lambda: (
                app.experiment.progress and app.experiment.progress.epoch == 50 and app.experiment.state == "finished"
            )
        )
        assert app.experiment.progress.parent == f"{run}@40"
        assert runs_directory.runs.read(run, 40).progress.epoch == 40
        marks = build(app.experiment.progress, CHARTS[0], View()).marks
        assert [text for _, text in marks] == ["optimizer lm", "dtype float64"]


async def test_a_change_that_no_branch_can_take_stops_nothing(tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    async with running(runs_directory) as (app, pilot):
        assert app.experiment.progress is not None
        run = app.experiment.progress.run
        await pilot.press("N", "left_square_bracket")
        await read(app, pilot)
        await pilot.press("b")
        await pilot.until(lambda: pilot.messages)
        assert pilot.messages == ["hidden must stay 4 in a branch, got 8: restart instead"]
        assert (app.experiment.state, app.experiment.progress.run, app.main_screen.ghosts) == ("finished", run, ())
        assert app.replay_controller.replay is not None
        await pilot.press("r")
        await pilot.until(lambda: app.experiment.progress and app.experiment.progress.run != run)
        assert app.replay_controller.replay is None


@pytest.mark.parametrize(
    ("first", "values", "line"),
    [
        ({}, {"hidden": (2, 3)}, "hidden must stay 4 in a branch, got 2,3: restart instead"),
        ({"stages": 2}, {"stages": 1}, "stages must be >= 2 in a branch from there, got 1: restart instead"),
    ],
)
def test_the_command_line_has_the_same_rule(
    tmp_path: Path, first: dict[str, object], values: dict[str, object], line: str
) -> None:
    runs_directory = RunsDirectory(tmp_path)
    end = trained(runs_directory, New(SMALL.with_values(**first)))
    with pytest.raises(ValueError, match=f"^{line}$"):
        Branch.of(runs_directory.runs.read(end.run), values)


@pytest.mark.parametrize(
    "values",
    [
        {"derivative_weight": 3.0},
        {"optimizer": "lm", "epochs": 30},
        {"optimizer": "lm", "dtype": "float32", "learning_rate": 0.01},
        {"schedule": "cosine", "epochs": 50},
        {"activation": "sin", "train_points": 9},
    ],
    ids=",".join,
)
def test_the_command_of_a_branch_repeats_it_bit_for_bit(tmp_path: Path, values: dict[str, object]) -> None:
    runs_directory = RunsDirectory(tmp_path)
    parent = trained(runs_directory, New(SMALL))
    epoch = runs_directory.runs.snapshots(parent.run)[-2]
    config = SMALL.with_values(**values)
    branch = trained(runs_directory, Branch(runs_directory.runs.read(parent.run, epoch), config))
    assert branch.config == config
    repeated = trained(runs_directory, read_line(runs_directory.runs, rerun_command(branch, "again")))
    assert repeated.errors == branch.errors
    assert repeated.config == branch.config
    assert repeated.changes == branch.changes
    assert (repeated.curves.low == branch.curves.low).all()
    assert runs_directory.runs.read(branch.run).progress.changes == branch.changes


def read_line(runs: RunStore, line: str) -> Branch:
    """What the command line of a branch without later changes trains."""
    from tui_runge.core.config import HYPERPARAMETERS

    words = shlex.split(line)
    assert words[:3] == ["runge-tui", "train", "--branch"]
    run, _, epoch = words[3].partition("@")
    names = {knob.flag: name for name, knob in HYPERPARAMETERS.items()}
    options = zip(words[4:-2:2], words[5:-2:2], strict=True)
    values = {names[flag]: HYPERPARAMETERS[names[flag]].kind.parse(names[flag], text) for flag, text in options}
    return Branch.of(runs.read(run, int(epoch)), values)


@pytest.mark.slow
def test_the_command_in_the_files_of_a_steered_branch_is_true(tmp_path: Path) -> None:
    runs, out = ["--runs-dir", str(tmp_path / "runs")], tmp_path / "out"
    runs_directory = RunsDirectory(tmp_path / "runs")
    parent = trained(runs_directory, New(SMALL))
    epoch = runs_directory.runs.snapshots(parent.run)[-2]
    words = ["--branch", f"{parent.run}@{epoch}", "--derivative-weight", "3", "--at", "35:learning-rate=0.01"]
    assert main(["train", *words, *runs, "--out", str(out)]) == 0
    first = json.loads((out / "metrics.json").read_text())
    line = shlex.split(first["command"])
    assert line[:2] == ["runge-tui", "train"]
    assert main([*line[1:-2], *runs, "--out", str(tmp_path / "again")]) == 0
    second = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert [second[name] for name in ("errors", "losses", "changes", "parent")] == [
        first[name] for name in ("errors", "losses", "changes", "parent")
    ]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_replay_on_the_screen(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def scrub(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, RungeApp)
        await Observer(app).until(lambda: app.experiment.state == "finished")
        app.replay_controller.move_to(Replay("amber", (50, 112), 112, progress(epoch=112)))
        await pilot.pause()

    first = progress("finished", epoch=1200, run="amber")
    app = RungeApp(New(Config()), Path(), partial(CannedSession, first=first))
    assert snap_compare(app, terminal_size=size, run_before=scrub)
