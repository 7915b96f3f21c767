"""From the user's units to the network's and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.core.scaling import IDENTITY, Scaling

finite = st.floats(-1e3, 1e3)
scales = st.floats(1e-3, 1e3)


@given(scaling=st.builds(Scaling, finite, scales, finite, scales), f=finite, df=finite)
def test_what_is_scaled_comes_back(scaling: Scaling, f: float, df: float) -> None:
    values = np.array([f]), np.array([df])
    assert scaling.user_f(scaling.network_f(values[0])) == pytest.approx(values[0], rel=1e-9, abs=1e-9)
    assert scaling.user_df(scaling.network_df(values[1])) == pytest.approx(values[1], rel=1e-9, abs=1e-9)


@given(scaling=st.builds(Scaling, finite, scales, finite, scales), a=finite, b=finite, x=finite)
def test_the_derivative_of_a_scaled_line_is_its_scaled_slope(scaling: Scaling, a: float, b: float, x: float) -> None:
    """f = a + b x becomes a line in the network's units, with the slope that `network_df` gives."""
    places = np.array([x, x + 1.0])
    u, v = scaling.network_x(places), scaling.network_f(a + b * places)
    slope = (v[1] - v[0]) / (u[1] - u[0])
    assert scaling.network_df(np.array([b]))[0] == pytest.approx(slope, rel=1e-6, abs=1e-6 * (1 + abs(slope)) + 1e-5)


def test_the_identity_gives_back_the_very_array() -> None:
    x = np.array([0.1, -0.0])
    for method in (
        IDENTITY.network_x,
        IDENTITY.network_f,
        IDENTITY.network_df,
        IDENTITY.user_f,
        IDENTITY.user_df,
    ):
        assert method(x) is x


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"f_scale": 0.0}, r"^f_scale must be a finite number > 0, got 0$"),
        ({"x_scale": -2.0}, r"^x_scale must be a finite number > 0, got -2$"),
        ({"x_center": float("nan")}, r"^x_center must be a finite number, got nan$"),
    ],
)
def test_a_scaling_that_cannot_be_undone_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scaling(**values)
