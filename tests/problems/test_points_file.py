"""Tables of measured points, in whatever dialect they are written and whoever wrote them."""

import codecs
import io
import os
import pickle
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runge.core.measured_points import MOST_POINTS, MeasuredPoints
from tui_runge.problems import points_table
from tui_runge.problems.points_file import EXAMPLES, examples, parse_points, read_points

Row = tuple[float, float | None, float | None]

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6).map(float)
rows = st.tuples(numbers, st.none() | numbers, st.none() | numbers).filter(lambda row: row[1:] != (None, None))
some_rows = st.lists(rows, min_size=1, max_size=12).filter(lambda rows: any(row[1] is not None for row in rows))


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    separator: str
    decimal_mark: str
    header: str
    order: tuple[str, ...]
    number: Callable[[float], str]
    missing: str
    blank: str
    quote: str
    line_end: str
    encoding: str
    skip_rows: int

    def write(self, rows: list[Row]) -> bytes:
        """The table as a file, with a comment and a blank line among its rows."""
        lines = ["no, row; of\tit"] * self.skip_rows + ["# measured by hand, in May; 5 days", ""]
        names = {"x": "X", "f": "y", "df": "df/dx", "site": "site"}
        header = self.separator.join(self._quoted(names[column]) for column in self.order)
        if self.header:
            lines.append(self.header + header)
        for row in rows:
            cells = {"x": self._cell(row[0]), "f": self._cell(row[1]), "df": self._cell(row[2]), "site": "B7"}
            padding = self.blank if self.separator != "\t" else self.blank.replace("\t", " ")
            lines.append(
                (padding + self.separator + padding).join(self._quoted(cells[c]) for c in self.order) + padding
            )
            lines += ["", "% the next"]
        return self.line_end.join(lines).encode(self.encoding)

    @property
    def columns(self) -> str:
        """What to say where the table does not say it of itself."""
        if self.header:
            return ""
        return ",".join(str(self.order.index(column) + 1) for column in ("x", "f", "df") if column in self.order)

    def _cell(self, value: float | None) -> str:
        return self.missing if value is None else self.number(value).replace(".", self.decimal_mark)

    def _quoted(self, cell: str) -> str:
        return f"{self.quote}{cell}{self.quote}" if cell or self.separator != " " else '""'


def spell_out(value: float) -> str:
    return f"{value:+.17e}"


def spell_briefly(value: float) -> str:
    return f"{value:.17G}"


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    separator = draw(st.sampled_from(points_table.SEPARATORS))
    order = tuple(draw(st.permutations(draw(st.sampled_from([("x", "f", "df"), ("x", "f", "df", "site")])))))
    return Dialect(
        separator=separator,
        decimal_mark="." if separator == "," else draw(st.sampled_from(".,")),
        header=draw(st.sampled_from([" ", "", "# "])),
        order=order,
        number=draw(st.sampled_from([repr, spell_out, spell_briefly])),
        missing=draw(st.sampled_from(["", "nan", "NA", "N/A", "null"])),
        blank=draw(st.sampled_from(["", " ", "  "])),
        quote=draw(st.sampled_from(["", '"'])),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])),
        skip_rows=draw(st.integers(0, 3)),
    )


def check_that_it_reads_back(rows: list[Row], dialect: Dialect) -> None:
    points = parse_points(dialect.write(rows), "table", dialect.columns, dialect.skip_rows)
    expected = np.array([[np.nan if value is None else value for value in row] for row in rows])
    np.testing.assert_array_equal(np.array([points.x, points.f, points.df]).T, expected)
    assert points.held_out is None


@given(rows=some_rows, dialect=dialects())
@settings(max_examples=300)
def test_a_table_in_any_dialect_reads_back_exactly(rows: list[Row], dialect: Dialect) -> None:
    check_that_it_reads_back(rows, dialect)


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(rows=some_rows, dialect=dialects())
@settings(max_examples=5000)
def test_many_tables_in_any_dialect_read_back_exactly(rows: list[Row], dialect: Dialect) -> None:
    check_that_it_reads_back(rows, dialect)


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


WHOLE = archive(x=np.arange(3.0), f=np.arange(3.0), df=np.arange(3.0))


