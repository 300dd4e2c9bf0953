"""What stays as it is when the merit or the request of one proposal changes."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.optimize import Problem
from portfolio.optimize.fits import conditions
from portfolio.optimize.rows.limits import bounds, limit_groups
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.worth import merit_worth
from portfolio.policy import Policy
from portfolio.policy.conditions import columns_in
from portfolio.policy.source import dotted

_MERIT = ("merit", "scored_merit")


def moved_by_merit(problem: Problem, index: int) -> str:
    """Say what else than its value changes with the merit of a proposal, or that its value does not; else nothing.

    The `min_merit` of reserves is not counted: it changes things at known merits.
    """
    instance, policy = problem.instance, problem.policy
    if not merit_worth(policy, instance.table)[index]:
        return "its value does not depend on it"
    pool = policy.exploratory
    if pool is not None and pool.left == "return" and instance.pool[index]:
        return "the exploratory pool chooses first, by the same merit"
    for key, columns in uses(policy):
        if any(column in _MERIT for column in columns):
            return f"{key} depends on merit as well"
    return ""


def falls_with_the_request(problem: Problem, index: int) -> bool:
    """Tell whether a proposal that asks for less can only become easier to fund.

    That is so where its value does not depend on the request, and no rule asks for money that it brings: it counts
    towards no reserve and no floor, and no cap is a share of money that it would add to.
    """
    instance, policy = problem.instance, problem.policy
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
            if bound.floor and member and bound.of in {"money", "spent"}:
                return False
            if not bound.floor and bound.of == "spent" and not (member and len(of.names) == 1):
                return False
    return True


def uses(policy: Policy) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns that the rules of a policy look at, by the key at which they do."""
    for path, sql in conditions(policy):
        yield dotted(path), columns_in(sql)
    for name in ("limit", "link", "coverage"):
        for index, rule in enumerate(getattr(policy, name)):
            named = {key: getattr(rule, key, None) for key in ("per", "of", "probability")}
            for key, column in named.items():
                if column is not None:
                    yield f"{name}[{index + 1}].{key}", [column]
    for index, criterion in enumerate(policy.objective.criterion):
        if criterion.column not in _MERIT:
            yield f"objective.criterion[{index + 1}].column", [criterion.column]
