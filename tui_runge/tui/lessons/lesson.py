"""What a lesson is: a text, experiments, and what is expected of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runge.core.config import Config

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


@dataclass(frozen=True)
class Outcome:
    """What experiments showed, in a sentence of measured numbers, and whether that was expected."""

    sentence: str
    as_expected: bool


@dataclass(frozen=True)
class LessonRun:
    """One run of a lesson, and what sets it apart in a few words."""

    label: str
    config: Config


@dataclass(frozen=True)
class Lesson:
    """A lesson: its runs in the order they are trained, and the `check` of what they showed, one progress a run.

    Its title and text stand in the file NAME.md beside this module.
    """

    name: str
    runs: tuple[LessonRun, ...]
    check: "Callable[[Sequence[Progress]], Outcome]"

    @property
    def title(self) -> str:
        """The first line of its file, a heading."""
        return self._source.partition("\n")[0].removeprefix("# ")

    @property
    def text(self) -> str:
        """The rest of its file, in Markdown."""
        return self._source.partition("\n")[2]

    @cached_property
    def _source(self) -> str:
        return Path(__file__).with_name(f"{self.name}.md").read_text(encoding="utf-8")
