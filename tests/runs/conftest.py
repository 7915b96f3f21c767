"""A run in a folder, for the tests of what is kept."""

import shutil
from pathlib import Path

import pytest

from tests.support.trained_runs import train
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory


@pytest.fixture(scope="session")
def kept(small: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run, called amber, to be left as it is."""
    path = tmp_path_factory.mktemp("kept")
    train(RunsDirectory(path, "amber"), small)
    return path


@pytest.fixture
def place(kept: Path, tmp_path: Path) -> RunsDirectory:
    """The run amber in a folder of the test's own."""
    shutil.copytree(kept, tmp_path / "runs")
    return RunsDirectory(tmp_path / "runs")


@pytest.fixture
def amber(place: RunsDirectory) -> Path:
    """The folder of the run amber."""
    return place.path / place.runs.find("amber")
