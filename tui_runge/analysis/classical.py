"""Classical methods on the points that a network is trained on: polynomials, splines, smoothing, rational functions."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import NDArray
from scipy.interpolate import AAA, CubicHermiteSpline, CubicSpline

from tui_runge.analysis.barycentric import Barycentric, chebyshev_weights, uniform_weights
from tui_runge.analysis.chebyshev_series import equal_degrees
from tui_runge.analysis.outcomes import Comparison, Curve, Fitted, Outcome, network
from tui_runge.analysis.smoothing import FEWEST_UNIFORM, savitzky_golay, smoothing_spline
from tui_runge.core.errors import UNKNOWN_ERRORS, Errors
from tui_runge.core.progress import Progress
from tui_runge.problems import Points, Problem, known_in_order, problem_of
from tui_runge.problems.nodes import chebyshev, uniform

Floats = NDArray[np.float64]

MOST_FOR_AAA = 2_000
MOST_FOR_SMOOTHING = 20_000
MOST_COEFFICIENTS = 20_000_000
"""Numbers in the matrix of a least-squares fit."""
SPACING_TOLERANCE = 0.01
"""Of the mean spacing, by which equally spaced points may be off."""


@dataclass(frozen=True)
class Samples:
    """What a method is given: the points with a known f, in the order of t, of shape (n,).

    `t` is x with the problem's interval mapped on [-1, 1], and `slopes` are df/dt, NaN where f' is not known. `at`
    gives f at other t, and is None where only points are known; `degree` is that of the polynomials.
    """

    t: Floats
    f: Floats
    slopes: Floats
    at: Curve | None
    degree: int

    def check_distinct(self) -> None:
        """Raise ValueError where two points have one place."""
        self.check_count(2)
        if repeated := len(self.t) - len(np.unique(self.t)):
            raise ValueError(f"needs points at distinct x, and {repeated} of {len(self.t):,} repeat one")

    def check_count(self, count: int, most: float = math.inf) -> None:
        """Raise ValueError where there are fewer distinct places, or more points than can be waited for."""
        if (places := len(np.unique(self.t))) < count:
            raise ValueError(f"needs {count} points at distinct x, got {places}")
        if len(self.t) > most:
            raise ValueError(f"takes too long for more than {most:,} points, got {len(self.t):,}")


@dataclass(frozen=True)
class Method:
    """A way to make a curve, its derivative and a note of samples; it raises ValueError, saying why it cannot.

    `has_degree` tells whether it depends on the degree.
    """

    name: str
    fit: Callable[[Samples], tuple[Curve, Curve, str]]
    has_degree: bool = False


def _uniform(samples: Samples) -> tuple[Curve, Curve, str]:
    return _interpolated(samples, uniform((-1.0, 1.0), samples.degree + 1), uniform_weights(samples.degree + 1))


def _chebyshev(samples: Samples) -> tuple[Curve, Curve, str]:
    return _interpolated(samples, chebyshev((-1.0, 1.0), samples.degree + 1), chebyshev_weights(samples.degree + 1))


def _interpolated(samples: Samples, nodes: Floats, weights: Floats) -> tuple[Curve, Curve, str]:
    if samples.at is None:
        raise ValueError("needs f at nodes of its own, and only points are known")
    polynomial = Barycentric(nodes, samples.at(nodes), weights)
    return polynomial, polynomial.derivative, f"degree {samples.degree}"


def _least_squares(samples: Samples) -> tuple[Curve, Curve, str]:
    samples.check_count(samples.degree + 1)
    if len(samples.t) * (samples.degree + 1) > MOST_COEFFICIENTS:
        raise ValueError(f"takes too much memory for {len(samples.t):,} points: lower the degree")
    polynomial = Chebyshev.fit(samples.t, samples.f, samples.degree, domain=[-1, 1])
    return polynomial, polynomial.deriv(), f"degree {samples.degree}"


def _cubic_spline(samples: Samples) -> tuple[Curve, Curve, str]:
    samples.check_distinct()
    spline = CubicSpline(samples.t, samples.f, bc_type="not-a-knot")
    return spline, spline.derivative(), ""


def _hermite(samples: Samples) -> tuple[Curve, Curve, str]:
    known = ~np.isnan(samples.slopes)
    if not known.any():
        raise ValueError("needs f′, and no slopes are known")
    both = Samples(samples.t[known], samples.f[known], samples.slopes[known], samples.at, samples.degree)
    both.check_distinct()
    spline = CubicHermiteSpline(both.t, both.f, both.slopes)
    return spline, spline.derivative(), "uses f′"


def _smoothing_spline(samples: Samples) -> tuple[Curve, Curve, str]:
    samples.check_count(5, MOST_FOR_SMOOTHING)
    t, group, counts = np.unique(samples.t, return_inverse=True, return_counts=True)
    value, slope = smoothing_spline(t, np.bincount(group, samples.f) / counts, counts.astype(np.float64))
    return value, slope, ""


def _savitzky_golay(samples: Samples) -> tuple[Curve, Curve, str]:
    samples.check_distinct()
    samples.check_count(FEWEST_UNIFORM)
    steps = np.diff(samples.t)
    if np.abs(steps - steps.mean()).max() > SPACING_TOLERANCE * steps.mean():
        raise ValueError("needs equally spaced points")
    value, slope, window = savitzky_golay(samples.t, samples.f)
    return value, slope, f"cubic, window {window}"


def _aaa(samples: Samples) -> tuple[Curve, Curve, str]:
    samples.check_distinct()
    samples.check_count(2, MOST_FOR_AAA)
    found = AAA(samples.t, samples.f)
    rational = Barycentric(found.support_points, found.support_values, found.weights)
    return rational, rational.derivative, f"{len(found.weights)} terms"


METHODS = (
    Method("polynomial, uniform nodes", _uniform, has_degree=True),
    Method("polynomial, Chebyshev nodes", _chebyshev, has_degree=True),
    Method("polynomial, least squares", _least_squares, has_degree=True),
    Method("cubic spline", _cubic_spline),
    Method("cubic Hermite", _hermite),
    Method("smoothing spline", _smoothing_spline),
    Method("Savitzky-Golay", _savitzky_golay),
    Method("AAA rational", _aaa),
)


def classical_fits(
    problem: Problem, degree: int, points: Points | None = None, methods: Sequence[Method] = METHODS
) -> list[Outcome]:
    """What each method makes of the training points of a problem, or of others; the degree is that of polynomials.

    Polynomial interpolation takes f at degree + 1 nodes of its own, as noisy as the training points are. Raises
    ValueError where the problem's points do.
    """
    samples = _samples(problem, points or problem.training, degree)
    return [_outcome(method, samples, problem) for method in methods]


def compare(progress: Progress, degree: int) -> Comparison:
    """A run's network beside each method; the degree is that of polynomials."""
    problem, points = problem_of(progress.config), training_points(progress)
    outcomes = (*classical_fits(problem, degree, points), network(progress))
    return Comparison(outcomes, equal_degrees(problem, progress.errors), degree, len(points.x))


