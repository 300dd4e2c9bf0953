"""The ranking by merit alone, and the funding line: what most funders do without an optimizer."""

from __future__ import annotations

import numpy as np

from portfolio.optimize import Problem
from portfolio.optimize.tally import group_sums
from portfolio.optimize.ties import keyed_order
from portfolio.optimize.vectors import Bools, Floats, Integers

_HALF = 32


class Ranking:
    """The eligible proposals of a problem by merit, funded in full from the top until the money is spent.

    The first that can no longer be paid ends it: nobody is funded while a better one is not. Who asks for more than
    all the money could never be paid; it has no place, and does not end it. Reserves, limits, links, locks and the
    true zero play no part; budgets by year are added up. Equal merits are put in the keyed order of ids.

    Parameters
    ----------
    problem
        Gives requests, the budget, eligibility, and the seed of the keyed order.
    """

    def __init__(self, problem: Problem) -> None:
        instance, seed = problem.instance, problem.policy.solver.seed
        keys = [keyed_order(name, seed) for name in instance.ids]
        self._ties = np.argsort(sorted(range(len(keys)), key=keys.__getitem__))
        self._amount, self._budget = instance.amount, instance.budget
        self._payable = instance.eligible & (instance.amount <= instance.budget)

    def __call__(self, merit: Floats) -> tuple[Integers, Bools]:
        """Return (n,) ranks, 1 the best and 0 for who has none, and (n,) who is above the line."""
        ranked = np.flatnonzero(self._payable & ~np.isnan(merit))
        order = ranked[np.lexsort((self._ties[ranked], -merit[ranked]))]
        rank, above = np.zeros(merit.size, dtype=np.int64), np.zeros(merit.size, dtype=bool)
        rank[order] = np.arange(1, order.size + 1)
        above[order] = _paid(self._amount[order], self._budget)
        return rank, above


def sides(merit: Floats, amount: Integers, budget: int) -> Integers:
    """Return on which side of the funding line of `Ranking` each proposal is, whatever the order of equal merits.

    Parameters
    ----------
    merit
        (n,) of the proposals that have a place in the ranking; no NaN.
    amount
        (n,) requests, in the units of the budget; none above it.
    budget
        The money of all years.

    Returns
    -------
    Integers
        (n,) 1 above the line and -1 below it. 0 at the line: the money ends among proposals of this merit, and the
        order in which equals are taken decides which of them are paid.
    """
    order = np.argsort(-merit, kind="stable")
    unpaid = order[~_paid(amount[order], budget)]
    if not unpaid.size:
        return np.ones(merit.size, dtype=np.int64)
    last = merit[unpaid[0]]
    side = np.where(merit > last, 1, -1)
    left = budget - group_sums(amount, (merit > last).astype(np.int64), 2)[1]
    if (amount[merit == last] <= left).any():
        side[merit == last] = 0
    return side


def _paid(amount: Integers, budget: int) -> Bools:
    """Return up to which request the budget pays for all of them; the sums may be beyond 64 bits."""
    high, low = np.cumsum(amount >> _HALF), np.cumsum(amount & ((1 << _HALF) - 1))
    high, low = high + (low >> _HALF), low & ((1 << _HALF) - 1)
    most_high, most_low = divmod(budget, 1 << _HALF)
    paid: Bools = (high < most_high) | ((high == most_high) & (low <= most_low))
    return paid
