"""Writing a call so that reading it gives an equal one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from portfolio.call.csvfile import flat, write_csv
from portfolio.call.excel import as_text_where_inexact, refuse_unprintable, workbook, write_cell
from portfolio.call.files import atomic_write, refuse_suffix, together

if TYPE_CHECKING:
    from portfolio.call.table import Call


def write_call(call: Call, path: Path) -> tuple[Path, ...]:
    """Write proposals to `path` and reviews beside it, each in one step; return the paths."""
    refuse_suffix(path, _WRITERS)
    write = _WRITERS[path.suffix.lower()]
    tables = {path: call.to_polars()}
    if call.reviews is not None:
        tables[path.with_name(f"{path.stem}.reviews{path.suffix}")] = call.reviews
    with together():
        for target, table in tables.items():
            with atomic_write(target) as temporary:
                write(table, temporary)
    return tuple(tables)


def _csv(table: pl.DataFrame, path: Path) -> None:
    _without_control(table, path)
    write_csv(table, path)


def _parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path)


def _json(table: pl.DataFrame, path: Path) -> None:
    decimals = [name for name, dtype in table.schema.items() if dtype.is_decimal() or dtype == pl.Date]
    records = table.with_columns(pl.col(name).cast(pl.String) for name in decimals).to_dicts()
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1, allow_nan=True), encoding="utf-8")


def _excel(table: pl.DataFrame, path: Path) -> None:
    _without_control(table, path)
    cells = as_text_where_inexact(flat(table))
    with workbook(path) as book:
        sheet = book.add_worksheet("proposals")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        looks = [day if dtype == pl.Date else None for dtype in cells.dtypes]
        for place, heading in enumerate(cells.columns):
            write_cell(sheet, 0, place, heading)
        for number, row in enumerate(cells.iter_rows(), start=1):
            for place, (cell, look) in enumerate(zip(row, looks, strict=True)):
                if cell is not None:
                    write_cell(sheet, number, place, cell, look)


def _without_control(table: pl.DataFrame, path: Path) -> None:
    excel = path.suffix.lower() == ".xlsx"
    refuse_unprintable(table, path.name, "write .parquet or .json instead", long=excel)


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _csv,
    ".xlsx": _excel,
    ".parquet": _parquet,
    ".json": _json,
}
