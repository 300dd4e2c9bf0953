"""Budgets: one total or one per year, with commitments, money carried on, overspending and over-commitment."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Model
from portfolio.optimize.overcommit import Spending
from portfolio.optimize.rows.layout import Layout, give_way, money_softness
from portfolio.optimize.vectors import Floats, Integers
from portfolio.policy import Policy

# Points between which the deviation of spending is taken for a straight line, and the factor between two of them.
_POINTS, _FACTOR = 40, 1.3
# Where a solution stands, so many points on either side of it, closer together.
_AROUND, _CLOSE = 20, 1.01
Entries = tuple[Integers, Floats]
_NOTHING: Entries = (np.zeros(0, dtype=np.int64), np.zeros(0))


def budget_rows(layout: Layout, policy: Policy, breaks: Sequence[Floats] = ()) -> Iterator[Block]:
    """Yield ``sum of c_iy a_i / c_i + w_y <= B_y - committed_y + w_(y-1) + e_y`` for each year y.

    w_y is the money that year y leaves to the next, e_y the money that is spent beyond its budget, where it may be.
    Money that a reserve with ``shortfall = "hold"`` could not place is not spent: its shortfall counts as spent.

    Parameters
    ----------
    breaks
        Per year, where the deviation of spending is to be exact (sums of squares, in the model's money).
    """
    instance = layout.instance
    holding = {reserve.key for reserve in policy.reserve if reserve.shortfall == "hold"}
    names = [column for key, column in layout.columns.shortfalls.items() if key in holding]
    held: Entries = (np.array(names, dtype=np.int64), np.ones(len(names)))
    years = len(instance.budgets)
    carried = [_carry(layout) for _ in range(years - 1)] if instance.carry else []
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        also = [held] if years == 1 else []
        if carried:
            also += [(carried[year - 1], -np.ones(1))] if year else []
            also += [(carried[year], np.ones(1))] if year < years - 1 else []
        of = "" if years == 1 else f" of year {year + 1}"
        less = f", of which {instance.money(committed)} are promised already" if committed else ""
        more = instance.beyond[year]
        also_more = f", and at most {instance.money(int(more))} beyond it" if 0 < more < math.inf else ""
        words = f"the budget{of} is {instance.money(budget)}{less}{also_more}"
        points = breaks[year] if breaks else None
        yield from _year(layout, policy, year, words, also, points)
    # Where more may be promised than there is, only money that is really held is kept from it; the audit sees to that.
    if years > 1 and names and policy.overcommit is None:
        words = f"the budget of all years is {instance.money(instance.budget)}, less what reserves hold"
        everyone = np.arange(layout.size)
        yield layout.one_row(
            ("budget",), words, everyone, np.ones(layout.size), high=layout.money(instance.budget), also=held
        )


def year_name(instance: Instance, year: int) -> str:
    """Return the name of a year in messages and results; empty if there is only a total budget."""
    return "" if len(instance.budgets) == 1 else f"year {year + 1}"


def shares_of_year(instance: Instance, year: int) -> Floats:
    """Return (n,) the share of each request that falls into a year."""
    amount = instance.amount
    return np.divide(instance.by_year[:, year], amount, out=np.zeros(len(amount)), where=amount > 0)


def _carry(layout: Layout) -> Integers:
    return layout.columns.add(1, high=layout.money(layout.instance.carry))


def _year(
    layout: Layout, policy: Policy, year: int, words: str, also: list[Entries], breaks: Floats | None
) -> Iterator[Block]:
    instance = layout.instance
    weight = shares_of_year(instance, year)[layout.proposals]
    left = instance.budgets[year] - instance.committed[year]
    if policy.overcommit is not None:
        spending = Spending.of(policy.overcommit)
        deviation, rows = _deviation(layout, weight, spending, breaks)
        yield from rows
        also, weight = [*also, deviation], spending.mean * weight
    columns, data = (np.concatenate(part) for part in zip(_NOTHING, *also, strict=True))
    block = layout.one_row(
        ("budget",),
        words,
        np.arange(layout.size),
        weight,
        high=layout.money(left),
        also=(columns, data),
        name=year_name(instance, year),
    )
    if policy.overspend is not None:
        more = instance.beyond[year]
        at_most = math.inf if math.isinf(more) else layout.money(int(more))
        block = give_way(layout, block, money_softness(layout, policy.overspend, left), at_most=at_most)
    yield block


def _deviation(
    layout: Layout, share: Floats, spending: Spending, breaks: Floats | None
) -> tuple[Entries, list[Block]]:
    """Write z sqrt(v s), s the sum of squared awards, as the smallest of lines through neighbouring points of it.

    The root is concave, so the line between two points lies below it between them and above it elsewhere; one of the
    lines is chosen by a 0/1 column. What is promised is therefore never taken for riskier than it is.

    Returns
    -------
    entries, rows
        Columns that add the deviation to a row, and the rows that tie them to the awards.
    """
    squares, matrix = _squares(layout, share)
    # Sums of squares are counted in the largest of them.
    scale = float(squares.max(initial=0.0)) or 1.0
    squares, most = squares / scale, float(np.sum(squares[: layout.size])) / scale or 1.0
    known = breaks if breaks is not None else scale * most * _FACTOR ** np.arange(-_POINTS, 1.0)
    layout.columns.breaks.append(known)
    points = known / scale
    points = np.unique(np.concatenate([[0.0], points[points < most], [most]]))
    low, high = points[:-1], points[1:]
    factor = spending.deviation * np.sqrt(scale)
    slope = factor * (np.sqrt(high) - np.sqrt(low)) / (high - low)
    start = factor * np.sqrt(low) - slope * low
    picks = layout.columns.add(len(low), integer=True)
    sums = layout.columns.add(len(low), high=high)
    count = len(low)
    one = np.zeros(count, dtype=np.int64)
    nothing = np.full(count, -np.inf)
    single = Block(
        (), "one line is chosen", ("",), one, picks, np.ones(count), np.ones(1), np.full(1, np.inf)
    )
    rows = np.arange(count)
    within = Block(
        (),
        "only the chosen line counts",
        [""] * count,
        np.tile(rows, 2),
        np.concatenate([sums, picks]),
        np.concatenate([np.ones(count), -high]),
        nothing,
        np.zeros(count),
    )
    columns = np.concatenate([matrix, sums])
    data = np.concatenate([squares, -np.ones(count)])
    tied = Block(
        (),
        "the squares of all awards are counted",
        ("",),
        np.zeros(len(columns), dtype=np.int64),
        columns,
        data,
        np.full(1, -np.inf),
        np.zeros(1),
    )
    return (np.concatenate([picks, sums]), np.concatenate([start, slope])), [single, within, tied]


def _squares(layout: Layout, share: Floats) -> tuple[Floats, Integers]:
    """Return what each column adds to the sum of squared awards: c^2, and (c - r)^2 - c^2 for a level below it."""
    top = share * layout.amounts
    less = share[layout.owner] * layout.instance.sizes.money[layout.reduced] / layout.unit
    full = top[layout.owner]
    squares = np.concatenate([top**2, (full - less) ** 2 - full**2])
    return squares, np.arange(len(squares))


def refined(instance: Instance, policy: Policy, model: Model, awards: Awards) -> tuple[Floats, ...] | None:
    """Return points that make the deviation exact for awards that need more than a budget; None if none do."""
    if policy.overcommit is None:
        return None
    spending, found, closer = Spending.of(policy.overcommit), [], False
    for year, budget in enumerate(instance.budgets):
        amounts = awards_in_year(instance, awards, year)
        known = model.breaks[year]
        at = float(np.square(amounts / model.unit).sum())
        new = at > 0 and np.abs(known - at).min(initial=np.inf) > 1e-12 * at
        if new and spending.load(amounts) > budget - instance.committed[year]:
            closer, known = True, np.union1d(known, at * _CLOSE ** np.arange(-_AROUND, _AROUND + 1.0))
        found.append(known)
    return tuple(found) if closer else None
