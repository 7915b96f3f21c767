"""What a run keeps when its configuration changes, in a branch or while it trains.

One rule: what was learnt of a loss lives exactly as long as that loss, its data and the method; the rest carries over.

| what                                               | lives as long as                                              |
| -------------------------------------------------- | ------------------------------------------------------------- |
| weights, scales of stages, history, epochs         | the run                                                       |
| an optimizer's steps and phase                     | the optimizer                                                 |
| its averages of gradients                          | the optimizer and the unit of its loss (`stages.loss_unit`)   |
| its damping or curvature, that it converged        | the optimizer and the training loss                           |
| the schedule's state                               | the schedule, the optimizer and the training loss             |
| the epochs that patience counts, the best of them  | the optimizer's settings, the training and validation losses  |
| the first loss, which an explosion is told by      | the training data                                             |
| the best weights, where they are handed in         | the data                                                      |

A loss is that of its data, of its weights and of a network's activation and floating-point type; so are losses that are
compared under whatever weights are present. Data drawn by the seed are others with another seed. An average of
gradients is no judgement of a loss: it forgets by itself, and the learning rate is a person's to turn, as are the
points of a step. A change of what has no effect, such as the noise on a function where data is fitted, is none.
"""

from typing import NamedTuple, Self

from tui_runge.core.config import HYPERPARAMETERS, Config

POINTS = "points"
"""Stands for measured points, and for what the seed draws of the data."""
DATA = {name for name, parameter in HYPERPARAMETERS.items() if parameter.group == "target and data"} | {POINTS}
BEST = DATA - {"evaluation_points"} | {"activation", "dtype"}
TRAINING_DATA = BEST - {"validation_points"}
TRAINING_LOSS = TRAINING_DATA | {"function_weight", "derivative_weight", "smoothing"}
METHOD = {"optimizer"}
SCHEDULE = TRAINING_LOSS | METHOD | {"schedule"}
PATIENCE = SCHEDULE | {"validation_points", "learning_rate", "batch_size"}


class Kept(NamedTuple):
    """Which parts of a run's state live on; in the order of the table above."""

    method: bool = True
    verdict: bool = True
    schedule: bool = True
    patience: bool = True
    first_loss: bool = True
    best: bool = True

    @classmethod
    def between(cls, before: Config, after: Config) -> Self:
        """What is kept of a run trained as `before` when it goes on as `after`."""
        acts = HYPERPARAMETERS.keys() - (before.idle.keys() & after.idle.keys())
        changed = {name for name in acts if getattr(before, name) != getattr(after, name)}
        if before.points != after.points or (before.seed != after.seed and _is_drawn(after)):
            changed.add(POINTS)
        lives_as_long_as = (METHOD, TRAINING_LOSS | METHOD, SCHEDULE, PATIENCE, TRAINING_DATA, BEST)
        return cls(*(changed.isdisjoint(names) for names in lives_as_long_as))


def _is_drawn(config: Config) -> bool:
    """Whether the seed has a part in the data: in what is held out of measured points, in noise or in nodes."""
    if config.data:
        return config.points is None or config.points.held_out is None
    return config.noise > 0 or config.nodes == "random"
