"""The charts of where and why a fit is wrong: its errors by place, their spectrum, and what the units contribute.

NumPy, and what computes them, is imported only while one is built.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.problems import problem_of, same_problem
from tui_runge.tui.charts.axis import power
from tui_runge.tui.charts.measured import dots, residual_reading
from tui_runge.tui.charts.spec import Curve, Plot, Role
from tui_runge.tui.charts.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_runge.core.progress import Progress
    from tui_runge.tui.charts.spec import Floats

LOWEST = 2
"""The part of the errors, in percent, that may lie below the axis: where a fit crosses f its error is 0."""
UNITS: tuple[Role, ...] = ("first", "third", "fourth")
"""The units that are shown, the others are summed up."""
PLACES = 201
"""Where the contributions of units are looked at."""
EARLIER: tuple[Role, ...] = ("third", "second", "fourth")
"""What earlier spectra are drawn as."""
PARTS = (0.0, 1 / 16, 1 / 4)
"""Where in a run earlier spectra are shown, as parts of its epochs."""
LATEST = 0.7
"""No spectrum is shown that is of a later part of them: it hardly differs."""
GROUP = 4
"""Degrees that a spectrum's line visits once."""
DIGITS = 15
"""The decades below the largest coefficient that are shown: what is lower are rounding errors."""
NO_MODEL = "waits for the weights"


