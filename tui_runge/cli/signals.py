"""The signals that end a training without a screen: what was reached is kept."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

TIME_IS_NEARLY_UP = (signal.SIGUSR1, signal.SIGUSR2)
"""What a cluster sends before it ends a job."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, *TIME_IS_NEARLY_UP)


@contextmanager
def signals_received() -> Iterator[list[int]]:
    """The signals received that end a training, as a list that grows; a second Ctrl-C interrupts at once.

    Where the terminal is gone, what would be written there goes nowhere.
    """
    received: list[int] = []
    terminals = [descriptor for descriptor in (1, 2) if os.isatty(descriptor)]

    def receive(number: int, _: object) -> None:
        received.append(number)
        if number == signal.SIGHUP:
            for descriptor in terminals:
                os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, receive) for number in ENDING}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
