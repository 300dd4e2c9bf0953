"""Proofs and prices in words that can be read out in a committee."""

from __future__ import annotations

import math

from portfolio.optimize import Portfolio, ReservePrice, Stop


def gap_in_words(portfolio: Portfolio) -> str:
    """Say how the solver stopped and how far from the best the portfolio can be at most."""
    value, bound = portfolio.value, portfolio.bound
    given = ", each round given the rounds before it" if portfolio.rounds else ""
    if portfolio.status is Stop.OPTIMAL:
        return f"Proven: no portfolio that keeps the rules is worth more than this one ({value:,.6g}){given}."
    if not math.isfinite(bound):
        return f"Stopped by the time limit at a value of {value:,.6g}; nothing is proven about better ones."
    above = f"at most {_percent(portfolio.gap)} above this one's {value:,.6g}"
    most = f"none is worth more than {bound:,.6g}, {above}{given}"
    if portfolio.status is Stop.GAP:
        return f"Proven within the gap asked for: {most}."
    return f"Stopped by the time limit before the gap asked for was proven: {most}."


def price_in_words(price: ReservePrice) -> str:
    """Say what a reserve costs: a figure if it is proven, otherwise the range in which it lies."""
    if price.low is None or price.high is None:
        return f"{_figure(price.found)} (found, not proven)"
    if price.exact:
        return _figure(price.found)
    return f"{_figure(price.low)} to {_figure(price.high)}"


def _figure(value: float) -> str:
    # Differences of sums carry rounding in their last digits, which is no price.
    return f"{round(value, 9) + 0.0:,.4g}"


def _percent(gap: float) -> str:
    return "an unknown share" if math.isinf(gap) else f"{100 * gap:.2g}%"
