"""Changes that are taken back before an epoch acts on them: the run is that which never changed, to the bit."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runge import Config
from tui_runge.core.progress import Progress, merge_changes
from tui_runge.core.run_start import Branch, New, Resume, RunStart
from tui_runge.core.run_state import NullRecorder, RunState
from tui_runge.session.run import Run

SMALL = Config(hidden=(3,), train_points=8, validation_points=5, evaluation_points=9, epochs=8)
STARTS: list[dict[str, Any]] = [
    {},
    {"schedule": "plateau", "learning_rate": 0.5, "patience": 3},
    {"schedule": "cosine", "stages": 2},
    {"optimizer": "lm", "train_points": 2, "derivative_weight": 0.0, "epochs": 60},  # converges
    {"optimizer": "lbfgs"},
    {"optimizer": "adam-lm"},
    {"stop_error": 0.09},
]
UNDONE: list[dict[str, Any]] = [
    {"epochs": 1},
    {"epochs": 100},
    {"function_weight": 3.0},
    {"derivative_weight": 1e300},
    {"learning_rate": 0.7, "patience": 1},
    {"stop_error": 100.0},
    {"max_seconds": 1e-9},
]


class KeepingRecorder(NullRecorder):
    """Keeps the newest state that was saved, as a file would hold it."""

    def save(self, run_state: RunState, urgent: bool = True) -> None:
        del urgent
        self.saved = RunState.from_tree(run_state.to_tree())


@dataclass
class Interruption:
    """What is changed after so many epochs, to be undone in turn; between the two the run may be saved and resumed."""

    epoch: int
    undone: list[dict[str, Any]]
    resumed: bool


def train(start: RunStart, interruptions: list[Interruption]) -> tuple[Progress, RunState]:
    """Train to the end, and be interrupted there too; the last progress and the state that was saved."""
    recorders: list[KeepingRecorder] = []

    def make_recorder(*_: object) -> KeepingRecorder:
        recorders.append(KeepingRecorder())
        return recorders[-1]

    run = Run(start, (), make_recorder)
    while True:
        over = run.status != "running"
        for each in interruptions:
            if each.epoch == run.progress().epoch or (over and each.epoch > run.progress().epoch):
                run.pause()
                requested = [run.progress().config]
                for values in each.undone:
                    requested.append(requested[-1].with_values(**values))
                    run.update(requested[-1])
                if each.resumed:
                    run.stop("stopped")
                    run = Run(Resume.of(recorders[-1].saved), (), make_recorder)
                for config in reversed(requested[:-1]):
                    run.update(config)
                run.unpause()
        if over:
            assert run.status != "running"
            return run.progress(), recorders[-1].saved
        run.advance()


def check_same(one: Progress, other: Progress) -> None:
    for name in ("low", "high", "last"):
        assert getattr(one.curves, name).tobytes() == getattr(other.curves, name).tobytes()
    for name in ("config", "epoch", "status", "ended_by", "message", "errors", "losses", "details", "stage_starts"):
        assert getattr(one, name) == getattr(other, name)
    assert merge_changes(one.changes) == merge_changes(other.changes)


INTERRUPTIONS = st.lists(
    st.builds(
        Interruption, st.integers(0, 70), st.lists(st.sampled_from(UNDONE), min_size=1, max_size=3), st.booleans()
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("values", STARTS, ids=str)
@settings(max_examples=12)
@given(INTERRUPTIONS, st.booleans())
def test_what_is_undone_before_it_acts_leaves_no_trace(
    values: dict[str, Any], interruptions: list[Interruption], branches: bool
) -> None:
    start: RunStart = New(SMALL.with_values(**values))
    if branches:
        _, saved = train(New(start.config.with_values(learning_rate=0.1, epochs=4)), [])
        start = Branch(saved, start.config)
    plain, _ = train(start, [])
    interrupted, _ = train(start, interruptions)
    check_same(plain, interrupted)
