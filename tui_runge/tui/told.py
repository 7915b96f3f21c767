"""The first line of the main screen."""

from typing import TYPE_CHECKING

from textual.content import Content

from tui_runge.config import Config
from tui_runge.targets import TARGETS
from tui_runge.tui.replay import Replay
from tui_runge.tui.spec import cut, is_loss
from tui_runge.tui.view import View

if TYPE_CHECKING:
    from tui_runge.progress import Progress

NAME = (" runge-tui ", "bold $text-primary")


def first_line(
    config: Config,
    progress: "Progress | None",
    replay: Replay | None,
    alone: tuple[int, View, bool] | None,
    width: int,
) -> Content:
    """What the crosshair reads in a chart that stands `alone`, seen through its view and over seconds or not.

    Else how to go about a replay; what went wrong, where something did; or what is trained, and from where.
    """
    room = max(0, width - 11)
    if replay is not None and (alone is None or alone[1].cross is None):
        return Content.assemble(NAME, ("  ◀ replay: [ ] scrub, b branch, esc back to now", "bold $text-error"))
    if progress and alone:
        return Content.assemble(NAME, cut(f"  {_reading(progress, replay, *alone)}", room))
    if progress and progress.message:
        return Content.assemble(NAME, (cut(f"  {progress.message}", room), "bold $text-error"))
    if progress and progress.unsaved:
        return Content.assemble(NAME, (cut(f"  not saved: {progress.unsaved}", room), "bold $text-warning"))
    network = "–".join(map(str, (1, *config.hidden, 1)))
    told = f"f(x) = {TARGETS[config.target].formula}   {network} {config.activation}   {config.optimizer}"
    run = f"{progress.run}   " if progress and progress.run else ""
    branch = f"   from {progress.parent.split('-', 2)[-1]}" if progress and progress.parent else ""
    return Content.assemble(NAME, cut(f"  {run}{told}{branch}   seed {config.seed}", room))


def _reading(progress: "Progress", replay: Replay | None, chart: int, view: View, by_seconds: bool) -> str:
    from tui_runge.tui import charts

    then = replay.then if replay is not None and not is_loss(chart) else None
    return charts.reading(then or progress, chart, view, by_seconds) or "arrows move a crosshair, + and - zoom"
