"""Sweeps that are trained, told of and gone on with."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.trained_runs import facts_of, train
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.lock import RunLock
from tui_runge.sweeps import worker
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.engine import Watcher
from tui_runge.sweeps.plan import PlannedRun, Search, SweepPlan, make_plan, make_search
from tui_runge.sweeps.progress import train_sweep
from tui_runge.sweeps.results import read_rows
from tui_runge.sweeps.variation import Variation
from tui_runge.sweeps.worker import Outcome, Worker

NAME = "20261125-2010-amber"
SMALL = Config(hidden=(4,), train_points=16, validation_points=8, evaluation_points=9, epochs=20)


@pytest.fixture
def place(tmp_path: Path) -> RunsDirectory:
    return RunsDirectory(tmp_path / "runs")


def planned(place: RunsDirectory, *vary: str, base: Config = SMALL, seeds: int = 1) -> SweepPlan:
    plan = make_plan(NAME, base, [Variation.parse(text) for text in vary], seeds=seeds)
    SweepsDirectory(place).write(plan)
    return plan


class Here:
    """An engine that trains in this process, and notes what."""

    def __init__(self, place: RunsDirectory, most: int = 10**9) -> None:
        self.trained: list[str] = []
        self._place = place
        self._most = most

    def train(self, sweep: str, runs: Iterator[PlannedRun], watcher: Watcher) -> None:
        made = Worker(self._place, sweep)
        for run in runs:
            if len(self.trained) == self._most:
                break
            watcher.began(0, run)
            self.trained.append(run.name)
            watcher.ended(0, run, made.train(run))
        made.finish_writing()


class Silent:
    """A watcher that keeps the outcomes."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def began(self, worker: int, run: PlannedRun) -> None:
        pass

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        del worker, run
        self.outcomes.append(outcome)

    def look(self) -> None:
        pass


def trained(plan: SweepPlan, place: RunsDirectory, most: int = 10**9) -> list[str]:
    """The names of the runs that were trained of a plan."""
    engine = Here(place, most)
    train_sweep(plan, place, engine, Silent(), lambda: len(engine.trained) >= most)
    return engine.trained


def test_a_sweep_trains_what_is_left_and_only_that(place: RunsDirectory) -> None:
    plan = planned(place, "derivative_weight=0.1,1", "learning_rate=1e-3,1e300")
    names = [run.name for run in plan.runs]
    assert trained(plan, place, most=2) == names[:2]
    assert [row.status for row in read_rows(plan, place)] == ["done", "failed", "waiting", "waiting"]
    assert trained(plan, place) == names[2:]
    assert trained(plan, place) == []
    rows = read_rows(plan, place)
    assert [(row.status, row.ended_by) for row in rows] == 2 * [("done", "epochs"), ("failed", "diverged")]
    assert rows[0].epoch == 20
    assert rows[0].errors is not None
    assert rows[0].errors.mse_f == place.runs.summary(names[0]).errors.mse_f
    place.runs.delete(names[0])
    assert trained(plan, place) == names[:1]


def test_each_run_is_that_of_its_command_bit_for_bit(place: RunsDirectory, tmp_path: Path) -> None:
    plan = planned(place, "optimizer=adam,lm", seeds=2)
    trained(plan, place)
    for run in plan.runs:
        alone = RunsDirectory(tmp_path / run.name)
        train(alone, plan.config(run))
        assert facts_of(alone, alone.runs.names()[0]) == facts_of(place, run.name)


def test_what_a_killed_process_had_begun_is_taken_over(place: RunsDirectory) -> None:
    plan = planned(place, seeds=2)
    (place.path / plan.runs[0].name).mkdir(parents=True)
    (place.path / plan.runs[0].name / "history.csv").write_text("epoch\n1,2\n")
    trained(plan, place)
    assert [row.status for row in read_rows(plan, place)] == ["done", "done"]
    assert facts_of(place, plan.runs[0].name)["history"] != facts_of(place, plan.runs[1].name)["history"]
    assert len((place.path / plan.runs[0].name / "history.csv").read_text().splitlines()) == 21


