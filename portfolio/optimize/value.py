"""What a portfolio is worth, added up from the policy and the awards, and what rules that gave way cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.optimize.audit import misses_of
from portfolio.optimize.awards import Awards, values
from portfolio.optimize.broken import Broken, soft_rules
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.coverage import chances
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy
from portfolio.policy.rules import Softenable


@dataclass(frozen=True)
class GaveWay:
    """How far a rule that may give way did.

    Attributes
    ----------
    rule, names
        Key of the rule, and the groups in which it is missed.
    size
        By how much, added up: in units of the currency (or of the column that is limited), or in awards.
    cost
        Value lost by it; None for a rule with a priority.
    """

    rule: str
    names: tuple[str, ...]
    size: float
    cost: float | None
    priority: int | None


def gave_way(instance: Instance, policy: Policy, awards: Awards) -> tuple[GaveWay, ...]:
    """Return the rules that the awards miss because they may."""
    return _gave_way(instance, policy, awards, soft_rules(policy))


def _gave_way(
    instance: Instance, policy: Policy, awards: Awards, rules: Mapping[str, Softenable]
) -> tuple[GaveWay, ...]:
    found: dict[str, list[Broken]] = {}
    for broken in misses_of(instance, policy, awards, rules):
        found.setdefault(broken.rule, []).append(broken)
    return tuple(
        GaveWay(
            key,
            tuple(part.name for part in parts if part.name),
            float(size := sum((part.size for part in parts), Fraction(0))),
            None if (price := rules[key].price) is None else price * float(size),
            rules[key].priority,
        )
        for key, parts in found.items()
    )


def success_chances(instance: Instance, policy: Policy, awards: Awards) -> dict[int, Mapping[str, float]]:
    """Return, per coverage rule with a weight, the chance of each tag that at least one award succeeds.

    P = 1 - product of (1 - p_i) over the awards with the tag; successes are independent.
    """
    found: dict[int, Mapping[str, float]] = {}
    for index, coverage in enumerate(policy.coverage):
        if not coverage.weight:
            continue
        of, chance = instance.groups(coverage.per), chances(instance, coverage)
        failed = np.ones(len(of.names))
        inside = awards.funded[of.member]
        np.multiply.at(failed, of.group[inside], 1 - chance[of.member[inside]])
        found[index] = dict(zip(of.names, (1 - failed).tolist(), strict=True))
    return found


def priced_out(instance: Instance, policy: Policy, awards: Awards, rule: str | None = None) -> float:
    """Return the value lost by rules that gave way at a price, or by one of them."""
    priced = {key: soft for key, soft in soft_rules(policy).items() if soft.price is not None}
    rules = {key: soft for key, soft in priced.items() if rule in (None, key)}
    return math.fsum(given.cost or 0.0 for given in _gave_way(instance, policy, awards, rules))


def portfolio_value(instance: Instance, policy: Policy, awards: Awards) -> float:
    """Return the value of a portfolio: its awards, synergies and chances of success, less what giving way costs."""
    return math.fsum(
        [
            *values(instance, awards, instance.value)[awards.funded].tolist(),
            *_beside(instance, policy, awards),
        ]
    )


def size_of_values(instance: Instance) -> float:
    """Return what a middling proposal is worth, or 1 if it is more: values that differ by a part of it are told apart.

    Where a criterion is counted in millions of millions, all that awards are worth is less than what rounding may be
    where it is counted in ones.
    """
    worth = np.abs(instance.value[instance.value != 0])
    return min(1.0, float(np.median(worth))) if len(worth) else 1.0


def worth_of_awards(instance: Instance, policy: Policy, awards: Awards) -> float:
    """Return what awards are worth, whatever gave way for them."""
    return portfolio_value(instance, policy, awards) + priced_out(instance, policy, awards)


def worth_alone(instance: Instance, policy: Policy) -> Floats:
    """Return (n,) what each whole request is worth as the only award."""
    worth = instance.value.copy()
    for coverage in policy.coverage:
        if coverage.weight:
            of, chance = instance.groups(coverage.per), chances(instance, coverage)
            np.add.at(worth, of.member, coverage.weight * chance[of.member])
    return worth


def _beside(instance: Instance, policy: Policy, awards: Awards) -> Iterator[float]:
    for link in policy.link:
        members = [instance.position[name] for name in link.proposals or ()]
        if link.kind == "synergy" and awards.funded[members].all():
            yield link.value or 0.0
    for index, chance in success_chances(instance, policy, awards).items():
        yield from ((policy.coverage[index].weight or 0.0) * p for p in chance.values())
    yield -priced_out(instance, policy, awards)
