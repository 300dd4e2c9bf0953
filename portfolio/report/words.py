"""Proofs and prices in words that can be read out in a committee."""

from __future__ import annotations

import math

from portfolio.optimize import Portfolio, ReservePrice, Stop
from portfolio.optimize.figures import figure


def gap_in_words(portfolio: Portfolio) -> str:
    """Say how the solver stopped and how far from the best the portfolio can be at most."""
    value, bound = portfolio.value, portfolio.bound
    given = ", each round given the rounds before it" if portfolio.rounds else ""
    if portfolio.status is Stop.OPTIMAL:
        return (
            f"Proven: no portfolio that keeps the rules is worth more than this one ({figure(value)}){given}."
        )
    stopped = "Interrupted" if portfolio.status is Stop.INTERRUPTED else "Stopped by the time limit"
    if not math.isfinite(bound):
        return f"{stopped} at a value of {figure(value)}; nothing is proven about better ones."
    above = f"at most {_percent(portfolio.gap)} above this one's {figure(value)}"
    most = f"none is worth more than {figure(bound)}, {above}{given}"
    if portfolio.status is Stop.GAP:
        return f"Proven within the gap asked for: {most}."
    return f"{stopped} before the gap asked for was proven: {most}."


def price_in_words(price: ReservePrice) -> str:
    """Say what a reserve costs: a figure if it is proven, otherwise the range in which it lies."""
    if price.low is None or price.high is None:
        return f"{figure(price.found, 4)} (found, not proven)"
    if price.exact:
        return figure(price.found, 4)
    return f"{figure(price.low, 4)} to {figure(price.high, 4)}"


def _percent(gap: float) -> str:
    return "an unknown share" if math.isinf(gap) else f"{100 * gap:.2g}%"
