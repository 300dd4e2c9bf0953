"""Which rules are in the way of proposals that are not funded, beside the awards as they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.money_left import budgets_left
from portfolio.optimize.rows.limits import Bound, bounds, limit_groups, limit_key
from portfolio.optimize.rows.links import at_most_groups, link_key
from portfolio.optimize.rows.pool import pool_money, rest_money
from portfolio.optimize.rows.stable import firm_money
from portfolio.optimize.tally import group_awards, group_totals, spent_in_year
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Policy


def obstacles(instance: Instance, policy: Policy, awards: Awards) -> Iterator[tuple[str, Bools]]:
    """Yield each cap in words, and (n,) which proposals would break it if they were added to the awards."""
    yield from budgets_left(instance, policy, awards)
    if policy.stable is not None and not policy.stable.soft:
        stable = awards.among(instance.stable)
        for year in range(len(instance.budgets)):
            firm = firm_money(instance, policy.stable, year)
            rest = max(0, int(firm - spent_in_year(instance, stable, year)))
            words = f"stable funding (of what is certain in year {year + 1}, {instance.money(rest)} are left)"
            yield words, instance.stable & (instance.by_year[:, year] > rest)
    if policy.exploratory is not None and not policy.exploratory.soft:
        left = pool_money(instance, policy.exploratory) - awards.among(instance.pool).spent
        words = f"the exploratory pool ({instance.money(left)} left)"
        yield words, instance.pool & (instance.sizes.least > left)
        if policy.exploratory.left == "hold":
            left = rest_money(instance, policy.exploratory) - awards.among(~instance.pool).spent
            words = f"the budget without the exploratory pool ({instance.money(left)} left)"
            yield words, ~instance.pool & (instance.sizes.least > left)
    for index, limit in enumerate(policy.limit):
        if limit.soft:
            continue
        of_limit, _ = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            if bound.floor or bound.of == "spent" or bound.gap:
                continue
            sizes = group_totals(instance, index, of_limit, awards, bound)
            step = _steps(instance, index, bound)
            left_over = np.array([float(bound.size) - size for size in sizes])
            yield f"{limit_key(index)} ({bound.words})", _over(instance, of_limit, step, left_over)
    for index, link in enumerate(policy.link):
        if link.kind == "at_most" and not link.soft:
            of_link = at_most_groups(instance, link)
            full = (link.k or 0) - group_awards(of_link, awards.funded).astype(float)
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
