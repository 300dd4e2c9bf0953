"""Sifting: a linear program over many proposals, solved over the few near the funding line (Bixby et al. 1992).

Most columns of a large call are far on one side of the prices: clearly funded or clearly not. Only a working set is
handed to the simplex method, all others stay where the prices put them. The prices that come back are better, and the
set is chosen anew around them; where they are not, the columns that stand on the wrong side join the set. When there
are none, the answer is that of the whole program. Prices move in steps (the boxstep method, Marsten et al. 1975), for
those of a set that is still wrong can be far off. Small groups of columns are priced as blocks, and stand inside the
set or outside of it as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from portfolio.optimize.blocks import Blocks
from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.fixing import part_of, smallest
from portfolio.optimize.lagrangian import Priced, price
from portfolio.optimize.model import Arrays
from portfolio.optimize.program import Program
from portfolio.optimize.sampling import sample_of, settled
from portfolio.optimize.steps import missable
from portfolio.optimize.vectors import Bools, Floats

# Programs of fewer columns are handed to the simplex method whole: without prices to start from, and with them.
_WHOLE = 1_500
_WHOLE_PRICED = 300
_WHOLE_VALUELESS = 30_000
# Columns of the working set, likewise, at most and as a share of all; and those that every tight row gets.
_WORKING = 1_500
_WORKING_LEAST = 500
_WORKING_SHARE = 1 / 16
_WORKING_PRICED = 300
_PER_ROW = 10
# Prices from a sample need not be precise.
_SAMPLE_WITHIN = 1e-5
_ROUNDS = 60
_NUDGE = 1e-6
# How far prices may move at first, in steps; where values differ in the seventh digit alone; and how far at the most,
# where no price is high enough unless the rows cannot be kept.
_STEP = 1.0
_STEP_NUDGED = 1e-5
_STEP_MOST = 1e9
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
    if not np.any(arrays.value[arrays.integer]):
        # Without values no margin says which proposals matter.
        whole = max(whole, _WHOLE_VALUELESS)
    if len(arrays.value) < (whole if prices is None else min(whole, _WHOLE_PRICED)):
        return simplex(arrays)
    enough = max(_WORKING_LEAST, int(_WORKING_SHARE * len(arrays.value)))
    near = min(working, enough if prices is None else _WORKING_PRICED)
    sifting = _Sifting(program or Program(arrays), arrays, simplex, near, working, whole)
    found = sifting.solve(sifting.first_prices() if prices is None else prices, within)
    if found is None:
        return simplex(arrays)
    return found if isinstance(found, Outcome) else sifting.outcome(found)


@dataclass(frozen=True)
class _Center:
    """The best prices so far, where they put the columns, and which columns are in the working set around them."""

    prices: Floats
    priced: Priced
    x: Floats
    working: Bools


@dataclass(frozen=True)
class _Answer:
    """What the simplex method made of a working set.

    `missed` is by how much rows are missed, or prices want to go further; `priced` is the whole program at its prices.
    """

    x: Floats
    prices: Floats
    missed: float
    working: Bools
    solver: str
    priced: Priced | None = None


@dataclass(frozen=True)
class _Sifting:
    """A program that is sifted, perhaps with other values than its own.

    The first working set has `working` columns; where that proves too few it grows to `most`.
    """

    program: Program
    arrays: Arrays
    simplex: Simplex
    working: int
    most: int
    whole: int
    nudged: bool = False

    @property
    def blocks(self) -> Blocks:
        """The groups of columns that small rows tie together."""
        return self.program.blocks

    def first_prices(self) -> Floats:
        """Take prices from a sample, found in the same way; rows with few columns in it settle by themselves."""
        sample = sample_of(self.program, self.arrays.value)
        arrays = sample.arrays
        if len(arrays.value) < self.whole:
            duals = self.simplex(arrays).duals
        else:
            program = Program(arrays, sample.absorbed)
            working = self.most if self.nudged else min(self.most, _WORKING_LEAST)
            inner = replace(self, program=program, arrays=arrays, working=working)
            found = inner.solve(inner.first_prices(), _SAMPLE_WITHIN)
            duals = found.prices if isinstance(found, _Answer) else None
        prices = np.zeros(len(self.arrays.row_low))
        if duals is not None:
            prices[sample.rows] = duals
        return settled(self.program, prices, sample.few)

    def solve(self, prices: Floats, within: float) -> _Answer | Outcome | None:
        """Sift from some prices; None if that does not end, an outcome if there is no solution.

        Where many proposals have the same value for money, all of them stand exactly at the funding line, and no
        small set of them is enough. Values that differ in the seventh digit put them in an order.
        """
        start = self._center(prices)
        value = self.arrays.value
        tied = self.arrays.integer & (np.abs(start.priced.net) <= 4 * _NUDGE * np.abs(value))
        if not self.nudged and int(tied.sum()) > self.most:
            nudge = 1 + _NUDGE * np.random.default_rng(1).random(len(value))
            nudged = replace(self.arrays, value=np.where(self.arrays.integer, value * nudge, value))
            other = replace(self, arrays=nudged, nudged=True, working=self.most)
            answer = other._grow(other._center(other.first_prices()), max(within, _NUDGE))
            if not isinstance(answer, _Answer):
                return answer
            if within >= _NUDGE:
                return replace(answer, priced=None)
            start = replace(self._center(answer.prices), x=answer.x, working=answer.working)
        return self._grow(start, within)

    def _grow(self, center: _Center, within: float) -> _Answer | Outcome | None:
        """Choose working sets until no column outside stands on the wrong side."""
        arrays = self.arrays
        step = least = _STEP_NUDGED if self.nudged else _STEP
        size, least_value = float(np.abs(arrays.value).max(initial=0.0)) or 1.0, _least_value(arrays)
        for round_ in range(_ROUNDS):
            count = min(self.most, self.working * 2 ** max(0, round_ - 1))
            answer = self._restricted(center, step)
            if answer is None:
                return None
            priced = price(arrays, answer.prices, self.blocks)
            gain = self.blocks.total(priced.net * (priced.x - answer.x))
            wrong = ~center.working & (gain > 1e-9 * size)
            value = float(arrays.value @ answer.x)
            if answer.missed <= _MISSED and (not wrong.any() or priced.bound - value <= within * abs(value)):
                return replace(answer, priced=priced)
            if priced.bound < least_value - 1e-6 * size:
                return Outcome(Stop.INFEASIBLE, None, -np.inf, -np.inf, solver=answer.solver)
            if step > _STEP_MOST:
                return None
            if not wrong.any():
                step *= 10
            elif priced.bound < center.priced.bound - 1e-9 * abs(center.priced.bound):
                center = self._center(answer.prices, priced, count)
                step *= 10 if answer.missed > _MISSED else 1
            else:
                step = max(step / 10, least)
                most = min(max(count, int(center.working.sum()) // 3), int(wrong.sum()))
                join = self.blocks.whole(smallest(np.where(wrong, -gain, np.inf), most))
                center = replace(center, working=center.working | join)
        return None

    def _center(self, prices: Floats, priced: Priced | None = None, count: int = 0) -> _Center:
        """Choose the columns of smallest margin, and for every row that is tight or missed some of its own."""
        arrays, by_column, blocks = self.arrays, self.program.by_column, self.blocks
        priced = price(arrays, prices, blocks) if priced is None else priced
        margins = blocks.least(priced.margins)
        # Where a column has no end, prices cannot put it there.
        endless = ~(np.isfinite(arrays.low) & np.isfinite(arrays.high)) & ~blocks.inside
        margins[endless] = -1.0
        working = blocks.whole(smallest(margins, max(count, self.working, int(endless.sum()))))
        there = by_column @ priced.x
        short = (priced.prices != 0) | (there > arrays.row_high + 1e-9) | (there < arrays.row_low - 1e-9)
        held = np.bincount(by_column[:, np.flatnonzero(working)].indices, minlength=len(short))
        rows = np.flatnonzero(short & ~blocks.absorbed & (held < _PER_ROW))
        if len(rows):
            part = arrays.matrix[rows, :]
            count = np.diff(part.indptr)
            row = np.repeat(np.arange(len(rows)), count)
            order = np.lexsort((margins[part.indices], row))
            place = np.arange(len(row)) - np.repeat(part.indptr[:-1], count)
            more = np.zeros(len(working), dtype=bool)
            more[part.indices[order[place < _PER_ROW]]] = True
            working |= blocks.whole(more)
        return _Center(priced.prices, priced, priced.x, working)

    def _restricted(self, center: _Center, step: float) -> _Answer | None:
        """Solve over the working set."""
        part = part_of(self.arrays, self.program.by_column, center.working, center.x)
        outcome = self.simplex(
            missable(part, center.prices[part.rows], ~self.blocks.absorbed[part.rows], step)
        )
        if outcome.x is None or outcome.duals is None:
            return None
        count = len(part.columns)
        x = center.x.copy()
        x[part.columns] = outcome.x[:count]
        prices = np.zeros(len(self.arrays.row_low))
        prices[part.rows] = outcome.duals
        return _Answer(x, prices, float(outcome.x[count:].sum()), center.working, outcome.solver)

    def outcome(self, answer: _Answer) -> Outcome:
        """Return an answer as that of the whole program."""
        arrays = self.arrays
        priced = answer.priced or price(arrays, answer.prices, self.blocks)
        duals = self._with_blocks(answer, priced)
        best = float(arrays.value @ answer.x)
        reduced = arrays.value - arrays.matrix.T @ duals
        return Outcome(Stop.OPTIMAL, answer.x, best, priced.bound, duals, reduced, answer.solver)

    def _with_blocks(self, answer: _Answer, priced: Priced) -> Floats:
        """Return the prices with those of the rows inside blocks that no working set held.

        Where every column of a block would stand as it does without its rows, they have no price.
        """
        arrays = self.arrays
        alone = np.where(priced.net > 0, arrays.high, arrays.low)
        bound = self.blocks.whole(self.blocks.inside & ~answer.working & (alone != priced.x))
        columns = np.flatnonzero(bound)
        if not len(columns):
            return answer.prices
        part = self.program.by_column[:, columns]
        touched = np.zeros(len(answer.prices), dtype=bool)
        touched[part.indices] = True
        rows = np.flatnonzero(touched & self.blocks.absorbed)
        outcome = self.simplex(
            Arrays(
                priced.net[columns],
                part.tocsr()[rows, :],
                arrays.low[columns],
                arrays.high[columns],
                np.zeros(len(columns), dtype=bool),
                arrays.row_low[rows],
                arrays.row_high[rows],
            )
        )
        prices = answer.prices.copy()
        if outcome.duals is not None:
            prices[rows] = outcome.duals
        return prices


def _least_value(arrays: Arrays) -> float:
    """Return what the columns are worth at least, whatever the rows."""
    with np.errstate(invalid="ignore"):
        ends = np.minimum(arrays.value * arrays.low, arrays.value * arrays.high)
    return float(np.where(arrays.value == 0, 0.0, ends).sum())
