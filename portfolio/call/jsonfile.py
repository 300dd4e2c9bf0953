"""Reading JSON: a list of records, of which each cell is one value or a list of values."""

from __future__ import annotations

import json
import math
from typing import Any

import polars as pl

from portfolio.call.mixed import column_of
from portfolio.call.sheet import MOST_COLUMNS, Contents


def read_json(data: bytes, file: str) -> Contents:
    """Read a list of records.

    Raises
    ------
    ValueError
        If it is something else.
    """
    records = json.loads(data, object_pairs_hook=_once, parse_float=_finite)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("it must hold a list of records")
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > MOST_COLUMNS:
        raise ValueError(f"it has {len(names):,} columns, more than {MOST_COLUMNS:,}")
    "".join(names).encode()
    cells = [[record.get(name) for record in records] for name in names]
    columns = [column_of(str(i), column) for i, column in enumerate(cells)]
    numbers = {
        i: pl.Series([_is_number(cell) for cell in column], dtype=pl.Boolean)
        for i, column in enumerate(cells)
        if columns[i].dtype == pl.String and any(map(_is_number, column))
    }
    return Contents(names, pl.DataFrame(columns), numbers=numbers)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, cell in pairs:
        if name in record:
            raise ValueError(f"a record has {name!r} twice")
        record[name] = cell
        parts = cell if isinstance(cell, list) else [cell]
        if any(isinstance(part, dict | list) for part in parts):
            raise ValueError(
                f"{name!r} holds a table or a list of lists: a cell is one value, or a list of values. Where records "
                "are nested, as in 360Giving, export the flat table (CSV or Excel) or make columns of what they hold"
            )
    return record


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
