"""The screen of the front: it lists the kept runs of the problem, and shows one behind the current run."""

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.runs.test_front import run
from tests.support.canned import progress
from tests.support.pilot import observed
from tests.support.trained_runs import train
from tests.test_screens import app
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.front import FEWER_THAN_TWO, front
from tui_runge.tui.charts.renderer import draw
from tui_runge.tui.screens.front import Front, chart


def table(screen: Front) -> str:
    return str(screen.query_one("#table", Static).content)


async def test_a_run_is_chosen_to_be_shown_behind(tmp_path: Path, small: Config) -> None:
    for word, weight in (("amber", 1.0), ("birch", "auto")):
        train(RunsDirectory(tmp_path, word), small.with_values(derivative_weight=weight))
    directory = RunsDirectory(tmp_path)
    names = directory.runs.names()
    runge = app(progress("finished", epoch=20, run=names[0]))
    runge.run_library.directory = directory
    async with observed(runge) as pilot:
        await pilot.until(lambda: runge.experiment.state == "finished")
        await pilot.press("F")
        screen = runge.screen
        assert isinstance(screen, Front)
        await pilot.until(lambda: screen.runs is not None)
        assert all(name in table(screen) for name in names)
        other = next(n for n, run in enumerate(screen.runs or ()) if not run.current)
        await pilot.press("down" if other else "up", "enter")
        await pilot.until(lambda: [ghost.run for ghost in runge.main_screen.ghosts] == [names[1]])


async def test_it_says_what_a_front_needs_where_no_run_is_kept(tmp_path: Path) -> None:
    runge = app(progress("finished", epoch=20))
    runge.run_library.directory = RunsDirectory(tmp_path)
    async with observed(runge) as pilot:
        await pilot.until(lambda: runge.experiment.state == "finished")
        await pilot.press("F")
        screen = runge.screen
        assert isinstance(screen, Front)
        await pilot.until(lambda: FEWER_THAN_TWO in table(screen))
        await pilot.press("down", "enter", "escape")
        assert runge.screen is runge.main_screen


async def test_a_key_leaves_the_weight_to_the_program_and_takes_it_back() -> None:
    runge = app(progress("finished", epoch=20))
    async with observed(runge) as pilot:
        await pilot.until(lambda: runge.experiment.state == "finished")
        weights = []
        for key in ("B", "B", "u"):
            await pilot.press(key)
            weights.append(runge.experiment.config.derivative_weight)
        assert weights == ["auto", 1, "auto"]


def test_a_chart_of_nothing_is_empty() -> None:
    assert chart(front([]), 0).curves == ()


@pytest.mark.parametrize("width", [60, 61, 62, 63])
def test_the_line_of_the_front_covers_no_run(width: int) -> None:
    runs = front([run(f"run-{n}", 10.0**-n, 10.0 ** (n - 9)) for n in range(1, 9)])
    rows = ["".join(text for text, _ in row) for row in draw(chart(runs, 0), width, 20)[1:]]
    assert ["".join(rows).count(mark) for mark in "*o"] == [7, 1]
