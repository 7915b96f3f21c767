"""An app that is run without a terminal, and waited for by its own messages instead of by a clock."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.app import App
from textual.message import Message
from textual.notifications import Notification, Notify
from textual.pilot import Pilot


class Observer(Pilot[None]):
    """A pilot that waits for states of its app and collects what the app notifies of.

    `heard` has to be the app's `message_hook`, as `observed` makes it. Without one, as in what a snapshot runs before
    it is taken, `until` still sees every message to the app itself, and nothing is collected.
    """

    def __init__(self, app: App[None]) -> None:
        super().__init__(app)
        self.notifications: list[Notification] = []
        self._stirred = asyncio.Event()

    @property
    def messages(self) -> list[str]:
        """The texts of all notifications so far."""
        return [each.message for each in self.notifications]

    def heard(self, message: Message) -> None:
        """Take note of a message that has arrived anywhere in the app and is handled next."""
        if isinstance(message, Notify):
            self.notifications.append(message.notification)
        self._stirred.set()

    async def until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Wait until a condition holds and what follows from it is on the screen; AssertionError if it never does.

        The condition is looked at again when a message has arrived anywhere and when the app has handled one.
        """
        self.app.message_signal.subscribe(self.app, lambda _: self._stirred.set(), immediate=True)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    assert self.app.is_running, f"the app ended: {_source(condition)}"
                    await self._stirred.wait()
                    self._stirred.clear()
        except TimeoutError:
            waited = f"waited {seconds} s in vain: {_source(condition)}; the app told {self.messages}"
            raise AssertionError(waited) from None
        finally:
            self.app.message_signal.unsubscribe(self.app)
        await self.pause()


def _source(condition: Callable[[], object]) -> str:
    return inspect.getsource(condition).strip()


@asynccontextmanager
async def observed(app: App[None], size: tuple[int, int] = (80, 24)) -> AsyncIterator[Observer]:
    """Run an app for a test, until the block ends; the pilot presses keys there and waits for what they lead to."""
    pilot = Observer(app)
    async with app.run_test(size=size, message_hook=pilot.heard):
        yield pilot
