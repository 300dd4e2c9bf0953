"""The portfolios that keep every rule of a policy, searched for under other values and further conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from portfolio.analysis.dominance.information import Intervals
from portfolio.errors import Issue, LimitError, PolicyError
from portfolio.optimize import Problem, Stop
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken, Given
from portfolio.optimize.clock import Deadline
from portfolio.optimize.compile import compile_model
from portfolio.optimize.conflict import explain_infeasible, refuse_contradicting_locks
from portfolio.optimize.engine import Engine
from portfolio.optimize.engines import engine_for
from portfolio.optimize.exact import Search
from portfolio.optimize.instance import Instance
from portfolio.optimize.lagrangian import price
from portfolio.optimize.matrix import Block, one_row
from portfolio.optimize.model import Model
from portfolio.optimize.solve import reach_goals
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy
from portfolio.policy.rules import Softenable

_OVER = {
    Stop.TIME_LIMIT: "the time was over; raise [solver] time_limit",
    Stop.NODE_LIMIT: "the limit on nodes was reached; raise [solver] nodes",
}


@dataclass(frozen=True, eq=False)
class Condition:
    """A further row: ``low <= coefficients @ x <= high`` if its switch is on, or always if it has none.

    Attributes
    ----------
    coefficients
        (n,) per proposal.
    switch
        Which of the further 0/1 columns has to be 1 for the row to hold.
    switches
        If this is a row of switches, which; at least one of them is on.
    """

    coefficients: Floats
    low: float = -np.inf
    high: float = np.inf
    switch: int | None = None
    switches: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Region:
    """The set of portfolios that keep every rule.

    Goals that come before the value and do not depend on it (what reserves with ``release`` or ``hold`` miss, rules
    that give way by priority) are reached once; every portfolio of the set reaches them.
    """

    instance: Instance
    policy: Policy
    known: Intervals
    model: Model
    given: Given
    engine: Engine
    deadline: Deadline

    @classmethod
    def of(cls, problem: Problem, known: Intervals) -> Region:
        """Write the rules down and reach the goals.

        Raises
        ------
        PolicyError
            If the value of a portfolio is not the sum of what its awards are worth, with every reason.
        InfeasibleError
            If no portfolio keeps the rules.
        """
        refuse_unfit(problem.policy, problem.instance, "dominance")
        policy = problem.policy.replace(solver=problem.policy.solver.replace(gap=0.0))
        instance = replace(problem.instance, open=known.able, value=known.central)
        refuse_contradicting_locks(instance, policy)
        engine, deadline = engine_for(policy.solver), Deadline.start(policy.solver)
        stand = reach_goals(instance, policy, engine, compile_model(instance, policy), deadline)
        if stand.interrupted:
            raise KeyboardInterrupt
        return cls(instance, policy, known, stand.model, stand.given, engine, deadline)

    def first(self) -> Bools:
        """Return the portfolio of the greatest value at the centre of what is known.

        Raises
        ------
        InfeasibleError
            If no portfolio keeps the rules, with a smallest set of rules that clash.
        """
        found = self.best(self.known.central)
        if found is None:
            raise explain_infeasible(self.instance, self.policy, self.engine, self.model)
        return found

    def best(self, value: Floats, conditions: Sequence[Condition] = (), gap: float = 0.0) -> Bools | None:
        """Find the portfolio of the largest sum of (n,) values, proven within a gap; None if there is none.

        Raises
        ------
        LimitError
            If the time of the policy was over before, or its limit on nodes was reached.
        KeyboardInterrupt
            If somebody asked for an end.
        """
        model = _with(self._aimed(value), conditions)
        outcome, awards = Search(self.engine, self.instance, self.broken).best(
            model, self.deadline.left(gap=gap)
        )
        if outcome.stop is Stop.INTERRUPTED:
            raise KeyboardInterrupt
        if outcome.stop is Stop.INFEASIBLE:
            return None
        if outcome.stop.cut_short:
            raise LimitError(_OVER[outcome.stop], outcome.stop)
        return awards.funded

    def bounds(self, value: Floats, around: Bools) -> tuple[float, Floats]:
        """Bound the sum of (n,) values over every portfolio, and over those that decide otherwise on a proposal.

        Returns
        -------
        bound
            No portfolio is worth more.
        margins
            (n,) by how much less no portfolio is worth more that decides otherwise on each proposal than `around`.
        """
        model = self._aimed(value)
        relaxed = self.engine.relax(model, self.deadline.left())
        if relaxed.duals is None:
            return np.inf, np.zeros(len(around))
        priced = price(model.arrays, relaxed.duals)
        margins = np.zeros(len(around))
        same = (priced.x[: model.size] > 0.5) == around[model.proposals]
        margins[model.proposals] = np.where(same, priced.margins[: model.size], 0.0)
        return priced.bound, margins

    def charged(self, value: Floats) -> tuple[Floats, float]:
        """Return the values less what the rules charge for the proposals, and what the rules grant in all.

        Returns
        -------
        net, constant
            (n,) and a number: no portfolio x that keeps the rules is worth more than ``constant + net @ x``
            (Lagrangian duality).
        """
        model = self._aimed(value)
        arrays, net = model.arrays, np.zeros(len(value))
        duals = self.engine.relax(model, self.deadline.left()).duals
        priced = price(arrays, np.zeros(len(arrays.row_low)) if duals is None else duals)
        net[model.proposals] = priced.net[: model.size]
        limit = np.where(priced.prices > 0, arrays.row_high, arrays.row_low)
        return net, float(priced.prices @ np.where(priced.prices != 0, limit, 0.0))

    def broken(self, awards: Awards) -> list[Broken]:
        """Return the rules that some awards break, added up in integers."""
        return broken_rules(self.instance, self.policy, awards, self.given)

    def _aimed(self, value: Floats) -> Model:
        model = self.model
        columns = np.zeros(len(model.value))
        columns[: model.size] = value[model.proposals]
        return model.aim(np.where(model.high > 0, columns, 0.0))


def _with(model: Model, conditions: Sequence[Condition]) -> Model:
    """Return the model with further rows, and with 0/1 columns for their switches."""
    start = len(model.value)
    more = 1 + max((place for one in conditions for place in (*one.switches, one.switch or 0)), default=-1)
    if not any(one.switches for one in conditions):
        more = 0
    model = replace(
        model,
        value=np.concatenate([model.value, np.zeros(more)]),
        low=np.concatenate([model.low, np.zeros(more)]),
        high=np.concatenate([model.high, np.ones(more)]),
        integer=np.concatenate([model.integer, np.ones(more, dtype=bool)]),
    )
    return model.add(*(_row(model, start, one) for one in conditions))


def _row(model: Model, start: int, one: Condition) -> Block:
    if one.switches:
        columns = np.array(one.switches, dtype=np.int64) + start
        return one_row((), "one of these holds", columns, np.ones(len(columns)), low=1.0)
    data = one.coefficients[model.proposals]
    column, low = np.arange(model.size), one.low
    # Rows are held to an absolute tolerance, so the largest number in each is brought to 1.
    scale = float(np.abs(data).max(initial=0.0)) or 1.0
    if one.switch is not None:
        least = float(np.minimum(data, 0.0).sum())
        column, data = np.append(column, one.switch + start), np.append(data, least - low)
        low = least
    words = "a portfolio to compare with"
    return one_row((), words, column, data / scale, low=low / scale, high=one.high / scale)


def other_than(portfolio: Bools) -> Condition:
    """Return the condition that at least one decision is unlike that of a portfolio (Balas & Jeroslow 1972)."""
    return Condition(np.where(portfolio, -1.0, 1.0), low=1.0 - int(portfolio.sum()))


def refuse_unfit(policy: Policy, instance: Instance, what: str) -> None:
    """Refuse policies under which a portfolio is not worth the sum of what its awards are worth.

    Raises
    ------
    PolicyError
        With every reason.
    """
    found = list(_unfit(policy, instance, what))
    if found:
        raise PolicyError(found)


def _unfit(policy: Policy, instance: Instance, what: str) -> Iterator[Issue]:
    def issue(why: str, hint: str, column: str) -> Issue:
        return Issue(f"{what} cannot be looked at {why}", hint, file="policy", column=column)

    if policy.reserve_order == "over_and_above":
        hint = 'each round decides for itself; use reserve_order = "minimum_guarantee"'
        yield issue("for rounds", hint, "reserve_order")
    if policy.objective.order == "lexicographic":
        yield issue("where criteria come one after the other", "give them weights", "objective.order")
    if not instance.sizes.whole_only:
        hint = "switch off partial funding, levels and caps on awards of the pool"
        yield issue("where awards may be smaller than the request", hint, "objective.partial")
    if policy.overcommit is not None:
        yield issue(
            "with over-commitment", "leave [overcommit] out, and raise the budget instead", "overcommit"
        )
    if policy.exploratory is not None and policy.exploratory.left == "return":
        hint = "the pool chooses first, by scores that are not certain; give it a left other than return"
        yield issue("with an exploratory pool that returns money", hint, "exploratory.left")
    for index, link in enumerate(policy.link, start=1):
        if link.kind == "synergy":
            yield issue("with a synergy", "leave it out, or score the pair as one proposal", f"link.{index}")
    for index, coverage in enumerate(policy.coverage, start=1):
        if coverage.weight is not None:
            yield issue("with a value for chances", "use min_awards instead of a weight", f"coverage.{index}")
    for key, rule in _soft(policy):
        if rule.price is not None:
            yield issue("where a rule gives way at a price", "give it a priority, or make it firm", key)


def _soft(policy: Policy) -> Iterator[tuple[str, Softenable]]:
    for name in ("reserve", "limit", "link", "coverage"):
        yield from ((f"{name}.{index}", rule) for index, rule in enumerate(getattr(policy, name), start=1))
    for name in ("overspend", "stable", "exploratory"):
        if getattr(policy, name) is not None:
            yield name, getattr(policy, name)
