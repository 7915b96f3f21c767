"""The model to use elsewhere: the same numbers as the trainer's, without tui_runge, and loaded from a run."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.trained_runs import train
from tui_runge import load
from tui_runge.core.config import ACTIVATION_NAMES, Config
from tui_runge.core.progress import Model, Progress
from tui_runge.export.exported_model import ExportedModel
from tui_runge.export.exporter import ExportRequest, export
from tui_runge.export.formats import is_ours
from tui_runge.export.formats.torch_program import EXTRA
from tui_runge.export.layout import FILES, PREDICT
from tui_runge.runs.directory import RunsDirectory
from tui_runge.training.trainer import Trainer

STAGED: dict[str, Any] = {"stages": 2, "optimizer": "lm", "epochs": 8}


@pytest.fixture(scope="session")
def place(small: Config, tmp_path_factory: pytest.TempPathFactory) -> RunsDirectory:
    """A kept run of two stages, called amber."""
    place = RunsDirectory(tmp_path_factory.mktemp("kept"), "amber")
    train(place, small.with_values(**STAGED))
    return place


@pytest.fixture
def progress(place: RunsDirectory) -> Progress:
    return place.runs.read(place.runs.find("amber")).progress


@pytest.mark.parametrize("values", [{}, STAGED], ids=["one stage", "two stages"])
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_the_model_fits_as_the_trainer_does(small: Config, activation: str, values: dict[str, Any]) -> None:
    trainer = Trainer(small.with_values(activation=activation, hidden=(5, 4), **values))
    while not trainer.ended_by:
        trainer.step()
    state, (fit, _) = trainer.state_dict(), trainer.evaluate()
    model = Model.of(trainer.config, state["sizes"], [weights.numpy() for weights in state["weights"]])
    assert len(model.stages) == values.get("stages", 1)
    value, derivative = ExportedModel(model)(trainer.evaluation.x)
    np.testing.assert_allclose(value[:, 0], fit.f_hat, atol=1e-6)
    np.testing.assert_allclose(derivative[:, 0], fit.df_hat, atol=2e-6)


WITHOUT_US = """
import runpy, sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        assert not name.startswith(("tui_runge", "torch")), name
sys.meta_path.insert(0, Refused())
sys.path.insert(0, "PLACE")
runpy.run_path("PLACE/predict.py", run_name="__main__")
"""


def bytes_of(progress: Progress) -> int:
    assert progress.model is not None
    return sum(layer.nbytes for stage in progress.model.stages for layer in stage)


def test_predict_needs_numpy_alone(place: RunsDirectory, progress: Progress, tmp_path: Path) -> None:
    export(ExportRequest(progress, place.history(progress.run)), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    program = WITHOUT_US.replace("PLACE", str(tmp_path))
    words = [sys.executable, "-I", "-c", program, "-0.5", "0.25", "1"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stderr == ""
    x, value, derivative = np.array([line.split() for line in shown.stdout.splitlines()], dtype=float).T
    model = load(place.path / progress.run)
    assert x.tolist() == [-0.5, 0.25, 1]
    np.testing.assert_allclose(value, model(x), rtol=1e-12)
    np.testing.assert_allclose(derivative, model.derivative(x), rtol=1e-12)
    assert len((tmp_path / PREDICT).read_text().splitlines()) <= 14


@pytest.mark.slow
def test_torch_reads_the_program_and_whose_it_is(place: RunsDirectory, progress: Progress, tmp_path: Path) -> None:
    export(ExportRequest(progress, place.history(progress.run), formats=("torch",)), tmp_path)
    program, about = tmp_path / "model.pt2", {EXTRA: ""}
    assert is_ours(program)
    model = load(place.path / progress.run)
    x = torch.tensor([[-0.5], [0.25], [1.0]])
    narrow = torch.export.load(program, extra_files=about).module()(x)
    np.testing.assert_allclose(narrow[0][:, 0], model(x[:, 0]), rtol=1e-12)
    assert progress.run in str(about[EXTRA])
    with zipfile.ZipFile(program) as archive:
        weights = [entry for entry in archive.infolist() if re.search(r"/(weights|constants)/\w+_\d+$", entry.filename)]
    assert sum(entry.file_size for entry in weights) == bytes_of(progress)


def test_load_takes_numbers_and_arrays_of_any_shape(
    place: RunsDirectory, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(place.path))
    for run in ("", "amber", progress.run, place.path / progress.run):
        model = load(run)
        np.testing.assert_allclose(model(progress.fit.x), progress.fit.f_hat, atol=1e-12)
        np.testing.assert_allclose(model.derivative(progress.fit.x), progress.fit.df_hat, atol=1e-12)
    assert model(0.5).shape == ()
    assert model([[0.5, 1.0], [0.0, -1.0]]).shape == (2, 2)
    step = 1e-6
    slope = (model(0.3 + step) - model(0.3 - step)) / (2 * step)
    assert model.derivative(0.3) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("run", "line"),
    [("oak", "there is no run 'oak'"), ("/no/such/run", "there is no run /no/such/run: No such file or directory")],
)
def test_load_says_what_is_not_there(
    place: RunsDirectory, monkeypatch: pytest.MonkeyPatch, run: str, line: str
) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(place.path))
    with pytest.raises(ValueError, match=line):
        load(run)
