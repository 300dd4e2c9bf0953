"""Proof by margins: most proposals are far from the funding line, and only the few near it need a search.

From the prices of the rules (duals y) every column has a reduced cost d = v - A'y, and no portfolio is worth more
than ``y'b + sum of max(d_j, 0)`` (Lagrangian duality). Deciding column j against the sign of d_j loses at least
|d_j| of that bound, its *margin*. A search over the columns of smallest margin gives a first portfolio; after that,
columns whose margin exceeds what is still missing between the two can be left where the prices put them, for no
better portfolio decides them otherwise (reduced-cost fixing, Nemhauser & Wolsey 1988, II.5.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from portfolio.optimize.engine import Outcome, Stage, Stop, Watch, how_it_stopped, unwatched
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Floats
from portfolio.policy import SolverSettings

# Columns in the first search; it doubles until the search finds a portfolio.
_CORE = 250

Search = Callable[[Arrays, SolverSettings], Outcome]


@dataclass(frozen=True)
class Priced:
    """A program seen through prices of its rows.

    Attributes
    ----------
    bound
        No solution is worth more.
    reduced
        (columns,) value less what the rules charge for it.
    """

    bound: float
    reduced: Floats

    @property
    def margins(self) -> Floats:
        """(columns,) loss of bound at least by deciding a 0/1 column the other way."""
        return np.abs(self.reduced)


def price(arrays: Arrays, duals: Floats) -> Priced:
    """Evaluate the Lagrangian bound at prices of any origin; prices of the wrong sign are taken as 0.

    Parameters
    ----------
    duals
        (rows,) value per unit of each row's bound: at least 0 for caps, at most 0 for floors.
    """
    low, high = arrays.row_low, arrays.row_high
    y = np.where(np.isfinite(high), np.maximum(duals, 0), np.minimum(duals, 0))
    limit = np.where(np.isfinite(high), high, low)
    reduced = arrays.value - arrays.matrix.T @ y
    best = np.where(reduced > 0, arrays.high, arrays.low)
    # An unbounded column of reduced cost 0 adds nothing, and 0 x infinity must not become a NaN.
    gain = np.multiply(reduced, best, out=np.zeros_like(reduced), where=reduced != 0)
    return Priced(float(y @ limit + gain.sum()), reduced)


def solve_by_margins(
    arrays: Arrays, relaxed: Outcome, search: Search, settings: SolverSettings, watch: Watch = unwatched
) -> Outcome:
    """Find a portfolio near the funding line, then search only among the columns that could still improve it.

    Parameters
    ----------
    relaxed
        Solution of the program without whole numbers, with duals.
    search
        Branch and cut, for programs with most columns fixed.
    """
    if relaxed.x is None or relaxed.duals is None:
        return search(arrays, settings)
    priced = price(arrays, relaxed.duals)
    watch(Stage("bound", -np.inf, priced.bound))
    first = _first(arrays, relaxed.x, priced, search, settings)
    if first is None or first.x is None:
        return search(arrays, settings)
    watch(Stage("first", first.value, priced.bound))
    target = first.value + settings.gap * abs(first.value)
    if priced.bound <= target:
        return _proven(first, first, priced.bound, settings, relaxed)
    # What decides a fixed column otherwise is worth `target` at most; is there anything better among the rest?
    near = _fix(arrays, relaxed.x, priced.margins < priced.bound - target)
    last = search(_worth_more(near, target), settings)
    if last.stop is Stop.INFEASIBLE:
        return _proven(first, first, target, settings, relaxed)
    better = last if last.x is not None and last.value >= first.value else first
    return _proven(better, last, min(priced.bound, max(last.bound, target)), settings, relaxed)


def _worth_more(arrays: Arrays, target: float) -> Arrays:
    """Ask for more value than `target`; solvers prove that there is none much faster than they close a gap."""
    scale = max(1.0, float(np.abs(arrays.value).max()))
    return arrays.at_least(arrays.value / scale, target / scale)


def _first(
    arrays: Arrays, x: Floats, priced: Priced, search: Search, settings: SolverSettings
) -> Outcome | None:
    """Return the best portfolio among the columns of smallest margin; None if only the whole program has one."""
    order = np.argsort(np.where(arrays.integer, priced.margins, -1.0), kind="stable")
    size = _CORE
    while size < len(order):
        free = np.zeros(len(order), dtype=bool)
        free[order[:size]] = True
        outcome = search(_fix(arrays, x, free), settings)
        if outcome.stop is not Stop.INFEASIBLE:
            return outcome
        size *= 4
    return None


def _fix(arrays: Arrays, x: Floats, free: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Arrays:
    """Fix the whole-number columns that are not free where the relaxation has them."""
    keep = free | ~arrays.integer
    there = np.round(x)
    return arrays.box(low=np.where(keep, arrays.low, there), high=np.where(keep, arrays.high, there))


def _proven(
    best: Outcome, last: Outcome, bound: float, settings: SolverSettings, relaxed: Outcome
) -> Outcome:
    bound = max(best.value, bound)
    stop = how_it_stopped(best.value, bound, settings, finished=last.stop is not Stop.TIME_LIMIT)
    return replace(best, stop=stop, bound=bound, relaxed=relaxed)
