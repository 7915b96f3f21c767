"""The report for LaTeX, made from the Markdown: an article with booktabs, for pdflatex and the engines of Unicode."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui_runge.core.progress import Progress
from tui_runge.core.text import utf8
from tui_runge.export.formats.provenance import provenance
from tui_runge.export.layout import FILES

if TYPE_CHECKING:
    from markdown_it.token import Token

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage{iftex}
\ifpdftex
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
\fi
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{graphicx}
\usepackage{textcomp}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\sloppy
"""
LETTERS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\ldots{}",
    "°": r"\textdegree{}",
    "µ": r"\textmu{}",
    "\u00a0": "~",
    "′": r"$'$",
    "″": r"$''$",
    "−": "$-$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "±": r"$\pm$",
    "≈": r"$\approx$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "→": r"$\to$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "∫": r"$\int$",
    "²": "$^2$",
    "³": "$^3$",
    "⁻": "$^-$",
    "π": r"$\pi$",
    "σ": r"$\sigma$",
    "λ": r"$\lambda$",
}
"""Letters that LaTeX would not show as they are."""
HEADINGS = {
    ("heading_open", "h1"): "\\begin{center}\\Large\\bfseries ",
    ("heading_close", "h1"): "\n\\end{center}\n",
    ("heading_open", "h2"): "\\section*{",
    ("heading_close", "h2"): "}\n",
}
BLOCKS = {
    "bullet_list_open": "\\begin{itemize}\n",
    "list_item_open": "\\item ",
    "list_item_close": "\n",
    "bullet_list_close": "\\end{itemize}\n",
    "tr_close": " \\\\\n",
    "thead_close": "\\midrule\n\\endhead\n",
    "table_close": "\\bottomrule\n\\end{longtable}\n",
}
"""What stands for the marks of a block that need not be looked at."""
MARKS = {
    "strong_open": "\\textbf{",
    "strong_close": "}",
    "em_open": "\\emph{",
    "em_close": "}",
    "softbreak": "\n",
    "hardbreak": "\n",
}
"""What stands for the marks in a paragraph."""
HAT = "\u0302"
NOT_IN_T1 = "ĦħĸĿŀŉŦŧſ"
"""The letters below U+0180 that the font encoding T1 has not."""
CODE_BREAK = r"\allowbreak{}"


def files(progress: Progress, stem: str) -> dict[str, bytes]:
    """The report, whose figures lie beside it."""
    from tui_runge.export.report import markdown

    return {f"{stem}.tex": from_markdown(progress, markdown(progress, list(FILES)))}


def from_markdown(progress: Progress, text: str) -> bytes:
    """The report of a run, given in Markdown."""
    about = "".join(f"% {_ascii(line)}\n" for line in provenance(progress, ["Check: the errors against fit.csv."]))
    return utf8(about + PREAMBLE + document(text))


def document(markdown: str) -> str:
    """The document that a report in Markdown is in LaTeX, without its preamble."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    return "\\begin{document}\n" + "".join(_blocks(tokens)) + "\\end{document}\n"


def escape(text: str) -> str:
    """A text that LaTeX shows letter by letter; a letter that its fonts may lack is named by its number."""
    shown: list[str] = []
    for letter in text:
        if letter == HAT and shown:
            shown[-1] = rf"$\hat{{{shown[-1]}}}$"
        else:
            apart = "{}" if letter in "-," and shown[-1:] == [letter] else ""  # two would be a dash, or a quote
            shown += filter(None, (apart, _letter(letter)))
    return "".join(shown)


def _letter(letter: str) -> str:
    if letter in LETTERS:
        return LETTERS[letter]
    if letter.isascii() or (letter.isalpha() and ord(letter) < 0x180 and letter not in NOT_IN_T1):
        return letter if letter.isprintable() or letter == "\n" else " "
    plain = unicodedata.normalize("NFKC", letter)
    return plain if plain.isascii() and plain.isalnum() else f"[U+{ord(letter):04X}]"


def _ascii(text: str) -> str:
    """A text for a comment, which no engine reads."""
    return text.encode("ascii", "backslashreplace").decode()


def _blocks(tokens: Sequence["Token"]) -> Iterator[str]:
    """The blocks of a report: headings, paragraphs, tables, lists, code."""
    for index, token in enumerate(tokens):
        match token.type:
            case "inline":
                yield "".join(_inline(token.children or []))
            case "heading_open" | "heading_close":
                yield HEADINGS[token.type, token.tag]
            case "paragraph_close":
                yield "" if token.hidden else "\n\n"
            case "th_open" | "td_open":
                yield "" if tokens[index - 1].type == "tr_open" else " & "
            case "table_open":
                yield _table_start(tokens[index:])
            case "fence":
                yield f"\\begin{{quote}}\\ttfamily {_code(token.content.strip())}\\end{{quote}}\n"
            case other:
                yield BLOCKS.get(other, "")


def _table_start(tokens: Sequence["Token"]) -> str:
    """The beginning of a table: as many columns as its first row has, of which the others are as wide as they need."""
    row = next(index for index, token in enumerate(tokens) if token.type == "tr_close")
    count = sum(token.type == "th_open" for token in tokens[:row])
    width = 0.9 / count
    column = rf">{{\raggedright\arraybackslash}}p{{{width:.2f}\linewidth}}"
    return rf"\begin{{longtable}}{{@{{}}{column * count}@{{}}}}" + "\n\\toprule\n"


def _inline(tokens: Sequence["Token"]) -> Iterator[str]:
    for token in tokens:
        match token.type:
            case "text":
                yield escape(token.content)
            case "code_inline":
                yield f"\\texttt{{{_code(token.content)}}}"
            case "image":
                yield (
                    "\\begin{figure}[htbp]\\centering\n"
                    f"\\includegraphics[width=.8\\linewidth]{{{token.attrs['src']}}}\n"
                    f"\\caption{{{escape(token.content)}}}\n\\end{{figure}}"
                )
            case other:
                yield MARKS.get(other, "")


def _code(text: str) -> str:
    """A text in typewriter letters, which may be broken anywhere behind a space or a mark."""
    pieces = (escape(letter) + (CODE_BREAK if letter in "/-_=,.:" else "") for letter in text.replace("\n", " "))
    return "".join(pieces)
