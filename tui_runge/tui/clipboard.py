"""What is copied, and how a terminal is asked to take it: nothing confirms that it did."""

import base64
from typing import TYPE_CHECKING

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.problems import problem_of

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


def tmux_sequence(text: str) -> str:
    """The sequence that tmux hands on to the terminal around it, to put a text on its clipboard (xterm's OSC 52).

    It does so where `allow-passthrough` is on; where `set-clipboard` is, it takes the bare one, which textual sends.
    """
    return f"\x1bPtmux;\x1b\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a\x1b\\"


def numbers_table(progress: "Progress") -> str:
    """The numbers of the panel, exactly: rows of cells with tabs between them, as a spreadsheet takes them."""
    from tui_runge.core.history import LOSSES

    reference = problem_of(progress.config).reference
    rows: list[tuple[object, ...]] = [
        ("run", progress.run or "not kept"),
        ("epoch", progress.epoch),
        ("seconds", progress.seconds),
        ("loss", "training", "validation"),
        *((loss, *(progress.loss(f"{data}_{loss}") for data in ("train", "validation"))) for loss in LOSSES),
        ("error", "now", *([reference.name] if reference else [])),
    ]
    for name, label in ERROR_LABELS.items():
        known = [progress.errors, *([reference.errors] if reference else [])]
        rows.append((label, *(getattr(errors, name) for errors in known)))
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)
