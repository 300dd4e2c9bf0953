"""A small call seen through a policy, in integers and fractions: who may get how much, and what that is worth."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

import portfolio as pf


def fraction(share: float | Decimal) -> Fraction:
    """Return the decimal number that was written: 0.1 is one tenth."""
    return Fraction(str(share))


def cents(money: float | Decimal) -> int:
    """Return an amount in minor units."""
    return round(100 * fraction(money))


class Facts:
    """Arrays with one entry per proposal; money in minor units."""

    def __init__(self, frame: pl.DataFrame, policy: pf.Policy) -> None:
        self.frame, self.policy = frame, policy
        self.ids = frame["id"].to_list()
        self.n = len(self.ids)
        self.cost = self.money("amount")
        self.merit = self.numbers("merit")
        self._years()
        self._worth()
        self._awards()
        self.open = self._may()
        self.locked = np.isin(self.ids, policy.must_fund)
        self.barred = np.isin(self.ids, policy.must_not_fund)
        self.pots: list[Any] = []

    def money(self, column: str) -> np.ndarray:
        return np.array([0 if a is None else cents(a) for a in self.frame[column]], dtype=np.int64)

    def numbers(self, column: str) -> np.ndarray:
        return np.array([np.nan if v is None else float(v) for v in self.frame[column]])

    def at(self, names: tuple[str, ...]) -> list[int]:
        return [self.ids.index(name) for name in names]

    def mask(self, column: str) -> np.ndarray:
        return np.array([flag is True for flag in self.frame[column]])

    def trait(self, name: str) -> np.ndarray:
        return self.mask(self.policy.traits[name])

    def groups(self, column: str) -> list[np.ndarray]:
        cells = [c if isinstance(c, list) else [c] for c in self.frame[column].to_list()]
        names = sorted({name for cell in cells for name in cell if name is not None})
        return [np.array([name in cell for cell in cells]) for name in names]

    def _years(self) -> None:
        policy = self.policy
        budgets = policy.budget if isinstance(policy.budget, tuple) else (policy.budget,)
        committed = policy.committed if isinstance(policy.committed, tuple) else (policy.committed,)
        if not any(committed):
            committed = (0,) * len(budgets)
        self.budgets = [cents(b) for b in budgets]
        self.committed = [cents(c) for c in committed]
        self.years = len(self.budgets)
        self.by_year = (
            [self.cost] if self.years == 1 else [self.money(f"amount_y{y + 1}") for y in range(self.years)]
        )
        self.left = [b - c for b, c in zip(self.budgets, self.committed, strict=True)]
        self.available = sum(self.left)

    def beyond(self, year: int) -> int | None:
        """Return the most by which the budget of a year may be exceeded; None if nothing limits it."""
        rule = self.policy.overspend
        if rule.max_amount is not None:
            return cents(rule.max_amount)
        return None if rule.max_share is None else int(fraction(rule.max_share) * self.budgets[year] // 1)

    def size_of_year(self, year: int) -> Fraction:
        """Return the money of a year with which a violation of its budget is compared."""
        return Fraction(self.left[year] if self.left[year] > 0 else self.available)

    def _worth(self) -> None:
        """Per stage of the objective what a whole award adds, and whether a proposal is worth anything."""
        objective = self.policy.objective
        size = {"per_award": 0.0, "per_money": 1.0}.get(objective.size, objective.size)
        sized = (self.cost / 100) ** size
        if not objective.criterion:
            gain = self.merit - objective.zero
            self.coefficients = [np.nan_to_num(gain * sized)]
            self.worthy = np.nan_to_num(gain, nan=-1.0) >= 0
            self.needs_merit = True
            return
        terms = [np.nan_to_num((self.numbers(c.column) - c.zero) / c.scale) for c in objective.criterion]
        if objective.order == "lexicographic":
            self.coefficients = [term * sized for term in terms]
            self.worthy = terms[0] >= 0
        else:
            gain = sum(c.weight * term for c, term in zip(objective.criterion, terms, strict=True))
            self.coefficients = [gain * sized]
            self.worthy = gain >= 0
        self.needs_merit = any(c.column == "merit" for c in objective.criterion)

    def _awards(self) -> None:
        """The least and the most that each may get, and the options of those that are not cut freely."""
        policy = self.policy
        never = [False] * self.n if policy.stable is None else self.mask(policy.stable.where)
        pool, cap = policy.exploratory, None
        self.explores = np.zeros(self.n, dtype=bool) if pool is None else self.mask(pool.where)
        if pool is not None and pool.max_award is not None:
            cap = cents(pool.max_award)
        self.cut = np.zeros(self.n, dtype=bool)
        self.least, self.most = self.cost.copy(), self.cost.copy()
        self.levels: list[dict[int, float]] = [{int(c): 1.0} for c in self.cost]
        for i in range(self.n):
            if policy.objective.partial == "levels" and not never[i]:
                for text in self.frame["levels"].to_list()[i] or ():
                    amount, share = text.split(":")
                    self.levels[i][cents(Decimal(amount.strip()))] = float(share)
            if policy.objective.partial is True and not never[i]:
                smallest = self.frame["min_amount"][i]
                if smallest is not None and cents(smallest) < self.cost[i]:
                    self.cut[i], self.least[i] = True, max(1, cents(smallest))
            if cap is not None and self.explores[i]:
                self.most[i] = min(self.most[i], cap)
                self.levels[i] = {a: share for a, share in self.levels[i].items() if a <= cap}
            if not self.cut[i]:
                self.least[i] = min(self.levels[i], default=self.most[i] + 1)

    def _may(self) -> np.ndarray:
        policy = self.policy
        eligible = self.least <= self.most
        if self.needs_merit:
            eligible &= ~np.isnan(self.merit)
        if policy.eligible:
            eligible &= self.mask(policy.eligible)
        self.eligible = eligible
        return eligible & (self.worthy | np.isin(self.ids, policy.must_fund))

    def choices(self, i: int, funded: list[Any]) -> list[Any]:
        """Return what can become of one proposal: nothing, unless it is locked in, or one of the ways to fund it."""
        rejected = [] if self.locked[i] else [0]
        return rejected + (funded if self.open[i] and not self.barred[i] else [])

    @property
    def payable(self) -> np.ndarray:
        """Whose least award fits into the money by itself."""
        carried = cents(self.policy.carry_over or 0)
        fits = [self.least <= self.available] if self.years == 1 else []
        for y in range(self.years if self.years > 1 else 0):
            room = self.left[y] + (carried if y else 0)
            fits.append(self.least * self.by_year[y] <= room * self.cost)
        return np.all(fits, axis=0)

    def share(self, i: int, amount: int) -> float:
        """Return the share of its value that an award of this size brings."""
        if amount == 0:
            return 0.0
        if self.policy.objective.partial is not True:
            return self.levels[i][amount]
        curve = ((0.0, 0.0), *(self.policy.objective.curve or ((1.0, 1.0),)))
        return float(np.interp(amount / self.cost[i], *zip(*curve, strict=True)))
