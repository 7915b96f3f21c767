"""The lock of a run's folder: a process holds it while it trains the run there, and the system releases it with it."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from time import sleep

from tui_runge.core.atomic_files import open_plain_file
from tui_runge.runs.layout import LOCK

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""What a file system answers that has no locks, such as some that lie on another machine."""
ATTEMPTS = 5
PAUSE = 0.03
"""Seconds between attempts to take a lock: who only asks whether it is held, holds it for a moment, or a network's."""

if sys.platform == "win32":
    from filelock import FileLock, Timeout

    class RunLock:
        """The lock of a run's folder, held until `release`; BlockingIOError where another process holds it, OSError."""

        missing = ""

        def __init__(self, run: Path) -> None:
            self._lock = FileLock(run / LOCK, timeout=0, thread_local=False)
            try:
                self._lock.acquire()
            except Timeout:
                raise _held(run) from None

        def release(self) -> None:
            """Release the lock."""
            self._lock.release()

    def is_locked(run: Path) -> bool:
        """Whether a process trains the run in a folder now."""
        try:
            if (run / LOCK).exists():
                RunLock(run).release()
        except OSError as error:
            return isinstance(error, BlockingIOError)
        return False

else:
    import fcntl

    class RunLock:
        """The lock of a run's folder, held until `release`; BlockingIOError where another process holds it, OSError.

        Where the file system has no locks there is none to hold, and `missing` is the reason.
        """

        def __init__(self, run: Path) -> None:
            self.missing = ""
            self._file = open_plain_file(run / LOCK)
            try:
                _take(self._file.fileno())
            except OSError as error:
                if error.errno in NO_LOCKS:
                    self.missing = error.strerror or str(error)
                    return
                self._file.close()
                raise _held(run) if _is_contention(error) else error from None
            if not os.fstat(self._file.fileno()).st_nlink:  # who held it has just removed the run
                self.release()
                raise _held(run)

        def release(self) -> None:
            """Release the lock, also where a process that was forked meanwhile has its file open."""
            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)
            self._file.close()

    def _take(handle: int) -> None:
        """Lock an open file, unless another process holds on to it; raises OSError."""
        for _ in range(ATTEMPTS - 1):
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if not _is_contention(error):
                    raise
            sleep(PAUSE)
        return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_locked(run: Path) -> bool:
        """Whether a process trains the run in a folder now, which may be another user's and not ours to write."""
        try:
            handle = os.open(run / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        try:  # a shared lock, so that two who ask at once do not take each other for the one who trains
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            return _is_contention(error)
        finally:
            os.close(handle)
        return False


def _is_contention(error: OSError) -> bool:
    return error.errno in (errno.EAGAIN, errno.EACCES)  # some file systems answer the latter


def _held(run: Path) -> BlockingIOError:
    return BlockingIOError(errno.EAGAIN, f"{run.name} is being trained by another process")
