"""Every key, once: dispatch, footer and help read this table."""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

from tui_runge.config import KNOBS
from tui_runge.tui.charts import NAMES


@dataclass(frozen=True)
class Key:
    """A key, the action it starts, its word in the footer (none: not there) and its line in the help."""

    key: str
    action: str
    help: str
    group: Literal["training", "hyperparameters", "charts", "program"]
    word: str = ""

    @property
    def shown(self) -> str:
        """The key as a person reads it."""
        return {"question_mark": "?"}.get(self.key, self.key)

    @property
    def binding(self) -> Binding:
        """What textual dispatches by."""
        # tab moves the focus unless the binding comes first; no widget here takes the focus.
        return Binding(self.key, self.action, self.word or self.help, show=bool(self.word), priority="tab" in self.key)


def _turns() -> list[Key]:
    """The keys of the knobs: a letter turns down, the same in upper case up."""
    return [
        Key(
            key,
            f"turn('{knob.name}', {index}, {direction})",
            f"{turn.label} {way}, {'from the next epoch on' if knob.live else 'and restart'}",
            "hyperparameters",
        )
        for knob in KNOBS.values()
        for index, turn in enumerate(knob.turns)
        for key, way, direction in ((turn.key, "down", -1), (turn.key.upper(), "up", 1))
    ]


KEYS = (
    Key("space", "pause", "pause the training", "training", "Pause"),
    Key("space", "resume", "go on with the training", "training", "Resume"),
    Key("s", "advance", "train one epoch, when paused", "training", "Step"),
    Key("r", "restart", "restart with the same seed and initial weights", "training", "Restart"),
    Key("R", "reseed", "restart with the next seed", "training", "New seed"),
    *_turns(),
    Key("l", "scale", "logarithmic or linear losses", "charts", "Log/linear"),
    Key("tab", "next_chart(1)", "next chart", "charts"),
    Key("shift+tab", "next_chart(-1)", "previous chart", "charts"),
    *(Key(str(n + 1), f"chart({n})", f"chart {n + 1}, {name}", "charts") for n, name in enumerate(NAMES)),
    Key("e", "export", "write figures and metrics.json to a new folder", "program", "Export"),
    Key("question_mark", "help", "these keys", "program", "Help"),
    Key("q", "quit", "leave", "program", "Quit"),
)
