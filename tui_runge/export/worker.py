"""The process that exports: a module of its own, so that what is pickled for it has one name in both."""

import pickle
import sys
from pathlib import Path

from tui_runge.export.exporter import export


def main() -> None:
    """Export the pickled run on stdin to the folder named; exit with one line where that fails."""
    try:
        export(pickle.load(sys.stdin.buffer), Path(sys.argv[1]))
    except OSError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
