"""Every rule of the policy checked again on the awards, in integers; independent of the matrix and the solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.call.money import total
from portfolio.optimize.instance import Bools, Instance
from portfolio.optimize.rows.layout import Groups, groups
from portfolio.optimize.rows.limits import Bound, bounds, limit_groups, limit_key
from portfolio.optimize.rows.links import at_most_groups, link_key
from portfolio.optimize.tally import deliveries, group_sums, spent
from portfolio.policy import Policy


@dataclass(frozen=True)
class Broken:
    """A rule that the awards break."""

    rule: str
    name: str
    what: str


def broken_rules(
    instance: Instance, policy: Policy, chosen: Bools, shortfall: Fraction = Fraction(0)
) -> list[Broken]:
    """Return every rule that the chosen proposals break.

    Parameters
    ----------
    chosen
        (n,) which proposals are funded.
    shortfall
        Money in minor units that all soft reserves together may miss.
    """
    return [
        *_budgets(instance, policy, chosen),
        *_locks(instance, policy, chosen),
        *_reserves(instance, policy, chosen, shortfall),
        *_limits(instance, policy, chosen),
        *_coverage(instance, policy, chosen),
        *_links(instance, policy, chosen),
    ]


def _budgets(instance: Instance, policy: Policy, chosen: Bools) -> Iterator[Broken]:
    for year, budget in enumerate(instance.budgets):
        money = total(instance.by_year[chosen, year])
        if money > budget:
            yield Broken("budget", "", f"{instance.money(money)} awarded of {instance.money(budget)}")
    if spent(instance, chosen) > instance.budget:
        yield Broken("budget", "", "more is awarded than all budgets together")
    held = _held(instance, policy, chosen)
    if held and spent(instance, chosen) + held > instance.budget:
        yield Broken("budget", "", "money that a reserve holds was spent")


def _held(instance: Instance, policy: Policy, chosen: Bools) -> Fraction:
    if policy.reserve_order != "minimum_guarantee":
        return Fraction(0)
    met = zip(policy.reserve, deliveries(instance, policy, chosen), strict=True)
    return sum((delivery.shortfall for reserve, delivery in met if reserve.shortfall == "hold"), Fraction(0))


def _locks(instance: Instance, policy: Policy, chosen: Bools) -> Iterator[Broken]:
    for name in policy.must_fund:
        if not chosen[instance.position[name]]:
            yield Broken("must_fund", name, "is not funded")
    for name in policy.must_not_fund:
        if chosen[instance.position[name]]:
            yield Broken("must_not_fund", name, "is funded")
    for index in np.flatnonzero(chosen & ~instance.open).tolist():
        yield Broken("eligible", instance.ids[index], "is funded, but cannot be")


def _reserves(instance: Instance, policy: Policy, chosen: Bools, shortfall: Fraction) -> Iterator[Broken]:
    if policy.reserve_order != "minimum_guarantee":
        return
    missing = Fraction(0)
    for reserve, delivery in zip(policy.reserve, deliveries(instance, policy, chosen), strict=True):
        if reserve.shortfall != "fail":
            missing += delivery.shortfall
        elif delivery.shortfall:
            yield Broken(delivery.key, "", f"{_cents(delivery.shortfall)} minor units short")
    if missing > shortfall:
        yield Broken(
            "shortfall",
            "",
            f"reserves are {_cents(missing - shortfall)} minor units shorter than they need be",
        )


def _limits(instance: Instance, policy: Policy, chosen: Bools) -> Iterator[Broken]:
    for index, limit in enumerate(policy.limit):
        of, _ = limit_groups(instance, index, limit)
        money, awards = group_totals(instance, of, chosen)
        for bound in bounds(instance, limit):
            sizes = awards if bound.of == "awards" else money
            reference = bound.size * spent(instance, chosen) if bound.of == "spent" else bound.size
            for name, size in zip(of.names, sizes, strict=True):
                if _outside(bound, size, reference):
                    yield Broken(limit_key(index), name, f"{size} is not {bound.words}")


def _outside(bound: Bound, size: int, reference: Fraction) -> bool:
    return size < reference if bound.floor else size > reference


def group_totals(instance: Instance, of: Groups, chosen: Bools) -> tuple[list[int], list[int]]:
    """Return the money awarded (minor units) and the number of awards in each group."""
    inside = chosen[of.member]
    member, group = of.member[inside], of.group[inside]
    awards = np.bincount(group, minlength=len(of.names)).tolist()
    return group_sums(instance.amount[member], group, len(of.names)), awards


def _coverage(instance: Instance, policy: Policy, chosen: Bools) -> Iterator[Broken]:
    for index, coverage in enumerate(policy.coverage):
        of = groups(instance.table, coverage.per)
        for name, awards in zip(of.names, group_totals(instance, of, chosen)[1], strict=True):
            if awards < coverage.least:
                yield Broken(f"coverage[{index + 1}]", name, f"{awards} awards")


def _links(instance: Instance, policy: Policy, chosen: Bools) -> Iterator[Broken]:
    for index, link in enumerate(policy.link):
        rule = link_key(index)
        funded = [bool(chosen[instance.position[name]]) for name in link.proposals or ()]
        if link.kind == "at_most":
            of = at_most_groups(instance, link)
            for name, awards in zip(of.names, group_totals(instance, of, chosen)[1], strict=True):
                if awards > (link.k or 0):
                    yield Broken(rule, name, f"{awards} awards")
        elif link.kind == "all_or_none" and any(funded) and not all(funded):
            yield Broken(rule, "", "some are funded and some are not")
        elif link.kind == "requires" and _alone(instance, chosen, str(link.proposal), str(link.needs)):
            yield Broken(rule, "", f"{link.proposal} is funded without {link.needs}")


def _alone(instance: Instance, chosen: Bools, proposal: str, needs: str) -> bool:
    return bool(chosen[instance.position[proposal]]) and not chosen[instance.position[needs]]


def _cents(money: Fraction) -> str:
    return f"{float(money):,.2f}"
