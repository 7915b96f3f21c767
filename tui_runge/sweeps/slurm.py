"""Has the runs of a sweep trained by the jobs of a Slurm cluster, whose nodes share the folder of the runs.

A job array has a task for each part of the plan, which is the ordinary command `runge-tui sweep --resume NAME --only
NUMBERS`. What has become of the runs is in their folders, wherever they are read.
"""

import io
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from tui_runge.core.field_types import Integer
from tui_runge.core.text import printable
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.engine import Watcher
from tui_runge.sweeps.plan import PlannedRun
from tui_runge.sweeps.selection import show_numbers

SUBMISSIONS = "slurm"
"""The folder of what was submitted and of what its tasks told, in that of a sweep."""
NOT_INSTALLED = (
    "--slurm needs submitit: pip install 'runge-tui[slurm]', or add --sbatch, which prints a script that needs none"
)
NO_SLURM = "there is no sbatch on this machine: submit from one where the cluster's jobs are submitted"
MOST_TASKS = 100
"""Tasks of an array unless more are asked for: clusters have little use for many short ones."""
MOST_LETTERS = 100_000
"""Of the numbers of a task's runs: Linux has room for 131,072 in an argument."""
WARNING = 60
"""Seconds before its time is up at which a task is told so: it saves its run, and puts itself into the queue again."""
TOLD_BY = "USR2"
"""The signal by which it is told; submitit knows it as that too."""
PATIENCE = 20.0
"""Seconds in which Slurm's own programs are to answer."""
OPTION = re.compile(r"[a-z][a-z0-9-]*")
OURS = ("array", "error", "job-name", "nodes", "ntasks", "ntasks-per-node", "open-mode", "output", "requeue", "signal")
"""Options of sbatch that follow from the sweep: a task is one process."""
SYNTAX = "KEY=VALUE,KEY=VALUE,... of sbatch's long options, such as partition=cpu,time=60,mem=2G"


