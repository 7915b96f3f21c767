"""The colours: a theme for a dark terminal and one for a light one, whose curves the colour-blind can tell apart.

The curves are of the palette by Okabe and Ito. Text contrasts with every background it stands on by 4.5 or more and
curves by 3 or more, as WCAG 2 (AA) asks; a test holds the rendered screen to it.
"""

from collections.abc import Mapping

from textual.theme import Theme


def _theme(name: str, dark: bool, colours: Mapping[str, str], texts: Mapping[str, str]) -> Theme:
    variables = {
        **texts,
        "curve-axis": texts["text-muted"],
        "curve-mark": texts["text-muted"],
        "block-cursor-background": texts["text-accent"],
        "block-cursor-foreground": colours["background"],
        "block-cursor-blurred-background": f"{colours['primary']}33",
        "footer-key-foreground": texts["text-accent"],
        "border": texts["text-primary"],
    }
    return Theme(name, dark=dark, variables=variables, **colours)  # type: ignore[arg-type]


DARK = _theme(
    "dark",
    True,
    {
        "primary": "#0072b2",
        "secondary": "#009e73",
        "accent": "#e69f00",
        "warning": "#f0e442",
        "error": "#d55e00",
        "success": "#009e73",
        "foreground": "#e4e4e4",
        "background": "#121212",
        "surface": "#1c1c1c",
        "panel": "#262626",
    },
    {
        "text": "#e4e4e4",
        "text-muted": "#a8a8a8",
        "text-disabled": "#8a8a8a",
        "text-primary": "#7cc4f0",
        "text-secondary": "#3fd0a4",
        "text-accent": "#f0b030",
        "text-warning": "#f0e442",
        "text-error": "#ff8a50",
        "text-success": "#3fd0a4",
        "curve-train": "#56b4e9",
        "curve-model": "#56b4e9",
        "curve-validation": "#e69f00",
        "curve-target": "#e69f00",
        "curve-points": "#3fd0a4",
        "curve-ghost": "#c27aa6",
        "curve-first": "#56b4e9",
        "curve-second": "#e69f00",
        "curve-third": "#3fd0a4",
        "curve-fourth": "#cc79a7",
        "curve-fifth": "#f0e442",
        "curve-sixth": "#bdbdbd",
    },
)
LIGHT = _theme(
    "light",
    False,
    {
        "primary": "#0072b2",
        "secondary": "#009e73",
        "accent": "#d55e00",
        "warning": "#e69f00",
        "error": "#d55e00",
        "success": "#009e73",
        "foreground": "#1c1c1c",
        "background": "#ffffff",
        "surface": "#f4f4f4",
        "panel": "#e8e8e8",
    },
    {
        "text": "#1c1c1c",
        "text-muted": "#555555",
        "text-disabled": "#666666",
        "text-primary": "#005a8e",
        "text-secondary": "#00664a",
        "text-accent": "#9a4400",
        "text-warning": "#7a5200",
        "text-error": "#a83200",
        "text-success": "#00664a",
        "curve-train": "#0072b2",
        "curve-model": "#0072b2",
        "curve-validation": "#d55e00",
        "curve-target": "#d55e00",
        "curve-points": "#00664a",
        "curve-ghost": "#a8517f",
        "curve-first": "#0072b2",
        "curve-second": "#d55e00",
        "curve-third": "#00664a",
        "curve-fourth": "#a8517f",
        "curve-fifth": "#7a5200",
        "curve-sixth": "#555555",
    },
)
THEMES = (DARK, LIGHT)


def suitable_theme(environment: Mapping[str, str], light: bool | None = None) -> str:
    """The name of the theme for a background that is light or not, where that is known; else as COLORFGBG has it."""
    if light is None:
        background = environment.get("COLORFGBG", "").rpartition(";")[2]
        # The colours of the old sixteen: 7 and from 9 on they are light.
        light = background.isdecimal() and int(background) in (7, *range(9, 16))
    return (LIGHT if light else DARK).name
