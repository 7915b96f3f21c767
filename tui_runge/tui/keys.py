"""Every key, once: dispatch, footer and help read this table."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from textual import actions
from textual.binding import Binding
from textual.dom import DOMNode

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.text import hint
from tui_runge.tui.charts.kinds import PAGES

Group = Literal[
    "training",
    "hyperparameters",
    "charts",
    "in a maximised chart",
    "replay",
    "in the list of runs",
    "in a sweep",
    "program",
]


@dataclass(frozen=True)
class Key:
    """A key, the action it starts, its word in the footer (none: not there) and its line in the help.

    `name` is what the configuration file calls it, where that is not the action itself.
    """

    key: str
    action: str
    help: str
    group: Group
    word: str = ""
    name: str = ""

    @property
    def id(self) -> str:
        """The name by which the configuration file gives it another key; several keys may share it."""
        return self.name or self.action.removeprefix("screen.").replace("_", "-")

    @property
    def shown(self) -> str:
        """The key as a person reads it."""
        return ", ".join(SHOWN.get(key, key) for key in self.key.split(","))

    @property
    def binding(self) -> Binding:
        """What textual dispatches by."""
        # tab moves the focus unless the binding comes first, and no widget here takes the focus; the program can be
        # suspended from every dialogue.
        return Binding(
            self.key,
            self.action,
            self.word or self.help,
            show=bool(self.word),
            priority="tab" in self.key or self.action == "suspend_process",
            id=self.id,
        )


SHOWN = {
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def _knob_keys() -> list[Key]:
    """The knobs' own keys: a letter turns down, the same in upper case up."""
    return [
        Key(
            key,
            f"turn('{parameter.name}', {index}, {direction})",
            f"{step.label} {way}{'' if parameter.live else ', at the next restart'}",
            "hyperparameters",
            name=f"{step.label} {way}".replace(" ", "-"),
        )
        for parameter in HYPERPARAMETERS.values()
        for index, step in enumerate(parameter.own_key_steps)
        if step.key
        for key, way, direction in ((step.key, "down", -1), (step.key.upper(), "up", 1))
    ]


