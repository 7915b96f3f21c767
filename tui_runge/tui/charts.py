"""The five charts of a run, as plots of its progress seen through a view, and what the crosshair reads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tui_runge.config import KNOBS
from tui_runge.tui.ghosts import curves as ghost_curves
from tui_runge.tui.plot import Floats
from tui_runge.tui.replay import Replay
from tui_runge.tui.spec import Curve, Plot, is_loss, title
from tui_runge.tui.view import WINDOWS, View, nearest, smooth

if TYPE_CHECKING:
    from tui_runge.progress import Progress

SHORT = {"learning_rate": "rate", "function_weight": "w_f", "derivative_weight": "w_d"}
"""Names of hyperparameters as they fit beside a line."""


def points(progress: "Progress", chart: int, by_seconds: bool) -> Floats:
    """The x of what a chart shows, shape (k,), ascending."""
    if not is_loss(chart):
        return progress.fit.x
    return progress.times if by_seconds else progress.curves.epochs


def whole(progress: "Progress", chart: int, by_seconds: bool) -> tuple[float, float]:
    """The x limits of the whole chart: those of the planned epochs, so that what is drawn stays where it is."""
    if not is_loss(chart):
        return (-1.0, 1.0)
    epochs = float(max(progress.config.epochs, progress.epoch, 2))
    if not by_seconds:
        return (0.0, epochs)
    planned = progress.seconds * epochs / max(progress.epoch, 1)
    return (0.0, 2.0 ** np.ceil(np.log2(max(planned, 0.1))))


def plot(
    progress: "Progress",
    chart: int,
    view: View,
    by_seconds: bool = False,
    chosen: bool = False,
    *,
    ghosts: "Sequence[Progress]" = (),
    replay: Replay | None = None,
) -> Plot:
    """The plot of one of `NAMES`; losses may be shown over the seconds of training, the chosen one is marked.

    Behind it are ghosts; a replay shows the fit that was, and where on the losses it stands.
    """
    if replay is not None and replay.then is not None and not is_loss(chart):
        progress = replay.then
    x = points(progress, chart, by_seconds)
    limits = view.limits(whole(progress, chart, by_seconds), float(x[-1]) if x.size else 0.0)
    shown = _loss(progress, chart, view, by_seconds) if is_loss(chart) else _fit(progress, chart)
    behind = ghost_curves(ghosts, progress, chart, view.log, by_seconds)
    curves = tuple(_within(curve, limits) for curve in (*shown.curves, *behind))
    place = _place(progress, replay.epoch, by_seconds) if replay is not None and is_loss(chart) else None
    drawn = replace(shown, title=title(chart), curves=curves, x_limits=limits)
    return replace(drawn, cross=view.cross, place=place, chosen=chosen)


def _place(progress: "Progress", epoch: float, by_seconds: bool) -> float:
    """Where an epoch stands on the x axis of the losses."""
    if by_seconds and progress.times.size:
        return float(progress.times[nearest(progress.curves.epochs, epoch)])
    return float(epoch)


def _within(curve: Curve, limits: tuple[float, float]) -> Curve:
    """The part of a curve inside the limits and one point more on each side, so that lines run to the edge."""
    first = max(0, int(np.searchsorted(curve.x, limits[0])) - 1)
    last = int(np.searchsorted(curve.x, limits[1], side="right")) + 1
    if first == 0 and last >= curve.x.size:
        return curve
    part = slice(first, last)
    return replace(curve, x=curve.x[part], low=curve.low[part], high=curve.high[part])


def _loss(progress: "Progress", chart: int, view: View, by_seconds: bool) -> Plot:
    curves, x = progress.curves, points(progress, chart, by_seconds)
    low, high = curves.low, curves.high
    train = Curve("train", "train", x, low[chart], high[chart])
    validation = Curve("val", "validation", x, low[chart + 3], high[chart + 3], points=True)
    drawn: tuple[Curve, ...] = (train, validation)
    if view.smoothing:
        drawn = (replace(train, role="faint", label="raw"), _smoothed(train, view), _smoothed(validation, view))
    return Plot(
        title="",
        curves=drawn,
        x_label="seconds" if by_seconds else "epoch",
        log=view.log,
        marks=tuple(_marks(progress, by_seconds)),
        level=_level(progress, chart) if view.log else None,
    )


def _smoothed(curve: Curve, view: View) -> Curve:
    """The moving average of the middle of a band; of the logarithm where that is what is shown."""
    window = WINDOWS[view.smoothing]
    if view.log:
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = 10 ** smooth((np.log10(curve.low) + np.log10(curve.high)) / 2, window)
    else:
        middle = smooth((curve.low + curve.high) / 2, window)
    return replace(curve, low=middle, high=middle)


def _marks(progress: "Progress", by_seconds: bool) -> list[tuple[float, str]]:
    """The changes of hyperparameters; of several in a row, as keys make them, only where the last one led."""
    marks = [(float(start), f"stage {number}") for number, start in enumerate(progress.stage_starts, 2)]
    names = [""] * len(marks)
    near = progress.config.epochs / 50
    last = -np.inf
    for change in progress.changes:
        if change.name not in SHORT and KNOBS[change.name].live:
            continue
        name = SHORT.get(change.name, change.name.replace("_", " "))
        text = f"{name} {KNOBS[change.name].kind.show(change.after)}"
        if names and names[-1] == change.name and change.epoch - last < near:
            marks[-1] = (marks[-1][0], text)
        else:
            marks.append((float(change.epoch), text))
            names.append(change.name)
        last = change.epoch
    return [(_place(progress, at, by_seconds), text) for at, text in marks]


def _level(progress: "Progress", chart: int) -> float | None:
    """What the report reached in the end, where this run fits the report's target with its weights."""
    from tui_runge.progress import REPORT

    config = progress.config
    if config.target != "runge":
        return None
    total = config.function_weight * REPORT.mse_f + config.derivative_weight * REPORT.mse_df
    return (total, REPORT.mse_f, REPORT.mse_df)[chart]


