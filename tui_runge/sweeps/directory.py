"""The folders of sweeps: each holds the plan, the points that its runs are fitted to, and why runs failed."""

import json
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tui_runge.core.atomic_files import atomic_write
from tui_runge.core.config import Config
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import hint, printable, utf8
from tui_runge.problems.points_file import MOST_BYTES
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import NAME, POINTS, VERSION, check_word, run_name, timestamp_now
from tui_runge.runs.points import HASH, LABEL, parsed_points, points_facts
from tui_runge.runs.reading import MALFORMED, check_plain_file, read_json_object, read_plain_file
from tui_runge.sweeps.plan import Search, SweepPlan, make_plan, make_search
from tui_runge.sweeps.variation import Variation

SWEEPS = "sweeps"
"""The folder of all sweeps, in that of the runs."""
PLAN = "plan.json"
FAILED = "failed"
"""The folder of the reasons why runs failed, a file each, so that no two processes write to one."""
MAX_PLAN_BYTES = 2**27
MAX_REASON = 500
"""Letters of a reason."""


@dataclass(frozen=True)
class SweepsDirectory:
    """The sweeps of a folder of runs, which lie in a folder there, by names such as 20261125-2010-amber."""

    runs: RunsDirectory

    @property
    def path(self) -> Path:
        """The folder of all of them."""
        return self.runs.path / SWEEPS

    def folder(self, name: str) -> Path:
        """The folder of one."""
        return self.path / name

    def new_name(self, created: datetime) -> str:
        """A name that is not taken, of the word that new runs get, else of one by chance."""
        import random

        from tui_runge.runs.name_words import WORDS

        words = [check_word(self.runs.word)] if self.runs.word else random.Random().sample(WORDS, len(WORDS))
        names = (run_name(created, word, number) for number in range(1, 10**4) for word in words)
        return next(name for name in names if not self.folder(name).exists())

    def new_plan(
        self,
        base: Config,
        variations: Sequence[Variation],
        *,
        seeds: int,
        zipped: bool = False,
        at: Sequence[ScheduledChange] = (),
        search: Search | None = None,
    ) -> SweepPlan:
        """The plan of a new sweep, of a search if there is one, which is not written yet; raises ValueError."""
        name, created, read_data = self.new_name(datetime.now()), timestamp_now(), self.runs.read_data
        if search is not None:
            return make_search(name, base, variations, search, at=at, created=created, read_data=read_data)
        return make_plan(
            name,
            base,
            variations,
            seeds=seeds,
            zipped=zipped,
            at=at,
            folder=str(self.folder(name).absolute()),
            created=created,
            read_data=read_data,
        )

    def names(self) -> list[str]:
        """The names of all sweeps, the latest first; raises ValueError where they cannot be listed."""
        try:
            found = [path.name for path in self.path.iterdir() if NAME.fullmatch(path.name) and (path / PLAN).exists()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ValueError(f"cannot list the sweeps in {printable(str(self.path))}: {error.strerror}") from None
        return sorted(found, reverse=True)

    def find(self, text: str = "") -> str:
        """The name of the sweep whose name is, begins with, or ends with a text; the latest one without.

        Raises ValueError where there is no such sweep, or several.
        """
        names = self.names()
        if not names:
            raise ValueError(f"there are no sweeps in {printable(str(self.path))}")
        matches = [text] if text in names else [n for n in names if n.startswith(text) or n.endswith(f"-{text}")]
        if not matches:
            raise ValueError(f"there is no sweep {printable(text)!r}{hint(text, names)}")
        if text and len(matches) > 1:
            raise ValueError(f"sweep {printable(text)!r} could be any of {', '.join(matches[:5])}")
        return matches[0]

    def read(self, name: str) -> SweepPlan:
        """The plan of a sweep, whoever wrote it; raises ValueError in one line that names what is wrong with it."""
        folder = self.folder(name)
        try:
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise ValueError("it is not a folder")
            values = read_json_object(folder / PLAN, MAX_PLAN_BYTES)
            plan = SweepPlan.from_json(values)
            if plan.name != name:
                raise ValueError(f"{PLAN} must be of this sweep, got {plan.name}")
            return _with_points(plan, folder, values) if HASH in values else plan
        except MALFORMED as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            raise ValueError(f"sweep {printable(name)}: {printable(reason.partition(chr(10))[0])}") from None

    def write(self, plan: SweepPlan) -> None:
        """Write a plan, in place of one before; it is on the disk afterwards. Raises OSError."""
        folder = self.folder(plan.name)
        folder.mkdir(parents=True, exist_ok=True)
        if plan.base.points is not None and not (folder / POINTS).exists():  # before the plan, which tells their hash
            with atomic_write(folder / POINTS, durable=True) as file:
                file.write(plan.base.points.to_csv().encode())
        with atomic_write(folder / PLAN, durable=True) as file:
            file.write(_plan_file({**plan.to_json(), **points_facts(plan.base)}))

    def failures(self, name: str) -> dict[str, str]:
        """Why runs of a sweep failed, by their names; of a run that diverged its own folder tells."""
        try:
            paths = [path for path in (self.folder(name) / FAILED).iterdir() if NAME.fullmatch(path.stem)]
        except OSError:
            return {}
        reasons = {}
        for path in paths:
            with suppress(OSError, ValueError):
                text = read_plain_file(str(path), 4 * MAX_REASON + 1).decode(errors="replace")
                reasons[path.stem] = printable(text.strip().partition("\n")[0])
        return reasons

    def note_failure(self, name: str, run: str, reason: str) -> None:
        """Note why a run failed, or with an empty reason that it has not; raises OSError."""
        path = self.folder(name) / FAILED / f"{run}.txt"
        if not reason:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(utf8(f"{reason[:MAX_REASON]}\n"))


def _with_points(plan: SweepPlan, folder: Path, values: Mapping[str, Any]) -> SweepPlan:
    """The plan with the points in its folder; raises ValueError where they are other ones, OSError."""
    check_plain_file(folder / POINTS, MOST_BYTES)
    content = (folder / POINTS).read_bytes()
    if sha256(content).hexdigest() != values[HASH]:
        raise ValueError(f"{POINTS} was changed after the sweep was planned: {HASH} in {PLAN} is of other points")
    return replace(plan, base=plan.base.with_values(points=parsed_points(content, values.get(LABEL))))


def _plan_file(values: Mapping[str, Any]) -> bytes:
    """The content of a plan's file: JSON, in which each run is a line."""
    values = dict(values)
    runs = ",\n    ".join(json.dumps(run, ensure_ascii=False) for run in values.pop("runs"))
    head = json.dumps({"version": VERSION, **values}, indent=2, ensure_ascii=False, allow_nan=False)
    return utf8(f'{head.removesuffix("}").rstrip()},\n  "runs": [\n    {runs}\n  ]\n}}\n')
