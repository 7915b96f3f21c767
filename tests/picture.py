"""Makes the README's picture: `python -m tests.picture` runs the report's experiment and saves its last screen."""

import asyncio
from pathlib import Path

from tui_runge.config import Config
from tui_runge.tui.app import RungeApp

PICTURE = Path(__file__).parent.parent / "tests" / "picture.svg"


async def main() -> None:
    app = RungeApp(Config(), Path())
    async with app.run_test(size=(120, 36)) as pilot:
        while app.state != "finished":
            await pilot.pause(0.05)
        await pilot.pause()
        PICTURE.write_text(app.export_screenshot(title="runge-tui"))


if __name__ == "__main__":
    asyncio.run(main())
