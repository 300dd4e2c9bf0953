"""What a program is worth at most, seen through prices of its rows (Lagrangian duality).

With prices y of the rules every column has a reduced cost ``d = v - A'y``, and no portfolio is worth more than ``y'b``
plus the sum of the best that every block can make of d. Small rules are kept inside the blocks and have no price.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from portfolio.optimize.blocks import Blocks, find_blocks
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Floats

_REPAIRS = 50


@dataclass(frozen=True)
class Priced:
    """A program seen through prices of its rows.

    Attributes
    ----------
    arrays, blocks
        The program, and its blocks.
    bound
        No solution is worth more.
    prices
        (rows,) the prices that prove it: of the right sign, 0 for rows inside blocks.
    net
        (columns,) value less what the rows that have prices charge for it.
    x
        (columns,) a point at which the bound is reached; 0, or the nearest bound to it, where that is infinite.
    """

    arrays: Arrays
    blocks: Blocks
    bound: float
    prices: Floats
    net: Floats
    x: Floats

    @property
    def margins(self) -> Floats:
        """(columns,) loss of bound at least by deciding a 0/1 column the other way; infinite if there is no other."""
        return self._sides[0]

    @property
    def reduced(self) -> Floats:
        """(columns,) for a column with bounds 0 and 1: the bound if it is 1 less the bound if it is 0.

        For a column of no block this is its value less what the rules charge for it, and so it is for columns of
        other bounds. In a block it is less than infinite also for a column that the rows leave no choice.
        """
        return self._sides[1]

    @cached_property
    def _sides(self) -> tuple[Floats, Floats]:
        # Most prices are looked at for their bound alone.
        low, high, net = self.arrays.low, self.arrays.high, self.net
        reduced = net.copy()
        margins = np.where(low < high, np.abs(net), np.inf)
        for kind in self.blocks.kinds:
            scores = kind.scores(net)
            top = scores.max(axis=1)
            for place in range(kind.members.shape[1]):
                column = kind.members[:, place]
                here = self.x[column]
                values = np.broadcast_to(kind.patterns[..., place], scores.shape)
                margin = top - np.where(values != here[:, None], scores, -np.inf).max(axis=1)
                margins[column] = margin
                # What the rows leave no choice would lose anything; its own worth is a figure that one can show.
                least = np.where(low[column] < high[column], np.abs(net[column]), 0.0)
                margin = np.where(np.isfinite(margin), margin, least)
                reduced[column] = np.where(here > 0.5, margin, -margin)
        return margins, reduced


def price(arrays: Arrays, duals: Floats, blocks: Blocks | None = None) -> Priced:
    """Evaluate the Lagrangian bound at prices of any origin; prices of the wrong sign are taken as 0.

    Parameters
    ----------
    duals
        (rows,) value per unit of each row's bound: at least 0 for caps, at most 0 for floors.
    blocks
        The blocks of the program, if they are known.
    """
    blocks = find_blocks(arrays) if blocks is None else blocks
    y = allowed(arrays, np.where(blocks.absorbed, 0.0, duals))
    y = allowed(arrays, _repaired(arrays, y, blocks))
    net = arrays.value - arrays.matrix.T @ y
    x = np.where(net > 0, arrays.high, arrays.low)
    # An unbounded column of reduced cost 0 adds nothing, and 0 x infinity must not become a NaN.
    gain = np.multiply(net, x, out=np.zeros_like(net), where=net != 0)
    x = np.where(np.isfinite(x), x, np.clip(0.0, arrays.low, arrays.high))
    best = 0.0
    for kind in blocks.kinds:
        scores = kind.scores(net)
        chosen = np.argmax(scores, axis=1)
        gain[kind.members] = 0.0
        best += float(scores.max(axis=1).sum())
        for place in range(kind.members.shape[1]):
            values = np.broadcast_to(kind.patterns[..., place], scores.shape)
            x[kind.members[:, place]] = np.take_along_axis(values, chosen[:, None], axis=1)[:, 0]
    limit = np.where(y > 0, arrays.row_high, arrays.row_low)
    rows = np.multiply(y, limit, out=np.zeros_like(y), where=y != 0)
    return Priced(arrays, blocks, float(rows.sum() + gain.sum() + best), y, net, x)


def allowed(arrays: Arrays, y: Floats) -> Floats:
    """Return prices of the right signs: at least 0 for a cap, at most 0 for a floor."""
    y = np.where(np.isfinite(arrays.row_high), y, np.minimum(y, 0))
    return np.where(np.isfinite(arrays.row_low), y, np.maximum(y, 0))


def _repaired(arrays: Arrays, y: Floats, blocks: Blocks) -> Floats:
    """Move prices, mostly by a rounding error, where a column without an end would make the bound infinite."""
    endless = ~(np.isfinite(arrays.low) & np.isfinite(arrays.high))
    for kind in blocks.kinds:
        endless[kind.members] = False
    columns = np.flatnonzero(endless)
    if not len(columns):
        return y
    part = arrays.matrix[:, columns].tocsc()
    value, low, high = arrays.value[columns], arrays.low[columns], arrays.high[columns]
    y = _clipped(part, value, high, y.copy())
    for _ in range(_REPAIRS):
        net = value - part.T @ y
        bad = np.where(net > 0, ~np.isfinite(high), ~np.isfinite(low)) & (net != 0)
        if not bad.any():
            break
        for index in np.flatnonzero(bad).tolist():
            entries = slice(part.indptr[index], part.indptr[index + 1])
            row, a = part.indices[entries], part.data[entries]
            step = _beyond((value[index] - float(a @ y[row])) / a)
            able = np.flatnonzero(_allowed_at(arrays, row, y[row] + step) == y[row] + step)
            if len(able):
                pick = able[np.argmax(np.abs(a[able]))]
                y[row[pick]] += step[pick]
    return y


def _clipped(part: sparse.csc_array, value: Floats, high: Floats, y: Floats) -> Floats:
    """Bring the prices of rows with an endless column of their own within what that column is worth."""
    own = np.flatnonzero(np.diff(part.indptr) == 1)
    row, a = part.indices[part.indptr[own]], part.data[part.indptr[own]]
    endless_up = ~np.isfinite(high[own])
    least = (a > 0) == endless_up
    limit = value[own] / a
    edge = np.where(least, 1.0, -1.0) * (np.abs(limit) * 1e-12 + 1e-15)
    np.maximum.at(y, row[least], (limit + edge)[least])
    np.minimum.at(y, row[~least], (limit + edge)[~least])
    return y


def _beyond(step: Floats) -> Floats:
    """Go a little further, so that rounding cannot leave a step short."""
    return np.asarray(step * (1 + 1e-9) + np.sign(step) * 1e-15, dtype=np.float64)


def _allowed_at(arrays: Arrays, row: np.ndarray, y: Floats) -> Floats:
    y = np.where(np.isfinite(arrays.row_high[row]), y, np.minimum(y, 0))
    return np.where(np.isfinite(arrays.row_low[row]), y, np.maximum(y, 0))
