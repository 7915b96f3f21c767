"""The kinds of chart a run is shown in; to add one is to add it to `CHARTS`.

NumPy is imported only while a chart is built: the screen's first frame needs the titles alone.
"""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tui_runge.core.config import Config
from tui_runge.problems import problem_of, same_problem
from tui_runge.tui.charts.diagnostics import ErrorChart, OverPlaces, SpectrumChart, UnitsChart
from tui_runge.tui.charts.dynamics import AngleChart, GradientChart, SharpnessChart
from tui_runge.tui.charts.epoch_axis import OverEpochs, marks
from tui_runge.tui.charts.measured import dots, residual_reading, y_limits
from tui_runge.tui.charts.spec import Curve, Plot
from tui_runge.tui.charts.view import View, smooth_curve

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.tui.charts.spec import Floats

    Line = tuple[Floats, Floats]
    """The x and the y (k,) of a line."""

NO_SLOPES = "no slopes were measured"


class ChartKind(Protocol):
    """One kind of chart: what it is called, and how it is made of a progress.

    `by_epoch` says whether its x axis is that of the training, in epochs or seconds; else it shows what was reached,
    over the places x. `keys` are the actions that change how it is looked at, besides those of every chart.
    `needs_model` says whether it is made of the model, which a progress has only where it was asked for.
    """

    @property
    def name(self) -> str: ...

    @property
    def by_epoch(self) -> bool: ...

    @property
    def needs_model(self) -> bool: ...

    @property
    def keys(self) -> tuple[str, ...]: ...

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The x of what is shown, shape (k,), ascending."""

    def x_limits(self, progress: "Progress", by_seconds: bool) -> tuple[float, float]:
        """The limits of the whole x axis."""

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """The curves, axes and marks."""

    def ghost(
        self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool
    ) -> "tuple[Floats, Floats] | None":
        """The line of another run behind those of this one; None where the two cannot be compared."""

    def reading(self, progress: "Progress", at: int) -> str:
        """Every value at the point `at` of `x`, as a text."""


@dataclass(frozen=True)
class LossChart(OverEpochs):
    """One of `LOSSES` by epoch, of the training and of the validation points."""

    loss: str
    by_epoch: bool = True
    needs_model: bool = False
    keys: tuple[str, ...] = ("scale", "smooth", "time_axis")

    @property
    def name(self) -> str:
        """Such as total loss."""
        return f"{self.loss} loss"

    def x(self, progress: "Progress", by_seconds: bool) -> "Floats":
        """The first epoch of each bucket, or the seconds of training there."""
        return progress.times if by_seconds else progress.curves.epochs

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """Training as a line, validation as points over it; both smoothed over the raw line where that is asked.

        Noisy losses are drawn by the median of each column, with a faint band behind of all that they span.
        """
        x, losses = self.x(progress, by_seconds), progress.curves
        train, validation = (losses.sample(f"{data}_{self.loss}") for data in ("train", "validation"))
        noisy = losses.needs_band(f"train_{self.loss}")
        curves: tuple[Curve, ...] = (
            Curve("train", "train", x, train, train, median=noisy),
            Curve("val", "validation", x, validation, validation, points=True),
        )
        if view.smoothing:
            curves = tuple(smooth_curve(curve, view) for curve in curves)
        if view.smoothing or noisy:
            band = Curve("raw" if view.smoothing else "", "faint", x, *losses.band(f"train_{self.loss}"))
            curves = (band, *curves)
        reference = problem_of(progress.config).reference
        weights = progress.config.function_weight, progress.derivative_weight
        return Plot(
            title="",
            curves=curves,
            x_label="seconds" if by_seconds else "epoch",
            log=view.log,
            marks=marks(progress, by_seconds),
            level=reference.losses(*weights)[self.loss] if reference and view.log else None,
            note=NO_SLOPES if self.loss == "derivative" and not _has_slopes(progress.config) else "",
        )

    def ghost(self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool) -> "Line":
        """The line of the training loss."""
        del now, log
        return self.x(progress, by_seconds), progress.curves.sample(f"train_{self.loss}")

    def reading(self, progress: "Progress", at: int) -> str:
        """The epochs and seconds of a bucket, and what both losses were in it."""
        curves = progress.curves
        first = curves.epochs[at]
        last = min(first + curves.span - 1, progress.epoch)
        epochs = f"epoch {first:.0f}" + (f"–{last:.0f}" if curves.span > 1 else "")
        when = f"{progress.times[at]:.2f} s" if progress.times.size else ""
        if not _has_slopes(progress.config) and self.loss == "derivative":
            return "   ".join((epochs, when, NO_SLOPES))
        bands = (("train", curves.band(f"train_{self.loss}")), ("val", curves.band(f"validation_{self.loss}")))
        values = (f"{name} {_range(float(low[at]), float(high[at]))}" for name, (low, high) in bands)
        return "   ".join((epochs, when, *values))


@dataclass(frozen=True)
class FitChart(OverPlaces):
    """The network, or its derivative, on the evaluation grid, and what it is fitted to: a target or measured points."""

    derivative: bool
    by_epoch: bool = False
    needs_model: bool = False
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Such as function fit."""
        return "derivative fit" if self.derivative else "function fit"

    @property
    def symbol(self) -> str:
        """f or f′."""
        return "f′" if self.derivative else "f"

    def _columns(self, progress: "Progress") -> "tuple[Floats, Floats]":
        """The network and the target, each (n,)."""
        fit = progress.fit
        return (fit.df_hat, fit.df) if self.derivative else (fit.f_hat, fit.f)

    def plot(self, progress: "Progress", view: View, by_seconds: bool) -> Plot:
        """The network as a line, the target as points over it, or measured points as dots.

        Of a function the places of the training points are ticks on the x axis; where noise was added to its values
        there, they are dots too.
        """
        del view, by_seconds
        config, problem = progress.config, problem_of(progress.config)
        x, (network, target) = progress.fit.x, self._columns(progress)
        line = Curve("fit′" if self.derivative else "fit", "model", x, network, network)
        if problem.truth is None:
            points = dots(config, self.derivative)
            if not points:
                line = replace(line, label="fit′, the model's own", brief="fit′")
            return Plot(title="", curves=(line, *points), x_label="x", y_limits=y_limits(network, points))
        curves = (line, Curve(self.symbol, "target", x, target, target, points=True))
        chosen = progress.train_x  # while training, if at all
        noisy = dots(config, self.derivative) if config.noise and not chosen.size else ()
        ticks = chosen if chosen.size else problem.training.x
        return Plot(title="", curves=(*curves, *noisy), x_label="x", ticks=ticks)

    def ghost(
        self, progress: "Progress", now: "Progress", log: bool, by_seconds: bool
    ) -> "tuple[Floats, Floats] | None":
        """The network of another run of the same problem, or of the same points."""
        del log, by_seconds
        if not same_problem(progress.config, now.config):
            return None
        return progress.fit.x, self._columns(progress)[0]

    def reading(self, progress: "Progress", at: int) -> str:
        """The target, the network and the error at a place; or the nearest measured point and its residual."""
        network, target = (column[at] for column in self._columns(progress))
        x, error = progress.fit.x[at], network - target
        if problem_of(progress.config).truth is None:
            here = f"x {x:.6g}   {'fit′' if self.derivative else 'fit'} {network:.6g}   "
            return here + (residual_reading(progress, self.derivative, float(x)) or NO_SLOPES)
        return f"x {x:.4f}   {self.symbol} {target:.6f}   fit {network:.6f}   error {error:+.2e}"


PAGES: tuple[tuple[ChartKind, ...], ...] = (
    (
        LossChart("total"),
        LossChart("function"),
        LossChart("derivative"),
        FitChart(derivative=False),
        FitChart(derivative=True),
    ),
    (ErrorChart(), SpectrumChart(), UnitsChart(derivative=False), UnitsChart(derivative=True)),
    (GradientChart(), AngleChart(), SharpnessChart()),
)
"""The charts of the screen, a page of them at a time."""
CHARTS = tuple(kind for page in PAGES for kind in page)
"""All of them, in their order."""


def place(number: int) -> tuple[int, int]:
    """The page of one of `CHARTS` and its number there."""
    page = 0
    while number >= len(PAGES[page]):
        number -= len(PAGES[page])
        page += 1
    return page, number


def title(number: int) -> str:
    """The title of one of `CHARTS`: the digit that chooses it on its page and its name."""
    return f"{place(number)[1] + 1} {CHARTS[number].name}"


def _has_slopes(config: Config) -> bool:
    """Whether f′ is known: that of a function is."""
    return config.points is None or config.points.has_slopes


def _range(low: float, high: float) -> str:
    return f"{low:.3e}" if low == high or math.isnan(low) else f"{low:.2e} to {high:.2e}"
