"""What a solve hands on: who is funded, what it is worth, and what was proven."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Given
from portfolio.optimize.engine import Stop, relative_gap
from portfolio.optimize.vectors import Bools, Floats

# A row of a model, whatever the numbers in it: its rules, which of their blocks, and the name of the row.
RowKey: TypeAlias = tuple[tuple[str, ...], int, str]

# A goal is its bound but for this, which is rounding.
_SAME = 1e-9


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
class ReachedGoal:
    """A goal that came before the value, and what was proven about it.

    Attributes
    ----------
    value, bound
        The best that was found, and what nothing exceeds given the goals before it. For rules that give way they are
        negative: what is missed.
    delivered
        What the awards reach in the end.
    """

    name: str
    value: float
    bound: float
    delivered: float
    stop: Stop

    @property
    def proven(self) -> bool:
        """Whether nothing better than `value` can be reached, rather than none within the gap or the time."""
        same = math.isclose(self.value, self.bound, rel_tol=_SAME, abs_tol=_SAME)
        return self.stop is Stop.OPTIMAL or same


@dataclass(frozen=True, eq=False)
class Solution:
    """The awards with their proof.

    Attributes
    ----------
    awards
        Who is funded, and with how much.
    value, bound
        What the portfolio is worth, and what no portfolio that keeps the rules (and the goals before it) exceeds. Over
        and above, the bound holds for each round given the rounds before it.
    shadow_prices
        Per rule of the policy, how much value one more minor unit of money (or one more award) in its bound
        brings, from the relaxation without whole numbers; negative for a floor. Empty when there is none.
    margins
        (n,) a proven lower bound on the value lost by changing the decision on each proposal; NaN where unknown. With
        goals it holds among the portfolios that do as well in them: others may be worth more.
    given
        How far rules may give way; the least possible.
    prices
        The dual of each row that has one, from which a similar problem may start.
    """

    awards: Awards
    value: float
    bound: float
    stop: Stop
    solver: str
    shadow_prices: Mapping[str, float]
    margins: Floats
    given: Given = field(default_factory=Given)
    goals: tuple[ReachedGoal, ...] = ()
    rounds: tuple[Round, ...] = ()
    prices: Mapping[RowKey, float] = field(default_factory=dict)

    @property
    def chosen(self) -> Bools:
        """(n,) which proposals are funded."""
        return self.awards.funded

    @property
    def gap(self) -> float:
        """How far the bound is above the value, relative to the value."""
        return relative_gap(self.value, self.bound)
