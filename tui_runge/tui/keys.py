"""Every key, once: dispatch, footer and help read this table."""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

from tui_runge.config import KNOBS
from tui_runge.tui.charts import NAMES

Group = Literal["training", "hyperparameters", "charts", "in a maximised chart", "program"]


@dataclass(frozen=True)
class Key:
    """A key, the action it starts, its word in the footer (none: not there) and its line in the help."""

    key: str
    action: str
    help: str
    group: Group
    word: str = ""

    @property
    def shown(self) -> str:
        """The key as a person reads it."""
        return SHOWN.get(self.key, self.key)

    @property
    def binding(self) -> Binding:
        """What textual dispatches by."""
        # tab moves the focus unless the binding comes first; no widget here takes the focus.
        return Binding(self.key, self.action, self.word or self.help, show=bool(self.word), priority="tab" in self.key)


SHOWN = {
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def _turns() -> list[Key]:
    """The knobs' own keys: a letter turns down, the same in upper case up."""
    return [
        Key(
            key,
            f"turn('{knob.name}', {index}, {direction})",
            f"{turn.label} {way}{'' if knob.live else ', at the next restart'}",
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
    Key("p", "presets", "presets: the report, and what it would try next", "training", "Presets"),
    Key("P", "preset('precise')", "the most precise preset", "training"),
    Key("up", "select(-1)", "the knob above", "hyperparameters"),
    Key("down", "select(1)", "the knob below", "hyperparameters"),
    Key("left", "step(-1)", "turn the knob down", "hyperparameters"),
    Key("right", "step(1)", "turn the knob up", "hyperparameters"),
    Key("enter", "edit", "type an exact value", "hyperparameters"),
    Key("0", "default", "the knob's default", "hyperparameters"),
    Key("u", "undo", "undo the last change of a knob", "hyperparameters"),
    *_turns(),
    *(
        Key(str(n + 1), f"screen.choose({n})", f"choose chart {n + 1}, {name}", "charts")
        for n, name in enumerate(NAMES)
    ),
    Key("tab", "screen.choose_next(1)", "next chart", "charts"),
    Key("shift+tab", "screen.choose_next(-1)", "previous chart", "charts"),
    Key("enter", "screen.maximise", "the chosen chart alone", "charts", "Maximise"),
    Key("escape", "screen.back", "back", "charts", "Back"),
    Key("l", "screen.scale", "logarithmic or linear", "charts", "Log/linear"),
    Key("x", "screen.time_axis", "losses over epochs or seconds", "charts"),
    Key("greater_than_sign", "screen.smooth(1)", "smoother, over the raw line", "charts"),
    Key("less_than_sign", "screen.smooth(-1)", "less smooth", "charts"),
    Key("left", "screen.cross(-1)", "crosshair to the left", "in a maximised chart"),
    Key("right", "screen.cross(1)", "crosshair to the right", "in a maximised chart"),
    Key("plus", "screen.zoom(0.5)", "zoom in at the crosshair", "in a maximised chart", "Zoom"),
    Key("minus", "screen.zoom(2.0)", "zoom out", "in a maximised chart"),
    Key("shift+left", "screen.pan(-0.25)", "move to the left", "in a maximised chart"),
    Key("shift+right", "screen.pan(0.25)", "move to the right", "in a maximised chart"),
    Key("0", "screen.whole", "the whole chart", "in a maximised chart", "Whole"),
    Key("e", "export", "write figures and metrics.json to a new folder", "program", "Export"),
    Key("question_mark", "help", "these keys", "program", "Help"),
    Key("q", "quit", "leave", "program", "Quit"),
)
