"""A program with most of its columns fixed, written without them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Bools, Floats, Integers


@dataclass(frozen=True)
class Part:
    """The part of a program that is not fixed.

    Attributes
    ----------
    arrays
        The program over the free columns, without the rows that no longer can be broken.
    columns, rows
        Where its columns and rows stand in the whole program.
    worth
        Value of what is fixed.
    """

    arrays: Arrays
    columns: Integers
    rows: Integers
    worth: float


def part_of(arrays: Arrays, by_column: sparse.csc_array, free: Bools, x: Floats) -> Part:
    """Fix all columns that are not free where x has them.

    Parameters
    ----------
    by_column
        The matrix of the program, by columns.
    """
    columns = np.flatnonzero(free)
    rest = by_column @ np.where(free, 0.0, x)
    some = by_column[:, columns]
    low, high = arrays.low[columns], arrays.high[columns]
    least, most = activity(some, low, high)
    row_low, row_high = arrays.row_low - rest, arrays.row_high - rest
    touched = np.zeros(len(rest), dtype=bool)
    touched[some.indices] = True
    # A row without free columns is left out if it holds within the tolerance of solvers, or else shown to them.
    slack = np.where(touched, 1e-9, 1e-7 + 1e-12 * np.abs(rest))
    rows = np.flatnonzero((most > row_high + slack) | (least < row_low - slack))
    small = Arrays(
        arrays.value[columns],
        some.tocsr()[rows, :],
        low,
        high,
        arrays.integer[columns],
        row_low[rows],
        row_high[rows],
    )
    return Part(small, columns, rows, float(arrays.value @ np.where(free, 0.0, x)))


def activity(matrix: sparse.csc_array, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the least and the largest that each row can be within the bounds of the columns."""
    count = np.diff(matrix.indptr)
    up = matrix.data > 0
    lows, highs = np.repeat(low, count), np.repeat(high, count)
    with np.errstate(invalid="ignore"):
        least = np.nan_to_num(matrix.data * np.where(up, lows, highs), nan=0.0, posinf=np.inf, neginf=-np.inf)
        most = np.nan_to_num(matrix.data * np.where(up, highs, lows), nan=0.0, posinf=np.inf, neginf=-np.inf)
    rows = matrix.shape[0]
    return np.bincount(matrix.indices, least, rows), np.bincount(matrix.indices, most, rows)


def smallest(keys: Floats, count: int) -> Bools:
    """Mark the columns of the smallest keys; the first of equal ones."""
    mask = np.zeros(len(keys), dtype=bool)
    if count >= len(keys):
        mask[:] = True
        return mask
    # Everything below the last key to be taken, and of those equal to it as many as are left.
    last = np.partition(keys, count)[count]
    mask[keys < last] = True
    mask[np.flatnonzero(keys == last)[: count - int(mask.sum())]] = True
    return mask
