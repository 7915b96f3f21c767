"""The screen in a real browser, from opening the page to the end of its process."""

import asyncio
import shutil
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyte
import pytest

from tests.support.processes import ended
from tui_runge.export.layout import FILES, MODEL, PREDICT
from tui_runge.runs.store import RunStore

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system does not tell a process's children"),
]


class Shown:
    """What a page's terminal shows, by what the server sends to it."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(200, 60)
        self._stream = pyte.ByteStream(self._screen)
        self._arrived = asyncio.Event()

    def feed(self, payload: str | bytes) -> None:
        """Show what arrived; text is no output of the program but a message to the page."""
        if isinstance(payload, bytes):
            self._stream.feed(payload)
            self._arrived.set()

    async def until(self, condition: str | Callable[[str], bool]) -> None:
        """Wait until a text is shown, or what is shown meets a condition."""
        met = (lambda text: condition in text) if isinstance(condition, str) else condition
        while not met("\n".join(self._screen.display)):
            await self._arrived.wait()
            self._arrived.clear()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[int, str]]:
    """The number of the server's process and its address."""
    words = ["serve", "--port", "0", "--runs-dir", "runs", "--epochs", "100000000"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui_runge", *words), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    yield process.pid, line.split()[0]
    process.terminate()
    assert await process.wait() == 0


def visitors(server: int) -> set[int]:
    """The processes that a server has started."""
    return set(map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split()))


@pytest.mark.timeout(300)  # 20 to 60 s have been measured on two cores, by how many others were at work
async def test_each_visitor_trains_exports_and_ends_with_the_page(server: tuple[int, str], tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.async_api")
    process, address = server
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1200, "height": 760})
        requested: list[str] = []
        context.on("request", lambda request: requested.append(request.url))

        async def visit() -> tuple[Any, Shown]:
            page, shown = await context.new_page(), Shown()
            page.on("websocket", lambda socket: requested.append(socket.url))
            page.on("websocket", lambda socket: socket.on("framereceived", shown.feed))
            await page.goto(address)
            return page, shown

        page, shown = await visit()
        await shown.until("● training")
        (first,) = visitors(process)
        await page.keyboard.press("a")
        await shown.until("0.0005")
        await page.keyboard.press("Space")
        await shown.until("paused")
        async with page.expect_download(timeout=90_000) as download:
            await page.keyboard.press("e")
        archive = await (await download.value).path()
        with zipfile.ZipFile(archive) as files:
            names = {Path(name).name for name in files.namelist() if not name.endswith("/")}
        assert names == {*FILES, MODEL, PREDICT}

        other, shown_to_other = await visit()
        await shown_to_other.until("● training")
        (second,) = visitors(process) - {first}
        async with asyncio.timeout(2):
            await page.close()
            await ended(first)
        assert second in visitors(process)
        await other.keyboard.press("q")
        await ended(second)
        await other.get_by_text("The session has ended").wait_for()
        await browser.close()
    assert {urlsplit(url).netloc for url in requested} == {urlsplit(address).netloc}
    runs = RunStore(tmp_path / "runs")
    assert len(runs.names()) == 2
    assert all(runs.read(name).progress.epoch > 0 for name in runs.names())
