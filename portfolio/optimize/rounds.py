"""Reserves over and above: the open money is spent first, blind to traits, then each reserve in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.call.money import total
from portfolio.errors import InfeasibleError
from portfolio.optimize.audit import Broken, broken_rules
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import explain_infeasible
from portfolio.optimize.engine import Engine, Outcome, Stop, how_it_stopped
from portfolio.optimize.exact import Deadline, best
from portfolio.optimize.instance import Bools, Instance
from portfolio.optimize.model import Model, one_row
from portfolio.optimize.rows.reserves import counts, required, reserve_words
from portfolio.optimize.solution import Round, Solution
from portfolio.optimize.solve import portfolio_value
from portfolio.optimize.ties import settle
from portfolio.policy import Policy, Reserve

OPEN, LEFT_OVER = "open", "left over"


@dataclass(frozen=True)
class _Pot:
    name: str
    money: int
    member: Bools
    reserve: Reserve | None = None


def solve_over_and_above(instance: Instance, policy: Policy, engine: Engine) -> Solution:
    """Spend the open money on the best proposals, then each reserve on the best that are left with its trait.

    The open money is the budget less the reserves. Every round maximises the total value; the budgets of the years,
    limits, coverage and links hold over everything awarded so far, and what was awarded before stays. A reserve with
    too little demand left fails, keeps its money (``hold``), or gives it to a last open round (``release``), to which
    what is left of the open money is added.

    Raises
    ------
    InfeasibleError
        If a round has no portfolio, or a reserve that must not fall short has too little demand left.
    LimitError
        If time ran out in the first round before any portfolio was found.
    """
    deadline = Deadline.start(policy.solver)
    model = compile_model(instance, policy)
    chosen = np.zeros(len(instance.ids), dtype=bool)
    rounds: list[Round] = []
    slack, solver, released = 0.0, "", 0
    for pot in _pots(instance, policy):
        _demand(instance, pot, chosen)
        chosen, outcome, value = _round(instance, policy, engine, model, deadline, pot, chosen)
        rounds.append(_report(pot, outcome, value, _spent(instance, chosen, rounds)))
        slack += max(0.0, outcome.bound - value)
        solver = outcome.solver
        released += _released(pot, rounds[-1])
    if any(reserve.shortfall == "release" for reserve in policy.reserve):
        pot = _Pot(LEFT_OVER, released, np.ones_like(chosen))
        chosen, outcome, value = _round(instance, policy, engine, model, deadline, pot, chosen)
        rounds.append(_report(pot, outcome, value, _spent(instance, chosen, rounds)))
        slack += max(0.0, outcome.bound - value)
    value = portfolio_value(instance, policy, chosen)
    timed_out = any(part.stop is Stop.TIME_LIMIT for part in rounds)
    return Solution(
        chosen=chosen,
        value=value,
        bound=value + slack,
        stop=how_it_stopped(value, value + slack, policy.solver, finished=not timed_out),
        solver=solver,
        shadow_prices={},
        margins=np.full(len(chosen), np.nan),
        shortfall=Fraction(0),
        rounds=tuple(rounds),
    )


def _pots(instance: Instance, policy: Policy) -> Iterator[_Pot]:
    pots = [int(required(instance, reserve, 0)) for reserve in policy.reserve]
    everyone = np.ones(len(instance.ids), dtype=bool)
    if sum(pots) > instance.budget:
        words = [reserve_words(instance, reserve) for reserve in policy.reserve]
        raise InfeasibleError([f"the budget is {instance.money(instance.budget)}", *words], "Make a reserve smaller.")
    yield _Pot(OPEN, instance.budget - sum(pots), everyone)
    for reserve, money in zip(policy.reserve, pots, strict=True):
        yield _Pot(reserve.key, money, counts(instance, reserve), reserve)


def _demand(instance: Instance, pot: _Pot, chosen: Bools) -> None:
    """Refuse a reserve that must not fall short if all the demand that is left is smaller than its money."""
    left = total(instance.amount[pot.member & instance.open & ~chosen])
    if pot.reserve is not None and pot.reserve.shortfall == "fail" and left < pot.money:
        fact = f"after the rounds before it, {instance.money(left)} of demand are left for {pot.reserve.trait}"
        hint = 'Make the reserve smaller, or set shortfall = "release" or "hold".'
        raise InfeasibleError([reserve_words(instance, pot.reserve), fact], hint)


def _round(  # noqa: PLR0913 - a round needs the problem, the clock, its pot and what was awarded before
    instance: Instance,
    policy: Policy,
    engine: Engine,
    model: Model,
    deadline: Deadline,
    pot: _Pot,
    before: Bools,
) -> tuple[Bools, Outcome, float]:
    was = before[model.proposals]
    may = was | pot.member[model.proposals]
    low, high = model.low.copy(), model.high.copy()
    low[: model.size] = np.where(was, 1.0, low[: model.size])
    high[: model.size] = np.where(may, high[: model.size], 0.0)
    new = np.flatnonzero(~was)
    words = f"the money of this round ({pot.name}) is {instance.money(pot.money)}"
    costs = instance.amount[model.proposals[new]] / model.unit
    stage = model.bound(low=low, high=high).add(one_row(("pot",), words, new, costs, high=pot.money / model.unit))

    def audit(chosen: Bools) -> list[Broken]:
        over = total(instance.amount[chosen & ~before]) > pot.money
        return [*broken_rules(instance, policy, chosen), *([Broken("pot", "", "spends too much")] if over else [])]

    outcome, chosen = best(engine, stage, len(before), audit, deadline.left())
    if outcome.stop is Stop.INFEASIBLE:
        raise explain_infeasible(instance, policy, engine, stage)
    chosen = settle(instance, stage, chosen, policy.solver.seed)
    return chosen, outcome, portfolio_value(instance, policy, chosen)


def _spent(instance: Instance, chosen: Bools, rounds: list[Round]) -> int:
    return total(instance.amount[chosen]) - sum(part.spent for part in rounds)


def _released(pot: _Pot, done: Round) -> int:
    """Return the money that a round leaves to the last open round."""
    gives = pot.reserve is None or pot.reserve.shortfall == "release"
    return done.pot - done.spent if gives else 0


def _report(pot: _Pot, outcome: Outcome, value: float, spent: int) -> Round:
    return Round(pot.name, pot.money, spent, value, max(value, outcome.bound), outcome.stop)
