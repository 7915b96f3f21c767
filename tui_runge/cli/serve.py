"""`runge-tui serve`: the screen for browsers, each visitor with a run of their own."""

import argparse
import asyncio
import errno
import importlib.util
import shlex
import signal
import socket
import sys
from collections.abc import Sequence

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.screen import appearance_of
from tui_runge.core.field_types import Integer
from tui_runge.core.own_process import module_command
from tui_runge.core.text import show_path

PORT = Integer(0, 65535)
NOT_INSTALLED = "textual-serve must be installed: pip install 'runge-tui[web]'"
EVERYWHERE = "0.0.0.0", "::"
"""Hosts that mean all addresses of the machine."""
OTHERS = (
    "whoever reaches it needs no password, trains on this machine, and reads, renames and deletes the runs in {runs}\n"
)


def run(invocation: Invocation) -> int:
    """Serve until a signal asks to end; each page opens the screen with the options given here."""
    if importlib.util.find_spec("textual_serve") is None:
        invocation.error(NOT_INSTALLED)
    if invocation.reads_standard_input:
        invocation.error("each visitor would read standard input: give --data a file")
    # What no visitor could open is said now, and here.
    invocation.new_run()
    appearance_of(invocation, {})
    arguments = invocation.arguments
    try:
        port = PORT.parse("port", arguments.port)
    except ValueError as error:
        invocation.error(error)
    try:
        asyncio.run(_serve(invocation, arguments.host, port))
    except OSError as error:
        invocation.error(_refusal(error, arguments.host, port))
    return 0


async def _serve(invocation: Invocation, host: str, port: int) -> None:
    from tui_runge.cli.web_server import ScreenServer, is_loopback

    stopped = asyncio.Event()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    def opened(port: int) -> None:
        sys.stdout.write(f"{_address(host, port)} opens the screen; ctrl+c ends it\n")
        sys.stdout.flush()
        if not is_loopback(host):
            sys.stderr.write(OTHERS.format(runs=show_path(invocation.runs_directory.path)))

    await ScreenServer(_screen_command(invocation.arguments.words), host, port).serve_until(stopped, opened)


def _screen_command(words: Sequence[str]) -> str:
    """The line for a shell that opens the screen with the options given, but for those of the server."""
    server_options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    server_options.add_argument("--host")
    server_options.add_argument("--port")
    _, options = server_options.parse_known_args(words)
    # exec: what is killed is the program, and no shell around it.
    return f"exec {shlex.join(module_command('tui_runge', *options))}"


def _address(host: str, port: int) -> str:
    name = socket.gethostname() if host in EVERYWHERE else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _refusal(error: OSError, host: str, port: int) -> str:
    """What to say where nothing can listen to a host and a port."""
    if error.errno == errno.EADDRINUSE:
        return f"port must be free, got {port}, which another program uses: choose another, or 0 for any"
    if error.errno == errno.EACCES:
        return f"port must be one that you may open, got {port}: choose one from 1024 on"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"host must be a name or an address of this machine, got {host!r}"
    return f"cannot serve on {host}, port {port}: {error.strerror or error}"
