"""The Chebyshev series of a trained model, as near to it as float64 goes."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import NDArray
from scipy.fft import dct

from tui_runge.analysis.network import last_hidden
from tui_runge.core.progress import Floats, Model

Wide = NDArray[np.longdouble]

FEWEST_NODES, MOST_NODES = 128, 32768
"""A series has at most half as many terms as there are nodes which it is taken from."""
WIDE_EPS = float(np.finfo(np.longdouble).eps)
TOLERANCE = max(0.5e-15, 50 * WIDE_EPS)
"""What is left out of a series at most, relative to the spread of the model; more where there is no wider float."""
SIGN_POINTS = 10
"""Places for each term of a series between which it is looked whether its sign changes."""


@dataclass(frozen=True)
class ModelSeries:
    """A Chebyshev series on an interval; `error` is its largest difference from the model, over the model's spread."""

    interval: tuple[float, float]
    coefficients: Floats
    error: float

    @cached_property
    def series(self) -> Chebyshev:
        """As NumPy has it."""
        return Chebyshev(self.coefficients, domain=self.interval)

    @property
    def integral(self) -> float:
        """Over the whole interval: only the even terms have one."""
        low, high = self.interval
        orders = np.arange(0, len(self.coefficients), 2)
        return float(np.sum(self.coefficients[::2] / (1.0 - orders**2)) * (high - low))

    @property
    def roots(self) -> list[float]:
        """Where it changes its sign, or is 0 at one of many places, in the order of x."""
        from scipy.optimize import brentq

        count = SIGN_POINTS * len(self.coefficients)
        t = -np.cos(np.linspace(0, np.pi, count))
        low, high = self.interval
        x = np.clip(low + (t + 1) / 2 * (high - low), low, high)
        signs = np.sign(self.series(x))
        found = x[signs == 0].tolist()
        for at in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            found.append(float(brentq(self.series, x[at], x[at + 1], xtol=1e-300, rtol=8.9e-16)))
        return sorted(found)


def model_series(model: Model, interval: tuple[float, float]) -> ModelSeries:
    """The shortest series that is the model's f̂ on the interval, up to `TOLERANCE` of its spread there.

    Raises ValueError where half of `MOST_NODES` terms are not enough, as for kinks.
    """
    wide = replace(model, stages=tuple(tuple(layer.astype(np.longdouble) for layer in stage) for stage in model.stages))
    nodes = FEWEST_NODES
    while nodes <= MOST_NODES:
        values = _at(wide, interval, _nodes(nodes))
        spread = float(values.max() - values.min())
        coefficients = dct(values) / nodes
        coefficients[0] /= 2
        tails = np.cumsum(np.abs(coefficients[::-1]))[::-1]  # of all terms from each on
        enough = np.flatnonzero(tails <= TOLERANCE * (spread or 1))
        if enough.size and enough[0] <= nodes // 2:
            kept = coefficients[: max(1, int(enough[0]))].astype(np.float64)
            return ModelSeries(interval, kept, _error(wide, interval, kept, spread))
        nodes *= 2
    raise ValueError(
        f"the Chebyshev series of f̂ has no end within {MOST_NODES // 2} terms: it has kinks or is too steep "
        f"(activation {model.activation})"
    )


def _nodes(count: int) -> Wide:
    """The Chebyshev nodes (count,) in [-1, 1], falling, whose cosine transform gives the coefficients."""
    pi = 4 * np.arctan(np.longdouble(1))
    places: Wide = np.cos((2 * np.arange(count, dtype=np.longdouble) + 1) * pi / (2 * count))
    return places


def _at(wide: Model, interval: tuple[float, float], t: Wide) -> Wide:
    """f̂ at t (n,) in [-1, 1], which stands for the interval."""
    low, high = map(np.longdouble, interval)
    x = (low + high) / 2 + t * (high - low) / 2
    total = np.zeros(t.shape, dtype=np.longdouble)
    for stage, scale in enumerate(wide.scales):
        h, _ = last_hidden(wide, stage, x)  # type: ignore[arg-type]  # wider than it says
        output = wide.stages[stage][-1]
        total += scale * (output[:, :-1] @ h + output[:, -1:])[0]
    result: Wide = total * np.longdouble(wide.scaling.f_scale) + wide.scaling.f_center
    return result


def _error(wide: Model, interval: tuple[float, float], coefficients: Floats, spread: float) -> float:
    """The largest difference between nodes, relative to the spread."""
    t = np.cos(np.linspace(0, 4 * np.arctan(np.longdouble(1)), 2 * len(coefficients) + 101))
    series = np.polynomial.chebyshev.chebval(t, coefficients.astype(np.longdouble))
    return float(np.abs(series - _at(wide, interval, t)).max() / (spread or 1))