KEYS = (
    Key("space", "pause", "pause the training", "training", "Pause"),
    Key("space", "resume", "go on with the training", "training", "Resume"),
    Key("s", "advance", "train one epoch, when paused", "training", "Step"),
    Key("r", "restart", "restart with the same seed and initial weights", "training", "Restart"),
    Key("R", "reseed", "restart with the next seed", "training", "New seed"),
    Key("p", "presets", "presets: the report, and what it would try next", "training", "Presets"),
    Key("P", "preset('precise')", "the most precise preset", "training", name="precise"),
    Key("up", "select(-1)", "the knob above", "hyperparameters", name="knob-above"),
    Key("down", "select(1)", "the knob below", "hyperparameters", name="knob-below"),
    Key("left", "step(-1)", "turn the knob down", "hyperparameters", name="turn-down"),
    Key("right", "step(1)", "turn the knob up", "hyperparameters", name="turn-up"),
    Key("enter", "edit", "type an exact value", "hyperparameters"),
    Key("0", "default", "the knob's default", "hyperparameters"),
    Key("u", "undo", "undo the last change of a knob", "hyperparameters"),
    *_knob_keys(),
    Key("B", "balance", "derivative weight auto, or back to its default", "hyperparameters"),
    *(
        Key(
            str(n + 1),
            f"screen.choose({n})",
            f"choose {', '.join(kind.name for kind in kinds if kind)}",
            "charts",
            name=f"chart-{n + 1}",
        )
        for n, kinds in enumerate(zip_longest(*PAGES))
    ),
    Key("m", "page", "more charts: the next page of them", "charts"),
    Key("tab", "screen.choose_next(1)", "next chart", "charts", name="next-chart"),
    Key("shift+tab", "screen.choose_next(-1)", "previous chart", "charts", name="previous-chart"),
    Key("enter", "screen.maximise", "the chosen chart alone", "charts", "Maximise"),
    Key("g", "screen.ghosts", "the run before, behind the curves, or not", "charts"),
    Key("escape", "screen.back", "back", "charts", "Back"),
    Key("y", "screen.lay_out", "the next layout: all charts, one, or no panel", "charts", name="layout"),
    Key("l", "screen.scale", "logarithmic or linear", "charts", "Log/linear"),
    Key("x", "screen.time_axis", "over epochs or seconds", "charts"),
    Key("greater_than_sign", "screen.smooth(1)", "smoother, over the raw line", "charts", name="smoother"),
    Key("less_than_sign", "screen.smooth(-1)", "less smooth", "charts", name="less-smooth"),
    Key("left", "screen.cross(-1)", "crosshair to the left", "in a maximised chart", name="crosshair-left"),
    Key("right", "screen.cross(1)", "crosshair to the right", "in a maximised chart", name="crosshair-right"),
    Key("plus", "screen.zoom(0.5)", "zoom in at the crosshair", "in a maximised chart", "Zoom", name="zoom-in"),
    Key("minus", "screen.zoom(2.0)", "zoom out", "in a maximised chart", name="zoom-out"),
    Key("shift+left", "screen.pan(-0.25)", "move to the left", "in a maximised chart", name="pan-left"),
    Key("shift+right", "screen.pan(0.25)", "move to the right", "in a maximised chart", name="pan-right"),
    Key("c", "screen.copy_reading", "copy what is under the crosshair", "in a maximised chart"),
    Key("0", "screen.whole", "the whole chart", "in a maximised chart", "Whole"),
    Key("left_square_bracket", "scrub(-1)", "back through the run's snapshots", "replay", name="replay-back"),
    Key("right_square_bracket", "scrub(1)", "forth, and past the last to the present", "replay", name="replay-forth"),
    Key("escape", "leave_replay", "back to the present", "replay", name="present"),
    Key("b", "branch", "train on from here, with the knobs as they are", "replay"),
    Key("b", "branch_now", "branch from where the run stands", "replay", name="branch-now"),
    Key("o", "go_on", "go on with the unfinished run that is offered", "program"),
    Key("C", "screen.copy_numbers", "copy the numbers of the panel as a table", "program"),
    Key("i", "classical", "interpolation and other classical methods", "program"),
    Key("F", "front", "the front: both errors of all kept runs of this problem, by weight", "program"),
    Key("v", "runs", "the runs that were kept", "program"),
    Key("L", "lessons", "lessons: what to expect, and experiments that show it", "program"),
    Key("e", "export", "hand in: figures, tables, report and model, to a new folder", "program", "Export"),
    Key("E", "export_as", "export as C, ONNX, a series, torch or LaTeX too", "program"),
    Key("f", "refresh_rate", "the next refresh rate: normal, fast or slow", "program", name="refresh"),
    Key("t", "next_theme", "the next theme: light or dark", "program"),
    Key("question_mark", "help", "these keys", "program", "Help"),
    Key("ctrl+z", "suspend_process", "suspend; fg in the shell comes back", "program", name="suspend"),
    Key("q", "quit", "leave", "program", "Quit"),
)


def _list_keys(group: Group, row: str, prefix: str) -> tuple[Key, ...]:
    """The keys that move in a list, and that of its help; `prefix` begins their ids."""
    return (
        Key("up,k", "move(-1)", f"the {row} above", group, name=f"{prefix}-up"),
        Key("down,j", "move(1)", f"the {row} below", group, name=f"{prefix}-down"),
        Key("pageup", "page(-1)", "a page up", group, name=f"{prefix}-page-up"),
        Key("pagedown", "page(1)", "a page down", group, name=f"{prefix}-page-down"),
        Key("home", "move(-1000000)", f"the first {row}", group, name=f"{prefix}-first"),
        Key("end", "move(1000000)", f"the last {row}", group, name=f"{prefix}-last"),
        Key("question_mark", "help", "these keys", group, "Help", f"{prefix}-help"),
    )


