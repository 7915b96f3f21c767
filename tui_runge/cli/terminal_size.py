"""The size of a terminal: its own counts, whatever COLUMNS and LINES say."""

import contextlib
import os
from typing import TextIO


def own_size_counts(stream: TextIO) -> None:
    """Forget COLUMNS and LINES where a stream is a terminal that tells its size.

    Textual, Rich and argparse would believe them, exported by a shell in a terminal that had another size.
    """
    with contextlib.suppress(OSError):  # no terminal
        if all(os.get_terminal_size(stream.fileno())):
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)
