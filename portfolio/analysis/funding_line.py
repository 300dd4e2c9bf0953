"""The ranking by merit alone, and the funding line: what most funders do without an optimizer."""

from __future__ import annotations

import numpy as np

from portfolio.optimize import Problem
from portfolio.optimize.ties import keyed_order
from portfolio.optimize.vectors import Bools, Floats, Integers


class Ranking:
    """The eligible proposals of a problem by merit, funded in full from the top until the money is spent.

    The first that can no longer be paid ends it: nobody is funded while a better one is not. Reserves, limits, links,
    locks and the true zero play no part; budgets by year are added up. Equal merits are put in the keyed order of ids.

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
        self._eligible = np.array([not reason for reason in instance.ineligible], dtype=bool)

    def __call__(self, merit: Floats) -> tuple[Integers, Bools]:
        """Return (n,) ranks, 1 the best and 0 for who has none, and (n,) who is above the line."""
        ranked = np.flatnonzero(self._eligible & ~np.isnan(merit))
        order = ranked[np.lexsort((self._ties[ranked], -merit[ranked]))]
        rank, above = np.zeros(merit.size, dtype=np.int64), np.zeros(merit.size, dtype=bool)
        rank[order] = np.arange(1, order.size + 1)
        above[order] = np.cumsum(self._amount[order]) <= self._budget
        return rank, above


def sides(merit: Floats, amount: Integers, budget: int) -> Integers:
    """Return on which side of the funding line of `Ranking` each proposal is, whatever the order of equal merits.

    Parameters
    ----------
    merit
        (n,) of the proposals that have a place in the ranking; no NaN.
    amount
        (n,) requests, in the units of the budget.
    budget
        The money of all years.

    Returns
    -------
    Integers
        (n,) 1 above the line and -1 below it. 0 at the line: the money ends among proposals of this merit, and the
        order in which equals are taken decides which of them are paid.
    """
    levels, level = np.unique(-merit, return_inverse=True)
    asked = np.zeros(levels.size, dtype=np.int64)
    np.add.at(asked, level, amount)
    together = np.cumsum(asked)
    last = int(np.searchsorted(together, budget, side="right"))
    side = np.where(level < last, 1, -1)
    left = budget - (int(together[last - 1]) if last else 0)
    if (amount[level == last] <= left).any():
        side[level == last] = 0
    return side