_RUNS: Group = "in the list of runs"
RUNS_KEYS = (
    Key("enter", "open", "show the run as it ended", _RUNS, "Open", "runs-open"),
    Key("space", "mark", "mark the run, or no more", _RUNS, "Mark", "runs-mark"),
    Key("slash", "filter", "filter by name, differences, note, target and status", _RUNS, "Find", "runs-filter"),
    Key("c", "compare", "compare the marked runs", _RUNS, "Compare", "runs-compare"),
    Key("g", "ghosts", "show the marked runs behind the current one", _RUNS, name="runs-ghosts"),
    Key("s", "sweeps", "the sweeps: many runs, one question", _RUNS, name="runs-sweeps"),
    Key("n", "note", "write a note", _RUNS, name="runs-note"),
    Key("m", "rename", "rename", _RUNS, name="runs-rename"),
    Key("d", "delete", "delete the marked runs, or the one under the cursor", _RUNS, "Delete", "runs-delete"),
    Key("greater_than_sign", "sort(1)", "sort by the next column", _RUNS, name="runs-sort"),
    Key("less_than_sign", "sort(-1)", "sort by the previous column", _RUNS, name="runs-sort-back"),
    Key("r", "reverse", "the other way round", _RUNS, name="runs-reverse"),
    *_list_keys(_RUNS, "run", "runs"),
    Key("escape,q,v", "back", "back", _RUNS, "Back", "runs-back"),
)
"""The keys of the list of runs, which are its own: they may be the same as some in `KEYS`."""

_SWEEP: Group = "in a sweep"
SWEEP_KEYS = (
    Key("enter", "open", "show the run of the setting with the median error", _SWEEP, "Open", "sweep-open"),
    Key("g", "ghosts", "show its runs, one a seed, behind the current run", _SWEEP, "Ghosts", "sweep-ghosts"),
    Key("tab", "error(1)", "the next of the errors", _SWEEP, "Error", "sweep-error"),
    Key("shift+tab", "error(-1)", "the error before", _SWEEP, name="sweep-error-back"),
    Key("x", "axis", "the next of what varies on the axis", _SWEEP, "Axis", "sweep-axis"),
    Key("l", "scale", "logarithmic or linear errors", _SWEEP, "Log/linear", "sweep-scale"),
    Key("greater_than_sign", "sort(1)", "sort by the next column", _SWEEP, "Sort", "sweep-sort"),
    Key("less_than_sign", "sort(-1)", "sort by the previous column", _SWEEP, name="sweep-sort-back"),
    Key("r", "reverse", "the other way round", _SWEEP, name="sweep-reverse"),
    Key("s", "next", "the sweep before this one", _SWEEP, name="sweep-next"),
    *_list_keys(_SWEEP, "setting", "sweep"),
    Key("escape,q", "back", "back", _SWEEP, "Back", "sweep-back"),
)
"""The keys of the screen of a sweep, which are its own too."""


def key_applies(key: Key, screen: DOMNode) -> bool:
    """Whether a key does something now, on a screen."""
    namespace, name, parameters = actions.parse(key.action)
    owner = screen if namespace == "screen" else screen.app
    return owner.check_action(name, parameters) is True


def remapped(new_keys: Mapping[str, Sequence[str]]) -> tuple[Key, ...]:
    """The table with other keys, by the `id` of their action.

    Raises ValueError for an unknown id, and where a key would do two things that do not share one in `KEYS`.
    """
    ids = [key.id for key in KEYS]
    for name in new_keys:
        if name not in ids:
            raise ValueError(f"unknown action {name}{hint(name, ids)}")
    keys = tuple(dataclasses.replace(key, key=_joined(new_keys[key.id])) if key.id in new_keys else key for key in KEYS)
    for n, (key, default) in enumerate(zip(keys, KEYS, strict=True)):
        for other, other_default in zip(keys[:n], KEYS[:n], strict=True):
            shared = sorted(set(key.key.split(",")) & set(other.key.split(",")))
            if shared and default.key != other_default.key:
                raise ValueError(f"{shared[0]} cannot stand for both {other.id} and {key.id}: give one another key")
    return keys


def _joined(keys: Sequence[str]) -> str:
    """Keys as textual names them, such as question_mark for ?."""
    named = ["comma" if key == "," else key for key in keys]
    return ",".join(next(iter(Binding.make_bindings([Binding(key, "")]))).key for key in named)
