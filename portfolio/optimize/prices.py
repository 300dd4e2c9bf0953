"""What each reserve costs: the value lost against the same problem without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portfolio.optimize.audit import broken_rules
from portfolio.optimize.portfolio import Portfolio


@dataclass(frozen=True)
class ReservePrice:
    """The price of one reserve, in value.

    Attributes
    ----------
    found
        Difference of the two values found.
    low, high
        The true price is proven to lie between them; None over and above, where nothing is proven across rounds.
    """

    trait: str
    found: float
    low: float | None
    high: float | None

    @property
    def exact(self) -> bool:
        """Whether the proven range is a single figure, for all that can be printed."""
        return (
            self.low is not None
            and self.high is not None
            and self.high - self.low <= 1e-6 * max(1.0, self.high)
        )


def price_reserves(
    portfolio: Portfolio, progress: Callable[[str], None] = lambda trait: None
) -> tuple[ReservePrice, ...]:
    """Solve the problem again without each reserve in turn.

    Parameters
    ----------
    portfolio
        The decision whose reserves are priced.
    progress
        Called with the name of each trait before its reserve is left out.
    """
    prices = []
    for reserve in portfolio.problem.policy.reserve:
        progress(reserve.trait)
        prices.append(_price(portfolio, reserve.trait))
    return tuple(prices)


def _price(portfolio: Portfolio, trait: str) -> ReservePrice:
    policy = portfolio.problem.policy
    others = tuple(reserve for reserve in policy.reserve if reserve.trait != trait)
    without = portfolio.problem.replace(reserve=others).solve()
    found = without.value - portfolio.value
    if portfolio.rounds:
        return ReservePrice(trait, found, None, None)
    low, high = without.value - portfolio.bound, without.bound - portfolio.value
    other, awards = without.problem, portfolio.solution.awards
    if not broken_rules(other.instance, other.policy, awards, without.solution.given):
        # The decision itself keeps the other rules, so without this one there is a portfolio at least as good.
        low, found = max(0.0, low), max(0.0, found)
    return ReservePrice(trait, found, low, max(low, high))
