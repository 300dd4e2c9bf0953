"""Goals that come before the value: rules that give way as little as they must, the pool, and earlier criteria."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize.audit import misses_of
from portfolio.optimize.awards import Awards, values
from portfolio.optimize.broken import Given, levels_missed, soft_rules
from portfolio.optimize.compile import objective
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block, one_row
from portfolio.optimize.model import Model
from portfolio.optimize.tally import deliveries
from portfolio.optimize.value import priced_out
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy

# A goal that was reached may be missed again by this part of it, which is rounding.
_SLACK = 1e-9


@dataclass(frozen=True)
class Goal:
    """One thing to be made as large as possible before anything that comes after it.

    Attributes
    ----------
    name
        ``priority 2``, ``shortfall``, ``exploratory``, or the column of a criterion.
    value
        (columns,) what is made as large as possible.
    whole
        (n,) what the whole requests are worth to this goal; None for rules that give way.
    may_lose
        Share of the best that what comes later may cost.
    """

    name: str
    value: Floats
    whole: Floats | None = None
    may_lose: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether it has to be proven to the last digit, since it says how far rules give way."""
        return self.whole is None


def goals(instance: Instance, policy: Policy, model: Model) -> Iterator[Goal]:
    """Yield what is reached one after the other before the objective of the model."""
    for priority in sorted({giving.priority for giving in model.giving}, reverse=True):
        value = np.zeros(len(model.value))
        for giving in model.giving:
            if giving.priority == priority:
                value[giving.columns] -= giving.weights
        yield Goal(f"priority {priority}", value)
    if model.shortfalls:
        value = np.zeros(len(model.value))
        value[list(model.shortfalls.values())] = -1.0
        yield Goal("shortfall", value)
    if policy.exploratory is not None and policy.exploratory.left == "return":
        # With criteria one after the other, the pool chooses by the first.
        worth = instance.criteria[0] if len(instance.criteria) else instance.value
        whole = np.where(instance.pool, worth, 0.0)
        value = objective(instance, model, whole) + _prices(model, "exploratory")
        yield Goal("exploratory", value, whole)
    for criterion, whole in zip(policy.objective.criterion, instance.criteria[:-1], strict=False):
        yield Goal(criterion.column, objective(instance, model, whole), whole, criterion.may_lose)


def _prices(model: Model, rule: str) -> Floats:
    """Return (columns,) what giving way costs a rule that has a price."""
    prices = np.zeros(len(model.value))
    for block in model.blocks:
        if block.rules == (rule,):
            ways = block.column[block.column >= model.decisions]
            prices[ways] = model.value[ways]
    return prices


def reached(
    instance: Instance,
    policy: Policy,
    model: Model,
    goal: Goal,
    given: Given,
    awards: Awards,
    best: float = math.inf,
) -> tuple[Block, Given]:
    """Return the row that keeps a goal from here on, and how far rules may give way.

    Parameters
    ----------
    awards
        Those that reach the goal best. What they reach is added up from them, so that it can be reached again.
    best
        What the solver reached, before awards were cut to the coin; infinite where awards are not cut.
    """
    if goal.name == "shortfall":
        missed = missed_by_reserves(instance, policy, awards)
        # Without room for rounding, solvers take what was just reached for impossible; the audit holds it to the cent.
        return _kept(goal, model, missed, _SLACK), Given(missed, given.levels)
    if goal.whole is None:
        priority, level = _level(instance, policy, goal, awards)
        return _kept(goal, model, level), Given(given.shortfall, {**given.levels, priority: level})
    value = _worth(instance, policy, goal.name, goal.whole, awards)
    # Where awards are cut to the coin, they may reach a coin's worth more than keeps the goals before this one.
    return _kept(goal, model, min(value, best)), given


def kept_goals(
    instance: Instance, policy: Policy, model: Model, awards: Awards, best: Sequence[float]
) -> Iterator[Block]:
    """Yield the rows that keep the goals of a decision that was made, without reaching them again.

    Rules give way no further than under these awards; of every other goal, `best` says what was reached.
    """
    for goal, found in zip(goals(instance, policy, model), best, strict=True):
        if goal.name == "shortfall":
            yield _kept(goal, model, missed_by_reserves(instance, policy, awards))
        elif goal.whole is None:
            yield _kept(goal, model, _level(instance, policy, goal, awards)[1])
        else:
            worth = _worth(instance, policy, goal.name, goal.whole, awards)
            least = _least(goal, found)
            # The awards of the end are cut to the coin once more.
            short = least - _coins(goal, model, awards) <= worth < least
            yield _kept(goal, model, found, least=worth - _slack(worth) if short else least)


