"""Some runs of a sweep by their numbers in its plan, such as 1,5,9-12."""

import re
from collections.abc import Iterable

from tui_runge.core.text import printable, shorten

NUMBERS = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def show_numbers(numbers: Iterable[int]) -> str:
    """The text of numbers, which `parse_numbers` reads back in rising order."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = spans[-1][0], number
        else:
            spans.append((number, number))
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)


def parse_numbers(text: str, most: int) -> list[int]:
    """The numbers from 1 to `most` of a text in rising order, each once; raises ValueError."""
    numbers: set[int] = set()
    for part in text.split(","):
        found = NUMBERS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= most:
            asked = printable(shorten(part.strip(), 40))
            raise ValueError(f"--only must be numbers of runs from 1 to {most}, such as 1,3-5, got {asked!r}")
        numbers.update(range(first, last + 1))
    return sorted(numbers)
