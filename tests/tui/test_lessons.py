"""The lessons without a screen: their texts, what they claim, and the order in which their runs are trained."""

from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Static

from tests.support.canned import CannedSession, progress
from tests.support.parts import Messages, experiment_with, nothing
from tests.support.pilot import observed
from tui_runge import train
from tui_runge.core.commands import Command, Update
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Change, Progress
from tui_runge.core.run_start import New
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.session import Session
from tui_runge.tui.app import RungeApp
from tui_runge.tui.lesson_player import LessonPlayer
from tui_runge.tui.lessons.catalogue import LESSONS, changed, largest_slope_error, missing_shares, polynomial_error
from tui_runge.tui.lessons.lesson import Lesson, LessonRun, Outcome
from tui_runge.tui.screens import lessons
from tui_runge.tui.screens.lessons import LessonsScreen
from tui_runge.tui.screens.main import MainScreen

trained = lru_cache(train)
"""A run trained once, however many lessons it is of."""
BY_NAME = {lesson.name: lesson for lesson in LESSONS}


# What lessons say


@pytest.mark.parametrize(
    "name", [name if name == "derivative" else pytest.param(name, marks=pytest.mark.slow) for name in BY_NAME]
)
def test_what_a_lesson_claims_is_seen_when_its_runs_are_trained(name: str) -> None:
    outcome = BY_NAME[name].check([trained(run.config) for run in BY_NAME[name].runs])
    assert outcome.as_expected, outcome.sentence


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_a_title_and_a_text_that_foretells(lesson: Lesson) -> None:
    assert 0 < len(lesson.title) <= 21
    assert "**You will see**" in lesson.text
    assert max(map(len, lesson.text.splitlines())) < 64


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_what_was_not_seen_is_not_claimed(lesson: Lesson) -> None:
    same = [replace(progress("finished", config=run.config), errors=Errors(1.0, 1.0, 1.0, 1.0)) for run in lesson.runs]
    assert not lesson.check(same).as_expected


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(8.2, 2.0, "MSE(f) fell by 4.1x"), (1.0, 1500.0, "MSE(f) rose by 1,500x"), (1.0, 1.0, "MSE(f) stayed")],
)
def test_a_change_is_told_as_a_factor(before: float, after: float, words: str) -> None:
    assert changed("MSE(f)", before, after) == words


@pytest.mark.parametrize(("nodes", "points", "error"), [("uniform", 11, 1.92), ("uniform", 21, 59.8)])
def test_the_polynomial_is_the_one_that_every_textbook_has(nodes: str, points: int, error: float) -> None:
    run = progress(config=Config(nodes=nodes, train_points=points))
    x = np.linspace(-1, 1, 500)
    run = replace(run, fit=replace(run.fit, x=x, f=1 / (1 + 25 * x**2)))
    assert polynomial_error(run) == pytest.approx(error, rel=0.01)


