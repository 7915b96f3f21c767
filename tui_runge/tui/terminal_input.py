"""What a terminal sends, cut into whole keys and reports, without its answers to questions, however late they come."""

import re

from textual.constants import ESCAPE_DELAY

ESC, BEL = "\x1b", "\x07"
PATIENCE = 2.0
"""Seconds for which the rest of a sequence that has begun is awaited: a slow line may cut it, or lose the rest."""
ANSWER_PATIENCE = 1.0
"""Seconds for which ESC may be the beginning of an answer that is expected."""
LONGEST_KEPT = 256
"""Characters that are kept of an answer, whose end is awaited all the same."""

KEY = re.compile(
    r"\x1b\["
    r"(\[[A-E]"  # F1 to F5 of the Linux console
    r"|M.{3}"  # the mouse, of terminals that know no other way to tell it
    r"|[A-IO-SZa-d~]"
    r"|[0-9]+\$"  # with shift, in rxvt
    r"|[0-9<][0-?-]*[ -/]*[@-~])"
    r"|\x1bO[0-9;]*[A-Za-z]"
    r"|\x1b[^\[O\]P_]",  # with alt
    re.DOTALL,
)
"""A whole key, or what else looks like one: the mouse, the ends of pasted text, the terminal's size."""
KEY_BEGUN = re.compile(
    r"\x1b(\[(\[|M.{0,2}|[0-9<][0-?-]*[ -/]*)?|O[0-9;]*|\][0-9]*|P[0-9;]*|_)?",
    re.DOTALL,
)
"""What may become a key or a report; where it does not, it was typed with alt."""
REPORT = re.compile(
    r"\x1b(\[[?>=]"  # attributes, modes, the state of the keyboard
    r"|\][0-9]+;"  # OSC: colours, the clipboard
    r"|P[0-9;]*[!$+>]"  # DCS: versions, settings
    r"|_G)"  # APC: pictures
)
"""The beginning of what only a terminal sends."""
REPORT_BEGUN = re.compile(
    r"\x1b(\[[?>=][0-9;:]*\$?"
    r"|\]1[0-9];(#[0-9a-f]*|rgba?|rgb?|r|rgba?:([0-9a-f]{1,4}/){0,3}([0-9a-f]{1,4})?)?"
    r"|(?!\]1[0-9];)[\]P_][^\x00-\x1f\x7f]*)",
    re.IGNORECASE,
)
"""What a report may be so far. A colour's is told exactly, since that is what is asked for."""
REPORT_WHOLE = re.compile(r"\x1b\[[?>=][0-9;:]*\$?[cnuyRSt]")
"""A whole report that is no string."""
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"


class InputSplitter:
    """Cuts what a terminal sends into tokens: runs of text, and escape sequences, each of them whole.

    ESC alone is the escape key. The strings with which a terminal answers (OSC, DCS, APC) are left out. While one of
    its reports is not whole, what cannot be part of it is passed on: a key that was typed between its pieces. A report
    whose rest does not come is given up. What is typed with alt and is `[`, `]`, `O`, `P` or `_` also begins sequences:
    it waits for what comes next. Times are in seconds, of one clock.

    ESC is the escape key after a silence of `escape_delay`. Until `answer_until`, or until the terminal has told its
    attributes, which it is asked for last, an answer is expected, and the silence has to be longer.
    """

    def __init__(self, escape_delay: float = ESCAPE_DELAY, answer_until: float = 0.0) -> None:
        self._escape_delay = escape_delay
        self._answer_until = answer_until
        self._key = ""
        """The escape sequence that is being read; it may come in the middle of a report."""
        self._key_since = 0.0
        self._report = ""
        """The report that is being read."""
        self._report_since = 0.0
        self._pasting = False

    def feed(self, text: str, now: float) -> list[str]:
        """The tokens that are whole with this text, which arrived now."""
        tokens: list[str] = []
        for run in re.split(f"({ESC})", text):
            if self._key or self._report or run == ESC:
                for character in run:
                    tokens += self._take(character, now)
            elif run:
                tokens.append(run)
        return tokens

    def tick(self, now: float) -> list[str]:
        """The tokens that are whole because nothing follows; to be called when there is nothing left to read."""
        if self._report and now >= max(self._report_since + PATIENCE, self._answer_until):
            self._report = ""
        return self._release() if self._key and now - self._key_since >= self._key_patience(now) else []

    def _key_patience(self, now: float) -> float:
        """Seconds for which the rest of a key is awaited."""
        if self._key != ESC or self._report:  # ESC in a report is its end, most likely, cut in two
            return PATIENCE
        return ANSWER_PATIENCE if now < self._answer_until else self._escape_delay

    def _take(self, character: str, now: float) -> list[str]:
        """The tokens that are whole with one more character."""
        if character == ESC:
            released = self._release()
            self._key, self._key_since = ESC, now
            return released
        if self._key:
            return self._take_into_key(character, now)
        if self._report:
            return self._take_into_report(character)
        return [character]

    def _take_into_key(self, character: str, now: float) -> list[str]:
        key = self._key + character
        late = self._key == ESC and self._escape_delay <= now - self._key_since and now < self._answer_until
        if late and not self._report and character not in "[]P_":  # no answer, but two keys
            return [*self._release(), *self._take(character, now)]
        if key == "\x1b\\" and self._report[1:2] in ("]", "P", "_"):
            self._key = self._report = ""
            return []
        if REPORT.fullmatch(key):
            self._key, self._report, self._report_since = "", key, now
            return []
        if KEY.fullmatch(key):
            self._key = ""
            return self._passed(key)
        if KEY_BEGUN.fullmatch(key):
            self._key = key
            return []
        return [*self._release(), *self._take(character, now)]

    def _take_into_report(self, character: str) -> list[str]:
        report = self._report + character
        if REPORT_WHOLE.fullmatch(report):
            self._report = ""
            if character == "c":
                self._answer_until = 0.0
            return self._passed(report)
        if character == BEL and self._report[1] != "[":
            self._report = ""
            return []
        if REPORT_BEGUN.fullmatch(report):
            self._report = report[:LONGEST_KEPT]
            return []
        return [character]

    def _release(self) -> list[str]:
        """The tokens of what has begun like a sequence and is none: typed with alt, or cut off."""
        key, self._key = self._key, ""
        if set(key) & set("<;"):  # nobody types that
            return []
        return [*self._passed(key[:2]), *([key[2:]] if key[2:] else [])]

    def _passed(self, sequence: str) -> list[str]:
        """A sequence as it is; in pasted text, where textual would take it for keys, only the character it is for."""
        if sequence in (PASTE_BEGIN, PASTE_END):
            self._pasting = sequence == PASTE_BEGIN
        elif self._pasting:
            sequence = sequence[1:] if len(sequence) == 2 else ""
        return [sequence] if sequence else []
