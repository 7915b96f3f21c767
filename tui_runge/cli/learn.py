"""`runge-tui learn`: the screen, with the lessons over it."""

from tui_runge.cli import screen
from tui_runge.cli.invocation import Invocation


def run(invocation: Invocation) -> int:
    """Open the screen on a new run, and over it the lessons."""
    return screen.run(invocation, learn=True)
