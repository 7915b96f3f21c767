"""The progress of a training without a screen, on standard error: a bar on a terminal, plain lines elsewhere."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from tui_runge.core.progress import Progress
from tui_runge.runs.numbers import format_duration


@contextmanager
def progress_display(epochs: int, console: Console) -> Iterator[Callable[[Progress], object]]:
    """A function that shows a progress: in a bar on a terminal, elsewhere as a line for each tenth of the epochs."""
    if not console.is_terminal:
        yield _TenthPrinter(console)
        return
    left = TextColumn("{task.fields[left]}", style="progress.remaining")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), left)
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading torch", total=epochs, left="")

        def show(progress: Progress) -> None:
            # Rich's own column of the time left counts the time in which the process was stopped.
            seconds = progress.seconds_left
            left = "" if math.isnan(seconds) else f"{format_duration(seconds)} left"
            bar.update(task, completed=progress.epoch, description=_line(progress), left=left)

        yield show


class _TenthPrinter:
    """Prints a progress whenever another tenth of the epochs is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed = -1

    def __call__(self, progress: Progress) -> None:
        tenths = 10 * progress.epoch // progress.config.epochs
        if tenths > self._printed:
            self._console.print(_line(progress), markup=False)
            self._printed = tenths


def _line(progress: Progress) -> str:
    if not progress.epoch:
        return "epoch 0"
    loss = progress.loss("train_total")
    return f"epoch {progress.epoch}/{progress.config.epochs}  loss {loss:.2e}  {progress.speed:.0f} epochs/s"
