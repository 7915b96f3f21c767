"""From a progress to what a chart shows of it: through a view, before ghosts, in a replay."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tui_runge.tui.charts.diagnostics import Spectrum, SpectrumChart, earlier_curves
from tui_runge.tui.charts.epoch_axis import x_of_epoch
from tui_runge.tui.charts.kinds import CHARTS, ChartKind, title
from tui_runge.tui.charts.measured import thin_dots
from tui_runge.tui.charts.overlays import ghost_curves
from tui_runge.tui.charts.spec import Curve, Plot
from tui_runge.tui.charts.view import View, nearest
from tui_runge.tui.replay import Replay

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


def build(
    progress: "Progress",
    kind: ChartKind,
    view: View,
    by_seconds: bool = False,
    chosen: bool = False,
    *,
    ghosts: "Sequence[Progress]" = (),
    replay: Replay | None = None,
    spectra: Sequence[Spectrum] = (),
) -> Plot:
    """The plot of a kind of chart; one by epoch may be shown over the seconds of training, the chosen one is marked.

    Behind it are ghosts, and behind a spectrum earlier ones; a replay shows the fit that was, and where on the losses
    it stands.
    """
    progress = shown_progress(progress, kind, replay)
    x = kind.x(progress, by_seconds)
    limits = view.limits(kind.x_limits(progress, by_seconds), float(x[-1]) if x.size else 0.0)
    plot = kind.plot(progress, view, by_seconds)
    behind = ghost_curves(ghosts, progress, kind, view.log, by_seconds)
    earlier = earlier_curves(spectra, progress.epoch) if isinstance(kind, SpectrumChart) and plot.curves else ()
    curves = tuple(thin_dots(_within(curve, limits)) for curve in (*earlier, *plot.curves, *behind))
    replay_x = x_of_epoch(progress, replay.epoch, by_seconds) if replay is not None and kind.by_epoch else None
    drawn = replace(plot, title=title(CHARTS.index(kind)), curves=curves, x_limits=limits)
    return replace(drawn, cross=view.cross, replay_x=replay_x, chosen=chosen)


def shown_progress(progress: "Progress", kind: ChartKind, replay: Replay | None) -> "Progress":
    """What a chart is made of: in a replay the fits are those that were, if they are read yet."""
    past = None if replay is None or kind.by_epoch else replay.snapshot
    return past or progress


def reading(progress: "Progress", kind: ChartKind, view: View, by_seconds: bool = False) -> str:
    """What the crosshair of a view reads: every value of the chart at the nearest point."""
    x = kind.x(progress, by_seconds)
    if view.cross is None or not x.size:
        return ""
    return kind.reading(progress, nearest(x, view.cross))


def _within(curve: Curve, limits: tuple[float, float]) -> Curve:
    """The part of a curve inside the limits and one point more on each side, so that lines run to the edge."""
    first = max(0, int(np.searchsorted(curve.x, limits[0])) - 1)
    last = int(np.searchsorted(curve.x, limits[1], side="right")) + 1
    if first == 0 and last >= curve.x.size:
        return curve
    part = slice(first, last)
    return replace(curve, x=curve.x[part], low=curve.low[part], high=curve.high[part])
