"""Trains the runs of a sweep in processes on this machine."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess

from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.engine import Watcher
from tui_runge.sweeps.plan import PlannedRun
from tui_runge.sweeps.worker import STOP_SIGNALS, Outcome, begin_worker, finish_writing, train_run

PERIOD = 0.1
"""Seconds between two looks at whether to stop."""
GRACE = 0.6
"""Seconds that a worker which is told to stop has to save its run; it is killed afterwards."""
CRASHED = "its process ended without a word, twice: it was killed, or is there too little memory?"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalEngine:
    """An `Engine` of so many worker processes, which `stopping` ends within a second.

    Each worker is a pool of its own: where one is killed the others train on, and its run is tried once more.
    """

    def __init__(self, directory: RunsDirectory, jobs: int, stopping: Callable[[], bool] = lambda: False) -> None:
        self._directory = directory
        self._jobs = jobs
        self._stopping = stopping

    def train(self, sweep: str, runs: Iterator[PlannedRun], watcher: Watcher) -> None:
        """Train runs, each with whichever worker is free; returns when all have ended, or it was told to stop."""
        place = str(self._directory.path), sweep
        pools = _Pools()
        try:
            self._train(place, runs, watcher, pools)
            pools.finish(place, self._stopping)
        finally:
            pools.close()

    def _train(self, place: tuple[str, str], runs: Iterator[PlannedRun], watcher: Watcher, pools: "_Pools") -> None:
        again: list[PlannedRun] = []  # after a crash
        crashed: set[str] = set()
        at_work: dict[Future[Outcome], tuple[int, PlannedRun]] = {}
        free = [*reversed(range(self._jobs))]
        while not self._stopping():
            while free and (run := again.pop() if again else next(runs, None)):
                worker = free.pop()
                at_work[pools.submit(worker, place, run)] = worker, run
                watcher.began(worker, run)
            if not at_work:
                return
            for future in wait(at_work, PERIOD, FIRST_COMPLETED).done:
                worker, run = at_work.pop(future)
                outcome = _outcome(future)
                if outcome is None:
                    pools.drop(worker)
                    outcome = Outcome("failed", CRASHED) if run.name in crashed else Outcome("stopped", "")
                    if outcome.status == "failed":
                        SweepsDirectory(self._directory).note_failure(place[1], run.name, CRASHED)
                    else:
                        again.append(run)
                    crashed.add(run.name)
                free.append(worker)
                watcher.ended(worker, run, outcome)
            watcher.look()
        pools.stop()
        wait(at_work, GRACE)


class _Pools:
    """Pools of one process each, by the number of the worker; one begins with its first run."""

    def __init__(self) -> None:
        self._pools: dict[int, ProcessPoolExecutor] = {}
        self._processes: set[BaseProcess] = set()

    def submit(self, worker: int, place: tuple[str, str], run: PlannedRun) -> Future[Outcome]:
        """Have a worker train a run."""
        if worker not in self._pools:
            context = multiprocessing.get_context("spawn")
            with _signals_blocked():  # Python starts a process of its own here, which SIGUSR2 would end
                self._pools[worker] = ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=begin_worker)
        others = set(multiprocessing.active_children())
        with _signals_blocked():  # until a new process is ready for them
            future = self._pools[worker].submit(train_run, *place, run)
        self._processes |= set(multiprocessing.active_children()) - others
        return future

    def drop(self, worker: int) -> None:
        """Leave a pool whose process is gone: the worker's next run begins another."""
        self._pools.pop(worker).shutdown()

    def finish(self, place: tuple[str, str], stopping: Callable[[], bool]) -> None:
        """Wait until all is on the disk, unless it is to be stopped."""
        writing: list[Future[None]] = []
        with suppress(BrokenProcessPool):
            writing = [] if stopping() else [pool.submit(finish_writing, *place) for pool in self._pools.values()]
        while wait(writing, PERIOD).not_done and not stopping():
            pass

    def stop(self) -> None:
        """Tell all processes to stop; they save what they train."""
        for process in self._processes:
            process.terminate()

    def close(self) -> None:
        """End all processes at once."""
        for process in self._processes:
            process.kill()
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)


def _outcome(future: Future[Outcome]) -> Outcome | None:
    """What came of a run; None where its worker is gone."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None
    except Exception as error:  # the end of a process: whatever it was is shown to the user
        return Outcome("failed", f"{type(error).__name__}: {error}".partition("\n")[0])


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Hold back the signals that stop a worker, also from a process that is started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
