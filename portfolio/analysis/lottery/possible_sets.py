"""The sets that may be the true best k as far as intervals tell: who is in all, who in none, the worst for chances.

Proposals stand in the order of their lower ends, the best first. If i is the first of them that is not in a possible
top k, then all before i are, and the rest of the set is any k - i of those behind i that i is not better than
(``high >= low_i``). So the worst set for given chances is found by looking at every i, with the smallest chances behind
it (Goldberg, Fanti & Shah 2025).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.optimize.vectors import Bools, Floats, Integers


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals in the order of their lower ends, the best first, for k places.

    Parameters
    ----------
    low, high
        (n,) their ends.
    places
        k.
    order
        (n,) where each stood before.
    """

    low: Floats
    high: Floats
    places: int
    order: Integers

    @classmethod
    def of(cls, low: Floats, high: Floats, places: int) -> Intervals:
        """Put intervals in order; the higher upper end first where lower ends are equal."""
        order = np.lexsort((-high, -low))
        return cls(low[order], high[order], places, order)

    @property
    def thresholds(self) -> range:
        """Who can be the first that is not in a set of k; n itself if everybody wins."""
        return range(min(self.places, len(self.low) - 1) + 1)

    def behind(self, first: int) -> Integers:
        """Return those behind `first` that may be in the set although `first` is not."""
        return first + 1 + np.flatnonzero(self.high[first + 1 :] >= self.low[first])


def pruned(low: Floats, high: Floats, places: int) -> tuple[Bools, Bools]:
    """Return (n,) who is in every possible top k, and who is in none.

    The first have fewer than k others that they are not better than; the others have k that are better. The chances of
    MERIT are 1 and 0 for them: moving a chance to somebody who is in every set, or away from somebody who is in none,
    never lowers the guarantee.
    """
    rivals = len(low) - 1 - np.searchsorted(np.sort(high), low, side="left")
    better = len(low) - np.searchsorted(np.sort(low), high, side="right")
    return rivals < places, better >= places


def worst_sets(part: Intervals, chances: Floats) -> Floats:
    """Return the smallest sum of chances over the possible sets, by who is the first that is left out.

    Parameters
    ----------
    chances
        (n,) in the order of `part`.

    Returns
    -------
    ndarray
        (thresholds,) infinite where there is no such set.
    """
    before = np.concatenate([[0.0], np.cumsum(chances)])
    rising = np.argsort(chances, kind="stable")
    sums = np.full(len(part.thresholds), np.inf)
    for first in part.thresholds:
        missing = part.places - first
        smallest = rising[(rising > first) & (part.high[rising] >= part.low[first])][:missing]
        if len(smallest) == missing:
            sums[first] = before[first] + chances[smallest].sum()
    return sums


def guarantee(low: Floats, high: Floats, places: int, chances: Floats) -> float:
    """Return how many of the true best k are expected to win at least, whichever of the possible sets they are."""
    if places == len(low):
        return float(chances.sum())
    part = Intervals.of(low, high, places)
    return float(worst_sets(part, chances[part.order]).min())
