"""The random numbers of a run, one stream of its seed for each use, so that none depends on how many others were drawn.

They come from the generator's own integers, which NumPy promises to keep: a run resumes under another version of it
with the same split and noise.
"""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Use = Literal["split", "noise", "nodes", "batches"]
STREAMS: dict[Use, int] = {"split": 1, "noise": 2, "nodes": 3, "batches": 4}


def random_words(seed: int, use: Use, count: int, *more: int) -> "NDArray[np.uint64]":
    """`count` random integers of 64 bits from a seed's stream for a use, and for `more` such as an epoch."""
    import numpy as np

    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(STREAMS[use], *more))).random_raw(count)


def uniform_numbers(seed: int, use: Use, count: int) -> "NDArray[np.float64]":
    """`count` random numbers in (0, 1)."""
    import numpy as np

    return ((random_words(seed, use, count) >> 11).astype(np.float64) + 0.5) * 2.0**-53


def normal_numbers(seed: int, use: Use, count: int) -> "NDArray[np.float64]":
    """`count` random numbers of the standard normal distribution (Box & Muller, 1958); more begin with the same."""
    import numpy as np

    radius, angle = uniform_numbers(seed, use, 2 * count).reshape(count, 2).T
    normal: NDArray[np.float64] = np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle)
    return normal
