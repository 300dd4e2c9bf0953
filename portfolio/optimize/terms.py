"""What a value is the sum of, in words: criteria with their weights, zeros and scales, where these change anything."""

from __future__ import annotations

from portfolio.policy import Criterion, Objective


def value_terms(objective: Objective) -> str:
    """Say what an award is worth but for its size, as ``0.95 x (merit - 3) + 0.05 x impact / 10``.

    With criteria one after the other it is the last of them, which has no weight.
    """
    if not objective.criterion:
        return criterion_term(Criterion(column="merit", zero=objective.zero))
    if objective.order == "lexicographic":
        return criterion_term(objective.criterion[-1])
    return " + ".join(map(_weighted, objective.criterion))


def criterion_term(criterion: Criterion) -> str:
    """Say what a criterion adds to a sum, without its weight."""
    zero, scale = criterion.zero, criterion.scale
    above = (
        f"({criterion.column} {'-' if zero > 0 else '+'} {as_given(abs(zero))})" if zero else criterion.column
    )
    return above if scale == 1 else f"{above} / {as_given(scale)}"


def size_in_words(objective: Objective) -> str:
    """Say how the size of an award counts, and what one counts that is smaller than the request."""
    by = f"times amount^{as_given(objective.exponent)}"
    size = {0.0: "per award", 1.0: "per money"}.get(objective.exponent, by)
    if not objective.partial:
        return size
    along = "along the curve" if objective.curve else "in proportion to what it gets"
    return f"{size}, of a cut award {'by its level' if objective.partial == 'levels' else along}"


def as_given(number: float) -> str:
    """Write a number of a policy as it was given."""
    return f"{number:.15g}"


def _weighted(criterion: Criterion) -> str:
    term = criterion_term(criterion)
    return term if criterion.weight == 1 else f"{as_given(criterion.weight)} x {term}"
