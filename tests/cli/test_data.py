"""The command line on measured points: what it reads, what it refuses, and what it says of the fit."""

import io
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_cli import refusal
from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.cli.invocation import Invocation
from tui_runge.cli.parser import parse
from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.run_start import RunStart
from tui_runge.runs.directory import RunsDirectory, default_path
from tui_runge.runs.layout import HISTORY

X = np.linspace(0.0, 3.0, 20)
TABLE = MeasuredPoints.of(X, np.sin(X), np.cos(X)).to_csv()
SMALL = ["--hidden", "4", "--evaluation-points", "9", "--epochs", "4"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with tables of points, in which the commands are given."""
    monkeypatch.chdir(tmp_path)
    Path("fit.csv").write_text(TABLE)
    Path("swapped.txt").write_text("by hand\ny;x\n1;0\n2;1\n4;2\n")
    Path("bad.csv").write_text("x,f\n0,1\n1,?\n2,\n")
    Path("other.csv").write_text("x,f\n0.5,1\n1.5,2\n")
    return tmp_path


def start(*words: str) -> RunStart:
    """What a command line begins."""
    return Invocation.of(parse(["train", *words])).new_run()


def points(*words: str) -> MeasuredPoints:
    """The points that a command line is to fit."""
    found = start(*words).config.points
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--data", "gone.csv"], "cannot read gone.csv: No such file or directory"),
        (["--data", "."], "cannot read .: Is a directory"),
        (["--data", "bad.csv"], "bad.csv has 1 bad cell: line 3, column f: '?' is not a number (mend what is named; "),
        (["--data", "example:cooper"], "there is no example 'cooper': did you mean copper?"),
        (["--data", "run:amber"], "there are no runs in "),
        (["--data", "run:amber", "--columns", "1,2"], "columns and skip_rows are for files: run:amber has points that"),
        (["--data", "swapped.txt", "--columns", "1"], "columns must be X,F or X,F,DF, by header names or numbers from"),
        (["--data", "fit.csv", "--columns", "x,g"], "fit.csv has no column 'g': its columns are x, f, df"),
        (["--data", "fit.csv", "--skip-rows", "x"], "skip_rows must be a whole number from 0 to 1000000000, got 'x'"),
        (["--data", "fit.csv", "--skip-rows", "-1"], "skip_rows must be >= 0, got -1"),
        (["--data", "fit.csv", "--skip-rows", "99"], "fit.csv has no rows after the first 99 lines"),
        (["--data", "fit.csv", "--validation-data", "gone.csv"], "cannot read gone.csv: No such file or directory"),
        (["--data", "-", "--validation-data", "-"], "--data and --validation-data cannot both be standard input"),
        (["--columns", "1,2"], "--columns says how --data is read: give --data too"),
        (["--skip-rows", "1"], "--skip-rows says how --data is read: give --data too"),
        (["--validation-data", "fit.csv"], "--validation-data says how --data is read: give --data too"),
        (["--data", "fit.csv", "--target", "x^2"], "--target is of a function and --data of points: give --target or"),
        (["--data", "fit.csv", "--interval", "0,1"], "--interval is of a function and --data of points: give --interv"),
        (
            ["--resume", "--columns", "1,2"],
            "--columns cannot change in a run that goes on: begin another with --branch",
        ),
        (["--data", "~nobody~/fit.csv"], "cannot read ~nobody~/fit.csv: No such file or directory"),
        (["--data", "fit\0.csv"], "data must be a file of columns x, f and perhaps df, - for standard input, "),
        (["--data", "fit.csv", "--validation-fraction", "1"], "validation_fraction must be >= 0 and < 1, got 1"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_no_run(
    capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    before = set(Path().iterdir())
    assert refusal(capsys, "train", *words).startswith(f"runge-tui train: {line}")
    assert set(Path().iterdir()) == before
    assert RunsDirectory(default_path()).runs.names() == []


def test_columns_and_lines_are_chosen_and_others_to_validate_on() -> None:
    assert points("--data", "swapped.txt", "--skip-rows", "1", "--columns", "2,1").f.tolist() == [1, 2, 4]
    both = points("--data", "fit.csv", "--validation-data", "other.csv")
    assert both.held_out is not None
    assert both.x[both.held_out].tolist() == [0.5, 1.5]


def test_a_home_stands_in_the_name_of_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert len(points("--data", "~/fit.csv")) == 20


def test_points_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert points("--data", "-").x.tolist() == X.tolist()


@pytest.mark.parametrize("words", [["--data", "-"], ["--data", "fit.csv", "--validation-data", "-"]])
def test_the_screen_leaves_standard_input_to_the_keys(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert refusal(capsys, *words).startswith("runge-tui: the screen reads its keys from standard input: give")


def test_a_function_goes_before_data_that_is_named_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNGE_TUI_DATA", "fit.csv")
    assert len(points("--columns", "x,f")) == 20
    assert start("--target", "steep").config == Config(target="steep")
    monkeypatch.delenv("RUNGE_TUI_DATA")
    file = folder / "config.toml"
    file.write_text('data = "other.csv"\ntarget = "steep"\n')
    assert len(points("--config", str(file))) == 2
    assert start("--config", str(file), "--data", "none").config.target == "steep"
    assert start("--config", str(file), "--interval", "0,1").config.data == ""


def test_a_branch_goes_on_with_points_read_anew(folder: Path) -> None:
    place = ["--runs-dir", str(folder / "runs")]
    runs = RunsDirectory(folder / "runs", "amber")
    run = train(runs, Config(data="fit.csv", points=points("--data", "fit.csv"), hidden=(4,), epochs=3)).run
    assert points("--branch", run, *place) == points("--data", "fit.csv")
    same = start("--branch", run, "--data", f"run:{run}", *place).config
    assert (same.data, same.points) == ("fit.csv", points("--data", "fit.csv"))
    Path("fit.csv").write_text("\n".join(TABLE.splitlines()[:9]))
    assert len(points("--branch", run, *place)) == 20
    assert len(points("--branch", run, "--data", "fit.csv", *place)) == 8
    assert len(points("--data", f"run:{run[-5:]}", "--validation-data", "other.csv", *place)) == 22
    assert start("--branch", run, "--target", "runge", *place).config.data == ""


@pytest.mark.usefixtures("undrawn")
def test_train_tells_the_errors_and_the_residual_and_its_command_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", "fit.csv", *SMALL, "--name", "first", "--out", "out"]) == 0
    shown = capsys.readouterr().out
    values = json.loads(Path("out/metrics.json").read_text())
    assert "error on the held-out points" in shown
    assert "report" not in shown
    assert "nan" not in shown
    assert f"standard deviation of the residual over all points: {values['residual_std']:.2e}" in shown
    Path("fit.csv").unlink()
    runs = RunsDirectory(default_path()).runs
    program, *words = shlex.split(values["command"])
    assert program == "runge-tui"
    begun = Invocation.of(parse(words)).new_run()
    again = train(RunsDirectory(default_path(), "again"), begun).run
    assert (runs.path / again / HISTORY).read_bytes() == (runs.path / runs.find("first") / HISTORY).read_bytes()


def test_runs_and_compare_show_no_number_that_is_not_known(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--runs-dir", str(folder / "runs")]
    only_f = MeasuredPoints.of(X, np.sin(X), name="fit.csv")
    config = Config(data="fit.csv", points=only_f, hidden=(4,), evaluation_points=9, epochs=2)
    train(RunsDirectory(folder / "runs", "amber"), config)
    train(RunsDirectory(folder / "runs", "birch"), Config(hidden=(4,), epochs=2))
    assert main(["runs", *place]) == main(["compare", "amber", "birch", *place]) == 0
    shown = capsys.readouterr().out
    assert "nan" not in shown
    assert "error on the grid or held-out points" in shown
    assert "fit.csv" in shown
    assert main(["compare", "amber", "birch", "--json", *place]) == 0
    amber, birch = json.loads(capsys.readouterr().out)["runs"]
    assert (amber["errors_on"], birch["errors_on"]) == ("validation", "grid")
    assert amber["errors"]["mse_df"] is None


@pytest.mark.usefixtures("undrawn")
def test_flags_without_effect_beside_data_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", "fit.csv", *SMALL, "--noise", "0.1", "--train-points", "9", "--out", "out"]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "effect" in line]
    assert told == [
        "runge-tui train: --train-points has no effect: data is fitted; --noise has no effect: data is fitted"
    ]
