"""The command line: a module a command, imported only when that is chosen. May import all other folders."""

import sys
from collections.abc import Sequence
from importlib import import_module

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.parser import parse
from tui_runge.cli.streams import tolerant_streams
from tui_runge.cli.terminal_size import own_size_counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status.

    That is 1 where standard output took not all; a reader who left needed no more.
    """
    with tolerant_streams() as stdout:
        own_size_counts(sys.stdout)
        try:
            status = _run(sys.argv[1:] if arguments is None else arguments)
        finally:
            stdout.flush()
            if stdout.problem is not None and not isinstance(stdout.problem, BrokenPipeError):
                sys.stderr.write(f"runge-tui: cannot write to standard output: {stdout.problem.strerror}\n")
                raise SystemExit(1)
    return status


def _run(words: Sequence[str]) -> int:
    invocation = Invocation.of(parse(words))
    command = import_module(f"tui_runge.cli.{invocation.arguments.command}")
    try:
        status: int = command.run(invocation)
    except OSError as error:
        invocation.path_error(error)
    return status
