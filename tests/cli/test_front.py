"""`runge-tui front`: its table and its JSON, and what it says of too few runs."""

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import refusal
from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.front import FEWER_THAN_TWO


@pytest.fixture
def path(tmp_path: Path, small: Config, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of runs, with one named amber."""
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    train(RunsDirectory(tmp_path / "runs", "amber"), small)
    return tmp_path / "runs"


def test_one_run_is_no_front(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del path
    assert main(["front"]) == 0
    out = capsys.readouterr().out
    assert "amber (this one)" in out
    assert FEWER_THAN_TWO in out


def test_the_runs_of_the_problem_are_listed_those_on_the_front_marked(
    path: Path, small: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    train(RunsDirectory(path, "birch"), small.with_values(derivative_weight="auto"))
    train(RunsDirectory(path, "kink"), small.with_values(target="kink"))
    assert main(["front", "amber"]) == 0
    out = capsys.readouterr().out
    assert "* " in out
    assert "auto" in out
    assert "kink" not in out
    assert main(["front", "amber", "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)
    assert sorted(run["derivative_weight"] for run in runs if not run["current"]) == ["auto"]
    assert [run["errors"]["mse_f"] for run in runs] == sorted(run["errors"]["mse_f"] for run in runs)
    assert runs[0]["on_front"]


def test_an_unknown_run_is_one_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del path
    assert "there is no run 'willow'" in refusal(capsys, "front", "willow")
