"""The library of runs without a screen: reading runs, and the offer of an unfinished one."""

from pathlib import Path

import pytest

from tests.support.canned import keep, progress
from tests.support.parts import Messages
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.run_library import SEARCHED_RUNS, RunLibrary

AMBER, BIRCH = "20261123-1712-amber", "20261123-1713-birch"


class Library:
    """A library, what it notified of and how often it called back."""

    def __init__(self, folder: Path | None) -> None:
        self.messages = Messages()
        self.cleared = 0
        self.changes = 0
        directory = None if folder is None else RunsDirectory(folder)
        self.library = RunLibrary(
            directory, notify=self.messages, clear_notifications=self._clear, changed=self._changed
        )

    def _clear(self) -> None:
        self.cleared += 1

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two runs, the older of which was cut short."""
    keep(tmp_path, AMBER, progress("paused", 15))
    keep(tmp_path, BIRCH)
    return Library(tmp_path)


async def test_runs_are_read_in_the_order_they_are_named(library: Library) -> None:
    runs = await library.library.read([BIRCH, AMBER])
    assert [run.progress.run for run in runs] == [BIRCH, AMBER]
    assert not library.messages.all


async def test_where_one_cannot_be_read_none_is_and_that_is_a_message(library: Library) -> None:
    assert not await library.library.read([BIRCH, "20261123-1714-cedar"])
    ((_, message),) = library.messages.all
    assert message == "run 20261123-1714-cedar is gone: it was removed or renamed"


def test_without_a_directory_there_are_no_runs_and_a_message(library: Library) -> None:
    assert library.library.store() is not None
    without = Library(None)
    assert without.library.store() is None
    assert without.messages.all == [("", "runs are not kept")]


async def test_an_unfinished_run_is_offered_until_it_is_withdrawn(library: Library) -> None:
    assert library.library.applicable == {"go_on": False}
    assert await library.library.offer_unfinished()
    assert (library.library.offered, library.library.applicable, library.changes) == (AMBER, {"go_on": True}, 1)
    assert library.messages.all == [("o goes on with it", f"resume {AMBER} at epoch 15?")]
    library.library.withdraw_offer()
    assert (library.library.offered, library.cleared, library.changes) == ("", 1, 2)
    library.library.withdraw_offer()
    assert (library.cleared, library.changes) == (1, 2)


async def test_only_the_newest_runs_are_searched_for_one_to_offer(tmp_path: Path) -> None:
    keep(tmp_path, "20261101-0000-amber", progress("paused", 15))
    for number in range(SEARCHED_RUNS):
        keep(tmp_path, f"20261102-000{number}-birch")
    library = Library(tmp_path)
    assert not await library.library.offer_unfinished()
    assert (library.library.offered, library.messages.all, library.changes) == ("", [], 0)


async def test_nothing_is_offered_without_a_directory() -> None:
    assert not await Library(None).library.offer_unfinished()
