"""How sheets look: headings that stay, filters, widths, formats of numbers, and pages of A4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from portfolio.call.columns import Column
from portfolio.call.excel import as_text_where_inexact, workbook, write_cell
from portfolio.call.money import exponent
from portfolio.report.columns import AT_LEAST, AT_MOST, FACTS, SHARE, VALUE
from portfolio.report.workbook.sheet import Facts, Sheet

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# The same decision gives the same bytes: no file says when it was made, and the format wants a day.
_CREATED = datetime(2000, 1, 1)
_A4 = 9
_NARROWEST, _WIDEST = 9, 60
# Widths are taken from the first rows; the others are of the same kind.
_SEEN = 1000
_NUMBERS = {
    "grade": "0.00",
    "0 to 1": "0.00",
    "years": "0.0",
    SHARE: "0.0###%",
    VALUE: "#,##0.0000",
    # A bound never reads as the exact figure.
    AT_LEAST: '"≥ "#,##0.0000',
    AT_MOST: '"≤ "#,##0.0000',
}


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook, currency: str) -> None:
        self._book, self._currency = book, currency
        self._made: dict[tuple[str, bool], Format] = {}
        self.heading = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E7EBF0", "text_wrap": True, "valign": "top"}
        )

    def of(self, column: Column, *, wrap: bool = False) -> Format:
        """Return the format of the cells of a column."""
        key = self._number(column), wrap
        if key not in self._made:
            style = {"num_format": key[0], "valign": "top", "text_wrap": wrap}
            if column.kind in ("text", "word"):
                style["align"] = "left"
            self._made[key] = self._book.add_format(style)
        return self._made[key]

    def _number(self, column: Column) -> str:
        match column.kind:
            case "money":
                places = exponent(self._currency)
                return f"[${self._currency}] #,##0{'.' + '0' * places if places else ''}"
            case "integer":
                return "#,##0"
            case "number":
                return _NUMBERS.get(column.unit, "General")
            case "date":
                return "yyyy-mm-dd"
            case "boolean":
                return "General"
            case _:
                return "@"


def write_sheets(sheets: Sequence[Sheet | Facts], path: Path, currency: str, title: str) -> None:
    """Write sheets into a workbook; the same sheets give the same bytes."""
    with workbook(path) as book:
        book.set_properties({"title": title, "created": _CREATED})
        looks = Looks(book, currency)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            if isinstance(sheet, Facts):
                _write_facts(page, sheet, looks)
            else:
                _write_table(page, sheet, looks)
            _print_well(page, title)


def _write_facts(page: Worksheet, sheet: Facts, looks: Looks) -> None:
    """Write a line per fact; each value is written as what it is."""
    _head(page, list(FACTS), looks)
    item, _, meaning = FACTS.values()
    for row, fact in enumerate(sheet.facts, start=1):
        write_cell(page, row, 0, fact.column.name, looks.of(item))
        long = fact.column.kind not in _PLAIN
        write_cell(page, row, 1, fact.value, looks.of(fact.column, wrap=long))
        write_cell(page, row, 2, fact.column.meaning, looks.of(meaning, wrap=True))
    names = [fact.column.name for fact in sheet.facts]
    page.set_column(0, 0, _width(["item", *names]))
    page.set_column(1, 1, 24)
    page.set_column(2, 2, 90)
    page.freeze_panes(1, 0)


def _write_table(page: Worksheet, sheet: Sheet, looks: Looks) -> None:
    """Write a row per line of the table, with headings that stay and a filter on each."""
    table = _with_exact_money(sheet.table)
    _head(page, table.columns, looks)
    styles: list[Format] = []
    for place, (column, cells) in enumerate(zip(sheet.columns, sheet.table, strict=True)):
        width = _width([column.name, *_shown(column, cells.head(_SEEN))])
        page.set_column(place, place, width)
        styles.append(looks.of(column, wrap=column.kind not in _PLAIN and width == _WIDEST))
    for row, line in enumerate(table.iter_rows(), start=1):
        for place, cell in enumerate(line):
            if cell is not None:
                write_cell(page, row, place, cell, styles[place])
    page.freeze_panes(1, 1)
    if table.width:
        page.autofilter(0, 0, table.height, table.width - 1)
        # Ids such as 007 are meant as they are, and need no green corner.
        page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


_PLAIN = ("money", "integer", "number", "boolean", "date")


def _with_exact_money(table: pl.DataFrame) -> pl.DataFrame:
    """Write sums as text that a cell would round; scores may lose a seventeenth digit."""
    money = table.select(pl.col(name) for name, dtype in table.schema.items() if dtype.is_decimal())
    return table.with_columns(as_text_where_inexact(money)) if money.width else table


def _head(page: Worksheet, headings: Sequence[str], looks: Looks) -> None:
    for place, heading in enumerate(headings):
        write_cell(page, 0, place, heading, looks.heading)


def _shown(column: Column, cells: pl.Series) -> list[str]:
    if column.kind == "money":
        # As wide as money is shown: three letters of a currency before the sum.
        return [f"EUR {cell:,}" for cell in cells.drop_nulls()]
    if column.kind in _PLAIN:
        return ["≥ 1,000.0000"]
    return [str(cell) for cell in cells.drop_nulls()]


def _width(texts: Sequence[Any]) -> int:
    # The button of the filter takes the room of about two characters.
    return min(_WIDEST, max(_NARROWEST, *(len(text) + 2 for text in texts)))


def _print_well(page: Worksheet, title: str) -> None:
    """Print on A4, across, as wide as the page, with the headings on every page."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    page.set_header(f"&L{title.replace('&', '&&')}&R&A")
    page.set_footer("&CPage &P of &N")
