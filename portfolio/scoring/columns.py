"""Columns of a call as arrays: a column that is absent is missing everywhere."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl

from portfolio.errors import DataError, Issue, each_nearest
from portfolio.scoring.estimate import Flags, Floats
from portfolio.scoring.paradigm import POSITIONS


class Scorable(Protocol):
    """Anything with a table of proposals and, maybe, one of reviews; a `Call` is."""

    @property
    def frame(self) -> pl.DataFrame:
        """One row per proposal."""
        ...

    @property
    def reviews(self) -> pl.DataFrame | None:
        """One row per grade, or None."""
        ...


def series(frame: pl.DataFrame, name: str, dtype: type[pl.DataType] | pl.DataType) -> pl.Series:
    """Return a column as `dtype`; all null if the frame does not have it."""
    if name not in frame.columns:
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, frame.height)
    column = frame.get_column(name)
    if column.dtype == dtype:
        return column
    try:
        return column.cast(dtype)
    except pl.exceptions.PolarsError:
        hint = "Read the proposals with read_call or Call.from_frame, which convert and check every column."
        raise DataError([Issue(f"cannot be used as {dtype}", hint, column=name)]) from None


def numbers(frame: pl.DataFrame, name: str) -> Floats:
    """Return a numeric column as floats of shape (n,), NaN where it is missing."""
    return series(frame, name, pl.Float64).to_numpy().astype(np.float64, copy=False)


def words(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column of words, every one of them known to the vocabulary of that column."""
    column = series(frame, name, pl.String)
    _refuse_unknown(name, column)
    return column


def mentions(frame: pl.DataFrame, name: str) -> dict[str, Flags]:
    """Return, for every word of the vocabulary of a column of lists, which proposals mention it."""
    column = series(frame, name, pl.List(pl.String))
    found = column.explode(empty_as_null=False, keep_nulls=False)
    _refuse_unknown(name, found)
    known = list(POSITIONS[name])
    codes = found.replace_strict(known, range(len(known)), return_dtype=pl.Int64).fill_null(-1).to_numpy()
    rows = np.repeat(np.arange(frame.height), column.list.len().fill_null(0).to_numpy())
    flags = np.zeros((len(known) + 1, frame.height), dtype=np.bool_)
    flags[codes, rows] = True
    return dict(zip(known, flags, strict=False))


def tagged(frame: pl.DataFrame, name: str) -> Flags:
    """Return which proposals have at least one tag in a column of lists."""
    tags = series(frame, name, pl.List(pl.String)).list.drop_nulls().list.len()
    return (tags > 0).fill_null(False).to_numpy()


def _refuse_unknown(name: str, column: pl.Series) -> None:
    known = POSITIONS[name]
    found = column.drop_nulls().value_counts().sort(name)
    unknown = [(word, count) for word, count in found.iter_rows() if word not in known]
    hints = each_nearest((word for word, _ in unknown), known)
    issues = [
        Issue("is not a known word", hint, column=name, value=word, count=count)
        for (word, count), hint in zip(unknown, hints, strict=True)
    ]
    if issues:
        raise DataError(issues)
