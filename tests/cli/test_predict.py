"""`runge-tui predict`: what it prints of a kept run, where it takes x from, and what it refuses."""

import io
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.test_cli import refusal
from tests.support.trained_runs import train
from tui_runge import load
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, small: Config) -> Path:
    """A folder with a run of 5 epochs in float64, on [0, 10]."""
    path = tmp_path_factory.mktemp("runs")
    config = small.with_values(target="sin(x)", interval="0,10", dtype="float64", stages=2)
    train(RunsDirectory(path, "amber"), config)
    return path


@pytest.fixture(autouse=True)
def _runs_there(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(runs))


def give_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def table(text: str) -> list[list[float]]:
    """The numbers of what was printed, x, f̂ and f̂′ a row."""
    head, *rows = text.splitlines()
    assert head == "x,f_hat,df_hat"
    return [[float(cell) for cell in row.split(",")] for row in rows]


def test_the_values_are_those_of_the_model_in_the_users_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "amber", "0.5", "pi/4", "2e0", "10"]) == 0
    shown = capsys.readouterr()
    x, f, df = np.array(table(shown.out)).T
    assert x.tolist() == [0.5, math.pi / 4, 2.0, 10.0]
    model: Any = load("amber")
    assert f == pytest.approx(model(x), rel=1e-13)
    assert df == pytest.approx(model.derivative(x), rel=1e-13)
    assert shown.err == ""


@pytest.mark.parametrize(("words", "x"), [(["-0.5"], -0.5), (["-1e-3"], -1e-3), (["-pi/4"], -math.pi / 4)])
def test_a_place_may_begin_with_a_minus_and_outside_the_interval_it_is_said_once(
    capsys: pytest.CaptureFixture[str], words: list[str], x: float
) -> None:
    assert main(["predict", "amber", *words, "11", "3"]) == 0
    shown = capsys.readouterr()
    assert [row[0] for row in table(shown.out)] == [x, 11.0, 3.0]
    assert shown.err == "runge-tui predict: 2 of 3 x lie outside [0, 10], where nothing was fitted\n"


def test_places_come_from_standard_input_and_from_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "points.csv"
    file.write_text("\ufeffx,f\n# measured\n4,0.1\n\npi;3\n")
    give_stdin(monkeypatch, "1\n2 7\n")
    assert main(["predict", "amber", "9", "-", "8", "--file", str(file)]) == 0
    assert [row[0] for row in table(capsys.readouterr().out)] == [9.0, 1.0, 2.0, 8.0, 4.0, math.pi]


def test_what_is_printed_can_be_given_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["predict", "amber", *(f"{n}/7" for n in range(70))]) == 0
    first = capsys.readouterr().out
    give_stdin(monkeypatch, first)
    assert main(["predict", "amber", "-"]) == 0
    assert capsys.readouterr().out == first


def test_what_is_no_place_is_one_line_that_names_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    give_stdin(monkeypatch, "x\n0.5\n\nabc\n")
    line = "runge-tui predict: standard input, line 4: x must be a number, such as -0.5 or pi/4, got 'abc': "
    assert refusal(capsys, "predict", "amber", "1", "-").startswith(line)
    give_stdin(monkeypatch, "1e999\n")
    line = "runge-tui predict: standard input, line 1: x must be a finite number, got '1e999'"
    assert refusal(capsys, "predict", "amber", "-") == line
    assert refusal(capsys, "predict", "amber", "x") == (
        "runge-tui predict: x must be a number, such as -0.5 or pi/4, got 'x': 'x' must be a number, without x"
    )


def test_nothing_to_do_and_nothing_to_read_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = "runge-tui predict: no x is given: name one, or a file that has one a line"
    assert refusal(capsys, "predict", "amber") == line
    file = tmp_path / "none"
    line = f"runge-tui predict: cannot read {file}: No such file or directory"
    assert refusal(capsys, "predict", "amber", "--file", str(file)) == line
    assert "there is no run 'birch'" in refusal(capsys, "predict", "birch", "0")


def test_it_needs_no_torch() -> None:
    program = (
        "import sys; from tui_runge.cli import main; main(['predict', 'amber', '1']); print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "False"