def _coins(goal: Goal, model: Model, awards: Awards) -> float:
    """Return what awards may be worth less to a goal because they are cut to coins: less than a coin each."""
    steps = slice(model.size, model.decisions)
    each = np.zeros(model.size)
    np.maximum.at(each, model.owner, np.abs(goal.value[steps]) / model.reductions)
    return float(each[awards.funded[model.proposals]].sum())


def delivered_goals(instance: Instance, policy: Policy, model: Model, awards: Awards) -> Iterator[float]:
    """Yield what awards reach of each goal; what reserves miss is money, and what is missed is negative."""
    for goal in goals(instance, policy, model):
        if goal.name == "shortfall":
            yield 0.0 - float(
                missed_by_reserves(instance, policy, awards) / 10 ** exponent(instance.currency)
            )
        elif goal.whole is None:
            yield 0.0 - _level(instance, policy, goal, awards)[1]
        else:
            yield _worth(instance, policy, goal.name, goal.whole, awards)


def _worth(instance: Instance, policy: Policy, name: str, whole: Floats, awards: Awards) -> float:
    """Return what awards are worth to a goal; for the pool less what giving way costs it."""
    value = math.fsum(values(instance, awards, whole).tolist())
    return value - priced_out(instance, policy, awards, name) if name == "exploratory" else value


def _level(instance: Instance, policy: Policy, goal: Goal, awards: Awards) -> tuple[int, float]:
    """Return the priority of a goal, and by what share of themselves its rules are missed."""
    priority = int(goal.name.removeprefix("priority "))
    rules = {key: rule for key, rule in soft_rules(policy).items() if rule.priority == priority}
    missed = levels_missed(rules, misses_of(instance, policy, awards, rules))
    return priority, missed.get(priority, 0.0)


def _kept(
    goal: Goal, model: Model, value: float | Fraction, slack: float = 0.0, least: float | None = None
) -> Block:
    """Return the row that keeps a goal: money or shares that rules miss, or what the goal is worth."""
    columns = np.flatnonzero(goal.value)
    if goal.name == "shortfall":
        words = "reserves that cannot be met in full miss no more than they must"
        high = float(value / model.unit)
        high += slack * max(1.0, high)
        return one_row(("shortfall",), words, columns, -goal.value[columns], high=high)
    value = float(value)
    if goal.whole is None:
        words = f"rules of {goal.name} give way no further than they must"
        return one_row((goal.name,), words, columns, -goal.value[columns], high=value + _SLACK)
    least = _least(goal, value) if least is None else least
    scale = float(np.abs(goal.value).max(initial=0.0)) or 1.0
    words = f"{goal.name} is kept at {least:g} or more"
    return one_row((f"goal {goal.name}",), words, columns, goal.value[columns] / scale, low=least / scale)


def _least(goal: Goal, value: float) -> float:
    """Return what has to be kept of a goal that is worth something."""
    return value - goal.may_lose * abs(value) - _slack(value)


def _slack(value: float) -> float:
    return _SLACK * max(1.0, abs(value))


def keeps(instance: Instance, policy: Policy, goal: Goal, best: float, awards: Awards) -> bool:
    """Whether awards keep a goal of which `best` was reached; what rules may miss the audit knows."""
    if goal.whole is None or goal.name == "shortfall":
        return True
    return _worth(instance, policy, goal.name, goal.whole, awards) >= _least(goal, best)


def measured(instance: Instance, policy: Policy, goal: Goal) -> Callable[[Awards], float | Fraction]:
    """Return what says how far awards reach a goal, from the policy; money in minor units."""

    def reach(awards: Awards) -> float | Fraction:
        if goal.name == "shortfall":
            return -missed_by_reserves(instance, policy, awards)
        if goal.whole is None:
            return -_level(instance, policy, goal, awards)[1]
        return _worth(instance, policy, goal.name, goal.whole, awards)

    return reach


def least_given(instance: Instance, policy: Policy, awards: Awards) -> Given:
    """Return how far rules give way under some awards, and no further."""
    rules = soft_rules(policy)
    missed = levels_missed(rules, misses_of(instance, policy, awards, rules))
    return Given(missed_by_reserves(instance, policy, awards), missed)


def missed_by_reserves(instance: Instance, policy: Policy, awards: Awards) -> Fraction:
    """Return the money, in minor units, that reserves with ``release`` or ``hold`` miss together."""
    met = zip(policy.reserve, deliveries(instance, policy, awards), strict=True)
    return sum((d.shortfall for r, d in met if r.shortfall != "fail"), Fraction(0))
