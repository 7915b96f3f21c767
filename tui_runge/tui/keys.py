"""Every key, once: dispatch, footer and help read this table."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

from tui_runge.config import KNOBS
from tui_runge.options import hint
from tui_runge.tui.charts import NAMES


@dataclass(frozen=True)
class Key:
    """A key, the action it starts, its word in the footer (none: not there) and its line in the help.

    `name` is what the configuration file calls it, where that is not the action itself.
    """

    key: str
    action: str
    help: str
    group: Literal["training", "hyperparameters", "charts", "program"]
    word: str = ""
    name: str = ""

    @property
    def id(self) -> str:
        """The name by which the configuration file gives it another key; several keys may share it."""
        return self.name or self.action.removeprefix("screen.").replace("_", "-")

    @property
    def shown(self) -> str:
        """The key as a person reads it."""
        return ", ".join({"question_mark": "?"}.get(key, key) for key in self.key.split(","))

    @property
    def binding(self) -> Binding:
        """What textual dispatches by."""
        # tab moves the focus unless the binding comes first; no widget here takes the focus.
        return Binding(
            self.key,
            self.action,
            self.word or self.help,
            show=bool(self.word),
            priority="tab" in self.key,
            id=self.id,
        )


def _turns() -> list[Key]:
    """The keys of the knobs: a letter turns down, the same in upper case up."""
    return [
        Key(
            key,
            f"turn('{knob.name}', {index}, {direction})",
            f"{turn.label} {way}, {'from the next epoch on' if knob.live else 'and restart'}",
            "hyperparameters",
            name=f"{turn.label} {way}".replace(" ", "-"),
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
    Key("tab", "next_chart(1)", "next chart", "charts", name="next-chart"),
    Key("shift+tab", "next_chart(-1)", "previous chart", "charts", name="previous-chart"),
    *(
        Key(str(n + 1), f"chart({n})", f"chart {n + 1}, {name}", "charts", name=f"chart-{n + 1}")
        for n, name in enumerate(NAMES)
    ),
    Key("e", "export", "write figures and metrics.json to a new folder", "program", "Export"),
    Key("t", "next_theme", "the next theme: light or dark", "program"),
    Key("question_mark", "help", "these keys", "program", "Help"),
    Key("q", "quit", "leave", "program", "Quit"),
)


def remapped(wanted: Mapping[str, Sequence[str]]) -> tuple[Key, ...]:
    """The table with other keys, by the `id` of their action.

    Raises ValueError for an unknown id, and where a key would do two things that do not share one in `KEYS`.
    """
    ids = [key.id for key in KEYS]
    for name in wanted:
        if name not in ids:
            raise ValueError(f"unknown action {name}{hint(name, ids)}")
    keys = tuple(dataclasses.replace(key, key=_joined(wanted[key.id])) if key.id in wanted else key for key in KEYS)
    for n, (key, before) in enumerate(zip(keys, KEYS, strict=True)):
        for other, its in zip(keys[:n], KEYS[:n], strict=True):
            both = sorted(set(key.key.split(",")) & set(other.key.split(",")))
            if both and before.key != its.key:
                raise ValueError(f"{both[0]} cannot stand for both {other.id} and {key.id}: give one another key")
    return keys


def _joined(keys: Sequence[str]) -> str:
    """Keys as textual names them, such as question_mark for ?."""
    named = ["comma" if key == "," else key for key in keys]
    return ",".join(next(iter(Binding.make_bindings([Binding(key, "")]))).key for key in named)
