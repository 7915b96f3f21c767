"""The library of sweeps without a screen: which is watched, and what is said of the process that trains one."""

from pathlib import Path

from tests.support.canned_sweep import NAME, kept_sweep, sweep_plan, sweep_rows
from tests.support.parts import Messages
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.tui.sweep_library import SweepLibrary

EARLIER = "20250101-0000-birch"


class Process:
    """Stands for the process that trains a sweep."""

    name, running, stopped, farewell = NAME, True, False, "it trains on"

    def problem(self) -> str:
        return "it failed"

    def stop(self) -> None:
        self.stopped = True


def test_the_latest_sweep_is_watched_and_then_the_one_before(tmp_path: Path) -> None:
    directory, messages = kept_sweep(tmp_path, ("1",)), Messages()
    library = SweepLibrary(directory, notify=messages)
    assert library.next() == NAME
    assert library.watch(NAME)().plan.name == NAME
    assert library.next() == NAME
    earlier = SweepsDirectory(directory).folder(EARLIER)
    SweepsDirectory(directory).folder(NAME).rename(earlier)
    SweepsDirectory(directory).write(sweep_plan(sweep_rows()))
    assert library.next() == EARLIER
    library.watched = EARLIER
    assert library.next() == NAME
    assert not messages.all


def test_without_a_sweep_that_is_a_message(tmp_path: Path) -> None:
    for directory in (RunsDirectory(tmp_path), None):
        messages = Messages()
        assert SweepLibrary(directory, notify=messages).next() == ""
        ((_, message),) = messages.all
        assert message.startswith("there is no sweep: ")


def test_of_a_process_is_said_what_is_of_the_sweep_that_is_watched() -> None:
    process = Process()
    library = SweepLibrary(None, NAME, process, notify=Messages())  # type: ignore[arg-type]
    assert (library.problem(), library.in_training, library.farewell) == ("it failed", NAME, "it trains on")
    library.watched = EARLIER
    assert library.problem() == ""
    library.stop()
    assert process.stopped
    assert library.farewell == ""
