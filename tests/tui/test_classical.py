"""The screen of classical methods: its table fills as they are fitted, its chart shows the chosen one."""

import math

import numpy as np
from textual.widgets import Static

from tests.support.canned import progress
from tests.support.pilot import observed
from tests.test_screens import app
from tui_runge.analysis.classical import METHODS, classical_fits
from tui_runge.analysis.outcomes import Fitted, Outcome, network
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Floats
from tui_runge.problems import problem_of
from tui_runge.tui.screens.classical import FIRST_DEGREE, HIGHEST_DEGREE, MARGIN, Classical, overlaid

FINISHED = progress("finished", epoch=20, config=Config(train_points=40, evaluation_points=50))


def table(screen: Classical) -> str:
    return str(screen.query_one("#table", Static).content)


def heading(screen: Classical) -> str:
    return str(screen.query_one("#heading", Static).content)


async def test_methods_are_shown_beside_the_network() -> None:
    names = [method.name for method in METHODS]
    runge = app(FINISHED)
    async with observed(runge, (120, 36)) as pilot:
        await pilot.until(lambda: runge.experiment.state == "finished")
        await pilot.press("i")
        screen = runge.screen
        assert isinstance(screen, Classical)
        await pilot.until(lambda: "the network is as accurate" in table(screen))
        assert list(screen.outcomes) == [*names, "network"]
        assert f"degree {FIRST_DEGREE} " in heading(screen)
        spline = screen.outcomes["cubic spline"]

        await pilot.press("pageup", "right")
        await pilot.until(lambda: screen.outcomes["polynomial, least squares"].note == "degree 21")
        assert "degree 21 " in heading(screen)
        assert screen.outcomes["cubic spline"] is spline  # it has no degree, and is not fitted again

        await pilot.press("pagedown", "pagedown", "pagedown", "left")
        assert "degree 1 " in heading(screen)
        screen.action_turn(10 * HIGHEST_DEGREE)
        assert f"degree {HIGHEST_DEGREE} " in heading(screen)

        await pilot.press("up", "tab", "escape")
        assert runge.screen is runge.main_screen


async def test_before_the_first_progress_there_is_nothing_to_show() -> None:
    runge = app(None)
    async with observed(runge) as pilot:
        await pilot.press("i")
        assert runge.screen is runge.main_screen


def test_a_curve_that_swings_is_seen_as_far_as_a_margin() -> None:
    polynomial, *_, aaa = classical_fits(problem_of(FINISHED.config), 20)
    calm, wild = overlaid(FINISHED, aaa, derivative=False), overlaid(FINISHED, polynomial, derivative=False)
    assert calm.y_limits is not None
    assert wild.y_limits is not None
    height = calm.y_limits[1] - calm.y_limits[0]
    assert wild.y_limits[1] - wild.y_limits[0] <= (1 + 2 * MARGIN) * height * 1.01
    assert wild.y_limits[1] > calm.y_limits[1]
    assert set(wild.y_limits) <= set(wild.curves[0].high)  # it is drawn as far as the edge
    assert [curve.label for curve in wild.curves] == ["polynomial, uniform nodes", "fit", "f"]


def test_without_a_curve_the_fit_stands_alone() -> None:
    def nowhere(x: Floats) -> Floats:
        return np.full_like(x, np.inf)

    errors = Errors(*[math.nan] * 4)
    for outcome in (None, network(FINISHED), Outcome("pole", errors, 0.0, Fitted(nowhere, nowhere))):
        assert [curve.label for curve in overlaid(FINISHED, outcome, derivative=True).curves] == ["fit′", "f′"]
