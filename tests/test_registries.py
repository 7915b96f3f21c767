"""Every name that can be chosen stands for something, and nothing else does."""

from collections.abc import Collection
from importlib.util import find_spec
from typing import get_args

import pytest

from tui_runge.analysis import network
from tui_runge.cli.parser import COMMANDS
from tui_runge.core import config, settings
from tui_runge.core.errors import ERROR_LABELS, Errors
from tui_runge.core.history import LOSSES
from tui_runge.export import exported_model
from tui_runge.export.figures import FIGURES
from tui_runge.export.formats import FORMATS, c_source, numpy_source, onnx_model
from tui_runge.export.layout import FILES, FILES_OF_FORMATS
from tui_runge.problems.library import NAMED_FUNCTIONS
from tui_runge.problems.nodes import NODES
from tui_runge.sweeps import results
from tui_runge.sweeps.report import COUNTS, LATEX_LABELS
from tui_runge.training.activations import ACTIVATIONS
from tui_runge.training.network import MODULES
from tui_runge.training.optimizers import OPTIMIZERS, Optimizer
from tui_runge.training.schedules import SCHEDULES, Schedule
from tui_runge.tui import frame_rate, keys
from tui_runge.tui.charts.kinds import CHARTS, PAGES
from tui_runge.tui.themes import THEMES

REGISTRIES: dict[str, tuple[Collection[str], Collection[str]]] = {
    "activations": (ACTIVATIONS, config.ACTIVATION_NAMES),
    "activations as modules": (MODULES, config.ACTIVATION_NAMES),
    "activations in NumPy": (network.ACTIVATIONS, config.ACTIVATION_NAMES),
    "activations to export": (exported_model.ACTIVATIONS, config.ACTIVATION_NAMES),
    "activations in NumPy source": (numpy_source.FUNCTIONS, config.ACTIVATION_NAMES),
    "activations in C": (c_source.FUNCTIONS, config.ACTIVATION_NAMES),
    "activations for ONNX": (onnx_model.ACTIVATIONS, config.ACTIVATION_NAMES),
    "formats": ([*FORMATS, "pdf"], settings.EXPORT_FORMATS),
    "files of the formats": (FILES_OF_FORMATS, settings.EXPORT_FORMATS),
    "figures": (FIGURES, [name for name in FILES if name.endswith(".png")]),
    "errors": (ERROR_LABELS, Errors.__annotations__),
    "errors in LaTeX": (LATEX_LABELS, ERROR_LABELS),
    "columns of how the runs of a sweep stand": (sorted(COUNTS), sorted(get_args(results.Status))),
    "optimizers": (OPTIMIZERS, config.OPTIMIZER_NAMES),
    "schedules": (SCHEDULES, config.SCHEDULE_NAMES),
    "nodes": (NODES, config.NODE_NAMES),
    "targets": (NAMED_FUNCTIONS, config.TARGET_NAMES),
    "themes": (["auto", *(theme.name for theme in THEMES)], settings.THEME_NAMES),
    "refresh rates": (frame_rate.RATES, settings.REFRESH_RATE_NAMES),
}


@pytest.mark.parametrize("name", REGISTRIES)
def test_a_registry_holds_the_names_that_can_be_chosen(name: str) -> None:
    registered, declared = REGISTRIES[name]
    assert list(registered) == list(declared)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_module_of_its_name(name: str) -> None:
    assert find_spec(f"tui_runge.cli.{name}")


@pytest.mark.parametrize("base", [Optimizer, Schedule])
def test_a_concrete_class_is_final(base: type) -> None:
    concrete: list[type] = base.__subclasses__()
    assert concrete
    assert all(getattr(kind, "__final__", False) for kind in concrete)


def test_every_chart_has_a_name_and_a_key_of_its_own() -> None:
    assert len({chart.name for chart in CHARTS}) == len(CHARTS)
    choosing = [key.key for key in keys.KEYS if key.action.startswith("screen.choose(")]
    assert choosing == [str(number) for number in range(1, max(map(len, PAGES)) + 1)]


def test_every_loss_has_a_chart() -> None:
    assert {f"{loss} loss" for loss in LOSSES} <= {chart.name for chart in CHARTS if chart.by_epoch}


def test_every_key_is_of_a_group_that_the_help_shows() -> None:
    assert {key.group for key in (*keys.KEYS, *keys.RUNS_KEYS, *keys.SWEEP_KEYS)} == set(get_args(keys.Group))
