"""`runge-tui serve` without a browser: what it refuses, says and guards, and how the process of a page ends."""

import asyncio
import importlib.util
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.cli.test_cli import refusal
from tests.support.processes import ended
from tui_runge.cli import web_server
from tui_runge.cli.serve import _screen_command
from tui_runge.cli.web_server import ScreenServer

ASLEEP = r"printf '__GANGLION__\nD\000\000\000\010%08d' $$; exec sleep 1000"
"""A program that shows its process's number, and hears nothing."""


@asynccontextmanager
async def opened(command: str = "exit", host: str = "127.0.0.1") -> AsyncIterator[ClientSession]:
    """A client of a server of some command."""
    stopped, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(ScreenServer(command, host, 0).serve_until(stopped, port.set_result))
    async with ClientSession(f"http://127.0.0.1:{await port}") as client:
        yield client
        stopped.set()
        await serving


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--port", "x"], "port must be a whole number from 0 to 65535, got 'x'"),
        (["--port", "70000"], "port must be <= 65535, got 70000"),
        (["--host", "192.0.2.1", "--port", "0"], "host must be a name or an address of this machine, got '192.0.2.1'"),
        (["--data", "-"], "each visitor would read standard input: give --data a file"),
        (["--target", "1/x"], "1/x is not finite at x = 0: choose an interval without it"),
    ],
)
def test_what_no_visitor_could_open_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], line: str) -> None:
    assert refusal(capsys, "serve", *words) == f"runge-tui serve: {line}"


def test_a_port_in_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refusal(capsys, "serve", "--port", str(port))
    assert line == (
        f"runge-tui serve: port must be free, got {port}, which another program uses: choose another, or 0 for any"
    )


def test_without_its_library_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert refusal(capsys, "serve").endswith("pip install 'runge-tui[web]'")


def test_it_says_what_others_may_do_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    words = ["serve", "--host", "0.0.0.0", "--port", "0", "--runs-dir", "class"]
    with subprocess.Popen(
        [sys.executable, "-m", "tui_runge", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, others = process.communicate(timeout=60)
    assert re.fullmatch(rf"http://{socket.gethostname()}:\d+ opens the screen; ctrl\+c ends it\n", line)
    assert others.count("\n") == 1
    assert "no password" in others
    assert others.endswith("the runs in class\n")
    assert process.returncode == 0


def test_visitors_get_the_options_of_the_screen() -> None:
    words = ["--port", "80", "--interval=-2,2", "--no-mouse", "--host=::1", "--name", "a b"]
    shell, *command = shlex.split(_screen_command(words))
    assert shell == "exec"
    assert command == [sys.executable, "-P", "-m", "tui_runge", "--interval=-2,2", "--no-mouse", "--name", "a b"]


async def test_the_page_and_its_files_name_no_other_host() -> None:
    async with opened() as client:
        response = await client.get("/")
        page = await response.text()
        files = re.findall(r'(?:src|href)="([^"]+)"|url\("([^"]+)"\)', page)
        names = [name for found in files for name in found if name and not name.startswith("data:")]
        assert {await status(client, name) for name in names} == {200}
        assert len(names) == 4
        style = await (await client.get("/static/css/xterm.css")).text()
        assert "url(" not in style
        assert "//" not in re.sub(r"//.*|/\*.*?\*/|<!--.*?-->", "", page)
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")


async def status(client: ClientSession, path: str) -> int:
    async with client.get(f"/{path}") as response:
        return response.status


@pytest.mark.parametrize(
    ("host", "headers", "answer"),
    [
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ("127.0.0.1", {"Host": "[::1]:8000"}, 200),
        ("127.0.0.1", {"Origin": "http://elsewhere.example"}, 403),
        ("127.0.0.1", {"Origin": "null"}, 403),
        ("127.0.0.1", {"Host": "rebound.example:8000", "Origin": "http://rebound.example:8000"}, 403),
        ("0.0.0.0", {"Host": "classroom:8000", "Origin": "http://classroom:8000"}, 200),
        ("0.0.0.0", {"Host": "classroom:8000", "Origin": "http://elsewhere.example"}, 403),
    ],
)
async def test_pages_of_other_sites_are_refused(host: str, headers: dict[str, str], answer: int) -> None:
    async with opened(host=host) as client, client.get("/", headers=headers) as response:
        assert response.status == answer
    async with opened("echo __GANGLION__", host) as client, client.get("/ws", headers=headers) as response:
        assert response.status == (403 if answer == 403 else 400)  # no websocket is asked for


async def test_pages_that_are_open_when_the_server_ends_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "LONGEST_END", 0.1)
    async with opened(ASLEEP) as client:
        socket = await client.ws_connect("/ws")
        process = int(await socket.receive_bytes())
        gone = asyncio.create_task(ended(process))
    await gone


async def close(socket: ClientWebSocketResponse) -> None:
    await socket.close()


async def send_rubbish(socket: ClientWebSocketResponse) -> None:
    await socket.send_str('{"stdin": 1}')
    assert (await socket.receive()).type is WSMsgType.CLOSE


@pytest.mark.parametrize("leave", [close, send_rubbish])
async def test_a_process_that_does_not_hear_of_the_end_is_killed(
    monkeypatch: pytest.MonkeyPatch, leave: Callable[[ClientWebSocketResponse], Awaitable[None]]
) -> None:
    monkeypatch.setattr(web_server, "LONGEST_END", 0.1)
    async with opened(ASLEEP) as client, client.ws_connect("/ws") as socket:
        process = int(await socket.receive_bytes())
        await leave(socket)
        await ended(process)


async def test_a_page_is_closed_when_its_process_ends_by_itself() -> None:
    async with opened("echo __GANGLION__") as client, client.ws_connect("/ws") as socket:
        assert (await socket.receive()).type is WSMsgType.CLOSE
