"""A clock of the time in which this process was awake: it stands still while a signal or a laptop's sleep holds it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import perf_counter

BEAT = 0.25
"""Seconds between two beats."""
ASLEEP = 1.0
"""A longer time without a beat was slept; a thread that only waits is due within milliseconds on a busy machine too."""


class AwakeClock:
    """Seconds awake; `beating` must be entered for stretches longer than `ASLEEP` to count.

    No clock of the system leaves out all sleep: some go on in a suspended machine, and all in a stopped process
    (SIGSTOP, Ctrl-Z, a paused container). The processor time would, but it is also small where an epoch waits for a GPU
    or its share of a loaded machine, and it is that of all threads. So this one is read often, in training and by a
    thread that does nothing else: while the process is awake no two readings are far apart, however long an epoch is.
    """

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._lock = Lock()
        self._latest = now()
        self._awake = 0.0

    def __call__(self) -> float:
        """The seconds awake since the clock was made; time since the last reading counts where it is no sleep."""
        with self._lock:
            now = self._now()
            elapsed, self._latest = now - self._latest, now
            if elapsed <= ASLEEP:
                self._awake += elapsed
            return self._awake

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Read the clock at every beat, in a thread of its own."""
        over = Event()

        def beat() -> None:
            while not over.wait(BEAT):
                self()

        thread = Thread(target=beat, name="clock", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
