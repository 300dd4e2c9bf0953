"""Cells of Excel: each is written as what it is, and a text is never a formula."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from portfolio.call.files import workspace
from portfolio.errors import DataError, Issue

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_CELL_LIMIT = 32_767
_DIGITS = 16  # fifteen and a point
_CONTROL = r"[\x00-\x08\x0B-\x1F\x7F\x{FFFE}\x{FFFF}]"


class _Packed(BytesIO):
    """Stays open until it is gone: what XlsxWriter leaves of a workbook that failed still writes its end into it."""

    def close(self) -> None:
        """Do nothing."""


@contextmanager
def workbook(path: Path) -> Iterator[Workbook]:
    """Yield a workbook that is written to a path of `atomic_write` row by row, at the end of this.

    A workbook that meets a full disk complains of it a second time when nobody can hear it any more, so what it packs
    (little, compared with its parts) is packed in memory.
    """
    import xlsxwriter

    packed = _Packed()
    with workspace(path) as parts:
        with xlsxwriter.Workbook(packed, {"constant_memory": True, "tmpdir": parts}) as book:
            yield book
        path.write_bytes(packed.getbuffer())


def write_cell(sheet: Worksheet, row: int, place: int, cell: Any, look: Format | None = None) -> None:
    """Write one cell as what it is; `look` is its format, which dates need."""
    if cell is None:
        if look is not None:
            sheet.write_blank(row, place, None, look)
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell, look)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell, look)
    elif isinstance(cell, date):
        _write_day(sheet, row, place, cell, look)
    else:
        sheet.write_number(row, place, float(cell), look)


def as_text_where_inexact(table: pl.DataFrame) -> pl.DataFrame:
    """Write a whole column as text if Excel would round one of its numbers: readers round in mixed columns."""
    numbers = [name for name, dtype in table.schema.items() if dtype.is_numeric()]
    inexact = [name for name in numbers if not all(map(_exact, table[name].drop_nulls()))]
    return table.with_columns(
        pl.Series(name, [None if cell is None else str(cell) for cell in table[name]], dtype=pl.String)
        for name in inexact
    )


def refuse_unprintable(table: pl.DataFrame, file: str, hint: str, *, long: bool = True) -> None:
    """Refuse texts that a cell cannot hold: control characters and, with `long`, more than Excel has room for.

    Raises
    ------
    DataError
        With the column and the rows.
    """
    for name in table.columns:
        if table[name].dtype != pl.String:
            continue
        broken = table[name].str.contains(_CONTROL)
        if long:
            broken = broken | (table[name].str.len_chars() > _CELL_LIMIT)
        if broken.any():
            rows = tuple(position + 2 for position in broken.arg_true().head(5))
            kind = file[file.rfind(".") :]
            what = f"cannot be kept in a {kind} file: control characters, or longer than {_CELL_LIMIT:,}"
            issue = Issue(what, hint, file=file, column=name, rows=rows)
            raise DataError([replace(issue, count=int(broken.sum()))])


def _exact(cell: int | float | Decimal) -> bool:
    """Whether a number survives a cell of Excel, which holds 16 digits at most."""
    if not math.isfinite(cell):
        return False
    if isinstance(cell, int):
        return abs(cell) < 2**53
    kept = f"{float(cell):.16G}"
    return (
        Decimal(kept) == cell and len(kept) <= _DIGITS if isinstance(cell, Decimal) else float(kept) == cell
    )


def _write_day(sheet: Worksheet, row: int, place: int, cell: date, look: Format | None) -> None:
    # Excel believes in 29 February 1900; days before March of that year are safer as text.
    if cell < date(1900, 3, 1):
        sheet.write_string(row, place, cell.isoformat())
    else:
        sheet.write_datetime(row, place, datetime.combine(cell, time()), look)
