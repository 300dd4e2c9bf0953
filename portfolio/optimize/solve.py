"""Reserves as guarantees inside one optimisation: the value is maximised subject to all rules together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from portfolio.call.money import exponent
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.broken import Broken, Given
from portfolio.optimize.clock import Deadline
from portfolio.optimize.compile import closer, compile_model
from portfolio.optimize.conflict import explain_infeasible
from portfolio.optimize.duals import keyed_prices, margins, margins_beside_goals, prices_of, shadow_prices
from portfolio.optimize.engine import (
    Engine,
    Outcome,
    Stage,
    Stop,
    Watch,
    how_awards_ended,
    unwatched,
)
from portfolio.optimize.exact import Search
from portfolio.optimize.goals import Goal, delivered_goals, goals, keeps, measured, reached
from portfolio.optimize.instance import Instance
from portfolio.optimize.lagrangian import price
from portfolio.optimize.model import Model
from portfolio.optimize.near import kept_answer, no_worse
from portfolio.optimize.rows.coverage import sharpened
from portfolio.optimize.second_look import looked_through
from portfolio.optimize.solution import ReachedGoal, RowKey, Solution
from portfolio.optimize.ties import settle
from portfolio.optimize.value import portfolio_value, priced_out
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy


@dataclass(frozen=True)
class Stand:
    """What stands before the value is looked at.

    Attributes
    ----------
    model
        The model with a row for each goal that was reached.
    given
        How far rules may give way.
    found
        Each goal with its outcome and the best that was found.
    answer
        The awards that reach the last goal; None if there was no goal.
    """

    model: Model
    given: Given
    found: tuple[tuple[Goal, Outcome, float], ...] = ()
    answer: tuple[Outcome, Awards] | None = None

    def keeps(self, instance: Instance, policy: Policy) -> Callable[[Awards], bool]:
        """Return what says whether awards keep the goals that were reached."""
        return lambda awards: all(keeps(instance, policy, goal, best, awards) for goal, _, best in self.found)

    @property
    def interrupted(self) -> bool:
        """Whether somebody asked for an end on the way."""
        return self.answer is not None and self.answer[0].stop is Stop.INTERRUPTED


def solve_guaranteed(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    watch: Watch = unwatched,
    start: Mapping[RowKey, float] | None = None,
    near: Awards | None = None,
) -> Solution:
    """Find the best portfolio in which every reserve is a guarantee.

    Goals that come before the value are reached first, one after the other, see `goals`: rules give way no further
    than they must, reserves with ``shortfall = "release"`` or ``"hold"`` miss as little as possible, and so on.

    Parameters
    ----------
    watch
        Called with each stage of the solve as it is reached.
    start
        Prices of the rows of a similar problem, to start from.
    near
        Awards that are kept where they are proven to be within the gap, see `kept_answer`.

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
    deadline = deadline.keeping()
    stand = reach_goals(instance, policy, engine, model, deadline, watch)
    if stand.answer is not None and stand.interrupted:
        # After an interrupt no other search is started: what is found so far is the answer.
        answer = _unproven(stand.answer, Stop.INTERRUPTED)
    else:
        answer = _best_value(instance, policy, engine, stand, deadline, watch, start, near)
    outcome, awards = answer
    if outcome.stop is Stop.INFEASIBLE or outcome.x is None:
        raise explain_infeasible(instance, policy, engine, stand.model)
    return _solution(
        instance,
        policy,
        engine,
        model,
        stand,
        (outcome, awards),
        reached_goals(instance, stand, outcome.x),
        deadline,
    )


def reach_goals(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    model: Model,
    deadline: Deadline,
    watch: Watch = unwatched,
) -> Stand:
    """Reach the goals that come before the value, one after the other.

    Raises
    ------
    InfeasibleError
        With a smallest set of rules that clash.
    """
    given = Given(Fraction(2) ** 200, dict.fromkeys((giving.priority for giving in model.giving), math.inf))
    stand = Stand(model, given)
    for goal in goals(instance, policy, model):
        answer = stand.answer
        if answer is None or not stand.interrupted:
            search = _search(instance, policy, engine, stand, goal)
            settings = deadline.left(gap=0.0) if goal.exact else deadline.left()
            aimed = stand.model.aim(goal.value)
            answer = search.best(aimed, settings)
            reach = measured(instance, policy, goal)
            kept = stand.keeps(instance, policy)
            answer = looked_through(search, aimed, answer, reach, settings, deadline, kept)
        outcome, awards = answer
        if outcome.stop is Stop.INFEASIBLE or outcome.x is None:
            raise explain_infeasible(instance, policy, engine, stand.model)
        best = float(goal.value @ outcome.x[: len(goal.value)])
        watch(Stage(goal.name, best, outcome.bound))
        row, given = reached(instance, policy, stand.model, goal, stand.given, awards, best)
        stand = Stand(stand.model.add(row), given, (*stand.found, (goal, outcome, best)), answer)
    return stand


def reached_goals(instance: Instance, stand: Stand, x: Floats) -> tuple[ReachedGoal, ...]:
    """Say what was reached of each goal, and what a solution delivers of it in the end."""
    unit = stand.model.unit / 10 ** exponent(instance.currency)
    return tuple(_reached(goal, part, best, x, unit) for goal, part, best in stand.found)


