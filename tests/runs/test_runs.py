"""Runs in their folders: what is written, when it cannot be, what is read back, and what is refused."""

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.trained_runs import train
from tui_runge.core.commands import Pause, Step, Stop, Unpause, Update
from tui_runge.core.config import Config
from tui_runge.core.history import SERIES
from tui_runge.core.run_start import Branch, New, Resume
from tui_runge.core.run_state import RunState
from tui_runge.export.loaded_model import LoadedModel
from tui_runge.runs import checkpoint, folder, recorder
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.folder import MAX_SNAPSHOTS
from tui_runge.runs.layout import CHECKPOINT, CONFIG, EVENTS, HISTORY, SNAPSHOTS
from tui_runge.runs.recorder import FolderRecorder
from tui_runge.session.run import Run
from tui_runge.training.trainer import Trainer


def losses(trainer: Trainer, epochs: int) -> list[tuple[float, ...]]:
    """The losses of each of the next epochs."""
    found = []
    for _ in range(epochs):
        trainer.step()
        found.append(trainer.losses)
    return found


def history(path: Path) -> list[list[str]]:
    return [line.split(",") for line in (path / HISTORY).read_text().splitlines()]


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (path / EVENTS).read_text().splitlines()]


def test_a_run_has_the_files_that_the_readme_describes(amber: Path, small: Config) -> None:
    there = {path.name for path in amber.iterdir()}
    assert there == {CONFIG, HISTORY, EVENTS, CHECKPOINT, SNAPSHOTS, "metrics.json", "lock"}
    assert re.fullmatch(r"\d{8}-\d{4}-amber", amber.name)
    begun = json.loads((amber / CONFIG).read_text())
    assert Config.from_json(begun["config"]) == small
    assert (begun["version"], begun["parent"], begun["plan"]) == (1, "", [])
    assert json.loads((amber / "metrics.json").read_text())["epochs"] == 5
    assert [event["event"] for event in events(amber)] == ["started", "finished"]
    assert sorted(int(path.stem) for path in (amber / SNAPSHOTS).iterdir()) == [0, 1, 2, 3, 4]


def test_the_history_has_the_exact_losses_of_every_epoch(amber: Path, small: Config) -> None:
    head, *rows = history(amber)
    assert head == ["epoch", *SERIES]
    assert [int(row[0]) for row in rows] == [1, 2, 3, 4, 5]
    assert [tuple(map(float, row[1:])) for row in rows] == losses(Trainer(small), 5)


def test_what_happened_is_in_the_events(small: Config, tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path)
    train(place, small, Pause(), Step(), Update(small.with_values(learning_rate=0.1)), Stop())
    (name,) = place.runs.names()
    told = [{key: value for key, value in event.items() if key != "time"} for event in events(tmp_path / name)]
    assert told == [
        {"epoch": 0, "event": "started"},
        {"epoch": 0, "event": "paused"},
        {"epoch": 1, "event": "changed", "name": "learning_rate", "before": 0.001, "after": 0.1},
        {"epoch": 1, "event": "stopped", "by": "stopped"},
    ]


def test_a_restart_begins_a_run_of_its_own(small: Config, tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path, "word")
    train(place, small, Pause(), Step(), New(small.with_values(seed=7)))
    first, second = sorted(place.runs.list(), key=lambda run: run.config.seed == 7)
    assert (first.status, first.epoch, second.status, second.epoch) == ("stopped", 1, "finished", 5)
    assert second.name == f"{first.name}-2"


def test_runs_of_no_epoch_that_a_restart_replaced_are_not_kept(small: Config, tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path, "word")
    end = train(place, small, Pause(), *[New(small)] * 60, Unpause())
    assert place.runs.names() == [end.run]
    assert [path.name for path in tmp_path.iterdir()] == [end.run]


