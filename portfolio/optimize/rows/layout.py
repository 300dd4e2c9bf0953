"""Where things stand in the model: which column is which proposal or reduction, and how money is scaled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Giving
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.policy.rules import Softenable


@dataclass
class Columns:
    """The columns beside the proposals, each added by the rule that needs it."""

    first: int
    value: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    integer: list[Bools] = field(default_factory=list)
    shortfalls: dict[str, int] = field(default_factory=dict)
    giving: list[Giving] = field(default_factory=list)
    chances: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    breaks: list[Floats] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many columns there are, proposals included."""
        return self.first + sum(len(part) for part in self.value)

    @property
    def highest(self) -> Floats:
        """(columns,) upper bounds; 1 for proposals and their reductions."""
        return np.concatenate([np.ones(self.first), *self.high])

    def add(
        self, count: int, *, value: float | Floats = 0.0, high: float | Floats = 1.0, integer: bool = False
    ) -> Integers:
        """Add columns from 0 to `high`; return their numbers."""
        start = self.count
        self.value.append(np.broadcast_to(np.asarray(value, dtype=float), (count,)))
        self.high.append(np.broadcast_to(np.asarray(high, dtype=float), (count,)))
        self.integer.append(np.full(count, integer))
        return np.arange(start, start + count)


@dataclass(frozen=True)
class Layout:
    """Columns of the model for an instance of n proposals.

    Attributes
    ----------
    proposals
        Position in the instance of each proposal column.
    column
        (n,) the column of each proposal, -1 for those that cannot be funded.
    reduced
        For each reduction that has a column, its number among those of the instance.
    owner
        The proposal column of each such reduction; the reductions stand behind the proposals, in this order.
    unit
        Minor units in one unit of money of the model.
    columns
        All further columns.
    """

    instance: Instance
    proposals: Integers
    column: Integers
    reduced: Integers
    owner: Integers
    unit: int
    columns: Columns

    @property
    def size(self) -> int:
        """How many columns are proposals."""
        return len(self.proposals)

    def money(self, minor: int | Fraction) -> float:
        """Scale a sum of money."""
        return float(Fraction(minor) / self.unit)

    @cached_property
    def amounts(self) -> Floats:
        """Largest award of each proposal column, scaled."""
        return self.instance.sizes.top[self.proposals] / self.unit

    def among(self, mask: Bools) -> Integers:
        """Return the columns of the proposals for which a mask over the instance is true."""
        return np.flatnonzero(mask[self.proposals])

    def awarded(self, row: Integers, column: Integers, weight: Floats) -> tuple[Integers, Integers, Floats]:
        """Return the entries of ``weight x award`` for some proposal columns: the largest less its reductions."""
        data = weight * self.amounts[column]
        if not len(self.owner):
            return row, column, data
        first = np.searchsorted(self.owner, column, side="left")
        count = np.searchsorted(self.owner, column, side="right") - first
        start = np.cumsum(count) - count
        which = np.repeat(first - start, count) + np.arange(int(count.sum()))
        less = -np.repeat(weight, count) * self.instance.sizes.money[self.reduced[which]] / self.unit
        return (
            np.concatenate([row, np.repeat(row, count)]),
            np.concatenate([column, self.size + which]),
            np.concatenate([data, less]),
        )

    def one_row(
        self,
        rules: tuple[str, ...],
        words: str,
        column: Integers,
        weight: Floats,
        *,
        low: float = -np.inf,
        high: float = np.inf,
        also: tuple[Integers, Floats] | None = None,
        name: str = "",
    ) -> Block:
        """Build a block of a single row over money awarded, and further columns with their coefficients."""
        row, column, data = self.awarded(np.zeros(len(column), dtype=np.int64), column, weight)
        if also is not None:
            column, data = np.concatenate([column, also[0]]), np.concatenate([data, also[1]])
            row = np.zeros(len(column), dtype=np.int64)
        return Block(rules, words, (name,), row, column, data, np.array([low]), np.array([high]))


def rows_per_group(
    layout: Layout,
    rule: str,
    words: str,
    of: Groups,
    coefficient: Floats | None,
    *,
    low: float = -np.inf,
    high: float = np.inf,
) -> Block:
    """Build one row per group: the money awarded to its members, or the sum of `coefficient` over the funded.

    Parameters
    ----------
    coefficient
        (proposal columns,) what each counts; None for the money awarded.
    """
    column = layout.column[of.member]
    open_ = column >= 0
    column, row = column[open_], of.group[open_]
    if coefficient is None:
        row, column, data = layout.awarded(row, column, np.ones(len(column)))
    else:
        data = coefficient[column]
    count = len(of.names)
    return Block((rule,), words, of.names, row, column, data, np.full(count, low), np.full(count, high))


@dataclass(frozen=True)
class Softness:
    """How the rows of a rule may give way.

    Attributes
    ----------
    price
        Value lost per unit of the row that is missed; 0 for a rule with a priority.
    priority
        The higher, the later it gives way; None for a price.
    size
        (rows,) what is looked at as the whole of each row, so that rules of one priority can be compared.
    """

    price: float
    priority: int | None
    size: Floats


def money_size(instance: Instance, bound: int | Fraction) -> float:
    """Return the money, in minor units, of which a miss is looked at as a share when rules give way."""
    return float(bound) if bound > 0 else float(max(1, instance.budget))


def money_softness(layout: Layout, rule: Softenable, bound: int | Fraction) -> Softness:
    """Return how a single row of money gives way, its bound in minor units."""
    price = (rule.price or 0.0) * layout.unit / 10 ** exponent(layout.instance.currency)
    size = money_size(layout.instance, bound) / layout.unit
    return Softness(price, rule.priority, np.full(1, size))


def give_way(
    layout: Layout, block: Block, soft: Softness, *, together: bool = False, at_most: float = np.inf
) -> Block:
    """Let each row of a block (or all by the same amount) be missed by a column that costs value or priority.

    Parameters
    ----------
    at_most
        How far a row may be missed at most.
    """
    count = 1 if together else len(block)
    reach = np.abs(block.data) * layout.columns.highest[block.column]
    most = np.bincount(block.row, reach, minlength=len(block)) + np.where(
        np.isfinite(block.low), np.abs(block.low), np.abs(block.high)
    )
    high = np.full(1, most.max(initial=1.0)) if together else np.minimum(most, at_most)
    columns = layout.columns.add(count, value=-soft.price, high=high)
    if soft.priority is not None:
        size = np.full(count, soft.size.max()) if together else soft.size
        layout.columns.giving.append(Giving(soft.priority, columns, 1.0 / size))
    rows = np.arange(len(block))
    return replace(
        block,
        row=np.concatenate([block.row, rows]),
        column=np.concatenate(
            [block.column, columns[np.zeros(len(block), dtype=int)] if together else columns]
        ),
        data=np.concatenate([block.data, np.where(np.isfinite(block.high), -1.0, 1.0)]),
    )
