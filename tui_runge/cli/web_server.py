"""The server of the screen for browsers: textual-serve's, with a page that fetches nothing from elsewhere."""

import asyncio
import contextlib
import ipaddress
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from tui_runge.core.own_process import module_environment

LONGEST_END = 1.5
"""Seconds that a visitor's process has to end by itself, once the page is closed."""
NO_MESSAGE_OF_A_PAGE = AssertionError, AttributeError, LookupError, TypeError, ValueError
"""What textual-serve raises for a message that no page of its own sends."""
SIZE = {"width": 80, "height": 24}
"""Of the screen, where the page tells none."""
OWN_FILES_ALONE = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "frame-ancestors 'none'",
    )
)
"""What a page may load; and no other page may show it in a frame."""


class Visitor(AppService):
    """The process that one page shows."""

    async def run(self) -> None:
        """Hand on what the process shows, and close the page when it has ended, however it did."""
        try:
            await super().run()
        finally:
            await self.remote_close()

    async def stop(self) -> None:
        """Wait for the process to end, as a closed page asks for; one that does not is killed."""
        late = asyncio.get_running_loop().call_later(LONGEST_END, self._kill)
        try:
            await super().stop()
        finally:
            late.cancel()
            self._kill()  # should it run still: textual-serve takes a wait that is cancelled for the end
            if self._process is not None:
                await self._process.wait()

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return module_environment(super()._build_environment(width, height))


class ScreenServer(Server):
    """Serves the screen of a command: each page has a process of its own.

    Pages of other sites do not reach it, neither by a script of theirs nor by a name of theirs for this machine.
    """

    def __init__(self, command: str, host: str, port: int) -> None:
        templates = Path(__file__).with_name("templates").resolve()
        super().__init__(command, host, port, title="runge-tui", templates_path=templates)
        self._pages: set[web.WebSocketResponse] = set()

    async def serve_until(self, stopped: asyncio.Event, opened: Callable[[int], object]) -> None:
        """Serve until an event is set, then end the processes of all visitors; `opened` is told the port.

        Raises OSError where nothing can listen to the host and the port.
        """
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=2 * LONGEST_END)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            opened(runner.addresses[0][1])
            await stopped.wait()
        finally:
            await runner.cleanup()

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: whether the port is free is not known yet."""

    async def on_shutdown(self, app: web.Application) -> None:
        """Close all pages, whose processes then end."""
        del app
        await asyncio.gather(*(page.close() for page in self._pages))

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run a process for as long as the page that asks for it is open."""
        page = web.WebSocketResponse(heartbeat=15, timeout=LONGEST_END)
        await page.prepare(request)

        async def close() -> None:
            await page.close()

        visitor = Visitor(
            self.command,
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        self._pages.add(page)
        try:
            await visitor.start(*(to_int(request.query.get(name, ""), usual) for name, usual in SIZE.items()))
            await self._process_messages(page, visitor)
        except (*NO_MESSAGE_OF_A_PAGE, ConnectionResetError):
            await page.close()
        finally:
            self._pages.discard(page)
            await visitor.stop()
        return page

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what pages of other sites ask for, and let pages of this one load nothing from elsewhere."""
        origin = request.headers.get("Origin")
        named = urlsplit(f"//{request.host}").hostname or ""
        if (origin and urlsplit(origin).netloc != request.host) or (is_loopback(self.host) and not is_loopback(named)):
            raise web.HTTPForbidden(text="this page is of another site than the one that it asks")
        response = await handler(request)
        response.headers["Content-Security-Policy"] = OWN_FILES_ALONE
        return response


def is_loopback(host: str) -> bool:
    """Whether a name or an address of this machine can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
