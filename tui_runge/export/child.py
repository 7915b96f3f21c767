"""Processes that work for an export."""

import pickle
import subprocess
import tempfile

from tui_runge.core.own_process import module_command, module_environment


def start_child(module: str, value: object, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a module of this package as a process that reads the pickled value from stdin; raises OSError.

    It reads from a file, which outlives this process as a pipe would not. Signals of the terminal do not reach it.
    """
    with tempfile.TemporaryFile() as file:
        pickle.dump(value, file)
        file.seek(0)
        return subprocess.Popen(
            module_command(module, *arguments),
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=module_environment(),
            start_new_session=True,
        )


def last_line(stderr: bytes) -> str:
    """The last line that a process wrote before it failed; empty where there is none."""
    return next(reversed(stderr.decode(errors="replace").strip().splitlines()), "")
