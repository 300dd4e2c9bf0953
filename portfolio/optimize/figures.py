"""Numbers as people write them."""

from __future__ import annotations

import math

# What is a whole number but for this part of itself is one.
_LAST = 1e-12
# Large values are written as whole numbers, others in so many significant digits, none in more decimals than these.
_LARGE, _DIGITS, _DECIMALS = 10_000, 6, 9
# Chances below and above these are told from 0 and 1 in words.
_NEVER, _SURE = 1e-12, 0.9999


def figure(value: float, digits: int = _DIGITS) -> str:
    """Write a value: whole numbers with separators when it is large, so many significant digits when it is small."""
    # Differences of sums carry rounding in their last digits, which is no value.
    value = round(value, _DECIMALS) + 0.0
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:,.{digits}g}"


def written_off(value: float, digits: int = _DIGITS) -> float:
    """Return by how much a value that `figure` wrote as this one can differ from it."""
    if value == 0 or not math.isfinite(value):
        place = -math.inf
    else:
        place = 0.0 if abs(value) >= _LARGE else math.floor(math.log10(abs(value))) + 1 - digits
    return 0.5 * (math.pow(10, place) + math.pow(10, -_DECIMALS))


def at_most(value: float, digits: int = _DIGITS) -> str:
    """Write a value as `figure` does, but never below it: for what nothing exceeds."""
    if _LARGE <= abs(value) < math.inf:
        return f"{math.ceil(value - _LAST * abs(value)):,}"
    return figure(up_to(value, digits), digits)


def at_least(value: float, digits: int = _DIGITS) -> str:
    """Write a value as `figure` does, but never above it: for what is lost at least."""
    if _LARGE <= abs(value) < math.inf:
        return f"{math.floor(value + _LAST * abs(value)):,}"
    return figure(below_or_at(value, digits), digits)


def told_from(value: float, other: float, digits: int = 4) -> str:
    """Write a value in so many significant digits, or in as many more as keep it on its side of another."""
    return _told_from(value, (other,), digits)


def chance(value: float, digits: int = 3, *, beside: float = 0.0) -> str:
    """Write a probability as `told_from` does, told from 0, from 1, and from the one that it is compared with."""
    if 0 < value < _NEVER:
        return f"less than {_NEVER:g}"
    if _SURE < value < 1 and not _SURE < beside < 1:
        return f"more than {_SURE}"
    return _told_from(value, (0.0, 1.0, beside), digits)


def percent(share: float, decimals: int = 1) -> str:
    """Write a share as a percentage, never as all or nothing if it is not."""
    least = 10**-decimals
    if 0 < 100 * share < least / 2:
        return f"less than {least:g}%"
    return f"more than {100 - least:g}%" if 100 - least / 2 <= 100 * share < 100 else f"{share:.{decimals}%}"


def _told_from(value: float, others: tuple[float, ...], digits: int) -> str:
    texts = (f"{value:.{more}g}" for more in range(digits, 18))
    differing = [other for other in others if other != value]
    if not differing or len(differing) < len(others):
        # It is one of them, and nothing else may look like it.
        return f"{value:.15g}"
    return next(text for text in texts if all((float(text) - one) * (value - one) > 0 for one in differing))


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
