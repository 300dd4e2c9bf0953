"""Reserves over and above: the open money is spent first, blind to traits, then each reserve in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from portfolio.call.money import to_major, total
from portfolio.errors import InfeasibleError
from portfolio.optimize.audit import Broken, broken_rules
from portfolio.optimize.clock import Deadline
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import explain_infeasible
from portfolio.optimize.engine import Engine, Outcome, Stop, how_it_stopped
from portfolio.optimize.exact import best
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
    """Money of one round, in minor units, and the proposals that may have it."""

    name: str
    money: int
    member: Bools
    reserve: Reserve | None = None

    @property
    def releases(self) -> bool:
        """Whether what is left goes to the last open round."""
        return self.reserve is None or self.reserve.shortfall == "release"


@dataclass(frozen=True)
class _Awarded:
    """What stands after some rounds; `released` is the money that they leave to a last open round."""

    chosen: Bools
    rounds: tuple[Round, ...] = ()
    released: int = 0


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
        If time ran out before a round found a portfolio.
    KeyboardInterrupt
        If the solve was interrupted before the last round.
    """
    judge = _Judge(instance, policy, engine, compile_model(instance, policy), Deadline.start(policy.solver))
    awarded = _Awarded(np.zeros(len(instance.ids), dtype=bool))
    for pot in _pots(instance, policy):
        awarded = judge.spend(pot, awarded)
    if any(reserve.shortfall == "release" for reserve in policy.reserve):
        awarded = judge.spend(_Pot(LEFT_OVER, awarded.released, np.ones_like(awarded.chosen)), awarded)
    value = portfolio_value(instance, policy, awarded.chosen)
    # Each round is proven by itself, so what the rounds leave unproven adds up.
    bound = value + sum(part.bound - part.value for part in awarded.rounds)
    finished = not any(part.stop.cut_short for part in awarded.rounds)
    interrupted = awarded.rounds[-1].stop is Stop.INTERRUPTED
    return Solution(
        chosen=awarded.chosen,
        value=value,
        bound=bound,
        stop=how_it_stopped(
            value,
            bound,
            policy.solver,
            finished=finished,
            otherwise=Stop.INTERRUPTED if interrupted else Stop.TIME_LIMIT,
        ),
        solver=awarded.rounds[0].solver,
        shadow_prices={},
        margins=np.full(len(awarded.chosen), np.nan),
        rounds=awarded.rounds,
    )


def _pots(instance: Instance, policy: Policy) -> Iterator[_Pot]:
    sums = [int(required(instance, reserve, 0)) for reserve in policy.reserve]
    if sum(sums) > instance.budget:
        words = [reserve_words(instance, reserve) for reserve in policy.reserve]
        budget = f"the budget is {instance.money(instance.budget)}"
        raise InfeasibleError([budget, *words], "Make a reserve smaller.")
    yield _Pot(OPEN, instance.budget - sum(sums), np.ones(len(instance.ids), dtype=bool))
    for reserve, money in zip(policy.reserve, sums, strict=True):
        yield _Pot(reserve.key, money, counts(instance, reserve), reserve)


@dataclass(frozen=True)
class _Judge:
    """Spends pots one after the other on the same model."""

    instance: Instance
    policy: Policy
    engine: Engine
    model: Model
    deadline: Deadline

    def spend(self, pot: _Pot, before: _Awarded) -> _Awarded:
        """Choose the best that the money of a pot can add to what is awarded."""
        instance = self.instance
        if before.rounds and before.rounds[-1].stop is Stop.INTERRUPTED:
            # Rounds that are not held leave reserves unserved: there is no portfolio to answer with.
            raise KeyboardInterrupt
        self._refuse_scarcity(pot, before.chosen)
        stage = self._stage(pot, before.chosen)

        def audit(chosen: Bools) -> list[Broken]:
            over = total(instance.amount[chosen & ~before.chosen]) > pot.money
            broken = broken_rules(instance, self.policy, chosen)
            return [*broken, Broken("pot", "", "spends too much")] if over else broken

        outcome, chosen = best(self.engine, stage, len(before.chosen), audit, self.deadline.left())
        if outcome.stop is Stop.INFEASIBLE:
            raise explain_infeasible(instance, self.policy, self.engine, stage)
        chosen = settle(instance, stage, chosen, self.policy.solver.seed)
        return self._add(pot, before, chosen, outcome)

    def _refuse_scarcity(self, pot: _Pot, chosen: Bools) -> None:
        """Refuse a reserve that must not fall short if all the demand that is left is smaller than its money."""
        left = total(self.instance.amount[pot.member & self.instance.open & ~chosen])
        if pot.reserve is not None and pot.reserve.shortfall == "fail" and left < pot.money:
            words = reserve_words(self.instance, pot.reserve)
            fact = f"the rounds before it leave {self.instance.money(left)} of demand for {pot.reserve.trait}"
            hint = 'Make the reserve smaller, or set shortfall = "release" or "hold".'
            raise InfeasibleError([words, fact], hint)

    def _stage(self, pot: _Pot, before: Bools) -> Model:
        """Fix what is awarded, close the round to those that may not have its money, and add its budget."""
        model, instance = self.model, self.instance
        was = before[model.proposals]
        may = was | pot.member[model.proposals]
        low, high = model.low.copy(), model.high.copy()
        low[: model.size] = np.where(was, 1.0, low[: model.size])
        high[: model.size] = np.where(may, high[: model.size], 0.0)
        new = np.flatnonzero(~was)
        costs = instance.amount[model.proposals[new]] / model.unit
        words = f"the money of this round ({pot.name}) is {instance.money(pot.money)}"
        return model.bound(low=low, high=high).add(
            one_row(("pot",), words, new, costs, high=pot.money / model.unit)
        )

    def _add(self, pot: _Pot, before: _Awarded, chosen: Bools, outcome: Outcome) -> _Awarded:
        spent = total(self.instance.amount[chosen & ~before.chosen])
        value = portfolio_value(self.instance, self.policy, chosen)
        done = Round(
            pot.name,
            pot=to_major(pot.money, self.instance.currency),
            spent=to_major(spent, self.instance.currency),
            value=value,
            bound=max(value, outcome.bound),
            stop=outcome.stop,
            solver=outcome.solver,
            awards=tuple(self.instance.ids[i] for i in np.flatnonzero(chosen & ~before.chosen).tolist()),
        )
        released = before.released + (pot.money - spent if pot.releases else 0)
        return _Awarded(chosen, (*before.rounds, done), released)
