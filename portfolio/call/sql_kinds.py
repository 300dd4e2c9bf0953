"""What stands on the two sides of a comparison: a day is not compared with a number, nor a truth with a bound.

The library that evaluates expressions compares them all the same: a day counts as the days since 1970, the time
between two days as microseconds, true as 1. A policy that forgot the word DATE would be decided upon, and proven.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import polars as pl

_COMPARED = {"Eq", "NotEq", "EqValidity", "NotEqValidity", "Lt", "LtEq", "Gt", "GtEq"}
# Columns of 0 and 1 are ordinary: they may be equal to true and false, though not more or less.
_EQUAL = {"Eq", "NotEq", "EqValidity", "NotEqValidity", "IsIn"}
_HINTS = {
    frozenset(
        {"a day", "a number"}
    ): "write the day, DATE '2018-01-01', or take a part of it: YEAR(start) >= 2018",
    frozenset({"a day", "a text"}): "write DATE before the day: DATE '2018-01-31'",
    frozenset(
        {"a time", "a number"}
    ): "write the time as such: start - DATE '2018-01-01' <= INTERVAL '3650 days'",
    frozenset({"a truth", "a number"}): "compare once, and join by AND: 2 < merit AND merit < 4",
    frozenset({"a text", "a number"}): "texts stand in single quotes; CAST(year AS INT) makes a number",
}


def mismatch(expression: pl.Expr, schema: Mapping[str, pl.DataType]) -> tuple[str, str] | None:
    """Return what an expression compares that cannot be compared, and what to do; None if there is nothing.

    Raises
    ------
    RecursionError
        If the expression is nested too deep to be looked at.
    """
    table = pl.LazyFrame(schema=dict(schema))
    for one, other, how in _comparisons(json.loads(expression.meta.serialize(format="json"))):
        kinds = [_kind(table, one), _kind(table, other)]
        if None in kinds or kinds[0] == kinds[1]:
            continue
        if set(kinds) == {"a truth", "a number"} and how in _EQUAL:
            continue
        both = sorted(map(str, kinds))
        return f"compares {both[0]} with {both[1]}", _HINTS.get(
            frozenset(both), "compare what is of one kind"
        )
    return None


def _comparisons(tree: Any) -> Iterator[tuple[Any, Any, str]]:
    """Yield both sides of every comparison, and how they are compared."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            yield from _sides(node)
            # The values of a list of constants are bytes, and many.
            nodes += [part for key, part in node.items() if key != "Series"]


def _sides(node: Mapping[str, Any]) -> Iterator[tuple[Any, Any, str]]:
    match node:
        case {"BinaryExpr": {"left": left, "right": right, "op": str(how)}} if how in _COMPARED:
            yield left, right, how
        case {"Function": {"input": [left, right], "function": {"Sql": {"Binary": str(how)}}}} if (
            how in _COMPARED
        ):
            yield left, right, how
        case {
            "Function": {
                "input": [left, right, *_],
                "function": {"Sql": {"IsIn": _}} | {"Boolean": {"IsIn": _}},
            }
        }:
            yield left, right, "IsIn"


def _kind(table: pl.LazyFrame, node: Any) -> str | None:
    """Return what kind of value a part of an expression has; None if that is not known, or it is empty."""
    dtype: pl.DataType | None = None
    # What cannot be read alone is refused, if at all, when the whole is evaluated.
    with suppress(pl.exceptions.PolarsError, pl.exceptions.PanicException, RecursionError):
        part = pl.Expr.deserialize(json.dumps(node).encode(), format="json")
        dtype = table.select(part.alias("part")).collect_schema()["part"]
    while isinstance(dtype, pl.List | pl.Array):
        dtype = dtype.inner  # type: ignore[assignment]
    return None if dtype is None else _spoken(dtype)


def _spoken(dtype: pl.DataType) -> str | None:
    if dtype.is_numeric():
        return "a number"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "a text"
    if dtype in (pl.Date, pl.Datetime):
        return "a day"
    if dtype in (pl.Duration, pl.Time):
        return "a time"
    return "a truth" if dtype == pl.Boolean else None
