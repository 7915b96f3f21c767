"""Preferences: what a person chose on the screen, kept from one start to the next."""

import dataclasses
import json
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tui_runge.core.atomic_files import atomic_write

VERSION = 1


@dataclass(frozen=True)
class Preferences:
    """The choices; an empty one was never made. `log` and `smoothing` have one value a chart."""

    theme: str = ""
    log: tuple[bool, ...] = ()
    smoothing: tuple[int, ...] = ()
    chart: int = 0
    layout: str = ""
    refresh: str = ""

    def changed(self, before: Self, after: Self) -> Self:
        """These with what differs between two others: a choice not made in this session stays as it is."""
        differing = {name: value for name, value in vars(after).items() if value != getattr(before, name)}
        return dataclasses.replace(self, **differing)


def load(path: Path) -> Preferences:
    """The preferences in a file, the defaults where there is none; raises ValueError naming a file it cannot use."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Preferences()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError(f"{path}: not preferences of version {VERSION}")
    known = {name: value for name, value in document.items() if name in vars(Preferences())}
    return Preferences(**{name: _checked(path, name, value) for name, value in known.items()})


def save(path: Path, preferences: Preferences) -> None:
    """Write a file whole or not at all; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write(json.dumps({"version": VERSION, **vars(preferences)}, indent=2).encode())


class PreferencesStore:
    """The preferences of a program: read at its start, written at its end where they changed; never without a file.

    A file that could not be read is left as it is: it may be worth repairing. `problem` says so.
    """

    def __init__(self, path: Path | None) -> None:
        self.preferences, self.problem = Preferences(), ""
        self._path = path
        try:
            if path is not None:
                self.preferences = load(path)
        except ValueError as error:
            self.problem = str(error)

    def theme(self, known: Container[str]) -> str:
        """The theme that was chosen, if it is still known."""
        return self.preferences.theme if self.preferences.theme in known else ""

    def save(self, before: Preferences, after: Preferences) -> None:
        """Keep what changed; a place that cannot be written becomes the `problem`."""
        if self._path is None or self.problem or before == after:
            return
        try:
            save(self._path, self.preferences.changed(before, after))
        except OSError as error:
            self.problem = f"preferences not saved: {error}"


def _checked(path: Path, name: str, value: Any) -> Any:
    default = getattr(Preferences(), name)
    kind = {"log": bool, "smoothing": int}.get(name)
    if kind is not None and isinstance(value, list) and all(type(item) is kind for item in value):
        return tuple(value)
    if kind is not None or type(value) is not type(default):
        raise ValueError(f"{path}: {name} cannot be {value!r}")
    return value
