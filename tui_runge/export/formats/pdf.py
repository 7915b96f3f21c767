"""The report as a PDF on A4, laid out without LaTeX; the only module that imports fpdf2."""

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from fpdf import FPDF
    from markdown_it.tree import SyntaxTreeNode

Style = Literal["", "B", "I", "code"]
MARGIN, GAP = 20.0, 6.0
"""Millimetres around a page, and between two figures beside each other."""
TEXT, SMALL = 10.0, 8.5
"""Points of the letters of text, and of those in tables, captions and commands."""
LINE = 5.0
"""Millimetres from one line of text to the next."""
HEADINGS = {"h1": 17.0, "h2": 12.5}
HAT, HAT_GAP = "\N{COMBINING CIRCUMFLEX ACCENT}", 60
"""The letter that makes an f̂ of an f, and the units of a font that are left between the two."""
FONTS: dict[tuple[str, Literal["", "B", "I"]], str] = {
    ("text", ""): "DejaVuSans.ttf",
    ("text", "B"): "DejaVuSans-Bold.ttf",
    ("text", "I"): "DejaVuSans-Oblique.ttf",
    ("code", ""): "DejaVuSansMono.ttf",
    ("code", "B"): "DejaVuSansMono-Bold.ttf",
}
"""The files of matplotlib's own fonts, which have the letters f̂ and f′."""


class Piece(NamedTuple):
    """A piece of text in one style."""

    text: str
    style: Style


def pdf(text: str, figures: Mapping[str, bytes], run: str = "") -> bytes:
    """The pages of a report in Markdown, with its figures two in a row; `run` stands below each."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    # It warns of every letter that a font lacks, such as those of a file's name in another script.
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    blocks = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)).children
    with _document(run) as document:
        for is_figure, group in groupby(blocks, key=lambda block: _figure_name(block) in figures):
            if is_figure:
                _add_figures(document, [(_plain(block), figures[_figure_name(block)]) for block in group])
                continue
            for block in group:
                _add_block(document, block)
        return bytes(document.output())


@contextmanager
def _document(run: str) -> "Iterator[FPDF]":
    """A document that has below each page the run and the page's number; its fonts are open meanwhile."""
    import matplotlib
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

    class Document(FPDF):
        def footer(self) -> None:
            self.set_y(-15)
            self.set_font("text", "", SMALL)
            self.set_text_color(110)
            self.cell(0, 8, f"runge-tui   {run}".rstrip())
            self.set_x(MARGIN)
            self.cell(0, 8, f"{self.page_no()} / {{nb}}", align="R")
            self.set_text_color(0)

    document = Document()
    for (family, style), file in FONTS.items():
        document.add_font(family, style, Path(matplotlib.get_data_path(), "fonts", "ttf", file))
    fonts = [font.ttfont for font in document.fonts.values() if isinstance(font, TTFFont)]
    document.set_draw_color(190)
    document.set_margins(MARGIN, MARGIN)
    document.set_auto_page_break(True, MARGIN)
    document.set_creator("runge-tui")
    document.set_lang("en")
    document.add_page()
    try:
        for font in fonts:
            put_hat_on_f(font)
        yield document
    finally:
        for font in fonts:
            font.close()


def put_hat_on_f(font: "TTFont") -> None:
    """Move a font's combining circumflex onto the letter f: it stands where it fits lower ones, across the f."""
    glyphs, names = font["glyf"], font.getBestCmap()
    f, hat = glyphs[names[ord("f")]], glyphs[names[ord(HAT)]]
    width, hat_width = (font["hmtx"][names[ord(letter)]][0] for letter in ("f", HAT))
    if hat_width:
        return  # of a font whose letters are all as wide, in which no f̂ is set
    right = (f.xMin + f.xMax - hat.xMin - hat.xMax) // 2 - width
    up = f.yMax + HAT_GAP - hat.yMin
    if hat.isComposite():
        for part in hat.components:
            part.x, part.y = part.x + right, part.y + up
    else:
        hat.coordinates.translate((right, up))
    hat.recalcBounds(glyphs)


def _add_block(document: "FPDF", block: "SyntaxTreeNode") -> None:
    from fpdf.enums import WrapMode

    match block.type:
        case "heading":
            _add_heading(document, block)
        case "paragraph":
            _write(document, _pieces(block))
            document.ln(LINE + 2)
        case "table":
            _add_table(document, block)
        case "fence":
            document.set_font("code", "", SMALL)
            document.set_fill_color(240)
            command = block.content.rstrip("\n")
            document.multi_cell(0, LINE, command, fill=True, padding=2, align="L", wrapmode=WrapMode.CHAR)
            document.ln(LINE + 2)
        case "bullet_list":
            for item in block.children:
                _write(document, [Piece("• ", ""), *_pieces(item)])
                document.ln(LINE)
        case other:
            raise ValueError(f"a report must not have a block of the kind {other}")