@dataclass(frozen=True)
class SlurmOptions:
    """What is asked of Slurm: options of sbatch, the number of tasks if that is given, and the cores of each."""

    sbatch: tuple[tuple[str, str], ...] = ()
    tasks: int | None = None
    cores: int = 1
    warning: int = WARNING

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a person typed after --slurm, in which - and _ are the same; raises ValueError."""
        given: dict[str, str] = {}
        key = ""
        for part in filter(None, text.split(",")):
            name, equals, value = part.partition("=")
            if equals:
                key = name.strip().replace("_", "-")
                if not OPTION.fullmatch(key) or key in given or not value.isprintable() or not value.strip():
                    raise ValueError(f"--slurm must be {SYNTAX}, each once, got {printable(part)!r}")
                given[key] = value.strip()
            elif key and part.isprintable():  # a comma within the value, as in nodelist=a,b
                given[key] += f",{part}"
            else:
                raise ValueError(f"--slurm must be {SYNTAX}, got {printable(part)!r}")
        for name in OURS:
            if name in given:
                raise ValueError(f"--slurm sets {name} itself: array_parallelism=N is how many tasks, each a process")
        tasks = given.pop("array-parallelism", None)
        warning = given.pop("signal-delay-s", str(WARNING))
        return cls(
            tuple(given.items()),
            None if tasks is None else Integer(1, 10**5).parse("array_parallelism", tasks),
            Integer(1, 1024).parse("cpus_per_task", given.get("cpus-per-task", "1")),
            Integer(0, 65535).parse("signal_delay_s", warning),
        )

    def number_of_tasks(self, runs: int) -> int:
        """The tasks for so many runs: as asked, else one for as many cores as there are; raises ValueError."""
        return max(1, min(self.tasks or min(MOST_TASKS, self._cores_there() // self.cores), runs))

    def _cores_there(self) -> int:
        """The cores of the partition, without those that are down; raises ValueError where Slurm tells of none."""
        partition = [f"--partition={value}" for key, value in self.sbatch if key == "partition"]
        told = _answer("sinfo", "--noheader", "--format=%C", *partition)
        counts = re.findall(r"(?m)^(\d+)/(\d+)/\d+/\d+$", told)  # allocated, idle, other, all
        if not counts:
            where = f"partition {partition[0].partition('=')[2]}" if partition else "the cluster"
            raise ValueError(f"sinfo tells of no cores in {where}: name another partition, or give array_parallelism=N")
        return sum(int(allocated) + int(idle) for allocated, idle in counts)


@dataclass(frozen=True)
class QueuedJob:
    """A job of a sweep that Slurm has not ended: its number, and how many of its tasks run and wait."""

    number: str
    running: int
    pending: int

    def __str__(self) -> str:
        tasks = (f"{count} {what}" for count, what in ((self.running, "running"), (self.pending, "pending")) if count)
        return f"job {self.number} of Slurm, tasks: {', '.join(tasks)}"


class SlurmEngine:
    """An `Engine` that submits a job array by submitit, and returns at once: `job` is its number then."""

    def __init__(self, directory: RunsDirectory, options: SlurmOptions) -> None:
        self._directory = directory
        self._options = options
        self.job = ""

    def train(self, sweep: str, runs: Iterator[PlannedRun], watcher: Watcher) -> None:
        """Submit runs, dealt out to tasks; raises ValueError in one line where Slurm will not have them, OSError."""
        del watcher  # the folders of the runs tell
        self.check()
        parts = task_parts(self._directory, sweep, runs, self._options)
        commands = [task_command(self._directory, sweep, part, self._options) for part in parts]
        # Submitit's pickles are read by tasks: their folder is a new one, that nobody else can have put any into.
        parent = submissions_folder(self._directory, sweep)
        parent.mkdir(parents=True, exist_ok=True)
        folder = parent / f"{datetime.now():%Y%m%d-%H%M%S}-{os.urandom(4).hex()}"
        folder.mkdir(mode=0o700)
        try:
            self.job = _submit(folder, sweep, commands, self._options)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @staticmethod
    def check() -> None:
        """Raise ValueError where nothing can be submitted from this machine."""
        if shutil.which("sbatch") is None:
            raise ValueError(NO_SLURM)
        if find_spec("submitit") is None:
            raise ValueError(NOT_INSTALLED)


def task_parts(directory: RunsDirectory, sweep: str, runs: Iterator[PlannedRun], options: SlurmOptions) -> list[str]:
    """The numbers of the runs of each task.

    They are dealt out shuffled: in a plan's order, the large networks might all come to one task. Raises ValueError.
    """
    numbers = {run.name: number for number, run in enumerate(SweepsDirectory(directory).read(sweep).runs, 1)}
    left = [numbers[run.name] for run in runs]
    random.Random(len(left)).shuffle(left)
    count = options.number_of_tasks(len(left))
    parts = [show_numbers(left[first::count]) for first in range(count)]
    if max(map(len, parts)) > MOST_LETTERS:
        raise ValueError(f"{count} tasks are too few for {len(left)} runs: ask for more by array_parallelism=N")
    return parts


def task_command(directory: RunsDirectory, sweep: str, part: str, options: SlurmOptions) -> list[str]:
    """The words of the command that is a task."""
    place = str(directory.path.absolute())
    words = ["sweep", "--resume", sweep, "--only", part, "--jobs", str(options.cores), "--requeue", "--runs-dir", place]
    return [sys.executable, "-m", "tui_runge", *words]


def sbatch_script(directory: RunsDirectory, sweep: str, runs: Iterator[PlannedRun], options: SlurmOptions) -> str:
    """A script for sbatch that trains runs without submitit; raises ValueError."""
    parts = task_parts(directory, sweep, runs, options)
    output = str(submissions_folder(directory, sweep).absolute()).replace("%", "%%")
    head = {
        "job-name": sweep,
        "array": f"0-{len(parts) - 1}",
        "output": f"{output}/%A_%a.log",
        "open-mode": "append",
        "signal": f"{TOLD_BY}@{options.warning}",
        **dict(options.sbatch),
    }
    part = "${parts[SLURM_ARRAY_TASK_ID]}"
    words = task_command(directory, sweep, part, options)
    command = " ".join(f'"{word}"' if word == part else shlex.quote(word) for word in words)
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH --{key}={shlex.quote(value)}" for key, value in head.items()),
        "#SBATCH --requeue",
        "",
        "# The numbers of the runs that each task trains.",
        "parts=(",
        *(f"    {part}" for part in parts),
        ")",
        f"srun --cpus-per-task={options.cores} {command}",
    ]
    return "\n".join(lines) + "\n"


def submissions_folder(directory: RunsDirectory, sweep: str) -> Path:
    """The folder of what was submitted of a sweep, which is there if anything was."""
    return SweepsDirectory(directory).folder(sweep) / SUBMISSIONS


def queued_jobs(directory: RunsDirectory, sweep: str) -> list[QueuedJob]:
    """The jobs of a sweep that Slurm has not ended; none where it cannot be asked on this machine."""
    if not submissions_folder(directory, sweep).is_dir():
        return []
    told = _answer("squeue", "--noheader", "--array", f"--name={sweep}", "--format=%F %t")
    found = Counter(tuple(line.split()) for line in told.splitlines() if len(line.split()) == 2)
    running: Counter[str] = Counter()
    pending: Counter[str] = Counter()
    for (number, state), count in found.items():
        (pending if state == "PD" else running)[number] += count
    return [QueuedJob(number, running[number], pending[number]) for number in sorted({*running, *pending})]


def requeue() -> str:
    """Put the job that this process is of into Slurm's queue again; why that failed, if it did."""
    job = os.environ.get("SLURM_JOB_ID", "")
    if not job:
        return "this is no job of Slurm"
    try:
        subprocess.run(["scontrol", "requeue", job], capture_output=True, text=True, check=True, timeout=PATIENCE)
    except subprocess.CalledProcessError as error:
        return _first_line(error.stderr)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return ""


def run_command(*words: str) -> None:
    """Become a command; what is submitted, so that a task is that command, and signals reach it."""
    os.execv(words[0], words)


def _submit(folder: Path, sweep: str, commands: Sequence[Sequence[str]], options: SlurmOptions) -> str:
    """Submit commands as the tasks of an array; its number. Raises ValueError."""
    import submitit

    told = io.StringIO()
    try:
        with redirect_stderr(told):  # submitit prints there what it raises as well
            executor = submitit.SlurmExecutor(folder)
            executor.update_parameters(
                job_name=sweep,
                time=None,  # the partition's own, where none is asked for
                wckey=None,
                signal_delay_s=options.warning,
                array_parallelism=len(commands),
                stderr_to_stdout=True,
                srun_args=[f"--cpus-per-task={options.cores}"],
                additional_parameters={"requeue": True, **dict(options.sbatch)},
            )
            jobs = executor.map_array(run_command, *zip(*commands, strict=True))
    except (RuntimeError, FileNotFoundError) as error:
        raise ValueError(f"Slurm does not take the sweep: {_first_line(told.getvalue() or str(error))}") from None
    return jobs[0].job_id.partition("_")[0]


def _first_line(text: str) -> str:
    """What a program of Slurm complains of, in one line."""
    lines = [line for line in text.splitlines() if line.strip() and "warning:" not in line]
    return printable(re.sub(r"^\w+: (error: )?", "", lines[0].strip())) if lines else "it does not say why"


def _answer(*words: str) -> str:
    """What a program of Slurm prints, nothing where it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
