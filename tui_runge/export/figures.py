"""The report's figures; the only module that imports matplotlib, and only while it draws."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from tui_runge.analysis.errors_by_place import errors_by_place, interpolate, largest
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.field_types import AUTO
from tui_runge.core.history import DATA
from tui_runge.core.progress import Floats, Progress, felt_changes
from tui_runge.core.text import printable, shorten
from tui_runge.core.thinning import medians, thin
from tui_runge.export.layout import ERROR_BY_PLACE, FIT_DF, FIT_F, GRADIENTS_FIGURE, LOSS_DF, LOSS_F, LOSS_TOTAL
from tui_runge.export.points import knows_slopes
from tui_runge.problems import Problem, problem_of
from tui_runge.problems.residuals import residual_deviation
from tui_runge.runs.numbers import format_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure

Draw = Callable[[Progress, BinaryIO], None]


class CurveStyle(NamedTuple):
    """How a curve is drawn."""

    label: str
    color: str
    width: float
    style: str


PARTS = 256
"""Parts of the epochs in each of which a noisy loss is one median: a run of 2,048 epochs has eight in each."""

# Okabe & Ito, Color Universal Design, 2008: told apart by colour-blind readers, and in grey by their lightness.
SKY, VERMILLION, BLUE, GREY, SILVER = "#56B4E9", "#D55E00", "#0072B2", "#555555", "#AAAAAA"

WIDTH, HEIGHT = 6.4, 4.2
"""Inches of a figure."""
TOP, BOTTOM, RIGHT, EDGE = 0.62, 0.88, 0.2, 0.08
"""Inches for the title, for the labels of x and the legend, right of the axes, and left of the labels of y."""
LONGEST_NAME = 40
"""Letters of the points' name that a title has room for."""

# The second is thin over the wide first, so that both are seen where they coincide.
CURVE_STYLES = {
    "train": CurveStyle("training", SKY, 5, "-"),
    "validation": CurveStyle("validation", VERMILLION, 1.5, "--"),
}


@contextmanager
def figure_axes(file: BinaryIO, title: str, subtitle: str, *, file_format: str = "png") -> Iterator["Axes"]:
    """Axes to draw in, saved as a PNG or SVG with their legend below them."""
    with _panels(file, title, subtitle, heights=(1,), file_format=file_format) as (axes,):
        yield axes


