"""Keys of a policy that contradict each other, each of them fine by itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from portfolio.policy.rules import Criterion, Objective, Overcommit, Overspend
from portfolio.policy.source import Fault

if TYPE_CHECKING:
    from portfolio.policy.model import Policy


def refused_together(policy: Policy) -> Iterator[Fault]:
    """Yield what makes no sense beside another key."""
    yield from _years(policy)
    yield from _objective(policy.objective)
    yield from _criteria(policy.objective)
    yield from _scales(policy)
    if policy.overspend is not None:
        yield from _overspent(policy, policy.overspend)
    if policy.reserve_order == "over_and_above":
        yield from _in_rounds(policy)
    if policy.overcommit is not None:
        yield from _overcommitted(policy, policy.overcommit)


def _years(policy: Policy) -> Iterator[Fault]:
    by_year = "give one budget per year: budget = [..., ...]"
    single = len(policy.budgets) == 1
    if policy.carry_over is not None and single:
        yield Fault(("carry_over",), "needs years to carry money between", by_year)
    if policy.stable is not None and single:
        yield Fault(("stable",), "needs years to guarantee", by_year)
    if len(policy.commitments) != len(policy.budgets):
        what = f"has {len(policy.commitments)} sums, but the budget has {len(policy.budgets)} years"
        yield Fault(("committed",), what, "give one sum for each year of the budget")
    elif sum(policy.commitments) > sum(policy.budgets):
        yield Fault(("committed",), "is more than the whole budget", "nothing could be awarded")


def _objective(objective: Objective) -> Iterator[Fault]:
    if objective.criterion and objective.zero:
        hint = "give each criterion its own zero"
        yield Fault(("objective", "zero"), "is not used beside criteria", hint, str(objective.zero))
    curve = objective.curve
    if not curve:
        return
    path = ("objective", "curve")
    if objective.partial is not True:
        yield Fault(path, "is used for partial funding alone", "set partial = true, or remove the curve")
    points = ((0.0, 0.0), *curve)
    if curve[-1] != (1.0, 1.0) or any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(points)):
        hint = "points [share of the request, share of the value] that rise to [1, 1]"
        yield Fault(path, "must rise from (0, 0) to (1, 1)", hint)
        return
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    if any(later > earlier + 1e-12 for earlier, later in pairwise(slopes)):
        hint = (
            "each further part of the request may bring no more value than the part before it; see `levels`"
        )
        yield Fault(path, "must be concave", hint)


def _criteria(objective: Objective) -> Iterator[Fault]:
    in_turn = objective.order == "lexicographic"
    if in_turn and len(objective.criterion) < 2:
        yield Fault(("objective", "order"), "needs two or more criteria", "add [[objective.criterion]]")
    unused, hint = (
        ("weight", "the order of the criteria says what counts more; remove it")
        if in_turn
        else ("may_lose", 'set order = "lexicographic", or remove it')
    )
    default = Criterion.model_fields[unused].default
    for index, criterion in enumerate(objective.criterion):
        if (given := getattr(criterion, unused)) != default:
            what = f'is not used with order = "{objective.order}"'
            yield Fault(("objective", "criterion", index, unused), what, hint, f"{given:g}")


def _scales(policy: Policy) -> Iterator[Fault]:
    """Yield prices of money beside goals that are reached before anything is weighed against a price."""
    hint = "a price is weighed against the value alone, which comes after that; give a priority instead"
    for name in ("overspend", "exploratory"):
        rule = getattr(policy, name)
        if rule is not None and rule.price is not None and policy.objective.order == "lexicographic":
            what = "cannot be combined with criteria one after the other (lexicographic)"
            yield Fault((name, "price"), what, hint)
    if policy.overspend is None or policy.overspend.price is None:
        return
    path = ("overspend", "price")
    if policy.exploratory is not None and policy.exploratory.left == "return":
        yield Fault(path, "cannot be combined with an exploratory pool that chooses first", hint)
    if any(reserve.shortfall != "fail" for reserve in policy.reserve):
        yield Fault(path, "cannot be combined with reserves that release or hold", hint)


def _overspent(policy: Policy, rule: Overspend) -> Iterator[Fault]:
    path = ("overspend",)
    if policy.overcommit is not None:
        hint = "over-commitment says already by how much more is promised; remove one of the two"
        yield Fault(path, "cannot be combined with overcommit", hint)
    if policy.carry_over is not None:
        hint = "what one year overspends could be carried on to another; remove one of the two"
        yield Fault(path, "cannot be combined with carry_over", hint)
    if len(policy.budgets) > 1 and any(reserve.shortfall == "hold" for reserve in policy.reserve):
        hint = 'no year is the one that held money is missing from; use shortfall = "release", or one budget'
        yield Fault(path, "cannot be combined with budgets by year and reserves that hold", hint)


def _in_rounds(policy: Policy) -> Iterator[Fault]:
    """Yield what cannot be done in rounds: goals that are reached one after the other in a single optimisation."""
    hint = 'use reserve_order = "minimum_guarantee", or remove it'
    for name in ("exploratory", "overcommit", "overspend"):
        if getattr(policy, name) is not None:
            yield Fault((name,), "cannot be combined with rounds (over_and_above)", hint)
    if policy.objective.order == "lexicographic":
        yield Fault(("objective", "order"), "cannot be combined with rounds (over_and_above)", hint)
    if policy.stable is not None and policy.stable.priority is not None:
        yield Fault(("stable",), "that gives way cannot be combined with rounds (over_and_above)", hint)
    for kind in ("reserve", "limit", "coverage", "link"):
        for index, rule in enumerate(getattr(policy, kind)):
            if rule.priority is not None or (kind == "reserve" and rule.price is not None):
                what = "that gives way cannot be combined with rounds (over_and_above)"
                yield Fault((kind, index), what, hint)


def _overcommitted(policy: Policy, rule: Overcommit) -> Iterator[Fault]:
    mean, spread = rule.underspend, rule.underspend_sd
    if spread and spread**2 >= mean * (1 - mean):
        hint = "a share between 0 and 1 with this mean cannot spread so far"
        yield Fault(("overcommit", "underspend_sd"), "is too large", hint, str(spread))
    if policy.carry_over is not None:
        hint = "what is carried on would depend on chance; remove one of the two"
        yield Fault(("overcommit",), "cannot be combined with carry_over", hint)
    if policy.objective.partial is True:
        hint = 'use partial = "levels", or remove one of the two'
        yield Fault(("overcommit",), "cannot be combined with partial = true", hint)
