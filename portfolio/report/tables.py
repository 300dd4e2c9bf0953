"""Tables of an analysis, in the format that the name of the file asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from portfolio.call.files import atomic_write
from portfolio.errors import DataError, Issue, nearest


def write_table(table: pl.DataFrame, path: str | Path) -> Path:
    """Write a table whole or not at all, as CSV (members of lists joined by ;) or Parquet by the suffix.

    Raises
    ------
    DataError
        If the suffix is another.
    OSError
        If the file cannot be written.
    """
    target = Path(path)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        what = f"has no format that a table can be written in: {target.suffix or 'no suffix'}"
        raise DataError([Issue(what, nearest(target.suffix, _WRITERS), file=target.name)])
    with atomic_write(target) as temporary:
        write(table, temporary)
    return target


def as_csv(table: pl.DataFrame) -> str:
    """Return a table as CSV, the members of a list joined by ;."""
    lists = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    return table.with_columns(pl.col(name).list.join(";") for name in lists).write_csv()


def _csv(table: pl.DataFrame, path: Path) -> None:
    path.write_bytes(as_csv(table).encode())


def _parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path)


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {".csv": _csv, ".parquet": _parquet}
