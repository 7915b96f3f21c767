"""`runge-tui resume`: the screen, on a run that was kept."""

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.screen import open_screen


def run(invocation: Invocation) -> int:
    """Open the screen on a run that was kept, which trains on."""
    return open_screen(invocation, invocation.resumed_run(invocation.arguments.run))
