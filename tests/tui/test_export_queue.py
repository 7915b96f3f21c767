"""The export queue without a screen: what begins when, and when leaving has to wait for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.canned import MODEL, CannedSession, progress
from tests.support.parts import Messages, experiment_with
from tui_runge.core.commands import RequestExport
from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.export import exporter
from tui_runge.export.exporter import ExportRequest
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.export_queue import ExportQueue

WITH_MODEL = replace(progress("running", run="amber"), model=MODEL, to_export=True)


class Exports:
    """A queue whose exports are done at once, or fail with `error`; what began, and how often it left."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, status: Any = "running") -> None:
        self.begun: list[tuple[ExportRequest, Path]] = []
        self.futures: list[Future[bytes]] = []
        self.delivered: list[tuple[str, bytes]] = []
        self.pending = False
        self.error: OSError | None = None
        self.messages = Messages()
        self.times_left = 0
        self.experiment, self.session = experiment_with(progress(status) if status else None)
        self._folder = folder
        self.queue = self._queue()
        monkeypatch.setattr(exporter, "export_in_background", self._export)
        monkeypatch.setattr(exporter, "archive_in_background", self._export)

    def deliver(self) -> None:
        """Let the queue deliver archives, as in a browser."""
        self.queue = self._queue(lambda name, content: self.delivered.append((name, content)))

    def _queue(self, deliver: Callable[[str, bytes], object] | None = None) -> ExportQueue:
        return ExportQueue(
            self.experiment,
            self._folder,
            RunsDirectory(Path("runs")),
            tensorboard=True,
            notify=self.messages,
            leave=self._leave,
            deliver=deliver,
        )

    def _leave(self) -> None:
        self.times_left += 1

    def _export(self, request: ExportRequest, folder: Path) -> "Future[bytes]":
        self.begun.append((request, folder))
        future: Future[bytes] = Future()
        self.futures.append(future)
        if self.pending:
            return future
        if self.error is None:
            future.set_result(b"archive")
        else:
            future.set_exception(self.error)
        return future


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exports:
    return Exports(tmp_path / "exports", monkeypatch)


def test_a_run_that_has_not_begun_cannot_be_exported_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = Exports(tmp_path, monkeypatch, status=None)
    exports.queue.request()
    assert not exports.session.sent
    assert exports.messages.all == [("not exported", "there is nothing yet: torch is loading")]


def test_one_export_waits_at_most_and_takes_one_progress_with_its_model(exports: Exports) -> None:
    queue = exports.queue
    assert not queue.take(WITH_MODEL)
    for _ in range(3):
        queue.request()
    assert exports.session.sent == [RequestExport()]
    assert not queue.take(progress("running"))
    assert [queue.take(WITH_MODEL) for _ in range(2)] == [True, False]
    queue.request()
    assert exports.session.sent == [RequestExport()]
    assert exports.messages.all == [("not exported", "one export waits already")]


async def test_an_export_begins_when_the_one_before_is_done(exports: Exports) -> None:
    queue, exports.pending = exports.queue, True
    queue.request()
    assert queue.take(WITH_MODEL)
    first = asyncio.create_task(queue.export(WITH_MODEL))
    await asyncio.sleep(0)
    queue.request()
    assert queue.take(WITH_MODEL)
    second = asyncio.create_task(queue.export(WITH_MODEL))
    await asyncio.sleep(0)
    assert (len(exports.begun), queue.waiting) == (1, True)
    exports.pending = False
    exports.futures[0].set_result(b"")
    await asyncio.gather(first, second)
    assert (len(exports.begun), queue.waiting) == (2, False)


async def test_a_session_that_failed_leaves_no_export_waiting(exports: Exports) -> None:
    exports.queue.request()
    exports.experiment.session = CannedSession(New(Config()))
    assert not exports.queue.waiting
    exports.queue.request()
    assert exports.queue.waiting


async def test_each_export_has_a_folder_and_says_where(exports: Exports) -> None:
    for _ in range(2):
        await exports.queue.export(WITH_MODEL)
    request = ExportRequest(WITH_MODEL, Path("runs/amber/history.csv"), tensorboard=True)
    (first, folder), (second, other) = exports.begun
    assert first == second == request
    assert folder != other
    assert folder.is_dir()
    assert exports.messages.all == [
        ("exporting to", str(folder)),
        ("exported to", str(folder)),
        ("exporting to", str(other)),
        ("exported to", str(other)),
    ]


async def test_a_folder_that_cannot_be_made_and_an_export_that_fails_are_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    await (exports := Exports(tmp_path / "file", monkeypatch)).queue.export(WITH_MODEL)
    assert not exports.begun
    assert [title for title, _ in exports.messages.all] == ["not exported"]
    exports = Exports(tmp_path, monkeypatch)
    exports.error = OSError("no space left")
    await exports.queue.export(WITH_MODEL)
    assert exports.messages.all[1:] == [("not exported", "no space left")]


async def test_in_a_browser_an_archive_is_delivered_and_no_folder_made(exports: Exports, tmp_path: Path) -> None:
    exports.deliver()
    await exports.queue.export(WITH_MODEL)
    ((name, content),) = exports.delivered
    assert name.startswith("runge-tui-")
    assert name.endswith(".zip")
    assert content == b"archive"
    assert exports.messages.all == [("exporting", name), ("downloading", name)]
    exports.error = OSError("no space left")
    await exports.queue.export(WITH_MODEL)
    assert exports.messages.all[3:] == [("not exported", "no space left")]
    assert len(exports.delivered) == 1
    assert not list(tmp_path.iterdir())


def test_leaving_waits_for_nothing_that_was_not_asked_for(exports: Exports) -> None:
    assert not exports.queue.delays_leaving()


async def test_leaving_waits_until_the_export_has_begun_but_not_for_the_one_before(exports: Exports) -> None:
    queue, exports.pending = exports.queue, True
    queue.request()
    assert queue.take(WITH_MODEL)
    first = asyncio.create_task(queue.export(WITH_MODEL))
    await asyncio.sleep(0)
    queue.request()
    assert queue.delays_leaving()
    assert queue.take(WITH_MODEL)
    exports.pending = False
    await queue.export(WITH_MODEL)
    assert (exports.times_left, first.done()) == (1, False)
    exports.futures[0].set_result(b"")
    await first


def test_leaving_does_not_wait_a_second_time(exports: Exports) -> None:
    exports.queue.request()
    assert [exports.queue.delays_leaving() for _ in range(2)] == [True, False]