def _best_value(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    stand: Stand,
    deadline: Deadline,
    watch: Watch,
    start: Mapping[RowKey, float] | None,
    near: Awards | None,
) -> tuple[Outcome, Awards]:
    prices = None if start is None else prices_of(stand.model, start)
    search = replace(_search(instance, policy, engine, stand), watch=watch, prices=prices)
    known = None if near is None else kept_answer(search, stand.model, near, policy, deadline)
    if known is not None:
        return known
    answer = search.best(stand.model, deadline.left())
    answer = _close_enough(search, stand.model, answer, policy, deadline)

    def worth(awards: Awards) -> float:
        return portfolio_value(instance, policy, awards)

    kept = stand.keeps(instance, policy)
    answer = looked_through(search, stand.model, answer, worth, policy.solver, deadline, kept)
    return answer if near is None else no_worse(search, stand.model, answer, near, policy, deadline)


def _search(
    instance: Instance, policy: Policy, engine: Engine, stand: Stand, goal: Goal | None = None
) -> Search:
    """Return the search for awards that keep the rules, as far as goals are reached already."""
    known = None if stand.answer is None else _unproven(stand.answer, Stop.TIME_LIMIT)

    def audit(awards: Awards) -> list[Broken]:
        return broken_rules(instance, policy, awards, stand.given)

    def sharpen(model: Model, x: Floats, awards: Awards) -> Model | None:
        # The chances of success count in the value alone, not in the goals before it.
        return closer(instance, policy, model, awards) or (None if goal is not None else sharpened(model, x))

    return Search(engine, instance, audit, sharpen=sharpen, known=known)


def _close_enough(
    search: Search, model: Model, answer: tuple[Outcome, Awards], policy: Policy, deadline: Deadline
) -> tuple[Outcome, Awards]:
    """Search on where prices of rules that must give way are so high that the gap hides what awards are worth.

    The gap asked for is one of the value of the awards; the solver knows only that less the prices.
    """
    outcome, awards = answer
    if outcome.x is None or outcome.stop.cut_short:
        return answer
    cost = priced_out(search.instance, policy, awards)
    whole = abs(outcome.value)
    worth = outcome.value + cost
    gap = policy.solver.gap * min(1.0, max(worth, 0.0) / whole) if whole else 0.0
    if cost <= 0 or outcome.bound - outcome.value <= gap * whole:
        return answer
    settings = deadline.left(gap=gap)
    return replace(search, known=_unproven(answer, Stop.TIME_LIMIT)).best(model, settings)


def _unproven(answer: tuple[Outcome, Awards], stop: Stop) -> tuple[Outcome, Awards]:
    """Return the best answer for one goal as an answer for another, of which it proves nothing."""
    return replace(answer[0], stop=stop, bound=math.inf, relaxed=None), answer[1]


def _reached(goal: Goal, outcome: Outcome, best: float, x: Floats, unit: float) -> ReachedGoal:
    """Say what was reached; a shortfall in units of the currency."""
    scale = unit if goal.name == "shortfall" else 1.0
    delivered = float(goal.value @ x[: len(goal.value)])
    bound = max(best, outcome.bound)
    return ReachedGoal(goal.name, scale * best, scale * bound, scale * delivered, outcome.stop)


def _delivering(goal: ReachedGoal, delivered: float) -> ReachedGoal:
    """Say what the awards deliver of a goal, which may be a coin of each away from what the solver reached.

    Where the search for the goal left something to be found, what came later may have found it.
    """
    best = goal.value if goal.stop is Stop.OPTIMAL else max(goal.value, delivered)
    return replace(goal, value=best, bound=max(goal.bound, best), delivered=delivered)


def _solution(
    instance: Instance,
    policy: Policy,
    engine: Engine,
    rules: Model,
    stand: Stand,
    answer: tuple[Outcome, Awards],
    goals_: tuple[ReachedGoal, ...],
    deadline: Deadline,
) -> Solution:
    (outcome, awards), model = answer, stand.model
    awards = settle(instance, model, awards, policy.solver.seed)
    value = portfolio_value(instance, policy, awards)
    delivered = delivered_goals(instance, policy, model, awards)
    goals_ = tuple(_delivering(goal, got) for goal, got in zip(goals_, delivered, strict=True))
    relaxed = outcome.relaxed or engine.relax(model, deadline.left())
    fits = relaxed.duals is not None and len(relaxed.duals) == len(model.arrays.row_low)
    priced = price(model.arrays, relaxed.duals) if fits and relaxed.duals is not None else None
    bound = max(value, min(outcome.bound, math.inf if priced is None else priced.bound))
    prices = keyed_prices(model, relaxed) if fits else {}
    best = [goal.value for goal in goals_]
    stops = [*(goal.stop for goal in goals_), outcome.stop]
    return Solution(
        awards=awards,
        value=value,
        bound=bound,
        stop=_stop(value, bound, policy, stops, priced_out(instance, policy, awards)),
        solver=outcome.solver,
        shadow_prices=shadow_prices(model, relaxed) if fits else {},
        margins=margins_beside_goals(instance, policy, rules, awards, best, prices, value)
        if goals_
        else margins(model, priced, awards.funded, value),
        given=stand.given,
        goals=goals_,
        prices=prices,
    )


def _stop(value: float, bound: float, policy: Policy, stages: list[Stop], cost: float) -> Stop:
    """Name the end of the solve; a goal that is not proven leaves the whole answer unproven."""
    cut_short = [stop for stop in stages if stop.cut_short]
    if any(stop.cut_short for stop in stages[:-1]):
        return cut_short[-1]
    return how_awards_ended(value, bound, policy.solver, cost, cut_short[-1] if cut_short else None)
