"""What merit alone would fund: a funding line, and the best portfolio without rules for groups."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.ties import keyed_order
from portfolio.policy import Criterion, Objective, Policy


def ranking(instance: Instance, seed: int) -> Awards | None:
    """Fund the highest merit first, in full, as long as the money lasts; None if no proposal has a merit.

    The only rule is the money of all years together. The first proposal that no longer fits ends the list, as a
    funding line does, so that nobody is funded before somebody of higher merit. Left out are the ineligible, those
    without a merit, and those who ask for more than there is in all. Ties are broken by the keyed order of ids.
    """
    eligible = np.array([not reason for reason in instance.ineligible], dtype=bool)
    ranked = np.flatnonzero(eligible & ~np.isnan(instance.merit) & (instance.amount <= instance.budget))
    if np.isnan(instance.merit[eligible]).all():
        return None
    order = sorted(
        ranked.tolist(), key=lambda index: (-instance.merit[index], keyed_order(instance.ids[index], seed))
    )
    asked = accumulate(int(instance.amount[index]) for index in order)
    fitting = sum(together <= instance.budget for together in asked)
    funded = np.zeros(len(instance.ids), dtype=bool)
    funded[order[:fitting]] = True
    return Awards(funded, np.where(funded, instance.amount, 0))


def best_on_merit(portfolio: Portfolio) -> Portfolio:
    """Find the best portfolio without what the policy does for groups: the value is merit, and nothing is held back.

    Reserves, limits and coverage go, and criteria other than merit; everything else of the policy stays, so that
    the difference to the decision is what these change. The awards of the decision are kept wherever they are
    proven to be within the gap, so that no two proposals swap places by chance.

    Raises
    ------
    InfeasibleError
        If a proposal that has no merit must be funded.
    LimitError
        If none was found in the time given.
    """
    problem: Problem = portfolio.problem
    policy = problem.policy
    free = policy.replace(
        reserve=(),
        reserve_order="minimum_guarantee",
        limit=(),
        coverage=(),
        objective=_merit_alone(policy).model_dump(),
    )
    return problem.under(free).solve(near=portfolio)


def _merit_alone(policy: Policy) -> Objective:
    objective = policy.objective
    if not objective.criterion:
        return objective
    stated = next((one for one in objective.criterion if one.column == "merit"), None)
    zero = Criterion(column="merit").zero if stated is None else stated.zero
    return objective.replace(criterion=(), order="weighted", zero=zero)
