"""What awards break where some rules may be missed by so much, and the least that is enough: in integers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from portfolio.call.money import exponent
from portfolio.optimize.audit import HELD, misses, over_budget
from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.broken import Broken, soft_rules
from portfolio.optimize.instance import Instance
from portfolio.optimize.loosening import bound_of
from portfolio.optimize.model import Model
from portfolio.optimize.overcommit import Spending
from portfolio.optimize.rows.budgets import year_name
from portfolio.optimize.rows.limits import bounds
from portfolio.optimize.tally import bound_unit, deliveries
from portfolio.policy import Policy

Row = tuple[str, str, str]
"""A rule, the name of one of its rows, and what tells rows of one name apart."""

ANY = 2**100
"""So much that nothing which may be missed by it is held to anything."""

_YEARS = ("budget", "all", "")
_MONEY = ("stable", "exploratory")


def row_of(instance: Instance, policy: Policy, model: Model, rule: str, row: tuple[int, int]) -> Row:
    """Return what a row of the model is called here: index of its block, row within the block."""
    block, name = model.blocks[row[0]], model.blocks[row[0]].names[row[1]]
    bound = bound_of(instance, policy, model, row[0])
    if rule.startswith("reserve."):
        return rule, "", ""
    if bound is not None:
        return rule, name, bound.words
    if rule == "exploratory":
        return rule, "", "pool" if block.words.startswith("the exploratory pool") else "others"
    if rule == "budget" and len(instance.budgets) > 1 and not name:
        return _YEARS
    return rule, name if _named(policy, rule) else "", ""


def still_broken(
    instance: Instance, policy: Policy, model: Model, awards: Awards, allowed: Mapping[Row, int]
) -> list[Broken]:
    """Return every firm rule that awards break though rows may be missed by so much.

    Parameters
    ----------
    allowed
        By how much: minor units, awards, or counts of a column.
    """
    found = [*_of_money(instance, policy, model, awards, allowed)]
    for broken in _others(instance, policy, awards):
        row = _row(policy, broken)
        if _counts(instance, policy, broken) > allowed.get(row, 0):
            found.append(broken)
    soft = soft_rules(policy)
    return [broken for broken in found if broken.rule not in soft]


def least_allowed(
    instance: Instance, policy: Policy, model: Model, awards: Awards, rows: Collection[Row], guess: int
) -> int | None:
    """Return the least by which rows must be missed, all by the same, for awards to keep all other rules.

    Returns None where they break others in any case. A guess saves time.
    """
    if still_broken(instance, policy, model, awards, dict.fromkeys(rows, ANY)):
        return None
    missed = (broken for broken in _others(instance, policy, awards) if _row(policy, broken) in rows)
    least = math.ceil(max((_counts(instance, policy, broken) for broken in missed), default=0))

    def enough(size: int) -> bool:
        return not any(_of_money(instance, policy, model, awards, dict.fromkeys(rows, size)))

    return max(least, first(enough, guess), without_rounding(instance, policy, awards, rows))


def _of_money(
    instance: Instance, policy: Policy, model: Model, awards: Awards, allowed: Mapping[Row, int]
) -> Iterator[Broken]:
    """Yield broken budgets, reserves and rounds: of these it matters how money is passed on."""
    more = [
        allowed.get(("budget", year_name(instance, year), ""), 0) for year in range(len(instance.budgets))
    ]
    raised = replace(instance, budgets=tuple(map(sum, zip(instance.budgets, more, strict=True))))
    # More money in a year is more in all of them.
    held = Fraction(max(0, allowed.get(_YEARS, 0) - sum(more)), 10 ** exponent(instance.currency))
    soft = soft_rules(policy)
    less = {rule: size for (rule, _, _), size in allowed.items()}
    for broken in over_budget(raised, policy, awards, less):
        if broken.rule not in soft and not (broken.what == HELD and broken.size <= held):
            yield broken
    if policy.reserve_order == "minimum_guarantee":
        met = deliveries(instance, policy, awards, less)
        for reserve, delivery in zip(policy.reserve, met, strict=True):
            if reserve.shortfall == "fail" and not reserve.soft and delivery.shortfall:
                yield Broken(reserve.key, "", "is short")
    for block in model.blocks:
        if "pot" in block.rules:
            pot = round(float(block.high[0]) * model.unit) + allowed.get(("pot", "", ""), 0)
            if awards.spent > pot:
                yield Broken("pot", "", "spends too much")


def _others(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    for broken in misses(instance, policy, awards):
        money = broken.rule in {"budget", "overcommit", "overspend"} or broken.rule.startswith("reserve.")
        if not money:
            yield broken


def _row(policy: Policy, broken: Broken) -> Row:
    """Return the row that is broken."""
    if broken.rule == "exploratory":
        return broken.rule, "", "pool" if broken.what == "more than the pool" else "others"
    which = broken.what.partition(" is not ")[2] if broken.rule.startswith("limit[") else ""
    return broken.rule, broken.name if _named(policy, broken.rule) else "", which


def _named(policy: Policy, rule: str) -> bool:
    """Whether rows of a rule have names of their own: of links, those that hold for groups."""
    return not rule.startswith("link[") or policy.link[int(rule[5:-1]) - 1].kind == "at_most"


def _counts(instance: Instance, policy: Policy, broken: Broken) -> Fraction:
    """Return how far a rule is missed in minor units, awards, or counts of a column."""
    if broken.rule in _MONEY:
        return broken.size * int(10 ** exponent(instance.currency))
    if not broken.rule.startswith("limit["):
        return broken.size
    index, words = int(broken.rule[6:-1]) - 1, broken.what.partition(" is not ")[2]
    units = (
        bound_unit(instance, index, bound)
        for bound in bounds(instance, index, policy.limit[index])
        if bound.words == words
    )
    return broken.size * next(units)


def first(enough: Callable[[int], bool], guess: int) -> int:
    """Return the first number from 0 on that is enough, where all above it are."""
    high, step = max(0, guess), 1
    while not enough(high):
        high, step = high + step, 4 * step
    if high == 0 or not enough(high - 1):
        return high
    low, high = -1, high - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def without_rounding(instance: Instance, policy: Policy, awards: Awards, rows: Collection[Row]) -> int:
    """Return what years need where more is promised than there is, without what an audit takes for rounding."""
    if policy.overcommit is None:
        return 0
    spending, needed = Spending.of(policy.overcommit), [0]
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        if ("budget", year_name(instance, year), "") in rows:
            load = spending.load(awards_in_year(instance, awards, year))
            needed.append(math.ceil(load - (budget - committed)))
    return max(needed)
