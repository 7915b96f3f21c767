"""`runge-tui classical`: its table, its JSON, and what it refuses."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_cli import refusal
from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory

SMALL = ["classical", "--train-points", "20", "--evaluation-points", "50"]


@pytest.fixture
def amber(tmp_path: Path, small: Config, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run of 5 epochs; its name."""
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    train(RunsDirectory(tmp_path / "runs", "amber"), small)
    return RunsDirectory(tmp_path / "runs").runs.find("amber")


def rows(text: str) -> dict[str, list[str]]:
    """The cells of a table by their method, its heading's too."""
    cells = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    return {row[0]: row[1:] for row in cells if len(row) > 2}


def test_a_table_marks_the_best_of_each_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--degree", "6"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1 / (1 + 25 x²), 20 training points\n")
    table = rows(out)
    assert table["error on the grid"][:5] == ["MSE(f)", "MSE(f′)", "MaxErr(f)", "MaxErr(f′)", "seconds"]
    assert all(cell.startswith("* ") for cell in table["AAA rational"][:4])
    assert table["polynomial, uniform nodes"][-1] == "degree 6"
    for column in range(5):
        assert sum(row[column].startswith("* ") for row in table.values()) == 1
    assert "network" not in table


def test_the_network_of_a_run_stands_beside(amber: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classical", "amber"]) == 0
    out = capsys.readouterr().out
    assert rows(out)["network"][-1] == amber
    assert "8 training points" in out
    assert re.search(r"^the network is .* in f .*, in f′ .*", out, re.M)


def test_json_has_all_of_it(amber: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classical", "amber", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["points"] == 8
    assert facts["methods"][-1]["name"] == "network"
    assert facts["methods"][-1]["note"] == amber
    assert facts["methods"][2] == {
        "name": "polynomial, least squares",
        "errors": {"mse_f": None, "mse_df": None, "max_f": None, "max_df": None},
        "seconds": None,
        "note": "needs 21 points at distinct x, got 8",
    }
    assert set(facts["worth"]) == {"f", "df"}
    assert main([*SMALL, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["worth"] is None


def test_measured_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "points.csv"
    table.write_text("t,y\n" + "".join(f"{x},{x * x}\n" for x in range(12)))
    assert main(["classical", "--data", str(table), "--columns", "t,y", "--degree", "2"]) == 0
    found = rows(capsys.readouterr().out)
    assert "error on the held-out points" in found
    assert found["cubic Hermite"] == ["-", "-", "-", "-", "-", "needs f′, and no slopes are known"]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--degree", "0"], "degree must be >= 1, got 0"),
        (["--degree", "501"], "degree must be <= 500, got 501"),
        (["--degree", "x"], "degree must be a whole number from 1 to 500, got 'x'"),
        (["amber", "--target", "x^2"], "a run says itself what is fitted: give RUN or --target"),
        (["amber", "--no-config"], "a run says itself what is fitted: give RUN or --no-config"),
        (["oak"], "there is no run 'oak'"),
        (["--target", "1/x"], "1/x is not finite at x = 0: choose an interval without it"),
        (["--data", "gone.csv"], "cannot read gone.csv: No such file or directory"),
        (["--columns", "1,2"], "--columns says how --data is read: give --data too"),
        (["--epochs", "3"], "unknown option --epochs: "),
    ],
)
@pytest.mark.usefixtures("amber")
def test_what_cannot_be_is_one_line(capsys: pytest.CaptureFixture[str], words: list[str], line: str) -> None:
    assert refusal(capsys, "classical", *words).startswith(f"runge-tui classical: {line}")
