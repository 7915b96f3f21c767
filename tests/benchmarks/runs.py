"""How quickly 2,000 runs are listed and filtered: python -m tests.benchmarks.runs."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from textual.widgets import Input

from tests.support.canned import keep
from tests.test_runs_screen import made
from tui_runge.tui.screens.runs import RunsScreen

COUNT = 2000


async def measure(folder: Path) -> None:
    """Print the seconds until the first rows stand, until all are read, and those of each key of a filter."""
    app = made(folder)
    async with app.run_test(size=(120, 36)):
        start = perf_counter()
        app.action_runs()
        await asyncio.sleep(0)
        while not isinstance(screen := app.screen, RunsScreen) or not screen.is_mounted or not screen.table.runs:
            await asyncio.sleep(0.001)
        print(f"first rows  {perf_counter() - start:.3f} s")
        while len(screen.table.runs) < COUNT:
            await asyncio.sleep(0.001)
        print(f"all {COUNT}    {perf_counter() - start:.3f} s")
        for typed in ("i", "in", "int"):
            start = perf_counter()
            screen.query_one("#filter", Input).value = typed
            screen._update()
            print(f"filter {typed:<4} {1000 * (perf_counter() - start):.1f} ms")


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        keep(folder, "20261123-1712-amber")
        for n in range(COUNT - 1):
            shutil.copytree(folder / "20261123-1712-amber", folder / f"20261122-{n:04}-birch")
        asyncio.run(measure(folder))


if __name__ == "__main__":
    main()
