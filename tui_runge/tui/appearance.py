"""What a start asks of the screen, whatever it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tui_runge.core.settings import Settings, locale_is_utf8
from tui_runge.tui.keys import KEYS, Key, remapped
from tui_runge.tui.themes import suited


@dataclass(frozen=True)
class Appearance:
    """`theme` and `refresh` are empty where the preferences choose them, `suited` where those do not either."""

    theme: str = ""
    suited: str = "dark"
    ascii: bool = False
    slow: bool = False
    refresh: str = ""
    keys: tuple[Key, ...] = KEYS

    @classmethod
    def of(cls, options: Settings, environment: Mapping[str, str], light: bool | None = None) -> Self:
        """What the options ask for, else what the terminal needs, whose background may be known to be light or not.

        Raises ValueError for keys that cannot be.
        """
        best = suited(environment, light)
        return cls(
            theme=best if options.theme == "auto" else options.theme or "",
            suited=best,
            ascii=not locale_is_utf8(environment) if options.ascii is None else options.ascii,
            slow="SSH_CONNECTION" in environment if options.slow is None else options.slow,
            refresh=options.refresh or "",
            keys=remapped(options.keys),
        )
