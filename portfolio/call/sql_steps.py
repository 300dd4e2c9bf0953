"""An expression, evaluated step by step: each part on columns whose types are known, with our arithmetic.

The library parses SQL and knows its functions; what it does with numbers and kinds of values is left to
`sql_numbers` and `sql_kinds`. So every step is looked at before it is done, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import polars as pl

from portfolio.call.amounts import Mark
from portfolio.call.sql_calls import BEFORE_THE_FIRST
from portfolio.call.sql_days import AN_ISO_DAY, day, refuse_unread, with_days_of_workbooks
from portfolio.call.sql_kinds import (
    COMPARED,
    JOINED,
    UnfitError,
    comparison_for,
    refuse_arithmetic,
    refuse_cast,
    refuse_choice,
    refuse_comparison,
    refuse_counting,
    refuse_gaps,
    refuse_joining,
    refuse_places,
    refuse_text,
    unknown,
)
from portfolio.call.sql_marks import plain_numbers, refuse_no_numbers, writes_points
from portfolio.call.sql_numbers import (
    ARITHMETIC,
    absolute,
    arithmetic,
    comparable,
    is_counted,
    rounded,
    settled,
    significant,
    widened,
)
from portfolio.call.sql_parts import Part, changed, of_one_length, run
from portfolio.call.sql_tree import (
    LEFT_OUT,
    Node,
    constant_of,
    joins_texts,
    parents_first,
    passed_on,
    places,
    tree_of,
)
from portfolio.call.sql_words import (
    chosen,
    empty_where_any_is,
    in_form,
    place_in,
    refuse_strangers,
    spelled,
    words_of,
)

Unread: TypeAlias = Mapping[str, pl.Series]
# How the parser takes decades and seconds out of a day.
_DECADES = "RustDivide"


def in_steps(expression: pl.Expr, table: pl.DataFrame, mark: Mark | None, unread: Unread) -> pl.Series:
    """Return what an expression says of every row, or one value if it does not look at the rows.

    Parameters
    ----------
    mark
        The decimal mark of numbers in texts; None if nothing tells it.
    unread
        By column, the cells that are taken for empty.

    Raises
    ------
    UnfitError
        If it compares, joins or counts what is not of one kind.
    RecursionError
        If it is nested too deep to be looked at.
    PolarsError, PanicException
        If a function cannot be evaluated on columns of these types.
    """
    tree = tree_of(expression)
    done: dict[int, Part] = {}
    for node in reversed(parents_first(tree)):
        parts = [done.pop(id(holder[key])) for holder, key in places(node)]
        done[id(node)] = _step(node, parts, table, mark, unread)
    values = done[id(tree)].values
    # A column that stands alone is taken as it is.
    return values if "Column" in tree else settled(values)


def _step(node: Node, parts: Sequence[Part], table: pl.DataFrame, mark: Mark | None, unread: Unread) -> Part:
    values = [part.values for part in parts]
    match node:
        case {"Column": str(name)}:
            hidden = pl.when(~unread[name]).then(name) if name in unread else name
            return Part(widened(table.select(hidden).to_series()), words=words_of(table[name]))
        case {"Literal": {"Dyn": {"Float": None}}}:
            raise UnfitError("has a number that is too large", "no number is beyond 1e308")
        case {"Literal": _}:
            return Part(run(node), node)
        case {"BinaryExpr": {"op": str(how)}} | {"Function": {"function": {"Sql": {"Binary": str(how)}}}}:
            return _binary(how, node, parts, table.height)
        case {"Function": {"function": {"Sql": {"IsIn": _}} | {"Boolean": {"IsIn": _}}}}:
            return _binary("IsIn", node, parts, table.height)
        case {"Function": {"function": {"Boolean": "Not"}}}:
            refuse_joining(values)
        case {"Ternary": _}:
            refuse_joining(values[:1])
            refuse_choice(values[1:])
        case {"Cast": inner}:
            return _cast(inner, node, parts, table.height, mark)
        case {"Function": {"function": ({"StringExpr": _} | {"ListExpr": _} | "FillNull") as name}}:
            return _of_texts(name, node, parts, table.height)
        case {"Function": {"function": name}}:
            return _function(name, node, parts, table.height)
        case {"Eval": _}:
            pass
        case _:
            raise unknown(node)
    return _done(node, parts, table.height)


def _binary(how: str, node: Node, parts: Sequence[Part], height: int) -> Part:
    one, other = (part.values for part in parts)
    if how in JOINED:
        refuse_joining((one, other))
        return _done(node, parts, height)
    if how in COMPARED:
        refuse_comparison(one, other, how, again=any(part.compared for part in parts))
        parts = _in_our_words(parts)
        sides = comparable(*(part.values for part in parts))
        parts = [changed(part, values) for part, values in zip(parts, sides, strict=True)]
        return replace(_done(node, parts, height), compared=True)
    if how in ARITHMETIC and is_counted(one) and is_counted(other):
        return _part(arithmetic(how, *of_one_length(parts, height)), parts, height)
    if how in ARITHMETIC and not joins_texts(node):
        refuse_arithmetic(how, one, other)
    elif how not in ARITHMETIC and how != _DECADES:
        raise unknown(node)
    return _done(node, parts, height)


def _in_our_words(parts: Sequence[Part]) -> Sequence[Part]:
    """Bring a column of our words, and what it is compared with, into one form."""
    one, other = parts
    if other.words is not None and one.words is None:
        return _in_our_words([other, one])[::-1]
    if one.words is None or any(part.values.dtype not in (pl.String, pl.List(pl.String)) for part in parts):
        return parts
    if other.written is not None:
        refuse_strangers(other.values, one.words)
    return [changed(part, in_form(part.values, one.words)) for part in parts]


def _function(name: Any, node: Node, parts: Sequence[Part], height: int) -> Part:
    values = [part.values for part in parts]
    match name:
        case {"Sql": {"Round": {"decimals": int(decimals)}}} | {"Truncate": {"decimals": int(decimals)}}:
            how = "Truncate" if "Truncate" in name else "Round"
            return _part(rounded(how, values[0], decimals), parts, height)
        case "Floor" | "Ceil":
            return _part(rounded(name, values[0], 0), parts, height)
        case "Abs" if values[0].dtype == pl.Int64:
            return _part(absolute(values[0]), parts, height)
        case {"Pow": _}:
            # Powers of whole numbers would wrap around.
            parts = [
                changed(part, part.values.cast(pl.Float64)) if is_counted(part.values) else part
                for part in parts
            ]
        case "Coalesce":
            refuse_choice(values)
        case "MaxHorizontal" | "MinHorizontal":
            for other in values[1:]:
                refuse_comparison(values[0], other, "Lt")
            refuse_gaps(values)
    found = _done(node, parts, height)
    if not (isinstance(name, dict) and "TemporalExpr" in name):
        refuse_counting(values, found.values)
    return found


def _of_texts(name: Any, node: Node, parts: Sequence[Part], height: int) -> Part:
    values = [part.values for part in parts]
    match name:
        case {"StringExpr": {"Find": _}} if all(value.dtype in (pl.String, pl.Null) for value in values):
            return _part(place_in(*of_one_length(parts, height)) - 1, parts, height)
        case "FillNull":
            # The parser has STRPOS say 0 of what is not found, and of an empty cell.
            return parts[0]
        case {"StringExpr": "Slice"} if (values[1] < 0).any():
            raise UnfitError(*BEFORE_THE_FIRST)
        case {"StringExpr": {"ConcatHorizontal": _}}:
            parts = [
                replace(
                    changed(part, spelled(part.values)),
                    pointed=part.pointed or part.values.dtype.is_numeric(),
                )
                for part in parts
            ]
            # Of what is put together, empty cells are left out.
            return _function(name, node, parts, height)
        case {"ListExpr": {"Contains": how}}:
            how["nulls_equal"] = False
            parts = _in_our_words(parts)
        case {"StringExpr": {"Strptime": _}} if values[0].dtype == pl.Date:
            return _part(values[0], parts[:1], height)
        case {"StringExpr": {"Strptime": [_, {"format": str(form)} as how]}}:
            # Days such as 20180131 are numbers where nothing else stands in their column.
            text = spelled(values[0]).cast(pl.String) if values[0].dtype.is_numeric() else values[0]
            how["strict"] = False
            found = _done(node, [changed(parts[0], text), *parts[1:]], height)
            found = replace(found, values=with_days_of_workbooks(found.values, text))
            refuse_unread(text, found.values, form)
            return found
        case {"StringExpr": {"Strptime": [{"Literal": to}, {"format": None}]}} if to != "Time":
            if to == "Date" or not values[0].str.contains(AN_ISO_DAY).all():
                return _part(day(values[0], strict=True), parts, height)
        case {"StringExpr": _}:
            refuse_text(values[0])
    found = _function(name, node, parts, height)
    given = [part.values for part in parts if part.written != LEFT_OUT]
    return changed(found, empty_where_any_is(given, found.values))


def _cast(cast: Node, node: Node, parts: Sequence[Part], height: int, mark: Mark | None) -> Part:
    value = parts[0].values
    match cast["dtype"]:
        case {"Literal": {"Decimal": [int(precision), int(scale)]}}:
            refuse_places(precision, scale)
    to = run({"Cast": cast | {"expr": {"Literal": {"Scalar": {"Null": "Null"}}}}}).dtype
    refuse_cast(value, to)
    if to == pl.Date and value.dtype == pl.String:
        return _part(day(value, strict=cast["options"] == "Strict"), parts, height)
    if to.is_numeric() and value.dtype == pl.String and parts[0].written is None:
        own = "." if parts[0].pointed else mark
        plain = plain_numbers(value, own)
        if cast["options"] == "Strict":
            refuse_no_numbers(value, plain, to, own)
        value = plain
    if to == pl.Boolean and value.dtype == pl.String:
        raise UnfitError("makes true or false of a text", comparison_for(value) or "compare it: note = 'yes'")
    if to.is_integer():
        cast["dtype"] = {"Literal": "Int64"}
        value = significant(value)
    elif to.is_float():
        cast["dtype"] = {"Literal": "Float64"}
    elif to == pl.String:
        part = _done(node, [changed(parts[0], spelled(value))], height)
        return replace(part, pointed=part.pointed or value.dtype.is_numeric())
    elif isinstance(to, pl.Decimal) and value.dtype.is_numeric():
        value = rounded("Round", value, to.scale)
    return _done(node, [changed(parts[0], value)], height)


def _done(node: Node, parts: Sequence[Part], height: int) -> Part:
    """Let the library do a step on parts that are done."""
    columns = []
    pointed = writes_points(node) or any(part.pointed for part in parts)
    for index, ((holder, key), part) in enumerate(zip(places(node), parts, strict=True)):
        holder[key] = {"Column": str(index)} if part.written is None else part.written
        if part.written is None:
            columns.append(part.values.alias(str(index)))
    sources = parts[passed_on(node)]
    words = chosen([part.words for part in sources], [part.values for part in sources])
    return replace(_part(run(node, columns), parts, height), words=words, pointed=pointed)


def _part(values: pl.Series, parts: Sequence[Part], height: int) -> Part:
    constant = all(part.written is not None for part in parts)
    if len(values) != (1 if constant else height):
        raise UnfitError(
            "does not give one value for each row", "ARRAY_CONTAINS(tags, 'x') looks into a list"
        )
    values = widened(values)
    return Part(values, constant_of(values) if constant else None)
