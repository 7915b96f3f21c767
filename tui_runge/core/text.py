"""Small helpers for texts that a person reads, or that a stranger wrote."""

import difflib
from collections.abc import Iterable


def printable(text: str) -> str:
    """A text from elsewhere without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else "·" for letter in text[:500])


def hint(name: str, known: Iterable[str]) -> str:
    """What to say after an unknown name: the nearest known one, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1, cutoff=0.7)
    return f": did you mean {near[0]}?" if near else f": must be one of {', '.join(names)}"


def shorten(text: str, width: int) -> str:
    """The text, or as much of it as fits and an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
