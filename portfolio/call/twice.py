"""Cells that a policy reads in another way than we do."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from portfolio.call.behind import Behind, column_behind
from portfolio.call.conditions import evaluated
from portfolio.call.headings import Headings
from portfolio.call.issues import lines_of
from portfolio.call.sql_tree import whole_as_days


def days_read_twice(
    first: pl.DataFrame,
    rows: pl.Series,
    context: pl.DataFrame,
    headings: Headings,
    behind: Behind,
    sql: str,
    key: str,
    expression: pl.Expr,
) -> Iterator[pl.DataFrame]:
    """Find the days, as the file was first read, that are other ones by the form that an expression names."""
    written = behind.as_written(expression, headings)
    for name, reading in whole_as_days(expression):
        column = column_behind(name, headings)
        if name not in written or column is None or context[name].dtype != pl.String:
            continue
        ours = first[column.name]
        # Most columns that are read by a form are days to nobody else.
        if ours.count():
            theirs = evaluated(context, reading, sql, key).cast(pl.Date)
            hint = f"read it once, as {column.name} in [derive], and use that from then on"
            what = f"is one day as we read it, and another one by the form in {key}"
            yield lines_of(ours != theirs, rows, column.name, context[name], what, hint)


def truths_turned(
    ours: pl.Series, theirs: pl.Series, rows: pl.Series, written: pl.Series
) -> tuple[pl.Series, pl.DataFrame]:
    """Find the cells that say yes or no as we read them, and something else, or nothing, as they are derived."""
    name = ours.name
    turned = ours.is_not_null() & ours.ne_missing(theirs)
    what = f"is true or false as we read it, and not the same by derive.{name}"
    hint = f"end the CASE with ELSE {name}; rename the column if its words mean something else than we read"
    return turned, lines_of(turned, rows, name, written, what, hint)
