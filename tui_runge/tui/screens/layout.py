"""How the main screen is laid out, by its size and by choice."""

from textual.screen import Screen

LAYOUTS = ("all", "one", "charts")
"""All charts and the panel, the chosen chart and the panel, all charts alone; what does not fit stays behind."""


class LaidOut(Screen[None]):
    """A screen of charts and a panel, in one of `LAYOUTS` or with one chart maximised."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-slim"), (74, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-short"), (32, "-tall")]  # noqa: RUF012

    def __init__(self, name: str) -> None:
        super().__init__()
        self.maximised = False
        self.lay_out(name if name in LAYOUTS else LAYOUTS[0])

    @property
    def panelled(self) -> bool:
        """Whether the panel is in sight."""
        return not self.maximised and self.laid_out != "charts"

    def lay_out(self, name: str) -> None:
        """Show one of `LAYOUTS`."""
        self.laid_out = name
        for each in LAYOUTS:
            self.set_class(each == name, f"-{each}")

    def lay_out_next(self) -> None:
        """Show the next of `LAYOUTS`."""
        self.lay_out(LAYOUTS[(LAYOUTS.index(self.laid_out) + 1) % len(LAYOUTS)])
