"""Writing a call so that reading it gives an equal one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import xlsxwriter

from portfolio.call.files import atomic_write
from portfolio.errors import DataError, Issue, nearest

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from portfolio.call.table import Call

_CELL_LIMIT = 32_767
_EXACT = 10**15
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
    _without_control(table, path)
    flat = _flat(table)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("proposals")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, name in enumerate(flat.columns):
            sheet.write_string(0, place, name)
        for number, row in enumerate(flat.iter_rows(), start=1):
            for place, cell in enumerate(row):
                _write_cell(sheet, number, place, cell, day)


def _write_cell(sheet: Worksheet, row: int, place: int, cell: Any, day: Format) -> None:
    """Write one cell as what it is: text is never a formula, and a number that Excel would round is text."""
    if cell is None:
        return
    if isinstance(cell, str):
        sheet.write_string(row, place, cell)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, date):
        _write_day(sheet, row, place, cell, day)
    elif isinstance(cell, float) and not math.isfinite(cell):
        sheet.write_string(row, place, str(cell))
    elif abs(cell) >= _EXACT:
        sheet.write_string(row, place, repr(cell) if isinstance(cell, float) else str(cell))
    else:
        sheet.write_number(row, place, cell)


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
            what = f"cannot be kept in a {path.suffix} file: control characters, or longer than {_CELL_LIMIT:,}"
            issue = Issue(what, "write .parquet or .json instead", file=path.name, column=name, rows=rows)
            raise DataError([replace(issue, count=int(broken.sum()))])


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".xlsx": _excel,
    ".parquet": _parquet,
    ".json": _json,
}
