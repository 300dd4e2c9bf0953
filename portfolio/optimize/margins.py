"""Proof by margins: most proposals are far from the funding line, and only the few near it need a search.

From the prices of the rules every proposal has a margin: what is lost of the bound at least by deciding it otherwise
than the prices do. A search over the proposals of smallest margin gives a first portfolio; after that, those whose
margin exceeds what is still missing between the two can be left where the prices put them, for no better portfolio
decides them otherwise (reduced-cost fixing, Nemhauser & Wolsey 1988, II.5.2).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from portfolio.optimize.engine import Outcome, Stage, Stop, Watch, how_it_stopped, unwatched
from portfolio.optimize.fixing import part_of, smallest
from portfolio.optimize.lagrangian import Priced, price
from portfolio.optimize.model import Arrays
from portfolio.optimize.program import Program
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import SolverSettings

# Columns of the first searches, next to those that the relaxation splits.
_CORES = (60, 120, 240, 600)
# The searches of a large call: nodes, columns, and whether only for what is better. Searches of different columns, and
# those of the same with and without the best as a floor, fail at different calls, so that many short ones find more
# than a long one.
_TRIES = ((50, 60, True), (50, 120, True), (50, 600, True), (50, 600, False), (500, 600, True))
# So many columns are few enough to prove that nothing better is left among them.
_PROVABLE = 4_000
# In calls of fewer columns the relaxation itself is further from the best portfolio than any small search: one core
# gives a first answer, once more a better one, and the rest is for a search of all that is left. For each, the part of
# the gap asked for to which it is solved, and the least that this may be.
_FEW = 5_000
_FIRST_GAPS = ((1.0, 1e-3), (0.5, 5e-4))
_FIRST_NODES = 10
# From so many columns on, cores are tried before that, as long as what they find is within so many gaps of the bound:
# in half of these calls they are all that it takes.
_SOME, _SOME_NODES = 3_400, 50
_HOPEFUL = 16
# A proof is quick where the first portfolio is within so many gaps of the bound.
_CLOSE = 1.25
# A column is split where the relaxation leaves it this far from a whole number.
_SPLIT = 1e-6
# Margins below this part of the value are none: sifting tells equal values apart by less.
_TIED = 2e-6
# Values that differ by less than this part of themselves differ by rounding.
_ROUNDING = 1e-9

Search = Callable[[Arrays, SolverSettings], Outcome]
Glimpse = Callable[[Arrays, SolverSettings, int], Outcome]


def solve_by_margins(
    relaxed: Outcome,
    search: Search,
    settings: SolverSettings,
    program: Program,
    watch: Watch = unwatched,
    glimpse: Glimpse | None = None,
) -> Outcome:
    """Find a portfolio near the funding line, then search only among the columns that could still improve it.

    Parameters
    ----------
    relaxed
        Solution of the program without whole numbers, with duals.
    search
        Branch and cut, for programs without the columns that are fixed.
    program
        What is solved.
    glimpse
        Branch and cut of no more than so many nodes.
    """
    arrays = program.arrays
    if relaxed.x is None or relaxed.duals is None:
        return search(arrays, settings)
    priced = price(arrays, relaxed.duals, program.blocks)
    if not np.isfinite(priced.bound):
        return search(arrays, settings)
    watch(Stage("bound", -np.inf, priced.bound))
    glimpse = glimpse or (lambda some, limits, nodes: search(some, limits))
    solve = _Solve(
        program, relaxed.x, priced, search, glimpse, settings, time.monotonic() + settings.time_limit
    )
    first = solve.first(watch)
    if first is None:
        return solve.whole()
    outcome = replace(solve.proven(first, watch), relaxed=relaxed)
    watch(Stage("proof", outcome.value, outcome.bound))
    return outcome


class _Try(NamedTuple):
    """A search of a core for a first portfolio: its gap, nodes and columns, and whether only for a better one."""

    gap: float
    nodes: int
    core: int
    better: bool


@dataclass(frozen=True)
class _Solve:
    """A program on its way from a relaxation to a proof.

    Attributes
    ----------
    x
        Solution of the relaxation.
    end
        When time is up, by the monotonic clock.
    """

    program: Program
    x: Floats
    priced: Priced
    search: Search
    glimpse: Glimpse
    settings: SolverSettings
    end: float

    def left(self, **changes: float) -> SolverSettings:
        """Return the settings with the time that is left."""
        seconds = max(0.01, self.end - time.monotonic())
        return self.settings.replace(time_limit=min(seconds, self.settings.time_limit), **changes)

    def target(self, value: float) -> float:
        """Return the value above which a portfolio would be worth more than the gap allows to miss."""
        return value + max(self.settings.gap, _ROUNDING) * abs(value)

    def first(self, watch: Watch) -> Outcome | None:
        """Search the columns of smallest margin; None if only the whole program has a portfolio."""
        arrays, blocks = self.program.arrays, self.program.blocks
        split = arrays.integer & (np.abs(self.x - np.round(self.x)) > _SPLIT)
        always = blocks.whole(split) | self.program.linked
        # Where many proposals have the same value for money their margins are all but 0, the smallest those of the
        # smallest requests, which together could not fill what is left of the budget.
        tied = self.priced.margins <= _TIED * np.abs(arrays.value)
        margins = np.where(arrays.integer, np.where(tied, 0.0, self.priced.margins), np.inf)
        margins = np.where(always, -1.0, blocks.least(margins))
        there = np.where(arrays.integer, np.round(self.x), self.x)
        best: Outcome | None = None
        for one in self._tries():
            if one.better and self._few and best is not None and not self._within(_HOPEFUL, best.value):
                continue
            size = int(always.sum()) + one.core
            # Of both kinds, for where many margins are equal, only the funded or only the others could be among them.
            funded, others = (np.where(side, margins, np.inf) for side in (there > 0.5, there <= 0.5))
            free = blocks.whole(always | smallest(funded, one.core // 2) | smallest(others, one.core // 2))
            least = best.value if best is not None and one.better else None
            found = self._search(free, there, one.gap, least, one.nodes)
            if found.x is not None and (best is None or found.value > best.value):
                watch(Stage("first" if best is None else "found", found.value, self.priced.bound))
                best = found
            if best is not None and self._enough(best.value, size, one):
                return best
            if self._over:
                break
        return best

    @property
    def _over(self) -> bool:
        return time.monotonic() >= self.end

    @property
    def _few(self) -> bool:
        return len(self.x) < _FEW

    def _tries(self) -> list[_Try]:
        """List the searches for a first portfolio."""
        gap = self.settings.gap
        if not self._few:
            return [_Try(gap, *one) for one in _TRIES]
        coarse, fine = (max(part * gap, least) for part, least in _FIRST_GAPS)
        cores = _CORES[:-1] if len(self.x) >= _SOME else ()
        return [
            *(_Try(gap, _SOME_NODES, core, True) for core in cores),
            _Try(coarse, _FIRST_NODES, _CORES[0], False),
            *(_Try(fine, _FIRST_NODES, core, False) for core in _CORES),
        ]

    def _enough(self, value: float, size: int, one: _Try) -> bool:
        """Whether a portfolio is so good, or so little is left to decide, that the proof can begin."""
        if not self._few:
            return self._close(value) or int(self._near(value).sum()) <= max(2 * size, _PROVABLE)
        if self.priced.bound <= self.target(value):
            return True
        return self._close(value) if one.better else one.gap < max(self.settings.gap, _FIRST_GAPS[0][1])

    def _close(self, value: float) -> bool:
        return self._within(_CLOSE, value)

    def _within(self, gaps: float, value: float) -> bool:
        return self.priced.bound - value <= gaps * max(self.settings.gap, _ROUNDING) * abs(value)

    def proven(self, first: Outcome, watch: Watch) -> Outcome:
        """Search what could still be better than a portfolio by more than the gap.

        In a large call this only asks whether there is anything, which is proven sooner than a gap is closed.
        """
        target = self.target(first.value)
        if self.priced.bound <= target:
            return self._ended(first, self.priced.bound, finished=True)
        if self._over:
            return self._ended(first, self.priced.bound, finished=False)
        # What decides a fixed column otherwise is worth `target` at most; is there anything better among the rest?
        near = self._near(first.value)
        quick = self._close(first.value) or len(near) >= _FEW
        last = self._search(near, self.priced.x, self.settings.gap, target if quick else None)
        if last.stop is Stop.INFEASIBLE:
            return self._ended(first, target, finished=True)
        bound = min(self.priced.bound, max(last.bound, target))
        finished = not last.stop.cut_short
        if last.x is None or last.value < first.value:
            return self._ended(first, bound, finished=finished, stop=last.stop)
        watch(Stage("found", last.value, self.priced.bound))
        return self._ended(last, bound, finished=finished, stop=last.stop)

    def whole(self) -> Outcome:
        """Search the whole program, for where no small part of it has a portfolio."""
        found = self.search(self.program.arrays, self.left())
        if found.stop is Stop.INFEASIBLE:
            return found
        bound = min(found.bound, self.priced.bound)
        if found.x is None:
            return replace(found, bound=bound)
        return self._ended(found, bound, finished=not found.stop.cut_short, stop=found.stop)

    def _near(self, value: float) -> Bools:
        """Return the columns that a portfolio of more than the target may decide otherwise than the prices do."""
        missing = self.priced.bound - self.target(value)
        return np.asarray((self.priced.margins < missing) | ~self.program.arrays.integer, dtype=np.bool_)

    def _search(
        self, free: Bools, x: Floats, gap: float, least: float | None, nodes: int | None = None
    ) -> Outcome:
        """Search with all columns fixed that are not free, for more than `least`."""
        arrays = self.program.arrays
        part = part_of(arrays, self.program.by_column, free, x)
        small = part.arrays
        if not len(small.value):
            kept = not len(part.rows) and (least is None or part.worth >= least)
            return (
                Outcome(Stop.OPTIMAL, x, part.worth, part.worth)
                if kept
                else Outcome(Stop.INFEASIBLE, None, -np.inf, -np.inf)
            )
        if least is not None:
            # Solvers prove that there is nothing above a value much faster than they close a gap.
            scale = max(1.0, float(np.abs(small.value).max()))
            small = small.at_least(small.value / scale, (least - part.worth) / scale)
        # The solver sees only what is left of the value, and would take the gap relative to that.
        visible = abs(self.priced.bound - part.worth)
        gap = min(1.0, gap * abs(self.priced.bound) / visible) if visible else 0.0
        limits = self.left(gap=gap)
        found = self.search(small, limits) if nodes is None else self.glimpse(small, limits, nodes)
        bound = found.bound + part.worth
        if found.x is None:
            return replace(found, bound=bound)
        whole = x.copy()
        whole[part.columns] = np.where(small.integer, np.round(found.x), found.x)
        return replace(found, x=whole, value=float(arrays.value @ whole), bound=bound)

    def _ended(self, best: Outcome, bound: float, *, finished: bool, stop: Stop = Stop.TIME_LIMIT) -> Outcome:
        bound = max(best.value, bound)
        otherwise = Stop.NODE_LIMIT if stop is Stop.NODE_LIMIT else Stop.TIME_LIMIT
        stop = how_it_stopped(best.value, bound, self.settings, finished=finished, otherwise=otherwise)
        return replace(best, bound=bound, stop=stop)
