"""What a solve hands on: who is funded, what it is worth, and what was proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from portfolio.optimize.engine import Stop, relative_gap
from portfolio.optimize.instance import Bools, Floats


@dataclass(frozen=True)
class Round:
    """One round of an over-and-above decision: the open money, or one reserve.

    Attributes
    ----------
    pot, spent
        Money that the round may spend and has spent, in units of the currency.
    awards
        The proposals that it funded.
    """

    name: str
    pot: Decimal
    spent: Decimal
    value: float
    bound: float
    stop: Stop
    solver: str
    awards: tuple[str, ...]


@dataclass(frozen=True)
class Solution:
    """The chosen proposals with their proof.

    Attributes
    ----------
    chosen
        (n,) which proposals are funded.
    value, bound
        Sum of the values, and what no portfolio that keeps the rules exceeds. Over and above, the bound holds for
        each round given the rounds before it.
    shadow_prices
        Per rule of the policy, how much value one more minor unit of money (or one more award) in its bound
        brings, from the relaxation without whole numbers; negative for a floor. Empty when there is none.
    margins
        (n,) a proven lower bound on the value lost by changing the decision on each proposal; NaN where unknown.
    shortfall
        Minor units by which soft reserves together are missed; the least possible.
    """

    chosen: Bools
    value: float
    bound: float
    stop: Stop
    solver: str
    shadow_prices: Mapping[str, float]
    margins: Floats
    shortfall: Fraction = Fraction(0)
    rounds: tuple[Round, ...] = ()

    @property
    def gap(self) -> float:
        """How far the bound is above the value, relative to the value."""
        return relative_gap(self.value, self.bound)
