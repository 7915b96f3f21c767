"""A recording of the screen, made from what a run was at some epochs: no terminal is needed, and none is waited for."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from rich.console import Console
from textual.pilot import Pilot

from tui_runge.core.commands import Command, Stop
from tui_runge.core.run_start import New, RunStart
from tui_runge.session.session import Session
from tui_runge.tui.app import RungeApp
from tui_runge.tui.appearance import Appearance

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

CLEAR = "\x1b[?25l\x1b[2J"
"""Hides the cursor and clears the screen."""


class IdleSession(Session):
    """Trains nothing, until it is told to stop."""

    def __init__(
        self, start: RunStart, publish: "Callable[[Progress], object]", *, refuse: Callable[[Command, str], object]
    ) -> None:
        super().__init__(start, publish, refuse=refuse)
        self._stop = Event()

    def send(self, command: Command) -> None:
        if isinstance(command, Stop):
            self._stop.set()

    def run(self) -> None:
        self._stop.wait()
        self.ended.set()


async def screens(states: "Sequence[Progress]", size: tuple[int, int], appearance: Appearance) -> list[list[str]]:
    """What the screen of `size`, columns and rows, shows of each state of a run: its rows, with their colours."""
    app = RungeApp(New(states[0].config), Path(), IdleSession, appearance)
    console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False, highlight=False)
    shown: list[list[str]] = []

    async def play(pilot: Pilot[object]) -> None:
        await pilot.pause()
        for state in states:
            app.experiment.config = state.config
            app.experiment.receive(state)
            app.main_screen.redraw()
            await pilot.pause()
            strips = app.screen._compositor.render_strips()  # textual's own pictures are made of them too
            shown.append([strip.render(console) for strip in strips])
        app.exit()

    await app.run_async(headless=True, size=size, mouse=False, auto_pilot=play)
    return shown


def asciicast(shown: Sequence[Sequence[str]], size: tuple[int, int], seconds: float, title: str) -> bytes:
    """The recording (asciicast, version 2) of screens that are shown one after another, each as long as the others."""
    columns, rows = size
    header = {"version": 2, "width": columns, "height": rows, "title": title, "env": {"TERM": "xterm-256color"}}
    before: Sequence[str] = [""] * rows
    events: list[tuple[float, str, str]] = []
    for number, screen in enumerate(shown):
        changed = (y for y in range(rows) if screen[y] != before[y])
        text = "".join(f"\x1b[{y + 1};1H{screen[y]}" for y in changed)
        events.append((round(number * seconds / len(shown), 3), "o", text if number else CLEAR + text))
        before = screen
    events.append((seconds, "o", ""))  # as long as the last one stands
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (header, *events)).encode()
