"""The screen in ASCII: every line, whatever drew it, passes here last."""

import re
import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
POWER = re.compile("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
RAISED = re.compile("([⁰¹²³⁴⁵⁶⁷⁸⁹])([^ ]*) {2}")
"""A superscript with room after it, into which what follows can give way."""
LONE = re.compile("(?<!━)━(?!━)")
"""A legend's line, which has to look like its curve."""

PAIRS = {
    "●": "*", "◌": "o", "○": "o", "■": "#", "‖": "|", "✓": "v", "✗": "x", "·": ".", "•": "*", "…": "~", "–": "-",
    "—": "-", "′": "'", "↑": "^", "↓": "v", "←": "<", "→": ">", "↻": "@", "▸": ">", "▶": ">", "▼": "v", "×": "x",
    "◀": "<", "≤": "<", "≥": ">", "−": "-", "⏎": "$", "ε": "e", "π": "p", "\u0302": "", "🔎": "> ", "❯": ">",
}  # fmt: skip
TABLE = str.maketrans(
    PAIRS
    | {chr(code): "*" for code in range(0x2801, 0x2900)}  # braille: lines
    | {"\u2800": " "}
    | {chr(code): "o" for code in range(0x2596, 0x25A0)}  # quadrants: points
    | {chr(code): "+" for code in range(0x2500, 0x2580)}  # box drawing, then what of it is straight
    | dict.fromkeys("─╌┄┈╴╶", "-")
    | dict.fromkeys("━═╍┅", "=")
    | dict.fromkeys("│┃║╎┆╵╷▏▎▍▌▋▊▉▐▕", "|")
    | dict.fromkeys("▁▂▃▔▅▆▇", "-")
    | dict.fromkeys("█▓▒░", "#")
    | {"┴": "'", "╨": '"'}  # ticks on an axis
    | dict.fromkeys("▄▀", "o")  # points side by side
)


def to_ascii(text: str) -> str:
    """The text in ASCII, in as many cells."""
    if text.isascii():
        return text
    width = cell_len(text)
    text = POWER.sub(lambda found: "1e" + found[1].translate(SUPERSCRIPTS), text)
    text = RAISED.sub(lambda found: "^" + found[1].translate(SUPERSCRIPTS) + found[2] + " ", text)
    text = LONE.sub("*", text).translate(SUPERSCRIPTS).translate(TABLE)
    return "".join(map(_letter, text)).ljust(width)[:width]


def _letter(character: str) -> str:
    """A letter without its accent; question marks for what has no such likeness."""
    if character.isascii():
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and cell_len(character) == 1 else "?" * cell_len(character)


class AsciiFilter(LineFilter):
    """Turns what is about to be shown into ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same cells in the same styles."""
        del background
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
