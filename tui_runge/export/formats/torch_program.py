"""The model as a program that torch reads by itself."""

from tui_runge.core.progress import Progress
from tui_runge.core.text import utf8
from tui_runge.export.formats.provenance import model_of, provenance

EXTRA = "runge-tui.txt"
"""The name of what the file says of itself, in `extra_files` of `torch.export.load`."""


def files(progress: Progress, stem: str) -> dict[str, bytes]:
    """The file for `torch.export.load`, which has its provenance beside the program."""
    from tui_runge.export.exported_model import exported_program

    check = 'Check: torch.export.load("FILE").module()(x) gives f and df for x (n, 1), the network in its own type.'
    text = "\n".join(provenance(progress, [check])) + "\n"
    return {f"{stem}.pt2": exported_program(model_of(progress), {EXTRA: utf8(text).decode()})}
