"""Random keys and sizes in the real program: nothing fails, the trainer lives, and it quits.

MONKEY_KEYS sets the number of keys in place of the tests' own, MONKEY_SEED the first of them.
"""

import os
import random
import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.terminal import Terminal
from tui_runge.tui.keys import KEYS

SEQUENCES = {
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "shift+left": "\x1b[1;2D",
    "shift+right": "\x1b[1;2C",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "enter": "\r",
    "escape": "\x1b",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
# What ends the test early, stops the program or makes an epoch take seconds, and e, which has a number of its own.
# To the left, knobs are turned to what is cheap.
KEPT_OUT = {"q", "ctrl+z", "e", "p", "P", "L", "right", "N", "D"}
EXPORTS = 3
"""How often e is pressed: each export is a process that draws six figures."""
BATCH = 25
ESCAPE = "\x1b[27u"
"""Escape as it is sent by terminals that tell it from the beginning of a sequence: with r right behind it, too."""
OTHERS = ["z", ".", "é", "\x01", "\x1bOP", "\x7f", "\x1b[H", "\x1b[5~", "\x1b[D", "\x1b[D"]


def epoch(terminal: Terminal) -> str | None:
    found = re.search(r"epoch +([\d,]+) of", terminal.text)
    return found.group(1) if found else None


@pytest.mark.parametrize("number", [200, pytest.param(3000, marks=pytest.mark.slow)])
def test_any_keys_at_any_size(tmp_path: Path, number: int) -> None:
    rng = random.Random(int(os.environ.get("MONKEY_SEED", "1")))
    keys = [SEQUENCES.get(key.key, key.key) for key in KEYS if key.key not in KEPT_OUT] + OTHERS
    terminal = Terminal("--hidden", "8", "--train-points", "16", "--epochs", "100000000", cwd=tmp_path)
    terminal.until("● training")
    batches = int(os.environ.get("MONKEY_KEYS", number)) // BATCH
    exports = rng.sample(range(batches), min(EXPORTS, batches))
    for batch in range(batches):
        terminal.press(("e" if batch in exports else "") + "".join(rng.choices(keys, k=BATCH)))
        if rng.random() < 0.3:
            terminal.resize(rng.randint(20, 250), rng.randint(5, 70))
        assert terminal.read(0.05), terminal.text
    # Two sizes, the program given time for each: one that comes back before it looked would leave the picture torn.
    for size in ((100, 30), (120, 36)):
        terminal.resize(*size)
        for _ in range(8):
            terminal.press(ESCAPE)
            terminal.read(0.2)
    for key in ("r", "y", "r"):  # the keys may have left the layout that has no panel, or a run on its way to be opened
        terminal.press(key)
        with suppress(AssertionError):
            terminal.until("● training", 10)
        if "● training" in terminal.text:
            break
    terminal.until("● training")
    before = epoch(terminal)
    terminal.until(lambda _: epoch(terminal) not in (before, None))
    terminal.press("q")
    assert terminal.end() == 0
