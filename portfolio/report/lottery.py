"""The files of a lottery: the table of chances, and the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.files import atomic_write
from portfolio.errors import DataError, Issue
from portfolio.report.layout import as_json


def write_chances(frame: pl.DataFrame, path: str | Path) -> None:
    """Write the table of a lottery as CSV or Parquet, by the ending of the name, whole or not at all.

    Raises
    ------
    DataError
        If the name ends otherwise.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in {".csv", ".parquet"}:
        raise DataError([Issue("cannot be written", "end the name in .csv or .parquet", file=str(path))])
    with atomic_write(path) as temporary:
        if suffix == ".csv":
            frame.write_csv(temporary)
        else:
            frame.write_parquet(temporary)


def write_record(record: Mapping[str, Any], path: str | Path) -> None:
    """Write the record of a lottery as JSON, whole or not at all; the same lottery gives the same bytes."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(as_json(record).encode())


def read_record(path: str | Path) -> dict[str, Any]:
    """Read the record of a lottery.

    Raises
    ------
    DataError
        If it is no JSON.
    OSError
        If the file cannot be read.
    """
    try:
        record = json.loads(Path(path).read_bytes())
    except ValueError as error:
        raise DataError(
            [Issue(f"is no JSON: {error}", "take the file as it was written", file=str(path))]
        ) from None
    if not isinstance(record, dict):
        raise DataError(
            [Issue("is no record of a lottery", "take the file as it was written", file=str(path))]
        )
    return record
