"""Runs in places that are full, without locks, somebody else's, out of reach or gone."""

import errno
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.config import Config
from tui_runge.core.run_start import New, Resume
from tui_runge.runs import checkpoint, folder, layout, recorder
from tui_runge.runs import lock as lock_module
from tui_runge.runs.directory import RunsDirectory, load_run
from tui_runge.runs.layout import CHECKPOINT, CONFIG, NOTE
from tui_runge.runs.lock import RunLock, is_locked
from tui_runge.runs.store import RunStore

NOBODY = 65534


@contextmanager
def another_user() -> Iterator[None]:
    """Somebody who may not do what root may."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def failing(number: int, left: int) -> Callable[..., Any]:
    """A function that fails so many times more, and then does nothing."""

    def fail(*_: object, **__: object) -> Any:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_run_that_cannot_be_begun_leaves_one_folder_at_most_however_often_it_is_tried(
    place: RunsDirectory, amber: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(recorder, "RETRY", 0.001)
    fail, folders, path = failing(number, 12), list[int](), tmp_path / "full"

    def json_file(values: Mapping[str, Any]) -> bytes:
        folders.append(len(list(path.iterdir())))
        fail()
        return layout.json_file(values)

    monkeypatch.setattr(folder, "json_file", json_file)
    saved = place.runs.read(amber.name)
    record = RunsDirectory(path, "same").record(New(saved.progress.config))
    assert record.run == ""
    assert re.fullmatch(rf"{os.strerror(number)}: {path}/[0-9-]+-same/config.json", record.problem)
    assert not list(path.iterdir())
    record.save(saved)
    record.flush(30)
    record.close(None)
    record.wait(30)
    assert len(folders) > 12
    assert set(folders) == {1}
    assert RunsDirectory(path).runs.names() == [record.run]
    assert [run.name for run in path.iterdir()] == [record.run]


def test_a_run_that_could_never_be_saved_leaves_nothing(
    place: RunsDirectory, amber: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = place.runs.read(amber.name)
    monkeypatch.setattr(checkpoint, "write", failing(errno.ENOSPC, 10**6))
    record = place.record(New(saved.progress.config))
    record.close(saved)
    record.wait(30)
    assert record.problem == "No space left on device"
    assert [path.name for path in place.path.iterdir()] == [amber.name]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_a_run_is_kept_and_that_is_said(
    tmp_path: Path, small: Config, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(number, 10**6))
    place = RunsDirectory(tmp_path)
    end = train(place, small)
    assert (end.unsaved, end.warning) == ("", f"not locked: {os.strerror(number)}")
    assert place.runs.names() == [end.run]
    assert place.runs.summary(end.run).status == "finished"
    again = train(place, Resume.of(place.runs.read(end.run), {"epochs": 7}))
    assert (again.epoch, again.warning) == (7, end.warning)
    new = place.runs.rename(end.run, "other")
    place.runs.delete(new)
    assert place.runs.names() == []


def test_a_run_that_another_user_trains_is_training(small: Config) -> None:
    with tempfile.TemporaryDirectory() as name:  # where another user may look, unlike in tmp_path
        shared = Path(name)
        shared.chmod(0o755)
        runs = RunsDirectory(shared).runs
        record = runs.record(New(small))
        path = shared / record.run
        (path / CHECKPOINT).touch()
        for each, mode in ((path / "lock", 0o444), (path / CONFIG, 0o444), (path, 0o555)):
            each.chmod(mode)
        with another_user():
            assert runs.summary(record.run).status == "training"
            assert not runs.summary(record.run).unfinished
        path.chmod(0o755)
        record.close(None)
        record.wait(30)
        with another_user():
            assert runs.summary(record.run).status == "interrupted"


def test_who_asks_for_a_lock_is_not_taken_for_who_trains(amber: Path) -> None:
    with (amber / "lock").open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH | fcntl.LOCK_NB)
        assert not is_locked(amber)
    lock = RunLock(amber)
    assert is_locked(amber)
    lock.release()
    assert not is_locked(amber)


def test_a_lock_is_taken_once_who_asked_for_it_has_gone(amber: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (amber / "lock").open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with pytest.raises(BlockingIOError):
            RunLock(amber)
        monkeypatch.setattr(lock_module, "sleep", lambda _: fcntl.flock(asking, fcntl.LOCK_UN))
        RunLock(amber).release()


def below_a_file(path: Path) -> Path:
    (path / "file").touch()
    return path / "file" / "runs"


def a_file(path: Path) -> Path:
    (path / "file").touch()
    return path / "file"


def a_loop(path: Path) -> Path:
    (path / "loop").symlink_to(path / "loop")
    return path / "loop"


def a_link_to_nothing(path: Path) -> Path:
    (path / "link").symlink_to(path / "nothing")
    return path / "link"


def out_of_reach(path: Path) -> Path:
    (path / "closed").mkdir(mode=0)
    return path / "closed" / "runs"


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a name too long": (lambda path: path / ("x" * 300), "File name too long"),
    "a path too long": (lambda path: path.joinpath(*["x" * 200] * 30), "File name too long"),
    "below a file": (below_a_file, "Not a directory"),
    "a file": (a_file, "Not a directory"),
    "a loop of links": (a_loop, "Too many levels of symbolic links"),
    "below a loop": (lambda path: a_loop(path) / "runs", "Too many levels of symbolic links"),
    "a link to nothing": (a_link_to_nothing, ""),
    "nothing": (lambda path: path / "nothing", ""),
    "out of reach": (out_of_reach, "Permission denied"),
}
"""Places that hold no run, and why they cannot be listed, if so."""
NAME = "20261123-1712-amber"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder where another user may look too, unlike in tmp_path."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def refused(act: Callable[[], object]) -> str:
    """The line that something is refused with."""
    with pytest.raises(ValueError, match=r".") as error:
        act()
    line = str(error.value)
    assert line.isprintable()
    assert ".note.txt." not in line
    assert "[Errno" not in line
    return line


@pytest.mark.parametrize("kind", PLACES)
def test_runs_in_any_place_are_listed_or_refused_in_one_line(shared: Path, amber: Path, kind: str) -> None:
    RunsDirectory(amber.parent).runs.list()  # so that what another user cannot read is imported
    make, reason = PLACES[kind]
    path = make(shared)
    runs = RunsDirectory(path).runs
    with another_user():
        if reason:
            for act in (runs.names, runs.list, runs.find, lambda: runs.find("amber")):
                line = refused(act)
                assert line.startswith(f"cannot list the runs in {path}"[:500])
                assert line.endswith(reason)
        else:
            assert (runs.names(), runs.list()) == ([], [])
            assert refused(runs.find) == f"there are no runs in {path}"
        gone = f"run {NAME} is gone: it was removed or renamed"
        for use in (
            lambda: runs.read(NAME),
            lambda: runs.read(NAME, 3),
            lambda: runs.note(NAME, "text"),
            lambda: runs.note(NAME, ""),
            lambda: runs.rename(NAME, "word"),
            lambda: runs.delete(NAME),
        ):
            line = refused(use)
            assert line == gone or line.startswith(f"run {NAME}: ")
            assert line == gone or line.endswith(reason)
        assert runs.snapshots(NAME) == []
        assert runs.summary(NAME).status == "broken"
        assert refused(lambda: load_run(path / NAME)).startswith(f"there is no run {path / NAME}"[:500])


@pytest.mark.parametrize("kind", ["below a file", "a loop of links", "below a loop", "a link to nothing", "nothing"])
@pytest.mark.parametrize(
    "words", [["runs"], ["compare", "a", "b"], ["export", "--out", "."], ["resume"], ["train", "--branch", "a@3"]]
)
def test_a_command_on_runs_in_any_place_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    make, reason = PLACES[kind]
    try:
        status: object = main([*words, "--runs-dir", str(make(tmp_path))])
    except SystemExit as ended:
        status = ended.code
    told = capsys.readouterr().err
    assert status == (0 if words == ["runs"] and not reason else 2)
    assert told.count("\n") == (1 if status else 0)
    assert reason in told


@pytest.mark.parametrize("kind", [kind for kind, (_, reason) in PLACES.items() if reason and kind != "out of reach"])
def test_a_run_that_cannot_be_kept_is_trained_and_says_why(tmp_path: Path, small: Config, kind: str) -> None:
    make, reason = PLACES[kind]
    end = train(RunsDirectory(make(tmp_path)), small)
    assert (end.epoch, end.run) == (5, "")
    assert end.unsaved.startswith(("File exists: " if kind == "a file" else reason, "File exists: "))


def test_a_zero_character_in_the_folder_of_runs_is_refused() -> None:
    assert refused(lambda: RunsDirectory(Path("a\0b"))) == r"runs-dir must not have a zero character, got 'a\x00b'"
    assert "there is no run" in refused(lambda: load_run("a/b\0"))


def test_a_run_of_another_user_that_cannot_be_looked_at_does_not_hide_the_others(
    shared: Path, place: RunsDirectory, amber: Path
) -> None:
    place.runs.list()
    shutil.copytree(amber, shared / amber.name)
    shutil.copytree(amber, shared / "closed")
    (shared / "closed").chmod(0)
    runs = RunsDirectory(shared).runs
    with another_user():
        assert {run.name: (run.status, run.problem) for run in runs.list()} == {
            amber.name: ("finished", ""),
            "closed": ("broken", "config.json: Permission denied"),
        }
        assert refused(lambda: runs.read("closed")) == "run closed: config.json: Permission denied"


def test_a_file_that_cannot_be_written_is_named(shared: Path, amber: Path) -> None:
    saved = RunsDirectory(amber.parent).runs.read(amber.name)
    summary = RunsDirectory(amber.parent).runs.summary(amber.name)
    run = Path(shutil.copytree(amber, shared / amber.name))
    runs = RunsDirectory(shared).runs
    with another_user():
        assert runs.summary(run.name) == summary
        assert refused(lambda: runs.note(run.name, "text")) == f"run {run.name}: {NOTE}: Permission denied"
        assert refused(lambda: runs.delete(run.name)) == f"run {run.name}: lock: Permission denied"
        assert refused(lambda: runs.rename(run.name, "word")) == f"run {run.name}: lock: Permission denied"
        assert (
            refused(lambda: RunsDirectory(shared).record(Resume.of(saved)))
            == f"run {run.name}: lock: Permission denied"
        )


def test_a_run_that_was_removed_meanwhile_says_that_it_is_gone(place: RunsDirectory, amber: Path) -> None:
    saved, line = place.runs.read(amber.name), f"run {amber.name} is gone: it was removed or renamed"
    names = place.runs.names()
    shutil.rmtree(amber)
    assert place.runs.summary(amber.name).problem == "it is gone: it was removed or renamed"
    for act in (
        lambda: place.runs.read(amber.name),
        lambda: place.runs.read(amber.name, 3),
        lambda: place.runs.note(amber.name, "text"),
        lambda: place.runs.note(amber.name, ""),
        lambda: place.runs.rename(amber.name, "word"),
        lambda: place.runs.delete(amber.name),
        lambda: place.record(Resume.of(saved)),
    ):
        assert refused(act) == line
    assert not amber.exists()
    assert names == [amber.name]


def test_a_run_that_goes_while_a_list_is_made_is_left_out(
    place: RunsDirectory, amber: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunStore, "names", lambda _: [amber.name, "gone"])
    assert [run.name for run in place.runs.list()] == [amber.name]
    shutil.rmtree(amber)
    assert refused(place.runs.find) == f"there are no runs in {place.path}"


def test_of_many_runs_the_nearest_names_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = RunsDirectory(tmp_path).runs
    names = [f"20261123-17{minute:02}-{word}" for minute in range(60) for word in ("amber", "birch")]
    monkeypatch.setattr(type(runs), "names", lambda _: [*names, "20261123-1800-cedar-2"])
    line = refused(lambda: runs.find("ceder"))
    assert line.startswith("there is no run 'ceder': the nearest of 121 are 20261123-1800-cedar-2, ")
    assert line.count(",") == 4