def _fit(progress: "Progress", chart: int) -> Plot:
    fit = progress.fit
    derivative = chart == 4
    ours, truth = (fit.df_hat, fit.df) if derivative else (fit.f_hat, fit.f)
    prime = "′" if derivative else ""
    curves = (
        Curve(f"fit{prime}", "model", fit.x, ours, ours),
        Curve(f"f{prime}", "target", fit.x, truth, truth, points=True),
    )
    return Plot(title="", curves=curves, x_label="x")


def reading(progress: "Progress", chart: int, view: View, by_seconds: bool = False) -> str:
    """What the crosshair of a view reads: every value of the chart at the nearest point."""
    x = points(progress, chart, by_seconds)
    if view.cross is None or not x.size:
        return ""
    at = nearest(x, view.cross)
    if is_loss(chart):
        return _loss_reading(progress, chart, at)
    fit = progress.fit
    name, truth, ours = ("f′", fit.df, fit.df_hat) if chart == 4 else ("f", fit.f, fit.f_hat)
    return f"x {x[at]:.4f}   {name} {truth[at]:.6f}   fit {ours[at]:.6f}   error {ours[at] - truth[at]:+.2e}"


def _loss_reading(progress: "Progress", chart: int, at: int) -> str:
    curves = progress.curves
    first = curves.epochs[at]
    epochs = f"epoch {first:.0f}" + (f"–{min(first + curves.span - 1, progress.epoch):.0f}" if curves.span > 1 else "")
    when = f"{progress.times[at]:.2f} s" if progress.times.size else ""
    rows = (("train", chart), ("val", chart + 3))
    values = (f"{name} {_band(curves.low[row, at], curves.high[row, at])}" for name, row in rows)
    return "   ".join((epochs, when, *values))


def _band(low: float, high: float) -> str:
    return f"{low:.3e}" if low == high or np.isnan(low) else f"{low:.2e} to {high:.2e}"