def test_a_run_that_another_process_trains_is_left_to_it(place: RunsDirectory) -> None:
    plan = planned(place, seeds=2)
    (place.path / plan.runs[0].name).mkdir(parents=True)
    lock = RunLock(place.path / plan.runs[0].name)
    assert trained(plan, place) == [plan.runs[1].name]
    assert [row.status for row in read_rows(plan, place)] == ["running", "done"]
    lock.release()
    assert trained(plan, place) == [plan.runs[0].name]


def test_what_cannot_be_trained_is_a_row_that_says_why(place: RunsDirectory) -> None:
    plan = planned(place, "device=cpu,mps")
    trained(plan, place)
    done, failed = read_rows(plan, place)
    assert (done.status, failed.status) == ("done", "failed")
    assert failed.ended_by == "device must be one this machine has, got 'mps': use auto or cpu"


def test_a_stopped_worker_keeps_its_run(place: RunsDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(place, base=SMALL.with_values(epochs=10**6))
    looks = iter([False] * 30)
    monkeypatch.setattr(worker, "_stopping", lambda: StopAfter(lambda: next(looks, True)))
    made = Worker(place, NAME)
    assert made.train(plan.runs[0]).status == "stopped"
    (row,) = read_rows(plan, place)
    assert (row.status, row.epoch) == ("waiting", 29)


class StopAfter:
    """An event that is set by and by."""

    def __init__(self, is_set: Callable[[], bool]) -> None:
        self.is_set = is_set


def run_cli(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["sweep", *words])
    return status, *capsys.readouterr()


def cli_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunsDirectory:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    return RunsDirectory(tmp_path / "runs")


def test_a_dry_run_lists_the_plan_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = cli_place(tmp_path, monkeypatch)
    monkeypatch.setattr("tui_runge.sweeps.estimate._measured_speed", lambda _: 100.0)
    words = ("--vary", "hidden=4:8,8", "--seeds", "2", "--epochs", "100", "--jobs", "2", "--dry-run")
    status, out, err = run_cli(capsys, *words, "--seed", "1")
    assert (status, not place.path.exists()) == (0, True)
    assert out.splitlines()[1:3] == ["0002  seed 2  hidden=4", "0003  seed 1  hidden=8,8"]
    assert err.startswith("4 runs, 2 at a time: about 2.0 s, as fast as a run trained for a moment, 100 epochs/s")
    status, out, _ = run_cli(capsys, *words, "--json")
    assert [run["setting"] for run in json.loads(out)["runs"]] == 2 * [{"hidden": "4"}] + 2 * [{"hidden": "8,8"}]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "--vary NAME=VALUES or --seeds N must say what is varied; for a single run there is train"),
        (("--vary", "hiden=1:2"), "--vary: unknown hyperparameter 'hiden': did you mean hidden?"),
        (("--seeds", "0"), "--seeds must be >= 1, got 0"),
        (("--seeds", "2", "--jobs", "x"), "--jobs must be a whole number from 1 to 1024, got 'x'"),
        (("--vary", "noise=0,1", "--at", "9:epochs"), "a change must be EPOCH:NAME=VALUE, such as"),
        (("--vary", "noise=lin:0..1"), "noise: a range needs a number of values, as in log:1e-4..1e-2:5, or --search"),
        (("--seeds", "2", "--minimise", "mse_f"), "--minimise says what a search makes small: give --search N too"),
        (("--seeds", "2", "--search", "9"), "a search needs what it may vary: give --vary"),
        (("--vary", "noise=lin:0..1", "--search", "9", "--minimise", "x"), "--minimise must be one of mse_f, mse_df"),
        (("--vary", "target=runge,1/x", "--search", "9"), "target=1/x: "),
        (
            ("--data", "example:copper", "--vary", "smoothing=0,1", "--search", "9"),
            "mse_df is not known, since no slopes",
        ),
        (("--resume", "amber"), "there are no sweeps in "),
        (("--resume", "amber", "--epochs", "9"), "--epochs is of a new sweep, and --resume of one that is planned"),
        (("--resume", "amber", "--seeds", "3"), "--seeds is of a new sweep, and --resume of one that is planned"),
        (("--status", "amber", "--resume"), "--resume cannot go with --status: give one of them"),
        (("--status", "x", "--vary", "noise=0,1"), "--vary is of a new sweep, and --status of one that is planned"),
        (("--vary", "optimizer=adam,lm", "--batch-size", "8"), "optimizer=lm: batch_size must be 0 with optimizer lm"),
    ],
)
def test_what_cannot_be_planned_is_one_line(
    words: tuple[str, ...],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = cli_place(tmp_path, monkeypatch)
    with pytest.raises(SystemExit) as ended:
        main(["sweep", *words])
    error = capsys.readouterr().err
    assert (ended.value.code, error.count("\n"), place.path.exists()) == (2, 1, False)
    assert error.startswith(f"runge-tui sweep: {line}")


def test_the_status_of_a_sweep_and_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = cli_place(tmp_path, monkeypatch)
    plan = planned(place, "learning_rate=1e-3,1e300", seeds=2)
    trained(plan, place, most=3)
    status, out, err = run_cli(capsys, "--status")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"  {NAME}-0003 (learning_rate=1e+300): diverged",
        f"sweep {NAME}: 2 done, 1 failed, 1 waiting of 4 runs",
        f"to train the rest: runge-tui sweep --resume {NAME}",
    ]
    _, out, _ = run_cli(capsys, "--status", "amber", "--json")
    told: dict[str, Any] = json.loads(out)
    assert told["counts"] == {"done": 2, "failed": 1, "waiting": 1}
    assert [run["status"] for run in told["runs"]] == ["done", "done", "failed", "waiting"]


