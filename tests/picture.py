"""Makes the README's picture: `python -m tests.picture` runs the report's experiment and saves its last screen."""

import asyncio
from pathlib import Path

from tests.support.pilot import observed
from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.tui.app import RungeApp

PICTURE = Path(__file__).with_suffix(".svg")


async def main() -> None:
    app = RungeApp(New(Config()), Path())
    async with observed(app, (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "finished")
        PICTURE.write_text(app.export_screenshot(title="runge-tui"))


if __name__ == "__main__":
    asyncio.run(main())
