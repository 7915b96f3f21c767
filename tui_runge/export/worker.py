"""The process that exports: a module of its own, so that what is pickled for it has one name in both."""

import pickle
import sys
from pathlib import Path

from tui_runge.export.exporter import ARCHIVE, archive, export


def main() -> None:
    """Export the pickled run on stdin to the folder named, or as an archive to stdout; where that fails, say why."""
    request = pickle.load(sys.stdin.buffer)
    try:
        match sys.argv[1:]:
            case [option, name] if option == ARCHIVE:
                sys.stdout.buffer.write(archive(request, name))
            case [folder]:
                export(request, Path(folder))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
