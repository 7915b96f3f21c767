"""A replay of a run: at which of its snapshots it stands, and what was read of it. Pure functions of a frozen value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


@dataclass(frozen=True)
class Replay:
    """Stands at one of the `epochs` of a run's snapshots, ascending; `then` is the latest that was read, if any."""

    run: str
    epochs: tuple[int, ...]
    epoch: int
    then: "Progress | None" = None

    @classmethod
    def last(cls, run: str, epochs: Sequence[int], now: int) -> Self | None:
        """A replay at the last snapshot before an epoch, if there is one."""
        past = tuple(epoch for epoch in epochs if epoch < now)
        return cls(run, past, past[-1]) if past else None

    @property
    def waits(self) -> bool:
        """Whether what it stands at has still to be read."""
        return self.then is None or self.then.epoch != self.epoch

    def moved(self, direction: int) -> Self | None:
        """A snapshot back (-1), the first at most, or forth (1), beyond the last to the present, which is None."""
        at = self.epochs.index(self.epoch) + direction
        return replace(self, epoch=self.epochs[max(0, at)]) if at < len(self.epochs) else None

    def read(self, then: "Progress") -> Self:
        """With what was read, though it may have moved on meanwhile."""
        return replace(self, then=then)

    def without(self, epoch: int) -> Self | None:
        """Without a snapshot that cannot be read: back at the latest that could be; the present where there is none."""
        left = tuple(each for each in self.epochs if each != epoch)
        if self.epoch != epoch:
            return replace(self, epochs=left)
        if self.then is None or self.then.epoch not in left:
            return None
        return replace(self, epochs=left, epoch=self.then.epoch)
