"""Runs that are killed: `python -m tests.support.killed FOLDER SEED KILLS PART` prints what became of each, as JSON.

PART is one of the parts below, and each of its cases is killed so many times. The process imports torch once and
computes nothing with it; each training is a child of it, forked, that SIGKILL ends at a moment by chance.
"""

import json
import os
import random
import select
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import torch  # noqa: F401 - once for all children

from tests.support.trained_runs import facts_of, train
from tui_runge.core.config import OPTIMIZER_NAMES, Config
from tui_runge.core.run_start import Resume
from tui_runge.export.exporter import ExportRequest, export
from tui_runge.export.layout import CLASSICAL, REPORT_HTML, REPORT_MARKDOWN
from tui_runge.problems import read_data
from tui_runge.runs import recorder
from tui_runge.runs.directory import RunsDirectory

CONFIG = Config(hidden=(8, 8), train_points=24, validation_points=12, evaluation_points=20, epochs=400)
EPOCHS = {"lm": 80, "adam-lm": 160, "lbfgs": 160}
OTHERS = (
    {"schedule": "cosine", "keep": "best", "batch_size": 7},
    {"schedule": "plateau", "noise": 0.1, "nodes": "adaptive"},
    {"data": "example:atmosphere", "optimizer": "lm", "epochs": 80},
    {"stages": 2, "optimizer": "lm", "epochs": 80},
)
CASES: tuple[dict[str, Any], ...] = (
    *({"optimizer": name, "epochs": EPOCHS.get(name, 400)} for name in OPTIMIZER_NAMES),
    *OTHERS,
)
PARTS = {"first": CASES[::2], "second": CASES[1::2], "exporting": ()}
TIMEOUT = 60.0


def ended(work: Callable[[], object], seconds: float) -> bool:
    """Whether a process that does some work ended by itself within some time; it is killed otherwise.

    It alone holds the writing end of a pipe, which is closed when it ends, however that is.
    """
    end, held = os.pipe()
    number = os.fork()
    if not number:
        try:
            work()
        finally:
            os._exit(0)
    os.close(held)
    by_itself = bool(select.select([end], [], [], seconds)[0])
    if not by_itself:
        os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    os.close(end)
    return by_itself


def go_on(place: RunsDirectory, config: Config) -> None:
    """Train to the end: the run that is there, or a new one."""
    names = place.runs.names()
    train(place, Resume.of(place.runs.read(names[0]), {}) if names else config)


def facts(place: RunsDirectory) -> dict[str, object]:
    """What has to be the same of a run that was killed and of one that was not."""
    (name,) = place.runs.names()
    return facts_of(place, name)


def readable(place: RunsDirectory) -> bool:
    """Whether no file of a run is torn, as whoever comes after a kill finds them."""
    return all(not place.runs.summary(name).problem and place.runs.read(name) for name in place.runs.names())


def case(folder: Path, config: Config, kills: int, rng: random.Random) -> dict[str, object]:
    """Train undisturbed, then with kills; what came of it."""
    whole, torn = RunsDirectory(folder / "whole"), RunsDirectory(folder / "torn")
    start = monotonic()
    assert ended(lambda: go_on(whole, config), TIMEOUT)
    took = monotonic() - start
    expected, killed, same, sound = facts(whole), 0, True, True
    while killed < kills:
        if ended(lambda: go_on(torn, config), rng.uniform(0, 0.7 * took)):
            same &= facts(torn) == expected
            shutil.rmtree(torn.path)
            continue
        killed += 1
        sound &= readable(torn)
    assert ended(lambda: go_on(torn, config), TIMEOUT)
    same &= facts(torn) == expected
    (name,) = torn.runs.names()  # beside it may lie what was killed before it was ever saved
    left = [path.name for path in (torn.path / name).rglob(".*")]
    return {"killed": killed, "same": same, "sound": sound, "left": left, **facts(torn)}


def exporting(folder: Path, kills: int, rng: random.Random) -> dict[str, object]:
    """Kill while the files of a run are exported; whether a file was torn, and whether the next export has them all."""
    place = RunsDirectory(folder / "runs")
    assert ended(lambda: go_on(place, CONFIG), TIMEOUT)
    (name,) = place.runs.names()
    progress, out = place.runs.read(name).progress, folder / "out"
    start = monotonic()
    assert ended(lambda: export(ExportRequest(progress), out), TIMEOUT)
    took = monotonic() - start
    expected = sizes(out)
    shutil.rmtree(out)
    sound = True
    for _ in range(kills):
        ended(lambda: export(ExportRequest(progress), out), rng.uniform(0, took))
        sound &= sizes(out).items() <= expected.items()
    assert ended(lambda: export(ExportRequest(progress), out), TIMEOUT)
    return {"sound": sound, "whole": sizes(out) == expected}


def sizes(folder: Path) -> dict[str, int]:
    """The bytes of each file of an export; of those that hold times, which differ, the bytes of the last line alone."""
    found = {}
    for path in folder.glob("[!.]*"):
        timed = path.name in (CLASSICAL, REPORT_MARKDOWN, REPORT_HTML)
        found[path.name] = len(path.read_bytes().splitlines()[-1]) if timed else path.stat().st_size
    return found


def main(folder: Path, seed: int, kills: int, part: str) -> None:
    recorder.PERIOD, recorder.SHARE = 0.01, 1.0  # it writes all the time, so that many are killed in the middle of that
    rng = random.Random(seed)
    became: dict[str, object] = {}
    for number, values in enumerate(PARTS[part]):
        became[str(values)] = case(folder / str(number), read_data(CONFIG.with_values(**values)), kills, rng)
    if part == "exporting":
        became[part] = exporting(folder / "export", kills, rng)
    sys.stdout.write(json.dumps(became, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
