"""Balance against demand: who asked for the money and who gets it, by paradigm, field, region and so on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from portfolio.analysis import balance
from portfolio.report.charts import plot_balance
from portfolio.report.html.amounts import Amounts, percent
from portfolio.report.html.drawings import Drawing

# Column of decisions.csv, and what it is called; the career stage is made of early_career.
_COLUMNS = {
    "paradigm": "Paradigm",
    "field": "Field",
    "region": "Region",
    "institution": "Institution",
    "career stage": "Career stage",
    "scheme": "Scheme",
    "research_type": "Type of research",
}
_STAGES = {True: "early career", False: "established"}
_NO_AWARD = "without an award"
_TOGETHER = "without an award, or few without"
# Of fewer that were not funded, sums tell about single ones: what two ask for is no secret to either of them.
_LEAST = 3


@dataclass(frozen=True)
class Balance:
    """The groups of one column: chart, and rows of group, proposals, requested, awards, awarded and both shares."""

    heading: str
    chart: Drawing
    rows: tuple[tuple[str, ...], ...]


def balances_of(decisions: pl.DataFrame, amounts: Amounts, *, anonymous: bool) -> Iterator[Balance]:
    """Yield the balance of each column that forms groups.

    Parameters
    ----------
    decisions
        The table of the decision.
    amounts
        Writes its sums.
    anonymous
        Whether groups without an award are one, and those in which one or two were not funded, for their names or
        their sums may be those of a single proposal. Where that would still leave fewer than three, the column is
        left out.
    """
    stage = pl.col("early_career").replace_strict(_STAGES, default=None, return_dtype=pl.String)
    known = decisions.with_columns(stage.alias("career stage")) if _boolean(decisions) else decisions
    for name, heading in _COLUMNS.items():
        # A trait may have the name of a column, which then says who has the trait.
        if name not in known.columns or known[name].dtype != pl.String or not known[name].count():
            continue
        named = known.select("decision", "amount_requested", "amount_awarded", name)
        if anonymous:
            hidden = _unnamed(named, name)
            if hidden is None:
                continue
            named = hidden
        cells = named[name].drop_nulls()
        if cells.n_unique() == cells.len():
            continue  # No two proposals share a value, so that there is no group.
        table = balance(named.rename({name: heading}), heading)
        yield Balance(heading, Drawing.of(plot_balance(table)), tuple(_rows(table, amounts)))


def _unnamed(table: pl.DataFrame, name: str) -> pl.DataFrame | None:
    """Put groups together that would tell who was not funded, or how much that proposal asked for.

    What a group asks for less what it is awarded is the request of the only one that was not funded. Demand is that
    of the eligible.
    """
    funded, lost = pl.col("decision") == "funded", pl.col("decision") == "not_funded"
    groups = table.drop_nulls(name).group_by(name).agg(won=funded.sum(), lost=lost.sum())
    none = groups.filter(won=0)
    few = groups.filter(pl.col("won") > 0, pl.col("lost").is_between(1, _LEAST - 1))
    together = pl.concat([none, few]) if few.height else none
    if few.height and together["lost"].sum() < _LEAST:
        return None
    word = _TOGETHER if few.height else _NO_AWARD
    hidden = pl.col(name).is_in(together[name].implode())
    return table.with_columns(pl.when(hidden).then(pl.lit(word)).otherwise(pl.col(name)).alias(name))


def _boolean(decisions: pl.DataFrame) -> bool:
    return decisions["early_career"].dtype == pl.Boolean and decisions["early_career"].count() > 0


def _rows(table: pl.DataFrame, amounts: Amounts) -> Iterator[tuple[str, ...]]:
    for row in table.iter_rows(named=True):
        shares = (row["share_of_demand"], row["share_of_awards"])
        yield (
            row["group"],
            f"{row['proposals']:,}",
            amounts(row["requested"]),
            f"{row['awards']:,}",
            amounts(row["awarded"]),
            *("" if share is None else percent(share, 1) for share in shares),
        )
