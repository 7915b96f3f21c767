"""A sweep that is watched: what its run folders say, read again only where that may have changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import PLAN, SweepsDirectory
from tui_runge.sweeps.plan import Setting, SweepPlan
from tui_runge.sweeps.results import Status, SweepRow, names_there, read_row
from tui_runge.sweeps.table import SettingSummary, by_setting, summarise_setting


@dataclass(frozen=True)
class SweepState:
    """A sweep as it stands: the rows and the summary of each setting, in the order of the plan."""

    plan: SweepPlan
    rows: Mapping[Setting, Sequence[SweepRow]]
    summaries: tuple[SettingSummary, ...]
    counts: Mapping[Status, int]


class SweepWatch:
    """Reads the sweep of a name time and again; it writes nothing, so that any process on any machine may watch.

    What has ended is read once. Of ten thousand runs of which two are in training, two are read.
    """

    def __init__(self, directory: RunsDirectory, name: str) -> None:
        self.name = name
        self._directory = directory
        self._sweeps = SweepsDirectory(directory)
        self._stamp: tuple[int, int] | None = None
        self._plan: SweepPlan | None = None
        self._rows: dict[str, SweepRow] = {}
        self._state: SweepState | None = None

    def read(self) -> SweepState:
        """The sweep as it stands; the same object as before where nothing has changed.

        Raises ValueError in one line where there is no such sweep, or its plan cannot be read.
        """
        plan = self._read_plan()
        there, failures = names_there(self._directory), self._sweeps.failures(self.name)
        folder, changed = str(self._directory.path), set[Setting]()
        for run in plan.runs:
            before = self._rows.get(run.name)
            if before is not None and _is_final(before):
                continue
            if run.name in there or run.name in failures:
                row = read_row(run, folder, failures.get(run.name, ""))
            elif before is None:
                row = SweepRow(run, "waiting")
            else:
                row = before if before.status == "waiting" and not before.epoch else SweepRow(run, "waiting")
            if row != before:
                self._rows[run.name] = row
                changed.add(run.setting)
        if self._state is None or changed or self._state.plan is not plan:
            self._state = self._summed_up(plan, changed)
        return self._state

    def _read_plan(self) -> SweepPlan:
        """The plan, read again where its file is another one: that of a search grows."""
        try:
            status = (self._sweeps.folder(self.name) / PLAN).stat()
            stamp = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamp = None
        if self._plan is None or (stamp is not None and stamp != self._stamp):
            self._plan, self._stamp = self._sweeps.read(self.name), stamp
        return self._plan

    def _summed_up(self, plan: SweepPlan, changed: set[Setting]) -> SweepState:
        rows = by_setting(self._rows[run.name] for run in plan.runs)
        known = {} if self._state is None else {summary.setting: summary for summary in self._state.summaries}
        summaries = tuple(
            known[setting] if setting in known and setting not in changed else summarise_setting(setting, group)
            for setting, group in rows.items()
        )
        counts = Counter(row.status for group in rows.values() for row in group)
        return SweepState(plan, rows, summaries, counts)


def _is_final(row: SweepRow) -> bool:
    """Whether nothing more becomes of a run; one that crashed may be trained again."""
    return row.status == "done" or row.diverged
