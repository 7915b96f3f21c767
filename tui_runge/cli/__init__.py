"""The command line: a module a command, imported only when that is chosen. May import all other folders."""

import sys
from collections.abc import Sequence

from tui_runge.cli.names import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    command, rest = (words[0], words[1:]) if words[:1] and words[0] in COMMANDS else ("", words)
    if command in ("runs", "compare", "export"):
        from tui_runge.cli import runs as run_commands

        return {"runs": run_commands.runs, "compare": run_commands.compare, "export": run_commands.export}[command](
            rest
        )
    from tui_runge.cli import trainer

    return {"": trainer.screen, "resume": trainer.resume, "train": trainer.train}[command](rest)
