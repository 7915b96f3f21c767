"""The command line: a module a command, imported only when that is chosen. May import all other folders."""

import sys
from collections.abc import Sequence
from importlib import import_module

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.parser import parse
from tui_runge.cli.terminal_size import own_size_counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    own_size_counts(sys.stdout)
    invocation = Invocation.of(parse(sys.argv[1:] if arguments is None else arguments))
    command = import_module(f"tui_runge.cli.{invocation.arguments.command}")
    status: int = command.run(invocation)
    return status
