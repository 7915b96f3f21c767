"""How a sentence words numbers and lists."""

import re
from collections.abc import Sequence

from tui_runge.core.text import printable


def two_digits(value: float) -> str:
    """A number of a size to read, to two significant digits."""
    return f"{float(f'{value:.2g}'):,g}"


def times(ratio: float) -> str:
    """A ratio in words, such as about 400 times."""
    return f"about {two_digits(ratio)} times" if ratio < 1e6 else "more than a million times"


def listed(texts: Sequence[str]) -> str:
    """The texts as one enumeration."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def counted(count: int, noun: str) -> str:
    """So many of what a noun names, such as 1 epoch or 1,200 epochs."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def literal(text: str) -> str:
    """A text in one line of Markdown that shows its letters as they are."""
    return re.sub(r"([\\`*_\[\]<>&|~])", r"\\\1", printable(text))
