"""How the numbers of a run are written, for a person and for a program."""

import math


def format_error(value: float, unknown: str = "–") -> str:
    """An error or a loss in four digits, such as 2.31e-08; `unknown` for one that is not finite."""
    return f"{value:.2e}" if math.isfinite(value) else unknown


def exact_number(value: float | None) -> str:
    """A number as it reads back exactly; empty where it is not known."""
    return "" if value is None or math.isnan(value) else repr(value)


def finite_or_none(value: float) -> float | None:
    """A number for JSON, which has null for one that is not finite."""
    return value if math.isfinite(value) else None


def format_duration(seconds: float) -> str:
    """Seconds as a person says them: 4.2 s, 3:07 or 1:02:09; a dash for what is not finite."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
