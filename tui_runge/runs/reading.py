"""Reads the folder of a run, whoever wrote it: nothing in it is trusted, and nothing in it is run."""

import json
import math
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Status, effective_config
from tui_runge.core.run_state import RunState, change_from_json
from tui_runge.core.text import printable
from tui_runge.runs import checkpoint
from tui_runge.runs.folder import acquire_lock
from tui_runge.runs.layout import ALL_FILES, CHECKPOINT, CONFIG, LOCK, METRICS, NOTE, SNAPSHOTS, VERSION, list_snapshots
from tui_runge.runs.summary import RunSummary

LARGEST_TEXT = 2**22
LARGEST_CHECKPOINT = 2**33
STRANGE = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a file made to do harm raises."""


def read(path: Path, epoch: int | None = None) -> RunState:
    """The run in a folder as it was saved last, or in its snapshot after an epoch: where it ended has none of its own.

    Raises ValueError in one line that names the run and what is wrong with its files.
    """
    try:
        check_run_folder(path)
        file = path / CHECKPOINT if epoch is None else dict(list_snapshots(path)).get(epoch, path / CHECKPOINT)
        if not file.exists():
            raise ValueError("it was never saved")
        _refuse_unlike_a_file(file, LARGEST_CHECKPOINT)
        saved = RunState.from_tree(checkpoint.read(file), run=path.name)
        if epoch not in (None, saved.progress.epoch):
            raise ValueError(f"it has no snapshot after epoch {epoch}")
        return saved
    except STRANGE as error:
        raise ValueError(f"run {printable(path.name)}: {_line(error)}") from None


def summary(path: Path) -> RunSummary:
    """What a list says of the run in a folder; one that cannot be read is broken, and says why."""
    try:
        check_run_folder(path)
        return _summary(path, read_json_object(path / METRICS if (path / METRICS).exists() else path / CONFIG))
    except STRANGE as error:
        nothing = Errors(*[math.nan] * 4)
        return RunSummary(path.name, "broken", _when(path), Config(), 0, nothing, 0.0, problem=_line(error))


def check_run_folder(path: Path) -> None:
    """Raise ValueError where a run's folder is none, or holds a link, or something not a file in a file's place."""
    if path.is_symlink() or not path.is_dir():
        raise ValueError("it is not a folder")
    for name in ALL_FILES:
        _refuse_unlike_a_file(path / name)
    if (path / SNAPSHOTS).is_symlink():
        raise ValueError(f"{SNAPSHOTS} must be a folder of its own, not a link")


def _refuse_unlike_a_file(path: Path, largest: int = 0) -> None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path.name} must be a plain file, not a link or the like")
    if largest and status.st_size > largest:
        raise ValueError(f"{path.name} must have at most {largest} bytes, got {status.st_size}")


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file of a run; raises ValueError naming the file, OSError."""
    _refuse_unlike_a_file(path, LARGEST_TEXT)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path.name} must hold an object")
    if values.get("version") != VERSION:
        raise ValueError(f"{path.name} must be of version {VERSION}, got {str(values.get('version'))[:20]}")
    return values


def is_locked(path: Path) -> bool:
    """Whether a process trains the run in a folder now."""
    if not (path / LOCK).exists():
        return False
    try:
        acquire_lock(path).release()
    except OSError as error:
        return isinstance(error, BlockingIOError)
    return False


def _summary(path: Path, values: Mapping[str, Any]) -> RunSummary:
    errors = {name: math.nan if value is None else float(value) for name, value in values.get("errors", {}).items()}
    changes, epoch = [change_from_json(each) for each in values.get("changes", [])], int(values.get("epochs", 0))
    return RunSummary(
        name=path.name,
        status=_status(path, values),
        created=datetime.fromisoformat(values["created"]).astimezone(),
        config=effective_config(Config.from_json(values["config"]), changes, epoch),
        epoch=epoch,
        errors=Errors(*(errors.get(name, math.nan) for name in Errors.__annotations__)),
        seconds=float(values.get("seconds", 0.0)),
        parent=printable(values.get("parent", "")),
        note=_note(path),
    )


def _status(path: Path, values: Mapping[str, Any]) -> str:
    """The status that was saved; of a run that had not ended, whether somebody trains it."""
    status = values.get("status", "running")
    if status not in get_args(Status):
        raise ValueError(f"status must be one of {', '.join(get_args(Status))}, got {printable(str(status))[:20]!r}")
    cut_short = status in ("running", "paused") or values.get("ended_by") == "stopped"
    if not cut_short:
        return str(status)
    return "training" if is_locked(path) else "interrupted"


def _note(path: Path) -> str:
    try:
        with (path / NOTE).open(encoding="utf-8", errors="replace") as file:
            return printable(file.read(500).strip())
    except FileNotFoundError:
        return ""


def _when(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime).astimezone()
    except OSError:
        return datetime.now().astimezone()


def _line(error: Exception) -> str:
    if isinstance(error, OSError):
        return printable(f"{error.strerror or error}")
    text = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
    return printable(text.partition("\n")[0])
