"""Reads measured points from a table of text, in the dialects that people and programs write."""

import codecs
import csv
import io
import re
from array import array
from collections.abc import Iterator
from itertools import chain

from tui_runge.core.measured_points import MOST_POINTS, PARTS, Faults, MeasuredPoints, too_many
from tui_runge.core.text import shorten
from tui_runge.problems.points_columns import choose_columns

SEPARATORS = (";", "\t", ",", " ")
COMMENTS = ("#", "%")
NOT_MEASURED = ("", "nan", "na", "n/a", "null")
NUMBER = re.compile(r"[+-]?([0-9]+\.?|[0-9]*[.,][0-9]+)([eEdD][+-]?[0-9]+)?")
AFTER_QUOTE = re.compile(r'"[ \t]+(?=[;\t, ]|$)')
LONGEST_NUMBER = 400
LONGEST_LINE = 100_000
MOST_LINES = 1_000_000
SAMPLE = 50
"""Rows that the separator is recognised by."""

Line = tuple[int, str]
"""The number of a line from 1, and its text."""


def parse_table(content: bytes, name: str, wanted: list[str], skip_rows: int) -> MeasuredPoints:
    """The points of a table of text; `wanted` is what `parse_columns` gives, and `skip_rows` lines are passed over.

    Raises ValueError in one line that names what is wrong, all bad cells at once.
    """
    lines = _lines(content, name, skip_rows)
    comment, sample = "", list[Line]()
    for number, text in lines:
        if text.lstrip().startswith(COMMENTS):
            comment = comment if sample else text
            continue
        sample.append((number, text))
        if len(sample) == SAMPLE:
            break
    if not sample:
        raise ValueError(f"{name} has no rows{f' after the first {skip_rows:,} lines' * (skip_rows > 0)}")
    separator = _recognise_separator([text for _, text in sample])
    table = _Table(name, separator)
    table.begin(sample[0][1], comment, wanted)
    for line in chain(sample[table.has_header_row :], lines):
        table.add(line)
    return table.points()


class _Table:
    """A table of text as it is read row by row."""

    def __init__(self, name: str, separator: str) -> None:
        self._name, self._separator = name, separator
        self._faults = Faults(name)
        self._decimal_mark = ""

    def begin(self, first: str, comment: str, wanted: list[str]) -> None:
        """Find the columns by the first row, or by the comment above it where that row is none of names."""
        cells = self._split_or_refuse(first)
        self._width = len(cells)
        self.has_header_row = any(cells) and not any(_is_number(cell) for cell in cells)
        header: list[str] = []
        if self.has_header_row:
            header = cells
            while not header[-1]:
                header.pop()
            self._width = len(header)
        chosen = None if header else self._by_comment(comment, wanted)
        self._chosen = chosen or choose_columns(wanted, header, self._width, self._name)
        self._labels = {role: header[place] if header else str(place + 1) for role, place in self._chosen.items()}
        self._numbers = {role: array("d") for role in self._chosen if role != "part"}
        self._held_out: list[bool] = []

    def _split_or_refuse(self, first: str) -> list[str]:
        try:
            return _split(first, self._separator)
        except csv.Error as error:
            raise ValueError(f"{self._name}: the first row cannot be read: {error}") from error

    def _by_comment(self, comment: str, wanted: list[str]) -> dict[str, int] | None:
        """The columns by a comment such as "# x f", or None where it is about something else."""
        try:
            header = _split(comment.strip("".join(COMMENTS) + " \t"), self._separator)
            return choose_columns(wanted, header, self._width, self._name) if len(header) == self._width else None
        except (csv.Error, ValueError):
            return None

    def add(self, line: Line) -> None:
        """Read a row, or note what is wrong with it; raises ValueError where rows are too many."""
        number, text = line
        if text.lstrip().startswith(COMMENTS):
            return
        try:
            cells = _split(text, self._separator)
        except csv.Error as error:
            self._faults.add(f"line {number}", str(error))
            return
        if len(cells) < self._width or any(cells[self._width :]):
            self._faults.add(f"line {number}", f"{len(cells)} cell{'s' * (len(cells) > 1)}, not {self._width}")
            return
        if all(cells[place].casefold() in NOT_MEASURED for role, place in self._chosen.items() if role != "part"):
            return
        if len(self._numbers["x"]) == MOST_POINTS:
            raise ValueError(too_many(self._name))
        for role, numbers in self._numbers.items():
            numbers.append(self._number(number, role, cells[self._chosen[role]]))
        if "part" in self._chosen:
            self._held_out.append(self._part(number, cells[self._chosen["part"]]))

    def _number(self, line: int, role: str, cell: str) -> float:
        """The number in a cell; NaN where it is empty or what is wrong with it was noted."""
        if role != "x" and cell.casefold() in NOT_MEASURED:
            return float("nan")
        fault = ""
        value = float("nan")
        mark = "," if "," in cell else "." if "." in cell else ""
        if not cell:
            fault = "is empty"
        elif not _is_number(cell):
            fault = f"{shorten(cell, 30)!r} is not a number"
        elif mark and self._decimal_mark not in ("", mark):
            fault = f"{cell!r} is not a number with decimal {self._decimal_mark!r} as those before"
        else:
            self._decimal_mark = self._decimal_mark or mark
            value = float(cell.replace(",", ".").lower().replace("d", "e"))
            fault = "" if abs(value) < float("inf") else f"{shorten(cell, 30)!r} is too large for float64"
        if fault:
            self._note(line, role, fault)
        return value

    def _part(self, line: int, cell: str) -> bool:
        """Whether a row is held out, by the cell that says so."""
        if cell.casefold() not in PARTS:
            self._note(line, "part", f"{shorten(cell, 30)!r} must be {' or '.join(PARTS)}")
        return cell.casefold() == PARTS[True]

    def _note(self, line: int, role: str, fault: str) -> None:
        self._faults.add(f"line {line}, column {shorten(self._labels[role], 30)}", fault)

    def points(self) -> MeasuredPoints:
        """The points of all rows; raises ValueError where cells were bad."""
        self._faults.check()
        held_out = self._held_out if "part" in self._chosen else None
        return MeasuredPoints.of(**self._numbers, held_out=held_out, name=self._name)


