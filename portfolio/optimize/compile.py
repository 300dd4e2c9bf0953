"""From an instance and a policy to a model."""

from __future__ import annotations

import math

import numpy as np

from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Model
from portfolio.optimize.rows.budgets import budget_rows
from portfolio.optimize.rows.layout import Layout
from portfolio.optimize.rows.limits import coverage_rows, limit_rows
from portfolio.optimize.rows.links import link_rows
from portfolio.optimize.rows.reserves import required, reserve_rows
from portfolio.policy import Policy


def compile_model(instance: Instance, policy: Policy) -> Model:
    """Write the decision problem as a linear model; it knows nothing of solvers.

    Under ``reserve_order = "over_and_above"`` the reserves are not rows but rounds, see `rounds`.
    """
    layout = _layout(instance, policy)
    guaranteed = policy.reserve_order == "minimum_guarantee"
    blocks = (
        *budget_rows(layout, policy),
        *(reserve_rows(layout, policy) if guaranteed else ()),
        *limit_rows(layout, policy),
        *coverage_rows(layout, policy),
        *link_rows(layout, policy),
    )
    size, total = len(layout.proposals), layout.size
    value, low, high = np.zeros(total), np.zeros(total), np.ones(total)
    value[:size] = instance.value[layout.proposals]
    for index, column in layout.synergy.items():
        members = [instance.position[name] for name in policy.link[index].proposals or ()]
        # A synergy whose proposals cost more than the budget together can never count.
        together = sum(int(instance.amount[member]) for member in members) <= instance.budget
        value[column] = (policy.link[index].value or 0.0) if together else 0.0
    integer = np.ones(total, dtype=bool)
    for reserve in policy.reserve:
        if reserve.key in layout.shortfall:
            column = layout.shortfall[reserve.key]
            high[column], integer[column] = layout.money(required(instance, reserve, instance.budget)), False
    low[_columns(layout, policy.must_fund)] = 1.0
    high[_columns(layout, policy.must_not_fund)] = 0.0
    return Model(value, low, high, integer, layout.proposals, blocks, dict(layout.shortfall), layout.unit)


def _layout(instance: Instance, policy: Policy) -> Layout:
    proposals = np.flatnonzero(instance.open)
    column = np.full(len(instance.ids), -1, dtype=np.int64)
    column[proposals] = np.arange(len(proposals))
    soft = [r.key for r in policy.reserve if r.shortfall != "fail"]
    soft = soft if policy.reserve_order == "minimum_guarantee" else []
    linked = [index for index, link in enumerate(policy.link) if link.kind == "synergy"]
    first = len(proposals) + len(soft)
    return Layout(
        instance,
        proposals,
        column,
        shortfall={key: len(proposals) + offset for offset, key in enumerate(soft)},
        synergy={index: first + offset for offset, index in enumerate(linked)},
        unit=_unit(instance, proposals),
    )


def _unit(instance: Instance, proposals: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """Return the power of ten of minor units that brings the largest request to between 100 and 1,000.

    Solvers hold rows to an absolute tolerance of about 1e-6; in these units that is less than a cent for ordinary
    grants, and coefficients stay within the range in which solvers are accurate.
    """
    largest = int(instance.amount[proposals].max(initial=1))
    return int(10 ** max(0, math.floor(math.log10(max(largest, 1))) - 2))


def _columns(layout: Layout, names: tuple[str, ...]) -> list[int]:
    columns = (int(layout.column[layout.instance.position[name]]) for name in names)
    return [column for column in columns if column >= 0]
