"""From an instance and a policy to a model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Rows
from portfolio.optimize.model import Model
from portfolio.optimize.rows.budgets import budget_rows, refined
from portfolio.optimize.rows.coverage import coverage_rows
from portfolio.optimize.rows.layout import Columns, Layout
from portfolio.optimize.rows.limits import limit_rows
from portfolio.optimize.rows.links import link_rows
from portfolio.optimize.rows.pool import pool_rows
from portfolio.optimize.rows.reductions import reduction_rows
from portfolio.optimize.rows.reserves import reserve_rows
from portfolio.optimize.rows.stable import stable_rows
from portfolio.optimize.vectors import Floats, Integers
from portfolio.policy import Policy


def compile_model(instance: Instance, policy: Policy, breaks: Sequence[Floats] = ()) -> Model:
    """Write the decision problem as a linear model; it knows nothing of solvers.

    Under ``reserve_order = "over_and_above"`` the reserves are not rows but rounds, see `rounds`.

    Parameters
    ----------
    breaks
        Where the deviation of spending is to be exact, see `budget_rows`.
    """
    layout = _layout(instance)
    guaranteed = policy.reserve_order == "minimum_guarantee"
    reserves = tuple(reserve_rows(layout, policy)) if guaranteed else ()
    rules = (
        *reserves,
        *stable_rows(layout, policy),
        *pool_rows(layout, policy),
        *limit_rows(layout, policy),
        *coverage_rows(layout, policy),
        *link_rows(layout, policy),
        *reduction_rows(layout),
    )
    lines = layout.columns.count
    # Last, since they may be written again with more columns, see `closer`.
    blocks = (*budget_rows(layout, policy, breaks), *rules)
    further, size = layout.columns, layout.size
    value = np.concatenate([valued(layout, instance.value), *further.value])
    high = np.concatenate([np.ones(further.first), *further.high])
    low = np.zeros(len(value))
    whole = instance.sizes.whole[layout.reduced]
    low[_columns(layout, policy.must_fund)] = 1.0
    high[_columns(layout, policy.must_not_fund)] = 0.0
    # What cannot be chosen is worth nothing, so that it does not blur the solver's numbers.
    value = np.where(high > 0, value, 0.0)
    return Model(
        value,
        low,
        high,
        np.concatenate([np.ones(size, dtype=bool), whole, *further.integer]),
        layout.proposals,
        layout.owner,
        instance.sizes.money[layout.reduced],
        Rows.of(blocks),
        further.shortfalls,
        tuple(further.giving),
        further.chances,
        tuple(further.breaks),
        lines,
        layout.unit,
    )


def closer(instance: Instance, policy: Policy, model: Model, awards: Awards) -> Model | None:
    """Return a model that is exact where awards show that curves were taken for straight lines; None if it is.

    The objective, and the rows that were added to the model since it was compiled, are kept.
    """
    breaks = refined(instance, policy, model, awards)
    if breaks is None:
        return None
    again = compile_model(instance, policy, breaks)
    value = np.concatenate([model.value[: model.lines], again.value[model.lines :]])
    low = np.concatenate([model.low[: model.lines], again.low[model.lines :]])
    return again.bound(low=low).aim(value).add(*model.blocks[len(again.blocks) :])


def valued(layout: Layout, value: Floats) -> Floats:
    """Return what each proposal column and each reduction adds to a sum of (n,) values of whole requests."""
    sizes, instance = layout.instance.sizes, layout.instance
    at_top = value if sizes.whole_only else value * sizes.shares(instance.amount, sizes.top)
    lost = -sizes.share[layout.reduced] * value[layout.proposals[layout.owner]]
    return np.concatenate([at_top[layout.proposals], lost])


def objective(instance: Instance, model: Model, value: Floats) -> Floats:
    """Return the objective that adds up (n,) values of whole requests, for the columns of a model."""
    made = valued(_layout(instance), value)
    return np.concatenate([made, np.zeros(len(model.value) - len(made))])


def _layout(instance: Instance) -> Layout:
    proposals = np.flatnonzero(instance.open)
    column = np.full(len(instance.ids), -1, dtype=np.int64)
    column[proposals] = np.arange(len(proposals))
    reduced = np.flatnonzero(column[instance.sizes.owner] >= 0)
    owner = column[instance.sizes.owner[reduced]]
    columns = Columns(len(proposals) + len(owner))
    return Layout(instance, proposals, column, reduced, owner, _unit(instance, proposals), columns)


def _unit(instance: Instance, proposals: Integers) -> int:
    """Return the power of ten of minor units that brings the largest award to between 100 and 1,000.

    Solvers hold rows to an absolute tolerance of about 1e-6; in these units that is less than a cent for ordinary
    grants, and coefficients stay within the range in which solvers are accurate.
    """
    largest = int(instance.sizes.top[proposals].max(initial=1))
    return int(10 ** max(0, math.floor(math.log10(max(largest, 1))) - 2))


def _columns(layout: Layout, names: tuple[str, ...]) -> list[int]:
    columns = (int(layout.column[layout.instance.position[name]]) for name in names)
    return [column for column in columns if column >= 0]
