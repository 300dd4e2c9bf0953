"""What a derived amount is made of: those columns must be in the call's currency and units, as an amount itself must.

A column that is multiplied by what may be a rate is converted on purpose: ``0.92 * "Staff USD"``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from portfolio.call.behind import column_behind
from portfolio.call.columns import Column, proposal_column
from portfolio.call.currencies import RAISED_TEXT, STRUCK_THROUGH, headed_otherwise, shown_otherwise
from portfolio.call.headings import Headings
from portfolio.call.sheet import Sheet
from portfolio.call.sql_kinds import COMPARED
from portfolio.call.sql_tree import Node, places, tree_of
from portfolio.call.written import as_written
from portfolio.call.xlsxstyles import PERCENT, RAISED, STRUCK
from portfolio.errors import Issue

# How an expression takes a column: as it stands, in a product, and multiplied by what may be a rate.
_ALONE, _IN_PRODUCT, _RATED = 0, 1, 2
_DIVIDED = frozenset({"Div", "TrueDivide"})
_PRODUCTS = frozenset({"Mul", "Multiply"}) | _DIVIDED
_HEADED = (
    "multiply it by its rate in derive.{0}, as {1} does, or rename the heading if it is about other money"
)
_SHOWN = (
    "derive.{0} takes it for an amount in {2}: where all cells of the column are shown alike, multiply it by its rate "
    "there, as {1} does; else format the column as plain numbers in {2}"
)


@dataclass(frozen=True, slots=True)
class Summands:
    """The columns of the file that end up in each derived column, and how they are taken there."""

    of: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def with_derived(self, name: str, expression: pl.Expr) -> Summands:
        """Return the same with a further derived column."""
        found: dict[str, int] = {}
        for one, how in _taken(expression):
            for root, before in self.of.get(one, {one: _ALONE}).items():
                found[root] = min(found.get(root, _RATED), max(how, before))
        return Summands({**self.of, name: found})

    def headed_otherwise(self, sheet: Sheet, headings: Headings, currency: str) -> Iterator[Issue]:
        """Find the headings of what becomes an amount without a rate, and is in another currency or in thousands."""
        for column, root, place, how in self._amounts(headings):
            if how < _RATED:
                for issue in headed_otherwise(sheet.name, column, sheet.headings[place], currency):
                    yield replace(issue, hint=_HEADED.format(column.name, _by_rate(root)))

    def shown_otherwise(
        self, sheet: Sheet, headings: Headings, rows: pl.Series, currency: str
    ) -> Iterator[pl.DataFrame]:
        """Find the cells of a workbook that become part of an amount, and are shown as something else than they are.

        One rate cannot be that of cells which are shown in two ways. A percentage in a product is no money.
        """
        for column, root, place, how in self._amounts(headings):
            if place not in sheet.shown:
                continue
            cells = as_written(sheet, place)
            hint = pl.lit(_SHOWN.format(column.name, _by_rate(root), currency))
            looks = pl.col("what").is_in([STRUCK_THROUGH, RAISED_TEXT])
            named, numbers = replace(column, name=root), sheet.rows(len(cells))
            for signs, at in sheet.shown[place].items():
                left = _left(signs, how, alike=len(at) == cells.count())
                for lines in shown_otherwise(named, cells, numbers, {left: at}, currency):
                    here = lines.filter(lines["row"].is_in(rows.implode()))
                    yield here.with_columns(
                        position=rows.search_sorted(here["row"]).cast(pl.UInt32),
                        hint=pl.when(looks).then("hint").otherwise(hint),
                    )

    def _amounts(self, headings: Headings) -> Iterator[tuple[Column, str, int, int]]:
        """Yield each derived amount with the columns of the file in it; those that we read as money are looked at."""
        every = {**headings.foreign, **headings.mapped, **headings.known}
        for name, roots in self.of.items():
            column = proposal_column(name)
            if column is None or column.kind != "money":
                continue
            for root, how in roots.items():
                ours = column_behind(root, headings)
                if root in every and (ours is None or ours.kind != "money"):
                    yield column, root, every[root], how


def _left(signs: frozenset[str], how: int, *, alike: bool) -> frozenset[str]:
    """Return what is to be looked at of the signs beside cells that an expression takes so."""
    if how == _RATED and alike:
        return signs & {STRUCK, RAISED}
    return signs if how == _ALONE else signs - {PERCENT}


def _by_rate(root: str) -> str:
    return f'0.92 * "{root}"'


def _taken(expression: pl.Expr) -> Iterator[tuple[str, int]]:
    """Yield the columns whose values an expression passes on, and how; what it compares decides nothing here."""
    todo = [(tree_of(expression), _ALONE)]
    while todo:
        node, how = todo.pop()
        parts = [holder[key] for holder, key in places(node)]
        operation = _operation(node)
        if "Column" in node:
            yield node["Column"], how
        elif operation in _PRODUCTS:
            one, other = parts
            todo += [
                (one, max(how, _RATED if _may_be_rate(other) else _IN_PRODUCT)),
                (
                    other,
                    _RATED
                    if operation in _DIVIDED
                    else max(how, _RATED if _may_be_rate(one) else _IN_PRODUCT),
                ),
            ]
        elif operation not in COMPARED:
            todo += [(part, how) for part in (parts[1:] if "Ternary" in node else parts)]


def _operation(node: Node) -> str:
    match node:
        case {"BinaryExpr": {"op": str(name)}} | {"Function": {"function": {"Sql": {"Binary": str(name)}}}}:
            return name
        case {"Function": {"function": {"Sql": {"IsIn": _}} | {"Boolean": _}}}:
            return "IsIn"
    return ""


def _may_be_rate(node: Node) -> bool:
    """Whether something converts what it is multiplied by: a number other than 1, a column, a choice of those.

    A sum is none: 1 + overhead.
    """
    if "Literal" in node:
        value = pl.select(pl.Expr.deserialize(json.dumps(node).encode(), format="json")).item()
        return bool(value != 1)
    if "Column" in node or "Ternary" in node:
        return True
    operation = _operation(node)
    return (operation in _PRODUCTS or not operation) and any(
        _may_be_rate(holder[key]) for holder, key in places(node)
    )
