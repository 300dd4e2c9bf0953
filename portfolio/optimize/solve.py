"""Reserves as guarantees inside one optimisation: the value is maximised subject to all rules together."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction

import numpy as np

from portfolio.optimize.audit import Broken, broken_rules
from portfolio.optimize.clock import Deadline
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import explain_infeasible
from portfolio.optimize.engine import Engine, Outcome, Stop, how_it_stopped
from portfolio.optimize.exact import best
from portfolio.optimize.instance import Bools, Floats, Instance
from portfolio.optimize.margins import Priced, price
from portfolio.optimize.model import Model, one_row
from portfolio.optimize.solution import Solution
from portfolio.optimize.tally import deliveries
from portfolio.optimize.ties import settle
from portfolio.policy import Policy


def solve_guaranteed(instance: Instance, policy: Policy, engine: Engine) -> Solution:
    """Find the best portfolio in which every reserve is a guarantee.

    Reserves with ``shortfall = "release"`` or ``"hold"`` are soft: their total shortfall is made as small as
    possible first, the value as large as possible second.

    Raises
    ------
    InfeasibleError
        With a smallest set of rules that clash.
    LimitError
        If time ran out before any portfolio was found.
    KeyboardInterrupt
        If the solve was interrupted before any portfolio was found.
    """
    deadline = Deadline.start(policy.solver)
    model = compile_model(instance, policy)
    shortfall, stop = Fraction(0), Stop.OPTIMAL
    if model.shortfalls:
        shortfall, stop, chosen = _least_shortfall(instance, policy, engine, model, deadline)
        model = _cap_shortfall(model, shortfall)

    def audit(chosen: Bools) -> list[Broken]:
        return broken_rules(instance, policy, chosen, shortfall)

    # After an interrupt no other search is started; the portfolio of least shortfall found so far is the answer.
    outcome = Outcome(Stop.INTERRUPTED, None, -math.inf, math.inf, solver=engine.name)
    if stop is not Stop.INTERRUPTED:
        outcome, chosen = best(engine, model, len(instance.ids), audit, deadline.left())
    if outcome.stop is Stop.INFEASIBLE:
        raise explain_infeasible(instance, policy, engine, model)
    chosen = settle(instance, model, chosen, policy.solver.seed)
    value = portfolio_value(instance, policy, chosen)
    relaxed = outcome.relaxed or engine.relax(model, deadline.left())
    priced = None if relaxed.duals is None else price(model.arrays, relaxed.duals)
    bound = max(value, min(outcome.bound, math.inf if priced is None else priced.bound))
    return Solution(
        chosen=chosen,
        value=value,
        bound=bound,
        stop=_stop(value, bound, policy, [stop, outcome.stop]),
        solver=outcome.solver,
        shadow_prices=shadow_prices(model, relaxed),
        margins=margins(model, priced, chosen, value),
        shortfall=shortfall,
    )


def _stop(value: float, bound: float, policy: Policy, stages: list[Stop]) -> Stop:
    """Name the end of the solve; a least shortfall that is not proven leaves the whole answer unproven."""
    if stages[0].cut_short:
        return stages[0]
    cut_short = stages[1].cut_short
    otherwise = stages[1] if cut_short else Stop.TIME_LIMIT
    return how_it_stopped(value, bound, policy.solver, finished=not cut_short, otherwise=otherwise)


def portfolio_value(instance: Instance, policy: Policy, chosen: Bools) -> float:
    """Return the value of a portfolio: the sum over its awards plus the synergies that it completes."""
    synergies = [
        link.value or 0.0
        for link in policy.link
        if link.kind == "synergy" and all(chosen[instance.position[name]] for name in link.proposals or ())
    ]
    return math.fsum([*instance.value[chosen].tolist(), *synergies])


def _least_shortfall(
    instance: Instance, policy: Policy, engine: Engine, model: Model, deadline: Deadline
) -> tuple[Fraction, Stop, Bools]:
    """Return the smallest total shortfall of the soft reserves, in minor units, its proof, and its portfolio."""
    least = np.zeros_like(model.value)
    least[list(model.shortfalls.values())] = -1.0
    whatever = Fraction(2) ** 200

    def audit(chosen: Bools) -> list[Broken]:
        return broken_rules(instance, policy, chosen, whatever)

    settings = deadline.left(gap=0.0)
    outcome, chosen = best(engine, model.aim(least), len(instance.ids), audit, settings)
    if outcome.stop is Stop.INFEASIBLE:
        raise explain_infeasible(instance, policy, engine, model)
    met = zip(policy.reserve, deliveries(instance, policy, chosen), strict=True)
    return sum((d.shortfall for r, d in met if r.shortfall != "fail"), Fraction(0)), outcome.stop, chosen


def _cap_shortfall(model: Model, shortfall: Fraction) -> Model:
    columns = np.array(list(model.shortfalls.values()), dtype=np.int64)
    words = "reserves that cannot be met in full miss no more than they must"
    high = float(shortfall / model.unit)
    return model.add(one_row(("shortfall",), words, columns, np.ones(len(columns)), high=high))


def shadow_prices(model: Model, relaxed: Outcome) -> dict[str, float]:
    """Add up the duals of the rows of each rule, in value per minor unit (or per award) of the rule's bound."""
    if relaxed.duals is None:
        return {}
    prices: dict[str, float] = defaultdict(float)
    start = 0
    for block in model.blocks:
        duals = relaxed.duals[start : start + len(block)]
        start += len(block)
        for rule in block.rules:
            prices[rule] += float(duals.sum()) / _unit(model, rule)
    return dict(prices)


def _unit(model: Model, rule: str) -> int:
    return model.unit if rule.startswith(("budget", "reserve.")) else 1


def margins(model: Model, priced: Priced | None, chosen: Bools, value: float) -> Floats:
    """Return proven lower bounds on the value lost by deciding each proposal the other way.

    With U the bound at the prices and d_i the reduced cost, no portfolio that funds i is worth more than
    U + min(d_i, 0), and none that does not more than U - max(d_i, 0) (Nemhauser & Wolsey 1988, II.5.2).
    """
    lost = np.full(len(chosen), np.nan)
    if priced is not None:
        reduced = priced.reduced[: model.size]
        against = np.where(chosen[model.proposals], np.maximum(reduced, 0), np.maximum(-reduced, 0))
        lost[model.proposals] = np.maximum(0.0, value - priced.bound + against)
    return lost