def _lines(content: bytes, name: str, skip_rows: int) -> Iterator[Line]:
    """The lines that are not blank, after the first `skip_rows`; raises ValueError where they are too long or many."""
    if max(content.count(b"\n"), content.count(b"\r")) > MOST_LINES:
        raise ValueError(f"{name} must have at most {MOST_LINES:,} lines: keep the rows that were measured")
    text = io.TextIOWrapper(io.BytesIO(content), encoding=_encoding(content, name))
    for number, line in enumerate(text, 1):
        if number <= skip_rows or not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            raise ValueError(f"{name}: line {number} must have at most {LONGEST_LINE:,} letters, got {len(line):,}")
        yield number, line.rstrip("\n")


def _encoding(content: bytes, name: str) -> str:
    """The encoding of a text; raises ValueError where it is none."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} is not the UTF-16 text that it begins as: save it as UTF-8") from error
        return "utf-16"
    if b"\0" in content:
        raise ValueError(f"{name} is not a table of text: byte {content.index(0) + 1:,} is zero")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"  # where any byte is a letter: an unknown encoding spoils names at most
    return "utf-8-sig"


def _recognise_separator(rows: list[str]) -> str:
    """The separator by which most rows are all numbers, then most cells are, then there are most cells."""

    def score(separator: str) -> tuple[int, float, int]:
        whole, share, count = 0, 0.0, 0
        for row in rows:
            cells = _cells_of_several(row, separator)
            filled = [cell for cell in cells if cell.casefold() not in NOT_MEASURED]
            good = sum(map(_is_number, filled))
            whole += good == len(filled) > 0
            share += good / max(1, len(filled))
            count += len(cells)
        return whole, share, count

    return max(SEPARATORS, key=score)


def _cells_of_several(row: str, separator: str) -> list[str]:
    """The cells of a row that has two or more by a separator, else none."""
    try:
        cells = _split(row, separator)
    except csv.Error:
        return []
    return cells if len(cells) > 1 else []


def _split(row: str, separator: str) -> list[str]:
    """The cells of a row, without blanks and quotes; raises csv.Error where quotes do not match."""
    if separator == " ":
        row = row.replace("\t", " ").strip()
    if '"' in row:
        row = AFTER_QUOTE.sub('"', row)
    cells = next(csv.reader([row], delimiter=separator, skipinitialspace=True, strict=True), [])
    return [cell.strip() for cell in cells]


def _is_number(cell: str) -> bool:
    return len(cell) <= LONGEST_NUMBER and NUMBER.fullmatch(cell) is not None
