"""MERIT: chances that do best in the worst case that intervals of quality allow (Goldberg, Fanti & Shah 2025).

An interval above another one means a better proposal; where intervals overlap, either may be better. A set of k
proposals is a *possible top k* if it holds every proposal that is better than one of its members. MERIT maximises the
number of the truly best k that are expected to win, whichever of the possible sets they are::

    max v    subject to    sum p = k,  0 <= p <= 1,  v <= sum of p over T  for every possible top k T
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.analysis.lottery.possible_sets import Intervals, guarantee, pruned
from portfolio.analysis.lottery.row_generation import best_guarantee
from portfolio.optimize.vectors import Bools, Floats


@dataclass(frozen=True, eq=False)
class Merit:
    """The chances of n proposals for k places.

    Parameters
    ----------
    chances
        (n,) they add up to k.
    value
        So many of the truly best k are expected to win, whichever they are; counted on the chances as they are.
    bound
        No chances guarantee more.
    """

    chances: Floats
    value: float
    bound: float


def merit_chances(low: Floats, high: Floats, places: int) -> Merit:
    """Return chances that guarantee as many of the truly best as any can.

    Among the chances that do, these are *valid ex post* (where one interval lies wholly above another, the worse wins
    only if the better is sure to win), rise with both ends of an interval, and are equal where intervals are.

    Parameters
    ----------
    low, high
        (n,) ends of the intervals; more is better. For ranks, give them negated and exchanged.
    places
        How many win.

    Raises
    ------
    ValueError
        If an interval has no number or ends below where it starts, or there are not so many proposals.
    SolverError
        If HiGHS fails.
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    _refuse(low, high, places)
    surely_in, surely_out = pruned(low, high, places)
    middle = np.flatnonzero(~surely_in & ~surely_out)
    sure = int(surely_in.sum())
    chances = surely_in.astype(float)
    bound = float(places)
    if places > sure:
        part = Intervals.of(low[middle], high[middle], places - sure)
        found, best = best_guarantee(part)
        chances[middle[part.order]] = fair_order(part, found)
        bound = sure + best
    value = guarantee(low, high, places, chances)
    return Merit(chances, value, max(value, bound))


def fair_order(part: Intervals, chances: Floats) -> Floats:
    """Return other chances that guarantee no less: rising with the intervals, valid ex post, equal for equals.

    Parameters
    ----------
    part
        Intervals in the order of their lower ends, the best first.
    chances
        (n,) in that order.
    """
    return _equal(part, _valid(part, _equal(part, _rising(part, chances))))


def _rising(part: Intervals, chances: Floats) -> Floats:
    """Exchange chances until nobody with a worse interval (both ends lower or equal) has more.

    If b is in a possible set and a, with the better interval, is not, then a can take the place of b; so exchanging
    their chances guarantees no less. Each takes the largest chance below it in turn, the best first.
    """
    chances = chances.copy()
    for a in range(len(chances)):
        below = a + np.flatnonzero(part.high[a:] <= part.high[a])
        b = below[np.argmax(chances[below])]
        chances[a], chances[b] = chances[b], chances[a]
    return chances


def _valid(part: Intervals, chances: Floats) -> Floats:
    """Move chances upwards where one interval lies wholly above another, from the lowest first.

    A possible set that holds the worse of two such proposals holds the better as well, so no guarantee is lost. The
    receivers come in the order of their lower ends: whoever may give to a later one may give to an earlier one, so that
    one pass is enough.
    """
    chances = chances.copy()
    givers = np.lexsort((part.low, part.high))
    for a in range(len(chances)):
        able = givers[(part.high[givers] < part.low[a]) & (chances[givers] > 0)]
        if chances[a] >= 1 or not len(able):
            continue
        before = np.concatenate([[0.0], np.cumsum(chances[able])[:-1]])
        given = np.clip(1.0 - chances[a] - before, 0.0, chances[able])
        chances[able] -= given
        chances[a] = min(1.0, chances[a] + float(given.sum()))
    return chances


def _equal(part: Intervals, chances: Floats) -> Floats:
    """Average over equal intervals: exchanging equals changes no guarantee, and nor does the mean over all ways."""
    _, kind = np.unique(np.column_stack([part.low, part.high]), axis=0, return_inverse=True)
    mean: Floats = np.bincount(kind, chances) / np.bincount(kind)
    return np.clip(mean[kind], 0.0, 1.0)


def valid_ex_post(low: Floats, high: Floats, chances: Floats) -> Bools:
    """Return (n,) whether nobody whose interval lies wholly below wins while a proposal is not sure to win."""
    order = np.argsort(high, kind="stable")
    most = np.maximum.accumulate(np.concatenate([[0.0], chances[order]]))
    below = most[np.searchsorted(high[order], low, side="left")]
    return np.asarray((chances >= 1) | (below <= 0))


def _refuse(low: Floats, high: Floats, places: int) -> None:
    if low.shape != high.shape or low.ndim != 1:
        raise ValueError(
            f"low and high must be lists of one length, and have shapes {low.shape} and {high.shape}"
        )
    if not (low <= high).all():
        wrong = np.flatnonzero(~(low <= high))
        raise ValueError(
            f"interval {wrong[0]} is from {low[wrong[0]]} to {high[wrong[0]]}; low must not exceed high"
        )
    if not 1 <= places <= len(low):
        raise ValueError(
            f"places must be between 1 and {len(low):,}, the number of proposals, and is {places:,}"
        )
