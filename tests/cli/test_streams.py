"""The real program on standard streams as they may be: of another encoding, broken, full or closed from the start."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.test_cli import SMALL
from tests.support.trained_runs import train
from tui_runge.core.config import Config
from tui_runge.export.layout import FILES
from tui_runge.runs.directory import RunsDirectory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="streams of POSIX")
PROGRAM = [sys.executable, "-m", "tui_runge"]
TRAIN = ["train", *SMALL, "--out", "out"]
LATIN = {"PYTHONIOENCODING": "latin-1"}
POSIX = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")  # noqa: PTH110


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, small: Config, monkeypatch: pytest.MonkeyPatch) -> RunsDirectory:
    """A folder with one run and its note, in which the program runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    directory = RunsDirectory(tmp_path / "runs", "amber")
    directory.runs.note(train(directory, small).run, "f′ is π\N{COMBINING ACUTE ACCENT}")
    return directory


@contextmanager
def broken_pipe() -> Iterator[int]:
    """A descriptor to write to, whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def shell(words: list[str], redirections: str) -> subprocess.CompletedProcess[str]:
    """The program with redirections of a shell."""
    command = ["sh", "-c", f'"$@" {redirections}', "sh", *PROGRAM, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("environment", [LATIN, POSIX], ids=["latin-1", "POSIX"])
@pytest.mark.parametrize(
    "words",
    [["runs"], ["train", "--help"], pytest.param(TRAIN, marks=pytest.mark.slow)],
    ids=lambda words: " ".join(words[:2]),
)
def test_what_an_encoding_lacks_is_shown_in_ascii(environment: dict[str, str], words: list[str]) -> None:
    shown = subprocess.run([*PROGRAM, *words], capture_output=True, env=os.environ | environment, check=True)
    text = shown.stdout.decode("ascii")
    assert "MSE(f')" in text
    assert b"Traceback" not in shown.stderr


@pytest.mark.parametrize("environment", [LATIN, POSIX], ids=["latin-1", "POSIX"])
def test_json_is_the_same_in_every_encoding(environment: dict[str, str]) -> None:
    command = [*PROGRAM, "runs", "--json"]
    read = [
        json.loads(subprocess.run(command, capture_output=True, env=os.environ | variables, check=True).stdout)
        for variables in ({}, environment)
    ]
    assert read[0] == read[1]
    assert read[0][0]["note"].startswith("f′ is π")


@pytest.mark.parametrize(
    "words",
    [["runs"], ["runs", "--json"], ["--help"], pytest.param(TRAIN, marks=pytest.mark.slow)],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_reader_who_has_gone_is_no_failure(words: list[str]) -> None:
    with broken_pipe() as stdout:
        ended = subprocess.run([*PROGRAM, *words], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 0
    assert "rror" not in ended.stderr


@pytest.mark.slow
def test_dead_streams_do_not_end_a_training(runs: RunsDirectory) -> None:
    with broken_pipe() as dead:
        ended = subprocess.run([*PROGRAM, *TRAIN], stdout=dead, stderr=dead, check=False)
    assert ended.returncode == 0
    assert {path.name for path in Path("out").iterdir()} == set(FILES)
    assert [run.status for run in runs.runs.list()] == ["finished", "finished"]


@FULL
@pytest.mark.slow
def test_a_full_standard_error_does_not_end_a_training() -> None:
    ended = shell(TRAIN, "2>/dev/full")
    assert ended.returncode == 0
    assert "MSE(f′)" in ended.stdout
    assert {path.name for path in Path("out").iterdir()} == set(FILES)


@FULL
@pytest.mark.parametrize("words", [["runs"], ["runs", "--json"], ["--help"]], ids=" ".join)
def test_a_full_standard_output_is_one_line(words: list[str]) -> None:
    ended = shell(words, ">/dev/full")
    line = "runge-tui: cannot write to standard output: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, line)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.slow
def test_streams_closed_from_the_start_do_not_end_a_training(closed: str) -> None:
    ended = shell(TRAIN, closed)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    assert {path.name for path in Path("out").iterdir()} == set(FILES)


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_closed_stream_is_no_terminal(closed: str) -> None:
    ended = shell([], closed)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "use runge-tui train --out DIR" in ended.stderr
