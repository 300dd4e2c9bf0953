"""What each reserve costs: the value lost against the same problem without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portfolio.optimize.audit import broken_rules
from portfolio.optimize.engine import Stop
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

    Returns
    -------
    tuple
        One price per reserve; after an interrupt, of those that were priced before it.
    """
    prices: list[ReservePrice] = []
    for reserve in portfolio.problem.policy.reserve:
        progress(reserve.trait)
        try:
            without = _without(portfolio, reserve.trait)
        except KeyboardInterrupt:
            break
        prices.append(_price(portfolio, without, reserve.trait))
        if without.status is Stop.INTERRUPTED:
            break
    return tuple(prices)


def _without(portfolio: Portfolio, trait: str) -> Portfolio:
    others = tuple(reserve for reserve in portfolio.problem.policy.reserve if reserve.trait != trait)
    return portfolio.problem.replace(reserve=others).solve()


def _price(portfolio: Portfolio, without: Portfolio, trait: str) -> ReservePrice:
    found = without.value - portfolio.value
    if portfolio.rounds:
        return ReservePrice(trait, found, None, None)
    low, high = without.value - portfolio.bound, without.bound - portfolio.value
    if not without.goals or _reaches(portfolio, without):
        # The decision itself keeps the other rules, so without this one there is a portfolio at least as good.
        low, found = max(0.0, low), max(0.0, found)
    return ReservePrice(trait, found, low, max(low, high))


def _reaches(portfolio: Portfolio, without: Portfolio) -> bool:
    """Tell whether a decision reaches the goals that come before the value in another problem."""
    other, awards = without.problem, portfolio.solution.awards
    return not broken_rules(other.instance, other.policy, awards, without.solution.given)
