"""The command line on runs that are kept: resume, branch, list, compare, export."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.test_cli import SMALL, refusal
from tests.support.terminal import Terminal
from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.cli.runs import GAP, NEEDED, NOTE, REMARKS, Column, fitting
from tui_runge.core.commands import Pause, Step, Stop
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory


@pytest.fixture
def place(tmp_path: Path, small: Config, monkeypatch: pytest.MonkeyPatch) -> RunsDirectory:
    """Two runs: amber, of 5 epochs, and birch, cut short after 2."""
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    train(RunsDirectory(tmp_path / "runs", "amber"), small)
    train(
        RunsDirectory(tmp_path / "runs", "birch"),
        small.with_values(learning_rate=0.01),
        Pause(),
        Step(),
        Step(),
        Stop(),
    )
    return RunsDirectory(tmp_path / "runs")


def metrics(folder: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return values


@pytest.mark.usefixtures("undrawn")
def test_train_keeps_its_run_and_says_under_which_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    assert main(["train", *SMALL, "--name", "mine", "--out", str(tmp_path / "out")]) == 0
    (name,) = RunsDirectory(tmp_path / "runs").runs.names()
    assert re.fullmatch(r"\d{8}-\d{4}-mine", name)
    assert f"run kept as {name}" in capsys.readouterr().err


@pytest.mark.usefixtures("undrawn")
def test_runs_are_kept_in_the_users_data_folder_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["train", *SMALL, "--out", str(tmp_path / "out")]) == 0
    if sys.platform == "linux":
        assert len(list((tmp_path / "data" / "runge-tui" / "runs").iterdir())) == 1


@pytest.mark.parametrize("words", [["--resume"], ["--resume", "birch"]])
@pytest.mark.usefixtures("undrawn")
def test_train_resumes_a_run_to_the_end_it_would_have_had(
    place: RunsDirectory, small: Config, words: list[str]
) -> None:
    assert main(["train", *words, "--out", "out"]) == 0
    whole = train(RunsDirectory(place.path.parent / "others"), small.with_values(learning_rate=0.01))
    found = metrics("out")
    assert (found["run"], found["epochs"]) == (place.runs.find("birch"), 5)
    assert found["losses"]["train"]["total"] == whole.losses[0]
    assert found["errors"]["max_df"] == whole.errors.max_df


@pytest.mark.usefixtures("undrawn")
def test_a_resumed_run_takes_more_epochs(place: RunsDirectory) -> None:
    assert main(["train", "--resume", "amber", "--epochs", "7", "--out", "out"]) == 0
    assert metrics("out")["epochs"] == 7
    assert place.runs.summary(place.runs.find("amber")).epoch == 7


@pytest.mark.usefixtures("undrawn")
def test_a_branch_of_a_snapshot_is_a_run_of_its_own(place: RunsDirectory) -> None:
    words = ["--branch", "amber@2", "--derivative-weight", "3", "--name", "child"]
    assert main(["train", *words, "--out", "out"]) == 0
    amber = place.runs.find("amber")
    assert metrics("out")["parent"] == f"{amber}@2"
    assert metrics("out")["config"]["derivative_weight"] == 3
    assert len(place.runs.names()) == 3


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["train", "--resume", "oak"], "runge-tui train: there is no run 'oak': must be one of "),
        (["train", "--resume", "2"], "runge-tui train: run '2' could be any of "),
        (["train", "--resume", "amber", "--hidden", "3"], "runge-tui train: --hidden cannot change in a run that goes"),
        (["train", "--resume", "--branch", "amber"], "runge-tui train: --branch begins a new run, which cannot go on"),
        (["train", "--branch", "amber@x"], "runge-tui train: --branch must be RUN or RUN@EPOCH, got the epoch 'x'"),
        (["train", "--branch", "amber@77"], ": it has no snapshot after epoch 77"),
        (["train", "--resume", "--at", "3:learning-rate=1"], "runge-tui train: --at cannot change a run that is gone"),
        (["train", "--name", "../x"], "runge-tui train: --name must be lower-case letters, digits and hyphens, at "),
        (["resume", "oak"], "runge-tui resume: there is no run 'oak'"),
        (["compare", "amber"], "runge-tui compare: two runs at least must be named"),
        (["compare", "amber", "oak"], "runge-tui compare: there is no run 'oak'"),
        (["export", "oak", "--out", "x"], "runge-tui export: there is no run 'oak'"),
        (["export"], "runge-tui export: the following arguments are required: --out"),
        (["runs", "--jsom"], "runge-tui runs: unknown option --jsom: did you mean --json?"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_cannot_be_is_one_line(capsys: pytest.CaptureFixture[str], words: list[str], line: str) -> None:
    assert line in refusal(capsys, *words)


def test_without_a_run_there_is_nothing_to_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path))
    assert refusal(capsys, "train", "--resume") == f"runge-tui train: there are no runs in {tmp_path}"
    assert main(["runs"]) == 0
    assert main(["runs", "--json"]) == 0
    assert capsys.readouterr().out.endswith("[]\n")


def test_the_list_names_what_a_person_looks_for(place: RunsDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    place.runs.note(place.runs.find("birch"), "too fast?")
    assert main(["runs"]) == 0
    shown = capsys.readouterr().out
    rows = [next(line for line in shown.splitlines() if word in line) for word in ("amber", "birch")]
    assert "finished" in rows[0]
    assert "interrupted" in rows[1]
    assert "learning rate 0.01" in rows[1]
    assert "too fast?" in shown
    assert main(["runs", "--json"]) == 0
    birch, amber = json.loads(capsys.readouterr().out)
    assert (amber["name"], amber["epoch"], amber["status"]) == (place.runs.find("amber"), 5, "finished")
    assert amber["errors"] == vars(place.runs.read(amber["name"]).progress.errors)
    assert (birch["note"], birch["config"]["learning_rate"]) == ("too fast?", 0.01)


@given(st.lists(st.integers(0, 60), min_size=11, max_size=11), st.integers(1, 300))
def test_columns_are_shown_whole_or_not_at_all(widths: list[int], width: int) -> None:
    titles = (
        "run",
        "status",
        "target",
        "epochs",
        "MSE(f)",
        "MSE(f′)",
        "MaxErr(f)",
        "MaxErr(f′)",
        "time",
        NOTE,
        REMARKS,
    )
    columns = [Column(title, ("x" * cells,)) for title, cells in zip(titles, widths, strict=True)]
    shown = fitting(columns, width)
    assert [column.title for column in shown if column.title in NEEDED] == list(NEEDED)
    assert shown == [column for column in columns if column in shown]
    room = width - sum(column.width + GAP for column in shown) + GAP
    others = [column for column in shown if column.title not in NEEDED]
    assert room >= 0 or not others
    assert all(column.width + GAP > room for column in columns if column not in shown)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("width", "more"),
    [
        (80, []),
        (100, ["a note of the length of a line"]),
        (240, ["a note of the length of a line", "learning rate 0.01", "MaxErr(f′)"]),
    ],
)
def test_a_terminal_gets_what_it_has_room_for(place: RunsDirectory, width: int, more: list[str]) -> None:
    birch = place.runs.find("birch")
    place.runs.note(birch, "a note of the length of a line")
    terminal = Terminal("runs", cwd=place.path, size=(width, 24), RUNGE_TUI_RUNS=str(place.path))
    assert terminal.end() == 0
    head, _, *rows = (line.rstrip() for line in terminal.text.splitlines() if line.strip())
    (row,) = (row for row in rows if birch in row)
    run = place.runs.summary(birch)
    assert len(rows) == 2
    assert all(title in head for title in NEEDED)
    for text in ("interrupted", " 2 ", f"{run.errors.mse_f:.2e}", f"{run.errors.mse_df:.2e}"):
        assert text in row
    for text in more:
        assert text in row + head
    assert ("learning rate" in row) == (width == 240)


def test_compare_shows_what_differs_and_the_better_errors(
    place: RunsDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "amber", "birch"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"learning rate +0\.001 +0\.01 ", shown)
    rows = [line for line in shown.splitlines() if "MSE" in line or "MaxErr" in line]
    assert [row.count("*") for row in rows] == [1, 1, 1, 1]
    assert main(["compare", "amber", "birch", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["differences"] == {"learning_rate": ["0.001", "0.01"]}
    assert [run["name"] for run in facts["runs"]] == [place.runs.find("amber"), place.runs.find("birch")]


@pytest.mark.usefixtures("undrawn")
def test_export_writes_the_files_of_a_run_as_it_stands(
    place: RunsDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "birch", "--out", "out"]) == 0
    assert f"run {place.runs.find('birch')} at epoch 2, files in out" in capsys.readouterr().out
    assert metrics("out")["epochs"] == 2
