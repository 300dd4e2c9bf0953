"""What stays as it is when the merit or the request of one proposal changes."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.optimize.fits import conditions
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.limits import bounds, limit_groups
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.worth import MERIT
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in
from portfolio.policy.source import dotted


def moved_by_merit(policy: Policy) -> str:
    """Return the key of a rule, other than the objective, that depends on merit; empty if there is none.

    The `min_merit` of reserves is not counted: it changes things at known merits.
    """
    return next((key for key, columns in uses(policy) if any(column in MERIT for column in columns)), "")


def chosen_first(instance: Instance, policy: Policy, index: int) -> bool:
    """Tell whether a proposal competes for an exploratory pool whose awards are chosen before the others."""
    pool = policy.exploratory
    return pool is not None and pool.left == "return" and bool(instance.pool[index])


def falls_with_the_request(instance: Instance, policy: Policy, index: int) -> bool:
    """Tell whether a proposal that asks for less can only become easier to fund.

    That is so where its value does not depend on the request, and no rule asks for money that it brings: it counts
    towards no reserve and no floor, and no cap is a share of money that it would add to.
    """
    if policy.objective.exponent or any(
        "amount" in column for _, columns in uses(policy) for column in columns
    ):
        return False
    if any(counts(instance, reserve)[index] for reserve in policy.reserve):
        return False
    for place, limit in enumerate(policy.limit):
        of, _ = limit_groups(instance, place, limit)
        member = bool((of.member == index).any())
        for bound in bounds(instance, place, limit):
            if bound.gap and bound.of == "money":
                # What it asks for is a part of what every rate is measured by.
                return False
            if bound.floor and member and bound.of in {"money", "spent"}:
                return False
            if not bound.floor and bound.of == "spent" and not (member and len(of.names) == 1):
                return False
    return True


def uses(policy: Policy) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns that the rules of a policy look at beside merit in the objective, by the key of each rule."""
    for path, sql in conditions(policy):
        yield dotted(path), columns_in(sql)
    for name in ("limit", "link", "coverage"):
        for index, rule in enumerate(getattr(policy, name)):
            for key in ("per", "of", "probability"):
                column = getattr(rule, key, None)
                if column is not None:
                    yield f"{name}[{index + 1}].{key}", [column]
    for index, criterion in enumerate(policy.objective.criterion):
        if criterion.column not in MERIT:
            yield f"objective.criterion[{index + 1}].column", [criterion.column]