class OverPlaces:
    """A chart over the places x of what is fitted."""

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The places of the grid."""
        del by_seconds
        return progress.fit.x

    def x_limits(self, progress: "Progress", by_seconds: bool) -> tuple[float, float]:
        """The interval of the problem."""
        del by_seconds
        return problem_of(progress.config).interval


@dataclass(frozen=True)
class ErrorChart(OverPlaces):
    """|f̂ - f| and |f̂′ - f′| over x, or the residuals of measured points."""

    by_epoch: bool = False
    needs_model: bool = False
    keys: tuple[str, ...] = ()
    name: str = "error by place"

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """Both errors as lines, the largest of each marked, the training points as ticks; or residuals as dots."""
        del view, by_seconds
        problem = problem_of(progress.config)
        if problem.truth is None:
            return Plot(title="", curves=_residuals(progress), x_label="x", level=0.0)
        from tui_runge.analysis.errors_by_place import errors_by_place, largest

        x, errors = progress.fit.x, errors_by_place(progress.fit)
        marks = [
            (at, f"{symbol} {size:.1e} at {at:.3g}")
            for symbol, (at, size) in zip(("f", "f′"), (largest(x, each) for each in errors), strict=True)
            if not math.isnan(at)
        ]
        chosen = progress.train_x
        return Plot(
            title="",
            curves=(Curve("f", "model", x, errors[0], errors[0]), Curve("f′", "target", x, errors[1], errors[1])),
            x_label="x",
            log=True,
            marks=tuple(marks),
            ticks=chosen if chosen.size else problem.training.x,
            y_limits=_y_limits(errors),
            headroom=len(marks),
        )

    def ghost(
        self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool
    ) -> "tuple[Floats, Floats] | None":
        """|f̂ - f| of another run of the same function; residuals of another would only hide those of this one."""
        del log, by_seconds
        from tui_runge.analysis.errors_by_place import errors_by_place

        if not same_problem(progress.config, now.config) or problem_of(now.config).truth is None:
            return None
        return progress.fit.x, errors_by_place(progress.fit)[0]

    def reading(self, progress: "Progress", at: int) -> str:
        """Both errors at a place, or the nearest measured point of f, and of f′, and its residual."""
        if problem_of(progress.config).truth is None:
            place = float(progress.fit.x[at])
            readings = (residual_reading(progress, derivative, place) for derivative in (False, True))
            return "   ".join(filter(None, readings))
        from tui_runge.analysis.errors_by_place import errors_by_place

        f, df = errors_by_place(progress.fit)
        return f"x {progress.fit.x[at]:.4f}   error of f {f[at]:.2e}   of f′ {df[at]:.2e}"


def _residuals(progress: "Progress") -> tuple[Curve, ...]:
    """f - f̂ at the measured points as dots; where slopes were measured f′ - f̂′ below, at a scale like that of f."""
    of_f, of_df = (_residual_dots(progress, derivative) for derivative in (False, True))
    sizes = _root_mean_square(of_f), _root_mean_square(of_df)
    if not min(sizes) > 0:
        return of_f
    exponent = round(math.log10(sizes[0] / sizes[1]))
    times = f"·{power(exponent)}" if exponent else ""
    scaled = (
        replace(
            curve,
            label=f"{curve.label} f′{times}",
            role="fourth",
            low=curve.low * 10.0**exponent,
            high=curve.high * 10.0**exponent,
        )
        for curve in of_df
    )
    return (*scaled, *of_f)


def _residual_dots(progress: "Progress", derivative: bool) -> tuple[Curve, ...]:
    """The residuals of the measured points of f, or of f′, as curves of dots."""
    from tui_runge.analysis.errors_by_place import interpolate

    curves = []
    for curve in dots(progress.config, derivative):
        residual = curve.high - interpolate(progress.fit, curve.x)[derivative]
        curves.append(replace(curve, low=residual, high=residual))
    return tuple(curves)


def _root_mean_square(curves: "Sequence[Curve]") -> float:
    """That of all finite values of some curves; 0 where there is none."""
    import numpy as np

    values = np.concatenate([curve.high for curve in curves]) if curves else np.empty(0)
    finite = values[np.isfinite(values)]
    with np.errstate(over="ignore"):
        size = float(np.sqrt(np.mean(finite**2))) if finite.size else 0.0
    return size if math.isfinite(size) else 0.0


def _y_limits(errors: "Sequence[Floats]") -> tuple[float, float] | None:
    """log10 of the largest of all errors (n,), and of what most of them are above; None where nothing is known."""
    import numpy as np

    every = np.concatenate(errors)
    known = every[np.isfinite(every) & (every > 0)]
    if not known.size:
        return None
    low = min(float(np.percentile(each[np.isfinite(each)], LOWEST)) for each in errors if np.isfinite(each).any())
    return math.log10(max(low, float(known.min()))), math.log10(float(known.max()))


@dataclass(frozen=True)
class Spectrum:
    """The absolute Chebyshev coefficients (k,) of the error f̂ - f after an epoch; of f̂ where f is not known."""

    epoch: int
    magnitudes: "Floats"


def spectrum(progress: "Progress") -> Spectrum | None:
    """The spectrum of a progress; None where it has no model."""
    if progress.model is None:
        return None
    import numpy as np

    from tui_runge.analysis.network import evaluate
    from tui_runge.analysis.spectrum import chebyshev_coefficients, chebyshev_points

    fit, _ = evaluate(progress.model, chebyshev_points(problem_of(progress.config).interval))
    return Spectrum(progress.epoch, np.abs(chebyshev_coefficients(fit - _target(progress.config))))


@lru_cache(maxsize=4)
def _target(config: Config) -> "Floats | float":
    """f at the points where a spectrum is taken; 0 where it is not known."""
    from tui_runge.analysis.spectrum import chebyshev_points

    problem = problem_of(config)
    return problem.truth.f(chebyshev_points(problem.interval)) if problem.truth else 0.0


def telling(epochs: "Iterable[int]", epoch: int) -> list[int]:
    """Of the epochs before one those that tell most of what led there: the first, and those nearest to `PARTS`."""
    past = [each for each in epochs if each <= LATEST * epoch]
    nearest = {min(past, key=lambda each: abs(math.log((each + 1) / (part * epoch + 1)))) for part in PARTS if past}
    return sorted(nearest)


def earlier_curves(spectra: "Sequence[Spectrum]", epoch: int) -> tuple[Curve, ...]:
    """The spectra before an epoch that tell most, as curves."""
    by_epoch = {each.epoch: each for each in spectra}
    shown = zip(telling(by_epoch, epoch), EARLIER, strict=False)
    return tuple(_envelope(by_epoch[each], f"{each:,}", role) for each, role in shown)


def _envelope(spectrum: Spectrum, label: str, role: Role) -> Curve:
    """The largest of each `GROUP` coefficients as a line: of an even function every other one is 0."""
    import numpy as np

    degrees = np.arange(0, spectrum.magnitudes.size, GROUP)
    largest = np.maximum.reduceat(spectrum.magnitudes, degrees)
    return Curve(label, role, degrees.astype(np.float64), largest, largest)


@dataclass(frozen=True)
class SpectrumChart:
    """The absolute Chebyshev coefficients of f̂ - f over their degree; of f̂ where f is not known."""

    by_epoch: bool = False
    needs_model: bool = True
    keys: tuple[str, ...] = ()
    name: str = "error spectrum"

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The degrees."""
        del progress, by_seconds
        import numpy as np

        from tui_runge.analysis.spectrum import DEGREE

        return np.arange(DEGREE + 1, dtype=np.float64)

    def x_limits(self, progress: "Progress", by_seconds: bool) -> tuple[float, float]:
        """All degrees."""
        from tui_runge.analysis.spectrum import DEGREE

        del progress, by_seconds
        return 0.0, float(DEGREE)

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """The spectrum now; the builder puts earlier ones behind it."""
        del view, by_seconds
        now = spectrum(progress)
        if now is None:
            return Plot(title="", note=NO_MODEL)
        label = "now" if problem_of(progress.config).truth else "fit now"
        largest = float(now.magnitudes.max())
        limits = (math.log10(largest) - DIGITS, math.inf) if 0 < largest < math.inf else None
        return Plot(title="", curves=(_envelope(now, label, "model"),), x_label="degree", log=True, y_limits=limits)

    def ghost(self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool) -> None:
        """None: behind it are earlier spectra of the same run."""
        del progress, now, log, by_seconds

    def reading(self, progress: "Progress", at: int) -> str:
        """The coefficient of a degree."""
        now = spectrum(progress)
        return f"degree {at}   coefficient {now.magnitudes[at]:.2e}" if now else ""


