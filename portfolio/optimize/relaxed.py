"""The answer without whole numbers: a bound on every portfolio, in a few milliseconds, and no decision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from portfolio.call.money import to_major
from portfolio.errors import LimitError
from portfolio.optimize.clock import Deadline
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import explain_infeasible
from portfolio.optimize.duals import keyed_prices, prices_of, shadow_prices
from portfolio.optimize.engine import Engine, Outcome, Stop
from portfolio.optimize.instance import Instance
from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Model
from portfolio.optimize.solution import ReachedGoal, RowKey
from portfolio.optimize.solve import reach_goals, reached_goals
from portfolio.optimize.vectors import Floats
from portfolio.optimize.words import none_is
from portfolio.policy import Policy
from portfolio.policy.source import Fault


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What would be best if proposals could be funded in parts.

    It is a bound and no decision: a few proposals at the funding line have a part of their award.

    Attributes
    ----------
    bound
        No portfolio that keeps the rules, and reaches the goals before the value, is worth more. It may be below what
        the shares are worth: small groups of proposals are looked at as wholes, see `price`.
    share
        (n,) the share of each request that is paid, from 0 to 1, in the order of ids.
    spent
        Money paid, in units of the currency, to the nearest coin.
    shadow_prices
        Per rule of the policy, value per further minor unit of money (or award) in its bound; negative for a floor,
        and for a rule with a floor and a cap: what a higher floor and a lower cap lose together.
    goals
        What was reached before the value, by whole proposals.
    prices
        The dual of each row that has one, from which a similar problem may start.
    """

    ids: tuple[str, ...]
    bound: float
    share: Floats
    spent: Decimal
    shadow_prices: Mapping[str, float]
    goals: tuple[ReachedGoal, ...]
    prices: Mapping[RowKey, float]

    def __repr__(self) -> str:
        whole = int(np.count_nonzero(self.share > 1 - 1e-9))
        parts = int(np.count_nonzero(self.share > 1e-9)) - whole
        return (
            f"<Relaxed: {whole} proposals and parts of {parts}, {none_is(self, no='no portfolio')} is worth more "
            f"than {self.bound:g}>"
        )


def relax_guaranteed(
    instance: Instance, policy: Policy, engine: Engine, start: Mapping[RowKey, float] | None = None
) -> Relaxed:
    """Solve without whole numbers.

    Goals that come before the value are reached by whole proposals all the same: parts would reach more than any
    portfolio can, and the value that is left beside them would bound nothing.

    Parameters
    ----------
    start
        Prices of the rows of a similar problem, to start from.

    Raises
    ------
    PolicyError
        If reserves are over and above: each round depends on the whole awards of the rounds before it.
    InfeasibleError
        With a smallest set of rules that clash.
    LimitError
        If time ran out.
    """
    if policy.reserve_order == "over_and_above":
        what = "has no relaxation: each round depends on the awards of the rounds before it"
        policy.refuse([Fault(("reserve_order",), what, "solve it with whole awards", "over_and_above")])
    deadline = Deadline.start(policy.solver)
    stand = reach_goals(instance, policy, engine, compile_model(instance, policy), deadline)
    model = stand.model
    relaxed = engine.relax(model, deadline.left(), None if start is None else prices_of(model, start))
    if relaxed.stop is Stop.INFEASIBLE:
        raise explain_infeasible(instance, policy, engine, model)
    if relaxed.stop is Stop.INTERRUPTED or stand.interrupted:
        raise KeyboardInterrupt
    if relaxed.x is None:
        hint = "raise [solver] time_limit"
        raise LimitError(f"no bound was found within {policy.solver.time_limit:g} seconds; {hint}")
    money = _money(instance, model, relaxed.x)
    return Relaxed(
        ids=instance.ids,
        bound=_bound(model, relaxed),
        share=_shares(instance, model, relaxed.x, money),
        spent=to_major(round(float(money.sum())), instance.currency),
        shadow_prices=shadow_prices(model, relaxed),
        goals=reached_goals(instance, stand, relaxed.x),
        prices=keyed_prices(model, relaxed),
    )


def _bound(model: Model, relaxed: Outcome) -> float:
    """Return the bound that the prices prove by themselves; that of the solver where a column has no end."""
    proven = math.inf if relaxed.duals is None else price(model.arrays, relaxed.duals).bound
    return proven if math.isfinite(proven) else relaxed.bound


def _money(instance: Instance, model: Model, x: Floats) -> Floats:
    """Return (size,) what each proposal column is paid, in minor units."""
    less = np.bincount(model.owner, x[model.size : model.decisions] * model.reductions, minlength=model.size)
    paid: Floats = x[: model.size] * instance.sizes.top[model.proposals] - less
    return paid


def _shares(instance: Instance, model: Model, x: Floats, money: Floats) -> Floats:
    """Return (n,) the share of each request that is paid; of a request for nothing, the share that is funded."""
    asked = instance.amount[model.proposals]
    part = np.divide(money, asked, out=x[: model.size].copy(), where=asked > 0)
    share = np.zeros(len(instance.ids))
    # Solvers hold bounds to a tolerance; what is left of it says nothing.
    share[model.proposals] = np.round(np.clip(part, 0.0, 1.0), 9)
    return share
