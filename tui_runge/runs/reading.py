"""Reads the folder of a run, whoever wrote it: nothing in it is trusted, and no code in it is run."""

import json
import math
import os
import stat
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

from tui_runge.core.config import Config
from tui_runge.core.errors import UNKNOWN_ERRORS, Errors
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Status, effective_config
from tui_runge.core.run_state import RunState, change_from_json
from tui_runge.core.text import printable
from tui_runge.problems import ErrorsOn, check_problem
from tui_runge.problems.points_file import MOST_BYTES
from tui_runge.runs import checkpoint
from tui_runge.runs.layout import (
    ALL_FILES,
    CHECKPOINT,
    CONFIG,
    METRICS,
    NOTE,
    PARENT,
    POINTS,
    SNAPSHOTS,
    VERSION,
    list_snapshots,
)
from tui_runge.runs.lock import is_locked
from tui_runge.runs.points import HASH, LABEL, TREE_POINTS, parsed_points, points_from_tree, with_points
from tui_runge.runs.summary import RunSummary

MAX_JSON_BYTES = 2**22
MAX_CHECKPOINT_BYTES = 2**33
MALFORMED = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""The exceptions that reading a malformed file can raise."""
GONE = "it is gone: it was removed or renamed"
"""The problem of a run that was there a moment ago."""


def read(path: Path, epoch: int | None = None) -> RunState:
    """The run in a folder as it was saved last, or as it was after an epoch of which there is a snapshot.

    The epoch of the last save has none: it is read from the checkpoint. Raises ValueError in one line that names the
    run and what is wrong with its files.
    """
    try:
        check_run_folder(path)
        file = path / CHECKPOINT if epoch is None else dict(list_snapshots(path)).get(epoch, path / CHECKPOINT)
        if not file.exists():
            raise ValueError("it was never saved")
        run_state = _read_checkpoint(file, path.name)
        if run_state.progress.config.data:
            run_state = with_points(run_state, _read_points(path))
        if epoch not in (None, run_state.progress.epoch):
            raise ValueError(f"it has no snapshot after epoch {epoch}")
        check_problem(run_state.progress.config)
        return run_state
    except MALFORMED as error:
        raise ValueError(refusal(path, error)) from None


def read_parent(path: Path, name: str, epoch: int) -> RunState:
    """The run of a name as it was after the epoch that the branch in a folder began at; raises ValueError as `read`."""
    try:
        check_run_folder(path)
        run_state = _read_checkpoint(path / PARENT, name)
        if epoch != run_state.progress.epoch:
            raise ValueError(f"{PARENT} must be of epoch {epoch}, got {run_state.progress.epoch}")
        return run_state
    except MALFORMED as error:
        raise ValueError(refusal(path, error)) from None


def _read_checkpoint(file: Path, run: str) -> RunState:
    """The run in a checkpoint; with the points that it is fitted to, where they lie there too."""
    check_plain_file(file, MAX_CHECKPOINT_BYTES)
    tree = checkpoint.read(file)
    run_state = RunState.from_tree(tree, run)
    return with_points(run_state, points_from_tree(tree[TREE_POINTS])) if TREE_POINTS in tree else run_state


def read_points(path: Path) -> MeasuredPoints:
    """The measured points that the run in a folder is fitted to; raises ValueError as `read`."""
    try:
        check_run_folder(path)
        return _read_points(path)
    except MALFORMED as error:
        raise ValueError(refusal(path, error)) from None


def _read_points(path: Path) -> MeasuredPoints:
    """The points in a run's folder; raises ValueError where they are not those that config.json tells of, OSError."""
    facts = read_json_object(path / CONFIG)
    if HASH not in facts:
        raise ValueError(f"it has no {POINTS}: it is fitted to a function")
    check_plain_file(path / POINTS, MOST_BYTES)
    content = (path / POINTS).read_bytes()
    if sha256(content).hexdigest() != facts[HASH]:
        raise ValueError(f"{POINTS} was changed after the run began: {HASH} in {CONFIG} is of other points")
    return parsed_points(content, facts.get(LABEL))


def summary(path: Path) -> RunSummary:
    """The summary of the run in a folder; one that cannot be read is broken, and its `problem` says why."""
    try:
        check_run_folder(path)
        return _summary(path, read_json_object(path / METRICS if (path / METRICS).exists() else path / CONFIG))
    except MALFORMED as error:
        problem = GONE if _is_gone(path) else _line(error, path)
        return RunSummary(path.name, "broken", _modified(path), Config(), 0, UNKNOWN_ERRORS, 0.0, problem=problem)


