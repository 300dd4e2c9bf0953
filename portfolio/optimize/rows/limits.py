"""Limits: floors and caps on money and awards, for a condition or for each value of a column; and coverage."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.call.money import exponent, to_minor
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block
from portfolio.optimize.rows.layout import Layout, Softness, give_way, money_size, rows_per_group
from portfolio.optimize.vectors import Floats
from portfolio.policy import Limit, Policy
from portfolio.policy.rules import exact


@dataclass(frozen=True)
class Bound:
    """One bound of a limit: at least or at most so much money, so many awards, or so much of a column.

    Attributes
    ----------
    floor
        Whether it is a floor; otherwise it is a cap.
    of
        Whether `size` is in minor units (``money``), in ``awards``, a share of the money awarded (``spent``), or in
        the counts of a column (``column``), see `Instance.sums`.
    """

    floor: bool
    of: str
    size: Fraction
    words: str


def bounds(instance: Instance, index: int, limit: Limit) -> Iterator[Bound]:
    """Yield the bounds of a limit with exact sizes; shares of the budget become money."""
    for floor in (True, False):
        prefix, words = ("min", "at least") if floor else ("max", "at most")
        share = getattr(limit, f"{prefix}_share")
        amount = getattr(limit, f"{prefix}_amount")
        awards = getattr(limit, f"{prefix}_awards")
        if share is not None and limit.base == "spent":
            yield Bound(floor, "spent", exact(share), f"{words} {100 * share:g}% of the money awarded")
        elif share is not None:
            size = exact(share) * instance.budget
            money = instance.money(math.ceil(size) if floor else math.floor(size))
            yield Bound(floor, "money", size, f"{words} {100 * share:g}% of the budget ({money})")
        if amount is not None and limit.of is not None:
            size = Fraction(amount) * instance.sums[index].unit
            yield Bound(floor, "column", size, f"{words} {amount:,f} of {limit.of}")
        elif amount is not None:
            size = Fraction(to_minor(amount, instance.currency))
            yield Bound(floor, "money", size, f"{words} {instance.money(int(size))}")
        if awards is not None:
            noun = "award" if awards == 1 else "awards"
            yield Bound(floor, "awards", Fraction(awards), f"{words} {awards} {noun}")


def limit_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield ``sum over a group of (a_i, x_i or a column)`` between its bounds, for every limit."""
    for index, limit in enumerate(policy.limit):
        of, label = limit_groups(layout.instance, index, limit)
        for bound in bounds(layout.instance, index, limit):
            block = _bound_rows(layout, index, f"{label} {bound.words}", of, bound, soft=limit.soft)
            if limit.soft:
                block = give_way(layout, block, _softness(layout, index, limit, bound, len(block)))
            yield block


def limit_key(index: int) -> str:
    """Return the name of a limit in messages and results, counted from 1."""
    return f"limit[{index + 1}]"


def limit_groups(instance: Instance, index: int, limit: Limit) -> tuple[Groups, str]:
    """Return the groups of a limit and the words for one of them."""
    verb = f"has, of {limit.of}," if limit.of is not None else "gets"
    if limit.per is not None:
        return instance.groups(limit.per), f"{limit.per} {{name}} {verb}"
    if limit.where is not None:
        name, mask = f"proposals with {limit.where}", instance.where[index]
    elif limit.trait is not None:
        name, mask = limit.trait, instance.traits[limit.trait]
    else:
        name, mask = "the portfolio", np.ones(len(instance.ids), dtype=bool)
    member = np.flatnonzero(mask)
    verb = "get" if limit.where is not None and limit.of is None else verb
    return Groups([name], member, np.zeros(len(member), dtype=np.int64)), f"{{name}} {verb}"


def limit_size(instance: Instance, bound: Bound) -> float:
    """Return of what a miss is looked at as a share when rules give way, in the unit in which it is counted."""
    if bound.of in {"spent", "money"}:
        return money_size(instance, bound.size if bound.of == "money" else 0)
    return float(bound.size) or 1.0


def _softness(layout: Layout, index: int, limit: Limit, bound: Bound, rows: int) -> Softness:
    unit, per_unit = _units(layout, index, limit, bound)
    size = limit_size(layout.instance, bound) / unit
    return Softness((limit.price or 0.0) * per_unit, limit.priority, np.full(rows, size))


def _units(layout: Layout, index: int, limit: Limit, bound: Bound) -> tuple[float, float]:
    """Return how many counts one unit of a row is, and how many units that a price is for."""
    match bound.of:
        case "awards":
            return 1.0, 1.0
        case "column":
            column = layout.instance.sums[index]
            return column.scale, column.scale / column.unit
        case _:
            return float(layout.unit), layout.unit / 10 ** exponent(layout.instance.currency)


def _bound_rows(layout: Layout, index: int, words: str, of: Groups, bound: Bound, *, soft: bool) -> Block:
    rule = limit_key(index)
    coefficient: Floats | None = None
    match bound.of:
        case "spent":
            return _share_of_spent(layout, rule, words, of, bound)
        case "money":
            # Awards are whole coins, so the bound may be one too; but what is missed is counted exactly.
            whole = math.ceil(bound.size) if bound.floor else math.floor(bound.size)
            size = layout.money(bound.size if soft else whole)
        case "column":
            column = layout.instance.sums[index]
            coefficient, size = (
                column.cells[layout.proposals] / column.scale,
                float(bound.size) / column.scale,
            )
        case _:
            coefficient, size = np.ones(layout.size), float(bound.size)
    low, high = (size, np.inf) if bound.floor else (-np.inf, size)
    return rows_per_group(layout, rule, words, of, coefficient, low=low, high=high)


def _share_of_spent(layout: Layout, rule: str, words: str, of: Groups, bound: Bound) -> Block:
    """Build ``sum over G of a_i - share x sum of a_i`` against 0; every row holds every proposal."""
    inside = np.zeros((len(of.names), len(layout.column)), dtype=bool)
    inside[of.group, of.member] = True
    weight = inside[:, layout.proposals] - float(bound.size)
    row, column = np.nonzero(weight)
    entries = layout.awarded(row, column, weight[row, column])
    zero, none = np.zeros(len(of.names)), np.full(len(of.names), np.inf)
    low, high = (zero, none) if bound.floor else (-none, zero)
    return Block((rule,), words, of.names, *entries, low, high)
