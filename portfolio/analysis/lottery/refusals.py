"""What a lottery cannot be right for, refused with the reason and the way forward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.errors import Issue, PolicyError
from portfolio.optimize.broken import soft_rules
from portfolio.optimize.figures import counted
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy
from portfolio.policy.source import Fault


def refuse_unfit(policy: Policy) -> None:
    """Refuse policies whose portfolios are no set among which one can draw.

    Raises
    ------
    PolicyError
        With every reason at once.
    """
    policy.refuse(list(_unfit(policy)))


def _unfit(policy: Policy) -> Iterator[Fault]:
    if policy.reserve_order == "over_and_above":
        what = (
            "spends the money in rounds, each on the best that are left, so that there is no set to draw from"
        )
        yield Fault(("reserve_order",), f"over_and_above {what}", "set minimum_guarantee for the lottery")
    if policy.objective.order == "lexicographic":
        what = "lets an earlier criterion decide before chance can: proposals it tells apart are not tied"
        yield Fault(("objective", "order"), f"lexicographic {what}", "weigh the criteria instead")
    if policy.exploratory is not None and policy.exploratory.left == "return":
        what = "chooses the pool by its value before the rest, and a lottery has no value to choose by"
        yield Fault(
            ("exploratory", "left"), f"return {what}", 'set left = "hold", so that the pool is a rule'
        )
    for key, rule in soft_rules(policy).items():
        if rule.price is not None:
            what = "may give way at a price in value, and a lottery has no value to pay with"
            yield Fault((key,), what, "give it a priority instead of a price, or make it firm")


def refuse_rules(instance: Instance, policy: Policy, chances: Floats, places: int) -> None:
    """Refuse to draw places where a draw could break the policy: places know no money and no rules.

    Parameters
    ----------
    chances
        (n,) of the lottery.

    Raises
    ------
    PolicyError
        With every reason at once.
    """
    issues = [_place_issue(reason) for reason in _rules(policy)]
    closed = [name for name, why in zip(instance.ids, instance.ineligible, strict=True) if why]
    if closed:
        are = counted(len(closed), "proposal is", "proposals are")
        what = f"{are} not eligible, such as {closed[0]}, and ranks count those too"
        issues.append(_place_issue(what, "leave them out of the call with the key `only`"))
    sure = chances >= 1
    tied = np.sort(instance.amount[(chances > 0) & ~sure])[::-1]
    most = int(instance.amount[sure].sum()) + int(tied[: places - int(sure.sum())].sum())
    if most > instance.budget:
        what = (
            f"the most expensive draw of {places:,} places would cost {instance.money(most)}, and there are "
            f"{instance.money(instance.budget)}"
        )
        issues.append(_place_issue(what))
    if issues:
        raise PolicyError(issues)


def _rules(policy: Policy) -> Iterator[str]:
    for key in ("reserve", "limit", "link", "coverage", "must_fund", "must_not_fund"):
        if getattr(policy, key):
            yield f"the policy has {key}, and a draw of places could break it"
    for key in ("overspend", "stable", "exploratory", "overcommit"):
        if getattr(policy, key) is not None:
            yield f"the policy has {key}, and a draw of places does not look at it"
    if len(policy.budgets) > 1:
        yield "the policy has a budget per year, and a draw of places does not look at years"


def _place_issue(what: str, hint: str = "use the fair lottery: every draw of it keeps every rule") -> Issue:
    return Issue(what, hint, file="policy")
