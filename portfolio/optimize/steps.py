"""A part of a program whose rows may be missed at a price, so that it always has an answer."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from portfolio.optimize.fixing import Part
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Bools, Floats

# A step of a price: this share of it, and this share of what it might be.
_OF_PRICE = 0.1
_OF_LIKELY = 0.05


def missable(part: Part, prices: Floats, open_: Bools, step: float) -> Arrays:
    """Let rows be missed, or kept with room to spare, at prices some steps away from the present ones.

    The prices that come back are no further away than that (Marsten, Hogan & Blankenship 1975).

    Parameters
    ----------
    prices
        (rows,) present prices of the rows of the part.
    open_
        (rows,) which rows may be missed.
    """
    arrays = part.arrays
    size = np.abs(prices)
    away = step * (_OF_PRICE * size + _OF_LIKELY * _likely(arrays))
    missed, spare = np.flatnonzero(open_), np.flatnonzero(open_ & (size > away))
    sign = np.where(np.isfinite(arrays.row_high), -1.0, 1.0)
    row = np.concatenate([missed, spare])
    count, more = len(arrays.value), len(row)
    columns = sparse.csr_array(
        (np.concatenate([sign[missed], -sign[spare]]), (row, np.arange(more))), shape=(len(sign), more)
    )
    return Arrays(
        np.concatenate([arrays.value, -(size + away)[missed], (size - away)[spare]]),
        sparse.hstack([arrays.matrix, columns], format="csr"),
        np.concatenate([arrays.low, np.zeros(more)]),
        np.concatenate([arrays.high, np.full(more, np.inf)]),
        np.zeros(count + more, dtype=bool),
        arrays.row_low,
        arrays.row_high,
    )


def _likely(arrays: Arrays) -> Floats:
    """Return (rows,) the largest value for a mean coefficient of each row."""
    matrix = arrays.matrix
    mean = (abs(matrix) @ np.ones(matrix.shape[1])) / np.maximum(np.diff(matrix.indptr), 1)
    values = np.abs(arrays.value[np.isfinite(arrays.low) & np.isfinite(arrays.high)])
    largest = float(values.max(initial=0.0)) or float(np.abs(arrays.value).max(initial=0.0)) or 1.0
    return np.asarray(largest / np.where(mean > 0, mean, 1.0), dtype=np.float64)
