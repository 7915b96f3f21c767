"""What many tests need."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings
from syrupy.extensions import base

from tui_runge import Config, train
from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.progress import Progress
from tui_runge.core.settings import PREFIX

# A busy machine must not fail a test, and a commit that passed passes again: new examples are looked for on purpose,
# with --hypothesis-profile=explore.
settings.register_profile("explore", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def pytest_configure() -> None:
    # syrupy matches paths as text: the ".." has to stay unresolved, and tests/ flat.
    vars(base)["SNAPSHOT_DIRNAME"] = "../snapshots"
    # Screens look the same whatever the terminal that the tests are run from asks for.
    for name in ("NO_COLOR", "TEXTUAL_THEME", "SSH_CONNECTION", "COLORFGBG", "COLUMNS", "LINES"):
        os.environ.pop(name, None)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ["LC_ALL"] = "C.UTF-8"
    # torch reads it when it is loaded. Threads that spin while they wait take the cores from the tests beside: what
    # trains in one second alone took twenty.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the files of the person who runs it."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="session", autouse=True)
def _compared_in_this_process() -> Iterator[None]:
    """An export of this process computes classical methods in it too: to start one for each takes a second."""

    @contextmanager
    def begun(progress: Progress) -> Iterator[Callable[[], Comparison]]:
        from tui_runge.analysis.classical import compare
        from tui_runge.analysis.classical_table import DEFAULT_DEGREE

        yield lambda: compare(progress, DEFAULT_DEGREE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui_runge.export.exporter.comparison_begun", begun)
        yield


@pytest.fixture(scope="session")
def small() -> Config:
    """An experiment that trains in a few milliseconds."""
    return Config(hidden=(4,), train_points=8, validation_points=5, evaluation_points=9, epochs=5)


@pytest.fixture(scope="session")
def report() -> Progress:
    """The report's experiment, trained once."""
    return train()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `train` and `export` in this process draw nothing and compare with nothing, which takes seconds."""
    from tests.support.undrawn import draw_nothing  # matplotlib, which few tests need

    draw_nothing(monkeypatch)
