"""The clock of training: what counts, and what a stopped process does not count."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tui_runge import Config
from tui_runge.core.run_start import New
from tui_runge.core.run_state import NullRecorder
from tui_runge.session.awake_clock import ASLEEP, BEAT, AwakeClock
from tui_runge.session.run import Run

SLEPT = 4.0
"""Seconds that a process is stopped for."""


def clock_at(*readings: float) -> AwakeClock:
    """A clock made at the first of these readings of the system's, for the others."""
    left: Iterator[float] = iter(readings)
    return AwakeClock(lambda: next(left))


def test_sleep_is_a_long_time_without_a_reading() -> None:
    clock = clock_at(5.0, 5.5, 6.25, 26.25, 26.5)
    assert [clock() for _ in range(4)] == [0.5, 1.25, 1.25, 1.5]


def test_a_long_epoch_counts_because_of_the_beats() -> None:
    beats = [BEAT * number for number in range(41)]
    clock = clock_at(*beats)
    assert [clock() for _ in beats[1:]][-1] == 10.0
    assert BEAT < ASLEEP / 2


def test_the_beats_are_read_by_a_thread_that_ends() -> None:
    read = threading.Event()

    def now() -> float:
        if threading.current_thread().name == "clock":
            read.set()
        return 0.0

    clock = AwakeClock(now)
    with clock.beating():
        assert read.wait(30)
    assert all(thread.name != "clock" for thread in threading.enumerate())


def test_a_run_counts_no_sleep_in_its_seconds_speed_and_limit(small: Config) -> None:
    # made, then before and after each epoch: half a second, a sleep of 20, half a second
    clock = clock_at(0.0, 1.0, 1.5, 1.5, 21.5, 21.5, 22.0)
    run = Run(New(small.with_values(max_seconds=0.75)), (), NullRecorder, clock)
    seconds = []
    for _ in range(2):
        run.advance()
        seconds.append(run.progress().seconds)
    assert (seconds, run.status) == ([0.5, 0.5], "running")
    run.advance()
    end = run.progress()
    assert (end.seconds, end.ended_by) == (1.0, "max_seconds")
    assert end.times.tolist() == [0.5, 0.5, 1.0]
    assert end.speed == 3.0


ASKED = """
import sys
from threading import Thread
from tui_runge import Config
from tui_runge.core.commands import RequestProgress, Stop
from tui_runge.core.run_start import New
from tui_runge.session.session import Session
config = Config(hidden=(3,), train_points=8, validation_points=5, evaluation_points=9, epochs=10**9)
session = Session(New(config), lambda progress: print(progress.epoch, progress.seconds, flush=True))
thread = Thread(target=session.run)
thread.start()
for _ in sys.stdin:
    session.send(RequestProgress())
session.send(Stop())
thread.join()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGSTOP")
@pytest.mark.slow
def test_a_process_that_was_stopped_has_not_trained_meanwhile() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def seconds_after(epoch: int) -> tuple[int, float]:
            """A later epoch and the seconds of training then."""
            assert process.stdin is not None
            assert process.stdout is not None
            while True:
                process.stdin.write("\n")
                reached, seconds = process.stdout.readline().split()
                if int(reached) > epoch:
                    return int(reached), float(seconds)

        epoch, before = seconds_after(100)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        threading.Event().wait(SLEPT)
        process.send_signal(signal.SIGCONT)
        _, after = seconds_after(epoch + 100)
        process.stdin.close()
        process.wait(60)
    assert after - before < SLEPT
