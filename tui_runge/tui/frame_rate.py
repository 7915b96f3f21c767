"""How often the screen draws: the time that takes is lost to training, since both need the interpreter's lock."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


@dataclass(frozen=True)
class Rates:
    """The part of its time that the screen may spend, and seconds from one frame to the next, at least and at most."""

    share: float
    fastest: float
    slowest: float


YOUNG = Rates(share=0.5, fastest=0.05, slowest=0.08)
"""For the first seconds of a run, so that it looks alive."""
NORMAL = Rates(share=0.05, fastest=0.25, slowest=0.45)
SLOW = Rates(share=0.1, fastest=2.5, slowest=2.5)
"""Over a slow line, where bytes count."""
FAST = Rates(share=0.3, fastest=0.1, slowest=0.25)
RATES = {"normal": NORMAL, "fast": FAST, "slow": SLOW}
"""The rates a person can choose; a run that is young is drawn faster at all of them but the slow one."""
YOUNG_SECONDS = 2.0
"""Seconds of training for which a run is young."""


def is_steady(progress: "Progress | None") -> bool:
    """Whether a run trains on and is no longer young."""
    return progress is not None and progress.status == "running" and progress.seconds >= YOUNG_SECONDS


class FrameRate:
    """Tells when to draw next from what the frames before have cost, at one of `RATES`; normal for an unknown name."""

    def __init__(self, name: str = "normal") -> None:
        self.name = name if name in RATES else "normal"
        self._spent = 0.0
        self._cost = 0.0

    def use_next(self) -> None:
        """Draw at the next of `RATES` from now on."""
        names = list(RATES)
        self.name = names[(names.index(self.name) + 1) % len(names)]

    def seconds_to_next(self, spent: float, trained: float) -> float:
        """Seconds from this frame to the next, in a run that has trained for some seconds.

        `spent` is all the time that the screen's thread has used so far, as a frame begins: what was used since the
        frame before is its whole cost, composing it and sending it to the terminal included.
        """
        self._cost += (spent - self._spent - self._cost) / 2
        self._spent = spent
        rates = YOUNG if trained < YOUNG_SECONDS and self.name != "slow" else RATES[self.name]
        return min(max(self._cost / rates.share, rates.fastest), rates.slowest)
