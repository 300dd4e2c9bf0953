"""Budgets: one total, or one per year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.model import Block, one_row
from portfolio.optimize.rows.layout import Layout
from portfolio.policy import Policy


def budget_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield ``sum of c_iy x_i <= B_y`` for each year y.

    Money that a reserve with ``shortfall = "hold"`` could not place is not spent: its shortfall counts as spent.
    """
    instance = layout.instance
    holding = {reserve.key for reserve in policy.reserve if reserve.shortfall == "hold"}
    held = np.array([column for key, column in layout.shortfall.items() if key in holding], dtype=np.int64)
    columns = np.arange(len(layout.proposals))
    years = len(instance.budgets)
    for year, budget in enumerate(instance.budgets):
        costs = instance.by_year[layout.proposals, year] / layout.unit
        of = "" if years == 1 else f" of year {year + 1}"
        words = f"the budget{of} is {instance.money(budget)}"
        extra = held if years == 1 else held[:0]
        yield one_row(
            ("budget",),
            words,
            np.concatenate([columns, extra]),
            np.concatenate([costs, np.ones(len(extra))]),
            high=layout.money(budget),
        )
    if years > 1 and len(held):
        words = f"the budget of all years is {instance.money(instance.budget)}, less what reserves hold"
        data = np.concatenate([layout.amounts, np.ones(len(held))])
        yield one_row(
            ("budget",), words, np.concatenate([columns, held]), data, high=layout.money(instance.budget)
        )