def test_branches_of_no_epoch_that_another_start_replaced_are_not_kept(place: RunsDirectory, amber: Path) -> None:
    branch = Branch.of(place.runs.read(amber.name, 3), {"learning_rate": 0.1})
    end = train(place, branch, Pause(), *[branch] * 20, Unpause())
    assert sorted(place.runs.names()) == sorted([amber.name, end.run])
    train(place, branch, Pause(), Step(), Resume.of(place.runs.read(end.run)))
    assert len(place.runs.names()) == 3


def test_a_run_of_no_epoch_is_kept_where_someone_wrote_on_it_or_a_branch_leaves_it(
    small: Config, tmp_path: Path
) -> None:
    place = RunsDirectory(tmp_path, "word")
    begun = Run(New(small), (), place.record)
    first = Branch.of(place.runs.read(begun.progress_to_export().run), {})
    branch = Run(first, (), place.record)
    second = Branch.of(place.runs.read(branch.progress_to_export().run), {})
    begun.replace(first)
    branch.replace(second)
    for run in (begun, branch):
        run.release(30)
    assert len(place.runs.names()) == 2
    recorder = place.record(New(small))
    recorder.save(first.run_state)
    place.runs.note(recorder.run, "why")
    recorder.discard()
    recorder.wait(30)
    assert recorder.run in place.runs.names()


@pytest.mark.parametrize("stop", [1, 3])
def test_a_stopped_run_goes_on_where_it_stood(place: RunsDirectory, small: Config, stop: int) -> None:
    train(place, small.with_values(seed=9), Pause(), *[Step()] * stop, Stop())
    name = place.runs.find()
    assert place.runs.summary(name).unfinished
    end = train(place, Resume.of(place.runs.read(name), {}))
    assert (end.run, end.epoch) == (name, 5)
    assert history(place.path / name)[1:] == [
        [str(n + 1), *map(repr, row)] for n, row in enumerate(losses(Trainer(small.with_values(seed=9)), 5))
    ]


def test_more_epochs_wake_a_run_that_had_finished(place: RunsDirectory, amber: Path, small: Config) -> None:
    end = train(place, Resume.of(place.runs.read(amber.name), {"epochs": 8}))
    assert (end.epoch, end.status) == (8, "finished")
    assert [tuple(map(float, row[1:])) for row in history(amber)[1:]] == losses(Trainer(small), 8)


def test_a_branch_is_a_new_run_that_shares_the_past(place: RunsDirectory, amber: Path, small: Config) -> None:
    saved = place.runs.read(amber.name, 3)
    end = train(place, Branch.of(saved, {"learning_rate": 0.1}))
    assert (end.parent, end.epoch) == (f"{amber.name}@3", 5)
    trainer = Trainer(small)
    before = losses(trainer, 3)
    trainer.update(small.with_values(learning_rate=0.1))
    expected = [row[0] for row in before + losses(trainer, 2)]
    assert end.curves.low[0].tolist() == expected
    assert len(history(amber)) == 6


def test_a_branch_with_nothing_left_to_train_ends_where_it_begins(
    place: RunsDirectory, amber: Path, small: Config
) -> None:
    end = train(place, Branch.of(place.runs.read(amber.name), {"epochs": 4}))
    assert (end.epoch, end.status, end.ended_by) == (small.epochs, "finished", "epochs")
    assert [event["event"] for event in events(place.path / end.run)] == ["branched", "changed", "finished"]


def test_what_needs_a_restart_cannot_change_in_a_run_that_goes_on(place: RunsDirectory, amber: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^--hidden cannot change in a run that goes on: begin another with --branch$"
    ):
        Resume.of(place.runs.read(amber.name), {"hidden": (3,)})


def test_a_torn_last_line_is_cut_off_before_a_run_goes_on(place: RunsDirectory, amber: Path) -> None:
    whole = history(amber)
    for name, torn in ((HISTORY, b"6,1e-"), (EVENTS, b'{"time": "20')):
        with (amber / name).open("ab") as file:
            file.write(torn)
    (amber / ".checkpoint.safetensors.0123456789abcdef").touch()
    train(place, Resume.of(place.runs.read(amber.name), {"epochs": 6}))
    assert history(amber)[:6] == whole
    assert [row[0] for row in history(amber)[1:]] == list("123456")
    assert events(amber)[-1]["event"] == "finished"
    assert not list(amber.glob(".*"))


