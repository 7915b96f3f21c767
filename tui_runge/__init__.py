"""Train a network on a function and its derivative, live in the terminal."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_runge.core.config import Config

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.core.scheduled_change import ScheduledChange
    from tui_runge.export.exported_model import LoadedModel

__all__ = ["Config", "load", "train"]
__version__ = "0.2.0.dev0"


def train(config: Config | None = None, plan: "Sequence[ScheduledChange]" = ()) -> "Progress":
    """Train to the end without a screen: the report's experiment, or that of `config`, with the plan's live changes.

    The progress returned is `finished` or `diverged`. Raises ValueError when the device is not there. Global random
    generators and torch's thread settings are left as they were.
    """
    from tui_runge.core.commands import Stop
    from tui_runge.core.run_start import New
    from tui_runge.session.session import Session

    ended: list[Progress] = []

    def stop_at_the_end(progress: "Progress") -> None:
        if progress.status in ("finished", "diverged"):
            ended.append(progress)
            session.send(Stop())

    session = Session(New(config or Config()), stop_at_the_end, plan)
    session.run()
    return ended[-1]  # the one of the stop has the model


def load(run: "str | os.PathLike[str]" = "") -> "LoadedModel":
    """The model of a run that was kept: f̂ as `model(x)` and f̂' as `model.derivative(x)`, arrays in, arrays out.

    `run` is its name, the name's beginning or end, the path of its folder, or nothing for the latest. Names are looked
    for where RUNGE_TUI_RUNS says, else in the user's data folder. Raises ValueError for one not there or broken.
    """
    from tui_runge.export.exported_model import LoadedModel
    from tui_runge.runs.directory import load_run

    progress = load_run(run).progress
    assert progress.model is not None  # a checkpoint has one
    return LoadedModel(progress.model)
