"""Which of two problems has the better portfolio, as far as it is proven."""

from __future__ import annotations

from portfolio.optimize import Portfolio

_ROUNDING = 1e-9


def verdict(other: Portfolio | None, portfolio: Portfolio) -> bool | None:
    """Tell whether the best portfolio of another problem is proven to be better, or to be worse; None if neither."""
    if other is None:
        return False
    mine, best = ([*goals_of(one), (one.value, one.bound)] for one in (other, portfolio))
    return {"better": True, "worse": False}.get(order_of(mine, best))


def goals_of(portfolio: Portfolio) -> list[tuple[float, float]]:
    """Return value and bound of each goal that comes before the value."""
    return [(goal.value, goal.bound) for goal in portfolio.goals]


def order_of(mine: list[tuple[float, float]], best: list[tuple[float, float]]) -> str:
    """Compare what is reached, the first difference deciding: ``better``, ``worse``, ``equal`` or ``unknown``."""
    for (value, bound), (least, most) in zip(mine, best, strict=True):
        slack = _ROUNDING * max(1.0, abs(least))
        if value > most + slack:
            return "better"
        if least > bound + slack:
            return "worse"
        if max(bound - value, most - least, abs(value - least)) > slack:
            return "unknown"
    return "equal"
