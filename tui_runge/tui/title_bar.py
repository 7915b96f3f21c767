"""The first line of the main screen."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tui_runge.core.config import Config
from tui_runge.core.text import shorten
from tui_runge.problems import problem_of
from tui_runge.tui.charts.views import ChartViews
from tui_runge.tui.replay import Replay

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

NAME = (" runge-tui ", "bold $text-primary")


class TitleBar(Static):
    """Shows the line in the cells it has."""

    _shown: "tuple[Config, Progress | None, Replay | None, ChartViews | None] | None" = None

    def __init__(self) -> None:
        super().__init__(Content.assemble(NAME), id="title")

    def show(
        self, config: Config, progress: "Progress | None", replay: Replay | None, views: ChartViews | None
    ) -> None:
        """Show the line of these, as `title_line` has it."""
        self._shown = config, progress, replay, views
        self.on_resize()

    def on_resize(self) -> None:
        if self._shown is not None:
            self.update(title_line(*self._shown, self.size.width), layout=False)


def title_line(
    config: Config, progress: "Progress | None", replay: Replay | None, views: ChartViews | None, width: int
) -> Content:
    """The line: what the crosshair reads in the chosen chart where it is maximised, which is when `views` are given.

    Else how to go about a replay; what went wrong, where something did; or what is trained, and from where.
    """
    room = max(0, width - 11)
    if replay is not None and (views is None or views.view.cross is None):
        return Content.assemble(NAME, ("  ◀ replay: [ ] scrub, b branch, esc back to now", "bold $text-error"))
    if progress and views:
        reading = crosshair_reading(progress, replay, views) or "arrows move a crosshair, + and - zoom"
        return Content.assemble(NAME, shorten(f"  {reading}", room))
    if progress and progress.message:
        return Content.assemble(NAME, (shorten(f"  {progress.message}", room), "bold $text-error"))
    if progress and progress.unsaved:
        return Content.assemble(NAME, (shorten(f"  not saved: {progress.unsaved}", room), "bold $text-warning"))
    network = "–".join(map(str, (1, *config.hidden, 1)))
    label = problem_of(config).label
    fitted = f"f(x) = {label}" if config.points is None else f"{label}, {len(config.points):,} points"
    trained = f"{fitted}   {network} {config.activation}   {config.optimizer}"
    warning = f" ({progress.warning})" if progress and progress.warning else ""
    run = f"{progress.run}{warning}   " if progress and progress.run else ""
    branch = f"   from {progress.parent.split('-', 2)[-1]}" if progress and progress.parent else ""
    return Content.assemble(NAME, shorten(f"  {run}{trained}{branch}   seed {config.seed}", room))


def crosshair_reading(progress: "Progress", replay: Replay | None, views: ChartViews) -> str:
    """What the crosshair reads in the chosen chart; nothing where it has none."""
    from tui_runge.tui.charts.builder import reading, shown_progress

    shown = shown_progress(progress, views.kind, replay)
    return reading(shown, views.kind, views.view, views.by_seconds)
