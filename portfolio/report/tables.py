"""Tables as files: CSV or Parquet by suffix, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from portfolio.call.csvfile import write_csv
from portfolio.call.files import atomic_write, refuse_suffix, together

_SUFFIXES = (".csv", ".parquet")


def write_table(table: pl.DataFrame, path: str | Path) -> None:
    """Write a table; in CSV, the members of a list are joined by ``;``.

    Raises
    ------
    OSError
        If the file cannot be written, or its suffix names no format that can be.
    """
    file = Path(path)
    refuse_table_suffix(file)
    with atomic_write(file) as temporary:
        if file.suffix.lower() == ".parquet":
            table.write_parquet(temporary)
        else:
            write_csv(table, temporary)


def write_tables(tables: Iterable[tuple[pl.DataFrame, Path | None]]) -> None:
    """Write those tables that have a path; if one cannot be written, all files stay as they were."""
    with together():
        for table, path in tables:
            if path is not None:
                write_table(table, path)


def refuse_table_suffix(path: Path) -> None:
    """Refuse a file that `write_table` cannot write; known before the work begins."""
    refuse_suffix(path, _SUFFIXES)
