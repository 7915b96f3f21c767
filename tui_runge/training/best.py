"""The weights that a run hands in where it keeps the best."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from torch import Tensor

from tui_runge.training.objectives import LossTerms


class Best(NamedTuple):
    """The weights (p,) of a stage after `epoch` epochs, with the losses `terms` of the sum of all stages up to it."""

    epoch: int
    stage: int
    terms: LossTerms
    weights: Tensor

    def state_dict(self) -> dict[str, Any]:
        """What `from_state` needs; the names are those of the checkpoints' format."""
        return {**self._asdict(), "terms": tuple(self.terms)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The best that had a state."""
        return cls(state["epoch"], state["stage"], LossTerms(*state["terms"]), state["weights"].clone())
