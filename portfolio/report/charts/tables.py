"""The tables that charts are made of: any data frame, or what the library returns, checked once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from portfolio.analysis.decided import checked_decisions
from portfolio.call.frames import to_polars
from portfolio.errors import DataError, Issue, nearest
from portfolio.optimize import Portfolio
from portfolio.optimize.vectors import Floats


def table_of(frame: Any, name: str, needed: Iterable[str]) -> pl.DataFrame:
    """Take any data frame, and see that it has the columns that are needed.

    Raises
    ------
    DataError
        If it is no data frame; with every column that is missing, and the nearest one that is there.
    """
    table = to_polars(frame, name)
    missing = [
        Issue("is missing", nearest(column, table.columns), file=name, column=column)
        for column in needed
        if column not in table.columns
    ]
    if missing:
        raise DataError(missing)
    return table


def decisions_of(decisions: Any, needed: Iterable[str]) -> pl.DataFrame:
    """Take a portfolio, or a table with one row per proposal as `Portfolio.to_frame` returns it.

    Raises
    ------
    DataError
        As for `table_of`, and if a decision is none of ``funded``, ``not_funded``, ``ineligible``.
    """
    if isinstance(decisions, Portfolio):
        found = decisions.to_frame()
        # What the scores know beyond the decision, such as the intervals of merit.
        scores = decisions.problem.instance.scores.known
        further = [column for column in scores.columns if column == "id" or column not in found.columns]
        return found.join(scores.select(further), on="id", how="left", maintain_order="left")
    return checked_decisions(table_of(decisions, "decisions", ()), ["id", "decision", *needed])


def records_of(rows: Any, name: str, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    """Take a data frame, or a sequence of mappings or frozen values, as rows.

    Raises
    ------
    DataError
        As for `table_of`.
    """
    if isinstance(rows, list | tuple):
        found = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else row for row in rows]
        lacking = sorted({field for row in found for field in needed if not _has(row, field)})
        if lacking:
            raise DataError(Issue("is missing", file=name, column=field) for field in lacking)
        return [dict(row) for row in found]
    return table_of(rows, name, needed).to_dicts()


def _has(row: Any, field: str) -> bool:
    return isinstance(row, Mapping) and field in row


def numbers(table: pl.DataFrame, column: str) -> Floats:
    """Return a column as (n,) floats, NaN where nothing is known.

    Raises
    ------
    DataError
        If it holds anything but numbers.
    """
    cells = table[column]
    # A column without any cell is read from a CSV as text.
    empty = cells.null_count() == len(cells)
    if not (empty or cells.dtype.is_numeric() or cells.dtype == pl.Boolean):
        what = f"holds {str(cells.dtype).lower()}, not numbers"
        raise DataError([Issue(what, "read the file with its types, or cast the column", column=column)])
    found: Floats = cells.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)


def decimal(value: Any) -> Decimal:
    """Take money as it comes (a decimal, an integer, a number of JSON) as an exact decimal."""
    return value if isinstance(value, Decimal) else Decimal(str(value))
