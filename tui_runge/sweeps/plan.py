"""The plan of a sweep: which runs are trained, each with the command that trains it alone."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from tui_runge import __version__
from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.scheduled_change import ScheduledChange, check_plan
from tui_runge.core.text import printable
from tui_runge.problems import check_problem, read_data
from tui_runge.runs.layout import NAME
from tui_runge.runs.reproduce import train_command
from tui_runge.sweeps.variation import Variation
from tui_runge.training.threads import threads

MOST_RUNS = 100_000
"""Runs of a sweep."""
Setting = tuple[tuple[str, str], ...]
"""The hyperparameters that are varied, each with its value as the command line spells it."""


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep: the name that it is kept under, what is varied in it, and the command that trains it alone.

    The command, `runge-tui train` with all options, makes the same numbers bit for bit.
    """

    name: str
    setting: Setting
    seed: int
    command: str


@dataclass(frozen=True)
class Search:
    """How points are chosen within the ranges, one after another: so many, by the median over seeds of an error.

    `vary` are the ranges in the words of `--vary`.
    """

    points: int
    minimise: str
    seeds: int
    vary: tuple[str, ...]


@dataclass(frozen=True)
class SweepPlan:
    """The runs of a sweep in the order in which they are trained.

    `varied` names what is varied, without the seed, and `log` those of it whose values are spaced by a factor. All else
    is as `base` says, and `at` plans the live changes of each run. A plan with a `search` grows while it is trained.
    """

    name: str
    varied: tuple[str, ...]
    runs: tuple[PlannedRun, ...]
    log: tuple[str, ...] = ()
    base: Config = field(default_factory=Config)
    at: tuple[ScheduledChange, ...] = ()
    search: Search | None = None
    created: str = ""

    @property
    def size(self) -> int:
        """The runs that it has, or will have once it has grown."""
        return len(self.runs) if self.search is None else self.search.points * self.search.seeds

    def config(self, run: PlannedRun) -> Config:
        """The configuration of one of its runs."""
        return dataclasses.replace(setting_config(self.base, run.setting), seed=run.seed)

    def with_setting(self, setting: Setting, seeds: int, folder: str) -> Self:
        """A plan with the runs of one more setting at the end; `folder` as for `planned_run`."""
        config, number = setting_config(self.base, setting), len(self.runs)
        runs: list[PlannedRun] = []
        for seed in range(self.base.seed, self.base.seed + seeds):
            name = f"{self.name}-{number + len(runs) + 1:0{_width(self.size)}}"
            runs.append(planned_run(name, setting, dataclasses.replace(config, seed=seed), self.at, folder))
        return dataclasses.replace(self, runs=(*self.runs, *runs))

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values, of which `from_json` makes it again; points are not among them."""
        search = {} if self.search is None else {"search": dataclasses.asdict(self.search)}
        return {
            "tui_runge": __version__,
            "name": self.name,
            "created": self.created,
            "varied": list(self.varied),
            "log": list(self.log),
            "config": self.base.to_json(),
            "at": [change.show() for change in self.at],
            **search,
            "runs": [
                {"name": run.name, "seed": run.seed, "setting": dict(run.setting), "command": run.command}
                for run in self.runs
            ],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The plan of plain values, whoever wrote them; raises ValueError naming what is wrong."""
        try:
            varied = _names("varied", values["varied"], HYPERPARAMETERS)
            runs = tuple(_planned(number, run, varied) for number, run in enumerate(values["runs"], 1))
            plan = cls(
                name=_run_name("name", values["name"]),
                varied=varied,
                runs=runs,
                log=_names("log", values["log"], varied),
                base=Config.from_json(values["config"]),
                at=tuple(map(ScheduledChange.parse, values["at"])),
                search=_search(values["search"]) if "search" in values else None,
                created=_text("created", values["created"]),
            )
        except KeyError as error:
            raise ValueError(f"it lacks {error}") from None
        except (TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise ValueError(f"{type(error).__name__} {error}") from None
        if not runs and plan.search is None:
            raise ValueError("runs must be at least one, got none")
        if len(runs) > MOST_RUNS or len({run.name for run in runs}) < len(runs):
            raise ValueError(f"runs must be at most {MOST_RUNS}, each of another name")
        if not all(run.name.startswith(f"{plan.name}-") for run in runs):  # it must not train on what is not its own
            raise ValueError(f"the names of all runs must begin with {plan.name}-")
        return plan


def make_plan(
    name: str,
    base: Config,
    variations: Sequence[Variation],
    *,
    seeds: int = 1,
    zipped: bool = False,
    at: Sequence[ScheduledChange] = (),
    folder: str = "",
    created: str = "",
    read_data: Callable[[Config], Config] = read_data,
) -> SweepPlan:
    """The plan of every combination of the values, each with so many seeds from that of `base` on.

    With `zipped` the first values go together, then the second ones, and so on. `folder` as for `planned_run`;
    `read_data` reads the points of data that is varied. Raises ValueError in one line that names the first setting that
    cannot be trained, or what else is wrong.
    """
    check_variations(base, variations, seeds, at)
    for variation in variations:
        if not variation.values:
            raise ValueError(f"{variation.name}: a range needs a number of values, as in log:1e-4..1e-2:5, or --search")
    settings = list(_combinations(variations, zipped, seeds))
    width = _width(len(settings) * seeds)
    runs: list[PlannedRun] = []
    checked: set[tuple[object, ...]] = set()
    for setting in settings:
        config = checked_config(base, setting, at, checked, read_data)
        for seed in range(base.seed, base.seed + seeds):
            run = f"{name}-{len(runs) + 1:0{width}}"
            runs.append(planned_run(run, setting, dataclasses.replace(config, seed=seed), at, folder))
    _run_name("name", runs[-1].name)
    varied, log = _varied(variations)
    return SweepPlan(name, varied, tuple(runs), log, base, tuple(at), None, created)


def make_search(
    name: str,
    base: Config,
    variations: Sequence[Variation],
    search: Search,
    *,
    at: Sequence[ScheduledChange] = (),
    created: str = "",
    read_data: Callable[[Config], Config] = read_data,
) -> SweepPlan:
    """The plan of a search, which has no runs yet; raises ValueError as `make_plan`, for each value by itself."""
    check_variations(base, variations, search.seeds, at)
    if not variations:
        raise ValueError("a search needs what it may vary: give --vary NAME=log:LOW..HIGH or a list of values")
    if base.points is not None and not base.points.has_slopes and search.minimise in ("mse_df", "max_df"):
        raise ValueError(f"{search.minimise} is not known, since no slopes were measured: minimise mse_f or max_f")
    if not 1 <= search.points * search.seeds <= MOST_RUNS:
        raise ValueError(f"a sweep must have 1 to {MOST_RUNS} runs, got {search.points * search.seeds}")
    checked: set[tuple[object, ...]] = set()
    for variation in variations:
        for text in variation.ends:
            checked_config(base, ((variation.name, text),), at, checked, read_data)
    varied, log = _varied(variations)
    return SweepPlan(name, varied, (), log, base, tuple(at), search, created)


def _varied(variations: Sequence[Variation]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of what is varied, and of that whose values are spaced by a factor."""
    log = (each.name for each in variations if each.range is not None and each.range.spacing == "log")
    return tuple(variation.name for variation in variations), tuple(log)


def _width(runs: int) -> int:
    """The digits of the numbers in the names of so many runs."""
    return max(4, len(str(runs)))


def check_variations(
    base: Config, variations: Sequence[Variation], seeds: int, at: Sequence[ScheduledChange] = ()
) -> None:
    """Raise ValueError where these cannot be varied together, on this configuration, with so many seeds."""
    names = [variation.name for variation in variations]
    if not 1 <= seeds <= MOST_RUNS:
        raise ValueError(f"seeds must be from 1 to {MOST_RUNS}, got {seeds}")
    HYPERPARAMETERS["seed"].kind.check("the last of the seeds", base.seed + seeds - 1)
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} must be varied once: list all its values in one --vary")
        if name in base.idle and name not in _of_others(base, names):
            raise ValueError(f"{name} has no effect here, so that it cannot be varied: {base.idle[name]}")
    if base.function is not None:
        raise ValueError("a sweep cannot fit a Python function, which no other process has: give a formula or points")
    if "data" in names:
        for value in next(variation.values for variation in variations if variation.name == "data"):
            if not value.startswith(("example:", "run:")):
                raise ValueError(f"data can be varied over example:NAME and run:NAME, got {printable(value)}")
    check_plan(base, at)


def _of_others(base: Config, names: Sequence[str]) -> set[str]:
    """What may have an effect since what it hangs on is varied too."""
    decides = {"optimizer", "activation", "data", "target"}
    return set(base.idle) if decides & set(names) else set()


def checked_config(
    base: Config,
    setting: Setting,
    at: Sequence[ScheduledChange],
    checked: set[tuple[object, ...]],
    read_data: Callable[[Config], Config] = read_data,
) -> Config:
    """The configuration of a setting that can be trained; raises ValueError naming a setting that cannot.

    `checked` collects the problems that were found to be sound, each of which is looked at once.
    """
    try:
        config = setting_config(base, setting)
        check_plan(config, at)
        problem = tuple(
            getattr(config, knob.name) for knob in HYPERPARAMETERS.values() if knob.group == "target and data"
        )
        if problem not in checked:
            check_problem(read_data(config))
            checked.add(problem)
    except ValueError as error:
        raise ValueError(f"{show_setting(setting)}: {error}" if setting else str(error)) from None
    return config


def setting_config(base: Config, setting: Setting) -> Config:
    """A configuration with the values of a setting, on one thread unless more are asked for; raises ValueError.

    What a run does alone on a machine of many cores would have other numbers: its command says the one thread too.
    """
    values = {name: HYPERPARAMETERS[name].kind.parse(name, text) for name, text in setting}
    config = base.with_values(**values) if values else base
    return config.with_values(threads=1) if threads(config, 2) > 1 and not config.threads else config


def show_setting(setting: Setting) -> str:
    """A setting as a person reads it, such as derivative_weight=10, hidden=20,20."""
    return ", ".join(f"{name}={text}" for name, text in setting) or "as given"


def planned_run(
    name: str, setting: Setting, config: Config, at: Sequence[ScheduledChange], folder: str = ""
) -> PlannedRun:
    """A run with its command; where its points are of a file, the command takes them from the one in `folder`."""
    own = config.points is not None and not config.data.startswith(("example:", "run:"))
    named = dataclasses.replace(config, data=f"{folder}/points.csv") if own and folder else config
    return PlannedRun(name, setting, config.seed, train_command(named, at, name))


def _combinations(variations: Sequence[Variation], zipped: bool, seeds: int) -> Iterator[Setting]:
    """The settings, the last hyperparameter changing fastest; raises ValueError where they are too many."""
    names = [variation.name for variation in variations]
    lengths = [len(variation.values) for variation in variations]
    if zipped and len(set(lengths)) > 1:
        counts = ", ".join(f"{name} has {length}" for name, length in zip(names, lengths, strict=True))
        raise ValueError(f"--zip needs as many values of each: {counts}")
    count = seeds
    for length in lengths[:1] if zipped else lengths:
        count *= length
    if count > MOST_RUNS:
        raise ValueError(f"a sweep must have at most {MOST_RUNS} runs, got {count}: vary less or take fewer seeds")
    values = [variation.values for variation in variations]
    rows = zip(*values, strict=True) if zipped and values else itertools.product(*values)
    for row in rows:
        yield tuple(zip(names, row, strict=True))


def _planned(number: int, run: Mapping[str, Any], varied: Sequence[str]) -> PlannedRun:
    """The run that plain values tell of; raises ValueError, KeyError and the like for what is none."""
    setting = tuple((name, _text(name, text)) for name, text in run["setting"].items())
    if tuple(name for name, _ in setting) != tuple(varied):
        raise ValueError(f"the setting of run {number} must be of {', '.join(varied) or 'nothing'}")
    seed = HYPERPARAMETERS["seed"].kind.check(f"the seed of run {number}", run["seed"])
    assert isinstance(seed, int)
    return PlannedRun(_run_name(f"run {number}", run["name"]), setting, seed, _text("command", run["command"]))


def _search(values: Mapping[str, Any]) -> Search:
    minimise, vary = values["minimise"], tuple(_text("vary", text) for text in values["vary"])
    if minimise not in ERROR_LABELS:
        raise ValueError(f"minimise must be one of {', '.join(ERROR_LABELS)}, got {printable(str(minimise))!r}")
    for text in vary:
        Variation.parse(text)
    points, seeds = values["points"], values["seeds"]
    if type(points) is not int or type(seeds) is not int or not (points >= 1 and 1 <= seeds * points <= MOST_RUNS):
        raise ValueError(f"points and seeds of a search must be whole numbers of at most {MOST_RUNS} runs")
    return Search(points, minimise, seeds, vary)


def _names(what: str, names: Any, known: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or len(set(names)) < len(names) or not all(name in known for name in names):
        raise ValueError(f"{what} must be a list of hyperparameters, each once, got {printable(str(names))[:80]}")
    return tuple(names)


def _run_name(what: str, name: Any) -> str:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(
            f"{what} must be lower-case letters, digits and hyphens, at most 61 with what sweeps add to it, "
            f"got {printable(str(name))!r}"
        )
    return name


def _text(what: str, text: Any) -> str:
    if not isinstance(text, str) or not text.isprintable() or len(text) > 10_000:
        raise ValueError(f"{what} must be a printable text, got {printable(str(text))[:40]!r}")
    return text
