"""The command line: what it refuses, what it says, what it leaves behind."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from tui_runge.cli import main
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.export.layout import FILES, REPORT_HTML
from tui_runge.runs.directory import RunsDirectory, default_path

SMALL = ["--hidden", "4", "--train-points", "8", "--epochs", "20"]


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The line that a wrong command line ends with; its status is 2."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    return shown.err.strip()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--epochs", "0"], "runge-tui: epochs must be >= 1, got 0"),
        (["--learning-rate", "nan"], "runge-tui: learning_rate must be a finite number > 0, got nan"),
        (["--learning-rate", "-1"], "runge-tui: learning_rate must be > 0, got -1"),
        (
            ["--hidden", "64,x"],
            "runge-tui: hidden must be 1 to 8 whole numbers from 1 to 4096, such as 64,64, got '64,x'",
        ),
        (
            ["train", "--activation", "foo"],
            "runge-tui train: activation must be one of tanh, sigmoid, sin, silu, gelu, softplus, relu, got 'foo'",
        ),
        (
            ["train", "--target", "1/x"],
            "runge-tui train: 1/x is not finite at x = 0: choose an interval without it",
        ),
        (
            ["--target", "log(x)", "--interval", "-1,1"],
            "runge-tui: log(x) is not finite at x = -1: choose an interval without it",
        ),
        (
            ["--interval", "-2"],
            "runge-tui: interval: an interval must be two numbers, such as -2,2 or -pi,pi, got '-2'",
        ),
        (["--interval", "--epochs", "3"], "runge-tui: argument --interval: expected one argument"),
        (["--epoch", "3"], "runge-tui: unknown option --epoch: did you mean --epochs?"),
        (["train", "--frobnicate"], "runge-tui train: unknown option --frobnicate: see --help"),
        (["--epochs"], "runge-tui: argument --epochs: expected one argument"),
        (["trian"], "runge-tui: unknown command 'trian': did you mean train? (none opens the screen)"),
        (
            ["frobnicate"],
            "runge-tui: unknown command 'frobnicate': must be one of train, resume, learn, serve, runs, compare, "
            "export, front, predict, record, classical, sweep (none opens the screen)",
        ),
        (
            ["train", "--at", "5:hidden=3"],
            "runge-tui train: a planned change must be of function_weight, derivative_weight, smoothing, "
            "learning_rate, epochs, stop_error, patience, max_seconds, got hidden: start with its value",
        ),
        (
            ["train", "--derivative-weight", "0", "--at", "5:function-weight=0"],
            "runge-tui train: the changes planned after epoch 5 cannot be: function_weight and derivative_weight must "
            "not both be 0: there is nothing to fit",
        ),
    ],
)
def test_a_bad_value_is_one_line_that_names_it_and_the_rule(
    capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert refusal(capsys, *words) == line


@pytest.mark.parametrize("command", [[], ["train"]])
def test_a_file_as_out_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    assert refusal(capsys, *command, "--out", str(file)).endswith(f"out must be a folder, got the file {file}")


@pytest.mark.parametrize("command", [[], ["train"]])
def test_a_configuration_file_that_is_not_there_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    file = tmp_path / "none.toml"
    assert refusal(capsys, *command, "--config", str(file)).endswith(f": --config must be a file, got {file}")


@pytest.mark.usefixtures("undrawn")
def test_train_takes_its_options_from_the_file_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"epochs = 9\nhidden = [4]\ntrain_points = 8\n[screen]\nout = '{tmp_path / 'runs'}'\n")
    monkeypatch.setenv("RUNGE_TUI_EPOCHS", "7")
    assert main(["train", "--config", str(file)]) == 0
    (folder,) = (tmp_path / "runs").iterdir()
    metrics = json.loads((folder / "metrics.json").read_text())
    assert (metrics["epochs"], metrics["config"]["hidden"]) == (7, [4])


def test_without_a_terminal_the_screen_says_what_to_use_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert "use runge-tui train --out DIR" in refusal(capsys)


@pytest.mark.parametrize("command", [[], ["train"]])
def test_the_help_tells_every_option_its_rule_and_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "examples:" in text
    for knob in HYPERPARAMETERS.values():
        assert knob.flag in text
        assert f"{knob.kind.rule} (default {knob.kind.show(knob.default)})" in text


@pytest.mark.parametrize(
    "words",
    [
        ["--target", "-x^2", "--interval", "-2,pi"],
        ["--target=-x²", "--interval=-2,pi"],
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_a_function_and_an_interval_may_begin_with_a_minus(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", *SMALL, *words, "--out", "first"]) == 0
    first = json.loads(Path("first/metrics.json").read_text())
    assert (first["config"]["target"], first["config"]["interval"]) == ("-x**2", "-2,pi")
    again = shlex.split(first["command"])[1:]
    assert main(again) == 0
    assert json.loads(Path(again[-1], "metrics.json").read_text())["errors"] == first["errors"]


def test_a_function_is_taken_from_the_environment_and_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('interval = "-1,0"\n')
    monkeypatch.setenv("RUNGE_TUI_TARGET", "log(x)")
    line = "log(x) is not finite at x = -1: choose an interval without it"
    assert refusal(capsys, "train", "--config", str(file)).endswith(line)
    assert RunsDirectory(default_path()).runs.names() == []


def test_train_writes_the_files_and_prints_the_errors(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["train", *SMALL, "--out", str(tmp_path / "new" / "folder")]) == 0
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == set(FILES)
    shown = capsys.readouterr()
    errors = json.loads((folder / "metrics.json").read_text())["errors"]
    assert all(f"{error:.2e}" in shown.out for error in errors.values())
    assert "epoch 20/20" in shown.err
    assert "\x1b" not in shown.out + shown.err


@pytest.mark.usefixtures("undrawn")
def test_the_command_in_metrics_json_repeats_a_run_that_was_steered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", *SMALL, "--at", "10:learning-rate=0.05", "--out", "first"]) == 0
    first = json.loads(Path("first/metrics.json").read_text())
    assert main(first["command"].split()[1:]) == 0
    again = json.loads(Path("again-first/metrics.json").read_text())
    assert again["errors"] == first["errors"]
    assert again["changes"] == first["changes"] != []


@pytest.mark.usefixtures("undrawn")
def test_a_run_that_diverges_says_so_and_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["train", *SMALL, "--learning-rate", "1e30", "--out", str(tmp_path)]) == 1
    assert "lower the learning rate" in capsys.readouterr().err
    assert json.loads((tmp_path / "metrics.json").read_text())["status"] == "diverged"


@pytest.mark.usefixtures("undrawn")
def test_a_run_that_cannot_be_handed_on_is_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("the series has no end")

    monkeypatch.setattr("tui_runge.cli.train.export", refuse)
    assert main(["train", *SMALL, "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "runge-tui train: the series has no end",
        f"run kept as {RunsDirectory(default_path()).runs.find()}",
    ]


def test_a_folder_that_cannot_be_made_is_refused_before_training(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "new" / ("x" * 300)
    assert refusal(capsys, "train", *SMALL, "--out", str(folder)) == (
        f"runge-tui train: out must be a folder, got {folder}: File name too long"
    )


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, *(pytest.param(other, marks=pytest.mark.slow) for other in (signal.SIGTERM, signal.SIGHUP))],
)
def test_an_interrupt_saves_what_was_reached_and_a_run_to_resume(tmp_path: Path, number: signal.Signals) -> None:
    out, runs = tmp_path / "out", tmp_path / "runs"
    words = [sys.executable, "-m", "tui_runge", "train", "--epochs", "100000000", "--out", str(out)]
    environment = os.environ | {"COLUMNS": "100", "RUNGE_TUI_RUNS": str(runs)}
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    assert "epoch 0" in process.stderr.readline()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    deadline = monotonic() + 60
    while number != signal.SIGINT and not (out / REPORT_HTML).exists():  # written on behind the program's back
        assert monotonic() < deadline
    assert {path.name for path in out.iterdir()} == set(FILES)
    assert json.loads((out / "metrics.json").read_text())["status"] == "stopped"
    (run,) = RunsDirectory(runs).runs.list()
    assert (run.status, run.epoch) == ("interrupted", RunsDirectory(runs).runs.read(run.name).progress.epoch)
    assert len((runs / run.name / "history.csv").read_text().splitlines()) == run.epoch + bool(run.epoch)


@pytest.mark.usefixtures("undrawn")
def test_a_preset_is_overridden_by_flags(tmp_path: Path) -> None:
    words = ["--preset", "precise", "--hidden", "4", "--train-points", "12", "--epochs", "3", "--stages", "1"]
    assert main(["train", *words, "--out", str(tmp_path)]) == 0
    config = json.loads((tmp_path / "metrics.json").read_text())["config"]
    assert (config["optimizer"], config["nodes"], config["dtype"]) == ("lm", "chebyshev", "float64")
    assert (config["hidden"], config["epochs"]) == ([4], 3)


def test_an_unknown_preset_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "preset must be one of report, " in refusal(capsys, "--preset", "best")
