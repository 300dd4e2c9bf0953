"""Dominance between portfolios, as arithmetic on arrays.

A portfolio is a row of n booleans. What one gains on another is largest where the scores of the proposals that only
the one has are greatest, and of those that only the other has least; what both have cancels. Weights are not
negative, so this holds for all weights at once, and the gain is linear in them: it is enough to look at the extreme
points (Liesio, Mild & Salo 2007, section 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.analysis.dominance.information import Intervals
from portfolio.optimize.vectors import Bools, Floats

# Pairs of portfolios that are compared at a time, so that memory stays within tens of megabytes.
_PAIRS = 2_000_000


def gain_over(known: Intervals, over: Bools) -> tuple[Floats, Floats]:
    """Return the gain on a portfolio as a linear function of the other one.

    Returns
    -------
    coefficients
        (K, n) the greatest value of who is not in it, the least of who is.
    constant
        (K,) what the portfolio itself is worth then: the gain is ``coefficients @ x - constant``.
    """
    coefficients = np.where(over, known.low, known.high)
    return coefficients, known.low @ over


def loss_to(known: Intervals, loser: Bools) -> tuple[Floats, Floats]:
    """Return what a portfolio gains at most on another, as a linear function of the other one.

    Returns
    -------
    coefficients, constant
        (K, n) and (K,): the gain of `loser` on x is ``constant - coefficients @ x``.
    """
    return np.where(loser, known.high, known.low), known.high @ loser


def dominates(known: Intervals, one: Bools, others: Bools) -> Bools:
    """Return (N,) which of (N, n) portfolios one portfolio dominates.

    It is worth at least as much for all scores and weights, and more for some. Where it is worth at least as much
    everywhere it is worth more somewhere if and only if it is at a point inside the domain, such as the centre.
    """
    coefficients, constant = gain_over(known, one)
    never_less = np.all(others @ coefficients.T - constant <= known.rounding, axis=1)
    more = (one.astype(float) - others) @ known.central > known.rounding
    found: Bools = never_less & more
    return found


def non_dominated(known: Intervals, portfolios: Bools) -> Bools:
    """Return (N,) which of (N, n) portfolios no other one dominates.

    A portfolio that dominates another is worth more at the centre. So they are looked at from the most valuable
    on, in chunks, and each has to be compared with those that are left of the ones before it alone.
    """
    order = np.argsort(-(portfolios @ known.central), kind="stable")
    kept = np.zeros((0, portfolios.shape[1]), dtype=bool)
    alive = np.zeros(len(portfolios), dtype=bool)
    for chunk in _chunks(len(portfolios)):
        places = order[chunk]
        places = places[~_dominated(known, portfolios[places], kept)]
        places = places[~_dominated(known, portfolios[places], portfolios[places])]
        alive[places] = True
        kept = np.concatenate([kept, portfolios[places]])
    return alive


def _chunks(count: int) -> Iterator[slice]:
    step = 512
    yield from (slice(start, start + step) for start in range(0, count, step))


def _dominated(known: Intervals, some: Bools, by: Bools) -> Bools:
    """Return (N,) which of some portfolios at least one of others dominates."""
    found = np.zeros(len(some), dtype=bool)
    step = max(1, _PAIRS // max(1, len(some)))
    for start in range(0, len(by), step):
        part = by[start : start + step].astype(float)
        left = np.flatnonzero(~found)
        rows = some[left].astype(float)
        central = (rows @ known.central)[:, None] < (part @ known.central) - known.rounding
        for low, high in zip(known.low, known.high, strict=True):
            # Gain of each row on each column: what both have cancels.
            gain = (rows @ high)[:, None] - part @ low - (rows * (high - low)) @ part.T
            central &= gain <= known.rounding
        found[left] = central.any(axis=1)
    return found
