"""The exploratory pool: an own line of the budget for small grants."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from portfolio.call.money import to_minor
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block
from portfolio.optimize.rows.layout import Layout
from portfolio.policy import Exploratory, Policy
from portfolio.policy.rules import exact


def pool_money(instance: Instance, pool: Exploratory) -> int:
    """Return the money of the pool in minor units; a share of the budget is rounded down."""
    if pool.amount is not None:
        return to_minor(pool.amount, instance.currency)
    return math.floor(exact(pool.share or 0.0) * instance.budget)


def pool_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield that the pool's awards fit into it and, if what it leaves is held, that the others fit into the rest."""
    pool, instance = policy.exploratory, layout.instance
    if pool is None:
        return
    money = pool_money(instance, pool)
    inside, outside = layout.among(instance.pool), layout.among(~instance.pool)
    words = f"the exploratory pool is {instance.money(money)}"
    yield layout.one_row(("exploratory",), words, inside, np.ones(len(inside)), high=layout.money(money))
    if pool.left == "hold":
        rest = max(0, instance.budget - money)
        words = f"the budget without the exploratory pool is {instance.money(rest)}"
        yield layout.one_row(("exploratory",), words, outside, np.ones(len(outside)), high=layout.money(rest))
