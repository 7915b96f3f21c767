"""A sweep that another process trains, while a screen watches it or nobody does."""

import subprocess
from typing import Self

from tui_runge.core.own_process import module_command, module_environment
from tui_runge.sweeps.directory import SweepsDirectory

LOG = "log.txt"
"""What the process that trains a sweep in the background writes to, in the sweep's folder."""


class SweepProcess:
    """The process that trains what is left of the sweep of a name; it lives on when this one ends."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", sweeps: SweepsDirectory) -> None:
        self.name = name
        self.stopped = False
        """Whether it was told to stop."""
        self._process = process
        self._log = sweeps.folder(name) / LOG

    @classmethod
    def start(cls, name: str, sweeps: SweepsDirectory, jobs: int) -> Self:
        """Begin to train; raises OSError."""
        words = ["sweep", "--resume", name, "--headless", "--jobs", str(jobs), "--runs-dir", str(sweeps.runs.path)]
        with (sweeps.folder(name) / LOG).open("wb") as log:
            process = subprocess.Popen(
                module_command("tui_runge", *words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=module_environment(),
                start_new_session=True,  # what ends the terminal does not end it
            )
        return cls(name, process, sweeps)

    @property
    def running(self) -> bool:
        """Whether it trains still."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Tell it to keep what it has, and to end, which takes it a second."""
        self.stopped = True
        if self.running:
            self._process.terminate()

    def problem(self) -> str:
        """Why it has failed, in one line; empty where it has not."""
        if self.running or self.stopped or self._process.returncode == 0:
            return ""
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        reason = f": {lines[-1]}" if lines else ""
        return f"the training of the sweep ended with status {self._process.returncode}{reason}"

    @property
    def farewell(self) -> str:
        """What to tell the user who leaves it running."""
        return (
            f"sweep {self.name} trains on in the background: runge-tui sweep --status {self.name} says how far it is, "
            f"kill {self._process.pid} stops it"
        )
