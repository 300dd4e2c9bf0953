"""A replacement in words: what stands worse after it than before it, and what is proven of the value lost."""

from __future__ import annotations

import math
from decimal import Decimal

from portfolio.analysis.declines.waiting import Replacement
from portfolio.optimize import GaveWay, Portfolio, Stop
from portfolio.optimize.figures import at_least, figure
from portfolio.optimize.words import as_well


def worse_in_words(portfolio: Portfolio, found: Replacement) -> list[str]:
    """Say which rules stand worse after a replacement than before it, and what becomes of reserves that fall short."""
    firm, before = {given.rule for given in found.broken}, {g.rule: g.size for g in portfolio.gave_way}
    words = [f"{given.rule} cannot hold: {_size(given)}" for given in found.broken]
    words += [
        f"{given.rule} gives way: {_size(given)}"
        for given in found.portfolio.gave_way
        if given.rule not in firm and given.size > before.get(given.rule, 0.0)
    ]
    reserves = zip(
        portfolio.problem.policy.reserve, portfolio.reserves, found.portfolio.reserves, strict=True
    )
    for reserve, was, now in reserves:
        short = now.required - now.delivered
        if reserve.shortfall != "fail" and short > max(was.required - was.delivered, Decimal(0)):
            becomes = {"release": "goes to the open competition", "hold": "is not spent"}[reserve.shortfall]
            words.append(f"{reserve.key} falls short by {short:,}, which {becomes}")
    return words


def lost_in_words(portfolio: Portfolio, found: Replacement) -> str:
    """Say what value a replacement loses, and what others who could enter would lose at least."""
    lost = f"Value lost: {figure(found.lost, 4)}."
    # A rule that might have broken, but holds, only says who could enter.
    first = as_well(found.portfolio) if portfolio.goals or not found.rules_hold else ""
    others = f"nobody else who could enter{first} would lose less"
    if found.status is Stop.OPTIMAL:
        return f"{lost} Proven: {others}."
    if not math.isfinite(found.lost_at_least):
        return f"{lost} Not proven the best ({found.status}): others may lose any less."
    return f"{lost} Not proven the best ({found.status}): {others} than {at_least(found.lost_at_least, 4)}."


def _size(given: GaveWay) -> str:
    names = f" ({', '.join(given.names[:3])}{', ...' if len(given.names) > 3 else ''})" if given.names else ""
    return f"missed by {given.size:,.10g}{names}"
