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

from portfolio.optimize.blocks import Blocks
from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.fixing import Part, part_of, smallest
from portfolio.optimize.instance import Bools, Floats, Integers
from portfolio.optimize.lagrangian import Priced, price
from portfolio.optimize.model import Arrays
from portfolio.optimize.program import Program

# Programs of fewer columns are handed to the simplex method whole: without prices to start from, and with them.
_WHOLE = 5_000
_WHOLE_PRICED = 300
# Columns of the working set, columns of smallest margin that every tight row gets, and the share of the call from
# which the first prices are taken, which need not be precise.
_WORKING = 1_500
_PER_ROW = 10
_SAMPLE = 8
_SAMPLE_WITHIN = 1e-5
_FEW = 50
_ROUNDS = 60
_NUDGE = 1e-6
# What missing a row costs, in multiples of the largest value for its largest coefficient; the last of them is what
# no price can exceed unless the row cannot be kept.
_PENALTIES = (1.0, 10.0, 1e3, 1e6, 1e9)
NAT = 0.05
REL = 0.1
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
    program: Program | None = None,
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
    program
        What is known about the program already.

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
    program = Program(arrays) if program is None else program
    sifting = _Sifting(program, arrays, simplex, working, whole)
    return sifting.solve(sifting.sampled() if prices is None else prices, within) or simplex(arrays)


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
class _Sifting:
    """A program that is sifted, perhaps with other values than its own."""

    program: Program
    arrays: Arrays
    simplex: Simplex
    working: int
    whole: int

    @property
    def by_column(self) -> sparse.csc_array:
        """The matrix by columns."""
        return self.program.by_column

    @property
    def blocks(self) -> Blocks:
        """The groups of columns that small rows tie together."""
        return self.program.blocks

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

    def _nudged(self) -> _Sifting:
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

    def _grow(
        self, prices: Floats, within: float, center: _Center | None = None
    ) -> tuple[_Center, _Answer] | None:
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
            if DEBUG:
                print(
                    round_,
                    len(arrays.value),
                    "working",
                    center.working.sum(),
                    "bound",
                    priced.bound,
                    "best",
                    center.priced.bound,
                    "value",
                    value,
                    "missed",
                    answer.missed,
                    "wrong",
                    wrong.sum(),
                    level,
                    time.perf_counter() - T0,
                )
            done = not wrong.any() or priced.bound - value <= within * abs(value)
            if done and answer.missed <= _MISSED:
                return center, answer
            if not wrong.any():
                level += 1
                if level == len(_PENALTIES):
                    return None
                continue
            if SETTLE and not priced.bound < center.priced.bound - 1e-9 * abs(center.priced.bound):
                p2 = self._settled(answer.prices, self.few())
                pr2 = price(arrays, p2, self.blocks)
                if DEBUG:
                    print("    settled", pr2.bound, time.perf_counter() - T0)
                if pr2.bound < center.priced.bound - 1e-6 * abs(center.priced.bound):
                    center = self._center(p2, pr2)
                    continue
            if priced.bound < center.priced.bound - 1e-9 * abs(center.priced.bound):
                center = self._center(answer.prices, priced)
            else:
                most = max(self.working, int(center.working.sum()))
                center = replace(
                    center,
                    working=center.working
                    | self.blocks.whole(
                        smallest(np.where(wrong, -gain, np.inf), min(most, int(wrong.sum())))
                    ),
                    x=answer.x,
                )
        return None

    def _center(self, prices: Floats, priced: Priced | None = None) -> _Center:
        """Choose the columns of smallest margin, and for every row that is tight or missed some of its own."""
        arrays = self.arrays
        priced = price(arrays, prices, self.blocks) if priced is None else priced
        endless = ~(np.isfinite(arrays.low) & np.isfinite(arrays.high)) & ~self.blocks.inside
        margins = self.blocks.least(priced.margins)
        margins[arrays.low == arrays.high] = np.inf
        margins[endless] = -1.0
        working = self.blocks.whole(smallest(margins, self.working))
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
        here = center.prices[part.rows]
        step = penalty * (_dearness(part, arrays) * NAT + np.abs(here) * REL)
        outcome = self.simplex(_missable(part, open_, here[open_], step[open_]))
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
        linked = self.program.linked
        leaders = np.flatnonzero(~linked & (blocks.leader == np.arange(len(linked))))
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

    def few(self):
        m = self.arrays.matrix
        count = np.diff(m.indptr)
        return np.flatnonzero(~self.blocks.absorbed & (count < 8 * _FEW) & (count > 0))

    def _settled(self, prices: Floats, rows: Integers) -> Floats:
        """Give each of some rows the price at which it alone would be just kept; a sample holds too little of them."""
        arrays = self.arrays
        part = arrays.matrix[rows, :]
        row = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
        cap = np.isfinite(arrays.row_high[rows])
        limit = np.where(cap, arrays.row_high[rows], arrays.row_low[rows])
        net = price(arrays, prices, self.blocks).net
        ratio = np.divide(net[part.indices], part.data, out=np.full(len(row), -np.inf), where=part.data > 0)
        order = np.argsort(-ratio)
        order = order[
            np.argsort(row[order].astype(np.uint16) if len(rows) < 2**16 else row[order], kind="stable")
        ]
        filled = np.cumsum(part.data[order])
        before = np.concatenate([[0.0], filled])[part.indptr[:-1]]
        full = np.flatnonzero(filled - before[row[order]] > limit[row[order]])
        which, first = np.unique(row[order][full], return_index=True)
        at = ratio[order][full][first]
        settled = prices.copy()
        settled[rows[which]] = np.where(cap[which], np.maximum(at, 0.0), np.minimum(at, 0.0))
        settled[~np.isfinite(settled)] = 0.0
        return settled


