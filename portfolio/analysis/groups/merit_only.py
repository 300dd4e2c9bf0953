"""What merit alone would fund: a funding line, and the best portfolio without rules for groups."""

from __future__ import annotations

import numpy as np

from portfolio.analysis.funding_line import Ranking
from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.awards import Awards
from portfolio.policy import Criterion, Objective, Policy


def ranking(problem: Problem) -> Awards | None:
    """Fund in full who is above the funding line, see `Ranking`; None if no proposal has a merit."""
    instance = problem.instance
    if np.isnan(instance.merit[instance.eligible]).all():
        return None
    _, above = Ranking(problem)(instance.merit)
    return Awards(above, np.where(above, instance.amount, 0))


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
