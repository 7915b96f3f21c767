"""Runs that are fitted to measured points: their folders keep the points, whatever becomes of the file."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_runge
from tests.runs.test_reproduce import read_command
from tests.support.trained_runs import train
from tui_runge.core.commands import Pause, Step, Stop
from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import Branch, Resume
from tui_runge.problems import problem_of
from tui_runge.problems.points_file import read_points
from tui_runge.problems.residuals import residual_deviation
from tui_runge.runs import checkpoint
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.folder import RunFolder
from tui_runge.runs.layout import CONFIG, HISTORY, PARENT, POINTS
from tui_runge.runs.metrics import metrics
from tui_runge.runs.reproduce import rerun_command

X = np.linspace(0.0, 3.0, 20)
MEASURED = MeasuredPoints.of(X, np.sin(X), np.cos(X), name="fit.csv")
OTHERS = MeasuredPoints.of(X, np.exp(X), np.exp(X), held_out=X > 2.5, name="others.csv")
CONFIG_OF_POINTS = Config(data="fit.csv", points=MEASURED, hidden=(4,), evaluation_points=9, epochs=8)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run, called amber, to be left as it is."""
    path = tmp_path_factory.mktemp("kept")
    train(RunsDirectory(path, "amber"), CONFIG_OF_POINTS)
    return path


