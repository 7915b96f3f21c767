"""Runs side by side: where they differ, their errors, and their losses in one chart."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from tui_runge.core.progress import effective_config
from tui_runge.problems import ERROR_POINTS, problem_of
from tui_runge.runs.comparison import compare
from tui_runge.runs.numbers import format_error
from tui_runge.tui.charts.kinds import CHARTS, LossChart
from tui_runge.tui.charts.spec import Curve, Plot, Role
from tui_runge.tui.runs_table import cell
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.chart import Chart

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

POINTS = "▖"
CURVE_STYLES: tuple[tuple[Role, str], ...] = (
    ("first", ""),
    ("second", POINTS),
    ("third", "+"),
    ("fourth", "×"),
    ("fifth", "o"),
    ("sixth", "·"),
)
"""The role of each run, which is its colour in the theme, and what its curve is drawn with, where not with a line."""
MOST = len(CURVE_STYLES)
LOSS_CHARTS = tuple(kind for kind in CHARTS if isinstance(kind, LossChart))
LABEL = 20


class Compare(Modal[None]):
    """Shows at most `MOST` runs beside each other; tab switches between the losses."""

    AUTO_FOCUS = "#facts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right", "loss(1)", "Next loss", priority=True),
        Binding("shift+tab,left", "loss(-1)", "Previous loss", show=False, priority=True),
        Binding("escape,q,c", "dismiss", "Back"),
    ]

    def __init__(self, runs: "Sequence[Progress]") -> None:
        super().__init__()
        self._compared = list(runs)[:MOST]
        self._loss = 0

    def compose(self) -> ComposeResult:
        yield Static(f" compare   {len(self._compared)} runs, training losses", id="heading")
        yield Chart(Plot(LOSS_CHARTS[0].name), id="losses")
        with VerticalScroll(id="facts"):
            yield Static(id="table")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.action_loss(0)

    def on_resize(self) -> None:
        self.query_one("#table", Static).update(Content("\n").join(_lines(self._compared, self.size.width - 5)))

    def action_loss(self, step: int) -> None:
        self._loss = (self._loss + step) % len(LOSS_CHARTS)
        self.query_one(Chart).show(overlaid(self._compared, LOSS_CHARTS[self._loss]))


def letter(n: int) -> str:
    """What a run is called in the chart and the tables."""
    return "ABCDEF"[n]


def overlaid(runs: "Sequence[Progress]", chart: LossChart) -> Plot:
    """A training loss of all runs."""
    curves = tuple(
        _curve(letter(n), run, chart, role, mark)
        for n, (run, (role, mark)) in enumerate(zip(runs, CURVE_STYLES, strict=False))
    )
    longest = float(max(2, *(run.epoch for run in runs)))
    return Plot(chart.name, curves, (0.0, longest), "epoch", log=True)


def _curve(label: str, run: "Progress", chart: LossChart, role: Role, mark: str) -> Curve:
    points = mark == POINTS
    middle = run.curves.sample(f"train_{chart.loss}")
    return Curve(label, role, run.curves.epochs, middle, middle, points=points, letter="" if points else mark)


def _lines(runs: "Sequence[Progress]", width: int) -> Iterator[Content]:
    """The legend, the hyperparameters that differ, the errors with the best of each marked."""
    for n, (run, (role, mark)) in enumerate(zip(runs, CURVE_STYLES, strict=False)):
        yield Content.assemble((f"{mark or '━'} {letter(n)} ", f"bold $curve-{role}"), run.run or "this run")
    comparison = compare([replace(run, config=effective_config(run.config, run.changes, run.epoch)) for run in runs])
    letters = [letter(n) for n in range(len(runs))]
    room = max(8, min(24, (width - LABEL) // len(runs) - 1))
    yield Content()
    yield _row("hyperparameter", letters, room, "bold")
    for name, values in comparison.differences.items():
        yield _row(name.replace("_", " "), values, room)
    if not comparison.differences:
        yield Content.styled("the same hyperparameters", "$text-muted")
    yield Content()
    places = [problem_of(run.config).errors_on for run in runs]
    on_grid = set(places) == {"grid"}
    yield _row("error on the grid" if on_grid else "error", letters, room, "bold")
    if not on_grid:
        yield _row("taken on", [ERROR_POINTS[place] for place in places], room)
    for row in comparison.errors:
        cells = zip(row.values, row.best, strict=True)
        yield _row(row.label, ["* " * best + format_error(value) for value, best in cells], room)
    yield _row("epochs", [f"{epoch:,}" for epoch in comparison.epochs], room)
    yield _row("seconds", [f"{seconds:.2f}" for seconds in comparison.seconds], room)


def _row(label: str, values: Sequence[str], room: int, style: str = "") -> Content:
    cells = (f" {cell(value, room, right=True)}" for value in values)
    return Content.assemble((cell(label, LABEL), "$text-muted"), ("".join(cells), style))
