"""Policies whose portfolios can be compared by value, and what has to be reached before that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portfolio.errors import Issue, PolicyError
from portfolio.optimize.solution import ReachedGoal
from portfolio.policy import Policy

# Goals are added up as floats.
_ROUNDING = 1e-9


def refuse_incomparable(policy: Policy, what: str) -> None:
    """Refuse policies under which the value alone does not say which of two portfolios is better.

    Raises
    ------
    PolicyError
        If reserves are spent in rounds, each of which decides for itself, or a criterion that comes first may
        lose something, since how much depends on the best that is left of it.
    """
    issues = list(_incomparable(policy, what))
    if issues:
        raise PolicyError(issues)


def _incomparable(policy: Policy, what: str) -> Iterator[Issue]:
    if policy.reserve_order == "over_and_above":
        hint = 'each round decides for itself; use reserve_order = "minimum_guarantee"'
        yield Issue(f"{what} cannot be found for rounds", hint, file="policy", column="reserve_order")
    for index, criterion in enumerate(policy.objective.criterion, start=1):
        if policy.objective.order == "lexicographic" and criterion.may_lose:
            hint = "what it may lose is a share of a best that would not be the same for all of them; set it to 0"
            column = f"objective.criterion.{index}.may_lose"
            yield Issue(
                f"{what} cannot be found where a criterion may lose", hint, file="policy", column=column
            )


def goal_missed(
    best: Sequence[ReachedGoal], other: Sequence[ReachedGoal]
) -> tuple[ReachedGoal, ReachedGoal] | None:
    """Return the first goal before the value that another portfolio reaches less well, in both; or None.

    Both portfolios are the best of their problems, and the problem of `other` has further rules. If it
    reaches every goal as well, its goals leave it the same choice as those of `best`, and the values can be
    compared.
    """
    for ours, theirs in zip(best, other, strict=True):
        if theirs.value < ours.value - _ROUNDING * max(1.0, abs(ours.value)):
            return ours, theirs
    return None
