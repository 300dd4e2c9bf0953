"""Numbers as people write them."""

from __future__ import annotations

import math


def figure(value: float, digits: int = 6) -> str:
    """Write a value: whole numbers with separators when it is large, so many significant digits when it is small."""
    # Differences of sums carry rounding in their last digits, which is no value.
    value = round(value, 9) + 0.0
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.{digits}g}"


def percent_below(share: float) -> str:
    """Write a share as a percentage that is not above it, so that what is suggested can be followed."""
    return f"{math.floor(share * 1e4 + 1e-9) / 100:g}%"
