"""Sifting: a linear program over many proposals, solved over the few near the funding line (Bixby et al. 1992).

Most columns of a large call are far on one side of the prices: clearly funded or clearly not. Only a working set is
handed to the simplex method, all others stay where the prices put them. Columns that turn out to stand on the wrong
side join the set, until there are none; then the answer is that of the whole program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Bools, Floats, Integers

# Smaller programs are handed to the simplex method whole.
_WHOLE = 5_000
# Columns of the first working set, and the share of the call from which the first prices are taken.
_WORKING = 2_000
_SAMPLE = 8
_ROUNDS = 60
_NUDGE = 1e-6
# A row that is still missed at this many times the largest value cannot be kept.
_DEAREST = 1e6

Simplex = Callable[[Arrays], Outcome]


def sift(
    arrays: Arrays,
    simplex: Simplex,
    prices: Floats | None = None,
    *,
    whole: int = _WHOLE,
    working: int = _WORKING,
) -> Outcome:
    """Solve a linear program with box constraints on its columns.

    Parameters
    ----------
    arrays
        The program; its whole numbers are left out of account.
    simplex
        Solves a small program, with duals.
    prices
        (rows,) duals of a similar program to start from.
    whole
        Programs of fewer columns are handed to the simplex method as they are.
    working
        Columns of the first working set.

    Returns
    -------
    Outcome
        With primal solution, duals and reduced costs, as `simplex` would give them for the whole program.
    """
    columns = len(arrays.value)
    if columns < whole or not np.all(np.isfinite(arrays.low) & np.isfinite(arrays.high)):
        return simplex(arrays)
    if prices is None:
        prices = _first_prices(arrays, lambda some: sift(some, simplex, whole=whole, working=working))
    program = _Program(arrays, arrays.matrix.tocsc(), arrays.matrix.tocsr())
    return program.solve(prices, working, simplex) or simplex(arrays)


def _first_prices(arrays: Arrays, solve: Simplex) -> Floats:
    """Take prices from every eighth proposal, with the bounds of the rows and of all that is continuous to match."""
    order = np.random.default_rng(0).permutation(len(arrays.value))
    some = np.sort(np.union1d(order[: len(order) // _SAMPLE], np.flatnonzero(~arrays.integer)))
    sample = replace(
        arrays,
        value=arrays.value[some],
        matrix=arrays.matrix.tocsc()[:, some].tocsr(),
        low=arrays.low[some],
        high=np.where(arrays.integer[some], arrays.high[some], arrays.high[some] / _SAMPLE),
        integer=arrays.integer[some],
        row_low=arrays.row_low / _SAMPLE,
        row_high=arrays.row_high / _SAMPLE,
    )
    outcome = solve(sample)
    return np.zeros(len(arrays.row_low)) if outcome.duals is None else outcome.duals


@dataclass(frozen=True)
class _State:
    """Where all columns stand, which of them are in the working set, and the prices of the rows."""

    x: Floats
    working: Bools
    prices: Floats
    solver: str = ""


@dataclass(frozen=True)
class _Program:
    """A program with its matrix by columns and by rows."""

    arrays: Arrays
    by_column: sparse.csc_array
    by_row: sparse.csr_array

    def solve(self, prices: Floats, working: int, simplex: Simplex) -> Outcome | None:
        """Solve first with slightly different values, then with the true ones; None if that does not end.

        Where many proposals have the same value for money, all of them stand exactly at the funding line, and no
        small set of them is enough. Values that differ in the seventh digit put them in an order.
        """
        value = self.arrays.value
        nudge = 1 + _NUDGE * np.random.default_rng(1).random(len(value))
        reduced = value * nudge - self.by_row.T @ prices
        state = _State(
            x=np.where(reduced > 0, self.arrays.high, self.arrays.low),
            working=_smallest(np.where(self.arrays.integer, np.abs(reduced), -1.0), working),
            prices=prices,
        )
        for values in (value * nudge, value):
            grown = self._grow(values, state, simplex)
            if grown is None:
                return None
            state = grown
        best = float(value @ state.x)
        reduced = value - self.by_row.T @ state.prices
        return Outcome(Stop.OPTIMAL, state.x, best, best, state.prices, reduced, state.solver)

    def _grow(self, value: Floats, state: _State, simplex: Simplex) -> _State | None:
        """Grow the working set until no column outside it stands on the wrong side."""
        arrays, x, working = self.arrays, state.x.copy(), state.working.copy()
        largest = float(np.abs(value).max(initial=0.0)) or 1.0
        tolerance, penalty = 1e-9 * largest, 1e3 * largest
        for _ in range(_ROUNDS):
            rows = self._rows(x, working)
            outcome, missed = self._restricted(value, x, working, rows, penalty, simplex)
            if outcome.x is None or outcome.duals is None:
                return None
            x[working] = outcome.x[: int(working.sum())]
            prices = np.zeros(len(arrays.row_low))
            prices[rows] = outcome.duals
            reduced = value - self.by_row.T @ prices
            wrong = ~working & np.where(x >= arrays.high, reduced < -tolerance, reduced > tolerance)
            wrong &= arrays.low < arrays.high
            if wrong.any():
                most = min(int(working.sum()), int(wrong.sum()))
                working |= _smallest(np.where(wrong, -np.abs(reduced), np.inf), most)
            elif missed <= 1e-7:
                return _State(x, working, prices, outcome.solver)
            else:
                # Rows are missed although nothing is on the wrong side: the price of missing them is too low.
                penalty *= 1e3
                if penalty > largest * _DEAREST:
                    return None
        return None

    def _rows(self, x: Floats, working: Bools) -> Integers:
        """Return the rows that the working set touches, after adding the columns of violated rows that it does not."""
        arrays = self.arrays
        while True:
            touched = np.zeros(len(arrays.row_low), dtype=bool)
            touched[self.by_column[:, np.flatnonzero(working)].indices] = True
            activity = self.by_row @ x
            violated = ~touched & ((activity > arrays.row_high + 1e-9) | (activity < arrays.row_low - 1e-9))
            if not violated.any():
                return np.flatnonzero(touched)
            before = int(working.sum())
            working[self.by_row[np.flatnonzero(violated), :].indices] = True
            if int(working.sum()) == before:
                # A violated row without columns: the simplex method will say that it is infeasible.
                return np.flatnonzero(touched | violated)

    def _restricted(
        self, value: Floats, x: Floats, working: Bools, rows: Integers, penalty: float, simplex: Simplex
    ) -> tuple[Outcome, float]:
        """Solve over the working set; each row may be missed at a price, so that there always is an answer."""
        arrays = self.arrays
        inside = np.flatnonzero(working)
        rest = self.by_row[rows, :] @ np.where(working, 0.0, x)
        cap = np.isfinite(arrays.row_high[rows])
        miss = sparse.diags_array(np.where(cap, -1.0, 1.0))
        count = len(inside)
        small = Arrays(
            value=np.concatenate([value[inside], np.full(len(rows), -penalty)]),
            matrix=sparse.hstack([self.by_column[:, inside].tocsr()[rows, :], miss], format="csr"),
            low=np.concatenate([arrays.low[inside], np.zeros(len(rows))]),
            high=np.concatenate([arrays.high[inside], np.full(len(rows), np.inf)]),
            integer=np.zeros(count + len(rows), dtype=bool),
            row_low=arrays.row_low[rows] - rest,
            row_high=arrays.row_high[rows] - rest,
        )
        outcome = simplex(small)
        return outcome, 0.0 if outcome.x is None else float(outcome.x[count:].sum())


def _smallest(keys: Floats, count: int) -> Bools:
    """Mark the columns of the smallest keys; the first of equal ones."""
    mask = np.zeros(len(keys), dtype=bool)
    mask[np.argsort(keys, kind="stable")[:count]] = True
    return mask
