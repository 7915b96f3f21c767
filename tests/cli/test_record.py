"""`runge-tui record`: the files that it makes, and what it refuses."""

import errno
import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.cli.test_cli import refusal
from tests.support.canned import keep
from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, small: Config) -> Path:
    path = tmp_path_factory.mktemp("runs")
    train(RunsDirectory(path, "amber"), small)
    return path


@pytest.fixture(autouse=True)
def _runs_there(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(runs))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run.gif", "run.apng"])
def test_an_animated_figure_has_a_picture_a_snapshot(
    runs: Path, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    assert main(["record", "amber", "--out", str(path), "--seconds", "2"]) == 0
    store = RunsDirectory(runs).runs
    run = store.find("amber")
    epochs = {*store.snapshots(run), store.read(run).progress.epoch}
    assert capsys.readouterr().out == f"run {run} at {len(epochs)} epochs, in {path}\n"
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == len(epochs)
        image.seek(0)
        first, durations = image.convert("RGB"), [image.info["duration"]]
        image.seek(len(epochs) - 1)
        assert ImageChops.difference(first, image.convert("RGB")).getbbox()
        durations.append(image.info["duration"])
    assert durations[1] > 3 * durations[0]
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_recording_has_the_size_and_the_time_that_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "run.cast"
    assert main(["record", "amber", "--out", str(path), "--size", "80x24", "--seconds", "3"]) == 0
    header, *events = map(json.loads, path.read_text().splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    assert events[-1][0] == 3
    assert "finished" in events[-2][2]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--out", "there.gif"], "out must be a new file, got there.gif: remove it, or name another"),
        (["--out", "run.mp4"], "out must end in one of .cast, .gif, .apng, .png, got run.mp4"),
        (["--out", "none/run.gif"], "out must lie in a folder that is there, got none/run.gif"),
        (["--out", "run.cast", "--size", "10x10"], "size must be from 60x20 to 400x200, got '10x10'"),
        (["--out", "run.cast", "--seconds", "0"], "seconds must be a number > 0 and <= 3600, got '0'"),
        (["--out", "run.apng", "--seconds", "61"], "seconds must be a number > 0 and <= 60, got '61'"),
        (["--out", "run.gif", "--seconds", "601"], "seconds must be a number > 0 and <= 600, got '601'"),
        (
            ["--out", "run.gif", "--size", "80x24"],
            "size is of a screen, in a file that ends in .cast: leave it out for a figure",
        ),
    ],
)
def test_wrong_words_are_refused_and_leave_nothing(
    words: list[str],
    reason: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.gif").write_bytes(b"mine")
    assert refusal(capsys, "record", "amber", *words) == f"runge-tui record: {reason}"
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("there.gif", b"mine")]


def test_a_run_without_snapshots_or_weights_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small: Config
) -> None:
    runs = tmp_path / "runs"
    run = RunsDirectory(runs, "birch")
    name = train(run, small).run
    for snapshot in (runs / name / "snapshots").iterdir():
        snapshot.unlink()
    words = ["--runs-dir", str(runs), "--out", str(tmp_path / "run.gif")]
    line = f"runge-tui record: run {name} has no snapshots: there is nothing to record but its end"
    assert refusal(capsys, "record", "birch", *words) == line
    keep(runs, "20261123-1712-cedar")
    assert "20261123-1712-cedar" in refusal(capsys, "record", "cedar", *words)


def test_a_full_disk_fails_in_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def replace(path: Path, _: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("tui_runge.cli.record.animation", lambda *_: b"picture")
    monkeypatch.setattr(Path, "replace", replace)
    path = tmp_path / "run.gif"
    with pytest.raises(SystemExit) as ended:
        main(["record", "amber", "--out", str(path)])
    line = f"runge-tui record: cannot write to {path}: No space left on device\n"
    assert (ended.value.code, capsys.readouterr().err) == (1, line)
    assert not [*tmp_path.iterdir()]
