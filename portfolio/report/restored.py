"""The portfolio of a stored decision, over the problem that was decided on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portfolio.call.money import exponent
from portfolio.errors import DataError
from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.awards import Awards
from portfolio.optimize.duals import margins_beside_goals
from portfolio.optimize.goals import goals, least_given
from portfolio.optimize.solution import RowKey, Solution
from portfolio.optimize.value import portfolio_value, size_of_values
from portfolio.optimize.vectors import Floats
from portfolio.report.decisions import FILE, edited
from portfolio.report.files import RECORD
from portfolio.report.record import SAME
from portfolio.report.stored import StoredDecision


def restored(decision: StoredDecision, problem: Problem) -> Portfolio:
    """Return the portfolio that was decided: its awards are those of the folder, and nothing is solved again.

    The bound and how the solver stopped are taken from the record. Every rule is added up again.

    Raises
    ------
    DataError
        If the awards are not worth what the record says.
    SolverError
        If they break a rule of the policy.
    """
    instance, policy, record = problem.instance, decision.policy, decision.record
    unknown = sorted(set(decision.amounts) - set(instance.ids))
    if unknown:
        what = f"funds what is no proposal of the call: {', '.join(unknown[:5])}"
        raise DataError([edited(what, FILE)])
    amount = np.zeros(len(instance.ids), dtype=np.int64)
    for name, money in decision.amounts.items():
        amount[instance.position[name]] = int(money * 10 ** exponent(instance.currency))
    funded = np.isin(np.array(instance.ids), list(decision.amounts))
    awards = Awards(funded, amount)
    value = portfolio_value(instance, policy, awards)
    if abs(value - record["value"]) > SAME * max(size_of_values(instance), abs(value)):
        what = f"says that the awards are worth {record['value']:g}, but they are worth {value:g}"
        raise DataError([edited(what, RECORD)])
    solution = Solution(
        awards=awards,
        value=value,
        bound=decision.bound,
        stop=decision.status,
        solver=record["solver"],
        shadow_prices={},
        margins=_margins(decision, problem, awards, value),
        given=least_given(instance, policy, awards),
        goals=decision.goals,
        rounds=decision.rounds,
        prices=dict(_price(row) for row in record["prices"]),
    )
    return Portfolio(problem, solution)


def _margins(decision: StoredDecision, problem: Problem, awards: Awards, value: float) -> Floats:
    """Return (n,) what deciding otherwise loses at least, of which no table holds what goes beside goals.

    It is worked out from the prices, as when it was decided; goals that are not those of the policy prove nothing.
    """
    instance, policy, reached = problem.instance, decision.policy, decision.goals
    if not reached:
        return np.array([decision.margins.get(name, np.nan) for name in instance.ids])
    model = problem.model
    if [goal.name for goal in reached] != [goal.name for goal in goals(instance, policy, model)]:
        return np.full(len(instance.ids), np.nan)
    prices = dict(_price(row) for row in decision.record["prices"])
    best = [goal.value for goal in reached]
    return margins_beside_goals(instance, policy, model, awards, best, prices, value)


def _price(row: Mapping[str, Any]) -> tuple[RowKey, float]:
    return (tuple(row["rules"]), row["block"], row["name"]), row["price"]