def _sift_sample(sample: Arrays, absorbed: Bools, of: _Sifting) -> Outcome:
    if len(sample.value) < of.whole:
        return of.simplex(sample)
    sifting = replace(of, program=Program(sample, absorbed), arrays=sample)
    return sifting.solve(sifting.sampled(), _SAMPLE_WITHIN) or of.simplex(sample)


def _dearness(part: Part, arrays: Arrays) -> Floats:
    """Return (rows,) the largest value for the mean coefficient of a row: what its price may be like."""
    matrix = part.arrays.matrix
    count = np.maximum(np.diff(matrix.indptr), 1)
    mean = (abs(matrix) @ np.ones(matrix.shape[1])) / count
    size = float(np.abs(arrays.value[arrays.integer]).max(initial=0.0)) or 1.0
    return size / np.where(mean > 0, mean, 1.0)


def _missable(part: Part, rows: Integers, price: Floats, step: Floats) -> Arrays:
    """Let each of some rows be missed, or kept with room to spare, at prices a step away from the present ones.

    The prices that come back are no further away than that, and there always is an answer.
    """
    arrays = part.arrays
    cap = np.isfinite(arrays.row_high[rows])
    size = np.abs(price)
    spare = np.flatnonzero(size > step)
    sign = np.where(cap, -1.0, 1.0)
    index = np.concatenate([rows, rows[spare]])
    data = np.concatenate([sign, -sign[spare]])
    cost = np.concatenate([-(size + step), (size - step)[spare]])
    count, more = len(arrays.value), len(index)
    miss = sparse.csr_array((data, (index, np.arange(more))), shape=(len(part.rows), more))
    return Arrays(
        np.concatenate([arrays.value, cost]),
        sparse.hstack([arrays.matrix, miss], format="csr"),
        np.concatenate([arrays.low, np.zeros(more)]),
        np.concatenate([arrays.high, np.full(more, np.inf)]),
        np.zeros(count + more, dtype=bool),
        arrays.row_low,
        arrays.row_high,
    )


import time

DEBUG = False
SETTLE = False
T0 = time.perf_counter()
