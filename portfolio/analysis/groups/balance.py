"""The balance of a decision: each group's share of what was asked for and of what was awarded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from portfolio.analysis.decided import checked_decisions
from portfolio.analysis.groups.grouping import Grouping, columns_in, gathered, grouping, groupings
from portfolio.call.frames import to_polars
from portfolio.optimize import Portfolio

_NEEDED = ("decision", "amount_requested", "amount_awarded")
# No currency has coins smaller than a thousandth.
_MONEY = pl.Decimal(38, 3)


def balance(decisions: Any, by: str | Sequence[str], *, most: int = 12) -> pl.DataFrame:
    """Return each group's share of the money asked for and of the money awarded.

    Parameters
    ----------
    decisions
        A `Portfolio`; then `by` is a column of the call or of the scores, or a trait. Or a table with one row per
        proposal and the columns decision, amount_requested, amount_awarded and `by`.
    by
        The column that forms the groups, or several, one below the other; missing values are a group. In a column of
        lists each tag is one, and shares add up to more than 1.
    most
        At most so many groups of a column, those that ask for most; the others are one group, ``other (k groups)``.

    Returns
    -------
    polars.DataFrame
        One row per group, those that ask for most first, then the missing and the others: column, group, kind
        (``group``, ``missing`` or ``merged``), proposals, requested, awards, awarded (money, added exactly),
        share_of_demand and share_of_awards (of all the money; null where there is none). Demand is that of the
        eligible proposals, as in `fairness`.

    Raises
    ------
    DataError
        If a column is missing or forms no groups, or a decision is none of ``funded``, ``not_funded``, ``ineligible``.
    ValueError
        If no column is named, or `most` is below 1.
    """
    if most < 1:
        raise ValueError("most must be at least 1")
    columns = columns_in(by)
    if isinstance(decisions, Portfolio):
        table = decisions.to_frame()
        found = groupings(decisions.problem, columns)
    else:
        table = checked_decisions(to_polars(decisions, "decisions"), [*_NEEDED, *columns])
        found = [grouping(table, column) for column in columns]
    facts = _facts(table)
    return pl.concat(
        _shares(gathered(groups, _sums(groups, facts)["requested"].to_list(), most), facts)
        for groups in found
    )


def _facts(table: pl.DataFrame) -> pl.DataFrame:
    """Return what is added up, one row per proposal; the ineligible are no part of demand."""
    decision = pl.col("decision").cast(pl.String)
    requested, awarded = (pl.col(name).cast(_MONEY).fill_null(0) for name in _NEEDED[1:])
    eligible = (decision != "ineligible").cast(pl.Int64)
    return table.select(
        proposals=eligible,
        requested=pl.when(eligible == 1).then(requested).otherwise(pl.lit(0, _MONEY)),
        awards=(decision == "funded").cast(pl.Int64),
        awarded=awarded,
    )


def _sums(groups: Grouping, facts: pl.DataFrame) -> pl.DataFrame:
    """Add the facts of the members of each group up, exactly; one row per group, in their order."""
    members = facts[groups.member].with_columns(group=pl.Series(groups.group, dtype=pl.Int64))
    order = pl.DataFrame({"group": np.arange(len(groups.names), dtype=np.int64)})
    sums = members.group_by("group").sum()
    return order.join(sums, on="group", how="left", maintain_order="left").drop("group").fill_null(0)


def _shares(groups: Grouping, facts: pl.DataFrame) -> pl.DataFrame:
    sums, whole = _sums(groups, facts), facts.sum().row(0, named=True)
    labels = {"column": [groups.column] * len(groups.names), "group": groups.names, "kind": groups.kinds}
    shares = {
        share: [float(part / whole[money]) if whole[money] else None for part in sums[money].to_list()]
        for share, money in (("share_of_demand", "requested"), ("share_of_awards", "awarded"))
    }
    return pl.DataFrame(labels, schema=dict.fromkeys(labels, pl.String)).with_columns(
        *sums, *(pl.Series(name, cells, pl.Float64) for name, cells in shares.items())
    )
