"""Value for money: of awards, and the most that a proposal could bring with any award that could be paid."""

from __future__ import annotations

import numpy as np

from portfolio.optimize.instance import Instance
from portfolio.optimize.room import unpayable
from portfolio.optimize.sizes import Sizes
from portfolio.optimize.vectors import Floats, Integers
from portfolio.policy import Policy


def for_money(value: Floats, amount: Integers) -> Floats:
    """Return value per minor unit; what costs nothing is worth more than anything."""
    ratio: Floats = np.divide(value, amount, out=np.full(len(value), np.inf), where=amount > 0)
    return ratio


def most_for_money(instance: Instance, policy: Policy) -> Floats:
    """Return (n,) the most value per minor unit of the awards that a proposal could have, if nothing else were funded.

    Where an award may have several sizes, that need not be the largest. Of whom no award could be paid, it is that of
    the largest.
    """
    sizes, amount = instance.sizes, instance.amount
    largest = _brings(instance, sizes.top)
    if sizes.whole_only:
        return largest
    sums = zip(instance.budgets, instance.beyond, instance.committed, strict=True)
    room = [budget + beyond - committed for budget, beyond, committed in sums]
    best = np.full(len(amount), -np.inf)
    for awards in _options(sizes):
        paid = ~unpayable(policy, amount, instance.by_year, awards, room, instance.carry).any(axis=1)
        best = np.maximum(best, np.where(paid, _brings(instance, awards), -np.inf))
    return np.where(np.isfinite(best), best, largest)


def _brings(instance: Instance, awards: Integers) -> Floats:
    return for_money(instance.value * instance.sizes.shares(instance.amount, awards), awards)


def _options(sizes: Sizes) -> list[Integers]:
    """Return the sizes of awards to look at, (n,) each: along a curve, which is concave, the ends are enough."""
    options = [sizes.top, sizes.least]
    owner = sizes.owner[sizes.whole]
    rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
    for place in range(int(rank.max(initial=-1)) + 1):
        awards, chosen = sizes.top.copy(), rank == place
        # Whole numbers, of more digits than a float tells apart.
        awards[owner[chosen]] -= sizes.money[sizes.whole][chosen].astype(np.int64)
        options.append(awards)
    return options