def _add_heading(document: "FPDF", block: "SyntaxTreeNode") -> None:
    """A heading, on the next page where hardly any text would fit below it."""
    size = HEADINGS[block.tag]
    if document.will_page_break(7 * LINE):
        document.add_page()
    title = _plain(block)
    if block.tag == "h1":
        document.set_title(title)
    document.set_font("text", "B", size)
    document.multi_cell(0, size * 0.5, title, align="L", new_x="LMARGIN", new_y="NEXT")
    document.ln(2)


def _write(document: "FPDF", pieces: Sequence[Piece]) -> None:
    """Text in lines that break between words."""
    for text, style in pieces:
        if style == "code":
            document.set_font("code", "", TEXT - 1)
        else:
            document.set_font("text", style, TEXT)
        document.write(LINE, text)


def _add_table(document: "FPDF", block: "SyntaxTreeNode") -> None:
    """A table with lines between its rows, as narrow as its texts and in the page's width."""
    from fpdf.enums import TableBordersLayout
    from fpdf.fonts import FontFace

    rows = [[_pieces(cell) for cell in row.children] for part in block.children for row in part.children]
    document.set_font("text", "B", SMALL)
    texts = [["".join(text for text, _ in cell) for cell in row] for row in rows]
    needed = [max(map(document.get_string_width, column)) + 6 for column in zip(*texts, strict=True)]
    widths = _fitting(needed, document.epw)
    if document.will_page_break(len(rows) * LINE) and len(rows) * LINE < document.eph:
        document.add_page()
    with document.table(
        align="L",
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=widths,
        headings_style=FontFace("text", "B"),
        line_height=LINE,
        text_align="L",
        width=sum(widths),
    ) as table:
        for n, cells in enumerate(rows):
            row = table.row()
            for cell, text in zip(cells, texts[n], strict=True):
                styles = {style for _, style in cell}
                family, bold = "code" if "code" in styles else "text", "B" if "B" in styles or not n else ""
                row.cell(text, style=FontFace(family, bold))
    document.ln(LINE)


def _fitting(widths: Sequence[float], room: float) -> list[float]:
    """The widths of columns, of which those that have no room give way: each may have an equal part of what is left."""
    fitting = dict[int, float]()
    for place in sorted(range(len(widths)), key=lambda place: widths[place]):
        fitting[place] = min(widths[place], room / (len(widths) - len(fitting)))
        room -= fitting[place]
    return [fitting[place] for place in range(len(widths))]


def _add_figures(document: "FPDF", figures: Sequence[tuple[str, bytes]]) -> None:
    """Figures with their captions, two in a row."""
    from PIL import Image

    width = (document.epw - GAP) / 2
    for first in range(0, len(figures), 2):
        row = figures[first : first + 2]
        sizes = [Image.open(io.BytesIO(png)).size for _, png in row]
        height = max(width * tall / wide for wide, tall in sizes)
        if document.will_page_break(height + 2 * LINE):
            document.add_page()
        top = document.get_y()
        for column, (caption, png) in enumerate(row):
            left = MARGIN + column * (width + GAP)
            document.image(io.BytesIO(png), x=left, y=top, w=width, alt_text=caption)
            document.set_xy(left, top + height)
            document.set_font("text", "", SMALL)
            document.cell(width, LINE, f"Figure {first + column + 1}: {caption}", align="C")
        document.set_xy(MARGIN, top + height + 2 * LINE)


def _figure_name(block: "SyntaxTreeNode") -> str:
    """The name of the figure that a paragraph consists of, empty for any other block."""
    if block.type == "paragraph" and [node.type for node in block.children[0].children] == ["image"]:
        return str(block.children[0].children[0].attrs["src"])
    return ""


def _plain(block: "SyntaxTreeNode") -> str:
    return "".join(text for text, _ in _pieces(block))


def _pieces(node: "SyntaxTreeNode", style: Style = "") -> list[Piece]:
    """The text below a node, in its styles."""
    match node.type:
        case "text":
            return [Piece(node.content, style)]
        case "code_inline":
            return [Piece(node.content, "code")]
        case "softbreak":
            return [Piece(" ", style)]
        case "strong":
            style = "B"
        case "em":
            style = "I"
    return [piece for child in node.children for piece in _pieces(child, style)]
