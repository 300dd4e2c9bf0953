"""A column made of single values, as JSON and typed proposals have them: none becomes a value of another kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import polars as pl

_KINDS = (bool, int, float, str, list, datetime, date)


def column_of(name: str, cells: Sequence[Any]) -> pl.Series:
    """Give values a column: of their kind if they have one, of lists if one is a list, else of texts.

    Raises
    ------
    ValueError
        If a list holds true or false.
    """
    # polars would take true for 1 behind a number, and 1.5 for 1 in a list behind one of whole numbers.
    kinds = {_kind(cell) for cell in cells if cell is not None}
    if list in kinds:
        # Some programs write a list of one member as that member.
        return pl.Series(name, [_members(cell) for cell in cells], dtype=pl.List(pl.String))
    if kinds == {int, float} and all(cell is None or _is_exact(cell) for cell in cells):
        return pl.Series(name, cells, dtype=pl.Float64, strict=False)
    if kinds == {date, datetime}:
        # polars would leave out the time of day behind a day.
        cells, kinds = [_instant(cell) for cell in cells], {datetime}
    if len(kinds) <= 1:
        try:
            return pl.Series(name, cells)
        except (TypeError, pl.exceptions.PolarsError, OverflowError):
            # Whole numbers that no type holds.
            pass
    return pl.Series(name, [None if cell is None else _spelled(cell) for cell in cells], dtype=pl.String)


def _kind(cell: Any) -> type:
    return next((kind for kind in _KINDS if isinstance(cell, kind)), type(cell))


def _instant(cell: date | None) -> datetime | None:
    return cell if cell is None or isinstance(cell, datetime) else datetime.combine(cell, time())


def _is_exact(number: float) -> bool:
    """Whether a number is the same in 64 bits of floating point."""
    return isinstance(number, float) or (abs(number) < 2**1000 and float(number) == number)


def _spelled(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _members(cell: Any) -> list[str | None] | None:
    if cell is None:
        return None
    parts = cell if isinstance(cell, list) else [cell]
    if any(isinstance(part, bool) for part in parts):
        raise ValueError("a list holds true or false: its members are texts or numbers")
    return [None if part is None else str(part) for part in parts]
