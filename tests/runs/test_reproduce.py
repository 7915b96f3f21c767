"""The recorded command: it repeats a run bit for bit, whatever the run was and wherever the command is run."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.trained_runs import train
from tui_runge import train as train_alone
from tui_runge.cli.invocation import Invocation
from tui_runge.cli.parser import parse
from tui_runge.core.commands import Command, Pause, Step, Stop, Unpause, Update
from tui_runge.core.config import OPTIMIZER_NAMES, SCHEDULE_NAMES, Config
from tui_runge.core.progress import Change, Progress, felt_changes
from tui_runge.core.run_start import Branch, New, RunStart
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.reproduce import LIMITS, parent_epoch, rerun_command

REPEATED = ("epochs", "stop_error", "patience", "converged", "diverged")
"""The endings that a repeated run has too; the others become its last epoch."""
HOSTILE_FILE = """
epochs = 80
hidden = [2]
optimizer = "lm"
function_weight = 0
derivative_weight = 0
learning_rate = "fast"
max_seconds = 1e-9
[screen]
slow = true
"""
HOSTILE_VARIABLES = {"RUNGE_TUI_SEED": "3", "RUNGE_TUI_DTYPE": "float64", "RUNGE_TUI_STAGES": "none"}
LIVE_VALUES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([1e-3, 0.012345678901234567, 0.1, 1e9])),
    st.tuples(st.just("function_weight"), st.sampled_from([0.5, 1.0, 3.0])),
    st.tuples(st.just("derivative_weight"), st.sampled_from([0.0, 1.0, 10.0, 1e9, "auto"])),
    st.tuples(st.just("epochs"), st.integers(1, 14)),
    st.tuples(st.just("stop_error"), st.sampled_from([0.0, 0.05, 0.1, 100.0])),
    st.tuples(st.just("patience"), st.integers(0, 3)),
    st.tuples(st.just("max_seconds"), st.sampled_from([0.0, 1e-9, 1e3])),
)
OTHER_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "optimizer": st.sampled_from(OPTIMIZER_NAMES),
        "schedule": st.sampled_from(SCHEDULE_NAMES),
        "stages": st.integers(1, 3),
        "seed": st.integers(0, 3),
        "activation": st.sampled_from(["tanh", "sin"]),
        "dtype": st.sampled_from(["float32", "float64"]),
    },
)
VALUES = st.tuples(OTHER_VALUES, st.lists(LIVE_VALUES, max_size=3)).map(lambda both: both[0] | dict(both[1]))
PLANS = st.lists(st.builds(lambda epoch, value: ScheduledChange(epoch, *value), st.integers(0, 14), LIVE_VALUES))


@dataclass(frozen=True)
class Script:
    """How a run is made: its values and plan, and the steps after which a person changes values or stops it."""

    values: dict[str, object]
    plan: tuple[ScheduledChange, ...]
    steps: tuple[tuple[int, dict[str, object]], ...]
    stops: bool

    def commands(self, config: Config) -> tuple[Command, ...]:
        """What the person sends."""
        commands: list[Command] = [Pause()]
        for steps, values in self.steps:
            config = config.with_values(**values)
            commands += [*[Step()] * steps, Update(config)]
        return (*commands, Stop() if self.stops else Unpause())


SCRIPTS = st.builds(
    Script,
    VALUES,
    PLANS.map(tuple),
    st.lists(st.tuples(st.integers(0, 6), st.lists(LIVE_VALUES, max_size=2).map(dict)), max_size=3).map(tuple),
    st.booleans(),
)


def read_command(line: str, directory: RunsDirectory) -> tuple[RunStart, list[ScheduledChange]]:
    """What a recorded command begins, and its plan, where a file and variables say otherwise."""
    program, *words = shlex.split(line)
    assert program == "runge-tui"
    file = directory.path.parent / "config.toml"
    file.write_text(HOSTILE_FILE)
    with patch.dict(os.environ, HOSTILE_VARIABLES):
        arguments = parse([*words, "--config", str(file), "--runs-dir", str(directory.path)])
        invocation = Invocation.of(arguments)
    return invocation.new_run(), [ScheduledChange.parse(text) for text in arguments.at]


def check_repeats(first: Progress, directory: RunsDirectory) -> None:
    """Train the command of a run, and compare all that is to be the same."""
    start, plan = read_command(rerun_command(first, "again"), directory)
    again = train(directory, start, plan=plan)
    assert again.epoch == first.epoch
    assert again.errors == first.errors
    for name in ("low", "high", "last"):
        assert getattr(again.curves, name).tobytes() == getattr(first.curves, name).tobytes()
    assert again.ended_by == (first.ended_by if first.ended_by in REPEATED else "epochs")
    assert again.stage_starts == first.stage_starts
    assert steered(again) == steered(first)


def steered(progress: Progress) -> set[Change]:
    """The changes of how a run trained; those before its first epoch, or without effect, belong to its start."""
    untold = (*LIMITS, "epochs", *progress.config.idle)
    return {each for each in felt_changes(progress) if each.epoch > parent_epoch(progress) and each.name not in untold}


def check_script(path: Path, script: Script, branch: Script | None, epoch: int) -> None:
    """Make a run, and perhaps a branch of it, and repeat both."""
    directory = RunsDirectory(path / "runs")
    small = Config(hidden=(3,), train_points=8, validation_points=5, evaluation_points=9, epochs=9)
    config = small.with_values(**script.values)
    first = train(directory, New(config), *script.commands(config), plan=script.plan)
    assume(first.epoch or first.ended_by in REPEATED)
    check_repeats(first, directory)
    if branch is not None:
        snapshots = directory.runs.snapshots(first.run)
        saved = directory.runs.read(first.run, snapshots[epoch % len(snapshots)])
        values = branch.values | {"stages": 3}
        start = Branch.of(saved, values)
        other = train(directory, start, *branch.commands(start.config), plan=branch.plan)
        assume(other.epoch > saved.progress.epoch)
        check_repeats(other, directory)


SMALL = Config(hidden=(3,), train_points=8, validation_points=5, evaluation_points=9, epochs=30)
ENDED = [
    ("a weight that follows the losses", {"derivative_weight": "auto"}, [], "epochs"),
    ("a weight left to the program later", {}, [ScheduledChange(7, "derivative_weight", "auto")], "epochs"),
    (
        "the planned change that ended it",
        {"schedule": "cosine"},
        [ScheduledChange(10, "stop_error", 1.0)],
        "stop_error",
    ),
    ("patience", {"patience": 2, "learning_rate": 0.5}, [], "patience"),
    ("patience from an epoch on", {"learning_rate": 0.5}, [ScheduledChange(9, "patience", 2)], "patience"),
    ("stop_error", {"stop_error": 0.5}, [], "stop_error"),
    ("epochs", {"schedule": "cosine"}, [ScheduledChange(10, "epochs", 12)], "epochs"),
    ("time", {"max_seconds": 1e-9}, [], "max_seconds"),
    ("divergence", {}, [ScheduledChange(10, "learning_rate", 1e30)], "diverged"),
    ("a dtype that the optimizer seldom has", {"optimizer": "lm", "dtype": "float32", "epochs": 3}, [], "epochs"),
]


@pytest.mark.parametrize(("values", "plan", "ended_by"), [case[1:] for case in ENDED], ids=[case[0] for case in ENDED])
def test_the_command_repeats_how_a_run_ended(
    tmp_path: Path, values: dict[str, object], plan: list[ScheduledChange], ended_by: str
) -> None:
    directory = RunsDirectory(tmp_path / "runs")
    first = train(directory, SMALL.with_values(**values), plan=plan)
    assert first.ended_by == ended_by
    check_repeats(first, directory)


def test_limits_that_did_not_end_the_run_are_left_out() -> None:
    limits = {"max_seconds": 1e3, "patience": 50, "stop_error": 1e-9}
    plan = [ScheduledChange(3, name, value / 2) for name, value in limits.items() if isinstance(value, float)]
    line = rerun_command(train_alone(SMALL.with_values(**limits), plan), "again")
    assert not [name for name in limits if name in line.replace("-", "_")]


UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@settings(UNHURRIED, max_examples=12)
@given(SCRIPTS, st.none() | SCRIPTS, st.integers(0, 14))
def test_the_command_repeats_any_run(
    tmp_path_factory: pytest.TempPathFactory, script: Script, branch: Script | None, epoch: int
) -> None:
    check_script(tmp_path_factory.mktemp("any"), script, branch, epoch)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(UNHURRIED, max_examples=200)
@given(SCRIPTS, st.none() | SCRIPTS, st.integers(0, 14))
def test_the_command_repeats_many_runs(
    tmp_path_factory: pytest.TempPathFactory, script: Script, branch: Script | None, epoch: int
) -> None:
    check_script(tmp_path_factory.mktemp("many"), script, branch, epoch)