@st.composite
def broken_files(draw: st.DrawFn) -> bytes:
    """Bytes of any kind, tables of pieces that mean something to a reader, and archives with some bytes changed."""
    kind = draw(st.sampled_from(["bytes", "pieces", "archive"]))
    if kind == "bytes":
        start = draw(st.sampled_from([b"", b"PK\x03\x04", codecs.BOM_UTF16_LE, codecs.BOM_UTF8, b"x,f\n1,2\n"]))
        return start + draw(st.binary(max_size=200))
    if kind == "pieces":
        pieces = [
            "x",
            "f",
            "y",
            "df",
            "part",
            "train",
            ",",
            ";",
            "\t",
            " ",
            "\n",
            "\r",
            '"',
            "#",
            "1",
            "2.5",
            "3,5",
            "-",
        ]
        pieces += ["nan", "inf", "1e999", "1_0", "٣", "\u2028", "\x0b", "\x1b[31m", "'", "é"]
        return "".join(draw(st.lists(st.sampled_from(pieces), max_size=60))).encode()
    content = bytearray(WHOLE)
    for place, value in draw(st.lists(st.tuples(st.integers(4, len(content) - 1), st.integers(0, 255)), max_size=4)):
        content[place] = value
    return bytes(content[: draw(st.integers(4, len(content)))])


def read_or_refuse(content: bytes, columns: str, skip_rows: int) -> MeasuredPoints | str:
    """The points of a file, or why there are none."""
    try:
        return parse_points(content, "table", columns, skip_rows)
    except ValueError as error:
        return str(error)


def check_that_it_is_read_or_refused_in_one_line(content: bytes, columns: str, skip_rows: int) -> None:
    outcome = read_or_refuse(content, columns, skip_rows)
    if isinstance(outcome, str):
        assert outcome.isprintable()
        assert len(outcome) < 4000
    else:
        assert np.isfinite(outcome.x).all()
        assert not (np.isnan(outcome.f) & np.isnan(outcome.df)).any()


options = st.sampled_from(["", "1,2", "2,1,3", "x,f", "y,x", "a", '"', "0,1", "9999999999,1", "\n,\0"])


@given(content=broken_files(), columns=options, skip_rows=st.integers(0, 2))
@settings(max_examples=300)
def test_any_file_is_read_or_refused_in_one_line(content: bytes, columns: str, skip_rows: int) -> None:
    check_that_it_is_read_or_refused_in_one_line(content, columns, skip_rows)


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(content=broken_files(), columns=options, skip_rows=st.integers(0, 2))
@settings(max_examples=5000)
def test_many_files_are_read_or_refused_in_one_line(content: bytes, columns: str, skip_rows: int) -> None:
    check_that_it_is_read_or_refused_in_one_line(content, columns, skip_rows)


