"""Small helpers for texts that a person reads, or that a stranger wrote."""

import difflib
import os
import shlex
from collections.abc import Iterable


def printable(text: str) -> str:
    """A text from elsewhere without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else "·" for letter in text[:500])


def show_path(path: str | os.PathLike[str]) -> str:
    """A path in one line: what would steer a terminal is escaped, and so is a byte that is no text."""
    return "".join(map(_escaped, os.fspath(path)))


def shell_word(text: str) -> str:
    """A word of a shell's command line in printable letters; bash and zsh read every file's name back from it."""
    if text.isprintable():
        return shlex.quote(text)
    letters = (f"\\{letter}" if letter in "\\'" else _escaped(letter) for letter in text)
    return f"$'{''.join(letters)}'"


def utf8(text: str) -> bytes:
    """The text in UTF-8; half a surrogate pair, as Python reads a byte that is no text, is escaped as JSON has it."""
    return text.encode(errors="backslashreplace")


def _escaped(letter: str) -> str:
    """A letter, or where it does not print its bytes, such as \\xe9."""
    if letter.isprintable():
        return letter
    byte = "\udc80" <= letter <= "\udcff"
    return "".join(f"\\x{b:02x}" for b in letter.encode(errors="surrogateescape" if byte else "surrogatepass"))


def hint(name: str, known: Iterable[str]) -> str:
    """What to say after an unknown name: the nearest known one, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1, cutoff=0.7)
    return f": did you mean {near[0]}?" if near else f": must be one of {', '.join(names)}"


def shorten(text: str, width: int) -> str:
    """The text, or as much of it as fits and an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
