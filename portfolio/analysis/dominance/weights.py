"""Incomplete weights: a polytope of all weights that agree with what is known, and its extreme points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, product

import numpy as np

from portfolio.optimize.vectors import Floats

# More criteria have thousands of extreme points, each of which is a program of its own.
MOST_CRITERIA = 8

Point = tuple[Fraction, ...]


def extreme_points(
    low: Sequence[Fraction],
    high: Sequence[Fraction],
    total: Fraction,
    orders: Sequence[tuple[int, int]] = (),
) -> tuple[Point, ...]:
    """Return the extreme points of ``low <= w <= high, sum of w = total, w[a] >= w[b]``, in exact fractions.

    A value that is linear in the weights is positive somewhere in the polytope if and only if it is at one of
    them.

    Parameters
    ----------
    low, high
        (m,) bounds of each weight.
    orders
        Pairs (a, b): the weight of a is at least that of b.

    Returns
    -------
    points
        Sorted; none if no weights agree with all that is said.

    Notes
    -----
    Those of the bounds alone have at most one weight between its bounds. Every order then cuts the polytope,
    and new points lie where it cuts the line between a point on either side (double description, Motzkin,
    Raiffa, Thompson & Thrall 1953); points that the constraints which hold with equality do not determine are
    left out.
    """
    m = len(low)
    points: set[Point] = set()
    for free in range(m):
        others = [(low[c], high[c]) if c != free else (None,) for c in range(m)]
        for corner in product(*others):
            rest = total - sum((w for w in corner if w is not None), Fraction(0))
            if low[free] <= rest <= high[free]:
                points.add(tuple(rest if w is None else w for w in corner))
    for count, (a, b) in enumerate(orders, start=1):
        points = _cut(points, a, b)
        points = {one for one in points if _determined(one, low, high, orders[:count])}
    return tuple(sorted(points))


def _cut(points: set[Point], a: int, b: int) -> set[Point]:
    side = {one: one[a] - one[b] for one in points}
    kept = {one for one, ahead in side.items() if ahead >= 0}
    for one in (one for one in kept if side[one] > 0):
        for other in points - kept:
            part = side[one] / (side[one] - side[other])
            kept = kept | {tuple(p + part * (q - p) for p, q in zip(one, other, strict=True))}
    return kept


def _determined(
    point: Point, low: Sequence[Fraction], high: Sequence[Fraction], orders: Sequence[tuple[int, int]]
) -> bool:
    """Tell whether the constraints that hold with equality leave only this point."""
    m = len(point)
    rows = [np.ones(m)]
    rows += [np.eye(m)[c] for c in range(m) if point[c] in (low[c], high[c])]
    rows += [np.eye(m)[a] - np.eye(m)[b] for a, b in orders if point[a] == point[b]]
    return int(np.linalg.matrix_rank(np.array(rows))) == m


def as_array(points: Sequence[Point]) -> Floats:
    """Return (points, m) weights as floats."""
    return np.array([[float(w) for w in point] for point in points])


def ordered(orders: Sequence[Sequence[str]], position: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the pairs that follow each other in lists of criteria, the most important first."""
    return [(position[a], position[b]) for names in orders for a, b in pairwise(names)]
