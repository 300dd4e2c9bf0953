"""Who is in every non-dominated portfolio and who is in none, without listing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from portfolio.analysis.dominance.compare import dominates, gain_over, loss_to
from portfolio.analysis.dominance.region import Condition, Region, other_than
from portfolio.errors import LimitError
from portfolio.optimize.vectors import Bools


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

    As long as the witnesses agree on some proposals, a portfolio is sought that decides otherwise on at least one
    of them and that no witness dominates. If there is none, every non-dominated portfolio agrees with them: these
    proposals are core or exterior. Otherwise the best portfolio that dominates the one found, or that one itself
    if there is none, is a new witness: nothing dominates it, because what does would also dominate the one found
    and be worth more at the centre. Each round adds a witness, so there is an end.

    Raises
    ------
    InfeasibleError
        If no portfolio keeps the rules.
    """
    watch("Finding the best portfolio at the centre")
    witnesses = [region.first()]
    rejected: list[Condition] = []
    free = region.known.able
    ended = ""
    while True:
        alike = free & (np.all(witnesses, axis=0) | ~np.any(witnesses, axis=0))
        if not alike.any():
            break
        watch(f"{len(witnesses)} non-dominated portfolios agree on {int(alike.sum())} proposals")
        try:
            other = _undominated(region, witnesses, alike, rejected)
            if other is None:
                break
            if any(dominates(region.known, one, other[None, :])[0] for one in witnesses):
                # The solver's tolerance let it through.
                rejected.append(other_than(other))
                continue
            witnesses.append(dominator(region, other))
        except (LimitError, KeyboardInterrupt) as end:
            ended = str(end) or "it was interrupted"
            break
    settled = alike if not ended else np.zeros_like(alike)
    return Labelled(np.array(witnesses), settled | ~free, ended)


def _undominated(
    region: Region, witnesses: Sequence[Bools], alike: Bools, rejected: Sequence[Condition]
) -> Bools | None:
    """Return the best portfolio at the centre that is unlike and that no witness is seen to dominate."""
    known, first = region.known, witnesses[0]
    # Unlike in at least one of them.
    unlike = Condition(
        np.where(alike, np.where(first, -1.0, 1.0), 0.0), low=1.0 - int((first & alike).sum())
    )
    conditions, switches = [unlike, *rejected], 0
    for witness in witnesses:
        coefficients, constant = gain_over(known, witness)
        several = len(constant) > 1
        for row, least in zip(coefficients, constant, strict=True):
            # A little is allowed, so that nothing is left out by rounding; what is let through is looked at again.
            conditions.append(
                Condition(row, low=least - known.rounding, switch=switches if several else None)
            )
            switches += several
        if several:
            places = tuple(range(switches - len(constant), switches))
            conditions.append(Condition(np.zeros(0), switches=places))
    return region.best(known.central, conditions)


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
