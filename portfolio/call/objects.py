"""Columns whose cells are single values of Python, of pandas and polars alike, and what Arrow says of its own."""

from __future__ import annotations

import operator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import polars as pl

from portfolio.call import typed
from portfolio.call.mixed import column_of
from portfolio.call.sets import in_order

if TYPE_CHECKING:
    import narwhals as nw

# The type of Arrow at which polars ends in a panic.
_WIDE = "decimal256"
_KINDS = (bool, int, float, str, bytes, Decimal, date, time, timedelta, dict)


class ColumnError(ValueError):
    """What a column holds is not read; with what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def arrow_type(column: nw.Series[Any]) -> str:
    """Return the name of the type of Arrow that a column has, in pandas too; nothing if it has none."""
    native = column.to_native()
    # Of `type` pandas would look for a row of that name.
    dtype = native.dtype if hasattr(native, "dtype") else native
    return str(getattr(dtype, "pyarrow_dtype", getattr(dtype, "type", "")))


def refuse_wide(kind: str) -> None:
    """Refuse decimals of more than 38 digits, in lists and tables too.

    Raises
    ------
    ColumnError
        If the type of Arrow has them.
    """
    if _WIDE in kind:
        what = f"{kind} holds decimals of more than 38 digits"
        raise ColumnError(what, "cast it to decimal128(38, 9) or to texts")


def of_objects(column: nw.Series[Any]) -> pl.Series:
    """Return a column of objects as one of texts, numbers, days or lists, the members of sets in order.

    Raises
    ------
    Exception
        If nobody knows what they are, or pyarrow takes them for several kinds.
    """
    cells = in_order(column.to_list())
    own = [_own(cell) for cell in cells]
    # Of a UUID pyarrow would take the bytes.
    if _is_ours(own) or any(isinstance(part, UUID) for part in _parts(cells)):
        return column_of("", own)
    if len({isinstance(part, str) for part in _parts(own) if part is not None}) > 1:
        raise ValueError("holds texts and other values")
    try:
        import pyarrow as pa
    except ImportError:
        return column_of("", own)
    array = pa.array(cells, from_pandas=True)
    refuse_wide(str(array.type))
    return pl.DataFrame(pl.from_arrow(pa.table({"cells": array})))["cells"]


def cell_by_cell(column: nw.Series[Any]) -> pl.Series:
    """Return any column as it is read where pyarrow is not installed."""
    cells = column_of("", [_own(cell) for cell in in_order(column.to_list())])
    return cells.cast(pl.Float32) if repr(column.dtype) == "Float32" else cells


def _is_ours(cells: list[Any]) -> bool:
    """Whether pyarrow would take single objects for something else, in lists too.

    Behind a fraction True would be 1. Days in several time zones would be put into that of the first, which may be the
    day before, and behind a day without a time that of others would be left out.
    """
    parts = _parts(cells)
    truths = {isinstance(part, bool) for part in parts if part is not None}
    return truths == {True, False} or any(isinstance(part, date) for part in parts)


def _parts(cells: list[Any]) -> list[Any]:
    """Return the cells, and the members of those that are lists."""
    return [part for cell in cells for part in (cell if isinstance(cell, list | tuple) else [cell])]


def _own(cell: Any) -> Any:
    """Return a value of numpy or pandas as one of Python; None where it is missing."""
    if isinstance(cell, np.float32):
        return typed.plain(pl.Series([cell.item()], dtype=pl.Float32)).item()
    if isinstance(cell, np.datetime64):
        # Of days in nanoseconds numpy would give the number.
        return cell.astype("datetime64[us]").item()
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, list | tuple) or hasattr(cell, "tolist"):
        return [_own(one) for one in cell]
    # A missing value of pandas, whatever its type, is the only thing that does not equal itself.
    if cell is None or operator.eq(cell, cell) is not True:
        return None
    if isinstance(cell, UUID):
        return str(cell)
    if not isinstance(cell, _KINDS):
        # As a text it might be its place in the memory.
        what = f"holds objects of the kind {type(cell).__name__}, which is no text, number or day"
        raise ColumnError(what, "put the text, number or day in their place, such as their names")
    return _as_it_stands(cell) if isinstance(cell, datetime) else cell


def _as_it_stands(instant: datetime) -> datetime:
    """Return a day and its time as they are written, of no time zone."""
    here = instant.replace(tzinfo=None)
    # A Timestamp of pandas.
    return here.to_pydatetime(warn=False) if hasattr(here, "to_pydatetime") else here
