"""Numbers as people write them."""

from __future__ import annotations

import math

# What is a whole number but for this part of itself is one.
_LAST = 1e-12


def figure(value: float, digits: int = 6) -> str:
    """Write a value: whole numbers with separators when it is large, so many significant digits when it is small."""
    # Differences of sums carry rounding in their last digits, which is no value.
    value = round(value, 9) + 0.0
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.{digits}g}"


def at_most(value: float, digits: int = 6) -> str:
    """Write a value as `figure` does, but never below it: for what nothing exceeds."""
    if 10_000 <= abs(value) < math.inf:
        return f"{math.ceil(value - _LAST * abs(value)):,}"
    return figure(up_to(value, digits), digits)


def at_least(value: float, digits: int = 6) -> str:
    """Write a value as `figure` does, but never above it: for what is lost at least."""
    if 10_000 <= abs(value) < math.inf:
        return f"{math.floor(value + _LAST * abs(value)):,}"
    return figure(below_or_at(value, digits), digits)


def told_from(value: float, other: float, digits: int = 4) -> str:
    """Write a value in so many significant digits, or in as many more as keep it on its side of another."""
    if value == other:
        return f"{value:.15g}"
    texts = (f"{value:.{more}g}" for more in range(digits, 18))
    return next(text for text in texts if (float(text) - other) * (value - other) > 0)


def counted(number: int, one: str, many: str) -> str:
    """Write how many there are, with the words for one of them or for many."""
    return f"{number:,} {one if number == 1 else many}"


def percent_below(share: float) -> str:
    """Write a share as a percentage that is not above it, so that what is suggested can be followed."""
    return f"{math.floor(share * 1e4 + 1e-9) / 100:g}%"


def percent_above(share: float) -> str:
    """Write a share as a percentage that is not below it."""
    return f"{math.ceil(share * 1e3 - 1e-9) / 10:g}%"


def up_to(value: float, digits: int = 4) -> float:
    """Round to so many significant digits, never down."""
    return -below_or_at(-value, digits)


def below_or_at(value: float, digits: int = 4) -> float:
    """Round to so many significant digits, never up."""
    if not math.isfinite(value) or value == 0:
        return value
    places = digits - 1 - math.floor(math.log10(abs(value)))
    # What is a round number but for its last bits stays one.
    return math.floor(value * 10.0**places + 1e-6) / 10.0**places
