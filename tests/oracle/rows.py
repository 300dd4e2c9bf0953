"""The rules that are sums: each row says that a weighted sum of the awards may not exceed a bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

import portfolio as pf
from oracle.facts import Facts, cents, fraction


@dataclass(frozen=True)
class Row:
    """Sum of weight x award <= bound, where an award is its minor units or, for `counts`, 1.

    `unit` turns what is over the bound into the unit in which a violation is told: a cent is 1/100.
    `size` is what a violation is compared with, in that unit.
    """

    rule: str
    weights: list[Fraction]
    bound: Fraction
    counts: bool
    unit: Fraction = Fraction(1)
    size: Fraction = Fraction(1)


def money(facts: Facts, rule: str, weights: list[Fraction], bound: Fraction, size: Fraction) -> Row:
    return Row(rule, weights, bound, False, Fraction(1, 100), (size or Fraction(facts.available)) / 100)


def count(rule: str, weights: list[Fraction], bound: Fraction, size: Fraction = Fraction(1)) -> Row:
    return Row(rule, weights, bound, True, size=size or Fraction(1))


def over(member: np.ndarray, weight: Fraction = Fraction(1)) -> list[Fraction]:
    return [weight if flag else Fraction(0) for flag in member]


def all_rows(facts: Facts) -> list[Row]:
    """Every rule of the policy that is a sum, but the reserves and the budgets."""
    policy = facts.policy
    made = [*facts.pots, *_stable(facts), *_pool(facts)]
    for index, limit in enumerate(policy.limit, 1):
        for member in _members(facts, limit):
            limited = _limit if limit.max_gap is None else _gap
            made += limited(facts, limit, f"limit[{index}]", member)
    for index, coverage in enumerate(policy.coverage, 1):
        least = coverage.min_awards
        if least is None and coverage.weight is None:
            least = 1
        for member in facts.groups(coverage.per) if least else ():
            rule, size = f"coverage[{index}]", Fraction(least)
            made.append(count(rule, over(member, Fraction(-1)), -size, size))
    for index, link in enumerate(policy.link, 1):
        made += _link(facts, link, f"link[{index}]")
    return made


def _stable(facts: Facts) -> Iterator[Row]:
    stable = facts.policy.stable
    if stable is None:
        return
    member = facts.mask(stable.where)
    for year in range(facts.years):
        bound = max(Fraction(0), fraction(stable.firm) * facts.budgets[year] - facts.committed[year])
        weights = [Fraction(int(c)) for c in member * facts.by_year[year]]
        size = (bound or Fraction(facts.available)) / 100
        yield Row("stable", weights, bound, True, Fraction(1, 100), size)


def pot(facts: Facts) -> int:
    """Return the money of the exploratory pool."""
    pool = facts.policy.exploratory
    return cents(pool.amount) if pool.share is None else int(fraction(pool.share) * facts.available // 1)


def _pool(facts: Facts) -> Iterator[Row]:
    pool = facts.policy.exploratory
    if pool is None:
        return
    inside = Fraction(pot(facts))
    yield money(facts, "exploratory", over(facts.explores), inside, inside)
    if pool.left == "hold":
        outside = max(Fraction(0), facts.available - inside)
        yield money(facts, "exploratory", over(~facts.explores), outside, outside)


def _members(facts: Facts, limit: pf.Limit) -> list[np.ndarray]:
    if limit.per:
        return facts.groups(limit.per)
    if limit.where:
        return [facts.mask(limit.where)]
    return [facts.trait(limit.trait) if limit.trait else np.ones(facts.n, dtype=bool)]


def _gap(facts: Facts, limit: pf.Limit, rule: str, member: np.ndarray) -> Iterator[Row]:
    """Yield the distance of the rate of a group from that of all, times what the group asks for."""
    gap, inside = fraction(limit.max_gap), member & facts.eligible
    least = 1 / gap if limit.min_proposals is None else limit.min_proposals
    in_money = limit.gap_of == "money"
    asked = facts.cost if in_money else np.ones(facts.n, dtype=np.int64)
    mine, whole = int(asked[inside].sum()), int(asked[facts.eligible].sum())
    if int(inside.sum()) < least or not mine:
        return
    for sign in (-1, 1) if limit.gap_side == "both" else (-1,):
        weights = [sign * (Fraction(int(flag)) - Fraction(mine, whole)) for flag in member]
        if in_money:
            yield money(facts, rule, weights, gap * mine, Fraction(0))
        else:
            yield count(rule, weights, gap * mine)


def _limit(facts: Facts, limit: pf.Limit, rule: str, member: np.ndarray) -> Iterator[Row]:
    """Yield a floor as a cap of the negative sum."""
    for name, sign in (("min", -1), ("max", 1)):
        share, amount, awards = (getattr(limit, f"{name}_{of}") for of in ("share", "amount", "awards"))
        weights = over(member, Fraction(sign))
        if limit.of is not None and amount is not None:
            cells = [Fraction(0) if v is None else fraction(v) for v in facts.frame[limit.of]]
            bound = Fraction(amount)
            yield count(rule, [w * c for w, c in zip(weights, cells, strict=True)], sign * bound, bound)
        elif amount is not None:
            yield money(facts, rule, weights, Fraction(sign * cents(amount)), Fraction(cents(amount)))
        if share is not None and limit.base == "spent":
            weights = [w - sign * fraction(share) for w in weights]
            yield money(facts, rule, weights, Fraction(0), Fraction(0))
        elif share is not None:
            bound = fraction(share) * facts.available
            yield money(facts, rule, weights, sign * bound, bound)
        if awards is not None:
            yield count(rule, over(member, Fraction(sign)), Fraction(sign * awards), Fraction(awards))


def _link(facts: Facts, link: pf.Link, rule: str) -> Iterator[Row]:
    if link.kind == "at_most":
        groups = facts.groups(link.per) if link.per else [np.isin(facts.ids, link.proposals)]
        for member in groups:
            yield count(rule, over(member), Fraction(link.k))
    if link.kind == "differs":
        # One award of the list less, or one of the others more, is one decision more that differs.
        weights = [Fraction(1 if name in link.proposals else -1) for name in facts.ids]
        yield count(rule, weights, Fraction(len(link.proposals) - link.k))
    if link.kind == "requires":
        weights = over(np.zeros(facts.n))
        weights[facts.ids.index(link.proposal)] += 1
        weights[facts.ids.index(link.needs)] -= 1
        yield count(rule, weights, Fraction(0))


def softness(facts: Facts) -> dict[str, tuple[float | None, int | None]]:
    """Price and priority of every rule that has one of the two."""
    policy = facts.policy
    named = [(reserve.key, reserve) for reserve in policy.reserve]
    tables = {"budget": policy.overspend, "stable": policy.stable, "exploratory": policy.exploratory}
    named += [(key, rule) for key, rule in tables.items() if rule is not None]
    for kind in ("limit", "coverage", "link"):
        named += [(f"{kind}[{index}]", rule) for index, rule in enumerate(getattr(policy, kind), 1)]
    return {key: (rule.price, rule.priority) for key, rule in named if rule.price or rule.priority}