def test_a_name_that_is_no_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^name must be lower-case letters, digits and hyphens, at most 40, got 'A/b'$"
    ):
        RunsDirectory(tmp_path, "A/b")


def test_runs_begun_at_once_have_folders_of_their_own(tmp_path: Path, small: Config) -> None:
    place = RunsDirectory(tmp_path, "same")
    with ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda _: place.record(New(small)), range(16)))
    assert len({record.run for record in records}) == 16
    for record in records:
        record.close(None)
        record.wait(30)


def test_a_run_in_training_is_not_gone_on_with_nor_deleted_nor_renamed(place: RunsDirectory, amber: Path) -> None:
    start = Resume.of(place.runs.read(amber.name))
    record = place.record(start)
    for attempt in (
        lambda: place.record(start),
        lambda: place.runs.delete(amber.name),
        lambda: place.runs.rename(amber.name, "other"),
    ):
        with pytest.raises(ValueError, match=f"{amber.name} is being trained by another process"):
            attempt()
    record.close(None)
    record.wait(30)
    place.runs.rename(amber.name, "other")
    assert [name.rpartition("-")[2] for name in place.runs.names()] == ["other"]
    place.runs.delete(place.runs.names()[0])
    assert not place.runs.names()


def record_of(place: RunsDirectory, saved: RunState) -> FolderRecorder:
    return place.record(New(saved.progress.config))


def test_a_folder_removed_under_a_run_is_made_again(place: RunsDirectory, amber: Path) -> None:
    saved = place.runs.read(amber.name)
    record = record_of(place, saved)
    path = place.path / record.run
    record.losses(1, (0.5,) * 6)
    record.save(saved)
    record.flush(30)
    shutil.rmtree(path)
    record.losses(2, (0.25,) * 6)
    record.close(saved)
    record.wait(30)
    assert record.problem == ""
    assert [row[0] for row in history(path)] == ["epoch", "2"]
    assert place.runs.read(record.run).progress.epoch == saved.progress.epoch


def test_a_place_that_cannot_be_written_is_named_and_used_once_it_can(
    place: RunsDirectory, amber: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "RETRY", 0.01)
    saved = place.runs.read(amber.name)
    (tmp_path / "file").touch()
    record = record_of(RunsDirectory(tmp_path / "file"), saved)
    assert (record.run, record.problem) == ("", f"File exists: {tmp_path / 'file'}")
    record.losses(1, (0.5,) * 6)
    record.event(1, "changed")
    record.save(saved)
    (tmp_path / "file").unlink()
    record.flush(30)
    assert record.problem == ""
    record.close(None)
    record.wait(30)
    found = tmp_path / "file" / record.run
    assert [row[0] for row in history(found)] == ["epoch", "1"]
    assert [event["event"] for event in events(found)] == ["changed"]


