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
from portfolio.optimize.matrix import Block
from portfolio.optimize.rows.gaps import demands, large_groups
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
    gap
        Whether `size` is a distance from the success rate of the whole call, in awards or money, see `gaps`.
    """

    floor: bool
    of: str
    size: Fraction
    words: str
    gap: bool = False


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
    if limit.max_gap is not None:
        yield from _gaps(limit, limit.max_gap)


def _gaps(limit: Limit, gap: float) -> Iterator[Bound]:
    rate = {"awards": "a success rate", "money": "a share of the money it asks for that is"}[limit.gap_of]
    for floor, side in ((True, "below"), (False, "above")):
        if floor or limit.gap_side == "both":
            words = f"{rate} at most {100 * gap:g} points {side} that of the whole call"
            yield Bound(floor, limit.gap_of, exact(gap), words, gap=True)


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
    """Return the groups of a limit and the words for one of them; for a gap those that are large enough."""
    of, words = _groups(instance, index, limit)
    return (of if limit.max_gap is None else large_groups(instance, limit, of)), words


def _groups(instance: Instance, index: int, limit: Limit) -> tuple[Groups, str]:
    # Of what, the bound says.
    verb = "gets" if limit.of is None else "has"
    if limit.per is not None:
        return instance.groups(limit.per), f"{limit.per} {{name}} {verb}"
    if limit.where is not None:
        mask = instance.where[index]
    elif limit.trait is not None:
        mask = instance.traits[limit.trait]
    else:
        mask = np.ones(len(instance.ids), dtype=bool)
    member = np.flatnonzero(mask)
    if limit.where is not None:
        verb = "get" if limit.of is None else "have"
    return Groups([group_name(limit)], member, np.zeros(len(member), dtype=np.int64)), f"{{name}} {verb}"


def group_name(limit: Limit) -> str:
    """Return the words for the only group of a limit that is not one for each value of a column."""
    if limit.where is not None:
        everyone = limit.where.strip().upper() == "TRUE"
        return "all proposals" if everyone else f"proposals with {limit.where}"
    return limit.trait or "the portfolio"


def limit_size(instance: Instance, bound: Bound) -> float:
    """Return of what a miss is looked at as a share when rules give way, in the unit in which it is counted."""
    if bound.gap:
        return 1.0 if bound.of == "awards" else money_size(instance, 0)
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
    if bound.gap:
        return _gap_rows(layout, rule, words, of, bound)
    match bound.of:
        case "spent":
            shares = np.full(len(of.names), float(bound.size))
            return _against_all(layout, rule, words, of, bound, shares, np.zeros(len(of.names)))
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


def _gap_rows(layout: Layout, rule: str, words: str, of: Groups, bound: Bound) -> Block:
    """Build ``sum over G of y_i - (D_g / D) x sum of y_i`` against the gap times D_g."""
    money = bound.of == "money"
    demand, whole = demands(layout.instance, of, money=money)
    shares = np.array([asked / max(1, whole) for asked in demand])
    apart = [bound.size * asked for asked in demand]
    ends = np.array([layout.money(gap) if money else float(gap) for gap in apart])
    return _against_all(layout, rule, words, of, bound, shares, -ends if bound.floor else ends)


def _against_all(
    layout: Layout, rule: str, words: str, of: Groups, bound: Bound, shares: Floats, ends: Floats
) -> Block:
    """Build ``sum over G of y_i - share_G x sum of y_i`` against an end; every row holds every proposal.

    y_i is the money awarded, or for a gap in awards 1 for an award.
    """
    inside = np.zeros((len(of.names), len(layout.column)), dtype=bool)
    inside[of.group, of.member] = True
    weight = inside[:, layout.proposals] - shares[:, None]
    row, column = np.nonzero(weight)
    data = weight[row, column]
    entries = (row, column, data) if bound.of == "awards" else layout.awarded(row, column, data)
    none = np.full(len(of.names), np.inf)
    low, high = (ends, none) if bound.floor else (-none, ends)
    return Block((rule,), words, of.names, *entries, low, high)
