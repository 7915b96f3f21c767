"""Files that are there whole or not at all, and files that grow by whole pieces."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}")


@contextmanager
def atomic_write(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """A file that appears under its name only once it is written; nothing is left of it when that fails.

    A durable one is on the disk, not only in the system's memory, before it replaces the one before. Raises OSError
    naming the file itself.
    """
    temporary = path.parent / f".{path.name[:50]}.{os.urandom(8).hex()}"  # a long name would be too long with more
    try:
        with temporary.open("xb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):  # the first error is the one to tell of
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(temporary)):
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        raise


def remove_temporaries(folder: Path) -> None:
    """Remove what a process that was killed in the middle of `atomic_write` left in a folder; raises OSError."""
    for path in folder.iterdir():
        if TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


class AppendOnlyFile:
    """A file that grows by pieces: what of a piece a full disk let through is cut off again before the next.

    Its methods raise OSError, also where a link or the like has been put in the file's place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size: int | None = None

    def append(self, piece: str, head: str = "") -> None:
        """Append a piece, after `head` where the file is empty; it is on the disk afterwards."""
        with open_plain_file(self._path) as file:
            end = file.seek(0, os.SEEK_END)
            self._size = end if self._size is None else min(end, self._size)
            file.truncate(self._size)
            file.seek(self._size)
            file.write((piece if self._size else head + piece).encode())
            file.flush()
            os.fsync(file.fileno())
            self._size = file.tell()

    def keep(self, size: int) -> None:
        """Cut off all but the first bytes, before the next piece."""
        self._size = size


def open_plain_file(path: Path) -> BinaryIO:
    """A plain file to read and write, made if need be; raises OSError for a link or a pipe in its place."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(0, "not a plain file", str(path))
    return os.fdopen(handle, "r+b")
