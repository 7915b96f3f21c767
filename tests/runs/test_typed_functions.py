"""A run whose function was typed: trained, resumed, branched, loaded and reported like any other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tui_runge
from tests.support.trained_runs import train
from tui_runge.cli import main
from tui_runge.core.commands import Pause, Step, Stop
from tui_runge.core.config import Config
from tui_runge.core.run_start import Branch, Resume
from tui_runge.core.run_state import RunState
from tui_runge.export.report import markdown
from tui_runge.runs.directory import RunsDirectory

CONFIG = Config(
    target="100*abs(x)*exp(-x/50)",
    interval="-100,30*pi",
    hidden=(8,),
    train_points=24,
    validation_points=12,
    evaluation_points=20,
    optimizer="lm",
    epochs=30,
)


def bits(tree: Any) -> Any:
    """A state with texts of its bits for its arrays, which can be compared."""
    match tree:
        case np.ndarray():
            return tree.tobytes().hex()
        case Mapping():
            return {name: bits(value) for name, value in tree.items()}
        case list() | tuple():
            return [bits(value) for value in tree]
        case _:
            return tree


def saved(place: RunsDirectory, name: str) -> RunState:
    return place.runs.read(name)


def test_python_trains_a_function_on_an_interval() -> None:
    progress = tui_runge.train(Config(target="sin(x)", interval="0,pi", optimizer="lm", hidden=(8,), epochs=60))
    assert progress.fit.x[[0, -1]].tolist() == pytest.approx([0, np.pi])
    assert progress.fit.f == pytest.approx(np.sin(progress.fit.x))
    assert progress.fit.f_hat == pytest.approx(np.sin(progress.fit.x), abs=1e-4)
    assert progress.fit.df_hat == pytest.approx(np.cos(progress.fit.x), abs=1e-3)


def test_python_is_told_of_a_pole_before_anything_is_trained() -> None:
    with pytest.raises(ValueError, match=r"^1/x is not finite at x = 0: choose an interval without it$"):
        tui_runge.train(Config(target="1/x"))


def test_a_formula_of_the_library_trains_as_the_named_function_does_to_the_last_bit() -> None:
    typed, named = (tui_runge.train(Config(target=target, epochs=30)) for target in ("1/(1 + 25x^2)", "runge"))
    assert typed.errors == named.errors
    for column, values in vars(named.fit).items():
        assert getattr(typed.fit, column).tobytes() == values.tobytes()


def test_a_run_goes_on_bit_for_bit_and_branches(tmp_path: Path) -> None:
    whole, parts = RunsDirectory(tmp_path / "whole", "whole"), RunsDirectory(tmp_path / "parts", "parts")
    end = train(whole, CONFIG)
    cut = train(parts, CONFIG, Pause(), Step(), Step(), Step(), Stop())
    assert 0 < cut.epoch < CONFIG.epochs
    resumed = train(parts, Resume.of(saved(parts, cut.run)))
    assert bits(saved(parts, resumed.run).trainer) == bits(saved(whole, end.run).trainer)
    branch = train(whole, Branch.of(saved(parts, resumed.run), {"epochs": 40, "train_points": 30}))
    assert (branch.epoch, branch.config.target) == (40, CONFIG.target)
    assert branch.curves.newest("train_total") < 10 * end.curves.newest("train_total")


def test_the_model_and_the_report_are_in_the_units_and_words_typed(tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path, "amber")
    end = train(place, CONFIG)
    model = tui_runge.load(tmp_path / end.run)
    x = np.array([-90.0, -30.0, 60.0])
    scale = np.ptp(end.fit.f)
    assert model(x) == pytest.approx(100 * np.abs(x) * np.exp(-x / 50), abs=0.1 * scale)
    text = markdown(saved(place, end.run).progress, [])
    assert "fitted to f(x) = 100 abs(x) exp(-x / 50) and its derivative" in text
    assert "Here f′(x) = " in text
    assert "abs(x) has a kink at x = 0: f' there is the mean of both sides." in text
    assert "| target | **`100*abs(x)*exp(-x/50)`** | runge |" in text
    assert "24 uniform points of [−100, 94.2478]" in text
    assert "--target '100*abs(x)*exp(-x/50)' --interval '-100,30*pi'" in text


def test_a_list_cuts_a_long_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(RunsDirectory(tmp_path, "amber"), CONFIG.with_values(epochs=2, target="+".join(["sin(x)"] * 40)))
    assert main(["runs", "--runs-dir", str(tmp_path)]) == 0
    assert "sin(x)+sin(x)+sin(x)+si…" in capsys.readouterr().out.replace("\n", "")