def test_shares_and_places_of_errors_are_those_of_the_fit() -> None:
    run = progress()
    n = len(run.fit.x)
    f_hat = np.where(np.arange(n) <= n // 2, run.fit.f, 0)
    df_hat = run.fit.df + 0.5 * (np.arange(n) == 30)
    run = replace(run, fit=replace(run.fit, f_hat=f_hat, df_hat=df_hat))
    assert list(missing_shares(run)) == [0, 1]
    assert list(largest_slope_error(run)) == pytest.approx([run.fit.x[30], 0.5])


# How they are played

FIRST, SECOND = (LessonRun(f"{epochs} epochs", Config(epochs=epochs)) for epochs in (5, 7))
STAND_IN = Lesson(
    "derivative", (FIRST, SECOND), lambda runs: Outcome(f"{[run.epoch for run in runs]} epochs", as_expected=True)
)


class Played:
    """A player of the lesson above, after another run has ended; what it notified of and how often it called back."""

    def __init__(self) -> None:
        self.experiment, self.session = experiment_with(ended(Config(epochs=3), "amber"))
        self.messages = Messages()
        self.player = LessonPlayer(self.experiment, notify=self.messages, clear_notifications=nothing)
        self.changes = 0
        self.player.changed = self._changed
        self.player.play(STAND_IN)

    def _changed(self) -> None:
        self.changes += 1

    def receive(self, progress: Progress) -> None:
        """What the app does with a progress."""
        self.experiment.receive(progress)
        self.player.receive(progress)

    @property
    def sent(self) -> list[Command]:
        assert isinstance(self.session, CannedSession)
        return [command for command in self.session.sent if isinstance(command, New | Update)]


def ended(config: Config, name: str) -> Progress:
    return progress("finished", config.epochs, config, run=name)


def test_runs_are_trained_one_after_the_other_and_what_they_showed_is_told() -> None:
    played = Played()
    assert played.sent == [Update(FIRST.config), New(FIRST.config)]
    assert played.player.counted == "run 1 of 2: 5 epochs"
    played.receive(progress("running", 2, FIRST.config, run="birch"))
    played.receive(ended(FIRST.config, "birch"))
    assert played.sent[2:] == [Update(SECOND.config), New(SECOND.config)]
    assert played.player.counted == "run 2 of 2: 7 epochs"
    before = played.changes
    played.receive(ended(SECOND.config, "cedar"))
    assert played.changes > before
    assert played.player.outcomes == {"derivative": Outcome("[5, 7] epochs", as_expected=True)}
    assert played.messages.all[-1] == ("Why f′ is harder: as expected", "[5, 7] epochs L: the lessons")
    assert (played.player.lesson, played.player.run, played.player.counted) == (None, None, "")


def test_what_was_not_as_expected_is_told_as_such() -> None:
    played = Played()
    lesson = replace(STAND_IN, runs=(FIRST,), check=lambda _: Outcome("it did not", as_expected=False))
    played.player.play(lesson)
    played.receive(ended(FIRST.config, "birch"))
    assert played.messages.all[-1] == ("Why f′ is harder: not as expected", "it did not L: the lessons")


@pytest.mark.parametrize(
    ("config", "name"), [(Config(epochs=3), "amber"), (FIRST.config, "amber"), (Config(epochs=3), "")]
)
def test_a_last_progress_of_the_run_before_is_not_taken_for_the_lessons(config: Config, name: str) -> None:
    played = Played()
    played.receive(ended(config, name))
    assert played.player.counted == "run 1 of 2: 5 epochs"


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(
            ended(FIRST.config, "birch"),
            config=FIRST.config.with_values(derivative_weight=2.0),
            changes=(Change(3, "derivative_weight", 1.0, 2.0),),
        ),
        progress("diverged", 3, FIRST.config, run="birch"),
    ],
    ids=["changed", "diverged"],
)
def test_a_run_that_was_changed_or_diverged_shows_nothing(spoilt: Progress) -> None:
    played = Played()
    played.receive(spoilt)
    assert played.player.lesson is None
    assert not played.player.outcomes
    assert played.messages.all[-1][1] == "a run diverged, or was changed: nothing is compared"


def test_a_lesson_that_another_run_replaces_is_left() -> None:
    played = Played()
    played.player.leave()
    played.receive(ended(FIRST.config, "birch"))
    assert len(played.sent) == 2
    assert not played.player.outcomes


async def test_a_lesson_is_played_to_its_end_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Config
) -> None:
    runs = tuple(LessonRun(f"{epochs} epochs", small.with_values(epochs=epochs)) for epochs in (5, 7))
    monkeypatch.setattr(lessons, "LESSONS", (replace(STAND_IN, name="weight"), replace(STAND_IN, runs=runs)))
    directory = RunsDirectory(tmp_path)
    new_session = partial(Session, make_recorder=directory.record)
    app = RungeApp(New(small), tmp_path, new_session, runs_directory=directory, learn=True)
    async with observed(app) as pilot:
        await pilot.until(lambda: isinstance(app.screen, LessonsScreen))
        await pilot.until(lambda: app.experiment.state == "finished")
        await pilot.press("n", "enter")
        await pilot.until(lambda: app.lesson_player.outcomes)
        assert isinstance(app.screen, MainScreen)
        assert pilot.messages == ["run 1 of 2: 5 epochs", "run 2 of 2: 7 epochs", "[5, 7] epochs L: the lessons"]
        assert [ghost.epoch for ghost in app.screen.ghosts] == [5]
        await pilot.press("L")
        await pilot.pause()
        assert "as expected. [5, 7] epochs" in str(app.screen.query_one("#outcome", Static).content)
        await pilot.press("n", "escape")
        assert isinstance(app.screen, MainScreen)
    assert len(directory.runs.names()) == 3


async def test_the_outcome_appears_on_a_lesson_that_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "LESSONS", (STAND_IN,))
    app = RungeApp(New(Config()), Path(), partial(CannedSession, first=progress("paused")))
    async with observed(app) as pilot:
        await pilot.until(lambda: app.experiment.state == "paused")
        await pilot.press("L", "enter", "L")
        outcome = app.screen.query_one("#outcome", Static)
        assert str(outcome.content) == "training run 1 of 2: 5 epochs"
        app.lesson_player.receive(ended(FIRST.config, "birch"))
        assert str(outcome.content) == "training run 2 of 2: 7 epochs"
        app.lesson_player.receive(ended(SECOND.config, "cedar"))
        assert str(outcome.content) == "✓ as expected. [5, 7] epochs"
