"""Points chosen one after another by Optuna, which is asked for each and told its error; its storage is not used."""

import math
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.errors import Errors
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.engine import Watcher
from tui_runge.sweeps.plan import PlannedRun, Setting, SweepPlan, checked_config
from tui_runge.sweeps.results import read_rows
from tui_runge.sweeps.variation import DIGITS, Variation
from tui_runge.sweeps.worker import Outcome

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

NOT_INSTALLED = "--search needs Optuna: pip install 'runge-tui[search]'"
WORST = sys.float_info.max
"""The error of what diverged or failed: Optuna's sampler heeds the order of errors alone."""
MOST_ATTEMPTS = 200
"""Points one after another that cannot be trained, or were before, until the search ends."""


def is_installed() -> bool:
    """Whether there is an Optuna to ask."""
    return find_spec("optuna") is not None


class SearchedRuns:
    """The runs of a search: an iterator, and the watcher that hears what became of them and tells another.

    Those of the plan that have not ended come first; then the plan grows by a point with all its seeds, again and
    again. A point's error is the median over its seeds.
    """

    def __init__(self, plan: SweepPlan, directory: RunsDirectory, watcher: Watcher) -> None:
        import optuna

        assert plan.search is not None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.plan = plan
        self._search = plan.search
        self._watcher = watcher
        self._sweeps = SweepsDirectory(directory)
        self._ranges = {each.name: _distribution(each) for each in map(Variation.parse, plan.search.vary)}
        self._study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=plan.base.seed % 2**32))
        self._asked: dict[Setting, Trial] = {}
        self._points = {
            point: [run.name for run in runs] for point, runs in groupby(plan.runs, lambda run: run.setting)
        }
        self._errors: dict[str, float] = {}
        self._left: list[PlannedRun] = []
        for row in read_rows(plan, directory):
            if row.status == "done" or row.diverged:
                self._note(row.run, row.errors if row.status == "done" else None)
            else:
                self._left.append(row.run)

    def __iter__(self) -> Iterator[PlannedRun]:
        return self

    def __next__(self) -> PlannedRun:
        if not self._left:
            self._ask()
        if not self._left:
            raise StopIteration
        return self._left.pop(0)

    def began(self, worker: int, run: PlannedRun) -> None:
        """Tell on that a run has begun."""
        self._watcher.began(worker, run)

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        """Note the error of a run, and tell on that it has ended."""
        if outcome.status != "stopped":
            self._note(run, outcome.errors if outcome.status == "done" else None)
        self._watcher.ended(worker, run, outcome)

    def look(self) -> None:
        """Tell on."""
        self._watcher.look()

    def _note(self, run: PlannedRun, errors: Errors | None) -> None:
        """Note the errors of a run, none where it failed; tell Optuna once all seeds of its point are known."""
        from optuna.trial import create_trial

        error = math.nan if errors is None else float(getattr(errors, self._search.minimise))
        self._errors[run.name] = error if math.isfinite(error) else WORST
        known = [self._errors[name] for name in self._points[run.setting] if name in self._errors]
        if len(known) < self._search.seeds:
            return
        if trial := self._asked.pop(run.setting, None):
            self._study.tell(trial, median(known))
            return
        values = {name: _value(self._ranges[name], text) for name, text in run.setting}
        self._study.add_trial(create_trial(params=values, distributions=self._ranges, value=median(known)))

    def _ask(self) -> None:
        """Let the plan grow by a point, unless it has all, or no other can be found."""
        from optuna.trial import TrialState

        for _ in range(MOST_ATTEMPTS if len(self._points) < self._search.points else 0):
            trial = self._study.ask(self._ranges)
            point = tuple((name, _text(name, trial.params[name])) for name in self.plan.varied)
            if point not in self._points and self._can_be_trained(point):
                break
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            return
        number = len(self.plan.runs)
        folder = str(self._sweeps.folder(self.plan.name).absolute())
        self.plan = self.plan.with_setting(point, self._search.seeds, folder)
        self._sweeps.write(self.plan)
        self._asked[point] = trial
        self._left = [*self.plan.runs[number:]]
        self._points[point] = [run.name for run in self._left]

    def _can_be_trained(self, point: Setting) -> bool:
        try:
            checked_config(self.plan.base, point, self.plan.at, set(), self._sweeps.runs.read_data)
        except ValueError:
            return False
        return True


def _distribution(variation: Variation) -> "BaseDistribution":
    """What Optuna draws a hyperparameter from: all values of a range, or those of a list."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    between = variation.range
    if between is None:
        return CategoricalDistribution(variation.values)
    log = between.spacing == "log"
    if between.whole:
        return IntDistribution(int(between.low), int(between.high), log=log)
    return FloatDistribution(between.low, between.high, log=log)


def _text(name: str, value: object) -> str:
    """A value as the command line spells it, of a few digits."""
    if isinstance(value, float):
        return HYPERPARAMETERS[name].kind.show(float(f"{value:.{DIGITS}g}"))
    return str(value)


def _value(distribution: "BaseDistribution", text: str) -> object:
    """The value of a text, in Optuna's own type."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(distribution, CategoricalDistribution):
        return text
    if isinstance(distribution, FloatDistribution):  # rounded, it may lie a little beyond the ends
        return min(max(float(text), distribution.low), distribution.high)
    return int(text)
