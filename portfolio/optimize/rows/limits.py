"""Limits: floors and caps on money and awards, for a condition or for each value of a column; and coverage."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.call.money import to_minor
from portfolio.optimize.instance import Instance
from portfolio.optimize.model import Block
from portfolio.optimize.rows.layout import Groups, Layout, groups, rows_per_group
from portfolio.policy import Limit, Policy
from portfolio.policy.rules import exact


@dataclass(frozen=True)
class Bound:
    """One bound of a limit: at least or at most so much money, a share of the money awarded, or so many awards.

    Attributes
    ----------
    floor
        Whether it is a floor; otherwise it is a cap.
    of
        Whether `size` counts minor units, awards, or is a share of the money awarded.
    """

    floor: bool
    of: str
    size: Fraction
    words: str


def bounds(instance: Instance, limit: Limit) -> Iterator[Bound]:
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
        if amount is not None:
            size = Fraction(to_minor(amount, instance.currency))
            yield Bound(floor, "money", size, f"{words} {instance.money(int(size))}")
        if awards is not None:
            noun = "award" if awards == 1 else "awards"
            yield Bound(floor, "awards", Fraction(awards), f"{words} {awards} {noun}")


def limit_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield ``sum over a group of (c_i or 1) x_i`` between its bounds, for every limit."""
    for index, limit in enumerate(policy.limit):
        of, label = limit_groups(layout.instance, index, limit)
        for bound in bounds(layout.instance, limit):
            yield _bound_rows(layout, limit_key(index), f"{label} {bound.words}", of, bound)


def limit_key(index: int) -> str:
    """Return the name of a limit in messages and results, counted from 1."""
    return f"limit[{index + 1}]"


def limit_groups(instance: Instance, index: int, limit: Limit) -> tuple[Groups, str]:
    """Return the groups of a limit and the words for one of them."""
    if limit.per is not None:
        return groups(instance.table, limit.per), f"{limit.per} {{name}} gets"
    member = np.flatnonzero(instance.where[index])
    return Groups(
        [str(limit.where)], member, np.zeros(len(member), dtype=np.int64)
    ), "proposals with {name} get"


def _bound_rows(layout: Layout, rule: str, words: str, of: Groups, bound: Bound) -> Block:
    if bound.of == "spent":
        return _share_of_spent(layout, rule, words, of, bound)
    if bound.of == "money":
        coefficient = layout.amounts
        size = layout.money(math.ceil(bound.size) if bound.floor else math.floor(bound.size))
    else:
        coefficient, size = np.ones(len(layout.proposals)), float(bound.size)
    if bound.floor:
        return rows_per_group(layout, rule, words, of, coefficient, low=size)
    return rows_per_group(layout, rule, words, of, coefficient, high=size)


def _share_of_spent(layout: Layout, rule: str, words: str, of: Groups, bound: Bound) -> Block:
    """Build ``sum over G of c_i x_i - share x sum of c_i x_i`` against 0; every row holds every proposal."""
    inside = np.zeros((len(of.names), len(layout.column)), dtype=bool)
    inside[of.group, of.member] = True
    data = (inside[:, layout.proposals] - float(bound.size)) * layout.amounts
    row, column = np.nonzero(data)
    zero, none = np.zeros(len(of.names)), np.full(len(of.names), np.inf)
    low, high = (zero, none) if bound.floor else (-none, zero)
    return Block((rule,), words, of.names, row, column, data[row, column], low, high)


def coverage_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield ``number of awards with a tag >= min_awards`` for every tag of every coverage rule."""
    for index, coverage in enumerate(policy.coverage):
        of = groups(layout.instance.table, coverage.per)
        noun = "award" if coverage.least == 1 else "awards"
        words = f"{coverage.per} {{name}} gets at least {coverage.least} {noun}"
        ones = np.ones(len(layout.proposals))
        yield rows_per_group(layout, f"coverage[{index + 1}]", words, of, ones, low=coverage.least)


__all__ = ["Bound", "bounds", "coverage_rows", "limit_groups", "limit_key", "limit_rows"]