def check_run_folder(path: Path) -> None:
    """Raise ValueError where a path is no folder, or holds a link or the like in the place of a run's file; OSError."""
    if not stat.S_ISDIR(path.lstat().st_mode):
        raise ValueError("it is not a folder")
    for name in ALL_FILES:
        check_plain_file(path / name)
    if (path / SNAPSHOTS).is_symlink():
        raise ValueError(f"{SNAPSHOTS} must be a folder of its own, not a link")


def check_plain_file(path: Path, max_bytes: float = math.inf) -> None:
    """Raise ValueError for a link, a pipe or the like in a file's place, and for a file too large."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path.name} must be a plain file, not a link or the like")
    if status.st_size > max_bytes:
        raise ValueError(f"{path.name} must have at most {max_bytes} bytes, got {status.st_size}")


def read_plain_file(path: str, max_bytes: int) -> bytes:
    """The content of a plain file, looked at once it is open, which is quick; raises ValueError for others, OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > max_bytes:
            raise ValueError(f"it must be a plain file of at most {max_bytes} bytes")
        return os.read(handle, status.st_size)
    finally:
        os.close(handle)


def read_json_object(path: Path, max_bytes: float = MAX_JSON_BYTES) -> dict[str, Any]:
    """The JSON object in a file of a run; raises ValueError naming the file, OSError."""
    check_plain_file(path, max_bytes)
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path.name} must hold an object")
    if values.get("version") != VERSION:
        raise ValueError(f"{path.name} must be of version {VERSION}, got {str(values.get('version'))[:20]}")
    return values


def _summary(path: Path, values: Mapping[str, Any]) -> RunSummary:
    errors = {name: math.nan if value is None else float(value) for name, value in values.get("errors", {}).items()}
    changes = [change_from_json(change) for change in values.get("changes", [])]
    epoch = int(values.get("epochs", 0))
    errors_on = values.get("errors_on", "grid")
    if errors_on not in get_args(ErrorsOn):
        raise ValueError(
            f"errors_on must be one of {', '.join(get_args(ErrorsOn))}, got {printable(str(errors_on))[:20]!r}"
        )
    return RunSummary(
        name=path.name,
        status=_status(path, values),
        created=datetime.fromisoformat(values["created"]).astimezone(),
        config=effective_config(Config.from_json(values["config"]), changes, epoch),
        epoch=epoch,
        errors=Errors(*(errors.get(name, math.nan) for name in Errors.__annotations__)),
        errors_on=errors_on,
        points=printable(str(values.get(HASH, ""))),
        seconds=float(values.get("seconds", 0.0)),
        parent=printable(values.get("parent", "")),
        note=_note(path),
    )


def _status(path: Path, values: Mapping[str, Any]) -> str:
    """The status that was saved; of a run that had not ended, whether a process trains it now."""
    status = values.get("status", "running")
    if status not in get_args(Status):
        raise ValueError(f"status must be one of {', '.join(get_args(Status))}, got {printable(str(status))[:20]!r}")
    if status not in ("running", "paused") and values.get("ended_by") != "stopped":
        return str(status)
    return "training" if is_locked(path) else "interrupted"


def _note(path: Path) -> str:
    try:
        with (path / NOTE).open(encoding="utf-8-sig", errors="replace") as file:
            return printable(file.read(500).strip())
    except FileNotFoundError:
        return ""


def _modified(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime).astimezone()
    except (OSError, ValueError, OverflowError):
        return datetime.now().astimezone()


def refusal(path: Path, error: Exception) -> str:
    """The line that says why the run in a folder cannot be used: the run, the file and what is wrong with it."""
    name = printable(path.name)
    return f"run {name} is gone: it was removed or renamed" if _is_gone(path) else f"run {name}: {_line(error, path)}"


def _is_gone(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _line(error: Exception, path: Path) -> str:
    """An error in one line, which names the file of the run that it is about, if it is one."""
    if isinstance(error, OSError):
        file = Path(error.filename or path)
        reason = printable(error.strerror or str(error).partition("\n")[0])
        return reason if file == path else f"{printable(file.name)}: {reason}"
    text = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
    return printable(text.partition("\n")[0])
