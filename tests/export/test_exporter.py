"""The six files: complete, whole, never overwriting another run's."""

import io
import json
import pickle
import shutil
import sys
import tempfile
import zipfile
from dataclasses import astuple, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from tui_runge import Config, train
from tui_runge.core.errors import Errors
from tui_runge.core.history import HEADER
from tui_runge.core.progress import Progress
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.export import drawing as drawing_module
from tui_runge.export import exporter
from tui_runge.export.drawing import DrawingProcess
from tui_runge.export.exporter import ExportRequest
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import FILES, FIT, MODEL, PREDICT
from tui_runge.export.tables import losses_table
from tui_runge.runs.layout import HISTORY, METRICS

NOW = datetime(2026, 11, 24, 1, 30)


@pytest.fixture(scope="session")
def done(small: Config) -> Progress:
    """A run without its model, which takes seconds to exporter."""
    return without_model(train(small, [ScheduledChange(2, "learning_rate", 0.01)]))


@pytest.fixture(scope="session")
def exported(done: Progress, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of that run, in a folder that was not there before. Only to be read."""
    folder = tmp_path_factory.mktemp("exported") / "made" / "mine"
    exporter.export(ExportRequest(done), folder)
    return folder


def without_model(progress: Progress) -> Progress:
    return replace(progress, model=None)


def test_the_six_files_are_the_reports() -> None:
    assert (*list(FIGURES)[:5], METRICS) == (
        "runge_fit_f.png",
        "runge_fit_df.png",
        "loss_total.png",
        "loss_f.png",
        "loss_df.png",
        "metrics.json",
    )


def test_an_export_writes_all_six_and_what_goes_with_them(exported: Path) -> None:
    files = list(exported.iterdir())
    assert {file.name for file in files} == set(FILES) - {MODEL, PREDICT}
    for picture in (file for file in files if file.suffix == ".png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("epochs", [1, 2, pytest.param(5000, marks=pytest.mark.slow)])
def test_runs_of_any_length_are_drawn(small: Config, tmp_path: Path, epochs: int) -> None:
    exporter.export(ExportRequest(without_model(train(small.with_values(epochs=epochs)))), tmp_path)
    there = {file.name for file in tmp_path.iterdir()}
    assert there == set(FILES) - {MODEL, PREDICT} - ({HISTORY} if epochs > 2048 else set())


def test_a_run_without_an_epoch_and_without_a_finite_number_is_drawn(small: Config, tmp_path: Path) -> None:
    nothing = train(small.with_values(learning_rate=1e30))
    curves = replace(
        nothing.curves,
        epochs=nothing.curves.epochs[:0],
        first=nothing.curves.first[:, :0],
        low=nothing.curves.low[:, :0],
        high=nothing.curves.high[:, :0],
        last=np.full(6, np.nan),
    )
    fit = replace(nothing.fit, f_hat=np.full(9, np.nan), df_hat=np.full(9, np.inf))
    errors = Errors(float("nan"), float("inf"), float("nan"), float("inf"))
    exporter.export(
        ExportRequest(replace(nothing, epoch=0, curves=curves, fit=fit, errors=errors, losses=(), model=None)), tmp_path
    )
    numbers = json.loads((tmp_path / METRICS).read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert set(numbers["errors"].values()) == {None}
    assert numbers["losses"]["validation"] == {"total": None, "function": None, "derivative": None}


def test_the_metrics_are_the_runs(done: Progress, exported: Path) -> None:
    numbers = json.loads((exported / METRICS).read_text(encoding="utf-8"))
    assert Config.from_json(numbers["config"]) == done.config
    assert tuple(numbers["errors"].values()) == astuple(done.errors)
    assert list(numbers["errors"]) == ["mse_f", "mse_df", "max_f", "max_df"]
    assert [
        *numbers["losses"]["train"].values(),
        *numbers["losses"]["validation"].values(),
    ] == list(done.losses)
    assert (numbers["epochs"], numbers["status"]) == (5, "finished")
    assert set(numbers["versions"]) == {"python", "torch", "tui_runge"}
    assert numbers["changes"] == [{"epoch": 2, "name": "learning_rate", "before": 0.001, "after": 0.01}]
    assert numbers["command"].endswith("--at 2:learning_rate=0.01 --out again-mine")
    assert numbers["seconds"] > 0
    assert "message" not in numbers


@pytest.mark.usefixtures("undrawn")
def test_a_diverged_run_exports_its_message(small: Config, tmp_path: Path) -> None:
    exporter.export(ExportRequest(without_model(train(small.with_values(learning_rate=1e30)))), tmp_path)
    assert "lower the learning rate" in json.loads((tmp_path / METRICS).read_text(encoding="utf-8"))["message"]


def test_nothing_torn_is_left_when_writing_fails_half_way(
    done: Progress, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(_: Progress, file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setitem(FIGURES, "runge_fit_f.png", full)
    with pytest.raises(OSError, match="no space left"):
        exporter.export(ExportRequest(done), tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_folder_is_never_used_twice(tmp_path: Path) -> None:
    names = [exporter.new_folder(tmp_path / "runs", NOW).name for _ in range(3)]
    assert names == ["20261124-013000", "20261124-013000-2", "20261124-013000-3"]


def test_a_file_in_place_of_a_folder_is_refused(done: Progress, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for parent in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match="file"):
            exporter.new_folder(parent, NOW)
        with pytest.raises(OSError, match="file"):
            exporter.export(ExportRequest(done), parent)


def test_a_process_of_its_own_exports_the_same(done: Progress, exported: Path, tmp_path: Path) -> None:
    exporter.export_in_background(ExportRequest(done), tmp_path).result(timeout=60)
    for name in FIGURES:
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes()


def test_an_archive_has_the_files_in_one_folder_and_leaves_nothing(
    done: Progress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(_: ExportRequest, folder: Path) -> None:
        (folder / "tensorboard").mkdir(parents=True)
        for name in ("metrics.json", "tensorboard/events"):
            (folder / name).write_text(name)

    monkeypatch.setattr(exporter, "export", export)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with zipfile.ZipFile(io.BytesIO(exporter.archive(ExportRequest(done), "results"))) as file:
        assert {name for name in file.namelist() if not name.endswith("/")} == {
            "results/metrics.json",
            "results/tensorboard/events",
        }
        assert file.read("results/metrics.json") == b"metrics.json"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_process_started_before_draws_the_same(done: Progress, exported: Path, tmp_path: Path) -> None:
    with DrawingProcess() as drawing:
        exporter.export(ExportRequest(done), tmp_path, drawing)
    for name in FIGURES:
        assert (tmp_path / name).read_bytes() == (exported / name).read_bytes()


def test_what_that_process_cannot_draw_is_drawn_here(
    done: Progress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "draw", lambda *_: b"drawn here")
    monkeypatch.setattr(drawing_module, "COMMAND", [sys.executable, "-c", "raise SystemExit(1)"])
    with DrawingProcess() as drawing:
        exporter.export(ExportRequest(done), tmp_path, drawing)
    assert all((tmp_path / name).read_bytes() == b"drawn here" for name in FIGURES)
    with DrawingProcess():
        pass  # a run that failed has no figures


def test_what_fails_in_the_process_is_one_line_here(done: Progress, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"^.*file.*$") as error:
        exporter.export_in_background(ExportRequest(done), tmp_path / "file").result(timeout=60)
    assert "\n" not in str(error.value)


def test_a_progress_travels_between_processes_unchanged(done: Progress) -> None:
    assert pickle.loads(pickle.dumps(done)).errors == done.errors


def test_the_tables_have_every_number_exactly(small: Config, done: Progress, exported: Path) -> None:
    fit = np.loadtxt(exported / FIT, delimiter=",", skiprows=1)
    assert fit.T.tolist() == [column.tolist() for column in vars(done.fit).values()]
    history = np.loadtxt(exported / HISTORY, delimiter=",", skiprows=1)
    assert history[:, 0].tolist() == list(range(1, small.epochs + 1))
    assert history[:, 1:].T.tolist() == done.curves.low.tolist()


def _lines(epochs: int) -> list[str]:
    return [f"{epoch}{',0.5' * 6}\n" for epoch in range(1, epochs + 1)]


@pytest.mark.usefixtures("undrawn")
def test_the_losses_of_a_kept_run_are_those_of_its_file_up_to_the_epoch_shown(done: Progress, tmp_path: Path) -> None:
    (tmp_path / "kept.csv").write_text("".join([HEADER, *_lines(8)]))
    exporter.export(ExportRequest(done, tmp_path / "kept.csv"), tmp_path / "out")
    assert (tmp_path / "out" / HISTORY).read_text() == "".join([HEADER, *_lines(5)])


STRANGE = {
    "a line that is missing": "".join([HEADER, *_lines(2), *_lines(5)[3:]]).encode(),
    "an end that is missing": "".join([HEADER, *_lines(4)]).encode(),
    "a torn line": "".join([HEADER, *_lines(5)]).encode()[:-1],
    "no text": b"\x84\xff\n" * 9,
    "a line without an end": b"1" * 10**6,
    "too few numbers": HEADER.encode() + b"1,2\n" * 9,
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_losses_that_are_not_all_in_the_file_are_those_remembered(
    done: Progress, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "kept.csv").write_bytes(content)
    assert losses_table(done, tmp_path / "kept.csv") == losses_table(done, None) != b""
    coarse = replace(done, curves=replace(done.curves, span=2))
    assert losses_table(coarse, tmp_path / "kept.csv") == b""


@pytest.mark.usefixtures("undrawn")
def test_what_is_not_known_of_this_run_does_not_stay_from_the_one_before(done: Progress, tmp_path: Path) -> None:
    for name in (MODEL, HISTORY, PREDICT):
        (tmp_path / name).touch()
    exporter.export(ExportRequest(replace(done, curves=replace(done.curves, span=2))), tmp_path)
    assert not {MODEL, HISTORY, PREDICT} & {path.name for path in tmp_path.iterdir()}
