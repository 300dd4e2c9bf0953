"""Where things stand in the model: which column is which proposal, and how money is scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl

from portfolio.optimize.instance import Bools, Floats, Instance, Integers
from portfolio.optimize.model import Block


@dataclass(frozen=True)
class Layout:
    """Columns of the model for an instance of n proposals.

    Attributes
    ----------
    proposals
        Position in the instance of each proposal column.
    column
        (n,) the column of each proposal, -1 for those that cannot be funded.
    shortfall
        Per reserve with a soft floor, its column.
    synergy
        Per index of a synergy link, its column.
    unit
        Minor units in one unit of money of the model.
    """

    instance: Instance
    proposals: Integers
    column: Integers
    shortfall: Mapping[str, int]
    synergy: Mapping[int, int]
    unit: int

    @property
    def size(self) -> int:
        """How many columns the model has."""
        return len(self.proposals) + len(self.shortfall) + len(self.synergy)

    def money(self, minor: int | Fraction) -> float:
        """Scale a sum of money."""
        return float(Fraction(minor) / self.unit)

    @property
    def amounts(self) -> Floats:
        """Request of each proposal column, scaled."""
        return self.instance.amount[self.proposals] / self.unit

    def among(self, mask: Bools) -> Integers:
        """Return the columns of the proposals for which a mask over the instance is true."""
        return np.flatnonzero(mask[self.proposals])


@dataclass(frozen=True)
class Groups:
    """Membership of proposals in the values of a column; in several for a column of lists.

    Attributes
    ----------
    names
        The values, sorted; null is no value.
    member, group
        Pairs: position of a proposal, index of a name.
    """

    names: Sequence[str]
    member: Integers
    group: Integers


def groups(table: pl.DataFrame, column: str) -> Groups:
    """Return the groups that a column forms."""
    pairs = table.select(name=pl.col(column)).with_row_index("member")
    if isinstance(pairs.schema["name"], pl.List):
        pairs = pairs.explode("name").unique()
    pairs = pairs.drop_nulls().with_columns(pl.col("name").cast(pl.String))
    names = pairs["name"].unique().sort()
    codes = pairs["name"].cast(pl.Enum(names)).to_physical().cast(pl.Int64)
    return Groups(names.to_list(), pairs["member"].cast(pl.Int64).to_numpy(), codes.to_numpy())


def rows_per_group(
    layout: Layout,
    rule: str,
    words: str,
    of: Groups,
    coefficient: Floats,
    *,
    low: float = -np.inf,
    high: float = np.inf,
) -> Block:
    """Build one row per group: the sum of `coefficient` (one number per column) over its members."""
    column = layout.column[of.member]
    open_ = column >= 0
    column, row = column[open_], of.group[open_]
    count = len(of.names)
    return Block(
        (rule,),
        words,
        of.names,
        row,
        column,
        coefficient[column],
        np.full(count, low, dtype=float),
        np.full(count, high, dtype=float),
    )
