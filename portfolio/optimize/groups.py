"""Proposals by the values of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from portfolio.call.shares import without_shares
from portfolio.optimize.names import Names
from portfolio.optimize.vectors import Integers


@dataclass(frozen=True, eq=False)
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


def groups(table: pl.DataFrame, column: str, beyond: int = 0) -> Groups:
    """Return the groups of more than so many that a column forms; a field is the same whatever its share."""
    pairs = without_shares(table[column]).alias("name").to_frame().with_row_index("member")
    if isinstance(pairs.schema["name"], pl.List):
        pairs = pairs.explode("name").unique(maintain_order=True)
    pairs = pairs.drop_nulls().with_columns(pl.col("name").cast(pl.String))
    if beyond:
        # Of 400,000 applicants few apply twice, and to count those is cheap.
        pairs = pairs.filter(pl.col("name").is_duplicated()).filter(pl.len().over("name") > beyond)
    names = pairs["name"].unique().sort()
    # A join is faster, and takes 50 MiB more for 400,000.
    group = names.search_sorted(pairs["name"])
    return Groups(Names(names), *(codes.cast(pl.Int32).to_numpy() for codes in (pairs["member"], group)))
