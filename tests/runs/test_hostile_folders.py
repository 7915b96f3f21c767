"""Run folders that somebody else wrote, to do harm: each is refused in one clear line, and nothing comes of it."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.run_start import Resume
from tui_runge.runs import checkpoint
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import CHECKPOINT, CONFIG, EVENTS, HISTORY, NOTE, SNAPSHOTS
from tui_runge.runs.reading import read, summary


class Harm:
    """A pickle of it writes a file as it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("harm"),)


def altered(path: Path, **values: Any) -> None:
    """Change values of a checkpoint, by their places in the tree such as trainer__epoch."""
    tree = checkpoint.read(path / CHECKPOINT)
    for name, value in values.items():
        *branch, leaf = name.split("__")
        inner = tree
        for each in branch:
            inner = inner[each]
        inner[leaf] = value
    checkpoint.write(path / CHECKPOINT, tree, durable=False)


def text(name: str, content: str) -> Callable[[Path], object]:
    return lambda path: (path / name).write_text(content)


def instead(name: str, make: Callable[[Path], object]) -> Callable[[Path], object]:
    """Put something else in a file's place."""

    def replaced(path: Path) -> None:
        (path / name).unlink(missing_ok=True)
        make(path / name)

    return replaced


def linked(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def linked_snapshots(path: Path) -> None:
    shutil.rmtree(path / SNAPSHOTS)
    (path / SNAPSHOTS).symlink_to("/etc")


def edited(name: str, **values: Any) -> Callable[[Path], object]:
    """Change values of a JSON file."""

    def edit(path: Path) -> None:
        document = json.loads((path / name).read_text())
        (path / name).write_text(json.dumps(document | values))

    return edit


def with_best(**values: Any) -> Callable[[Path], object]:
    """Put best weights into a checkpoint, of which some values are wrong."""
    best = {"epoch": 3, "stage": 1, "terms": [0.1] * 4, "weights": np.zeros(13, np.float32)} | values
    return lambda path: altered(path, trainer__best=best, best_epoch=3)


READ: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pickle": (lambda path: (path / CHECKPOINT).write_bytes(pickle.dumps(Harm())), "is not a checkpoint: "),
    "an empty file": (text(CHECKPOINT, ""), "is not a checkpoint: "),
    "half a file": (
        lambda path: (path / CHECKPOINT).write_bytes((path / CHECKPOINT).read_bytes()[:999]),
        "is not a checkpoint: ",
    ),
    "a header of nine exabytes": (lambda path: (path / CHECKPOINT).write_bytes(b"\xff" * 99), "is not a checkpoint: "),
    "no checkpoint": (lambda path: (path / CHECKPOINT).unlink(), "it was never saved"),
    "a link in place of the checkpoint": (instead(CHECKPOINT, linked), "must be a plain file, not a link or the like"),
    "a pipe in place of the checkpoint": (instead(CHECKPOINT, os.mkfifo), "must be a plain file"),
    "a folder in place of the events": (instead(EVENTS, Path.mkdir), "must be a plain file"),
    "a link in place of the history": (instead(HISTORY, linked), "must be a plain file"),
    "another version": (lambda path: altered(path, version=99), "version must be 1, got 99: use its own program"),
    "a version of a million letters": (lambda path: altered(path, version="9" * 10**6), "version must be 1, got 9999"),
    "weights of another network": (
        lambda path: altered(path, trainer__weights=[np.zeros(3, np.float32)]),
        "weights must be 13 numbers of float32 for hidden (4,)",
    ),
    "weights that are no numbers": (lambda path: altered(path, trainer__weights=["a"]), "weights must be 13 numbers"),
    "best weights of another network": (with_best(weights=np.zeros(3, np.float32)), "weights must be 13 numbers"),
    "best weights of no stage": (with_best(stage=2), "the best weights must be of a stage from 1 to 1"),
    "best weights without losses": (with_best(terms=["a"] * 4), "the best weights must have four losses"),
    "best weights of another epoch": (with_best(epoch=4), "best_epoch must be that of the trainer's best weights"),
    "best weights that are text": (lambda path: altered(path, trainer__best="x"), "TypeError"),
    "a network that fills the memory": (
        lambda path: altered(path, config__hidden=[4096] * 8),
        "weights must be 117481473 numbers",
    ),
    "a size beyond the bounds": (lambda path: altered(path, config__hidden=[10**30]), "hidden must be 1 to 8"),
    "an epoch that is not the history's": (lambda path: altered(path, epoch=10**18), "epoch must be that of"),
    "a history of more epochs than it has": (
        lambda path: altered(path, trainer__history__epochs=10**6),
        "a history of 1000000 epochs cannot have buckets of 1",
    ),
    "a scale of nothing": (
        lambda path: altered(path, trainer__scaling=[0.0, 0.0, 0.0, 1.0]),
        "x_scale must be a finite number > 0, got 0",
    ),
    "a scaling of too many numbers": (lambda path: altered(path, trainer__scaling=[1.0] * 9), "TypeError"),
    "a fit of another length": (lambda path: altered(path, fit__x=np.zeros(3)), "the fit must have 9 points"),
    "losses that are text": (lambda path: altered(path, trainer__history__low="x"), ""),
    "gradients of epochs to come": (
        lambda path: altered(path, trainer__gradients=np.full((1, 4), 99.0)),
        "gradients must be of the epochs up to ",
    ),
    "gradients that are text": (lambda path: altered(path, trainer__gradients="x"), "gradients must be float64 rows"),
    "an unknown status": (lambda path: altered(path, status="\x1b[2Jhello"), "status must be one of running, "),
    "an unknown hyperparameter": (lambda path: altered(path, config__x=1), "unknown hyperparameter 'x'"),
    "a target that is a program": (
        lambda path: altered(path, config__target="__import__('os').system('touch harm')"),
        "unknown name '__import__' at character 1",
    ),
    "a target without an end": (lambda path: altered(path, config__target="9**9**9**9"), "is not a finite number"),
    "a target of a million letters": (
        lambda path: altered(path, config__target="x" * 10**6),
        "a formula may have 500 characters, got 1000000",
    ),
    "a target with escapes": (lambda path: altered(path, config__target="\x1b[2Jx"), "is not understood"),
    "a target with a pole": (lambda path: altered(path, config__target="1/x"), "1/x is not finite at x = 0"),
    "a target of nothing": (lambda path: altered(path, config__target=None), "target must be one of runge, "),
    "an interval that is a program": (lambda path: altered(path, config__interval="exit(),1"), "unknown name 'exit'"),
    "an interval without an end": (lambda path: altered(path, config__interval="0,9**9**9"), "is not a finite number"),
    "a change of nothing known": (
        lambda path: altered(path, changes=[{"epoch": 1, "name": "eval", "before": 1, "after": 2}]),
        "KeyError 'eval'",
    ),
    "infinite seconds": (
        lambda path: altered(path, seconds=float("inf")),
        "seconds must be a finite number",
    ),
    "a list for a tree": (lambda path: altered(path, trainer=[]), "TypeError"),
}


