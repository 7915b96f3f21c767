"""Processes that work for an export."""

import os
import pickle
import subprocess
import sys
import tempfile


def start_child(module: str, value: object, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a module of this package as a process that reads the pickled value from stdin; raises OSError.

    It reads from a file, which outlives this process as a pipe would not. Signals of the terminal do not reach it.
    """
    with tempfile.TemporaryFile() as file:
        pickle.dump(value, file)
        file.seek(0)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],  # -P: a user's numbers.py is not imported
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )


def last_line(stderr: bytes) -> str:
    """The last line that a process wrote before it failed; empty where there is none."""
    return next(reversed(stderr.decode(errors="replace").strip().splitlines()), "")
