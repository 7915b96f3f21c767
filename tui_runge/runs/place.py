"""Where runs are kept, before anything is read or written there: importing it costs the first frame nothing."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runge.runs.recorder import Recorder
    from tui_runge.runs.runs import Runs
    from tui_runge.saved import Begun

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
