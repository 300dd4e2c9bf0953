"""SQL expressions over the columns of a table, with errors that name the nearest column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.columns import nearest_column
from portfolio.call.plain import plain_text, plain_texts
from portfolio.call.shares import without_shares
from portfolio.call.sql import objection
from portfolio.call.sql_kinds import UnfitError, comparison_for
from portfolio.call.sql_phrases import NO_LENGTH
from portfolio.call.sql_steps import Unread, in_steps
from portfolio.call.sql_tree import tree_of
from portfolio.errors import Issue, PolicyError

_NOTHING: Unread = MappingProxyType({})
_UNMAPPED: Mapping[str, str] = MappingProxyType({})
_SHOWN = 5
_QUOTES = "texts stand in single quotes, headings with spaces in double quotes: \"My field\" = '1.3'"


def parsed(sql: str, key: str, known: Iterable[str], mapped: Mapping[str, str] = _UNMAPPED) -> pl.Expr:
    """Parse an SQL expression and check that its columns exist; `mapped` are the headings of `[columns]`.

    Raises
    ------
    PolicyError
        Naming `key`, and the nearest column where one is unknown.
    """
    expression = expression_of(sql, key)
    names = expression.meta.root_names()
    columns = set(known)
    unknown = [name for name in names if name not in columns]
    if unknown:
        hint = nearest_column(unknown[0], columns, mapped)
        if f'"{unknown[0]}"' in sql and hint.startswith("known"):
            hint = _QUOTES
        raise _refused(sql, key, f"uses {unknown[0]!r}, which is not a column", hint)
    return expression


def expression_of(sql: str, key: str) -> pl.Expr:
    """Parse an SQL expression, if it is about columns and nothing else.

    Raises
    ------
    PolicyError
        Naming `key`.
    """
    # Composed, a letter may be another token.
    if (found := objection(sql) or objection(sql := plain_text(sql))) is not None:
        raise _refused(sql, key, *found)
    try:
        expression = pl.sql_expr(sql)
        expression.meta.root_names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        hint = NO_LENGTH if "interval" in str(error) else _QUOTES
        raise _refused(sql, key, f"is not an SQL expression: {_first(error)}", hint) from None
    if "Alias" in tree_of(expression):
        # The parser takes a word behind an expression for a name of its column.
        behind = expression.meta.output_name(raise_if_undetermined=False)
        raise _refused(sql, key, f"goes on after its end: {behind!r}", "join conditions by AND or OR")
    return expression


def evaluated(
    table: pl.DataFrame,
    expression: pl.Expr,
    sql: str,
    key: str,
    mark: Mark | None = None,
    unread: Unread = _NOTHING,
    rows: pl.Series | None = None,
) -> pl.Series:
    """Evaluate an expression on every row.

    Parameters
    ----------
    rows
        The rows as a spreadsheet counts them, to name some; None if nobody knows.
    mark
        The decimal mark of its texts; None if nothing tells it.
    unread
        By column, the cells that are taken for empty, though they tell what the others mean.

    Raises
    ------
    PolicyError
        If it cannot be evaluated on columns of these types, or compares values of different kinds.
    """
    # Of ids the call keeps blanks as they are.
    names = list(dict.fromkeys(expression.meta.root_names()))
    table = table.with_columns(without_shares(plain_texts(table[name])) for name in names)
    try:
        column = in_steps(expression, table, mark, unread)
    except UnfitError as wrong:
        raise _refused(sql, key, wrong.what + _of_rows(wrong.rows, rows), wrong.hint) from None
    except RecursionError:
        what, hint = "is nested too deep", "name the values in a list: id IN ('A', 'B', ...)"
        raise _refused(sql, key, what, hint) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        used = table.select(names)
        types = ", ".join(f"{name} is {_spoken(dtype)}" for name, dtype in used.schema.items())
        raise _refused(sql, key, f"cannot be evaluated: {_first(error)}", types or _QUOTES) from None
    column = column.alias(key)
    return column.new_from_index(0, table.height) if len(column) == 1 else column


def truth(
    table: pl.DataFrame,
    expression: pl.Expr,
    sql: str,
    key: str,
    mark: Mark | None = None,
    rows: pl.Series | None = None,
) -> pl.Series:
    """Evaluate a condition; where it is null it is false."""
    return condition(table, expression, sql, key, mark, rows=rows).fill_null(False)


def condition(
    table: pl.DataFrame,
    expression: pl.Expr,
    sql: str,
    key: str,
    mark: Mark | None = None,
    unread: Unread = _NOTHING,
    rows: pl.Series | None = None,
) -> pl.Series:
    """Evaluate a condition, which may be null."""
    column = evaluated(table, expression, sql, key, mark, unread, rows)
    if column.dtype not in (pl.Boolean, pl.Null):
        tree = tree_of(expression)
        hint = comparison_for(column.alias(tree["Column"])) if "Column" in tree else ""
        what = "is not a condition: it is not true or false"
        raise _refused(sql, key, what, hint or "compare it: year = 2019")
    return column.cast(pl.Boolean)


def _of_rows(wrong: pl.Series | None, rows: pl.Series | None) -> str:
    """Name the first of the rows that something is wrong with."""
    if wrong is None or rows is None or len(wrong) != len(rows):
        return ""
    found = rows.filter(wrong)
    shown = ", ".join(map(str, found.head(_SHOWN)))
    more = len(found) - _SHOWN
    return f" ({'row' if len(found) == 1 else 'rows'} {shown}{f' and {more:,} more' if more > 0 else ''})"


def _refused(sql: str, key: str, what: str, hint: str) -> PolicyError:
    return PolicyError([Issue(what, hint, column=key, value=_short(sql, 60))])


def _first(error: BaseException) -> str:
    """Return the first line of what polars says, without the cells that it quotes: they may be confidential."""
    return _short(str(error).split("\n", 1)[0].split(" values: [", 1)[0], 300)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _spoken(dtype: pl.DataType) -> str:
    if dtype == pl.String:
        return "text"
    return "a number" if dtype.is_numeric() else str(dtype).lower()
