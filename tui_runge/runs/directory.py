"""The folder that runs are kept in; importing this reads nothing and costs the screen's first frame nothing."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.field_types import RUN
from tui_runge.core.settings import environment_variable, expand_home
from tui_runge.core.text import printable
from tui_runge.core.user_files import user_file
from tui_runge.problems import read_data
from tui_runge.runs.layout import HISTORY, check_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_runge.core.run_start import RunStart
    from tui_runge.core.run_state import RunState
    from tui_runge.core.scheduled_change import ScheduledChange
    from tui_runge.runs.recorder import FolderRecorder
    from tui_runge.runs.store import RunStore


@dataclass(frozen=True)
class RunsDirectory:
    """A folder of runs, and the word at the end of new ones' names; by default one by chance.

    Raises ValueError for a word against the rule, and for a path that no system takes.
    """

    path: Path
    word: str = ""

    def __post_init__(self) -> None:
        if "\0" in str(self.path):
            raise ValueError(f"runs-dir must not have a zero character, got {str(self.path)!r}")
        if self.word:
            check_word(self.word)

    @property
    def runs(self) -> "RunStore":
        """The runs in it; this imports what reads and writes them."""
        from tui_runge.runs.store import RunStore

        return RunStore(self.path, self.word)

    def history(self, run: str) -> Path | None:
        """The file of a run's losses by epoch; None where `run` is empty, since such a run is not recorded."""
        return self.path / run / HISTORY if run else None

    def read_data(self, config: Config, columns: str = "", skip_rows: int = 0, validation_data: str = "") -> Config:
        """The configuration with the measured points that its `data` names, as `problems.read_data` has it.

        Here run:NAME is known too: the points of a run that was kept, as they were parted. Raises ValueError.
        """
        if not config.data.startswith(RUN) or config.points is not None:
            return read_data(config, columns, skip_rows, validation_data)
        if columns or skip_rows:
            raise ValueError(f"columns and skip_rows are for files: {config.data} has points that were read already")
        name = self.runs.find(config.data.removeprefix(RUN))
        points = self.runs.read_points(name)
        if validation_data:
            from tui_runge.problems.points_file import read_points

            points = points.with_validation(read_points(validation_data))
        return config.with_values(data=RUN + name, points=points)

    def record(self, start: "RunStart", plan: "Sequence[ScheduledChange]" = ()) -> "FolderRecorder":
        """Begin to record a run there; raises ValueError where the run to resume cannot be, or is trained elsewhere."""
        return self.runs.record(start, plan)


def default_path() -> Path:
    """The folder for runs in the user's data folder; raises ValueError for a user who has no home."""
    path = user_file("data", "runs", os.environ)
    if path is None:
        raise ValueError(f"there is no home to keep runs in: name a folder by {environment_variable('runs_dir')}")
    return path


def load_run(run: "str | os.PathLike[str]") -> "RunState":
    """A run by its folder's path, or by its name, that name's beginning or end; the latest by default.

    Names are looked for where RUNGE_TUI_RUNS says, else in the default folder. Raises ValueError in one line.
    """
    path = Path(expand_home("run", os.fspath(run)))
    if len(path.parts) > 1:
        try:
            path.lstat()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ValueError(f"there is no run {printable(str(path))}: {reason}") from None
        return RunsDirectory(path.parent).runs.read(path.name)
    runs = users_directory().runs
    return runs.read(runs.find(str(run)))


def users_directory() -> RunsDirectory:
    """The folder that RUNGE_TUI_RUNS names, else the default one; raises ValueError for a user who has no home."""
    variable = environment_variable("runs_dir")
    named = os.environ.get(variable)
    return RunsDirectory(Path(expand_home(variable, named)) if named else default_path())
