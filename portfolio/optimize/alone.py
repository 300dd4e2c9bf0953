"""Why a proposal is not funded that no others keep out: it asks for too much, or is worth nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.figures import told_from
from portfolio.optimize.instance import Instance
from portfolio.optimize.room import room_in_words
from portfolio.policy import Policy


def told_alone(instance: Instance, policy: Policy) -> Iterator[tuple[int, str]]:
    """Yield the eligible proposals that ask for too much or are worth nothing by themselves, and that in words."""
    objective = policy.objective
    # Where criteria are looked at one after the other, the first decides whether a proposal is worth anything.
    value = instance.criteria[0] if len(instance.criteria) else instance.value
    at_zero = instance.open & (instance.merit == objective.zero) & (not objective.criterion)
    asks_nothing = instance.open & (instance.amount == 0) & (objective.exponent > 0)
    for row in np.flatnonzero(instance.eligible & (~instance.open | at_zero | asks_nothing)).tolist():
        if at_zero[row]:
            yield row, f"merit {objective.zero:.15g} is just where a proposal is worth nothing by itself"
        elif asks_nothing[row]:
            yield row, "value grows with the request, and it asks for nothing: by itself it is worth nothing"
        elif instance.payable[row] or value[row] < 0:
            yield row, f"{_below_zero(instance, policy, row)}, at which a proposal is worth nothing"
        else:
            yield row, f"it {too_large(instance, policy, row)}"


def _below_zero(instance: Instance, policy: Policy, row: int) -> str:
    objective = policy.objective
    if len(instance.criteria):
        return f"{objective.criterion[0].column} is below its zero"
    if objective.criterion:
        return "its criteria add up to less than zero"
    merit = told_from(float(instance.merit[row]), objective.zero)
    return f"merit {merit} is below {objective.zero:.15g}"


def too_large(instance: Instance, policy: Policy, row: int) -> str:
    """Say which money a proposal asks too much of: with budgets by year, that of the first year."""
    year = int(instance.unpayable[row].argmax())
    one = len(instance.budgets) == 1
    there_is = room_in_words(policy, promised=instance.committed[year] > 0, year=None if one else year)
    return f"asks for more {'' if one else f'in year {year + 1} '}than {there_is}"
