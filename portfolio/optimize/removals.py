"""The rules of a policy that can be left out, one table at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.rows.limits import bounds, limit_key
from portfolio.optimize.rows.links import link_key
from portfolio.optimize.rows.reserves import reserve_words
from portfolio.optimize.tree import coverage_words, limit_words, link_words, pool_words, stable_words
from portfolio.policy import Coverage, Policy


@dataclass(frozen=True)
class Removal:
    """A rule, and what has to be changed in the policy to be without it.

    Attributes
    ----------
    unit
        What the bound of the rule counts: ``money``, ``awards``, or nothing if it counts several things or none.
    """

    rule: str
    words: str
    changes: Mapping[str, Any]
    unit: str = ""


def removals(instance: Instance, policy: Policy) -> Iterator[Removal]:
    """Yield every rule of a policy that can be left out; what gives freedom, such as a synergy, is no rule."""
    for index, reserve in enumerate(policy.reserve):
        rest = {"reserve": _without(policy.reserve, index)}
        yield Removal(reserve.key, reserve_words(instance, reserve), rest, "money")
    yield from _limits(instance, policy)
    for index, link in enumerate(policy.link):
        if link.kind != "synergy":
            unit = "awards" if link.kind == "at_most" else ""
            rest = {"link": _without(policy.link, index)}
            yield Removal(link_key(index), link_words(link), rest, unit)
    for index, coverage in enumerate(policy.coverage):
        if coverage.least:
            kept = () if coverage.weight is None else (_chance_only(coverage),)
            changed = (*policy.coverage[:index], *kept, *policy.coverage[index + 1 :])
            yield Removal(coverage_key(index), coverage_words(coverage), {"coverage": changed}, "awards")
    if policy.stable is not None:
        yield Removal("stable", stable_words(policy.stable), {"stable": None})
    if policy.exploratory is not None:
        yield Removal("exploratory", pool_words(instance, policy), {"exploratory": None})
    if policy.eligible is not None:
        yield Removal("eligible", f"eligible: {policy.eligible}", {"eligible": None})
    for key in ("must_fund", "must_not_fund"):
        names = getattr(policy, key)
        for index, name in enumerate(names):
            words = f"{name} must {'not ' if key == 'must_not_fund' else ''}be funded"
            yield Removal(f"{key}[{index + 1}]", words, {key: _without(names, index)})


def _limits(instance: Instance, policy: Policy) -> Iterator[Removal]:
    for index, limit in enumerate(policy.limit):
        kinds = {"" if bound.gap else bound.of for bound in bounds(instance, index, limit)}
        unit = kinds.pop() if len(kinds) == 1 else ""
        yield Removal(
            limit_key(index),
            " and ".join(limit_words(instance, index, limit)),
            {"limit": _without(policy.limit, index)},
            unit if unit in {"money", "awards"} else "",
        )


def _without(rules: tuple[Any, ...], index: int) -> tuple[Any, ...]:
    return (*rules[:index], *rules[index + 1 :])


def _chance_only(coverage: Coverage) -> Coverage:
    """Keep what a sure success is worth, without a least number of awards."""
    return coverage.replace(min_awards=None, price=None, priority=None)
