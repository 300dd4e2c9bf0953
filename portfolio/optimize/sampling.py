"""First prices of the rules of a large call, from an eighth of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Arrays
from portfolio.optimize.program import Program
from portfolio.optimize.vectors import Bools, Floats, Integers

_SHARE = 8
# A row with fewer columns in the sample is left out of it: its price would say more of the sample than of the call.
_FEW = 50


@dataclass(frozen=True)
class Sample:
    """A smaller program of about the same prices.

    Attributes
    ----------
    arrays
        The program.
    rows
        Its rows in the whole program.
    absorbed
        Which of them blocks may keep.
    few
        The rows of the whole program that are left out because too few of their columns are in the sample.
    """

    arrays: Arrays
    rows: Integers
    absorbed: Bools
    few: Integers


def sample_of(program: Program, value: Floats) -> Sample:
    """Take every eighth block, with the bounds of the rows, and of all that is continuous, to match.

    `value` is what its columns are worth, which need not be what the program says.
    """
    arrays, blocks, linked = program.arrays, program.blocks, program.linked
    leaders = np.flatnonzero(~linked & (blocks.leader == np.arange(len(linked))))
    some = linked.copy()
    order = np.random.default_rng(0).permutation(len(leaders))
    some[leaders[order[: len(order) // _SHARE]]] = True
    columns = np.flatnonzero(blocks.whole(some))
    part = program.by_column[:, columns]
    held = np.bincount(part.indices, minlength=len(arrays.row_low))
    few = ~blocks.absorbed & (held < _FEW) & (np.diff(arrays.matrix.indptr) > 0)
    rows = np.flatnonzero((blocks.absorbed & (held > 0)) | ~(blocks.absorbed | few))
    share = np.where(blocks.absorbed[rows], 1.0, 1.0 / _SHARE)
    box = np.where(linked[columns], 1.0 / _SHARE, 1.0)
    small = Arrays(
        value[columns],
        part.tocsr()[rows, :],
        arrays.low[columns] * box,
        arrays.high[columns] * box,
        arrays.integer[columns],
        arrays.row_low[rows] * share,
        arrays.row_high[rows] * share,
    )
    return Sample(small, rows, blocks.absorbed[rows], np.flatnonzero(few))


def settled(program: Program, prices: Floats, rows: Integers) -> Floats:
    """Give each of some rows the price at which it would be just kept if the others stayed as they are."""
    arrays = program.arrays
    part = arrays.matrix[rows, :]
    row = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
    cap = np.isfinite(arrays.row_high[rows])
    limit = np.where(cap, arrays.row_high[rows], arrays.row_low[rows])
    net = price(arrays, prices, program.blocks).net
    # Columns in the order in which a falling price lets them in; which of equal ones is first does not matter.
    worth = np.divide(net[part.indices], part.data, out=np.full(len(row), -np.inf), where=part.data > 0)
    order = np.argsort(-worth)
    short = row.astype(np.uint16) if len(rows) < 2**16 else row
    order = order[np.argsort(short[order], kind="stable")]
    filled = np.cumsum(part.data[order])
    before = np.concatenate([[0.0], filled])[part.indptr[:-1]]
    full = np.flatnonzero(filled - before[row] > limit[row])
    which, first = np.unique(row[full], return_index=True)
    at = worth[order[full[first]]]
    found = prices.copy()
    found[rows[which]] = np.where(cap[which], np.maximum(at, 0.0), np.minimum(at, 0.0))
    found[~np.isfinite(found)] = 0.0
    return found
