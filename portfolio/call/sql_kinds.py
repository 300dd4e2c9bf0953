"""Of which kind the values of an expression are, and which kinds are compared, joined and counted with.

The library that evaluates expressions takes all of them the same: a day counts as the days since 1970, the time
between two days as microseconds, true as 1, the years of `year = (2018 OR 2020)` as the bits that they have between
them. A policy that forgot the word DATE would be decided upon, and proven.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from portfolio.call.parse import could_be_numbers, undecided
from portfolio.call.words import is_missing, truth_of

COMPARED = frozenset({"Eq", "NotEq", "EqValidity", "NotEqValidity", "Lt", "LtEq", "Gt", "GtEq", "IsIn"})
JOINED = frozenset({"And", "Or", "Xor", "LogicalAnd", "LogicalOr"})
_ORDERED = frozenset({"Lt", "LtEq", "Gt", "GtEq"})
_LOOKS_LIKE_A_DAY = (
    r"^([0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{4})(\D.*)?$"
)
_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\D.*)?$"
LIST_HINT = "ARRAY_CONTAINS(tags, 'x') looks into a list"
_DAY_HINT = "write the day, DATE '2018-01-01', or take a part of it: YEAR(start) >= 2018"
_HINTS = {
    frozenset({"a day", "a number"}): _DAY_HINT,
    frozenset(
        {"a day", "a text"}
    ): "write DATE before the day, DATE '2018-01-31'; CAST(start AS DATE) reads texts such as 2018-01-31",
    frozenset(
        {"a time", "a number"}
    ): "write the time as such: start - DATE '2018-01-01' <= INTERVAL '3650 days'",
    frozenset({"a truth", "a text"}): (
        "what is true or false stands alone: organized, or NOT organized; "
        "other words of a column are read in [derive], under its own name"
    ),
    frozenset({"a truth", "a number"}): "compare once, and join by AND: 2 < merit AND merit < 4",
    frozenset({"a text", "a number"}): (
        "texts stand in single quotes; CAST(year AS INT) makes whole numbers, CAST(x AS DOUBLE) any"
    ),
}
_JOIN_HINT = (
    "CAST(amount AS DOUBLE) makes numbers of texts, TRY_CAST leaves empty what is none; || joins texts"
)
STEP_HINT = "write a time: start + INTERVAL '1 day'; from day to day it is DATE '2026-01-01' - start"
_MOST_PLACES = 38
_SCALED = {("a time", "a number"), ("a number", "a time")}
_SHARED = {("a time", "a number"), ("a time", "a time")}
# What is computed with beside numbers; the parser has two names for a product and for a quotient.
_MEANT: Mapping[str, Collection[tuple[str, str]]] = {
    "Plus": {("a day", "a time"), ("a time", "a day"), ("a time", "a time")},
    "Minus": {("a day", "a day"), ("a day", "a time"), ("a time", "a time")},
    "Mul": _SCALED,
    "Multiply": _SCALED,
    "Div": _SHARED,
    "TrueDivide": _SHARED,
}
MARK_HINT = 'set decimal_mark = "." or "," in the policy: 12.500 can be read as thousands or as decimals'


class UnfitError(Exception):
    """An expression that says what nobody means: what is wrong with it, what to do, and for which rows, if for some."""

    def __init__(self, what: str, hint: str, rows: pl.Series | None = None) -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint
        self.rows = rows


def kind(dtype: pl.DataType) -> str | None:
    """Return what kind of value a type holds; None if it holds nothing, or is of no use in a condition."""
    if dtype.is_numeric():
        return "a number"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "a text"
    if dtype in (pl.Date, pl.Datetime):
        return "a day"
    if dtype in (pl.Duration, pl.Time):
        return "a time"
    if isinstance(dtype, pl.List | pl.Array):
        return "a list"
    return "a truth" if dtype == pl.Boolean else None


def refuse_comparison(one: pl.Series, other: pl.Series, how: str, *, again: bool = False) -> None:
    """Raise `UnfitError` if two sides are of kinds that are not compared; `again` if one is a comparison itself."""
    listed = how == "IsIn" and isinstance(other.dtype, pl.List)
    kinds = [kind(one.dtype), kind(other.dtype.inner if listed else other.dtype)]  # type: ignore[attr-defined]
    if None in kinds:
        return
    if kinds == ["a text", "a text"] and how in _ORDERED:
        _refuse_days_as_texts(one, other)
    # Columns of 0 and 1 are ordinary: they may be equal to true and false, though not more or less.
    flags = set(kinds) == {"a truth", "a number"} and how not in _ORDERED and not again
    if kinds[0] == kinds[1] or flags:
        return
    both = sorted(map(str, kinds))
    hint = LIST_HINT if "a list" in both else _HINTS.get(frozenset(both), "compare what is of one kind")
    if both == ["a number", "a text"] and any(_lacks_mark(side) for side in (one, other)):
        hint = MARK_HINT
    raise UnfitError(f"compares {both[0]} with {both[1]}", hint)


def _lacks_mark(value: pl.Series) -> bool:
    """Whether the texts of a column (what is computed has no name) are numbers whose decimal mark nothing tells."""
    named = value.name != "" and kind(value.dtype) == "a text"
    return named and could_be_numbers(value) and undecided(value, None)


def _refuse_days_as_texts(one: pl.Series, other: pl.Series) -> None:
    """Refuse to order days that are written otherwise than 2018-01-31: as texts, 31.12.2017 is after 01.01.2018."""
    sides = (one, other)
    if not any(side.str.contains(_LOOKS_LIKE_A_DAY).any() for side in sides):
        return
    for side in sides:
        if not side.str.contains(_ISO_DAY).all():
            raise UnfitError(
                "compares days letter by letter, as texts",
                "STRPTIME(start, '%d.%m.%Y') >= DATE '2018-01-31' reads texts such as 31.01.2018",
            )


def refuse_arithmetic(how: str, one: pl.Series, other: pl.Series) -> None:
    """Raise `UnfitError` if two sides that are not both numbers are added, subtracted, multiplied or divided.

    Days are a time apart, and a time before or after one another; times are added, and taken several times.
    """
    kinds = (kind(one.dtype), kind(other.dtype))
    if None in kinds or kinds in _MEANT.get(how, ()):
        return
    both = sorted(map(str, set(kinds)))
    hint = _JOIN_HINT if "a text" in both else LIST_HINT if "a list" in both else STEP_HINT
    if "a text" in both and any(_lacks_mark(side) for side in (one, other)):
        hint = MARK_HINT
    raise UnfitError(f"computes with {' and '.join(both)}", hint)


def refuse_joining(values: Sequence[pl.Series]) -> None:
    """Raise `UnfitError` if AND, OR or NOT stands beside anything but truth values."""
    for value in values:
        found = kind(value.dtype)
        if found not in ("a truth", None):
            hint = "they join what is true or false: year = 2018 OR year = 2020, or year IN (2018, 2020)"
            raise UnfitError(f"joins {found} by AND, OR or NOT", comparison_for(value) or hint)


def named(column: str) -> str:
    """Write the name of a column as an expression takes it: in quotation marks unless it is a plain word."""
    try:
        plain = column.isidentifier() and pl.sql_expr(f"{column} = 1").meta.root_names() == [column]
    except pl.exceptions.PolarsError:
        plain = False
    doubled = column.replace('"', '""')
    return column if plain else f'"{doubled}"'


def comparison_for(value: pl.Series) -> str:
    """Return how a column that stands alone is compared, of whose cells only words for yes are told; else nothing."""
    if not value.name:
        return ""
    name = named(value.name)
    if kind(value.dtype) != "a text":
        flags = value.dtype.is_numeric() and set(value.drop_nulls()) <= {0, 1}
        return f"compare it: {name} = 1" if flags else ""
    cell = pl.col("cell")
    known = value.alias("cell").to_frame().filter(~is_missing(cell)).with_columns(says=truth_of(cell))
    if known.is_empty() or known["says"].has_nulls():
        return f"compare it: {name} = '...', with one of its words"
    words = known.filter("says")["cell"].unique().sort().to_list() or ["yes"]
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"compare it: {name} = {quoted}" if len(words) == 1 else f"compare it: {name} IN ({quoted})"


def refuse_choice(values: Sequence[pl.Series]) -> None:
    """Raise `UnfitError` if CASE, IF or COALESCE choose between kinds: a day would become the days since 1970."""
    found = sorted({kind(value.dtype) or "" for value in values} - {""})
    if len(found) > 1:
        hint = "what can be chosen is of one kind; a CASE without ELSE is empty"
        raise UnfitError(f"chooses between {found[0]} and {found[1]}", hint)


def refuse_gaps(values: Sequence[pl.Series]) -> None:
    """Raise `UnfitError` if GREATEST or LEAST meet an empty cell beside another.

    The standard, SQLite and MySQL say that nothing is the greatest then; PostgreSQL and SQL Server look at the others.
    """
    if not any(value.null_count() for value in values):
        return
    empty = [value.is_null() for value in values]
    if (reduce(or_, empty) & ~reduce(and_, empty)).any():
        raise UnfitError(
            "compares an empty cell by GREATEST or LEAST, which databases understand differently",
            "GREATEST(COALESCE(a, b), COALESCE(b, a)) leaves it out, GREATEST(COALESCE(a, 0), COALESCE(b, 0)) counts 0",
        )


def refuse_cast(value: pl.Series, to: pl.DataType) -> None:
    """Raise `UnfitError` if a day or a time becomes a number, or a number one of them."""
    kinds = {kind(value.dtype), kind(to)}
    if "a number" in kinds and kinds & {"a day", "a time"}:
        raise UnfitError(f"makes {kind(to)} of {kind(value.dtype)}", _DAY_HINT)


def refuse_text(value: pl.Series) -> None:
    """Raise `UnfitError` if what a function of texts is given is none."""
    found = kind(value.dtype)
    if found not in ("a text", None):
        what = f"takes {found} for a text" + (f": {value.name!r} is read as that" if value.name else "")
        make = f"CAST({value.name or 'x'} AS VARCHAR) makes a text of what is read"
        own = "leave a heading out of [columns] to read its texts yourself"
        raise UnfitError(what, LIST_HINT if found == "a list" else f"{own}; {make}")


def refuse_places(precision: int, scale: int) -> None:
    """Raise `UnfitError` if no decimal has so many places in all, and so many behind the point."""
    if not 1 <= max(scale, 1) <= precision <= _MOST_PLACES:
        raise UnfitError(
            "makes a DECIMAL of places that it cannot have",
            f"DECIMAL(10, 2) has 10 in all, and 2 of them behind the point; there are at most {_MOST_PLACES}",
        )


def refuse_counting(values: Sequence[pl.Series], result: pl.Series) -> None:
    """Raise `UnfitError` if a function took a day or a time for a number."""
    found = {kind(value.dtype) for value in values} & {"a day", "a time"}
    if found and kind(result.dtype) == "a number":
        raise UnfitError(f"computes with {sorted(map(str, found))[0]} as with a number", _DAY_HINT)


def unknown(node: Mapping[str, Any]) -> UnfitError:
    """Return what is wrong with what the parser names itself, or another version of it brings: nobody looks at it."""
    match node:
        case {"Alias": [_, "duration"]}:
            # A number beside a day that is written out is one of days.
            return UnfitError("computes with a day and a number", STEP_HINT)
        case {"Alias": [{"Literal": _}, _]}:
            return UnfitError("writes a list", LIST_HINT)
    return UnfitError("says something that no condition needs", "compare columns, and join by AND or OR")
