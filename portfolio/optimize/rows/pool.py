"""The exploratory pool: an own line of the budget for small grants."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from portfolio.call.money import to_minor
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block
from portfolio.optimize.rows.layout import Layout, give_way, money_softness
from portfolio.optimize.vectors import Bools
from portfolio.policy import Exploratory, Policy
from portfolio.policy.rules import exact


def pool_money(instance: Instance, pool: Exploratory) -> int:
    """Return the money of the pool in minor units; a share of the budget is rounded down."""
    if pool.amount is not None:
        return to_minor(pool.amount, instance.currency)
    return math.floor(exact(pool.share or 0.0) * instance.budget)


def rest_money(instance: Instance, pool: Exploratory) -> int:
    """Return the money of the others if what the pool leaves is held, in minor units."""
    return max(0, instance.budget - pool_money(instance, pool))


def pool_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield that the pool's awards fit into it and, if what it leaves is held, that the others fit into the rest."""
    pool, instance = policy.exploratory, layout.instance
    if pool is None:
        return
    money = pool_money(instance, pool)
    yield _cap(layout, pool, instance.pool, money, "the exploratory pool is")
    if pool.left == "hold":
        rest = rest_money(instance, pool)
        yield _cap(layout, pool, ~instance.pool, rest, "the budget without the exploratory pool is")


def _cap(layout: Layout, pool: Exploratory, member: Bools, money: int, what: str) -> Block:
    words = f"{what} {layout.instance.money(money)}"
    columns, high = layout.among(member), layout.money(money)
    block = layout.one_row(("exploratory",), words, columns, np.ones(len(columns)), high=high)
    return give_way(layout, block, money_softness(layout, pool, money)) if pool.soft else block
