"""Writing a call so that reading it gives an equal one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from portfolio.call.files import atomic_write
from portfolio.errors import DataError, Issue, nearest

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from portfolio.call.table import Call

_CELL_LIMIT = 32_767
_DIGITS = 16  # fifteen and a point
_CONTROL = r"[\x00-\x08\x0B-\x1F\x7F\x{FFFE}\x{FFFF}]"


def write_call(call: Call, path: Path) -> tuple[Path, ...]:
    """Write proposals to `path` and reviews beside it, each in one step; return the paths."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        what = f"has no format that can be written: {path.suffix or 'no suffix'}"
        raise DataError([Issue(what, nearest(path.suffix, _WRITERS), file=path.name)])
    tables = {path: call.to_polars()}
    if call.reviews is not None:
        tables[path.with_name(f"{path.stem}.reviews{path.suffix}")] = call.reviews
    for target, table in tables.items():
        with atomic_write(target) as temporary:
            write(table, temporary)
    return tuple(tables)


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    return table.with_columns(pl.col(name).list.join(";") for name in lists)


def _csv(table: pl.DataFrame, path: Path) -> None:
    # Nothing is put before a cell that starts with "=": an id must come back as it went.
    _without_control(table, path)
    _flat(table).write_csv(path)


def _parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path)


def _json(table: pl.DataFrame, path: Path) -> None:
    decimals = [name for name, dtype in table.schema.items() if dtype.is_decimal() or dtype == pl.Date]
    records = table.with_columns(pl.col(name).cast(pl.String) for name in decimals).to_dicts()
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1, allow_nan=True), encoding="utf-8")


def _excel(table: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    _without_control(table, path)
    flat = _as_text_where_inexact(_flat(table))
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("proposals")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate([flat.columns, *flat.iter_rows()]):
            for place, cell in enumerate(row):
                _write_cell(sheet, number, place, cell, day)


def _as_text_where_inexact(table: pl.DataFrame) -> pl.DataFrame:
    """Write a whole column as text if Excel would round one of its numbers: readers round in mixed columns."""
    numbers = [name for name, dtype in table.schema.items() if dtype.is_numeric()]
    inexact = [name for name in numbers if not all(map(_exact, table[name].drop_nulls()))]
    return table.with_columns(
        pl.Series(name, [None if cell is None else str(cell) for cell in table[name]], dtype=pl.String)
        for name in inexact
    )


def _write_cell(sheet: Worksheet, row: int, place: int, cell: Any, day: Format) -> None:
    """Write one cell as what it is: a text is never a formula."""
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(row, place, cell)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, date):
        _write_day(sheet, row, place, cell, day)
    else:
        sheet.write_number(row, place, float(cell))


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


def _write_day(sheet: Worksheet, row: int, place: int, cell: date, day: Format) -> None:
    # Excel believes in 29 February 1900; days before March of that year are safer as text.
    if cell < date(1900, 3, 1):
        sheet.write_string(row, place, cell.isoformat())
    else:
        sheet.write_datetime(row, place, datetime.combine(cell, time()), day)


def _without_control(table: pl.DataFrame, path: Path) -> None:
    """Refuse texts that a file of this kind cannot hold: control characters, and in Excel very long cells."""
    limit = _CELL_LIMIT if path.suffix.lower() == ".xlsx" else None
    for name in table.columns:
        if table[name].dtype != pl.String:
            continue
        broken = table[name].str.contains(_CONTROL)
        if limit is not None:
            broken = broken | (table[name].str.len_chars() > limit)
        if broken.any():
            rows = tuple(position + 2 for position in broken.arg_true().head(5))
            what = (
                f"cannot be kept in a {path.suffix} file: control characters, or longer than {_CELL_LIMIT:,}"
            )
            issue = Issue(what, "write .parquet or .json instead", file=path.name, column=name, rows=rows)
            raise DataError([replace(issue, count=int(broken.sum()))])


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".xlsx": _excel,
    ".parquet": _parquet,
    ".json": _json,
}
