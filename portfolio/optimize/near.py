"""Keeping awards that are known already where the gap asked for leaves a choice.

Two scenarios are solved to a gap, and within it many portfolios are as good as each other. Which of them a solver
finds is chance, and proposals would swap places between scenarios without need.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Outcome, Stop, relative_gap
from portfolio.optimize.exact import Search
from portfolio.optimize.model import Model
from portfolio.optimize.value import portfolio_value, priced_out
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy

Answer = tuple[Outcome, Awards]


def kept_answer(
    search: Search, model: Model, near: Awards, policy: Policy, deadline: Deadline
) -> Answer | None:
    """Return awards as the answer if they keep every rule and the relaxation proves them within the gap.

    No search among whole proposals is needed then. None where there is no such proof, and where awards may be cut.
    """
    value = kept_value(search, near, policy)
    if value is None:
        return None
    relaxed = search.engine.relax(model, deadline.left(), search.prices)
    if relaxed.x is None or not _proven(search, near, policy, value, relaxed.bound):
        return None
    x = columns_of(search, model, near, deadline)
    return None if x is None else (replace(relaxed, stop=Stop.GAP, x=x, value=value, relaxed=relaxed), near)


def no_worse(
    search: Search, model: Model, answer: Answer, near: Awards, policy: Policy, deadline: Deadline
) -> Answer:
    """Return the better of an answer and of awards that keep every rule; a rule made looser then never costs value."""
    outcome, awards = answer
    value = kept_value(search, near, policy)
    if outcome.x is None or value is None or value <= portfolio_value(search.instance, policy, awards):
        return answer
    x = columns_of(search, model, near, deadline)
    return answer if x is None else (replace(outcome, x=x, value=value), near)


def kept_value(search: Search, near: Awards, policy: Policy) -> float | None:
    """Return what awards are worth if they keep every rule; None if they do not, and where awards may be cut."""
    if not search.instance.sizes.whole_only or search.audit(near):
        return None
    return portfolio_value(search.instance, policy, near)


def _proven(search: Search, near: Awards, policy: Policy, value: float, bound: float) -> bool:
    """Tell whether awards are within the gap; as a share of what they are worth before the prices of soft rules."""
    cost = priced_out(search.instance, policy, near)
    return math.isfinite(bound) and relative_gap(value + cost, bound + cost) <= policy.solver.gap


def columns_of(search: Search, model: Model, near: Awards, deadline: Deadline) -> Floats | None:
    """Return (columns,) a solution with these awards; None if the rows do not allow for it."""
    funded = near.funded[model.proposals].astype(float)
    low, high = model.low.copy(), model.high.copy()
    low[: model.size] = np.maximum(low[: model.size], funded)
    high[: model.size] = np.minimum(high[: model.size], funded)
    return search.engine.relax(model.bound(low=low, high=high), deadline.left()).x
