"""The five charts of a run, as plots of its progress."""

from typing import TYPE_CHECKING

from tui_runge.tui.plot import Curve, Plot

if TYPE_CHECKING:
    from tui_runge.progress import Progress

NAMES = ("total loss", "function loss", "derivative loss", "function fit", "derivative fit")


def title(chart: int) -> str:
    """The heading of one of `NAMES`: the digit that chooses it and its name."""
    return f"{chart + 1} {NAMES[chart]}"


def plot(progress: "Progress", chart: int, log: bool) -> Plot:
    """The plot of one of `NAMES`; `log` chooses the scale of a loss."""
    return _loss(progress, chart, log) if chart < 3 else _fit(progress, chart)


def _loss(progress: "Progress", chart: int, log: bool) -> Plot:
    curves = progress.curves
    train, validation = chart, chart + 3
    return Plot(
        title=title(chart),
        curves=(
            Curve("train", "train", curves.epochs, curves.low[train], curves.high[train]),
            Curve("val", "validation", curves.epochs, curves.low[validation], curves.high[validation], points=True),
        ),
        x_limits=(0.0, float(max(progress.config.epochs, progress.epoch, 2))),
        x_label="epoch",
        log=log,
        marks=tuple(float(change.epoch) for change in progress.changes if change.name != "epochs"),
    )


def _fit(progress: "Progress", chart: int) -> Plot:
    fit = progress.fit
    derivative = chart == 4
    ours, truth = (fit.df_hat, fit.df) if derivative else (fit.f_hat, fit.f)
    prime = "′" if derivative else ""
    return Plot(
        title=title(chart),
        curves=(
            Curve(f"fit{prime}", "model", fit.x, ours, ours),
            Curve(f"f{prime}", "target", fit.x, truth, truth, points=True),
        ),
        x_limits=(-1.0, 1.0),
        x_label="x",
    )