@contextmanager
def _panels(
    file: BinaryIO, title: str, subtitle: str, heights: Sequence[float], file_format: str = "png"
) -> Iterator[Sequence["Axes"]]:
    """Axes of these heights above each other, over the same x."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a hand-in looks the same whatever the reader's own style is
        matplotlib.rc("font", size=12)
        matplotlib.rc("axes", titlesize=13, titleweight="bold", titlepad=24, grid=True, axisbelow=True)
        matplotlib.rc("axes.spines", top=False, right=False)
        matplotlib.rc("grid", color="#DDDDDD")
        matplotlib.rc("legend", frameon=False)
        matplotlib.rc("svg", hashsalt="runge-tui")  # the same numbers give the same file
        figure = Figure(figsize=(WIDTH, HEIGHT), dpi=200)
        canvas = FigureCanvasAgg(figure)
        margins = {"left": 0.12, "right": 1 - RIGHT / WIDTH, "bottom": BOTTOM / HEIGHT, "top": 1 - TOP / HEIGHT}
        column = figure.subplots(
            len(heights), sharex=True, squeeze=False, height_ratios=heights, gridspec_kw={"hspace": 0.1, **margins}
        )[:, 0].tolist()
        axes = column[0]
        axes.set_title(title, parse_math=False)  # a file's name may have dollar signs
        axes.annotate(
            subtitle,
            (0.5, 1),
            parse_math=False,
            xycoords="axes fraction",
            xytext=(0, 8),
            textcoords="offset points",
            horizontalalignment="center",
            fontsize=11,
            color=GREY,
        )
        yield column
        if any(axes.get_legend_handles_labels()[0] for axes in column):
            figure.legend(loc="lower center", ncols=3)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph")  # letters of a name that the font does not have
            _fit_left_margin(figure, canvas.get_renderer())  # type: ignore[no-untyped-call]
            # PNG: 6 takes longer for 2 % less. SVG: without a date the same numbers give the same file.
            png, svg = {"pil_kwargs": {"compress_level": 4}}, {"metadata": {"Date": None}}
            figure.savefig(file, format=file_format, **(svg if file_format == "svg" else png))


def _fit_left_margin(figure: "Figure", renderer: "RendererAgg") -> None:
    """Let the widest labels of the y axes begin at the left edge of the figure.

    They alone are as wide as their numbers. matplotlib's own layouts measure all twice, which takes as long as drawing.
    """
    widest = max(axes.bbox.x0 - labels.x0 for axes in figure.axes if (labels := axes.yaxis.get_tightbbox(renderer)))
    figure.subplots_adjust(left=widest / (WIDTH * renderer.dpi) + EDGE / WIDTH)


def draw_fit(progress: Progress, file: BinaryIO, *, derivative: bool) -> None:
    """Write the PNG of the network, or of its derivative, over the target on the evaluation grid."""
    problem = problem_of(progress.config)
    if problem.truth is None:
        _draw_measured(progress, problem, file, derivative=derivative)
        return
    fit, errors = progress.fit, progress.errors
    function = f"f(x) = {problem.label}" if problem.formula else problem.label
    if derivative:
        name, target, network, mse, largest = "f′(x)", fit.df, fit.df_hat, errors.mse_df, errors.max_df
    else:
        name, target, network, mse, largest = "f(x)", fit.f, fit.f_hat, errors.mse_f, errors.max_f
    title = f"Fit of f′(x) for {function}" if derivative else f"Fit of {function}"
    with figure_axes(file, title, f"MSE {mse:.2e}, maximal error {largest:.2e} {_when(progress)}") as axes:
        axes.set(xlabel="x", ylabel=name)
        if progress.config.noise and not progress.train_x.size:
            noisy = problem.training
            _draw_dots(axes, noisy.x, noisy.df if derivative else noisy.f, "training values with noise", SILVER)
        axes.plot(fit.x, target, color=SKY, linewidth=5, label=f"target {name}", marker=_marker(fit.x), markersize=10)
        axes.plot(fit.x, network, color=VERMILLION, linewidth=1.5, label="network", marker=_marker(fit.x), markersize=5)


def _draw_measured(progress: Progress, problem: Problem, file: BinaryIO, *, derivative: bool) -> None:
    """Write the PNG of the network, or of its derivative, over measured points."""
    fit, name = progress.fit, shorten(printable(problem.label), LONGEST_NAME)
    held_out = problem.validation if problem.errors_on == "validation" else None
    title = f"Fit of {'f′' if derivative else 'f'}: {name}"
    with figure_axes(file, title, _judged(progress, problem, derivative=derivative)) as axes:
        axes.set(xlabel="x", ylabel="f′(x)" if derivative else "f(x)")
        for points, label, color, filled in (
            (problem.training, "training points", SKY, True),
            (held_out, "held-out points", BLUE, False),
        ):
            if points is not None:
                _draw_dots(axes, points.x, points.df if derivative else points.f, label, color, filled=filled)
        network = fit.df_hat if derivative else fit.f_hat
        axes.plot(fit.x, network, color=VERMILLION, linewidth=1.5, label="network", marker=_marker(fit.x), markersize=5)


def _judged(progress: Progress, problem: Problem, *, derivative: bool) -> str:
    """How well measured points are fitted, as far as they tell."""
    if not derivative:
        deviation = residual_deviation(progress)
        shown = f"{deviation:.4g}" if np.isfinite(deviation) else "–"
        return f"residual's standard deviation {shown} {_when(progress)}"
    if not knows_slopes(progress):
        return "no slopes were measured: this is the network's own"
    where = "held-out" if problem.errors_on == "validation" else "training"
    return f"MSE {format_error(progress.errors.mse_df)} at the {where} points {_when(progress)}"


def _draw_dots(axes: "Axes", x: Floats, values: Floats, label: str, color: str, *, filled: bool = True) -> None:
    """A dot for each known value, smaller where there are many; nothing, in the legend too, where none is known."""
    known = np.isfinite(values)
    count = int(known.sum())
    if not count:
        return
    size = min(5.0, max(1.0, 100 / count**0.5))
    face = color if filled else "none"
    axes.plot(
        x[known], values[known], "o", color=color, markerfacecolor=face, markersize=size, markeredgewidth=size / 5
    )
    axes.plot([], [], "o", color=color, markerfacecolor=face, markersize=5, label=label)  # to be seen in the legend


def draw_errors(progress: Progress, file: BinaryIO) -> None:
    """Write the PNG of |f̂ - f| and |f̂′ - f′| over x, the largest marked; of measured points that of f - f̂."""
    problem = problem_of(progress.config)
    if problem.truth is None:
        _draw_residuals(progress, problem, file)
        return
    x, errors = progress.fit.x, errors_by_place(progress.fit)
    places = [largest(x, each) for each in errors]
    names = ("f(x)", "f′(x)")
    found = [f"{size:.2e} at {at:.4g}" if size >= 0 else "–" for at, size in places]
    with figure_axes(file, "Error by place", f"largest {found[0]}, of f′ {found[1]} {_when(progress)}") as axes:
        axes.set(xlabel="x", ylabel="absolute error")
        axes.set_yscale("log")
        for name, error, (at, size), color in zip(names, errors, places, (BLUE, VERMILLION), strict=True):
            positive = np.where(error > 0, error, np.nan)
            axes.plot(x, positive, color=color, linewidth=1.5, label=name, marker=_marker(x), markersize=5)
            if size > 0:
                axes.plot([at], [size], "o", color=color, markersize=6)
        _span_a_decade(axes)
        points = progress.train_x if progress.train_x.size else problem.training.x
        axes.plot(
            points,
            np.zeros(points.size),
            "|",
            color=GREY,
            markersize=8,
            markeredgewidth=0.5,
            label="training points",
            transform=axes.get_xaxis_transform(),
            clip_on=False,
        )


def _draw_residuals(progress: Progress, problem: Problem, file: BinaryIO) -> None:
    """Write the PNG of the residuals f - f̂ of measured points."""
    held_out = problem.validation if problem.errors_on == "validation" else None
    title = f"Residuals of f: {shorten(printable(problem.label), LONGEST_NAME)}"
    with figure_axes(file, title, _judged(progress, problem, derivative=False)) as axes:
        axes.set(xlabel="x", ylabel="f(x) less the fit")
        axes.axhline(0, color=GREY, linewidth=0.8)
        for points, label, color, filled in (
            (problem.training, "training points", SKY, True),
            (held_out, "held-out points", BLUE, False),
        ):
            if points is not None:
                residuals = points.f - interpolate(progress.fit, points.x)[0]
                _draw_dots(axes, points.x, residuals, label, color, filled=filled)


def draw_loss(progress: Progress, file: BinaryIO, *, part: str) -> None:
    """Write the PNG of a loss by epoch: `part` is total, function or derivative."""
    from matplotlib.ticker import MaxNLocator

    titles = {
        "total": f"Total loss: {_weighed(progress)}",
        "function": "Function loss: MSE(f)",
        "derivative": "Derivative loss: MSE(f′)",
    }
    train, validation = (progress.loss(f"{data}_{part}") for data in DATA)
    last = f"training {format_error(train)}, validation {format_error(validation)} {_when(progress)}"
    if part == "derivative" and not knows_slopes(progress):
        last = "no slopes were measured: there is no such loss"
    with figure_axes(file, titles[part], last) as axes:
        axes.set(xlabel="epoch", ylabel="loss", xlim=(0, 1.02 * max(progress.epoch, 1)))
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
        for data in CURVE_STYLES:
            _draw_curve(axes, progress, f"{data}_{part}")
        _span_a_decade(axes)
        _draw_marks(axes, progress)


def draw_gradients(progress: Progress, file: BinaryIO) -> None:
    """Write the PNG of the norms of both losses' gradients, and of the cosine of their angle; nothing without any."""
    from matplotlib.ticker import MaxNLocator

    samples = progress.gradients
    if not samples.epochs.size:
        return
    title, subtitle = "Gradients of the two weighted losses", "their norms, and the cosine of their angle"
    with _panels(file, title, subtitle, heights=(3, 2)) as (norms, angle):
        norms.set(ylabel="norm", xlim=(0, 1.02 * max(progress.epoch, 1)))
        norms.set_yscale("log")
        for name, norm, color in (
            ("function", samples.function, BLUE),
            ("derivative", samples.derivative, VERMILLION),
        ):
            if (norm > 0).any():
                positive = np.where(norm > 0, norm, np.nan)
                norms.plot(samples.epochs, positive, ".-", color=color, linewidth=1.5, label=f"{name} loss")
        _span_a_decade(norms)
        angle.set(xlabel="epoch", ylabel="cosine", ylim=(-1.05, 1.05))
        angle.axhline(0, color=GREY, linewidth=0.8)
        angle.plot(samples.epochs, samples.cosine, ".-", color=GREY, linewidth=1.5)
        angle.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
        _draw_marks(norms, progress)


