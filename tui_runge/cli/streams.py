"""The standard streams, whatever they are: closed, broken, full, or of an encoding that lacks our letters."""

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from tui_runge.core.text import show_path

ENCODING_ERRORS = "tui_runge.ascii"
"""The name of the rule for letters that a stream's encoding lacks: what is like them in ASCII."""


class TolerantStream:
    """A text stream that takes everything, and drops it once the stream beneath fails; `problem` is that failure."""

    def __init__(self, stream: TextIO) -> None:
        self.problem: OSError | None = None
        self._stream = stream
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ENCODING_ERRORS)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        self._attempt(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._attempt(self._stream.flush)

    def _attempt(self, act: Callable[[], object]) -> None:
        if self.problem is not None:
            return
        try:
            act()
        except OSError as error:
            self.problem = error
            self._redirect_to_nowhere()

    def _redirect_to_nowhere(self) -> None:
        """Let what is still in the stream's buffer go nowhere, so that Python's end does not fail on it."""
        with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())
            self._stream.flush()


@contextmanager
def tolerant_streams() -> Iterator[TolerantStream]:
    """Make standard output and error such that writing never fails; yields the output."""
    codecs.register_error(ENCODING_ERRORS, _ascii_instead)
    _open_closed_streams()
    before = sys.stdout, sys.stderr
    stdout, stderr = map(TolerantStream, before)
    sys.stdout, sys.stderr = cast(TextIO, stdout), cast(TextIO, stderr)
    try:
        yield stdout
    finally:
        stdout.flush()
        stderr.flush()
        sys.stdout, sys.stderr = before


def _open_closed_streams() -> None:
    """Let streams that were closed from the start read nothing and write nowhere, like no terminal.

    Else the next file that is opened would get their number, and what a library writes there would go into it.
    """
    streams: Any = sys
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - for as long as the program
            os.set_inheritable(stream.fileno(), True)
            setattr(streams, name, stream)


def _ascii_instead(error: UnicodeError) -> tuple[str, int]:
    """What to write for letters that an encoding lacks; half a surrogate pair is a byte of a file's name."""
    assert isinstance(error, UnicodeEncodeError)
    from tui_runge.tui.ascii_filter import to_ascii  # 200 ms, spent only where something is to be replaced

    letters = error.object[error.start : error.end]
    shown = (show_path(letter) if "\ud800" <= letter <= "\udfff" else to_ascii(letter) for letter in letters)
    return "".join(shown), error.end
