"""Why too few proposals count for a floor: they are few, or a rule, a year or the zero leaves many out."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import numpy as np

from portfolio.call.money import total
from portfolio.optimize import figures
from portfolio.optimize.alone import too_large
from portfolio.optimize.awards import Awards
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import Bound
from portfolio.optimize.rows.reserves import counts, required
from portfolio.optimize.tally import bound_unit, group_totals
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy, Reserve


def of_reserve(instance: Instance, policy: Policy, reserve: Reserve) -> tuple[str, str, bool]:
    """Return the likely cause, the way forward, and whether the cause is known, of a reserve not filled."""
    members = counts(instance, reserve)
    there_are = total(instance.amount[members]) >= required(instance, reserve, 0)
    few = "few proposals have the trait" + (" above min_merit" if reserve.min_merit is not None else "")
    share = figures.percent_below(
        total(instance.sizes.top[members & instance.open]) / max(1, instance.budget)
    )
    way = f'lower the reserve to at most {share} of the budget, widen the trait, or set shortfall = "release" or "hold"'
    return _where(instance, policy, members, there_are, few, way)


def of_floor(
    instance: Instance, policy: Policy, index: int, of: Groups, bound: Bound, name: str
) -> tuple[str, str, bool]:
    """Return the likely cause, the way forward, and whether the cause is known, where demand is below a floor."""
    group = list(of.names).index(name)
    members = np.zeros(len(instance.ids), dtype=bool)
    members[of.member[of.group == group]] = True
    everyone = Awards(members, np.where(members, instance.amount, 0))
    there_are = group_totals(instance, index, of, everyone, bound)[group] >= bound.size
    way = "lower the floor, or state it for the groups that can meet it with `where`"
    few = "the proposals of that group are few, or small"
    return _where(instance, policy, members, there_are, few, way)


def _where(
    instance: Instance, policy: Policy, members: Bools, there_are: bool, few: str, way: str
) -> tuple[str, str, bool]:
    if there_are or (members.any() and not (members & instance.open).any()):
        return _left_out(instance, policy, members), f"look at who is left out, or {way}", True
    return few, way, False


def _left_out(instance: Instance, policy: Policy, members: Bools) -> str:
    """Say what leaves out most of some proposals, or of what they ask for, and how many it does."""
    cap = policy.exploratory.max_award if policy.exploratory is not None else None
    reasons = Counter(
        instance.ineligible[row] for row in np.flatnonzero(members & ~instance.eligible).tolist()
    )
    closed = members & instance.eligible & ~instance.open
    worthless = closed & ~instance.wanted
    zero = (
        f"[objective] zero = {policy.objective.zero:.15g}"
        if not policy.objective.criterion
        else "its criteria"
    )
    reasons[f"is worth less than nothing by {zero}"] = int(worthless.sum())
    for row in np.flatnonzero(closed & ~worthless).tolist():
        reasons[too_large(instance, policy, row)] += 1
    cut = members & instance.open & (instance.sizes.top < instance.amount)
    pool = cap is not None and bool((cut <= instance.pool).all())
    less = (
        f"is awarded at most {cap:,f}, max_award of the exploratory pool"
        if pool
        else "can have only a part of it"
    )
    reasons[less] = int(cut.sum())
    (reason, number), *_ = reasons.most_common(1)
    if reason == "asks for more than the exploratory pool awards":
        reason += f", max_award = {cap:,f}"
    what = "left out" if reason != less else "cut"
    if members.sum() == 1:
        return f"the only proposal there is {what}: it {reason}"
    are = figures.counted(number, "is", "are")
    each = "it" if number == 1 else "each"
    return f"of the {int(members.sum()):,} proposals there, {are} {what}: {each} {reason}"


def counted(instance: Instance, index: int, bound: Bound, size: int) -> str:
    """Write a size in the counts of a bound."""
    match bound.of:
        case "awards":
            return figures.counted(size, "proposal", "proposals")
        case "column":
            return f"{Decimal(size) / bound_unit(instance, index, bound):,f}"
        case _:
            return instance.money(size)