def searched(place: RunsDirectory, *vary: str, points: int = 4, seeds: int = 2) -> SweepPlan:
    variations = [Variation.parse(text) for text in vary]
    search = Search(points, "mse_df", seeds, tuple(variation.show() for variation in variations))
    plan = make_search(NAME, SMALL, variations, search)
    SweepsDirectory(place).write(plan)
    return plan


def test_a_search_grows_the_plan_and_goes_on_with_it(place: RunsDirectory) -> None:
    plan = searched(place, "learning_rate=log:1e-4..1e-1", "hidden=2:4,4", "train_points=lin:8..16")
    assert (plan.size, len(trained(plan, place, most=3))) == (8, 3)
    plan = SweepsDirectory(place).read(NAME)
    assert [row.status for row in read_rows(plan, place)] == ["done", "done", "done", "waiting"]
    assert len(trained(plan, place)) == 5
    plan = SweepsDirectory(place).read(NAME)
    assert [row.status for row in read_rows(plan, place)] == ["done"] * 8
    assert len({run.setting for run in plan.runs}) == 4
    assert (plan.varied, plan.log) == (("learning_rate", "hidden", "train_points"), ("learning_rate",))
    assert all(1e-4 <= plan.config(run).learning_rate <= 1e-1 for run in plan.runs)
    assert trained(plan, place) == []


def test_a_search_ends_where_no_other_point_can_be_trained(place: RunsDirectory) -> None:
    plan = searched(place, "optimizer=adam,lm", "batch_size=0,8", points=9, seeds=1)
    assert len(trained(plan, place)) == 3
    settings = {run.setting for run in SweepsDirectory(place).read(NAME).runs}
    assert (("optimizer", "lm"), ("batch_size", "8")) not in settings


def test_data_can_be_varied(place: RunsDirectory) -> None:
    plan = planned(place, "data=example:copper,example:atmosphere", base=SMALL.with_values(epochs=3))
    trained(plan, place)
    assert [row.status for row in read_rows(plan, place)] == ["done", "done"]
    assert [place.runs.read(run.name).progress.config.data for run in plan.runs] == [
        "example:copper",
        "example:atmosphere",
    ]
