"""Leximin chances by column generation (after Flanigan, Gölz, Gupta, Hennig & Procaccia 2021).

The smallest chance is made as large as possible, then the next smallest, and so on. With portfolios P and their
probabilities q the master program of one step is::

    max t    subject to    sum of q_P over P that fund i  >=  t        for i that are still free        (y_i)
                           sum of q_P over P that fund i  >=  f_i      for i whose chance is settled    (y_i)
                           sum q = 1,  q >= 0

Its duals y are prices of the proposals. The portfolio of the largest sum of prices is
the column that helps most. With all y adding up to 1, its value Z less ``sum of y_i times the chance of i`` is the gap:
no distribution raises all proposals that have a price by more than that, whatever the prices are. In the first step it
is how far the smallest chance is from its bound. When the gap is within the tolerance, t is settled for the free that
have a price: in no solution of this step is their chance larger (complementary slackness).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np

from portfolio.analysis.lottery.feasible import Feasible, Found
from portfolio.errors import SolverError
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Stop
from portfolio.optimize.silent import silent_highs
from portfolio.optimize.vectors import Bools, Floats

Watch = Callable[[int, float], None]
# A price that is so much smaller than the largest proves little, and its proposal stays free.
_SMALL = 1e-3
# Share of the prices with the smallest gap so far in those that are tried next: the duals of a program with few columns
# swing from one extreme to the other (Wentges 1997).
_SMOOTH = 0.5
# How near to the best the portfolios come that the search starts from.
_ENOUGH = 0.02
_ROUNDING = 1e-9
# The master program holds its rows to the first, so that a chance that it gave can be kept when it gives up the second.
_TOLERANCE, _GIVEN_UP = 1e-10, 1e-8


@dataclass(frozen=True, eq=False)
class Leximin:
    """A distribution over portfolios.

    Parameters
    ----------
    portfolios
        (m, n) who is funded in each.
    probabilities
        (m,) they add up to 1.
    smallest, bound
        The smallest chance among the tied, and what no distribution exceeds.
    gap
        The largest of what is left unproven in the steps, see above; infinite unless every chance is settled.
    stop
        ``optimal`` if every chance is settled within the tolerance; otherwise why not.
    """

    portfolios: Bools
    probabilities: Floats
    smallest: float
    bound: float
    gap: float
    stop: Stop


def unwatched(settled: int, smallest: float) -> None:
    """Do nothing with a step."""


def leximin(feasible: Feasible, tolerance: float, deadline: Deadline, watch: Watch = unwatched) -> Leximin:
    """Find the distribution over portfolios whose chances are leximin to within a tolerance.

    Parameters
    ----------
    tolerance
        A chance is settled as soon as the gap of its step is no larger.
    deadline
        When to stop with what there is.
    watch
        Called with the number of chances that are settled, and the chance of the step.
    """
    return _Search(feasible, tolerance, deadline, watch).run()


@dataclass
class _Search:
    """The state of the column generation."""

    feasible: Feasible
    tolerance: float
    deadline: Deadline
    watch: Watch
    columns: list[Bools] = field(default_factory=list)
    _seen: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.members = np.flatnonzero(self.feasible.tied)
        self.settled = np.full(len(self.members), np.nan)
        self.gaps = np.full(len(self.members), np.nan)
        self.master = _Master(len(self.members))
        self.stop: Stop | None = None

    def run(self) -> Leximin:
        first: float | None = None
        try:
            self._cover()
            while self.stop is None and np.isnan(self.settled).any():
                bound = self._step()
                first = bound if first is None else first
        except KeyboardInterrupt:
            # What is there is a distribution over portfolios that keep every rule; it is only not proven the best.
            self.stop = Stop.INTERRUPTED
        return self._result(1.0 if first is None else min(1.0, first))

    def _add(self, funded: Bools) -> bool:
        """Add a portfolio as a column; say whether it is a new one."""
        column = funded[self.members]
        if column.tobytes() in self._seen:
            return False
        self._seen.add(column.tobytes())
        self.columns.append(funded)
        self.master.add(column)
        return True

    def _cover(self) -> None:
        """Find portfolios to start from, which fund everybody who can be funded at all at least once."""
        self._add(self._search(np.ones(len(self.members)), _ENOUGH).funded)
        missing = ~np.any([column[self.members] for column in self.columns], axis=0)
        while missing.any() and self.stop is None:
            # Those that have been funded count a little, so that portfolios are full.
            found = self._search(np.where(missing, 1.0, 0.5 / len(self.members)), _ENOUGH).funded
            if not (found[self.members] & missing).any():
                return
            self._add(found)
            missing &= ~found[self.members]

    def _step(self) -> float:
        """Settle the smallest chance among the free; return what it is proven not to exceed."""
        gap, center = np.inf, None
        while True:
            chance, prices = self.master.solve()
            free = np.isnan(self.settled)
            if chance >= 1 - _ROUNDING:
                # Everybody who is left is funded in every draw, and there is nothing to prove.
                self._settle(free, 1.0, 0.0)
                return 1.0
            prices = np.maximum(prices, 0.0) / np.maximum(prices, 0.0).sum()
            now = float(prices @ np.where(free, chance, self.settled))
            # Far from the end any portfolio that helps will do, also one found at smoother prices.
            smooth = prices if center is None else _SMOOTH * center + (1 - _SMOOTH) * prices
            found = self._search(smooth, min(0.02, 20 * self.tolerance))
            left = found.bound - float(smooth @ np.where(free, chance, self.settled))
            if left < gap or center is None:
                gap, center = min(gap, left), smooth
            if not self._helps(found, prices, now) and self.stop is None:
                found = self._search(prices, self.tolerance / 2)
                gap = min(gap, found.bound - now)
            helps = self._helps(found, prices, now)
            if self.stop is not None:
                # Without a share of the free in the prices, nothing is proven of their chances.
                return chance + gap / max(float(prices[free].sum()), _ROUNDING)
            if gap <= self.tolerance or not (helps and self._add(found.funded)):
                break
        who = free & (prices >= _SMALL * prices[free].max())
        bound = chance + max(0.0, gap) / float(prices[free].sum())
        self._settle(who, chance, max(0.0, gap))
        return bound

    def _helps(self, found: Found, prices: Floats, now: float) -> bool:
        return float(prices @ found.funded[self.members]) > now + max(_ROUNDING, self.tolerance / 2)

    def _settle(self, who: Bools, chance: float, gap: float) -> None:
        self.settled[who] = max(0.0, chance)
        self.gaps[who] = gap
        for index in np.flatnonzero(who).tolist():
            self.master.settle(index, max(0.0, chance - _GIVEN_UP))
        self.watch(int((~np.isnan(self.settled)).sum()), chance)

    def _search(self, prices: Floats, gap: float) -> Found:
        whole = np.zeros(len(self.feasible.tied))
        whole[self.members] = prices
        found = self.feasible.best(whole, self.deadline.left(gap=gap))
        if found.stop.cut_short:
            self.stop = found.stop
        elif self.deadline.stop is not None:
            self.stop = self.deadline.stop
        return found

    def _result(self, first: float) -> Leximin:
        if not self.columns:
            self._add(self.feasible.filled(self.feasible.first, self.feasible.tied.astype(float)))
        probabilities = self.master.probabilities()
        used = probabilities > _ROUNDING
        portfolios = np.array(self.columns)[used]
        probabilities = probabilities[used] / probabilities[used].sum()
        smallest = float((probabilities @ portfolios[:, self.members]).min())
        gap = math.inf if np.isnan(self.settled).any() else float(self.gaps.max(initial=0.0))
        stop = Stop.OPTIMAL if gap <= self.tolerance else Stop.GAP
        if math.isinf(gap):
            # An end that was asked for after the last chance was settled takes nothing from it.
            stop = self.stop or stop
        return Leximin(portfolios, probabilities, smallest, max(first, smallest), gap, stop)


class _Master:
    """The master program: one column for t, one for each portfolio; one row for each tied, one for the sum."""

    def __init__(self, members: int) -> None:
        self._n = members
        tolerances = {f"{side}_feasibility_tolerance": _TOLERANCE for side in ("primal", "dual")}
        self._highs = silent_highs(random_seed=0, **tolerances)
        nothing, none = np.zeros(0, dtype=np.int32), np.zeros(0)
        for _ in range(members):
            self._highs.addRow(0.0, highspy.kHighsInf, 0, nothing, none)
        self._highs.addRow(1.0, 1.0, 0, nothing, none)
        rows = np.arange(members, dtype=np.int32)
        self._highs.addCol(-1.0, 0.0, 1.0, members, rows, -np.ones(members))

    def add(self, column: Bools) -> None:
        """Add the portfolio that funds some of the tied."""
        rows = np.append(np.flatnonzero(column), self._n).astype(np.int32)
        self._highs.addCol(0.0, 0.0, highspy.kHighsInf, len(rows), rows, np.ones(len(rows)))

    def settle(self, index: int, chance: float) -> None:
        """Let one of the tied keep its chance from here on."""
        self._highs.changeCoeff(index, 0, 0.0)
        self._highs.changeRowBounds(index, chance, highspy.kHighsInf)

    def solve(self) -> tuple[float, Floats]:
        """Return the smallest free chance and the (tied,) prices."""
        self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            # Now and then the basis of the step before leads nowhere.
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            what = self._highs.modelStatusToString(status)
            raise SolverError(f"HiGHS did not solve the program of the lottery ({what}); please report this")
        solution = self._highs.getSolution()
        return float(solution.col_value[0]), np.array(solution.row_dual)[:-1]

    def probabilities(self) -> Floats:
        """Return the probability of each portfolio."""
        self.solve()
        found: Floats = np.maximum(np.array(self._highs.getSolution().col_value)[1:], 0.0)
        return found
