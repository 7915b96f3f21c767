"""The command line: with a screen, or without one; only what is chosen is imported."""

import sys
from collections.abc import Sequence

from tui_runge.cli.names import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    command, rest = (words[0], words[1:]) if words[:1] and words[0] in COMMANDS else ("", words)
    if command in ("runs", "compare", "export"):
        from tui_runge.cli import kept

        return {"runs": kept.runs, "compare": kept.compare, "export": kept.export}[command](rest)
    from tui_runge.cli import trainer

    return {"": trainer.screen, "resume": trainer.resume, "train": trainer.train}[command](rest)
