"""How far a fit is from the points that were measured."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.support.canned import copper_progress, progress
from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.problems.residuals import residual_deviation

NAN = math.nan


@pytest.mark.parametrize(
    ("held_out", "losses", "expected"),
    [
        ([False, True, True], (NAN, 1.0, NAN, NAN, 4.0, NAN), math.sqrt((1 * 1 + 2 * 4) / 3)),
        ([False, False, True], (NAN, 1.0, NAN, NAN, 4.0, NAN), math.sqrt((2 * 1 + 1 * 4) / 3)),
        ([False, False, False], (NAN, 9.0, NAN, NAN, 9.0, NAN), 3.0),
    ],
)
def test_it_is_taken_over_all_points_that_have_f(
    held_out: list[bool], losses: tuple[float, ...], expected: float
) -> None:
    points = MeasuredPoints.of([0, 1, 2, 3], [1, 2, 3, np.nan], [0, 0, 0, 0], held_out=[*held_out, held_out[-1]])
    shown = replace(copper_progress(), config=Config(data="points", points=points), losses=losses)
    assert residual_deviation(shown) == pytest.approx(expected)


def test_a_function_has_none() -> None:
    assert math.isnan(residual_deviation(progress()))
