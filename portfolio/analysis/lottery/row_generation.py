"""The linear program of MERIT, with the rows that matter.

The sets with the same first member i left out are as many as there are ways to choose m of those behind it, but all
their rows together say ``v <= sum of p before i + sum of the m smallest p behind i``. A sum of the m smallest is
``max over t of m t - sum of max(0, t - p_j)`` (Ogryczak & Tamir 2003), which takes one row and one variable for each j.
In the optimum few i matter: they are added one by one, the worst for the chances found so far, until none is worse than
what the program promises.
"""

from __future__ import annotations

import highspy
import numpy as np

from portfolio.analysis.lottery.possible_sets import Intervals, worst_sets
from portfolio.errors import SolverError
from portfolio.optimize.silent import silent_highs
from portfolio.optimize.vectors import Floats

_FIRST = 4
_TOLERANCE = 1e-9


def best_guarantee(part: Intervals) -> tuple[Floats, float]:
    """Return (n,) chances of the largest guarantee, in the order of `part`, and a bound on every guarantee.

    Raises
    ------
    SolverError
        If HiGHS fails.
    """
    program = _Program(part)
    count = len(part.thresholds)
    known = set(np.unique(np.linspace(0, count - 1, _FIRST).astype(int)).tolist())
    for first in sorted(known):
        program.add(first)
    while True:
        chances, bound = program.solve()
        sums = worst_sets(part, chances)
        worst = int(np.argmin(sums))
        if sums[worst] >= bound - _TOLERANCE * part.places or worst in known:
            return chances, bound
        known.add(worst)
        program.add(worst)


class _Program:
    """The program with some of its thresholds."""

    def __init__(self, part: Intervals) -> None:
        n = len(part.low)
        self._part, self._columns, self._v = part, n + 1, n
        self._highs = silent_highs(random_seed=0)
        cost = np.append(np.zeros(n), -1.0)
        self._add_columns(cost, np.append(np.ones(n), float(part.places)))
        k = float(part.places)
        self._highs.addRow(k, k, n, np.arange(n, dtype=np.int32), np.ones(n))

    def _add_columns(self, cost: Floats, high: Floats) -> None:
        count, nothing = len(cost), np.zeros(0)
        starts, rows = np.zeros(count, dtype=np.int32), nothing.astype(np.int32)
        self._highs.addCols(count, cost, np.zeros(count), high, 0, starts, rows, nothing)

    def add(self, first: int) -> None:
        """Add the rows of all sets of which `first` is the first that is left out."""
        behind, missing = self._part.behind(first), self._part.places - first
        m = len(behind)
        if m < missing:
            return
        t, short = self._columns, self._columns + 1 + np.arange(m)
        self._columns += m + 1
        self._add_columns(np.zeros(m + 1), np.ones(m + 1))
        sum_row = np.concatenate([np.arange(first), [self._v, t], short])
        sum_data = np.concatenate([np.ones(first), [-1.0, missing], -np.ones(m)])
        short_rows = np.column_stack([short, np.full(m, t), behind]).ravel()
        columns = np.concatenate([sum_row, short_rows]).astype(np.int32)
        data = np.concatenate([sum_data, np.tile([1.0, -1.0, 1.0], m)])
        starts = np.concatenate([[0], len(sum_row) + 3 * np.arange(m)]).astype(np.int32)
        ends = np.full(m + 1, highspy.kHighsInf)
        self._highs.addRows(m + 1, np.zeros(m + 1), ends, len(data), starts, columns, data)

    def solve(self) -> tuple[Floats, float]:
        """Return the chances and the promise of the program."""
        self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            what = self._highs.modelStatusToString(status)
            raise SolverError(f"HiGHS did not solve the program of the lottery ({what}); please report this")
        chances = np.array(self._highs.getSolution().col_value)[: self._v]
        return np.clip(chances, 0.0, 1.0), -float(self._highs.getInfo().objective_function_value)
