"""Reading the first sheet of a workbook."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from portfolio.call.sheet import Contents
from portfolio.call.workbook import examine, with_days
from portfolio.call.worksheet import Worksheet
from portfolio.call.xlsxstyles import RAISED, STRUCK
from portfolio.errors import DataError, Issue

if TYPE_CHECKING:
    from fastexcel import ExcelReader

_TOP = 100
_NAMED = 5
_LOOKS = (
    (STRUCK, "a heading is struck through, in part or whole: delete the column, or take the line away"),
    (
        RAISED,
        "a heading is raised or lowered, in part or whole: delete the mark of a footnote, or type it on the line",
    ),
)


def read_excel(data: bytes, file: str) -> Contents:
    """Read the first sheet of a workbook.

    Raises
    ------
    DataError
        For what is not as people see it.
    ValueError
        If it cannot be read.
    """
    import fastexcel

    seen = examine(data, file)
    # An empty column has no type, and that is not worth a line on the user's terminal; what is worse is raised too.
    for reader in ("fastexcel", "calamine"):
        logging.getLogger(reader).setLevel(logging.ERROR)
    try:
        days = seen.styles.days
        book = fastexcel.read_excel(with_days(data, days) if days else data)
        contents = _first_sheet(book, seen)
    except fastexcel.FastExcelError as error:
        raise ValueError(str(error)) from None
    elsewhere = _elsewhere(*book.sheet_names)
    if contents is None:
        what, hint = f"has nothing on its first sheet, {book.sheet_names[0]!r}", "save the table on it"
        raise DataError([Issue(what, elsewhere or hint, file=file)])
    return replace(contents, elsewhere=elsewhere)


def _elsewhere(first: str, *others: str) -> str:
    if not others:
        return ""
    names = ", ".join(map(repr, others[:_NAMED])) + (", ..." if len(others) > _NAMED else "")
    return f"only the first sheet, {first!r}, is read: if the table is on another one ({names}), move that to the front"


def _first_sheet(book: ExcelReader, seen: Worksheet) -> Contents | None:
    """Return what the first sheet holds; None if that is nothing."""
    # Only with skip_rows does fastexcel count the empty rows above the headings, as people do.
    top = book.load_sheet(0, header_row=None, skip_rows=0, n_rows=_TOP, dtypes="string").to_polars()
    filled = (i for i, row in enumerate(top.iter_rows()) if any(cell is not None for cell in row))
    place = next(filled, None)
    if place is None:
        return None
    headings = [cell or "" for cell in top.row(place)]
    names = [str(i) for i in range(len(headings))]
    body = book.load_sheet(
        0, header_row=None, skip_rows=place + 1, column_names=names, schema_sample_rows=None
    ).to_polars()
    body = body.with_columns(_shortest(pl.col(pl.String)))
    for look, what in _LOOKS:
        if any(place + 1 in found.get(frozenset({look}), ()) for found in seen.shown.values()):
            raise ValueError(what)
    # The reader leaves out the empty columns at the left.
    columns = {i: i + seen.first for i in range(len(headings))}

    def places(rows: Iterable[int]) -> pl.Series:
        found = pl.Series("row", rows, dtype=pl.Int64) - (place + 2)
        return found.filter(found.is_between(0, body.height - 1)).cast(pl.UInt32)

    return Contents(
        headings,
        body,
        place + 2,
        {
            i: pl.int_range(body.height, dtype=pl.UInt32, eager=True).is_in(
                places(seen.numbers[column]).implode()
            )
            for i, column in columns.items()
            if body.dtypes[i] == pl.String and column in seen.numbers
        },
        {
            i: {signs: places(rows) for signs, rows in seen.shown[column].items()}
            for i, column in columns.items()
            if column in seen.shown
        },
    )


def _shortest(text: pl.Expr) -> pl.Expr:
    # In a column of numbers and texts fastexcel spells 2300140263548.97 as 2300140263548.970214844.
    spelled = text.str.contains(r"^-?\d+\.\d{6,}$") & (text.str.len_bytes() > 16)
    return pl.when(spelled).then(text.cast(pl.Float64, strict=False).cast(pl.String)).otherwise(text)
