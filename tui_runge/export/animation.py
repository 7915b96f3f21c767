"""A run as an animated figure, GIF or APNG: its fit, its error by place and its losses as they became."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from tui_runge.analysis.errors_by_place import errors_by_place, interpolate
from tui_runge.core.progress import Floats, Progress
from tui_runge.core.text import shorten
from tui_runge.export.figures import BLUE, CURVE_STYLES, GREY, LONGEST_NAME, SKY, VERMILLION, loss_curve
from tui_runge.export.points import knows_slopes
from tui_runge.problems import problem_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

Format = Literal["GIF", "PNG"]
FORMATS_BY_ENDING: dict[str, Format] = {".gif": "GIF", ".apng": "PNG", ".png": "PNG"}
"""The format of a file by how its name ends; an animated PNG is an APNG."""
INCHES, DOTS = (12.0, 3.8), 100
LAST = 4
"""Times as long as the others is the last picture shown, before the first comes again."""
COLOURS = 64


def animation(states: Sequence[Progress], format: Format, seconds: float) -> bytes:
    """The pictures of the states of a run, the last at its end, one after another in so many seconds."""
    pictures = [_picture(figure) for figure in _figures(states)]
    each = 1000 * seconds / (len(pictures) - 1 + LAST)
    durations = [round(each)] * (len(pictures) - 1) + [round(LAST * each)]
    file = io.BytesIO()
    first, *others = pictures
    first.save(file, format, save_all=True, append_images=others, duration=durations, loop=0)
    return file.getvalue()


def _figures(states: Sequence[Progress]) -> "Iterator[Figure]":
    """One figure after another: the same one, whose axes stay as they are while the curves move."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rc("axes.spines", top=False, right=False)
        matplotlib.rc("axes", grid=True, axisbelow=True)
        matplotlib.rc("grid", color="#DDDDDD")
        matplotlib.rc("legend", frameon=False)
        figure = Figure(figsize=INCHES, dpi=DOTS, layout="constrained")
        FigureCanvasAgg(figure)
        fit, errors, losses = figure.subplots(1, 3)
        parts = (_Fit(fit, states), _Errors(errors, states), _Losses(losses, states))
        for axes in (fit, errors, losses):
            axes.locator_params(axis="x", nbins=5)
        name = shorten(problem_of(states[-1].config).label, LONGEST_NAME)
        for state in states:
            for part in parts:
                part.show(state)
            figure.suptitle(f"{name}, epoch {state.epoch:,} of {states[-1].epoch:,}", parse_math=False)
            yield figure


class _Fit:
    """f, or the measured points, and the fit."""

    def __init__(self, axes: "Axes", states: Sequence[Progress]) -> None:
        last, points = states[-1], states[-1].config.points
        axes.set(title="fit", xlabel="x")
        if points is None:
            x, f = last.fit.x, last.fit.f
            axes.plot(x, f, color=SKY, linewidth=5, label="f")
        else:
            x, f = points.x, points.f
            axes.plot(x, f, ".", color=SKY, label="points")
        (self._line,) = axes.plot([], [], color=VERMILLION, linewidth=1.5, label="f\N{COMBINING CIRCUMFLEX ACCENT}")
        low, high = float(np.nanmin(f)), float(np.nanmax(f))
        margin = 0.15 * (high - low) or 1.0
        axes.set(xlim=(last.fit.x[0], last.fit.x[-1]), ylim=(low - margin, high + margin))
        axes.legend(loc="upper right")

    def show(self, state: Progress) -> None:
        self._line.set_data(state.fit.x, state.fit.f_hat)


class _Errors:
    """The error of f and, where it is known, of f′ over x."""

    def __init__(self, axes: "Axes", states: Sequence[Progress]) -> None:
        self._slopes = knows_slopes(states[-1])
        axes.set(title="error by place", xlabel="x", yscale="log")
        dots = "." if states[-1].config.points else "-"
        (self._f,) = axes.plot([], [], dots, color=BLUE, linewidth=1, label="f")
        (self._df,) = axes.plot([], [], dots, color=VERMILLION, linewidth=1, label="f′" if self._slopes else "")
        fit = states[-1].fit
        every = np.concatenate([part for state in states for part in _errors(state)[1:]])
        axes.set(xlim=(fit.x[0], fit.x[-1]), ylim=_log_limits(every))
        axes.legend(loc="upper right")

    def show(self, state: Progress) -> None:
        x, f, df = _errors(state)
        self._f.set_data(x, f)
        if self._slopes:
            self._df.set_data(x, df)


class _Losses:
    """The total loss of the training and the validation points, to the epoch that is shown."""

    def __init__(self, axes: "Axes", states: Sequence[Progress]) -> None:
        last = states[-1]
        axes.set(title="total loss", xlabel="epoch", yscale="log")
        curves = {data: loss_curve(last, f"{data}_total") for data in CURVE_STYLES}
        every = np.concatenate([curve.values for curve in curves.values()])
        axes.set(xlim=(0, max(last.epoch, 1)), ylim=_log_limits(every))
        for data, style in CURVE_STYLES.items():
            curve = curves[data]
            axes.plot(curve.epochs, curve.values, style.style, color=style.color, linewidth=style.width, alpha=0.2)
        self._lines = {
            data: axes.plot([], [], style.style, color=style.color, linewidth=style.width, label=style.label)[0]
            for data, style in CURVE_STYLES.items()
        }
        self._now = axes.axvline(0, color=GREY, linewidth=0.8)
        axes.legend(loc="upper right")

    def show(self, state: Progress) -> None:
        for data, line in self._lines.items():
            curve = loss_curve(state, f"{data}_total")
            line.set_data(curve.epochs, curve.values)
        self._now.set_xdata([state.epoch, state.epoch])


def _errors(state: Progress) -> tuple[Floats, Floats, Floats]:
    """The places, and how far f̂ and f̂′ are off there: on the grid, or at the measured points."""
    points = state.config.points
    if points is None:
        return state.fit.x, *errors_by_place(state.fit)
    order = np.argsort(points.x, kind="stable")
    x = points.x[order]
    f, df = interpolate(state.fit, x)
    return x, np.abs(f - points.f[order]), np.abs(df - points.df[order])


def _log_limits(values: Floats) -> tuple[float, float]:
    """Limits of a log axis for values, of which those that are 0 or not known do not count; at most 20 decades."""
    shown = values[np.isfinite(values) & (values > 0)]
    if not shown.size:
        return 0.1, 1.0
    high = float(shown.max())
    return max(float(np.quantile(shown, 0.01)) / 2, high * 1e-20), high * 2


def _picture(figure: "Figure") -> "Image":
    """A figure as a picture of few colours, which keeps the file small."""
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=DOTS)
    size = (round(INCHES[0] * DOTS), round(INCHES[1] * DOTS))
    picture = Image.frombytes("RGBA", size, buffer.getvalue()).convert("RGB")
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)
