"""Tables of decisions as people hand them over: the columns that are needed, and the words of a decision."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from portfolio.errors import DataError, Issue, nearest

WORDS = ("funded", "not_funded", "ineligible")


def checked_decisions(table: pl.DataFrame, needed: Iterable[str]) -> pl.DataFrame:
    """See that a table of decisions has the columns that are needed, and no decision but those of `Portfolio.to_frame`.

    Another word would count neither as an award nor as a refusal.

    Raises
    ------
    DataError
        With every column that is missing and the nearest one that is there; or with every word that is no decision
        and its rows.
    """
    missing = [
        Issue("is missing", nearest(column, table.columns), file="decisions", column=column)
        for column in needed
        if column not in table.columns
    ]
    if missing:
        raise DataError(missing)
    words = table["decision"].cast(pl.String).fill_null("")
    unknown = words.filter(~words.is_in(WORDS)).unique().sort().to_list()
    if unknown:
        raise DataError(
            Issue("is no decision", nearest(word, WORDS), file="decisions", column="decision", value=word)
            for word in unknown
        )
    return table
