"""The main screen: five charts and the panel of numbers."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui_runge.config import Config
from tui_runge.targets import TARGETS
from tui_runge.tui.charts import NAMES, plot, title
from tui_runge.tui.pace import settled
from tui_runge.tui.plot import Plot
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.metrics import Metrics

if TYPE_CHECKING:
    from tui_runge.progress import Progress


FEW = 2
"""How many charts a frame of a settled run draws: its charts hardly move, yet drawing them is most of what it costs."""


class Lab(Screen[None]):
    """Shows a run: all charts where they fit, otherwise the chosen one."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (72, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (23, "-short"), (32, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = True
        self._progress: Progress | None = None
        self._turn = 0

    def compose(self) -> ComposeResult:
        yield Static(id="title")
        with Container(id="body"):
            with Container(id="charts"):
                for n, name in enumerate(NAMES):
                    yield Chart(Plot(title(n)), id=name.replace(" ", "-"), classes="-chosen" if n == 0 else "")
            yield Metrics(id="metrics")
        yield Static("runge-tui needs 72 x 23 cells: make the terminal larger", id="small")
        yield Footer(compact=True, show_command_palette=False)

    def show(self, state: str, config: Config, progress: "Progress | None") -> None:
        """Show a state of the run, what is asked for, and the progress made, if any."""
        fresh = progress is not self._progress
        self._progress = progress
        with self.app.batch_update():
            self.query_one("#title", Static).update(_title(config, progress.message if progress else ""), layout=False)
            self.query_one(Metrics).show(state, config, progress)
            if fresh:
                self._draw(settled(progress))

    def _draw(self, few: bool = False) -> None:
        """Draw the charts; of a settled run only the next `FEW` of those that are shown."""
        if self._progress is None:
            return
        shown = [(n, chart) for n, chart in enumerate(self.query(Chart)) if chart.display]
        if few:
            shown = (shown[self._turn :] + shown[: self._turn])[:FEW]
            self._turn = (self._turn + FEW) % len(NAMES)
        for n, chart in shown:
            chart.show(plot(self._progress, n, self.log_scale))

    def toggle_scale(self) -> None:
        """Logarithmic losses, or linear ones."""
        self.log_scale = not self.log_scale
        self._draw()

    def choose(self, chart: int) -> None:
        """Choose a chart, counted round `NAMES`: the one shown where not all fit."""
        for n, each in enumerate(self.query(Chart)):
            each.set_class(n == chart % len(NAMES), "-chosen")
        self._draw()

    def choose_next(self, direction: int) -> None:
        """Choose the next chart (1) or the one before (-1)."""
        chosen = next(n for n, each in enumerate(self.query(Chart)) if each.has_class("-chosen"))
        self.choose(chosen + direction)


def _title(config: Config, message: str) -> Content:
    """What is trained; or what went wrong, where something did."""
    name = (" runge-tui ", "bold $text-primary")
    if message:
        return Content.assemble(name, (f"  {message}", "bold $text-error"))
    network = "–".join(map(str, (1, *config.hidden, 1)))
    facts = f"f(x) = {TARGETS[config.target].formula}   {network} {config.activation}   {config.optimizer}"
    return Content.assemble(name, f"  {facts}   seed {config.seed}")
