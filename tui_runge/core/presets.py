"""Named starting points: the report's experiment, what it would try next, and the most precise that was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tui_runge.core.config import Config


@dataclass(frozen=True)
class Preset:
    """Values for some of `Config`'s fields, the rest at their defaults, and what to look for."""

    values: Mapping[str, Any]
    look_for: str

    def config(self, **values: Any) -> Config:
        """The configuration, other values given overriding; raises ValueError as `Config` does."""
        return Config(**{**self.values, **values})


def _preset(look_for: str, **values: Any) -> Preset:
    return Preset(MappingProxyType(values), look_for)


PRESETS = {
    "report": _preset("the report's experiment: the derivative is harder than the function"),
    "raise-derivative-weight": _preset(
        "does MSE(f') fall, and at what price in MSE(f)? Adam's last steps have a say", derivative_weight=10.0
    ),
    "more-points-near-the-ends": _preset("smaller errors where |x| is near 1", nodes="chebyshev"),
    "deeper": _preset("a third layer: lower losses for more time an epoch", hidden=(64, 64, 64)),
    "wider": _preset("twice the units: lower losses for more time an epoch", hidden=(128, 128)),
    "precise": _preset(
        "both errors at the limit of the arithmetic: axes down to 1e-20 and below",
        scaling="on",
        optimizer="lm",
        hidden=(20, 20),
        first_layer_scale=5.0,
        nodes="chebyshev",
        train_points=160,
        stages=2,
        epochs=3200,
    ),
    "measured": _preset(
        "for points with noise: those held out choose which epoch is handed in",
        optimizer="lm",
        hidden=(8, 8),
        derivative_weight=0.1,
        smoothing=3e-9,
        keep="best",
        epochs=50,
    ),
}
