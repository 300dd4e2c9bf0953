"""What merit alone would fund: the same money and the same proposals, without reserves and other rules."""

from __future__ import annotations

import numpy as np

from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.ties import keyed_order
from portfolio.optimize.vectors import Floats

# What a policy wants beside money and merit.
_WISHES = {
    "reserve": (),
    "limit": (),
    "coverage": (),
    "link": (),
    "must_fund": (),
    "stable": None,
    "exploratory": None,
    "reserve_order": "minimum_guarantee",
}


def without_rules(problem: Problem) -> Portfolio:
    """Return the most valuable portfolio under the budget alone.

    What holds still: the budgets with their commitments, carry-over, overspending and over-commitment; who is eligible
    and who must not be funded; the objective. Everything else is left out: reserves, limits, coverage, links, proposals
    that must be funded, stable funding and the exploratory pool.
    """
    return _plain(problem).solve()


def by_merit_alone(problem: Problem) -> Awards:
    """Fund in the order of merit what still fits, until the money is spent.

    The ranking of a panel: proposals that the optimizer may fund, from the highest merit down (with criteria instead of
    merit, by the value of the whole request; ties in the keyed order of ids), each with all that it asks for if the
    budget of every year still covers it, and passed over otherwise. Nothing is overspent or promised beyond the budget.
    """
    plain = _plain(problem)
    instance, policy = plain.instance, plain.policy
    score = _ranked_by(instance, bool(policy.objective.criterion))
    may = instance.open & ~np.isin(np.array(instance.ids), policy.must_not_fund)
    order = sorted(
        np.flatnonzero(may).tolist(),
        key=lambda i: (-score[i], keyed_order(instance.ids[i], policy.solver.seed)),
    )
    left = [
        budget - committed for budget, committed in zip(instance.budgets, instance.committed, strict=True)
    ]
    funded = np.zeros(len(instance.ids), dtype=bool)
    whole = instance.sizes.top == instance.amount
    for index in order:
        spare = [money - cost for money, cost in zip(left, instance.by_year[index].tolist(), strict=True)]
        if whole[index] and _covered(spare, instance.carry):
            funded[index], left = True, spare
    return Awards.of(instance, funded)


def _plain(problem: Problem) -> Problem:
    return problem.replace(**_WISHES)


def _ranked_by(instance: Instance, criteria: bool) -> Floats:
    if not criteria:
        return instance.merit
    return instance.criteria[0] if len(instance.criteria) else instance.value


def _covered(left: list[int], carry: int) -> bool:
    """Tell whether no year is overspent, if what a year leaves may be carried to the next up to a limit."""
    carried = 0
    for money in left:
        carried += money
        if carried < 0:
            return False
        carried = min(carry, carried)
    return sum(left) >= 0
