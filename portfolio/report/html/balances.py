"""Balance against demand: who asked for the money and who gets it, by paradigm, field, region and so on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis import balance
from portfolio.optimize.vectors import Bools
from portfolio.report.charts import plot_balance
from portfolio.report.html.amounts import Amounts, percent
from portfolio.report.html.drawings import Drawing
from portfolio.report.html.withheld import LEAST, Sums

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


@dataclass(frozen=True)
class Balance:
    """The groups of one column: chart, and rows of group, proposals, requested, awards, awarded and both shares.

    There are none where they would tell, exactly or nearly, what proposals ask for that were not funded.
    """

    heading: str
    chart: Drawing | None
    rows: tuple[tuple[str, ...], ...]


def balances_of(decisions: pl.DataFrame, amounts: Amounts, told: Sums | None = None) -> Iterator[Balance]:
    """Yield the balance of each column that forms groups.

    Parameters
    ----------
    decisions
        The table of the decision.
    amounts
        Writes its sums.
    told
        For publication: what else is told of requests. Then groups without an award are one, and so are those in which
        one or two were not funded, for their names or their sums may be those of a single proposal. Where sums of
        fewer than three would still follow, from that and the tables before it too, the column is left out.
    """
    stage = pl.col("early_career").replace_strict(_STAGES, default=None, return_dtype=pl.String)
    known = decisions.with_columns(stage.alias("career stage")) if _boolean(decisions) else decisions
    for name, heading in _COLUMNS.items():
        # A trait may have the name of a column, which then says who has the trait.
        if name not in known.columns or known[name].dtype != pl.String or not known[name].count():
            continue
        named = known.select("decision", "amount_requested", "amount_awarded", name)
        if told is not None:
            named = _unnamed(named, name)
        cells = named[name].drop_nulls()
        if cells.n_unique() == cells.len():
            continue  # No two proposals share a value, so that there is no group.
        table = balance(named.rename({name: heading}), heading)
        if told is not None:
            more = told.plus(_rejected(table, named.filter(decision="not_funded")[name]))
            if more.tell:
                yield Balance(heading, None, ())
                continue
            told = more
        yield Balance(heading, Drawing.of(plot_balance(table)), tuple(_rows(table, amounts)))


def _unnamed(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Put groups together that would tell who was not funded, or how much one or two of them asked for.

    What a group asks for less what it is awarded is the request of the only one that was not funded. Demand is that
    of the eligible.
    """
    won, lost = ((pl.col("decision") == word).sum().over(name) for word in ("funded", "not_funded"))
    none = (won == 0) & pl.col(name).is_not_null()
    few = ~none & lost.is_between(1, LEAST - 1)
    word = _TOGETHER if table.select(few.any()).item() else _NO_AWARD
    return table.with_columns(pl.when(none | few).then(pl.lit(word)).otherwise(pl.col(name)).alias(name))


def _rejected(table: pl.DataFrame, cells: pl.Series) -> Bools:
    """Return (groups, proposals) whose requests each row of a balance adds up, of those that were not funded."""
    own = table.filter(kind="group")["group"]
    found = []
    for group, kind in table.select("group", "kind").iter_rows():
        match kind:
            case "group":
                found.append((cells == group).fill_null(False))
            case "missing":
                found.append(cells.is_null())
            case _:
                found.append(~cells.is_in(own.implode()).fill_null(True))
    return np.array([mask.to_numpy() for mask in found], dtype=bool)


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
