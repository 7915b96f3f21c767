"""The log of losses while they fall: its lines, its events, and what ends it."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_cli import SMALL, refusal
from tui_runge.core.commands import Stop
from tui_runge.core.config import Config
from tui_runge.core.history import SERIES
from tui_runge.core.run_start import New
from tui_runge.core.settings import LogTarget
from tui_runge.export.live_log import EventFiles, JsonLines, LiveLog, open_log
from tui_runge.export.tensorboard import EVENT_FILE
from tui_runge.session.session import Session

LOSSES = (0.1, 2.0, math.nan, 1e-300, math.inf, 3.0)
PROGRAM = [sys.executable, "-m", "tui_runge", "train", *SMALL]


def lines(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_epoch_is_a_json_object_that_reads_back_exactly(tmp_path: Path) -> None:
    log = open_log(f"jsonl:{tmp_path / 'log'}", every=2)
    for epoch in range(1, 6):
        log.add("amber", epoch, LOSSES)
    log.add("birch", 6, LOSSES)
    log.close(10)
    assert log.problem == ""
    known = [loss if math.isfinite(loss) else None for loss in LOSSES]
    first = {"run": "amber", "epoch": 2, **dict(zip(SERIES, known, strict=True))}
    assert lines(tmp_path / "log") == [first, {**first, "epoch": 4}, {**first, "run": "birch", "epoch": 6}]


def test_a_pipe_that_is_closed_ends_the_log_and_says_so(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    log = open_log(f"jsonl:{pipe}", every=1)
    with pipe.open("rb"):
        pass
    log.add("amber", 1, LOSSES)
    log.close(10)
    assert log.problem == f"the log in {pipe} ended: Broken pipe"


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    log = open_log(f"jsonl:{pipe}", every=1)
    log.add("amber", 1, LOSSES)
    log.close(0.01)
    assert log.problem == f"nobody has read all of the log in {pipe}"
    with pipe.open("rb") as reader:  # lets the thread end
        assert reader.readline()


def test_the_newest_epochs_are_events_of_their_run(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    files = EventFiles(tmp_path / "board")
    files.write("amber", [(epoch, LOSSES) for epoch in (1, 2, 3)])
    files.write("amber", [(4, LOSSES)])
    files.write("birch", [(1, LOSSES)])
    files.close()
    (file,) = (tmp_path / "board" / "amber").iterdir()
    assert file.name == f"{EVENT_FILE}.0000000001"
    events = [event for event in EventFileLoader(str(file)).Load() if event.summary.value]
    assert [event.step for event in events] == [3, 4]
    tags = [value.tag for value in events[0].summary.value]
    assert tags == [name.replace("_", "/") for name in SERIES if name != "train_derivative"]
    assert (tmp_path / "board" / "birch").is_dir()


@pytest.mark.parametrize("make", [JsonLines, EventFiles])
def test_a_place_that_cannot_be_written_is_refused(make: type[JsonLines | EventFiles]) -> None:
    with pytest.raises(ValueError, match="cannot log to /dev/null/log: Not a directory"):
        make(Path("/dev/null/log"))


def test_a_full_disk_ends_the_log_alone() -> None:
    log = LiveLog(JsonLines(Path("/dev/full")))
    log.add("amber", 1, LOSSES)
    log.close(10)
    log.add("amber", 2, LOSSES)
    assert log.problem == "the log in /dev/full ended: No space left on device"


@pytest.mark.parametrize("text", ["json", "jsonl:", "tensorboard:", ":file", ""])
def test_what_is_no_place_for_a_log(text: str) -> None:
    if not text:
        assert LogTarget().check("log", text) == LogTarget().check("log", "none") == ""
        return
    with pytest.raises(ValueError, match="log must be jsonl, jsonl:PATH, tensorboard, tensorboard:DIR or none, got"):
        LogTarget().check("log", text)


def test_wrong_options_are_refused_before_training(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("mine\n")
    assert refusal(capsys, "train", *SMALL, "--log", f"jsonl:{file}") == (
        f"runge-tui train: log must be a new file or a pipe, got {file}, which holds something: remove it"
    )
    assert file.read_text() == "mine\n"
    line = "runge-tui train: --log-every says how often --log does: give --log too"
    assert refusal(capsys, "train", *SMALL, "--log-every", "2") == line
    assert "log_every must be >= 1, got 0" in refusal(capsys, "train", *SMALL, "--log", "jsonl", "--log-every", "0")


def test_every_epoch_of_a_session_is_logged(small: Config) -> None:
    logged: list[tuple[str, int, tuple[float, ...]]] = []
    session = Session(New(small), lambda _: session.send(Stop()), log=lambda *row: logged.append(row))
    session.run()
    assert [(run, epoch) for run, epoch, _ in logged] == [("", epoch) for epoch in range(1, small.epochs + 1)]
    assert all(len(losses) == len(SERIES) for _, _, losses in logged)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_jq_reads_it_from_standard_output(tmp_path: Path) -> None:
    command = ["sh", "-c", '"$@" --log jsonl --log-every 5 | jq .epoch', "sh", *PROGRAM, "--out", str(tmp_path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["5", "10", "15", "20"]
    assert "MSE(f)" in shown.stderr


@pytest.mark.slow
def test_a_reader_who_leaves_ends_the_log_and_not_the_run(tmp_path: Path) -> None:
    words = [*PROGRAM, "--epochs", "3000", "--log", "jsonl", "--out", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["epoch"] == 1
        process.stdout.close()
        shown = process.stderr.read()
    assert process.returncode == 0
    assert "runge-tui train: the log in standard output ended: Broken pipe\n" in shown
    assert "finished at epoch 3000" in shown
