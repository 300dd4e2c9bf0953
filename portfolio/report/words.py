"""Proofs and prices in words that can be read out in a committee."""

from __future__ import annotations

import math

from portfolio.optimize import Price
from portfolio.optimize.figures import figure
from portfolio.optimize.words import gap_in_words, rules_in_words

__all__ = ["gap_in_words", "price_in_words", "rules_in_words"]


def price_in_words(price: Price) -> str:
    """Say what something costs: a figure if it is proven, otherwise the range in which it lies."""
    if price.found is None:
        return "no figure" if price.low is None else f"{figure(price.low, 4)} or more"
    if math.isinf(price.found):
        return "not possible otherwise"
    if price.low is None or price.high is None:
        return f"{figure(price.found, 4)} (found, not proven)"
    if price.exact:
        return figure(price.found, 4)
    return f"{figure(price.low, 4)} to {figure(price.high, 4)}"
