"""Classical methods beside the network of a run: their errors in a table, the chosen one's curve behind the fit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer, Static

from tui_runge.analysis.classical_table import HEADINGS, number_rows
from tui_runge.problems import ERROR_POINTS, problem_of
from tui_runge.tui.charts.kinds import FitChart
from tui_runge.tui.charts.spec import Curve, Plot
from tui_runge.tui.charts.view import View
from tui_runge.tui.runs_table import cell
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.chart import Chart

if TYPE_CHECKING:
    from tui_runge.analysis.outcomes import Outcome
    from tui_runge.core.progress import Floats, Progress

FIRST_DEGREE, HIGHEST_DEGREE = 10, 500
"""At the first Runge's phenomenon is seen, and the curve is still on the chart."""
PLACES = 1000
MARGIN = 0.5
"""Of the height of target and network, left above and below for curves that swing wider."""
NAME_WIDTH, NUMBER_WIDTH = 27, 11


class Fitted(Message):
    """What methods made of the points at a degree, and what the network is worth, once that is known."""

    def __init__(self, degree: int, outcomes: "list[Outcome]", worth: str = "") -> None:
        super().__init__()
        self.degree = degree
        self.outcomes = outcomes
        self.worth = worth


class Classical(Modal[None]):
    """Fits in a thread, which shows each method as it comes; a run that trains on is shown as it was."""

    AUTO_FOCUS = "#facts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "choose(1)", "Method", priority=True),
        Binding("up", "choose(-1)", "Method above", show=False, priority=True),
        Binding("right", "turn(1)", "Degree", priority=True),
        Binding("left", "turn(-1)", "Lower degree", show=False, priority=True),
        Binding("pageup", "turn_tens(1)", "Next ten", show=False, priority=True),
        Binding("pagedown", "turn_tens(-1)", "Ten before", show=False, priority=True),
        Binding("tab", "other", "f or f′", priority=True),
        Binding("escape,q,i", "dismiss", "Back"),
    ]

    def __init__(self, progress: "Progress") -> None:
        super().__init__()
        self._progress = progress
        self._problem = problem_of(progress.config)
        self._degree = FIRST_DEGREE
        self._derivative = False
        self._chosen = 0
        self._worth = ""
        self.outcomes: dict[str, Outcome] = {}
        """What there is by now, in the order of the table."""

    def compose(self) -> ComposeResult:
        yield Static(id="heading")
        yield Chart(Plot(""), id="approximation")
        with VerticalScroll(id="facts"):
            yield Static(id="table")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._show()
        self._fit(self._degree)

    def on_resize(self) -> None:
        self._show()

    @work(thread=True)
    def _fit(self, degree: int) -> None:
        """Fit all methods, or those that have a degree where the others were fitted before."""
        from tui_runge.analysis.chebyshev_series import equal_degrees
        from tui_runge.analysis.classical import METHODS, classical_fits, training_points
        from tui_runge.analysis.outcomes import network

        points = training_points(self._progress)
        for method in METHODS:
            if degree != self._degree:
                return  # another fit is under way
            if method.has_degree or method.name not in self.outcomes:
                self.post_message(Fitted(degree, classical_fits(self._problem, degree, points, [method])))
        worth = self._worth or str(equal_degrees(self._problem, self._progress.errors))
        self.post_message(Fitted(degree, [network(self._progress)], worth))

    def on_fitted(self, event: Fitted) -> None:
        if event.degree == self._degree:
            self.outcomes |= {outcome.name: outcome for outcome in event.outcomes}
            self._worth = event.worth or self._worth
            self._show()

    def action_choose(self, step: int) -> None:
        self._chosen = (self._chosen + step) % max(1, len(self.outcomes))
        self._show()

    def action_turn(self, step: int) -> None:
        self._turn_to(self._degree + step)

    def action_turn_tens(self, step: int) -> None:
        """Go to the next degree that is a multiple of ten, up or down."""
        self._turn_to((self._degree // 10 + 1) * 10 if step > 0 else (self._degree - 1) // 10 * 10)

    def _turn_to(self, degree: int) -> None:
        degree = min(max(degree, 1), HIGHEST_DEGREE)
        if degree != self._degree:
            self._degree = degree
            self._show()
            self._fit(degree)

    def action_other(self) -> None:
        self._derivative = not self._derivative
        self._show()

    def _show(self) -> None:
        epoch, count = self._progress.epoch, len(self._problem.training.x)
        heading = f" classical   degree {self._degree}   {self._problem.label}, {count:,} points, epoch {epoch:,}"
        self.query_one("#heading", Static).update(Content(heading))
        self.query_one("#table", Static).update(Content("\n").join(self._lines(self.size.width - 2)))
        outcomes = list(self.outcomes.values())
        outcome = outcomes[self._chosen] if outcomes else None
        self.query_one(Chart).show(overlaid(self._progress, outcome, self._derivative))

    def _lines(self, width: int) -> Iterator[Content]:
        """The table, the note on the chosen method, and what the network is worth."""
        outcomes = list(self.outcomes.values())
        count = min(len(HEADINGS), (width - NAME_WIDTH) // NUMBER_WIDTH)
        notes_fit = width >= NAME_WIDTH + len(HEADINGS) * NUMBER_WIDTH + NAME_WIDTH
        place = ERROR_POINTS[self._problem.errors_on]
        yield Content.styled(_row(f"error on the {place}", HEADINGS[:count]), "bold")
        for n, (outcome, numbers) in enumerate(zip(outcomes, number_rows(outcomes, "–"), strict=True)):
            line = _row(outcome.name, numbers[:count]) + (f"  {outcome.note}" if notes_fit else "")
            yield Content.styled(cell(line, width), "reverse" if n == self._chosen else "")
        if "network" not in self.outcomes:
            yield Content.styled("fitting …", "$text-muted")
        elif not notes_fit:
            yield Content.styled(outcomes[self._chosen].note, "$text-muted")
        if self._worth:
            line = f"the network is {self._worth}"
            yield Content(line if len(line) <= width else line.replace(", in f′", "\n  and in f′"))


def overlaid(progress: "Progress", outcome: "Outcome | None", derivative: bool) -> Plot:
    """The fit, or its derivative, with the curve of a method behind it, as far as that does not leave the chart."""
    import numpy as np

    kind, interval = FitChart(derivative), problem_of(progress.config).interval
    plot = replace(kind.plot(progress, View(), by_seconds=False), title=kind.name, x_limits=interval)
    if outcome is None or outcome.fitted is None:
        return plot
    x = np.linspace(*interval, PLACES)
    with np.errstate(all="ignore"):
        y = (outcome.fitted.df if derivative else outcome.fitted.f)(x)
    heights = np.concatenate([curve.low for curve in plot.curves])
    heights, finite = heights[np.isfinite(heights)], y[np.isfinite(y)]
    if not heights.size or not finite.size:
        return plot
    low, high = float(heights.min()), float(heights.max())
    margin = MARGIN * (high - low)
    limits = min(low, max(float(finite.min()), low - margin)), max(high, min(float(finite.max()), high + margin))
    x, y = _up_to(limits, x, y)
    curve = Curve(outcome.name, "fourth", x, y, y, brief="method")
    return replace(plot, curves=(curve, *plot.curves), y_limits=limits)


def _up_to(limits: tuple[float, float], x: "Floats", y: "Floats") -> "tuple[Floats, Floats]":
    """A curve (n,), with points added where it crosses the limits, so that it is drawn as far as them."""
    import numpy as np

    for limit in limits:
        before = np.flatnonzero((y[:-1] < limit) != (y[1:] < limit))
        before = before[np.isfinite(y[before]) & np.isfinite(y[before + 1])]
        share = (limit - y[before]) / (y[before + 1] - y[before])
        x = np.insert(x, before + 1, x[before] + share * (x[before + 1] - x[before]))
        y = np.insert(y, before + 1, limit)
    return x, y


def _row(name: str, numbers: tuple[str, ...]) -> str:
    return cell(name, NAME_WIDTH) + "".join(cell(number, NUMBER_WIDTH, right=True) for number in numbers)
