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

import numpy as np

from portfolio.optimize.engine import Outcome, Stage, Stop, Watch, how_it_stopped, unwatched
from portfolio.optimize.fixing import part_of
from portfolio.optimize.instance import Bools, Floats
from portfolio.optimize.lagrangian import Priced, price
from portfolio.optimize.model import Arrays
from portfolio.optimize.program import Program
from portfolio.policy import SolverSettings

# Columns of the first searches next to those that the relaxation splits; each is four times as large as the last.
_CORE = 60
_LARGEST_CORE = 240
_GROWTH = 4
# Continuous columns without which a search would be of no use, and which are only there to be left out.
_SPLIT = 1e-6

Search = Callable[[Arrays, SolverSettings], Outcome]


def solve_by_margins(
    arrays: Arrays,
    relaxed: Outcome,
    search: Search,
    settings: SolverSettings,
    watch: Watch = unwatched,
    program: Program | None = None,
) -> Outcome:
    """Find a portfolio near the funding line, then search only among the columns that could still improve it.

    Parameters
    ----------
    relaxed
        Solution of the program without whole numbers, with duals.
    search
        Branch and cut, for programs without the columns that are fixed.
    program
        What is known about the program already.
    """
    if relaxed.x is None or relaxed.duals is None:
        return search(arrays, settings)
    program = Program(arrays) if program is None else program
    priced = price(arrays, relaxed.duals, program.blocks)
    if not np.isfinite(priced.bound):
        return search(arrays, settings)
    watch(Stage("bound", -np.inf, priced.bound))
    solve = _Solve(program, relaxed.x, priced, search, settings, time.monotonic() + settings.time_limit)
    first = solve.first(watch)
    if first is None:
        return search(arrays, solve.left())
    outcome = replace(solve.proven(first, watch), relaxed=relaxed)
    watch(Stage("proof", outcome.value, outcome.bound))
    return outcome


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
    settings: SolverSettings
    end: float

    def left(self, **changes: float) -> SolverSettings:
        """Return the settings with the time that is left."""
        seconds = max(0.01, self.end - time.monotonic())
        return self.settings.replace(time_limit=min(seconds, self.settings.time_limit), **changes)

    def target(self, value: float) -> float:
        """Return the value above which a portfolio would be worth more than the gap allows to miss."""
        return value + self.settings.gap * abs(value)

    def first(self, watch: Watch) -> Outcome | None:
        """Search the columns of smallest margin; None if only the whole program has a portfolio."""
        arrays, blocks = self.program.arrays, self.program.blocks
        split = arrays.integer & (np.abs(self.x - np.round(self.x)) > _SPLIT)
        always = blocks.whole(split) | self.program.linked
        margins = blocks.least(np.where(arrays.integer, self.priced.margins, np.inf))
        order = np.argsort(np.where(always, -1.0, margins), kind="stable")
        size, best = int(always.sum()) + _CORE, None
        while True:
            free = np.zeros(len(order), dtype=bool)
            free[order[:size]] = True
            free = blocks.whole(free)
            least = None if best is None else best.value
            outcome = self._search(free, np.where(arrays.integer, np.round(self.x), self.x), least, 0.5)
            if outcome.x is not None and (best is None or outcome.value > best.value):
                best = outcome
                watch(Stage("first" if least is None else "found", best.value, self.priced.bound))
            done = best is not None and (
                self.priced.bound <= self.target(best.value)
                or size >= int(always.sum()) + _LARGEST_CORE
                or self._near(best.value).sum() <= 2 * size
            )
            if done or size >= len(order) or time.monotonic() > self.end:
                return best
            size *= _GROWTH

    def proven(self, first: Outcome, watch: Watch) -> Outcome:
        """Search what could still be better than a portfolio by more than the gap."""
        target = self.target(first.value)
        if self.priced.bound <= target:
            return self._ended(first, self.priced.bound, finished=True)
        # What decides a fixed column otherwise is worth `target` at most; is there anything better among the rest?
        last = self._search(self._near(first.value), self.priced.x, target, 1.0)
        if last.stop is Stop.INFEASIBLE:
            return self._ended(first, target, finished=True)
        bound = min(self.priced.bound, max(last.bound, target))
        better = last if last.x is not None and last.value >= first.value else first
        return self._ended(better, bound, finished=last.stop is not Stop.TIME_LIMIT)

    def _near(self, value: float) -> Bools:
        """Return the columns that a portfolio of more than the target may decide otherwise than the prices do."""
        missing = self.priced.bound - self.target(value)
        return np.asarray((self.priced.margins < missing) | ~self.program.arrays.integer, dtype=np.bool_)

    def _search(self, free: Bools, x: Floats, least: float | None, share: float) -> Outcome:
        """Search with all columns fixed that are not free, for more than `least`."""
        part = part_of(self.program.arrays, self.program.by_column, free, x)
        small = part.arrays
        if least is not None and len(small.value):
            # Solvers prove that there is nothing above a value much faster than they close a gap.
            scale = max(1.0, float(np.abs(small.value).max()))
            small = small.at_least(small.value / scale, (least - part.worth) / scale)
        gap = share * self.settings.gap * max(1.0, abs(self.priced.bound)) / max(1.0, abs(self.priced.bound - part.worth))
        found = self.search(small, self.left(gap=min(1.0, gap)))
        if found.x is None:
            return replace(found, bound=found.bound + part.worth)
        whole = x.copy()
        whole[part.columns] = np.where(small.integer, np.round(found.x), found.x)
        return replace(found, x=whole, value=float(self.program.arrays.value @ whole), bound=found.bound + part.worth)

    def _ended(self, best: Outcome, bound: float, *, finished: bool) -> Outcome:
        bound = max(best.value, bound)
        return replace(best, bound=bound, stop=how_it_stopped(best.value, bound, self.settings, finished=finished))


__all__ = ["Priced", "price", "solve_by_margins"]
