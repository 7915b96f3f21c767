"""Where points lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.problems.nodes import NODES, chebyshev, edges, random


@pytest.mark.parametrize("nodes", NODES)
@given(points=st.integers(1, 300), low=st.floats(-1e3, 1e3), width=st.floats(1e-3, 1e3))
def test_nodes_rise_within_the_interval(nodes: str, points: int, low: float, width: float) -> None:
    x = NODES[nodes]((low, low + width), points, 7)
    assert x.shape == (max(min(2, points), points // 2) if nodes == "adaptive" else points,)
    assert (np.diff(x) > 0).all()
    rounding = 1e-9 * width
    assert low - rounding <= x[0]
    assert x[-1] <= low + width + rounding


def test_chebyshev_nodes_are_denser_near_the_ends() -> None:
    x = chebyshev((-1, 1), 64)
    gaps = np.diff(x)
    assert gaps[0] < gaps[31] / 10
    assert np.polynomial.chebyshev.Chebyshev.basis(64)(x) == pytest.approx(np.zeros(64), abs=1e-11)


def test_half_of_the_nodes_at_the_edges_lie_in_the_outer_tenths() -> None:
    x = edges((0, 1), 201)
    assert ((x <= 0.1) | (x >= 0.9)).sum() == pytest.approx(101, abs=1)
    assert (x[0], x[-1]) == (0, 1)


def test_random_nodes_are_those_of_the_seed() -> None:
    assert random((-1, 1), 50, 3).tolist() == random((-1, 1), 50, 3).tolist()
    assert random((-1, 1), 50, 3).tolist() != random((-1, 1), 50, 4).tolist()
