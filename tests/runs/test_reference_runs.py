"""Runs kept by version 0.1.0 are listed, opened, resumed, compared, replayed and exported as it did.

`reference_runs` holds its folders as it wrote them, but for most of the snapshots. The numbers here are those that
0.1.0 itself reached with the same commands.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.terminal import Terminal
from tests.support.trained_runs import train
from tui_runge import load
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.core.run_start import Branch, Resume
from tui_runge.export.layout import FILES, GRADIENTS, GRADIENTS_FIGURE
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import HISTORY, METRICS

REFERENCE = Path(__file__).parent / "reference_runs"
STATUS = {"killed": "interrupted", "staged": "finished", "steered": "finished", "finished": "finished"}
RESUMED = {
    "killed": (543, 3.979553730459884e-05, 0.0036914460361003876),
    "staged": (50, 3.474574119034371e-10, 2.3586712257427293e-07),
    "steered": (220, 0.023223238065838814, 1.2361620664596558),
    "finished": (80, 0.06485843658447266, 1.795510172843933),
}
"""The epoch that a run is resumed to, and the two training losses there."""
OTHER_PROCESSOR = 1e-3
"""How far another processor's sums may lead, relatively; on the same one the numbers are the same bit for bit."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunsDirectory:
    """A copy of the runs, where the program looks for them."""
    shutil.copytree(REFERENCE, tmp_path / "runs")
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    return RunsDirectory(tmp_path / "runs")


def metrics(folder: Path) -> dict[str, Any]:
    """The numbers of a run, with the hyperparameters that version 0.1.0 did not know."""
    values: dict[str, Any] = json.loads((folder / METRICS).read_text())
    values["config"] = Config.from_json(values["config"]).to_json()
    return values


def history(path: Path) -> list[list[float]]:
    """The rows of a file of losses: the epoch and the six losses."""
    return [list(map(float, line.split(","))) for line in path.read_text().splitlines()[1:]]


def test_they_are_listed_with_what_they_reached(place: RunsDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {run["name"].rpartition("-")[2]: run["status"] for run in listed} == STATUS
    for run in listed:
        kept = metrics(place.path / run["name"])
        assert (run["epoch"], run["config"], run["errors"]) == (kept["epochs"], kept["config"], kept["errors"])
        assert run["problem"] == ""


def test_they_are_compared(capsys: pytest.CaptureFixture[str], place: RunsDirectory) -> None:
    assert main(["compare", "finished", "steered", "staged", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["differences"] == {
        "hidden": ["8,8", "8,8", "6,6"],
        "stages": ["1", "1", "2"],
        "derivative_weight": ["1", "5", "1"],
        "optimizer": ["adam", "adam", "lm"],
        "learning_rate": ["0.001", "0.002", "-"],
        "schedule": ["constant", "onecycle", "-"],
        "epochs": ["60", "200", "40"],
        "dtype": ["float32", "float32", "float64"],
    }
    assert [run["errors"] for run in facts["runs"]] == [
        metrics(place.path / place.runs.find(word))["errors"] for word in ("finished", "steered", "staged")
    ]


@pytest.mark.parametrize("word", RESUMED)
def test_they_are_resumed_to_what_they_would_have_reached(place: RunsDirectory, word: str) -> None:
    name, (epoch, function, derivative) = place.runs.find(word), RESUMED[word]
    before = (place.path / name / HISTORY).read_bytes()
    end = train(place, Resume.of(place.runs.read(name), {"epochs": epoch}))
    assert (end.run, end.epoch, end.status) == (name, epoch, "finished")
    assert end.curves.last[1:3].tolist() == pytest.approx([function, derivative], rel=OTHER_PROCESSOR)
    assert (place.path / name / HISTORY).read_bytes().startswith(before)
    assert [row[0] for row in history(place.path / name / HISTORY)] == list(range(1, epoch + 1))


@pytest.mark.parametrize(("word", "epoch"), [("steered", 108), ("staged", 21)])
def test_they_are_replayed_and_branched_from_their_snapshots(place: RunsDirectory, word: str, epoch: int) -> None:
    name = place.runs.find(word)
    assert place.runs.snapshots(name) == [epoch]
    now, then = place.runs.read(name), place.runs.read(name, epoch)
    rows = history(place.path / name / HISTORY)
    assert then.progress.epoch == epoch
    assert then.progress.curves.low.T.tolist() == [row[1:] for row in rows[:epoch]]
    assert now.progress.curves.low.T.tolist() == [row[1:] for row in rows]
    assert [change.epoch for change in then.progress.changes] == ([50, 90] if word == "steered" else [])
    branch = train(place, Branch.of(then, {}))
    assert branch.parent == f"{name}@{epoch}"
    assert branch.curves.last[1:3].tolist() == pytest.approx(rows[-1][2:4], rel=OTHER_PROCESSOR)


@pytest.mark.parametrize("word", ["killed", "staged"])
def test_they_are_exported(place: RunsDirectory, word: str) -> None:
    kept = metrics(place.path / place.runs.find(word))
    assert main(["export", word, "--out", "out"]) == 0
    assert {path.name for path in Path("out").iterdir()} == set(FILES) - {
        GRADIENTS,
        GRADIENTS_FIGURE,
    }  # which 0.1.0 did not note
    exported = metrics(Path("out"))
    assert exported["command"] == (
        kept["command"].replace("train", "train --no-config", 1).replace(f"again-{kept['run']}", "again-out")
    )
    assert exported["errors_on"] == "grid"  # new since then
    same = exported.keys() - {"command", "versions", "errors_on"}
    assert {name: exported[name] for name in same} == {name: kept[name] for name in same}
    assert Path("out", HISTORY).read_bytes() == (place.path / kept["run"] / HISTORY).read_bytes()


@pytest.mark.parametrize("word", STATUS)
def test_their_models_are_loaded(place: RunsDirectory, word: str) -> None:
    model, fit = load(place.path / place.runs.find(word)), place.runs.read(place.runs.find(word)).progress.fit
    np.testing.assert_allclose(model(fit.x), fit.f_hat, atol=1e-5)
    np.testing.assert_allclose(model.derivative(fit.x), fit.df_hat, atol=1e-4)


def test_they_are_opened_on_the_screen(place: RunsDirectory) -> None:
    terminal = Terminal("resume", "steered", cwd=place.path)
    terminal.until(lambda text: "✓ finished" in text and "200 of 200" in text)
    terminal.press("[")
    terminal.until("epoch 108 of 200")
    terminal.press("\x1b")
    terminal.until("✓ finished")
    terminal.press("v")
    terminal.until(lambda text: all(name in text for name in place.runs.names()))
    terminal.press("\x1b")
    terminal.until("✓ finished")
    terminal.press("q")
    assert terminal.end() == 0
