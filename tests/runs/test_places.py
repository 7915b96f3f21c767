"""Runs in places that are full, without locks, somebody else's, out of reach or gone."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.trained_runs import train
from tui_runge.core.config import Config
from tui_runge.core.run_start import New, Resume
from tui_runge.runs import checkpoint, folder, layout, recorder
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import CHECKPOINT, CONFIG
from tui_runge.runs.lock import RunLock, is_locked

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
    assert (record.run, record.problem) == ("", os.strerror(number))
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