@pytest.mark.parametrize(
    ("table", "columns", "message"),
    [
        ("", "", "t.csv has no rows"),
        ("5\n6", "", "t.csv has 1 column: it must have x and f at least"),
        ("1,2,3,4", "", "t.csv has 4 columns and no header: say which to read with --columns X,F or X,F,DF, such as"),
        ("T,a\n1,2", "", "t.csv has no column x: its columns are T, a; say which to read with --columns X,F or X,F,DF"),
        ("x,f,y\n1,2,3", "", "t.csv has 2 columns for f among x, f, y: say which to read"),
        ("T,a\n1,2", "T,b", "t.csv has no column 'b': its columns are T, a"),
        ("1,2", "T,b", "t.csv has no column 'T': it has no header, so give numbers from 1 to 2"),
        ("1,2", "1,3", "columns must be from 1 to 2 for t.csv, got 3"),
        ("1,2", "1,1", "columns must be different ones, got '1,1'"),
        ("1,2", "1", "columns must be X,F or X,F,DF, by header names or numbers from 1, got '1'"),
        ("x,f\n1,\n", "", "t.csv has no value of f: at least one point must have one"),
        ("x,f\n1,2\n3,n/b", "", "t.csv has 1 bad cell: line 3, column f: 'n/b' is not a number ("),
        ("x,f\n1,1_0", "", "line 2, column f: '1_0' is not a number"),
        ("x,f\n1,inf", "", "line 2, column f: 'inf' is not a number"),
        ("x,f\n1,-1e999", "", "line 2, column f: '-1e999' is too large for float64"),
        ("# a\n\nx,f\n,2", "", "line 4, column x: is empty"),
        ("x,f\n1,2,3", "", "line 2: 3 cells, not 2"),
        ("x,f,df\n1,2", "", "line 2: 2 cells, not 3"),
        ('x,f\n1,"2', "", "line 2: unexpected end of data"),
        ("x;f\n1,5;2\n1.234;2", "", "line 3, column x: '1.234' is not a number with decimal ',' as those before"),
        ("x,f,part\n1,2,test", "", "line 2, column part: 'test' must be train or validation"),
    ],
)
def test_a_wrong_table_is_named_with_the_way_out(table: str, columns: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        parse_points(table.encode(), "t.csv", columns)
    assert str(error.value).startswith(("t.csv ", "columns "))


def test_all_bad_cells_are_named_at_once_and_counted_from_the_21st_on() -> None:
    table = "x,f\n" + "1,a\n" * 3
    with pytest.raises(ValueError, match=r"3 bad cells: line 2, column f: 'a' .*; line 3, .*; line 4, "):
        parse_points(table.encode(), "t.csv")
    with pytest.raises(ValueError, match=r"1,004 bad cells: .*line 21, .*'a' is not a number; and 984 more \(mend"):
        parse_points(("x,f\n" + "1,a\n" * 1004).encode(), "t.csv")


def test_columns_are_chosen_by_name_or_number_in_any_order() -> None:
    table = b"T [K];alpha, measured;N\n1,5;2;3\n"
    for columns in ('T [K],"alpha, measured",n', "1,2,3", 't [k],3,"alpha, measured"'):
        points = parse_points(table, "t.csv", columns)
        assert points.x == 1.5
        assert {points.f.item(), points.df.item()} == {2, 3}


def test_a_file_can_say_itself_what_is_held_out() -> None:
    points = parse_points(b"x,f,part\n1,2,train\n2,,train\n3,4,Validation\n", "t.csv")
    assert points.x.tolist() == [1, 3]
    assert points.held_out is not None
    assert points.held_out.tolist() == [False, True]


def test_an_encoding_that_is_not_known_spoils_names_only() -> None:
    assert parse_points("°C;x;f\n1;2;3".encode("latin-1"), "t.csv").f == 3


def test_an_archive_is_read_by_the_names_of_its_arrays() -> None:
    content = archive(y=[3.0, np.nan], x=np.array([1, 2]), dy=np.array([5, 6], dtype=np.float32))
    points = parse_points(content, "t.npz")
    assert (points.x.tolist(), points.f[0], points.df.tolist()) == ([1, 2], 3, [5, 6])
    assert parse_points(content, "t.npz", "dy,x").f.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive(x=[1.0], f=[[2.0]]), r"array 'f' must have one dimension, got shape \(1, 1\)"),
        (archive(x=[1.0], f=["2"]), "array 'f' must hold real numbers, got <U1"),
        (archive(x=[1.0], f=[2.0, 3.0]), "the columns must be equally long, got 1, 2, 1"),
        (archive(x=[1.0, np.inf], f=[2.0, 3.0]), "row 2, column x: inf is not a finite number"),
        (archive(x=[1.0], g=[2.0]), "no column f or y: its columns are x, g"),
        (WHOLE[:200], "is a broken archive"),
    ],
)
def test_a_wrong_archive_is_named_with_the_way_out(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_points(content, "t.npz")


def test_an_archive_has_no_lines_to_skip() -> None:
    with pytest.raises(ValueError, match=r"skip_rows must be 0 for t\.npz"):
        parse_points(WHOLE, "t.npz", skip_rows=1)


class Bomb:
    """An object whose pickle makes a folder when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.mkdir, (self.path,)


def test_nothing_in_an_archive_is_run(tmp_path: Path) -> None:
    bomb = Bomb(tmp_path / "ran")
    file = io.BytesIO()
    np.savez(file, x=[1.0], f=np.array([bomb], dtype=object))
    with pytest.raises(ValueError, match="must hold real numbers, got object"):
        parse_points(file.getvalue(), "t.npz")
    with pytest.raises(ValueError, match=r"t\.pkl"):
        parse_points(pickle.dumps(bomb), "t.pkl")
    assert not bomb.path.exists()


def test_an_archive_that_unpacks_to_much_is_refused_before_memory_is() -> None:
    large = archive(x=np.zeros(10_000_000), f=[1.0])
    assert len(large) < 100_000
    with pytest.raises(ValueError, match="more than 100,000 points"):
        parse_points(large, "t.npz")
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }".ljust(117) + b"\n"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as claims:
        claims.writestr("x.npy", b"\x93NUMPY\x01\x00" + bytes([len(header), 0]) + header)
        claims.writestr("f.npy", b"")
    with pytest.raises(ValueError, match="more than 100,000 points"):
        parse_points(file.getvalue(), "t.npz")


def test_other_ways_to_pack_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("x.npy", b"")
        packed.writestr("f.npy", b"")
    with pytest.raises(ValueError, match="packed by another method"):
        parse_points(file.getvalue(), "t.npz")


def test_as_many_points_as_can_be_fitted_are_read_and_not_one_more() -> None:
    table = b"1 2\n" * MOST_POINTS
    assert len(parse_points(table, "t.csv")) == MOST_POINTS
    with pytest.raises(ValueError, match="more than 100,000 points, the most that can be fitted"):
        parse_points(table + b"1 2\n", "t.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\n" * (points_table.MOST_LINES + 1), "at most 1,000,000 lines"), (b"1," * 60_000, "at most 100,000 letters")],
)
def test_lines_are_bounded(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_points(content, "t.csv")


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match=r"^large.csv must have at most 32 MiB: keep fewer rows"):
        read_points(str(path))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^cannot read .*nowhere.csv: No such file or directory$"):
        read_points(str(tmp_path / "nowhere.csv"))
    with pytest.raises(ValueError, match=r"^cannot read .*: Is a directory$"):
        read_points(str(tmp_path))


def test_points_are_read_from_a_file_and_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my points.csv"
    path.write_bytes(b"x f\n1 2\n")
    assert read_points(str(path)).name == "my points.csv"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"y x\n1 2\n")))
    assert read_points("-").x == 2


@given(rows=some_rows, held_out=st.none() | st.lists(st.booleans(), min_size=12, max_size=12))
def test_points_that_are_written_read_back_bit_for_bit(rows: list[Row], held_out: list[bool] | None) -> None:
    x, f, df = np.array([[np.nan if value is None else value for value in row] for row in rows]).T
    points = MeasuredPoints.of(x, f, df, held_out and held_out[: len(rows)])
    again = parse_points(points.to_csv().encode(), "points.csv")
    for column in ("x", "f", "df"):
        assert getattr(again, column).tobytes() == getattr(points, column).tobytes()
    np.testing.assert_array_equal(again.held_out, points.held_out)
    assert again.sha256 == points.sha256


# The examples


@pytest.mark.parametrize("name", examples())
def test_an_example_tells_its_source_and_units(name: str) -> None:
    comments = [line for line in (EXAMPLES / f"{name}.csv").read_text(encoding="utf-8").splitlines() if line[0] == "#"]
    text = " ".join(comments)
    assert all(f"# {said}" in text for said in ("x: ", "Source: "))
    assert "public domain" in text
    assert comments[0] == f"# {examples()[name]}"


def test_an_unknown_example_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"^there is no example 'cooper': did you mean copper\?$"):
        read_points("example:cooper")
    with pytest.raises(ValueError, match="there is no example"):
        read_points("example:../examples/copper")


def test_copper_has_the_certified_residual() -> None:
    """NIST certifies 1.5324382854 as the sum of squares that its rational model leaves of the 236 points."""
    copper = read_points("example:copper")
    above = [1.0776351733e0, -1.2269296921e-1, 4.0863750610e-3, -1.4262662514e-6]
    below = [1, -5.7609940901e-3, 2.4053735503e-4, -1.2314450199e-7]
    residual = copper.f - np.polyval(above[::-1], copper.x) / np.polyval(below[::-1], copper.x)
    assert (len(copper), (residual**2).sum()) == (236, pytest.approx(1.5324382854, rel=1e-9))


def test_the_slopes_of_the_atmosphere_agree_with_its_differences() -> None:
    air = read_points("example:atmosphere")
    assert len(air) == 80
    differences, slopes = np.diff(air.f) / np.diff(air.x), (air.df[1:] + air.df[:-1]) / 2
    apart = np.diff(air.x) > 0.1  # nearer ones differ by the rounding of the pressure
    assert slopes[apart] == pytest.approx(differences[apart], rel=0.03)


def test_a_stream_and_a_name_that_cannot_be_read_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writable = os.open(tmp_path / "only written", os.O_WRONLY | os.O_CREAT)
    with io.TextIOWrapper(io.BufferedReader(io.FileIO(writable, "r"))) as unreadable:
        monkeypatch.setattr(sys, "stdin", unreadable)
        with pytest.raises(ValueError, match=r"^cannot read standard input: Bad file descriptor$"):
            read_points("-")
    with pytest.raises(
        ValueError, match=r"^cannot read \\xed\\xa0\\x80: no name of a file can hold one of its letters$"
    ):
        read_points("\ud800")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(ValueError, match=r"^data must not begin with ~ for a user who has no home, got ~/fit.csv$"):
        read_points("~/fit.csv")