def training_points(progress: Progress) -> Points:
    """The points that a run was trained on; of noisy ones chosen while training, the noise is drawn anew."""
    problem = problem_of(progress.config)
    if progress.train_x.size and problem.sample is not None:
        return problem.sample(progress.train_x, 0)
    return problem.training


def error_points(problem: Problem) -> Points:
    """The points that the errors of a fit are taken on."""
    match problem.errors_on:
        case "grid":
            return problem.evaluation
        case "validation":
            return problem.validation
        case "training":
            return problem.training


def _samples(problem: Problem, points: Points, degree: int) -> Samples:
    middle, half = _middle_and_half(problem)
    order = known_in_order(points.x, points.f)
    make = problem.sample

    def at(t: Floats) -> Floats:
        assert make is not None
        return make(np.clip(middle + half * t, *problem.interval), len(points.x)).f

    t, slopes = (points.x[order] - middle) / half, points.df[order] * half
    return Samples(t, points.f[order], slopes, at if make else None, degree)


def _outcome(method: Method, samples: Samples, problem: Problem) -> Outcome:
    middle, half = _middle_and_half(problem)
    # Ill-conditioned fits, poles and overflow are seen in the errors, which are what is asked for.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        begun = perf_counter()
        try:
            value, slope, note = method.fit(samples)
        except ValueError as error:
            return Outcome(method.name, UNKNOWN_ERRORS, math.nan, note=str(error))
        seconds = perf_counter() - begun
        fitted = Fitted(lambda x: value((x - middle) / half), lambda x: slope((x - middle) / half) / half)
        return Outcome(method.name, _errors(fitted, error_points(problem)), seconds, fitted, note)


def _errors(fitted: Fitted, points: Points) -> Errors:
    f, df = _error(fitted.f, points.x, points.f), _error(fitted.df, points.x, points.df)
    return Errors(mse_f=f[0], mse_df=df[0], max_f=f[1], max_df=df[1])


def _error(curve: Curve, x: Floats, target: Floats) -> tuple[float, float]:
    """The mean squared and the largest error of a curve where the target (n,) is known; infinite at a pole."""
    known = ~np.isnan(target)
    if not known.any():
        return math.nan, math.nan
    errors = np.abs(curve(x[known]) - target[known])
    errors[np.isnan(errors)] = math.inf
    return float(np.mean(errors**2)), float(errors.max())


def _middle_and_half(problem: Problem) -> tuple[float, float]:
    low, high = problem.interval
    return (low + high) / 2, (high - low) / 2
