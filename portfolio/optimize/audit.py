"""Every rule of the policy checked again on the awards, in integers; independent of the matrix and the solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from portfolio.call.money import exponent
from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.broken import Broken, Given, levels_missed, soft_rules
from portfolio.optimize.figures import counted
from portfolio.optimize.instance import Instance
from portfolio.optimize.overcommit import Spending
from portfolio.optimize.rows.budgets import year_name
from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.rows.layout import money_size
from portfolio.optimize.rows.limits import bounds, limit_groups, limit_key, limit_size
from portfolio.optimize.rows.links import at_most_groups, link_key
from portfolio.optimize.rows.pool import pool_money, rest_money
from portfolio.optimize.rows.reserves import reserve_size
from portfolio.optimize.rows.stable import firm_money
from portfolio.optimize.tally import bound_unit, deliveries, group_awards, spent_in_year, standings
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy
from portfolio.policy.rules import Softenable

_NOTHING = Given()
HELD = "money that a reserve holds was spent"
"""What is wrong where the budgets of all years together do not cover what is held, too."""
TOLERANCE = 1e-9
"""Shares, and what may be promised, are added up as floats."""


def broken_rules(instance: Instance, policy: Policy, awards: Awards, given: Given = _NOTHING) -> list[Broken]:
    """Return every rule that the awards break, rules that gave way further than they may included."""
    firm: list[Broken] = []
    soft: list[Broken] = []
    rules = soft_rules(policy)
    for broken in misses(instance, policy, awards):
        (soft if broken.rule in rules else firm).append(broken)
    return [*firm, *_shortfall(instance, policy, awards, given), *_levels(rules, soft, given)]


def misses(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    """Yield every rule that the awards miss, whether or not it may give way."""
    for check in _CHECKS.values():
        yield from check(instance, policy, awards)


def misses_of(
    instance: Instance, policy: Policy, awards: Awards, rules: Mapping[str, Softenable]
) -> Iterator[Broken]:
    """Yield where the awards miss some of the rules that may give way; rules of other kinds are not looked at."""
    kinds = {key.partition(".")[0].partition("[")[0] for key in rules}
    for kind, check in _CHECKS.items():
        if kind in kinds:
            yield from (broken for broken in check(instance, policy, awards) if broken.rule in rules)


def _levels(rules: Mapping[str, Softenable], soft: list[Broken], given: Given) -> Iterator[Broken]:
    for priority, missed in levels_missed(rules, soft).items():
        if missed > given.levels.get(priority, 0.0) + TOLERANCE:
            yield Broken(f"priority {priority}", "", "rules give way further than they must")


def over_budget(
    instance: Instance, policy: Policy, awards: Awards, less: Mapping[str, int] | None = None
) -> Iterator[Broken]:
    """Yield every budget that the awards exceed.

    Parameters
    ----------
    less
        By how much less some reserves ask for, and may hold, than the policy says, in minor units.
    """
    held = held_money(instance, policy, awards, less)
    if policy.overcommit is not None:
        yield from _overcommitted(instance, Spending.of(policy.overcommit), awards, held)
        return
    if policy.overspend is not None:
        yield from _overspent(instance, awards, held)
        return
    carried = Fraction(0)
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        money = spent_in_year(instance, awards, year)
        left = budget + carried - committed - money
        if left < 0:
            yield Broken(
                "budget", "", f"{_money(instance, money)} awarded of {_money(instance, left + money)}"
            )
        carried = min(Fraction(instance.carry), left)
    if awards.spent > instance.budget:
        yield Broken("budget", "", "more is awarded than all budgets together")
    yield from _held_of_all(instance, awards, held)


def _overspent(instance: Instance, awards: Awards, held: Fraction) -> Iterator[Broken]:
    """Yield the years whose budget is exceeded; money that is held counts as spent where there is one budget."""
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        left, name = budget - committed, year_name(instance, year)
        more = spent_in_year(instance, awards, year) + held - left
        if more > 0:
            yield _money_missed(instance, "budget", name, "more is awarded", more, left)
        if more > instance.beyond[year]:
            yield Broken("overspend", name, f"{_money(instance, more)} are spent beyond the budget")


def _overcommitted(
    instance: Instance, spending: Spending, awards: Awards, held: Fraction
) -> Iterator[Broken]:
    for year in range(len(instance.budgets)):
        left = float(instance.budgets[year] - instance.committed[year]) - (
            float(held) if len(instance.budgets) == 1 else 0
        )
        load = spending.load(awards_in_year(instance, awards, year))
        if load > left + TOLERANCE * max(1.0, abs(left)):
            yield Broken("overcommit", str(year), f"needs {load:,.0f} of {left:,.0f} minor units")
    if len(instance.budgets) > 1:
        yield from _held_of_all(instance, awards, held)


def _held_of_all(instance: Instance, awards: Awards, held: Fraction) -> Iterator[Broken]:
    more = awards.spent + held - instance.budget
    if held and more > 0:
        yield _money_missed(instance, "budget", "", HELD, more, instance.budget)


def held_money(
    instance: Instance,
    policy: Policy,
    awards: Awards,
    less: Mapping[str, int] | None = None,
    room: Fraction | None = None,
) -> Fraction:
    """Return the money, in minor units, that reserves could not place and hold; see `over_budget` and `deliveries`."""
    holds = any(reserve.shortfall == "hold" for reserve in policy.reserve)
    if policy.reserve_order != "minimum_guarantee" or not holds:
        return Fraction(0)
    met = zip(policy.reserve, deliveries(instance, policy, awards, less, room), strict=True)
    return sum((delivery.shortfall for reserve, delivery in met if reserve.shortfall == "hold"), Fraction(0))


def _stable(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    if policy.stable is None:
        return
    members = awards.among(instance.stable)
    for year in range(len(instance.budgets)):
        firm, name = firm_money(instance, policy.stable, year), year_name(instance, year)
        more = spent_in_year(instance, members, year) - firm
        if more > 0:
            yield _money_missed(instance, "stable", name, "more than the money that is certain", more, firm)


def _pool(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    if policy.exploratory is None:
        return
    money, rest = pool_money(instance, policy.exploratory), rest_money(instance, policy.exploratory)
    more = Fraction(awards.among(instance.pool).spent - money)
    if more > 0:
        yield _money_missed(instance, "exploratory", "", "more than the pool", more, money)
    more = Fraction(awards.among(~instance.pool).spent - rest)
    if policy.exploratory.left == "hold" and more > 0:
        what = "money of the pool was spent on others"
        yield _money_missed(instance, "exploratory", "", what, more, rest)


def _locks(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    for name in policy.must_fund:
        if not awards.funded[instance.position[name]]:
            yield Broken("must_fund", name, "is not funded")
    for name in policy.must_not_fund:
        if awards.funded[instance.position[name]]:
            yield Broken("must_not_fund", name, "is funded")
    for index in np.flatnonzero(awards.funded & ~instance.open).tolist():
        yield Broken("eligible", instance.ids[index], "is funded, but cannot be")
    for index in np.flatnonzero(_wrong_size(instance, awards)).tolist():
        yield Broken("amount", instance.ids[index], f"gets {awards.amount[index]} minor units")


def _wrong_size(instance: Instance, awards: Awards) -> Bools:
    """Return which awards are of a size that the policy does not allow."""
    sizes, amount = instance.sizes, awards.amount
    low, high = np.where(awards.funded, sizes.least, 0), np.where(awards.funded, sizes.top, 0)
    wrong = (amount < low) | (amount > high)
    if sizes.levels:
        cut = np.flatnonzero(awards.funded & (amount != instance.amount)).tolist()
        wrong[[i for i in cut if (i, int(amount[i])) not in sizes.levels]] = True
    return wrong


def _reserves(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    if policy.reserve_order != "minimum_guarantee":
        return
    unit = 10 ** exponent(instance.currency)
    for reserve, delivery in zip(policy.reserve, deliveries(instance, policy, awards), strict=True):
        if reserve.shortfall == "fail" and delivery.shortfall:
            what = f"{_cents(delivery.shortfall)} minor units short"
            whole = reserve_size(instance, reserve) / unit
            yield Broken(delivery.key, "", what, delivery.shortfall / unit, whole)


def _shortfall(instance: Instance, policy: Policy, awards: Awards, given: Given) -> Iterator[Broken]:
    may_miss = any(reserve.shortfall != "fail" for reserve in policy.reserve)
    if policy.reserve_order != "minimum_guarantee" or not may_miss:
        return
    met = zip(policy.reserve, deliveries(instance, policy, awards), strict=True)
    missing = sum(
        (delivery.shortfall for reserve, delivery in met if reserve.shortfall != "fail"), Fraction(0)
    )
    if missing > given.shortfall:
        too_much = _cents(missing - given.shortfall)
        yield Broken("shortfall", "", f"reserves are {too_much} minor units shorter than they need be")


def _limits(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    for index, limit in enumerate(policy.limit):
        of, _ = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            unit = bound_unit(instance, index, bound)
            whole = limit_size(instance, bound) / unit
            for name, reference, size in standings(instance, index, of, awards, bound):
                miss = reference - size if bound.floor else size - reference
                if miss > 0:
                    yield Broken(limit_key(index), name, f"{size} is not {bound.words}", miss / unit, whole)


def _coverage(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    for index, coverage in enumerate(policy.coverage):
        of = instance.groups(coverage.per)
        numbers = group_awards(of, awards.funded)
        for group in np.flatnonzero(numbers < coverage.least).tolist():
            name, number = of.names[group], int(numbers[group])
            missing = Fraction(coverage.least - number)
            yield Broken(
                coverage_key(index), name, counted(number, "award", "awards"), missing, float(coverage.least)
            )


def _links(instance: Instance, policy: Policy, awards: Awards) -> Iterator[Broken]:
    for index, link in enumerate(policy.link):
        rule = link_key(index)
        funded = [bool(awards.funded[instance.position[name]]) for name in link.proposals or ()]
        if link.kind == "at_most":
            of = at_most_groups(instance, link)
            numbers, k = group_awards(of, awards.funded), link.k or 0
            for group in np.flatnonzero(numbers > k).tolist():
                number = int(numbers[group])
                yield Broken(rule, of.names[group], counted(number, "award", "awards"), Fraction(number - k))
        elif link.kind == "all_or_none" and any(funded) and not all(funded):
            yield Broken(rule, "", "some are funded and some are not")
        elif link.kind == "requires" and _alone(instance, awards.funded, str(link.proposal), str(link.needs)):
            yield Broken(rule, "", f"{link.proposal} is funded without {link.needs}")
        elif link.kind == "differs":
            apart = len(funded) + int(awards.funded.sum()) - 2 * sum(funded)
            if apart < (link.k or 0):
                yield Broken(
                    rule,
                    "",
                    counted(apart, "decision differs", "decisions differ"),
                    Fraction((link.k or 0) - apart),
                )


def _alone(instance: Instance, funded: Bools, proposal: str, needs: str) -> bool:
    return bool(funded[instance.position[proposal]]) and not funded[instance.position[needs]]


def _money_missed(
    instance: Instance, rule: str, name: str, what: str, missed: Fraction, bound: int | Fraction
) -> Broken:
    unit = 10 ** exponent(instance.currency)
    return Broken(rule, name, what, missed / unit, money_size(instance, bound) / unit)


def _cents(money: Fraction) -> str:
    return f"{float(money):,.2f}"


def _money(instance: Instance, minor: Fraction) -> str:
    return instance.money(int(minor))


# By the kind of their rules, in the order in which they are told.
_CHECKS = {
    "budget": over_budget,
    "stable": _stable,
    "exploratory": _pool,
    "must_fund": _locks,
    "reserve": _reserves,
    "limit": _limits,
    "coverage": _coverage,
    "link": _links,
}