FULL = """
import json, resource, sys
from pathlib import Path
from tests.support.trained_runs import train
from tui_runge.core.config import Config
from tui_runge.runs import recorder
from tui_runge.runs.directory import RunsDirectory
from tui_runge.core.run_start import New
recorder.RETRY = 0.01
place = RunsDirectory(Path(sys.argv[1]))
train(place, Config(hidden=(4,), train_points=8, validation_points=5, evaluation_points=9, epochs=5))
saved = place.runs.read(place.runs.names()[0])
record = place.record(New(saved.progress.config))
record.save(saved)
record.flush(30)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
for epoch in range(1, 101):
    record.losses(epoch, (0.5,) * 6)
record.save(saved)
while not record.problem:
    pass
problem = record.problem
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
record.flush(30)
record.close(saved)
record.wait(30)
print(json.dumps([record.run, problem, record.problem]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_on_a_full_disk_nothing_is_torn_and_saving_goes_on_once_there_is_room(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], check=True, capture_output=True, text=True)
    run, problem, after = json.loads(done.stdout)
    assert problem == "File too large"
    assert after == ""
    assert [row[0] for row in history(tmp_path / run)] == ["epoch", *map(str, range(1, 101))]
    assert RunsDirectory(tmp_path).runs.read(run).progress.epoch == 5


def test_snapshots_stay_few_however_long_a_run_is(place: RunsDirectory, amber: Path) -> None:
    saved = place.runs.read(amber.name)
    record = record_of(place, saved)
    for epoch in (round(1.01**n) for n in range(1400)):
        record.save(replace(saved, progress=replace(saved.progress, epoch=epoch)), urgent=False)
    record.close(None)
    record.wait(30)

    epochs = [int(path.stem) for path in (place.path / record.run / SNAPSHOTS).iterdir()]
    assert 10 < len(epochs) <= MAX_SNAPSHOTS
    assert min(epochs) == 1
    assert max(epochs) > 100_000


def test_large_snapshots_are_fewer(place: RunsDirectory, amber: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = place.runs.read(amber.name)
    size = max(path.stat().st_size for path in (amber / SNAPSHOTS).iterdir())
    monkeypatch.setattr(folder, "MAX_SNAPSHOT_BYTES", 5 * size)
    record = record_of(place, saved)
    for epoch in range(1, 400):
        record.save(replace(saved, progress=replace(saved.progress, epoch=epoch)), urgent=False)
        record.flush(30)
    record.close(None)
    record.wait(30)
    assert sum(path.stat().st_size for path in (place.path / record.run / SNAPSHOTS).iterdir()) <= 6 * size


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), TREES, max_size=4))
def test_any_tree_is_read_back_from_a_checkpoint(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("trees") / "tree.safetensors"
    checkpoint.write(path, tree, durable=False)
    assert checkpoint.read(path) == tree


def test_arrays_are_read_back_bit_for_bit(tmp_path: Path) -> None:
    arrays = [np.array([[1.5, np.nan], [np.inf, -0.0]]), np.zeros((0, 3), np.float32), np.arange(3)]
    checkpoint.write(tmp_path / "tree", {"a": arrays}, durable=True)
    for array, read in zip(arrays, checkpoint.read(tmp_path / "tree")["a"], strict=True):
        assert (read.dtype, read.shape, read.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_a_knob_turned_once_a_run_has_ended_is_not_what_it_was_trained_with(
    place: RunsDirectory, amber: Path, small: Config
) -> None:
    train(place, Resume.of(place.runs.read(amber.name), {"derivative_weight": 7.0}))
    summary = place.runs.summary(amber.name)
    assert (summary.config, summary.epoch) == (small, 5)
    assert place.runs.read(amber.name).progress.config.derivative_weight == 7


def test_files_of_a_run_are_read_with_a_byte_order_mark_and_a_note_takes_any_letters(
    place: RunsDirectory, amber: Path
) -> None:
    for name in (CONFIG, "metrics.json"):
        (amber / name).write_bytes(b"\xef\xbb\xbf" + (amber / name).read_bytes())
    place.runs.note(amber.name, "h\udce9")
    summary = place.runs.summary(amber.name)
    assert (summary.problem, summary.epoch) == ("", 5)
    assert summary.note.startswith("h")


def test_a_run_that_keeps_the_best_is_read_back_with_it(small: Config, tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path)
    end = train(place, small.with_values(keep="best", learning_rate=0.5, epochs=20))
    assert end.best_epoch is not None
    assert end.best_epoch < 20
    read = place.runs.read(end.run).progress
    assert (read.best_epoch, read.losses, read.errors) == (end.best_epoch, end.losses, end.errors)
    assert read.model is not None
    np.testing.assert_allclose(LoadedModel(read.model)(read.fit.x), end.fit.f_hat, atol=1e-6)
    more = train(place, Resume.of(place.runs.read(end.run), {"epochs": 21}))
    assert more.best_epoch == end.best_epoch
