"""The command of a branch repeats it, whatever became of the run that it was made from."""

import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.run_start import Branch, New, Resume
from tui_runge.runs import folder
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import HISTORY, PARENT, SNAPSHOTS


def thinned(place: RunsDirectory, run: str) -> None:
    """Train on until the snapshot after epoch 3 is gone."""
    train(place, Resume.of(place.runs.read(run), {"epochs": 40}))
    assert 3 not in place.runs.snapshots(run)


def trained_anew(place: RunsDirectory, run: str) -> None:
    """What a run has after it was killed, and then stopped before it came as far again."""
    shutil.rmtree(place.path / run / SNAPSHOTS)


LATER: dict[str, Callable[[RunsDirectory, str], object]] = {
    "thinned": thinned,
    "without snapshots": trained_anew,
    "renamed": lambda place, run: place.runs.rename(run, "other"),
    "removed": lambda place, run: place.runs.delete(run),
}


@pytest.mark.parametrize(
    "later", ["thinned", *(pytest.param(name, marks=pytest.mark.slow) for name in LATER if name != "thinned")]
)
@pytest.mark.usefixtures("undrawn")
def test_the_command_of_a_branch_repeats_it(
    place: RunsDirectory, amber: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(folder, "MAX_SNAPSHOTS", 3)
    branch = train(place, Branch.of(place.runs.read(amber.name, 3), {"learning_rate": 0.1, "epochs": 9})).run
    LATER[later](place, amber.name)
    command = json.loads((place.path / branch / "metrics.json").read_text())["command"]
    program, *words = shlex.split(command)
    assert (program, words[:3]) == ("runge-tui", ["train", "--branch", f"{amber.name}@3"])
    assert main([*words, "--runs-dir", str(place.path), "--name", "again"]) == 0
    again = place.path / place.runs.find("again")
    assert (again / HISTORY).read_bytes() == (place.path / branch / HISTORY).read_bytes()
    place.runs.delete(branch)
    assert main([*words, "--runs-dir", str(place.path), "--name", "more"]) == 0
    more = place.path / place.runs.find("more")
    assert (more / HISTORY).read_bytes() == (again / HISTORY).read_bytes()


def test_a_branch_whose_folder_was_removed_under_it_has_its_parent_again(place: RunsDirectory, amber: Path) -> None:
    saved = place.runs.read(amber.name, 3)
    record = place.record(Branch.of(saved, {}))
    shutil.rmtree(place.path / record.run)
    record.close(saved)
    record.wait(30)
    assert (place.path / record.run / PARENT).exists()


@pytest.mark.parametrize("content", [b"", b"\xff" * 99])
def test_a_parent_made_to_do_harm_is_not_read(place: RunsDirectory, amber: Path, content: bytes) -> None:
    branch = train(place, Branch.of(place.runs.read(amber.name, 3), {})).run
    place.runs.delete(amber.name)
    (place.path / branch / PARENT).write_bytes(content)
    with pytest.raises(ValueError, match=f"there is no run '{amber.name}'"):
        place.runs.read_parent(amber.name, 3)
    (place.path / branch / PARENT).unlink()
    (place.path / branch / PARENT).symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match=f"there is no run '{amber.name}'"):
        place.runs.read_parent(amber.name, 3)


def test_a_parent_of_another_epoch_is_not_read(place: RunsDirectory, amber: Path) -> None:
    branch = train(place, Branch.of(place.runs.read(amber.name, 3), {})).run
    other = train(place, Branch.of(place.runs.read(amber.name, 2), {})).run
    place.runs.delete(amber.name)
    shutil.copy(place.path / other / PARENT, place.path / branch / PARENT)
    with pytest.raises(ValueError, match=f"there is no run '{amber.name}'"):
        place.runs.read_parent(amber.name, 3)
    assert place.runs.read_parent(amber.name, 2).progress.epoch == 2


def test_a_new_run_has_no_parent_file(place: RunsDirectory, amber: Path) -> None:
    run = train(place, New(place.runs.read(amber.name).progress.config)).run
    assert not (place.path / run / PARENT).exists()
