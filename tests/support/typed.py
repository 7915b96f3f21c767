"""A configuration from the texts that a person types."""

from collections.abc import Mapping

from tui_runge.core.config import HYPERPARAMETERS, Config


def config_from_text(texts: Mapping[str, str]) -> Config:
    """The configuration of texts by field name; raises ValueError as the constructor does."""
    return Config.from_json({name: HYPERPARAMETERS[name].kind.parse(name, text) for name, text in texts.items()})
