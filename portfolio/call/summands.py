"""What derived amounts and texts are made of: those columns must be what an amount or a text of the file must be.

An amount is in the call's currency and units. A column that is multiplied by what may be a rate is converted on
purpose: ``0.92 * "Staff USD"``. A text is what people see.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from portfolio.call.behind import column_behind
from portfolio.call.columns import Column, proposal_column
from portfolio.call.currencies import (
    NO_TEXT,
    RAISED_TEXT,
    STRUCK_THROUGH,
    TEXTS,
    headed_otherwise,
    is_code,
    shown_otherwise,
)
from portfolio.call.headings import Headings
from portfolio.call.issues import lines_of
from portfolio.call.money import exponent
from portfolio.call.parse import A_DAY, DAY_OF_A_CODE
from portfolio.call.sheet import Sheet
from portfolio.call.sql_kinds import COMPARED, named
from portfolio.call.sql_tree import Node, places, tree_of
from portfolio.call.written import as_written
from portfolio.call.xlsxstyles import LARGE, PERCENT, RAISED, STRUCK, WRITTEN_PERCENT
from portfolio.call.xlsxtexts import UNCLEAR, WRITTEN
from portfolio.errors import Issue

# How an expression takes a column: as it stands, in a product, and multiplied by what may be a rate.
_ALONE, _IN_PRODUCT, _RATED = 0, 1, 2
_DIVIDED = frozenset({"Div", "TrueDivide"})
_NOTHING: Mapping[frozenset[str], pl.Series] = {}
# How the days before the first are read that workbooks count from.
_TIME = "^(1899-12-3[01]|1900-01-0[01]|1904-01-0[12])[ T]"
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
                    yield replace(issue, hint=_HEADED.format(column.name, _by_rate(root, currency)))

    def shown_otherwise(
        self, sheet: Sheet, headings: Headings, frame: pl.DataFrame, rows: pl.Series, currency: str
    ) -> Iterator[pl.DataFrame]:
        """Find the cells of a workbook that become part of an amount or a text, and are shown as something else.

        One rate cannot be that of cells which are shown in two ways. A percentage in a product is no money.

        Parameters
        ----------
        frame, rows
            The columns as they were read, and their rows.
        """
        looks = pl.col("what").is_in([STRUCK_THROUGH, RAISED_TEXT])
        for column, root, place, how in self._amounts(headings):
            hint = pl.lit(_SHOWN.format(column.name, _by_rate(root, currency), currency))
            cells = as_written(sheet, place)
            for signs, at in sheet.shown.get(place, _NOTHING).items():
                left = _left(signs, how, alike=len(at) == cells.count())
                for lines in _wrong(replace(column, name=root), cells, sheet, {left: at}, rows, currency):
                    yield lines.with_columns(hint=pl.when(looks).then("hint").otherwise(hint))
        for column, root, place in self._texts(headings):
            cells, named = as_written(sheet, place), replace(column, name=root)
            is_text = root in headings.mapped or frame[root].dtype == pl.String
            for signs, at in sheet.shown.get(place, _NOTHING).items():
                left = _seen(signs, as_shown=root not in headings.foreign or (is_text and is_code(signs)))
                yield from _wrong(named, cells, sheet, {left: at}, rows, currency)
            times = lines_of(
                _made_times(sheet, place, cells), sheet.rows(len(cells)), root, cells, NO_TEXT, DAY_OF_A_CODE
            )
            yield _here(times, rows)

    def _amounts(self, headings: Headings) -> Iterator[tuple[Column, str, int, int]]:
        """Yield each derived amount with the columns of the file in it; those that we read as money are looked at."""
        for column, root, place, how in self._parts(headings):
            ours = column_behind(root, headings)
            if column.kind == "money" and (ours is None or ours.kind != "money"):
                yield column, root, place, how

    def _texts(self, headings: Headings) -> Iterator[tuple[Column, str, int]]:
        """Yield each derived text of ours with the columns of the file in it that hold texts, or may."""
        for column, root, place, how in self._parts(headings):
            ours = column_behind(root, headings)
            if column.kind in TEXTS and how == _ALONE and (ours is None or ours.kind in TEXTS):
                yield column, root, place

    def _parts(self, headings: Headings) -> Iterator[tuple[Column, str, int, int]]:
        every = {**headings.foreign, **headings.mapped, **headings.known}
        for name, roots in self.of.items():
            if (column := proposal_column(name)) is not None:
                yield from ((column, root, every[root], how) for root, how in roots.items() if root in every)


def _wrong(
    column: Column,
    cells: pl.Series,
    sheet: Sheet,
    shown: Mapping[frozenset[str], pl.Series],
    rows: pl.Series,
    currency: str,
) -> Iterator[pl.DataFrame]:
    for lines in shown_otherwise(column, cells, sheet.rows(len(cells)), shown, currency):
        yield _here(lines, rows)


def _here(lines: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Return the lines of the rows that are there, by their positions among them."""
    here = lines.filter(lines["row"].is_in(rows.implode()))
    return here.with_columns(position=rows.search_sorted(here["row"]).cast(pl.UInt32))


def _seen(signs: frozenset[str], *, as_shown: bool) -> frozenset[str]:
    """Return what stands beside a number that becomes a text, if it was read with it or without."""
    texts = {sign if as_shown or not sign.startswith(WRITTEN) else UNCLEAR for sign in signs}
    return frozenset(sign for sign in texts if sign in (LARGE, UNCLEAR) or sign.startswith(WRITTEN))


def _made_times(sheet: Sheet, place: int, cells: pl.Series) -> pl.Series:
    """Return which cells are times of day, or days beside texts, for a workbook and not for who wrote them."""
    text, numbers = cells.cast(pl.String), sheet.numbers.get(place)
    if isinstance(sheet.schema[str(place)], pl.Datetime):
        return text.str.contains(_TIME)
    return text.str.contains(f"{_TIME}|{A_DAY}") & (False if numbers is None else numbers)


def _left(signs: frozenset[str], how: int, *, alike: bool) -> frozenset[str]:
    """Return what is to be looked at of the signs beside cells that an expression takes so."""
    if how == _RATED and alike:
        return signs & {STRUCK, RAISED}
    return signs if how == _ALONE else signs - {PERCENT, WRITTEN_PERCENT}


def _by_rate(root: str, currency: str) -> str:
    return f"ROUND(0.92 * {named(root)}, {exponent(currency)})"


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
