"""At which merit a decision could turn, as far as the prices of one relaxation prove it, for all proposals at once."""

from __future__ import annotations

import numpy as np

from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.solution import Solution
from portfolio.optimize.unmoved import moved_by_merit
from portfolio.optimize.vectors import Floats
from portfolio.optimize.worth import merit_worth
from portfolio.policy import Policy


def proven_merits(instance: Instance, policy: Policy, solution: Solution) -> Floats:
    """Return (n,) merits up to which (for the funded: down to which) the decision on each proposal stands for sure.

    With U the bound at the prices, d_i the reduced cost and V the value found, no portfolio that decides i otherwise is
    worth more than U - |d_i|, which leaves a margin of V - U + |d_i|. A merit that is higher by m raises the value of i
    by no more than m times the worth of merit, and so the bound; it may use up the margin. A reserve towards which i
    counts only from some merit on changes that bound, so nothing is said beyond its line.

    Returns
    -------
    array
        NaN where nothing is proven, or where merit decides about more than the value.
    """
    unknown = np.full(len(instance.ids), np.nan)
    ranked = policy.objective.order == "lexicographic" or any(
        goal.name == "exploratory" for goal in solution.goals
    )
    if ranked or moved_by_merit(policy):
        return unknown
    worth = merit_worth(policy, instance.table)
    known = (solution.margins > 0) & (worth > 0)
    change = np.divide(solution.margins, worth, out=unknown.copy(), where=known)
    funded = solution.chosen
    merit: Floats = instance.merit + np.where(funded, -change, change)
    for reserve in policy.reserve:
        if reserve.min_merit is None:
            continue
        has, line = instance.traits[reserve.trait], reserve.min_merit
        counted = counts(instance, reserve)
        merit[has & ~counted & (merit >= line)] = np.nextafter(line, -np.inf)
        merit[counted & (merit < line)] = line
    if not policy.objective.criterion:
        merit[funded & (merit < policy.objective.zero)] = policy.objective.zero
        return merit
    # The merit at which the criteria add up to nothing.
    zero = instance.merit - np.divide(instance.value, worth, out=unknown.copy(), where=known)
    stays: Floats = np.where(funded, np.maximum(merit, zero), merit)
    return stays
