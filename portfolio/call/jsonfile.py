"""Reading JSON: a list of records, of which each cell is one value or a list of values."""

from __future__ import annotations

import json
import math
from typing import Any

import polars as pl

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
    columns = [_series(str(i), column) for i, column in enumerate(cells)]
    numbers = {
        i: pl.Series([_is_number(cell) for cell in column], dtype=pl.Boolean)
        for i, column in enumerate(cells)
        if columns[i].dtype == pl.String and any(map(_is_number, column))
    }
    return Contents(names, pl.DataFrame(columns), numbers=numbers)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if any(name == key for key, _ in pairs[:i]))
        raise ValueError(f"a record has {twice!r} twice")
    for name, cell in pairs:
        parts = cell if isinstance(cell, list) else [cell]
        if any(isinstance(part, dict | list) for part in parts):
            raise ValueError(
                f"{name!r} holds a table or a list of lists: a cell is one value, or a list of values"
            )
    return record


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _series(name: str, cells: list[Any]) -> pl.Series:
    try:
        return pl.Series(name, cells, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        if any(isinstance(cell, list) for cell in cells):
            # Some programs write a list of one member as that member.
            return pl.Series(name, [_members(cell) for cell in cells], dtype=pl.List(pl.String))
        if all(cell is None or (_is_number(cell) and _is_exact(cell)) for cell in cells):
            return pl.Series(name, cells, dtype=pl.Float64, strict=False)
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)


def _is_exact(number: float) -> bool:
    """Whether a number is the same in 64 bits of floating point."""
    return isinstance(number, float) or (abs(number) < 2**1000 and float(number) == number)


def _members(cell: Any) -> list[str | None] | None:
    if cell is None:
        return None
    parts = cell if isinstance(cell, list) else [cell]
    if any(isinstance(part, bool) for part in parts):
        raise ValueError("a list holds true or false: its members are texts or numbers")
    return [None if part is None else str(part) for part in parts]
