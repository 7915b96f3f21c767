"""Which column of a table holds what."""

import csv

from tui_runge.core.text import printable, shorten

SPELLINGS = {
    "x": ("x",),
    "f": ("f", "y"),
    "df": ("df", "dy", "f'", "y'", "f′", "y′", "df/dx", "dy/dx"),
    "part": ("part",),
}
"""What a header may call each column."""
WAY_OUT = "say which to read with --columns X,F or X,F,DF"


def parse_columns(text: str) -> list[str]:
    """The columns that `--columns X,F[,DF]` asks for, by names or numbers; none where the header is to say.

    Raises ValueError for another number of them.
    """
    if not text.strip():
        return []
    try:
        wanted = [cell.strip() for cell in next(csv.reader([text], skipinitialspace=True))]
    except csv.Error:
        wanted = []
    if len(wanted) not in (2, 3) or not all(wanted):
        raise ValueError(f"columns must be X,F or X,F,DF, by header names or numbers from 1, got {shorten(text, 60)!r}")
    return wanted


def choose_columns(wanted: list[str], header: list[str], width: int, name: str) -> dict[str, int]:
    """The position from 0 of each column by what it holds: x, f and, where there are such, df and part.

    `wanted` is what `parse_columns` gives; `header` is empty where the table `name`, `width` columns wide, has none.
    Raises ValueError for a column that is not there or not the only one, and where x or f is not to be found.
    """
    if wanted:
        places = [_place(column, header, width, name) for column in wanted]
        if len(set(places)) < len(places):
            raise ValueError(f"columns must be different ones, got {','.join(wanted)!r}")
        return dict(zip(SPELLINGS, places, strict=False))
    if header:
        return _recognise(header, name)
    if width == 1:
        raise ValueError(f"{name} has 1 column: it must have x and f at least")
    if width > 3:
        raise ValueError(f"{name} has {width} columns and no header: {WAY_OUT}, such as --columns 1,2")
    return dict(zip(SPELLINGS, range(width), strict=False))


def _place(column: str, header: list[str], width: int, name: str) -> int:
    """The position of a column by its name in the header, in whatever case, or else by its number from 1."""
    shown = repr(shorten(column, 40))
    for wanted, names in ((column, header), (column.casefold(), [other.casefold() for other in header])):
        if names.count(wanted) > 1:
            raise ValueError(f"{name} has several columns {shown}: give their numbers from 1 to --columns")
        if wanted in names:
            return names.index(wanted)
    if column.isascii() and column.isdecimal() and len(column) < 9:
        if 1 <= int(column) <= width:
            return int(column) - 1
        raise ValueError(f"columns must be from 1 to {width} for {name}, got {column}")
    known = f"its columns are {_listed(header)}" if header else f"it has no header, so give numbers from 1 to {width}"
    raise ValueError(f"{name} has no column {shown}: {known}")


def _recognise(header: list[str], name: str) -> dict[str, int]:
    """The columns that a header names as we do."""
    names = [column.casefold() for column in header]
    chosen = {}
    for role, spellings in SPELLINGS.items():
        places = [place for place, column in enumerate(names) if column in spellings]
        if len(places) > 1:
            raise ValueError(f"{name} has {len(places)} columns for {role} among {_listed(header)}: {WAY_OUT}")
        if not places and role in ("x", "f"):
            raise ValueError(
                f"{name} has no column {' or '.join(spellings)}: its columns are {_listed(header)}; {WAY_OUT}"
            )
        if places:
            chosen[role] = places[0]
    return chosen


def _listed(header: list[str]) -> str:
    """The names of a header, as far as a line holds them."""
    return shorten(", ".join(printable(column) or "''" for column in header[:30]), 200)
