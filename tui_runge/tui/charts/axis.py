"""Axes a person can read: limits and ticks at round numbers, as many as fit."""

import math
from dataclasses import dataclass

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """Limits in the units plotted (decades on a log axis) and the ticks to label, each a position and a text."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


def power(exponent: int) -> str:
    """A power of ten as text."""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def log_axis(low: float, high: float, most: int) -> Axis:
    """An axis of decades: `low` and `high` are log10 of the extremes, ticks stand at whole decades, at most `most`.

    The limits are whole decades, so that a minimum a little lower than the last moves nothing; at least one decade,
    so that a flat series has a place and a tick.
    """
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    first, last = math.floor(low), math.ceil(high)
    stride = max(1, math.ceil((last - first + 1) / max(2, most)))
    exponents = [exponent for exponent in range(first, last + 1) if exponent % stride == 0]
    return Axis(float(first), float(last), tuple((float(exponent), power(exponent)) for exponent in exponents))


def snug_log_axis(low: float, high: float, most: int) -> Axis:
    """An axis close around `low` and `high`, log10 of the extremes, with at most `most` ticks at round numbers.

    These are as fine as fits: at every digit, at 1, 2 and 5, or at the powers of ten.
    """
    room = max(0.05 * (high - low), 0.02)
    low, high = low - room, high + room
    exponents = range(math.floor(low), math.ceil(high) + 1)
    for digits in (range(1, 10), (1, 2, 5), (1,)):
        ticks = [(exponent + math.log10(digit), f"{digit}e{exponent}") for exponent in exponents for digit in digits]
        inside = tuple((at, text) for at, text in ticks if low <= at <= high)
        if len(inside) <= most:
            break
    else:
        inside = tuple(tick for tick in log_axis(low, high, most).ticks if low <= tick[0] <= high)
    if len(inside) < 2:
        inside = tuple((at, f"{10**at:.2e}") for at in (low + room, high - room))
    return Axis(low, high, inside)


def linear_axis(low: float, high: float, most: int, snug: bool = False) -> Axis:
    """An axis with at most `most` ticks at multiples of 1, 2 or 5 times a power of ten.

    The limits grow to the next tick, unless `snug`; where a single tick would be left then, which tells no scale, the
    multiples are of 8, 6, 4 or 3 times one.
    """
    low, high = _apart(low, high)
    if low < 0 < high:
        most = max(3, most)  # 0 and a tick on each side of it: no stride makes that fewer
    exponent = math.floor(math.log10((high - low) / most))
    for stride in (m * 10.0**e for e in (exponent, exponent + 1, exponent + 2) for m in (1, 2, 5)):
        first, last = _steps(low / stride, high / stride, snug)
        if last - first < most:
            break
    if snug and first == last:
        place = math.floor(math.log10(stride))
        for finer in (m * 10.0**e for e in (place, place - 1) for m in (8, 6, 4, 3)):
            start, end = _steps(low / finer, high / finer, snug)
            if finer < stride and 0 < end - start < most:
                stride, first, last = finer, start, end
                break
    ticks = tuple((step * stride, tick_label(step * stride, stride)) for step in range(first, last + 1))
    return Axis(low, high, ticks) if snug else Axis(first * stride, last * stride, ticks)


def _steps(low: float, high: float, snug: bool) -> tuple[int, int]:
    """The whole numbers just inside the limits when snug, just outside otherwise; rounding errors forgiven."""
    if snug:
        return math.ceil(low - 1e-9), math.floor(high + 1e-9)
    return math.floor(low + 1e-9), math.ceil(high - 1e-9)


def tick_label(value: float, stride: float) -> str:
    """A tick's value with the digits its distance to the next needs."""
    if value == 0:
        return "0"
    place = math.floor(math.log10(stride) + 1e-9)
    if abs(value) < 1e5 and place >= -3:
        return f"{value:.{max(0, -place)}f}"
    digits = max(0, math.floor(math.log10(abs(value))) - place)
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def _apart(low: float, high: float) -> tuple[float, float]:
    """Limits at least a little apart, so that a flat series lies in the middle."""
    if high - low > 1e-9 * max(1.0, abs(low), abs(high)):
        return low, high
    pad = 0.5 * max(abs(low), 1.0) * (1.0 if abs(low) < 1e6 else 1e-3)
    return low - pad, high + pad
