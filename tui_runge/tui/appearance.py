"""How the screen looks and is used: theme, letters, speed, mouse, keys, as the options and the terminal have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tui_runge.core.settings import Settings, locale_is_utf8
from tui_runge.tui.keys import KEYS, Key, remapped
from tui_runge.tui.themes import suitable_theme


@dataclass(frozen=True)
class Appearance:
    """`theme` and `refresh` are empty where the preferences choose; `fallback_theme` is for those that name none."""

    theme: str = ""
    fallback_theme: str = "dark"
    ascii: bool = False
    slow: bool = False
    mouse: bool = True
    refresh: str = ""
    keys: tuple[Key, ...] = KEYS

    @classmethod
    def of(cls, options: Settings, environment: Mapping[str, str], light: bool | None = None) -> Self:
        """What the options ask for, else what the terminal needs, whose background may be known to be light or not.

        Raises ValueError for keys that cannot be.
        """
        fallback = suitable_theme(environment, light)
        return cls(
            theme=fallback if options.theme == "auto" else options.theme or "",
            fallback_theme=fallback,
            ascii=not locale_is_utf8(environment) if options.ascii is None else options.ascii,
            slow="SSH_CONNECTION" in environment if options.slow is None else options.slow,
            mouse=options.mouse is not False,
            refresh=options.refresh or "",
            keys=remapped(options.keys),
        )
