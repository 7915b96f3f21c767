"""The front: MSE(f) against MSE(f') of the kept runs of one problem, the current run marked."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.problems import problem_of
from tui_runge.runs.front import FrontRun, front, same_problem_runs, what_is_missing
from tui_runge.runs.numbers import format_error
from tui_runge.tui.charts.spec import DOT, Curve, Plot, Role
from tui_runge.tui.runs_table import cell
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.chart import Chart

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.runs.store import RunStore

NAME_WIDTH, WEIGHT_WIDTH, ERROR_WIDTH = 26, 12, 11
SHARE = 3
"""One part in so many of the rows is the list's, the rest the chart's."""


class Front(Modal[str]):
    """Reads the runs in a thread; the result is the name of the run to show behind the current one, if any."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Run"),
        Binding("up,k", "move(-1)", "Run above", show=False),
        Binding("enter", "choose", "Behind this one"),
        Binding("escape,q,F", "dismiss", "Back"),
    ]

    def __init__(self, store: "RunStore", progress: "Progress") -> None:
        super().__init__()
        self._store = store
        self._progress = progress
        self._at = 0
        self.runs: Sequence[FrontRun] | None = None
        """The runs by rising MSE(f); None until they are read."""

    def compose(self) -> ComposeResult:
        yield Static(id="heading")
        yield Chart(Plot(""), id="errors")
        with VerticalScroll(id="facts", can_focus=False):
            yield Static(id="table")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._show()
        self._read()

    def on_resize(self) -> None:
        self._show()

    @work
    async def _read(self) -> None:
        progress, points = self._progress, self._progress.config.points
        sha256 = points.sha256 if points is not None else ""
        try:
            kept = await asyncio.to_thread(self._store.list)
        except ValueError as error:
            self.app.notify(str(error), severity="warning", markup=False)
            kept = []
        self.runs = front(same_problem_runs(kept, progress.config, sha256), progress.run)
        self._at = next((n for n, run in enumerate(self.runs) if run.current), 0)
        self._show()

    def action_move(self, rows: int) -> None:
        if self.runs:
            self._at = max(0, min(self._at + rows, len(self.runs) - 1))
            self._show()

    def action_choose(self) -> None:
        if self.runs and not self.runs[self._at].current:
            self.dismiss(self.runs[self._at].summary.name)

    def _show(self) -> None:
        label, runs = problem_of(self._progress.config).label, self.runs or ()
        count = "reading ..." if self.runs is None else f"{len(runs):,} kept, {sum(run.on_front for run in runs)} on it"
        self.query_one("#heading", Static).update(Content(f" front   {label}   {count}"))
        self.query_one(Chart).show(chart(runs, self._at))
        self.query_one("#table", Static).update(Content("\n").join(self._lines(self.size.width - 2)))

    def _lines(self, width: int) -> Iterator[Content]:
        """The runs about the chosen one that there is room for, or what a front needs."""
        runs = self.runs or ()
        heading = ("weight", ERROR_LABELS["mse_f"], ERROR_LABELS["mse_df"])
        yield Content.styled(cell(_row("  run", *heading) + "  differs", width), "bold")
        rows = max(3, self.size.height // SHARE - 1)
        first = max(0, min(self._at - rows // 2, len(runs) - rows))
        for n, run in enumerate(runs[first : first + rows], first):
            errors = run.summary.errors
            mark = "● " if run.current else "* " if run.on_front else "  "
            numbers = (format_error(error) for error in (errors.mse_f, errors.mse_df))
            line = cell(f"{_row(mark + run.summary.name, run.weight, *numbers)}  {run.summary.differs}", width)
            yield Content.styled(line, "reverse" if n == self._at else "" if run.on_front else "$text-muted")
        if self.runs is not None and len(runs) < 2:
            yield Content.styled(what_is_missing(self._progress.errors), "$text-warning")


def chart(runs: Sequence[FrontRun], chosen: int) -> Plot:
    """MSE(f') over MSE(f), both in decades: the front as a line through its runs, the current and the chosen marked."""
    import numpy as np

    if not runs:
        return Plot("")
    errors = [run.summary.errors for run in runs]
    x = np.log10([each.mse_f for each in errors])
    y = np.array([each.mse_df for each in errors])
    on_front = np.array([run.on_front for run in runs])
    current = np.array([run.current for run in runs])
    is_chosen = np.arange(len(runs)) == chosen

    def dots(label: str, role: Role, shown: "np.ndarray[tuple[int], np.dtype[np.bool_]]", mark: str = DOT) -> Curve:
        return Curve(label, role, x[shown], y[shown], y[shown], dots=mark)

    return Plot(
        title=f"{ERROR_LABELS['mse_df']} over {ERROR_LABELS['mse_f']}",
        curves=(
            *([Curve("", "train", x[on_front], y[on_front], y[on_front])] if on_front.sum() > 1 else []),
            dots("others", "faint", ~on_front),
            dots("front", "train", on_front, "*"),
            *([dots("this run", "validation", current, "●")] if current.any() else []),
            dots("chosen", "cross", is_chosen, "o"),
        ),
        x_limits=(float(math.floor(x.min())), float(max(math.ceil(x.max()), math.floor(x.min()) + 1))),
        x_label=ERROR_LABELS["mse_f"],
        log=True,
        x_decades=True,
    )


def _row(name: str, weight: str, *numbers: str) -> str:
    texts = (cell(weight, WEIGHT_WIDTH, right=True), *(cell(number, ERROR_WIDTH, right=True) for number in numbers))
    return cell(name, NAME_WIDTH + 2) + "".join(texts)
