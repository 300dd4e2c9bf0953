"""Reserves over and above: the open money is spent first, blind to traits, then each reserve in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from portfolio.call.money import to_major, total
from portfolio.errors import InfeasibleError
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken
from portfolio.optimize.clock import Deadline
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import explain_infeasible
from portfolio.optimize.engine import Engine, Outcome, Stop, Watch, how_awards_ended, rounding_of, unwatched
from portfolio.optimize.exact import Search
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import one_row
from portfolio.optimize.model import Model
from portfolio.optimize.rows.coverage import sharpened
from portfolio.optimize.rows.reserves import counts, required, reserve_words
from portfolio.optimize.second_look import looked_through
from portfolio.optimize.solution import Round, Solution
from portfolio.optimize.ties import settle
from portfolio.optimize.value import portfolio_value, priced_out
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy, Reserve, SolverSettings

OPEN, LEFT_OVER = "open", "left over"
_NAMED = 5
# A sentence per line.
_SCARCE = """\
Set shortfall = "release" or "hold", or leave the reserve out.
A smaller one may help or not: the open round is larger then, and chooses anew.
Every round takes what is worth most; of choices that are worth as much, none is made for what it leaves."""


@dataclass(frozen=True)
class Pot:
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
    """What stands after some rounds; `released` is the money that they leave to a last open round.

    A round may be `interrupted` and yet proven, by a search before the one that somebody ended.
    """

    awards: Awards
    rounds: tuple[Round, ...] = ()
    released: int = 0
    interrupted: bool = False


def solve_over_and_above(
    instance: Instance, policy: Policy, engine: Engine, watch: Watch = unwatched
) -> Solution:
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
    deadline = Deadline.start(policy.solver)
    model = compile_model(instance, policy)
    deadline = deadline.keeping()
    judge = _Judge(instance, policy, engine, model, deadline, watch)
    awarded = _Awarded(Awards.none(len(instance.ids)))
    for pot in pots(instance, policy):
        awarded = judge.spend(pot, awarded)
    if any(reserve.shortfall == "release" for reserve in policy.reserve):
        awarded = judge.spend(last_pot(instance, awarded.released), awarded)
    value = portfolio_value(instance, policy, awarded.awards)
    bound = bound_of(awarded.rounds, value)
    return Solution(
        awards=awarded.awards,
        value=value,
        bound=bound,
        stop=stop_of(
            awarded.rounds, value, bound, policy.solver, priced_out(instance, policy, awarded.awards)
        ),
        solver=awarded.rounds[0].solver,
        shadow_prices={},
        margins=np.full(len(instance.ids), np.nan),
        rounds=awarded.rounds,
    )


def bound_of(rounds: Sequence[Round], value: float) -> float:
    """Return what no portfolio exceeds, given the rounds before each round, that is worth `value` in the end.

    Each round is proven by itself, so what the rounds leave unproven adds up.
    """
    unproven = sum(max(0.0, part.bound - part.value) for part in rounds)
    # The value may be far below those of the rounds, in which prices of rules that give way stand: what is rounding
    # there is more than rounding here.
    rounding = max(rounding_of(part.value) for part in rounds)
    return value if unproven <= max(rounding, rounding_of(value)) else value + unproven


def stop_of(
    rounds: Sequence[Round], value: float, bound: float, settings: SolverSettings, cost: float
) -> Stop:
    """Name how rounds ended together that are worth `value`, of at most `bound`, less the `cost` of what gave way.

    Where all of them ended within the gap, so did they together, though what they leave unproven adds up to more than
    it, as does what the coins are worth to which awards are rounded.
    """
    cut_short = [part.stop for part in rounds if part.stop.cut_short]
    return how_awards_ended(value, bound, settings, cost, cut_short[-1] if cut_short else None)


def last_pot(instance: Instance, released: int) -> Pot:
    """Return the money that earlier rounds have released, for everybody."""
    return Pot(LEFT_OVER, released, np.ones(len(instance.ids), dtype=bool))


def pots(instance: Instance, policy: Policy) -> Iterator[Pot]:
    """Yield the open money, then that of each reserve.

    Raises
    ------
    InfeasibleError
        If the reserves are more than the budget.
    """
    sums = [int(required(instance, reserve, 0)) for reserve in policy.reserve]
    if sum(sums) > instance.budget:
        words = [reserve_words(instance, reserve) for reserve in policy.reserve]
        budget = f"the budget is {instance.money(instance.budget)}"
        raise InfeasibleError([budget, *words], "Make a reserve smaller.")
    yield Pot(OPEN, instance.budget - sum(sums), np.ones(len(instance.ids), dtype=bool))
    for reserve, money in zip(policy.reserve, sums, strict=True):
        yield Pot(reserve.key, money, counts(instance, reserve), reserve)


@dataclass(frozen=True)
class _Judge:
    """Spends pots one after the other on the same model."""

    instance: Instance
    policy: Policy
    engine: Engine
    model: Model
    deadline: Deadline
    watch: Watch

    def spend(self, pot: Pot, before: _Awarded) -> _Awarded:
        """Choose the best that the money of a pot can add to what is awarded."""
        instance, policy = self.instance, self.policy
        if before.interrupted:
            # Rounds that are not held leave reserves unserved: there is no portfolio to answer with.
            raise KeyboardInterrupt
        self._refuse_scarcity(pot, before)
        stage = self._stage(pot, before.awards)

        def audit(awards: Awards) -> list[Broken]:
            over = awards.spent - before.awards.spent > pot.money
            broken = broken_rules(instance, policy, awards)
            return [*broken, Broken("pot", "", "spends too much")] if over else broken

        def worth(awards: Awards) -> float:
            return portfolio_value(instance, policy, awards)

        search = Search(self.engine, instance, audit, self.watch, lambda model, x, _: sharpened(model, x))
        answer = search.best(stage, self.deadline.left())
        outcome, awards = looked_through(search, stage, answer, worth, policy.solver, self.deadline)
        if outcome.stop is Stop.INFEASIBLE:
            raise explain_infeasible(instance, policy, self.engine, stage)
        return self._add(pot, before, settle(instance, stage, awards, policy.solver.seed), outcome)

    def _refuse_scarcity(self, pot: Pot, before: _Awarded) -> None:
        """Refuse a reserve that must not fall short if all the demand that is left is smaller than its money."""
        may = np.zeros(len(self.instance.ids), dtype=bool)
        may[self.model.proposals] = self.model.high[: self.model.size] > 0
        left = total(self.instance.sizes.top[pot.member & may & ~before.awards.funded])
        if pot.reserve is not None and pot.reserve.shortfall == "fail" and left < pot.money:
            words = reserve_words(self.instance, pot.reserve)
            taken = "; ".join(f"{part.name}: {_some(part.awards)}" for part in before.rounds)
            demand = f"{self.instance.money(left)} of demand for {pot.reserve.trait}"
            fact = f"the rounds before it ({taken}) leave {demand}"
            raise InfeasibleError([words, fact], _SCARCE, given=f"the rounds before {pot.name}")

    def _stage(self, pot: Pot, before: Awards) -> Model:
        """Keep what is awarded, close the round to those that may not have its money, and add its budget."""
        model, instance = self.model, self.instance
        was = before.funded[model.proposals]
        may = was | pot.member[model.proposals]
        low, high = model.low.copy(), model.high.copy()
        low[: model.size] = np.where(was, 1.0, low[: model.size])
        high[: model.size] = np.where(may, high[: model.size], 0.0)
        cut = self._cuts(before)
        decided = was[model.owner]
        reductions = slice(model.size, model.decisions)
        low[reductions] = np.where(decided, cut, low[reductions])
        high[reductions] = np.where(decided, cut, high[reductions])
        costs = np.concatenate([instance.sizes.top[model.proposals], -model.reductions]) / model.unit
        words = f"the money of this round ({pot.name}) is {instance.money(pot.money)}"
        most = (before.spent + pot.money) / model.unit
        row = one_row(("pot",), words, np.arange(model.decisions), costs, high=most)
        return model.bound(low=low, high=high).add(row)

    def _cuts(self, before: Awards) -> Floats:
        """Return (reductions,) how far each is made in the awards that stand; parts are cut from the top down."""
        model, sizes = self.model, self.instance.sizes
        cut, position = np.zeros(len(model.owner)), model.proposals[model.owner]
        left = (sizes.top - before.amount).astype(float)
        for index in reversed(np.flatnonzero(before.funded[position]).tolist()):
            money, owner = model.reductions[index], position[index]
            if model.integer[model.size + index]:
                cut[index] = float(money == sizes.top[owner] - before.amount[owner])
            else:
                cut[index] = min(1.0, left[owner] / money)
                left[owner] -= cut[index] * money
        return cut

    def _add(self, pot: Pot, before: _Awarded, awards: Awards, outcome: Outcome) -> _Awarded:
        spent = awards.spent - before.awards.spent
        value = portfolio_value(self.instance, self.policy, awards)
        bound = max(value, outcome.bound)
        cost = priced_out(self.instance, self.policy, awards)
        cut_short = outcome.stop if outcome.stop.cut_short else None
        # The awards are not quite what the solver found: what it costs to round them to coins is not proven.
        stop = how_awards_ended(value, bound, self.policy.solver, cost, cut_short)
        new = awards.funded & ~before.awards.funded
        done = Round(
            pot.name,
            pot=to_major(pot.money, self.instance.currency),
            spent=to_major(spent, self.instance.currency),
            value=value,
            bound=bound,
            stop=stop,
            solver=outcome.solver,
            awards=tuple(self.instance.ids[i] for i in np.flatnonzero(new).tolist()),
        )
        released = before.released + (pot.money - spent if pot.releases else 0)
        return _Awarded(awards, (*before.rounds, done), released, outcome.stop is Stop.INTERRUPTED)


def _some(names: Sequence[str]) -> str:
    """Name those who were funded in a round, or the first few of them and how many more."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return (", ".join(names[:_NAMED]) or "nobody") + more
