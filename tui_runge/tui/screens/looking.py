"""How the charts of the main screen are looked at: scale, smoothing, zoom and crosshair of the chosen one."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from tui_runge.preferences import Preferences
from tui_runge.tui.screens.layout import LaidOut
from tui_runge.tui.spec import NAMES
from tui_runge.tui.view import WINDOWS, View, move, pan, zoom

if TYPE_CHECKING:
    from tui_runge.progress import Progress


class Looking(LaidOut):
    """A screen with a view of each chart, one of which is chosen."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__(preferences.layout)
        kept = zip_longest(preferences.log, preferences.smoothing, NAMES)
        self.views = [View(log is not False, smoothing or 0) for log, smoothing, _ in kept][: len(NAMES)]
        self.by_seconds = False
        self.chosen = preferences.chart % len(NAMES)

    @property
    @abstractmethod
    def progress(self) -> "Progress | None":
        """What is shown, if any progress was made."""

    @abstractmethod
    def redraw(self) -> None:
        """Show the same in the views as they are now."""

    def _change(self, change: Callable[[View], View]) -> None:
        """Look at the chosen chart in another way."""
        self.views[self.chosen] = change(self.views[self.chosen])
        self.redraw()

    def _limits(self) -> tuple[tuple[float, float], float]:
        """The x limits of the whole chosen chart and its newest point."""
        if self.progress is None:
            return (0.0, 1.0), 0.0
        from tui_runge.tui import charts

        x = charts.points(self.progress, self.chosen, self.by_seconds)
        return charts.whole(self.progress, self.chosen, self.by_seconds), float(x[-1]) if x.size else 0.0

    def action_scale(self) -> None:
        self._change(lambda view: replace(view, log=not view.log))

    def action_smooth(self, step: int) -> None:
        self._change(lambda view: replace(view, smoothing=min(max(view.smoothing + step, 0), len(WINDOWS) - 1)))

    def action_time_axis(self) -> None:
        self.by_seconds = not self.by_seconds
        for n in range(len(self.views)):
            self.views[n] = replace(self.views[n], span=None, cross=None, follows=False)
        self.redraw()

    def action_zoom(self, factor: float) -> None:
        self._change(lambda view: zoom(view, factor, *self._limits()))

    def action_pan(self, part: float) -> None:
        self._change(lambda view: pan(view, part, *self._limits()))

    def action_cross(self, direction: int) -> None:
        if self.progress is not None:
            from tui_runge.tui import charts

            x = charts.points(self.progress, self.chosen, self.by_seconds)
            self._change(lambda view: move(view, direction, x, *self._limits()))

    def action_whole(self) -> None:
        self._change(lambda view: replace(view, span=None, follows=False))