@pytest.mark.parametrize("name", READ)
def test_a_run_made_to_do_harm_is_refused_in_one_line(
    amber: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(amber.parent)
    harm, line = READ[name]
    harm(amber)
    with pytest.raises(ValueError, match=rf"^run {amber.name}: .*") as refused:
        read(amber)
    assert line in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 700
    with pytest.raises(SystemExit) as ended:
        main(["export", amber.name, "--runs-dir", str(amber.parent), "--out", "out"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert {path.name for path in Path().iterdir()} == {amber.name}


LISTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated JSON": (text("metrics.json", '{"version": 1, "conf'), "metrics.json is not JSON"),
    "a number too large": (edited("metrics.json", epochs=float("inf")), "cannot convert float infinity to integer"),
    "a number of many digits": (text("metrics.json", '{"version": 1, "epochs": ' + "9" * 5000 + "}"), "is not JSON"),
    "brackets without an end": (text("metrics.json", "[" * 10**6), "metrics.json is not JSON"),
    "an older version": (edited("metrics.json", version=0), "metrics.json must be of version 1, got 0"),
    "no time": (edited("metrics.json", created="yesterday"), "Invalid isoformat string: 'yesterday'"),
    "errors that are text": (edited("metrics.json", errors={"mse_f": "x"}), "could not convert string to float"),
    "a file of gigabytes": (lambda path: os.truncate(path / "metrics.json", 2**33), "must have at most 4194304 bytes"),
    "a target that is a program": (
        edited("metrics.json", config={"target": "__import__('os').system('touch harm')"}),
        "unknown name '__import__' at character 1",
    ),
    "an interval with escapes": (edited("metrics.json", config={"interval": "\x1b]0;x\x07,1"}), "is not understood"),
    "a status with escapes": (edited("metrics.json", status="\x1b]0;x\x07"), "status must be one of"),
    "a link outside": (instead("metrics.json", linked), "metrics.json must be a plain file"),
    "a link for snapshots": (
        linked_snapshots,
        "snapshots must be a folder of its own, not a link",
    ),
}


@pytest.mark.parametrize("name", LISTED)
def test_a_list_says_what_is_wrong_with_a_run_and_goes_on(
    amber: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    harm, line = LISTED[name]
    harm(amber)
    found = summary(amber)
    assert (found.status, found.name) == ("broken", amber.name)
    assert line in found.problem
    assert found.problem.isprintable()
    assert main(["runs", "--runs-dir", str(amber.parent)]) == 0
    assert amber.name in capsys.readouterr().out


def test_names_and_notes_with_terminal_escapes_reach_no_terminal(
    amber: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (amber / NOTE).write_text("\x1b[2J\x9b1mred\u202e")
    shutil.copytree(amber, amber.parent / "\x1b[31mred")
    edited("metrics.json", parent="\x1b[2J@3")(amber)
    assert main(["runs", "--runs-dir", str(amber.parent)]) == 0
    assert main(["runs", "--json", "--runs-dir", str(amber.parent)]) == 0
    shown = capsys.readouterr().out
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert "red" in shown
    assert RunsDirectory(amber.parent).runs.names() == [amber.name]


def test_a_link_in_place_of_a_run_is_only_a_link_to_delete(amber: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    amber.rename(outside)
    amber.symlink_to(outside)
    assert summary(amber).problem == "it is not a folder"
    with pytest.raises(ValueError, match=f"^run {amber.name}: it is not a folder$"):
        RunsDirectory(amber.parent).runs.note(amber.name, "text")
    assert not (outside / NOTE).exists()
    RunsDirectory(amber.parent).runs.delete(amber.name)
    assert not amber.is_symlink()
    assert (outside / CONFIG).exists()


@pytest.mark.parametrize("name", [HISTORY, EVENTS, "lock"])
def test_a_run_whose_file_is_a_link_is_not_gone_on_with(amber: Path, tmp_path: Path, name: str) -> None:
    saved, victim = read(amber), tmp_path / "victim"
    victim.write_text("precious")
    instead(name, lambda path: path.symlink_to(victim))(amber)
    with pytest.raises(ValueError, match="must be a plain file"):
        train(RunsDirectory(amber.parent), Resume.of(saved, {"epochs": 9}))
    assert victim.read_text() == "precious"


@given(st.data())
def test_a_checkpoint_with_any_bytes_changed_is_read_or_refused(kept: Path, data: st.DataObject) -> None:
    (run,) = kept.iterdir()
    content = bytearray((run / CHECKPOINT).read_bytes())
    path = kept.parent / "changed"
    shutil.copytree(run, path, dirs_exist_ok=True)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (path / CHECKPOINT).write_bytes(content)
    try:
        read(path)
    except ValueError as error:
        refused = str(error)
    else:
        refused = "run changed: "
    assert refused.startswith("run changed: ")
    assert refused.isprintable()
