"""Who is in every non-dominated portfolio and who is in none, without listing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portfolio.analysis.dominance.compare import dominates, gain_over, loss_to
from portfolio.analysis.dominance.region import Condition, Region, other_than
from portfolio.errors import LimitError
from portfolio.optimize.vectors import Bools

# A candidate need not be the best one; only that there is none has to be proven.
_NEAR = 0.01


@dataclass(frozen=True, eq=False)
class Labelled:
    """What is known of the set of non-dominated portfolios.

    Attributes
    ----------
    witnesses
        (N, n) non-dominated portfolios, the first one the best at the centre.
    settled
        (n,) proposals on which every non-dominated portfolio is proven to decide alike.
    ended
        Why a proposal on which the witnesses agree is not settled; empty if all are.
    """

    witnesses: Bools
    settled: Bools
    ended: str

    @property
    def always(self) -> Bools:
        """(n,) funded by all witnesses."""
        return np.asarray(self.witnesses.all(axis=0))

    @property
    def never(self) -> Bools:
        """(n,) funded by no witness."""
        return np.asarray(~self.witnesses.any(axis=0))


def label(region: Region, watch: Callable[[str], None]) -> Labelled:
    """Find proposals on which all non-dominated portfolios decide alike.

    1. The best portfolio at the centre is the first witness. Where the relaxation shows that every portfolio that
       decides otherwise on a proposal is dominated by it, that proposal is settled.
    2. For every other proposal a portfolio is sought that decides otherwise on it and that no witness dominates. If
       there is none, the proposal is settled. Otherwise what dominates the one found best, or that one itself, is a
       new witness (see `dominator`), which the next one must not be dominated by, so there is an end.

    Raises
    ------
    InfeasibleError
        If no portfolio keeps the rules.
    """
    watch("Finding the best portfolio at the centre")
    first = region.first()
    found = _Found(region, [first])
    free = region.known.able & ~_settled_by_relaxation(region, first)
    ended = ""
    settled = ~free
    try:
        for index in np.flatnonzero(free).tolist():
            if found.split[index]:
                continue
            watch(
                f"{len(found.witnesses)} non-dominated portfolios; {int(free[index:].sum())} proposals to look at"
            )
            settled[index] = found.all_agree_on(index)
    except (LimitError, KeyboardInterrupt) as end:
        ended = str(end) or "it was interrupted"
    return Labelled(np.array(found.witnesses), settled, ended)


@dataclass(eq=False)
class _Found:
    """The witnesses so far."""

    region: Region
    witnesses: list[Bools]

    @property
    def split(self) -> Bools:
        """(n,) on which proposals they do not agree."""
        found: Bools = np.any(self.witnesses, axis=0) & ~np.all(self.witnesses, axis=0)
        return found

    def all_agree_on(self, index: int) -> bool:
        """Tell whether every non-dominated portfolio decides alike on a proposal; otherwise add one that does not."""
        known = self.region.known
        rejected: list[Condition] = []
        # With one extreme point a comparison is a row; with several, it takes a switch for each.
        compared = list(self.witnesses) if len(known.weights) == 1 else self.witnesses[:1]
        while True:
            other = self._unlike(index, compared, rejected)
            if other is None:
                return True
            by = [one for one in self.witnesses if dominates(known, one, other[None, :])[0]]
            if not by:
                by = [dominator(self.region, other)]
                self.witnesses += by
                if self.split[index]:
                    return False
            if any(one is old for one in by for old in compared):
                # The solver's tolerance let it through.
                rejected.append(other_than(other))
            else:
                compared.append(by[0])

    def _unlike(self, index: int, compared: list[Bools], rejected: list[Condition]) -> Bools | None:
        """Return the best at the centre that decides otherwise and that none of those compared dominates."""
        known, n = self.region.known, len(self.witnesses[0])
        here = float(not self.witnesses[0][index])
        conditions = [Condition((np.arange(n) == index).astype(float), low=here, high=here)]
        points = len(known.weights)
        for place, witness in enumerate(compared):
            switches = tuple(range(place * points, (place + 1) * points)) if points > 1 else ()
            if switches:
                conditions.append(Condition(np.zeros(0), switches=switches))
            # A little is allowed, so that rounding leaves nothing out; what it lets through is looked at again.
            for point, (row, least) in enumerate(zip(*gain_over(known, witness), strict=True)):
                switch = switches[point] if switches else None
                conditions.append(Condition(row, low=least - known.rounding, switch=switch))
        return self.region.best(known.central, [*conditions, *rejected], _NEAR)


def _settled_by_relaxation(region: Region, first: Bools) -> Bools:
    """Return (n,) proposals of which a linear bound shows: to decide otherwise is to be dominated by `first`.

    The bound on the gain over `first`, at each extreme point of the weights, falls by the margin of the proposal when
    it is decided against it.
    """
    known = region.known
    settled = np.ones(len(first), dtype=bool)
    for row, constant in zip(*gain_over(known, first), strict=True):
        bound, margins = region.bounds(row, first)
        settled &= bound - constant - margins < -known.rounding
    return settled


def dominator(region: Region, portfolio: Bools) -> Bools:
    """Return the portfolio of the greatest value at the centre among those that are never worth less than one.

    It is that portfolio itself if and only if nothing dominates it; otherwise it dominates it and nothing dominates
    what is returned, since that would be worth more at the centre.
    """
    known = region.known
    rejected: list[Condition] = []
    while True:
        conditions = [
            Condition(row, low=most - known.rounding)
            for row, most in zip(*loss_to(known, portfolio), strict=True)
        ]
        best = region.best(known.central, [*conditions, *rejected])
        if best is None or (best - portfolio.astype(float)) @ known.central <= known.rounding:
            return portfolio
        if dominates(known, best, portfolio[None, :])[0]:
            return best
        rejected.append(other_than(best))
