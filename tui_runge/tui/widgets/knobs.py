"""The panel of every hyperparameter: its value, its keys, and when a change acts."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from tui_runge.core.config import HYPERPARAMETERS, Config, Hyperparameter, KeyStep
from tui_runge.core.field_types import AUTO
from tui_runge.core.text import shorten
from tui_runge.tui.widgets.lines import Lines

NOW, RESTART = " ", "↻"
HELP_ROWS = 3
"""Rows for the help of the selected knob."""


@dataclass(frozen=True)
class KnobRow:
    """A line of the panel: a knob and one way to turn it."""

    parameter: Hyperparameter
    key_step: KeyStep

    def value(self, config: Config, auto_weight: float | None = None) -> str:
        """The text of the value in a configuration, with what auto stands for, if that is known."""
        value = getattr(config, self.parameter.name)
        if value == AUTO and self.parameter.name == "derivative_weight" and auto_weight is not None:
            return f"{AUTO}: {auto_weight:.3g}"
        return str(len(value)) if self.key_step.label == "depth" else self.parameter.kind.show(value)

    def pending(self, requested: Config, running: Config | None) -> bool:
        """Whether the value waits for a restart."""
        return running is not None and not self.parameter.live and self.value(requested) != self.value(running)


KNOB_ROWS = tuple(KnobRow(parameter, step) for parameter in HYPERPARAMETERS.values() for step in parameter.key_steps)


class Knobs(Lines):
    """Lists `KNOB_ROWS` by group in 34 cells; scrolls to the selected one. A click and the wheel select another."""

    class Selected(Message):
        """A row was selected by the mouse."""

        def __init__(self, row: KnobRow) -> None:
            super().__init__()
            self.row = row

    _shown: "tuple[Config, Config | None, int, Mapping[str, str], float | None] | None" = None
    _numbers: Sequence[int] = ()

    def show(
        self,
        requested: Config,
        running: Config | None,
        selected: int,
        key_labels: Mapping[str, str],
        auto_weight: float | None = None,
    ) -> None:
        """Show the requested values, those that wait for a restart marked, and the help of the selected row.

        `key_labels` are the keys as they are shown, by their ids; `auto_weight` is what the derivative's weight is now,
        where that is auto.
        """
        shown = requested, running, selected, key_labels, auto_weight
        if shown != self._shown:  # while a run is watched it is asked for what it showed before, frame after frame
            self._shown = shown
            self.lay_out()

    def lay_out(self) -> None:
        if self._shown is None:
            return
        requested, running, selected, key_labels, auto_weight = self._shown
        height = self.size.height
        lines = list(_lines(requested, running, selected, key_labels, auto_weight))
        at = next(n for n, (number, _) in enumerate(lines) if number == selected)
        help_lines = _help(KNOB_ROWS[selected], requested, self.size.width) if height >= 12 else []
        room = max(1, height - len(help_lines))
        first = min(max(0, at - room // 2), max(0, len(lines) - room))
        self._numbers = [number for number, _ in lines[first : first + room]]
        shown = [line for _, line in lines[first : first + room]]
        shown += [Content()] * (room - len(shown))
        self.update(Content("\n").join([*shown, *help_lines]))

    def on_click(self, event: Click) -> None:
        at = event.get_content_offset(self)
        if at is not None and at.y < len(self._numbers) and self._numbers[at.y] >= 0:
            self.post_message(self.Selected(KNOB_ROWS[self._numbers[at.y]]))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(-1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(1)

    def _scroll(self, rows: int) -> None:
        if self._shown is not None:
            at = self._shown[2] + rows
            self.post_message(self.Selected(KNOB_ROWS[max(0, min(at, len(KNOB_ROWS) - 1))]))


def _lines(
    requested: Config,
    running: Config | None,
    selected: int,
    key_labels: Mapping[str, str],
    auto_weight: float | None,
) -> Iterator[tuple[int, Content]]:
    """The lines, each with the number of its row; -1 for a group's heading."""
    group = ""
    for number, row in enumerate(KNOB_ROWS):
        if row.parameter.group != group:
            group = row.parameter.group
            yield -1, Content.styled(group, "$text-muted italic")
        name = row.key_step.label.replace(" ", "-")
        keys = key_labels.get(f"{name}-down", "") + key_labels.get(f"{name}-up", "")
        value = shorten(row.value(requested, auto_weight), 11)
        states = {"pending": row.pending(requested, running), "idle": row.parameter.name in requested.idle}
        yield number, _line(row, value, keys, selected=number == selected, **states)


def _line(row: KnobRow, value: str, keys: str, *, selected: bool, pending: bool, idle: bool) -> Content:
    acts = f"r{RESTART}" if pending else f" {NOW if row.parameter.live else RESTART}"
    return Content.assemble(
        ("▸" if selected else " ", "$text-accent"),
        (f"{row.key_step.label:<18}", "bold" if selected else "$text-disabled" if idle else "$text-muted"),
        (f"{value:<11}", "bold $text-warning" if pending else "$text-disabled" if idle else "bold" if selected else ""),
        (f"{shorten(keys, 2):<2}", "$text-accent"),
        (acts, "bold $text-warning" if pending else "$text-muted"),
    )


def _help(row: KnobRow, config: Config, width: int) -> list[Content]:
    """What the selected knob is, its rule and when it acts, or why it does not, under a rule of its own."""
    parameter = row.parameter
    text = f"{parameter.help}; {parameter.kind.rule}; acts {'now' if parameter.live else 'at a restart'}"
    if reason := config.idle.get(parameter.name):
        text = f"of no effect: {reason}; {parameter.help}"
    lines = textwrap.wrap(text, max(10, width), max_lines=HELP_ROWS, placeholder="…")
    lines += [""] * (HELP_ROWS - len(lines))
    return [Content.styled("─" * width, "$text-disabled"), *(Content.styled(line, "$text-muted") for line in lines)]