def _weighed(progress: Progress) -> str:
    """The total loss in the user's units, in which an interval of another length gives MSE(f′) another weight.

    What is minimised has the smoothing besides.
    """
    config, x_scale = progress.config, problem_of(progress.config).scaling.x_scale
    weight, is_given = progress.derivative_weight, config.derivative_weight != AUTO
    of_df = weight if x_scale == 1 and is_given else float(f"{weight * x_scale**2:.3g}")
    weights = {"MSE(f)": config.function_weight} | ({"MSE(f′)": of_df} if knows_slopes(progress) else {})
    show = HYPERPARAMETERS["function_weight"].kind.show
    terms = [f"{show(weight)} · {term}" for term, weight in weights.items()]
    return " + ".join(terms + ["smoothing"] * bool(config.smoothing))


FIGURES: dict[str, Draw] = {
    FIT_F: lambda progress, file: draw_fit(progress, file, derivative=False),
    FIT_DF: lambda progress, file: draw_fit(progress, file, derivative=True),
    LOSS_TOTAL: lambda progress, file: draw_loss(progress, file, part="total"),
    LOSS_F: lambda progress, file: draw_loss(progress, file, part="function"),
    LOSS_DF: lambda progress, file: draw_loss(progress, file, part="derivative"),
    ERROR_BY_PLACE: draw_errors,
    GRADIENTS_FIGURE: draw_gradients,
}
"""What draws each figure, by the name of its file."""


