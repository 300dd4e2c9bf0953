"""A call seen through a policy: arrays, one entry per proposal, in the canonical order of ids."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from portfolio.call.money import format_money
from portfolio.optimize.groups import Groups, groups
from portfolio.optimize.sizes import Sizes
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.scoring import Scores


@dataclass(frozen=True, eq=False)
class Counted:
    """The cells of a column in whole counts, so that they can be added exactly.

    Attributes
    ----------
    cells
        (n,) counts; 0 where a cell is empty.
    unit
        Counts in one unit of the column: minor units for money, millionths for other numbers.
    """

    cells: Integers
    unit: int

    @property
    def scale(self) -> float:
        """The power of ten that brings the largest cell to between 1 and 10."""
        return float(10 ** math.floor(math.log10(max(1, int(np.abs(self.cells).max(initial=1))))))


@dataclass(frozen=True, eq=False)
class Instance:
    """What the optimizer needs to know of n proposals, sorted by id.

    Attributes
    ----------
    ids
        n different names.
    amount
        (n,) request in minor units.
    by_year
        (n, years) request of each budgeted year in minor units; one column when there is only a total budget.
    sizes, freely
        How large awards may be, with the money that there is and with any.
    merit, value
        (n,) merit (NaN where unknown) and what an award of the whole request is worth.
    criteria
        (criteria, n) what it is worth by each criterion, where they are looked at one after the other; else empty.
    ineligible
        n reasons; empty for the eligible.
    open
        (n,) whether the optimizer may fund a proposal: eligible and worth something, or locked in.
    wanted
        (n,) whether it may be funded if there is money: eligible and worth something.
    unpayable
        (n, years) in which years the smallest award could not be paid even if nothing else were funded.
    traits
        Per trait of the policy, (n,) booleans.
    where
        Per index of a limit with a condition, (n,) booleans.
    sums
        Per index of a limit on a column, its cells.
    stable, pool
        (n,) who gets stable funding, and who competes for the exploratory pool alone.
    budgets, committed
        Money of each budgeted year, and how much of it is promised already, in minor units.
    beyond
        Most by which the budget of each year may be exceeded, in minor units; infinite if nothing limits it.
    carry
        Most that may be carried from one year to the next, in minor units.
    table
        n rows: columns of the call and of the scores, money in units of the currency; what is not known is null.
    known_groups
        Per column and size that were asked for, its larger groups; shared by all policies for one call.
    """

    currency: str
    ids: tuple[str, ...]
    amount: Integers
    by_year: Integers
    sizes: Sizes
    freely: Sizes
    merit: Floats
    value: Floats
    criteria: Floats
    ineligible: tuple[str, ...]
    open: Bools
    wanted: Bools
    unpayable: Bools
    traits: Mapping[str, Bools]
    where: Mapping[int, Bools]
    sums: Mapping[int, Counted]
    stable: Bools
    pool: Bools
    budgets: tuple[int, ...]
    committed: tuple[int, ...]
    beyond: tuple[float, ...]
    carry: int
    position: Mapping[str, int]
    table: pl.DataFrame
    scores: Scores
    known_groups: dict[tuple[str, int], Groups] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def eligible(self) -> Bools:
        """(n,) who is eligible."""
        return np.array([not reason for reason in self.ineligible], dtype=np.bool_)

    @cached_property
    def payable(self) -> Bools:
        """(n,) whether the smallest award could be paid if nothing else were funded."""
        payable: Bools = ~self.unpayable.any(axis=1)
        return payable

    @property
    def graded(self) -> bool:
        """Whether merits were made of grades, and so are on their scale."""
        return self.table["n_reviews"].null_count() < self.table.height

    @property
    def budget(self) -> int:
        """All the money that can be awarded, in minor units."""
        return sum(self.budgets) - sum(self.committed)

    @property
    def most(self) -> float:
        """All the money that may be spent, in minor units, what may be spent beyond the budget included."""
        return self.budget + sum(self.beyond)

    def money(self, minor: int) -> str:
        """Write a sum of money."""
        return format_money(minor, self.currency)

    def groups(self, column: str, beyond: int = 0) -> Groups:
        """Return the groups of more than so many that a column forms; they are looked at once."""
        key = (column, beyond)
        if key not in self.known_groups:
            self.known_groups[key] = groups(self.table, column, beyond)
        return self.known_groups[key]
