"""The files of a run's folder: their names, version and small formats, and the names of runs."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_runge.core.text import printable, utf8

VERSION = 1
"""The version of every file's format; files of another version are refused."""
CONFIG = "config.json"
HISTORY = "history.csv"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint.safetensors"
PARENT = "parent.safetensors"
"""The checkpoint that a branch began from: the run that it is of may be thinned out, renamed or removed."""
POINTS = "points.csv"
"""The measured points of a run that is fitted to such: the file they are from may change or go."""
METRICS = "metrics.json"
NOTE = "note.txt"
LOCK = "lock"
SNAPSHOTS = "snapshots"
ALL_FILES = (CONFIG, HISTORY, EVENTS, CHECKPOINT, PARENT, POINTS, METRICS, NOTE, LOCK)
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}", re.ASCII)
"""What the name of a run can be. New ones are a date, a time and a word, such as 20261123-1712-amber."""
WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


def run_name(created: datetime, word: str, number: int = 1) -> str:
    """The name of a run by its time and word; a number above 1 tells it from one that has both."""
    return f"{created:%Y%m%d-%H%M}-{word}" + (f"-{number}" if number > 1 else "")


def rename_word(name: str, word: str) -> str:
    """The name of a run with another word behind its date and time; raises ValueError for a word against the rule."""
    return "-".join([*name.split("-")[:2], check_word(word)])


def timestamp_now() -> str:
    """The local time, as the files have it."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def event_line(epoch: int, name: str, facts: Mapping[str, Any]) -> str:
    """The line in `EVENTS` of what happened now, after an epoch."""
    return json.dumps({"time": timestamp_now(), "epoch": epoch, "event": name, **facts}) + "\n"


def json_file(values: Mapping[str, Any]) -> bytes:
    """The content of a JSON file; raises ValueError for a number that is not finite."""
    return utf8(json.dumps({"version": VERSION, **values}, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def snapshot_file(epoch: int) -> str:
    """The name of the snapshot after an epoch, in the folder `SNAPSHOTS`."""
    return f"{epoch:010d}.safetensors"


def list_snapshots(run: Path) -> list[tuple[int, Path]]:
    """The epochs and the files of the snapshots in a run's folder, the earliest first."""
    files = (file for file in (run / SNAPSHOTS).glob("*.safetensors") if file.stem.isdecimal())
    return sorted((int(file.stem), file) for file in files)


def check_word(word: str) -> str:
    """The word, which may stand in a run's name; raises ValueError for one that may not."""
    if not WORD.fullmatch(word):
        raise ValueError(
            f"name must be lower-case letters, digits and hyphens, at most 40, got {printable(word[:60])!r}"
        )
    return word
