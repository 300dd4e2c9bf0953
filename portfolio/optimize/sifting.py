"""Sifting: a linear program over many proposals, solved over the few near the funding line (Bixby et al. 1992).

Most columns of a large call are far on one side of the prices: clearly funded or clearly not. Only a working set is
handed to the simplex method, all others stay where the prices put them. The prices that come back are better, so the
set is chosen anew around them; where they are not, the columns that stand on the wrong side join the set. When there
are none, the answer is that of the whole program. The first prices come from a sample of the call, found in the same
way. Small groups of columns are priced as blocks, and stand inside the set or outside of it as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from portfolio.optimize.blocks import Blocks, find_blocks
from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.fixing import Part, part_of
from portfolio.optimize.instance import Bools, Floats, Integers
from portfolio.optimize.lagrangian import Priced, price
from portfolio.optimize.model import Arrays

# Programs of fewer columns are handed to the simplex method whole: without prices to start from, and with them.
_WHOLE = 5_000
_WHOLE_PRICED = 300
# Columns of the working set, columns of smallest margin that every tight row gets, and the share of the call from
# which the first prices are taken, which need not be precise.
_WORKING = 2_000
_PER_ROW = 20
_SAMPLE = 8
_SAMPLE_WITHIN = 1e-5
_FEW = 50
_ROUNDS = 60
_NUDGE = 1e-6
# What missing a row costs, in multiples of the largest value for its largest coefficient; the last of them is what
# no price can exceed unless the row cannot be kept.
_PENALTIES = (2.0, 1e2, 1e5, 1e8)
_MISSED = 1e-7

Simplex = Callable[[Arrays], Outcome]


def sift(
    arrays: Arrays,
    simplex: Simplex,
    prices: Floats | None = None,
    *,
    whole: int = _WHOLE,
    working: int = _WORKING,
    within: float = 0.0,
) -> Outcome:
    """Solve a linear program.

    Parameters
    ----------
    arrays
        The program. Its whole numbers are left out of account but for one thing: in small groups of columns tied
        together by rows of their own, they may make the bound better than that of the linear program.
    simplex
        Solves a small program, with duals.
    prices
        (rows,) duals of a similar program to start from.
    whole
        Programs of fewer columns are handed to the simplex method as they are, unless there are prices.
    working
        Columns of the working set.
    within
        Relative gap between bound and value at which to stop.

    Returns
    -------
    Outcome
        With primal solution, duals and reduced costs, as `simplex` would give them for the whole program. `bound` is
        that of the prices.
    """
    if prices is not None and len(prices) != len(arrays.row_low):
        prices = None
    if len(arrays.value) < (whole if prices is None else min(whole, _WHOLE_PRICED)):
        return simplex(arrays)
    program = _Program(arrays, arrays.matrix.tocsc(), find_blocks(arrays), simplex, working, whole)
    return program.solve(program.sampled() if prices is None else prices, within) or simplex(arrays)


@dataclass(frozen=True)
class _Center:
    """The best prices so far, where they put the columns, and which columns are in the working set around them."""

    priced: Priced
    x: Floats
    working: Bools
    prices: Floats


@dataclass(frozen=True)
class _Answer:
    """What the simplex method made of a working set."""

    x: Floats
    prices: Floats
    missed: float
    solver: str


@dataclass(frozen=True)
class _Program:
    """A program with its matrix by columns and its blocks."""

    arrays: Arrays
    by_column: sparse.csc_array
    blocks: Blocks
    simplex: Simplex
    working: int
    whole: int

    def solve(self, prices: Floats, within: float) -> Outcome | None:
        """Solve first with slightly different values, then with the true ones; None if that does not end.

        Where many proposals have the same value for money, all of them stand exactly at the funding line, and no
        small set of them is enough. Values that differ in the seventh digit put them in an order.
        """
        start = self._center(prices)
        tied = np.abs(start.priced.net) <= 4 * _NUDGE * np.abs(self.arrays.value)
        if int((tied & self.arrays.integer).sum()) > self.working:
            found = self._nudged()._grow(prices, within)
            if found is None or within >= _NUDGE:
                return found and self._outcome(found[1])
            start = found[0]
        found = self._grow(prices, within, start)
        return found and self._outcome(found[1])

    def _nudged(self) -> _Program:
        value = self.arrays.value
        nudge = 1 + _NUDGE * np.random.default_rng(1).random(len(value))
        return replace(
            self, arrays=replace(self.arrays, value=np.where(self.arrays.integer, value * nudge, value))
        )

    def _outcome(self, answer: _Answer) -> Outcome:
        value = self.arrays.value
        priced = price(self.arrays, answer.prices, self.blocks)
        duals = answer.prices
        best = float(value @ answer.x)
        reduced = value - self.arrays.matrix.T @ duals
        return Outcome(Stop.OPTIMAL, answer.x, best, priced.bound, duals, reduced, answer.solver)

    def _grow(self, prices: Floats, within: float, center: _Center | None = None) -> tuple[_Center, _Answer] | None:
        """Choose working sets until no column outside stands on the wrong side."""
        arrays = self.arrays
        center = self._center(prices) if center is None else center
        size = float(np.abs(arrays.value).max(initial=0.0)) or 1.0
        level = 0
        for round_ in range(_ROUNDS):
            answer = self._restricted(center, _PENALTIES[level])
            if answer is None:
                return None
            priced = price(arrays, answer.prices, self.blocks)
            gain = self.blocks.total(priced.net * (priced.x - answer.x))
            wrong = ~center.working & (gain > 1e-9 * size)
            value = float(arrays.value @ answer.x)
            if DEBUG: print(round_, len(arrays.value), "working", center.working.sum(), "bound", priced.bound, "best", center.priced.bound, "value", value, "missed", answer.missed, "wrong", wrong.sum(), level, time.perf_counter()-T0)
            done = not wrong.any() or priced.bound - value <= within * abs(value)
            if done and answer.missed <= _MISSED:
                return center, answer
            if not wrong.any():
                level += 1
                if level == len(_PENALTIES):
                    return None
                continue
            if priced.bound < center.priced.bound - 1e-9 * abs(center.priced.bound):
                center = self._center(answer.prices, priced)
            else:
                most = max(self.working, int(center.working.sum()))
                center = replace(center, working=center.working | self.blocks.whole(_smallest(np.where(wrong, -gain, np.inf), min(most, int(wrong.sum())))), x=answer.x)
        return None

    def _center(self, prices: Floats, priced: Priced | None = None) -> _Center:
        """Choose the columns of smallest margin, and for every row that is tight or missed some of its own."""
        arrays = self.arrays
        priced = price(arrays, prices, self.blocks) if priced is None else priced
        endless = ~(np.isfinite(arrays.low) & np.isfinite(arrays.high)) & ~self.blocks.inside
        margins = self.blocks.least(priced.margins)
        margins[arrays.low == arrays.high] = np.inf
        margins[endless] = -1.0
        working = self.blocks.whole(_smallest(margins, self.working))
        there = self.by_column @ priced.x
        short = (prices != 0) | (there > arrays.row_high + 1e-9) | (there < arrays.row_low - 1e-9)
        short &= ~self.blocks.absorbed
        held = np.bincount(self.by_column[:, np.flatnonzero(working)].indices, minlength=len(short))
        rows = np.flatnonzero(short & (held < _PER_ROW))
        if len(rows):
            part = arrays.matrix[rows, :]
            row = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
            order = np.lexsort((margins[part.indices], row))
            place = np.arange(len(row)) - np.repeat(part.indptr[:-1], np.diff(part.indptr))
            more = np.zeros(len(working), dtype=bool)
            more[part.indices[order[place < _PER_ROW]]] = True
            working |= self.blocks.whole(more)
        return _Center(priced, priced.x, working, prices)

    def _restricted(self, center: _Center, penalty: float) -> _Answer | None:
        """Solve over the working set; each row may be missed at a price, so that there always is an answer."""
        arrays = self.arrays
        part = part_of(arrays, self.by_column, center.working, center.x)
        open_ = np.flatnonzero(~self.blocks.absorbed[part.rows])
        dear = _dearness(part, arrays) + np.abs(center.prices[part.rows])
        outcome = self.simplex(_missable(part, open_, penalty * dear[open_]))
        if outcome.x is None or outcome.duals is None:
            return None
        count = len(part.columns)
        x = center.x.copy()
        x[part.columns] = outcome.x[:count]
        prices = np.zeros(len(arrays.row_low))
        prices[part.rows] = outcome.duals
        return _Answer(x, prices, float(outcome.x[count:].sum()), outcome.solver)

    def sampled(self) -> Floats:
        """Take prices from every eighth block, with the bounds of the rows and of all else that is continuous to match."""
        arrays, blocks = self.arrays, self.blocks
        linked = ~arrays.integer & ~blocks.inside
        leaders = np.unique(blocks.leader[~linked]) if len(blocks.kinds) else np.flatnonzero(~linked)
        order = np.random.default_rng(0).permutation(len(leaders))
        some = linked.copy()
        some[leaders[order[: len(order) // _SAMPLE]]] = True
        columns = np.flatnonzero(blocks.whole(some))
        part = self.by_column[:, columns]
        held = np.bincount(part.indices, minlength=len(arrays.row_low))
        few = ~blocks.absorbed & (held < _FEW) & (np.diff(arrays.matrix.indptr) > 0)
        rows = np.flatnonzero((blocks.absorbed & (held > 0)) | ~(blocks.absorbed | few))
        share = np.where(blocks.absorbed[rows], 1.0, 1.0 / _SAMPLE)
        box = np.where(linked[columns], 1.0 / _SAMPLE, 1.0)
        sample = Arrays(
            arrays.value[columns],
            part.tocsr()[rows, :],
            arrays.low[columns] * box,
            arrays.high[columns] * box,
            arrays.integer[columns],
            arrays.row_low[rows] * share,
            arrays.row_high[rows] * share,
        )
        prices = np.zeros(len(arrays.row_low))
        outcome = _sift_sample(sample, blocks.absorbed[rows], self)
        if outcome.duals is not None:
            prices[rows] = outcome.duals
        return self._settled(prices, np.flatnonzero(few))

    def _settled(self, prices: Floats, rows: Integers) -> Floats:
        """Give each of some rows the price at which it alone would be just kept; a sample holds too little of them."""
        arrays = self.arrays
        part = arrays.matrix[rows, :]
        row = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
        cap = np.isfinite(arrays.row_high[rows])
        limit = np.where(cap, arrays.row_high[rows], arrays.row_low[rows])
        net = price(arrays, prices, self.blocks).net
        ratio = np.divide(net[part.indices], part.data, out=np.full(len(row), -np.inf), where=part.data > 0)
        order = np.lexsort((-ratio, row))
        filled = np.cumsum(part.data[order])
        before = np.concatenate([[0.0], filled])[part.indptr[:-1]]
        full = np.flatnonzero(filled - before[row[order]] > limit[row[order]])
        which, first = np.unique(row[order][full], return_index=True)
        at = ratio[order][full][first]
        settled = prices.copy()
        settled[rows[which]] = np.where(cap[which], np.maximum(at, 0.0), np.minimum(at, 0.0))
        settled[~np.isfinite(settled)] = 0.0
        return settled


def _sift_sample(sample: Arrays, absorbed: Bools, of: _Program) -> Outcome:
    if len(sample.value) < of.whole:
        return of.simplex(sample)
    program = _Program(sample, sample.matrix.tocsc(), find_blocks(sample, absorbed), of.simplex, of.working, of.whole)
    return program.solve(program.sampled(), _SAMPLE_WITHIN) or of.simplex(sample)


def _dearness(part: Part, arrays: Arrays) -> Floats:
    """Return (rows,) the largest value for the mean coefficient of a row: what its price may be like."""
    matrix = part.arrays.matrix
    count = np.maximum(np.diff(matrix.indptr), 1)
    mean = (abs(matrix) @ np.ones(matrix.shape[1])) / count
    size = float(np.abs(arrays.value[arrays.integer]).max(initial=0.0)) or 1.0
    return size / np.where(mean > 0, mean, 1.0)


def _missable(part: Part, rows: Integers, penalty: Floats) -> Arrays:
    """Add a column to each of some rows by which it can be missed, whichever side it has."""
    arrays = part.arrays
    count, size = len(arrays.value), len(rows)
    cap = np.isfinite(arrays.row_high[rows])
    miss = sparse.csr_array((np.where(cap, -1.0, 1.0), (rows, np.arange(size))), shape=(len(part.rows), size))
    return Arrays(
        np.concatenate([arrays.value, -penalty]),
        sparse.hstack([arrays.matrix, miss], format="csr"),
        np.concatenate([arrays.low, np.zeros(size)]),
        np.concatenate([arrays.high, np.full(size, np.inf)]),
        np.zeros(count + size, dtype=bool),
        arrays.row_low,
        arrays.row_high,
    )


def _smallest(keys: Floats, count: int) -> Bools:
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


import time
DEBUG = False
T0 = time.perf_counter()