@dataclass(frozen=True)
class UnitsChart(OverPlaces):
    """What the last hidden layer's units contribute to f̂, or to f̂′: the largest few, the rest, and their sum."""

    derivative: bool
    by_epoch: bool = False
    needs_model: bool = True
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Such as function units."""
        return "derivative units" if self.derivative else "function units"

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """Places on the interval of the problem."""
        del by_seconds
        import numpy as np

        return np.linspace(*problem_of(progress.config).interval, PLACES)

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """The largest contributions and the rest as lines, their sum as points over them."""
        del view
        x = self.x(progress, by_seconds)
        named = self._contributions(progress, x)
        if not named:
            return Plot(title="", note=NO_MODEL)
        *units, rest, total = (
            Curve(name, role, x, values, values)
            for (name, values), role in zip(named.items(), (*UNITS[: len(named) - 2], "faint", "target"), strict=True)
        )
        return Plot(title="", curves=(*units, rest, replace(total, points=True)), x_label="x")

    def _contributions(self, progress: "Progress", x: "Floats") -> "dict[str, Floats]":
        """Each line by its name: the largest contributions first, then the rest and the sum; empty without a model.

        A unit's name is its number, after that of its stage where that is not the first.
        """
        if progress.model is None:
            return {}
        from tui_runge.analysis.units import contributions

        parts = contributions(progress.model, x, derivative=self.derivative, most=len(UNITS))
        names = [f"{unit}" if stage == 1 else f"{stage}:{unit}" for stage, unit in parts.units]
        total = parts.largest.sum(axis=0) + parts.rest
        fit = "fit′" if self.derivative else "fit"
        return {**dict(zip(names, parts.largest, strict=True)), "rest": parts.rest, fit: total}

    def ghost(self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool) -> None:
        """None: units of another run have nothing in common with those of this one."""
        del progress, now, log, by_seconds

    def reading(self, progress: "Progress", at: int) -> str:
        """Every contribution at a place."""
        x = self.x(progress, by_seconds=False)[[at]]
        named = self._contributions(progress, x)
        values = (f"{name if name[-1] not in '0123456789' else 'unit ' + name} {y[0]:.4g}" for name, y in named.items())
        return "   ".join((f"x {x[0]:.4f}", *values)) if named else ""
