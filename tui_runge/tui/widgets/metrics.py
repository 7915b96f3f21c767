"""The panel of numbers: where a run stands, its losses, and its errors beside the report's."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.problems import Reference, problem_of
from tui_runge.problems.residuals import residual_deviation
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.tui.replay import Replay
from tui_runge.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

STATES: dict[str, tuple[str, str]] = {
    "loading": ("◌ loading torch", "$text-accent"),
    "running": ("● training", "$text-success"),
    "paused": ("‖ paused", "$text-warning"),
    "finished": ("✓ finished", "$text-success"),
    "diverged": ("✗ diverged", "$text-error"),
    "stopped": ("■ stopped", "$text-warning"),
    "failed": ("✗ failed", "$text-error"),
    "replay": ("◀ replay", "$text-error"),
}
ROWS_FOR_LOSSES = 15
"""Rows from which the losses are shown too."""
LABEL = 8
"""Cells of the labels of the clock."""


class Metrics(Lines):
    """The numbers of a run, in 34 cells or more; the most needed of them where there are few rows."""

    _shown: "tuple[str, Progress | None, Sequence[Progress], Replay | None] | None" = None

    def show(
        self, state: str, progress: "Progress | None", ghosts: "Sequence[Progress]" = (), replay: Replay | None = None
    ) -> None:
        """Show one of `STATES` and what was reached so far, beside how a ghost ended; or what a replay stands at."""
        self._shown = state, progress, ghosts, replay
        self.lay_out()

    def lay_out(self) -> None:
        if self._shown is None:
            return
        state, progress, ghosts, replay = self._shown
        state = "replay" if replay is not None else state
        text = _state(state, progress)
        if replay is not None and progress is not None:
            where = f", epoch {replay.epoch:,} of {progress.epoch:,}"
            text = text.append(where) if text.cell_length + len(where) <= self.size.width else text
            progress = replay.snapshot or progress
        self.set_class(progress is not None and problem_of(progress.config).errors_on != "grid", "-measured")
        lines = [text, *_clock(progress, max(10, self.size.width))]
        if progress is not None and self.size.height < ROWS_FOR_LOSSES:
            lines += _few_errors(progress)
        elif progress is not None:
            lines += [
                _details(progress, self.size.width),
                *_losses(progress),
                *(_errors_beside_ghosts(progress, ghosts) if ghosts else _errors_alone(progress)),
            ]
        self.update(Content("\n").join(lines))


def _state(state: str, progress: "Progress | None") -> Content:
    text, style = STATES[state]
    if progress is not None and state == "finished" and progress.ended_by != "epochs":
        text += f": {progress.ended_by.replace('_', ' ')}"
    if progress is not None and state == "diverged":
        text += f" after epoch {progress.epoch}"
    return Content.styled(text, f"bold {style}")


def _clock(progress: "Progress | None", width: int) -> Iterator[Content]:
    epoch, epochs = (progress.epoch, progress.config.epochs) if progress else (0, 1)
    filled = min(width, width * epoch // epochs)
    yield Content.assemble(("━" * filled, "$text-success"), ("─" * (width - filled), "$text-muted"))
    if progress is None:
        yield from (Content(), Content(), Content())
        return
    left = progress.seconds_left
    more = "" if math.isnan(left) else f", {format_duration(left)} left"
    yield _line("epoch", f"{epoch:,} of {epochs:,}" + _best_beside_epoch(progress, width))
    yield _line("time", format_duration(progress.seconds) + more)
    yield _line("speed", f"{progress.speed:,.0f} epochs/s" if progress.speed else "–")


def _best_beside_epoch(progress: "Progress", width: int) -> str:
    """The epoch of the best weights, where they are handed in and there is room for it beside the newest."""
    newest = f"{progress.epoch:,} of {progress.config.epochs:,}"
    best = "" if progress.best_epoch is None else f", best {progress.best_epoch:,}"
    return best if LABEL + len(newest + best) <= width else ""


def _details(progress: "Progress", width: int) -> Content:
    """The best epoch, unless it is beside the newest, and what the method says of itself: what one row has room for."""
    is_told = progress.best_epoch is None or _best_beside_epoch(progress, width)
    best = () if is_told else (("best epoch", f"{progress.best_epoch:,}"),)
    row = ""
    for detail in (f"{name} {value}" for name, value in (*best, *progress.details)):
        longer = f"{row}, {detail}" if row else detail
        row = longer if len(longer) <= width else row
    return Content.styled(row, "$text-muted")


def _line(label: str, value: str) -> Content:
    return Content.assemble((f"{label:<{LABEL}}", "$text-muted"), value)


def _losses(progress: "Progress") -> Iterator[Content]:
    yield Content.styled(f"{'loss':<12}{'training':>10}{'validation':>12}", "$text-muted")
    from tui_runge.core.history import LOSSES

    for loss in LOSSES:
        train, validation = (format_error(progress.loss(f"{data}_{loss}")) for data in ("train", "validation"))
        yield Content.assemble((f"{loss:<12}", "$text-muted"), f"{train:>10}{validation:>12}")


def _errors_on(progress: "Progress") -> str:
    """The heading of the errors: which points they are taken on, where those were measured."""
    return {"grid": "error", "validation": "held-out", "training": "training"}[problem_of(progress.config).errors_on]


def _few_errors(progress: "Progress") -> list[Content]:
    """The errors that are known, and before them the residuals of measured points, in as many rows as the errors."""
    residuals = _residuals(progress)
    if not residuals:
        return _errors(progress, None)[1:]
    known = [math.isfinite(getattr(progress.errors, name)) for name in ERROR_LABELS]
    errors = itertools.compress(_errors(progress, None)[1:], known)
    return [*residuals, *errors][: len(ERROR_LABELS)]


def _residuals(progress: "Progress") -> list[Content]:
    """The standard deviation of the residuals of all measured points; nothing where a function is fitted."""
    if problem_of(progress.config).errors_on == "grid":
        return []
    return [Content.assemble(("residual sd ", "$text-muted"), f"{format_error(residual_deviation(progress)):>10}")]


def _errors(progress: "Progress", reference: Reference | None) -> list[Content]:
    """A heading and the four errors, beside those to compare with where there are any."""
    name = reference.name if reference else ""
    lines = [Content.styled(f"{_errors_on(progress):<12}{'now':>10}{name:>10}", "$text-muted")]
    for name, label in ERROR_LABELS.items():
        now = getattr(progress.errors, name)
        line = Content.assemble((f"{label:<12}", "$text-muted"), f"{format_error(now):>10}")
        if reference is not None:
            goal = getattr(reference.errors, name)
            met = float(f"{now:.2e}") <= goal
            line += Content.assemble(f"{goal:>10.2e} ", ("✓", "$text-success") if met else ("·", "$text-muted"))
        lines.append(line)
    return lines


def _errors_alone(progress: "Progress") -> list[Content]:
    """The errors below an empty row, and the residuals of measured points between."""
    return [Content(), *_residuals(progress), *_errors(progress, problem_of(progress.config).reference)]


def _errors_beside_ghosts(progress: "Progress", ghosts: "Sequence[Progress]") -> list[Content]:
    """What the ghosts are, and the four errors beside the reference's and those that the first ghost ended with."""
    from tui_runge.tui.charts.overlays import LETTERS, difference, ghost_names

    reference = problem_of(progress.config).reference
    headings = f"{_errors_on(progress):<10}{'now':>8}{reference.name if reference else '':>8}"
    lines = [Content.assemble((headings, "$text-muted"), (f"{LETTERS[0]} ended".rjust(8), "$curve-ghost"))]
    if problem_of(progress.config).errors_on != "grid":
        now, ended = (_short_number(residual_deviation(each)) for each in (progress, ghosts[0]))
        lines.append(Content.assemble(("residual sd", "$text-muted"), f"{now:>7}{ended:>16}"))
    for name, label in ERROR_LABELS.items():
        now, ended = (getattr(errors, name) for errors in (progress.errors, ghosts[0].errors))
        line = Content.assemble((f"{label:<10}", "$text-muted"), f"{_short_number(now):>8}")
        goal = getattr(reference.errors, name) if reference else None
        met = goal is not None and float(f"{now:.2e}") <= goal
        mark = (" ", "") if goal is None else ("✓", "$text-success") if met else ("·", "$text-muted")
        line += Content.assemble(mark)
        lines.append(line.append(f"{'' if goal is None else _short_number(goal):>7}{_short_number(ended):>8}"))
    names = [difference(ghosts[0], progress)] if len(ghosts) == 1 else ghost_names(ghosts)
    text = "   ".join(f"{letter} {name}" for letter, name in zip(LETTERS, names, strict=False))
    return [Content.styled(text, "$curve-ghost"), *lines]


def _short_number(value: float) -> str:
    """A number in seven cells: 2.3e-8; a dash for one that is not known."""
    if not math.isfinite(value):
        return "–"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa
