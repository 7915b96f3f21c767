"""The screen's first line: what is trained, what went wrong, or what the crosshair reads."""

from textual.content import Content

from tui_runge.config import Config
from tui_runge.targets import TARGETS
from tui_runge.tui.spec import cut

NAME = (" runge-tui ", "bold $text-primary")


def told(text: str, style: str = "") -> Content:
    """The program's name and a text."""
    return Content.assemble(NAME, (f"  {text}", style))


def facts(config: Config, width: int) -> Content:
    """The program's name and what is trained, in so many cells."""
    network = "–".join(map(str, (1, *config.hidden, 1)))
    text = f"f(x) = {TARGETS[config.target].formula}   {network} {config.activation}   {config.optimizer}"
    return told(cut(f"{text}   seed {config.seed}", max(0, width - 13)))