def _when(progress: Progress) -> str:
    state = " (diverged)" if progress.status == "diverged" else ""
    if progress.best_epoch is not None:
        return f"after epoch {progress.best_epoch}, the best of {progress.epoch}{state}"
    return f"after {progress.epoch} epoch{'s' * (progress.epoch != 1)}{state}"


def _marker(points: Floats) -> str:
    """Dots where there are too few points for a line to be seen."""
    return "o" if len(points) < 3 else ""


class LossCurve(NamedTuple):
    """A loss as it is drawn: a line through values at some epochs, and the band behind it, each array (k,)."""

    epochs: Floats
    values: Floats
    band: tuple[Floats, Floats] | None = None


def loss_curve(progress: Progress, series: str) -> LossCurve:
    """All values of a loss, or where it needs a band its median and extremes in each of `PARTS` parts of the epochs."""
    curves = progress.curves
    sample, low, high = (np.where(each > 0, each, np.nan) for each in (curves.sample(series), *curves.band(series)))
    epochs = np.minimum(curves.epochs + (curves.span - 1) / 2, progress.epoch)
    if not curves.needs_band(series):
        return LossCurve(epochs, sample)
    limits = (0.0, float(progress.epoch))
    at, middle = medians(epochs, sample, limits, PARTS)
    _, lowest, highest = thin(epochs, low, high, limits, PARTS)
    return LossCurve(at, middle, (lowest, highest))


def _draw_curve(axes: "Axes", progress: Progress, series: str) -> None:
    """A loss by epoch: a line, and where it needs one a faint band behind it."""
    if progress.epoch and not (progress.curves.band(series)[1] > 0).any():
        return  # of slopes that nobody measured
    curve, style = loss_curve(progress, series), CURVE_STYLES[series.partition("_")[0]]
    if curve.band:
        axes.fill_between(curve.epochs, *curve.band, color=style.color, alpha=0.25, linewidth=0.8)
    axes.plot(
        curve.epochs,
        curve.values,
        style.style,
        color=style.color,
        linewidth=style.width,
        label=style.label + " without smoothing" * (series == "validation_total" and progress.config.smoothing > 0),
        marker=_marker(curve.epochs),
        markersize=style.width + 4,
    )


def _span_a_decade(axes: "Axes") -> None:
    """Widen a log axis to whole decades where it shows less than one, and so would have no tick to go by."""
    low, high = axes.get_ylim()
    if high < 10 * low:
        axes.set_ylim(10 ** np.floor(np.log10(low)), 10 ** np.ceil(np.log10(high)))


def _draw_marks(axes: "Axes", progress: Progress) -> None:
    """Thin lines with texts where hyperparameters were changed, and at the epoch of the best weights, where it counts.

    The text stands before the line, clear of the spike that often follows, unless the axis is in the way.
    """
    marks = [(epoch, text, GREY, ":", "top") for epoch, text in _changes(progress)]
    if progress.best_epoch is not None and axes.lines:
        marks.append((progress.best_epoch, "best", BLUE, "-", "bottom"))
    for epoch, text, color, style, end in marks:
        before = epoch > progress.epoch / 8
        axes.axvline(epoch, color=color, linewidth=0.8, linestyle=style)
        axes.annotate(
            text,
            (epoch, 0.98 if end == "top" else 0.02),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-3 if before else 3, 0),
            textcoords="offset points",
            rotation="vertical",
            horizontalalignment="right" if before else "left",
            verticalalignment=end,
            fontsize=9,
            color=color,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0},
        )


def _changes(progress: Progress) -> list[tuple[int, str]]:
    """Epochs and texts of the changes; those too close for their texts to stand side by side are joined.

    More epochs are left out: they do not bend a curve.
    """
    groups: list[tuple[int, dict[str, tuple[str, str]]]] = []
    for change in felt_changes(progress):
        if change.name == "epochs":
            continue
        if not groups or change.epoch - groups[-1][0] > progress.epoch / 20:
            groups.append((change.epoch, {}))
        before, after = (HYPERPARAMETERS[change.name].kind.show(value) for value in (change.before, change.after))
        before, _ = groups[-1][1].get(change.name, (before, after))
        groups[-1][1][change.name] = before, after
    return [
        (epoch, "\n".join(f"{name.replace('_', ' ')} {before} → {after}" for name, (before, after) in group.items()))
        for epoch, group in groups
    ]
