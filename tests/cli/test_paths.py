"""Paths that lead nowhere, from every option and variable that takes one: each is refused in one line."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_cli import SMALL, refusal
from tui_runge.cli import main
from tui_runge.export.layout import CLASSICAL, FILES
from tui_runge.runs.directory import load_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="other reasons for other paths")


def below_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "folder"


def too_long(folder: Path) -> Path:
    return folder / ("x" * 300)


def in_a_loop(folder: Path) -> Path:
    (folder / "loop").symlink_to("loop")
    return folder / "loop" / "folder"


BLOCKS: dict[Callable[[Path], Path], str] = {
    below_a_file: "Not a directory",
    too_long: "File name too long",
    in_a_loop: "Too many levels of symbolic links",
}


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    "words",
    [
        ["train", "--out"],
        ["train", "--runs-dir"],
        ["train", "--config"],
        ["--out"],
        ["--runs-dir"],
        ["--config"],
        ["runs", "--runs-dir"],
        ["compare", "a", "b", "--runs-dir"],
        ["export", "--out"],
        ["export", "--out", "out", "--runs-dir"],
    ],
    ids=" ".join,
)
def test_an_option(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    block: Callable[[Path], Path],
    words: list[str],
) -> None:
    path = block(tmp_path)
    assert refusal(capsys, *words, str(path)).endswith(f", got {path}: {BLOCKS[block]}")


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    "variable", ["RUNGE_TUI_OUT", "RUNGE_TUI_RUNS", "RUNGE_TUI_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]
)
def test_a_variable(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    block: Callable[[Path], Path],
    variable: str,
) -> None:
    path = block(tmp_path)
    monkeypatch.setenv(variable, str(path))
    line = refusal(capsys, "runs")
    assert str(path) in line
    assert line.endswith(BLOCKS[block])


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs another user")
@pytest.mark.parametrize("variable", ["RUNGE_TUI_RUNS", "RUNGE_TUI_CONFIG", "XDG_CONFIG_HOME", "XDG_DATA_HOME"])
@pytest.mark.parametrize("below", ["", "below"])
def test_a_folder_of_another_user(tmp_path: Path, variable: str, below: str) -> None:
    (tmp_path / "secret").mkdir(mode=0o700)
    program = [shutil.which("setpriv") or "", "--reuid=4711", "--regid=4711", "--clear-groups", sys.executable]
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PATH": os.environ["PATH"],
        "HOME": "/nowhere",
    }
    environment |= {variable: str(tmp_path / "secret" / below)}
    shown = subprocess.run(
        [*program, "-m", "tui_runge", "runs"], env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    if shown.returncode == 127:
        pytest.skip("no other user can run this interpreter")
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    assert str(tmp_path / "secret") in shown.stderr
    assert shown.stderr.endswith(": Permission denied\n")


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({}, "there is no home to keep runs in: name a folder by RUNGE_TUI_RUNS"),
        (
            {"RUNGE_TUI_RUNS": "~/runs"},
            "RUNGE_TUI_RUNS: runs_dir must not begin with ~ for a user who has no home, got ~/runs",
        ),
    ],
)
def test_a_user_without_a_home_is_told_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str], line: str
) -> None:
    without_home(monkeypatch, environment)
    assert refusal(capsys, "runs") == f"runge-tui runs: {line}"


def test_a_user_without_a_home_can_name_all_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    without_home(monkeypatch, {"RUNGE_TUI_RUNS": "/nowhere"})
    assert main(["runs"]) == 0


def without_home(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """Be a user who is in no list of users, with these variables alone."""
    import pwd

    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
@pytest.mark.usefixtures("undrawn")
def test_a_name_that_is_no_text_costs_no_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", *SMALL, "--out", os.fsdecode(b"h\xe9")]) == 0
    folder = os.fsdecode(b"h\xe9")
    assert {path.name for path in Path(folder).iterdir()} == set(FILES) - {CLASSICAL}
    assert r"files in h\xe9" in capsys.readouterr().err
    command = json.loads(Path(folder, "metrics.json").read_text("utf-8"))["command"]
    assert command.endswith(r"--out $'again-h\xe9'")
    words = subprocess.run(["bash", "-c", rf"printf '%s\0' {command}"], capture_output=True, check=True).stdout
    assert words.endswith(b"\0again-h\xe9\0")
    assert main(["export", "--out", folder]) == 0
    assert r"files in h\xe9" in capsys.readouterr().out


@pytest.mark.usefixtures("undrawn")
def test_export_knows_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RUNGE_TUI_RUNS", "~/runs")
    assert main(["train", *SMALL, "--out", "~/out", "--name", "amber"]) == 0
    assert main(["export", "--out", "~/exported"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"out", "exported", "runs"}
    name = load_run("amber").progress.run
    assert load_run(f"~/runs/{name}").progress.run == name
