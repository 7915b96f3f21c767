"""The files of a run's folder: their names, their format's version, and the rule for names of runs."""

import re
from pathlib import Path

from tui_runge.core.text import printable

VERSION = 1
"""Of the format of every file; another is refused."""
CONFIG = "config.json"
HISTORY = "history.csv"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint.safetensors"
METRICS = "metrics.json"
NOTE = "note.txt"
LOCK = "lock"
SNAPSHOTS = "snapshots"
ALL_FILES = (CONFIG, HISTORY, EVENTS, CHECKPOINT, METRICS, NOTE, LOCK)
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}", re.ASCII)
"""Of a run: date, time and a word, such as 20261123-1712-amber."""
WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


def snapshot_file(epoch: int) -> str:
    """The name of the snapshot after an epoch, in the folder `SNAPSHOTS`."""
    return f"{epoch:010d}.safetensors"


def list_snapshots(run: Path) -> list[tuple[int, Path]]:
    """The epochs and the files of the snapshots in a run's folder, the earliest first."""
    files = (file for file in (run / SNAPSHOTS).glob("*.safetensors") if file.stem.isdecimal())
    return sorted((int(file.stem), file) for file in files)


def check_word(word: str) -> str:
    """A word that may stand in a run's name; raises ValueError otherwise."""
    if not WORD.fullmatch(word):
        raise ValueError(
            f"name must be lower-case letters, digits and hyphens, at most 40, got {printable(word[:60])!r}"
        )
    return word
