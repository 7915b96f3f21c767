"""Where runs are kept, before anything is read or written there: importing it costs the first frame nothing."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runge.options import variable

if TYPE_CHECKING:
    from tui_runge.runs.recorder import Recorder
    from tui_runge.runs.runs import Runs
    from tui_runge.saved import Begun, Saved

HISTORY = "history.csv"
WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A folder of runs, and the word that names new ones, if not one by chance; ValueError for one against its rule."""

    path: Path
    word: str = ""

    def __post_init__(self) -> None:
        if self.word:
            checked_word(self.word)

    @property
    def runs(self) -> "Runs":
        """The runs there."""
        from tui_runge.runs.runs import Runs

        return Runs(self.path, self.word)

    def history(self, run: str) -> Path | None:
        """The file of a run's losses by epoch; None for a run without a name, which is not kept."""
        return self.path / run / HISTORY if run else None

    def keep(self, begun: "Begun") -> "Recorder":
        """The record of a run there; raises ValueError where another process trains it."""
        return self.runs.keep(begun)


def default_path() -> Path:
    """The folder for runs in the user's data folder, as the platform has it."""
    from platformdirs import user_data_path

    return user_data_path("runge-tui", appauthor=False) / "runs"


def checked_word(word: str) -> str:
    """A word that may stand in a run's name; raises ValueError otherwise."""
    if not WORD.fullmatch(word):
        shown = "".join(letter if letter.isprintable() else "·" for letter in word[:60])
        raise ValueError(f"name must be lower-case letters, digits and hyphens, at most 40, got {shown!r}")
    return word


def found(run: "str | os.PathLike[str]") -> "Saved":
    """A run by its folder's path, or by its name, that name's beginning or end; the latest by default.

    Names are looked for where RUNGE_TUI_RUNS says, else in the default folder. Raises ValueError in one line.
    """
    path = Path(run)
    if len(path.parts) > 1:
        return Place(path.parent).runs.read(path.name)
    runs = Place(Path(os.environ.get(variable("runs_dir")) or default_path())).runs
    return runs.read(runs.find(str(run)))
