"""Why each proposal was decided as it was, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.figures import figure
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import Bound, bounds, limit_groups, limit_key
from portfolio.optimize.rows.links import at_most_groups, link_key
from portfolio.optimize.rows.pool import pool_money
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.solution import Solution
from portfolio.optimize.tally import group_awards, group_totals, spent_in_year
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy


def reasons(instance: Instance, policy: Policy, solution: Solution) -> tuple[str, ...]:
    """Return one sentence per proposal."""
    chosen = solution.chosen
    why = np.array(instance.ineligible, dtype=object)
    for index in np.flatnonzero(chosen).tolist():
        why[index] = ""
    for index, rules in enumerate(_in_the_way(instance, policy, solution.awards)):
        if why[index] == "" and not chosen[index]:
            why[index] = _not_funded(instance, policy, index, rules) + _loss(solution, index, "funding it")
    for index, name in enumerate(_parts(instance, policy, solution)):
        if chosen[index]:
            why[index] = name + _loss(solution, index, "not funding it")
    return tuple(why.tolist())


def _parts(instance: Instance, policy: Policy, solution: Solution) -> Iterator[str]:
    """Yield what a funded proposal is part of."""
    counting = [(reserve.trait, counts(instance, reserve)) for reserve in policy.reserve]
    rounds = {name: part.name for part in solution.rounds for name in part.awards}
    for index, name in enumerate(instance.ids):
        if name in policy.must_fund:
            yield "the policy says that it must be funded"
        elif name in rounds:
            yield f"among the best for the money of the round {rounds[name]}"
        else:
            towards = [trait for trait, mask in counting if mask[index]]
            also = f"; counts towards {', '.join(towards)}" if towards else ""
            if solution.awards.amount[index] < instance.amount[index]:
                also += (
                    f"; awarded less than the {instance.money(int(instance.amount[index]))} that it asks for"
                )
            yield f"part of the most valuable portfolio found{also}"


def _not_funded(instance: Instance, policy: Policy, index: int, rules: list[str]) -> str:
    zero, merit = policy.objective.zero, instance.merit[index]
    if instance.ids[index] in policy.must_not_fund:
        return "the policy says that it must not be funded"
    if instance.value[index] < 0 and not instance.open[index]:
        if policy.objective.criterion:
            return "its criteria add up to less than zero, at which a proposal is worth nothing"
        return f"merit {merit:.4g} is below {zero:g}, at which a proposal is worth nothing"
    if not instance.open[index]:
        return "it asks for more than the whole budget"
    if instance.value[index] == 0 and not policy.objective.criterion:
        return f"merit {merit:.4g} is just where a proposal is worth nothing, so funding it adds no value"
    if rules:
        return f"others are worth more together; beside them it would break {' and '.join(rules)}"
    return "others are worth more together under the rules"


def _loss(solution: Solution, index: int, deed: str) -> str:
    margin = solution.margins[index]
    return f"; {deed} would lose a value of at least {figure(margin, 4)}" if margin > 5e-5 else ""


def _in_the_way(instance: Instance, policy: Policy, awards: Awards) -> list[list[str]]:
    """Return, per proposal, the rules that it would break if it were funded beside the chosen ones."""
    found: list[list[str]] = [[] for _ in instance.ids]
    for words, mask in _caps(instance, policy, awards):
        for index in np.flatnonzero(mask).tolist():
            found[index].append(words)
    return found


def _caps(instance: Instance, policy: Policy, awards: Awards) -> Iterator[tuple[str, Bools]]:
    n = len(instance.ids)
    for year, budget in enumerate(instance.budgets):
        if policy.overcommit is not None or policy.carry_over is not None:
            continue
        left = int(budget - instance.committed[year] - spent_in_year(instance, awards, year))
        of = "" if len(instance.budgets) == 1 else f" of year {year + 1}"
        part = np.divide(instance.sizes.least, instance.amount, out=np.ones(n), where=instance.amount > 0)
        yield f"the budget{of} ({instance.money(left)} left)", instance.by_year[:, year] * part > left
    if policy.exploratory is not None:
        left = pool_money(instance, policy.exploratory) - awards.among(instance.pool).spent
        words = f"the exploratory pool ({instance.money(left)} left)"
        yield words, instance.pool & (instance.sizes.least > left)
    for index, limit in enumerate(policy.limit):
        if limit.soft:
            continue
        of_limit, _ = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            if bound.floor or bound.of == "spent":
                continue
            sizes = group_totals(instance, index, of_limit, awards, bound)
            step = _steps(instance, index, bound)
            left_over = np.array([float(bound.size) - size for size in sizes])
            yield f"{limit_key(index)} ({bound.words})", _over(instance, of_limit, step, left_over)
    for index, link in enumerate(policy.link):
        if link.kind == "at_most" and not link.soft:
            of_link = at_most_groups(instance, link)
            full = np.array([float((link.k or 0) - n) for n in group_awards(of_link, awards.funded)])
            words = f"{link_key(index)} (at most {link.k} of {link.per or 'a list'})"
            yield words, _over(instance, of_link, np.ones(len(instance.ids)), full)


def _steps(instance: Instance, index: int, bound: Bound) -> Floats:
    """Return (n,) what funding each proposal would add to a bound at least."""
    match bound.of:
        case "awards":
            return np.ones(len(instance.ids))
        case "column":
            return instance.sums[index].cells.astype(float)
        case _:
            return instance.sizes.least.astype(float)


def _over(instance: Instance, of: Groups, step: Floats, left: Floats) -> Bools:
    """Return which proposals need more than one of their groups has left."""
    over = np.zeros(len(instance.ids), dtype=bool)
    over[of.member[step[of.member] > left[of.group]]] = True
    return over