@pytest.fixture
def place(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunsDirectory:
    """The run amber in a folder of the test's own, which is the user's."""
    shutil.copytree(kept, tmp_path / "runs")
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    return RunsDirectory(tmp_path / "runs")


@pytest.fixture
def amber(place: RunsDirectory) -> Path:
    """The folder of the run amber."""
    return place.path / place.runs.find("amber")


def test_the_folder_has_the_points_and_tells_their_hash(place: RunsDirectory, amber: Path) -> None:
    assert (amber / POINTS).read_text() == MEASURED.to_csv()
    facts = json.loads((amber / CONFIG).read_text())
    assert (facts["points_name"], facts["points_sha256"]) == ("fit.csv", MEASURED.sha256)
    assert place.runs.read(amber.name).progress.config == CONFIG_OF_POINTS
    assert (
        place.runs.read(amber.name, 1).progress.config.points is place.runs.read(amber.name, 2).progress.config.points
    )


def test_a_run_goes_on_bit_for_bit_without_the_file(place: RunsDirectory, amber: Path, tmp_path: Path) -> None:
    parts = RunsDirectory(tmp_path / "parts")
    cut = train(parts, CONFIG_OF_POINTS, Pause(), Step(), Step(), Step(), Stop())
    assert 0 < cut.epoch < CONFIG_OF_POINTS.epochs
    resumed = train(parts, Resume.of(parts.runs.read(cut.run)))
    assert (parts.path / resumed.run / HISTORY).read_bytes() == (amber / HISTORY).read_bytes()
    whole = place.runs.read(amber.name).progress
    assert resumed.fit.f_hat.tobytes() == whole.fit.f_hat.tobytes()


def test_a_branch_on_other_points_keeps_those_of_its_parent(place: RunsDirectory, amber: Path) -> None:
    start = Branch.of(place.runs.read(amber.name, 3), {"data": "others.csv", "points": OTHERS, "epochs": 6})
    branch = place.path / train(place, start).run
    assert (branch / POINTS).read_text() == OTHERS.to_csv()
    assert place.runs.read(branch.name).progress.config.points == OTHERS
    place.runs.delete(amber.name)
    parent = place.runs.read_parent(f"{amber.name}", 3)
    assert parent.progress.config.points == MEASURED


def test_a_folder_that_was_removed_is_made_again_with_its_points(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {"created": "now"}, points=MEASURED)
    shutil.rmtree(tmp_path / "run")
    folder.ensure()
    folder.release()
    assert (tmp_path / "run" / POINTS).read_text() == MEASURED.to_csv()


def rewritten(content: bytes) -> Callable[[Path], object]:
    """Put other points in place of a run's, and their hash into its config.json."""

    def rewrite(path: Path) -> None:
        (path / POINTS).write_bytes(content)
        edit(path, points_sha256=sha256(content).hexdigest())

    return rewrite


def edit(path: Path, **values: Any) -> None:
    document = json.loads((path / CONFIG).read_text())
    (path / CONFIG).write_text(json.dumps(document | values))


HARM: dict[str, tuple[Callable[[Path], object], str]] = {
    "none": (lambda path: (path / POINTS).unlink(), "points.csv: No such file or directory"),
    "others": (
        lambda path: (path / POINTS).write_text("x,f\n0,1\n1,2\n"),
        "points.csv was changed after the run began",
    ),
    "half of them": (lambda path: os.truncate(path / POINTS, 99), "points.csv was changed after the run began"),
    "too many": (lambda path: os.truncate(path / POINTS, 2**33), "points.csv must have at most 33554432 bytes"),
    "no hash": (lambda path: edit(path, points_sha256=None), "points.csv was changed after the run began"),
    "no table": (rewritten(b"\x00\x01"), "points.csv is not a table of text"),
    "bad cells": (rewritten(b"x,f\n0,\x1b[2J\n1,2\n"), "points.csv has 1 bad cell: line 2, column f: "),
    "one place": (rewritten(b"x,f\n0,1\n0,2\n"), "x must take two values at least"),
    "a number for a name": (lambda path: edit(path, points_name=3), "points_name must be a text, got '3'"),
}


@pytest.mark.parametrize("name", HARM)
def test_points_that_are_not_the_runs_are_refused_in_one_line(place: RunsDirectory, amber: Path, name: str) -> None:
    harm, line = HARM[name]
    harm(amber)
    with pytest.raises(ValueError, match=rf"^run {amber.name}: ") as refused:
        place.runs.read(amber.name)
    assert line in str(refused.value)
    assert str(refused.value).isprintable()
    assert place.runs.summary(amber.name).status == "finished"


def test_a_link_in_place_of_the_points_is_refused(place: RunsDirectory, amber: Path) -> None:
    (amber / POINTS).unlink()
    (amber / POINTS).symlink_to("/etc/passwd")
    assert place.runs.summary(amber.name).problem == "points.csv must be a plain file, not a link or the like"


@pytest.mark.parametrize("points", [{"x": [1.0]}, {"x": "x", "f": "f", "df": "df", "held_out": None, "name": ""}, 3])
def test_a_parent_with_points_that_are_none_is_refused(place: RunsDirectory, amber: Path, points: object) -> None:
    branch = place.path / train(place, Branch.of(place.runs.read(amber.name, 3), {"epochs": 4})).run
    tree = checkpoint.read(branch / PARENT)
    checkpoint.write(branch / PARENT, {**tree, "points": points}, durable=False)
    place.runs.delete(amber.name)
    with pytest.raises(ValueError, match=r"^there is no run"):
        place.runs.read_parent(amber.name, 3)


def test_metrics_tell_of_the_points(place: RunsDirectory, amber: Path) -> None:
    progress = place.runs.read(amber.name).progress
    values = metrics(progress, "again")
    assert values["errors_on"] == "validation"
    assert values["points"] == {"train": 16, "validation": 4}
    assert (values["points_name"], values["points_sha256"]) == ("fit.csv", MEASURED.sha256)
    model = tui_runge.load(amber)
    assert values["residual_std"] == pytest.approx(np.sqrt(np.mean((np.sin(X) - model(X)) ** 2)), rel=1e-4)
    assert values.get("best_epoch") == progress.best_epoch
    assert place.runs.summary(amber.name).errors_on == "validation"


def test_unknown_losses_and_errors_are_null(place: RunsDirectory, amber: Path) -> None:
    nothing = float("nan")
    progress = place.runs.read(amber.name).progress
    unknown = replace(progress, losses=(1.0, 1.0, nothing, 1.0, 1.0, nothing), best_epoch=3)
    unknown = replace(unknown, errors=replace(progress.errors, mse_df=nothing))
    values = json.loads(json.dumps(metrics(unknown, "again"), allow_nan=False))
    assert values["errors"]["mse_df"] is values["losses"]["validation"]["derivative"] is None
    assert values["best_epoch"] == 3


def test_a_function_has_no_points_to_tell_of(small: Config) -> None:
    values = metrics(tui_runge.train(small), "again")
    assert values["errors_on"] == "grid"
    assert not {"points", "points_name", "points_sha256", "residual_std", "best_epoch"} & set(values)


def test_points_without_any_held_out_are_counted_once() -> None:
    config = CONFIG_OF_POINTS.with_values(validation_fraction=0.0, epochs=2)
    progress = tui_runge.train(config)
    assert problem_of(config).errors_on == "training"
    assert metrics(progress, "again")["points"] == {"train": 20, "validation": 0}
    assert residual_deviation(progress) == pytest.approx(np.sqrt(progress.loss("train_function")))


def repeated(place: RunsDirectory, first: Progress) -> Progress:
    """A run that was trained as the command of another says, with the same history."""
    start, plan = read_command(rerun_command(first, "again"), place)
    again = train(place, start, plan=plan)
    assert (place.path / again.run / HISTORY).read_bytes() == (place.path / first.run / HISTORY).read_bytes()
    return again


@pytest.mark.parametrize("parts", [None, X > 2.0], ids=["drawn", "given"])
def test_the_command_repeats_a_run_of_points(place: RunsDirectory, parts: Any) -> None:
    points = MeasuredPoints.of(X, np.sin(X), np.cos(X), held_out=parts, name="fit.csv")
    first = train(place, CONFIG_OF_POINTS.with_values(points=points, target="steep", interval="0,1", seed=3))
    command = rerun_command(first, "again")
    assert f"--data run:{first.run} " in command
    assert ("part" in (place.path / first.run / POINTS).read_text()) == (parts is not None)
    assert repeated(place, first).config.data == f"run:{first.run}"


@pytest.mark.parametrize("data", ["fit.csv", "others.csv", "none"])
def test_the_command_repeats_a_branch_on_whatever_points(place: RunsDirectory, amber: Path, data: str) -> None:
    values: dict[str, Any] = {"fit.csv": {"points": OTHERS}, "others.csv": {"data": data, "points": OTHERS}, "none": {}}
    own = values[data] or {"data": "", "target": "steep"}
    branch = train(place, Branch.of(place.runs.read(amber.name, 3), {**own, "epochs": 9}))
    repeated(place, branch)


def test_the_command_names_an_example_only_where_the_points_are_its(place: RunsDirectory, amber: Path) -> None:
    progress = place.runs.read(amber.name).progress
    example = Config(data="example:copper", points=read_points("example:copper"))
    assert "--data example:copper " in rerun_command(replace(progress, config=example), "again")
    swapped = example.with_values(points=read_points("example:copper", "1,2"))
    assert f"--data run:{amber.name} " in rerun_command(replace(progress, config=swapped), "again")
    assert "--data example:copper " in rerun_command(replace(progress, config=swapped, run=""), "again")
