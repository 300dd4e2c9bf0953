"""The last word on a small choice: every portfolio that could be better is listed and added up exactly.

Branch and cut holds rows and whole numbers to a tolerance. Where rules are tight to the cent it can let a cent too much
through, which the audit sees and cuts off; it can also take a portfolio that is a cent within a rule for one outside
it, and then its claim of the best is false. Where few decisions are open, that claim is not needed. Proposals are
decided one after the other (implicit enumeration, Balas 1965), and a partial decision is given up only where the
Lagrangian bound on its value (Nemhauser & Wolsey 1988, II.3.6) or a row says, by much more than rounding, that it leads
nowhere. Whatever is left is valued and audited in whole minor units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.lagrangian import allowed
from portfolio.optimize.model import Arrays, Model
from portfolio.optimize.vectors import Bools, Floats

# How many decisions may be open, how many partial ones stand at once (times the rows), and how many whole ones.
_OPEN, _WIDEST, _LEAVES = 40, 400_000, 1_000
# Calls of more numbers than this have more open decisions than can be listed.
_LARGE = 500_000
# What misses a row or a bound by no more than this part of the numbers in it may do so by rounding.
_ROUNDING = 1e-9

Measure = Callable[[Awards], float | Fraction]
Kept = Callable[[Awards], bool]


@dataclass(frozen=True)
class Listed:
    """All portfolios that could be better were looked at.

    Attributes
    ----------
    awards
        The best of those that are better; None if none is.
    """

    awards: Awards | None


def listed(
    instance: Instance,
    model: Model,
    duals: Floats,
    target: float | Fraction,
    measure: Measure,
    kept: Kept,
) -> Listed | None:
    """Find the best awards that are worth more than a target; None where there is too much to look at.

    Parameters
    ----------
    duals
        (rows,) prices of the rows, from which the bounds come; any prices give true ones.
    target
        What awards must exceed.
    measure
        What awards are worth, from the policy and not from the model.
    kept
        Whether awards keep every rule, in integers.
    """
    if not model.integer[: model.decisions].all() or len(model.value) * len(duals) > _LARGE:
        return None
    found = _survivors(model.arrays, model.decisions, duals, float(target))
    if found is None:
        return None
    candidates = [model.awards(instance, x) for x in found]
    worth = [(measure(awards), awards) for awards in candidates]
    better = sorted((c for c in worth if c[0] > target), key=lambda c: c[0], reverse=True)
    return Listed(next((awards for _, awards in better if kept(awards)), None))


def _survivors(arrays: Arrays, decisions: int, duals: Floats, target: float) -> Floats | None:
    """Return (survivors, decisions) all that bounds and rows do not exclude; None if there are too many."""
    prices = allowed(arrays, duals)
    net = arrays.value - arrays.matrix.T @ prices
    if np.any((net > 0) & ~np.isfinite(arrays.high)):
        return None
    limit = np.where(prices > 0, arrays.row_high, arrays.row_low)
    fixed = float(np.multiply(prices, limit, out=np.zeros_like(prices), where=prices != 0).sum())
    gain = np.where(net > 0, net * np.where(net > 0, arrays.high, 0.0), net * arrays.low)
    bound = fixed + float(gain.sum())
    size = abs(fixed) + float(np.abs(gain).sum()) + abs(target)
    spare = bound - target + _ROUNDING * size
    free = arrays.low[:decisions] < arrays.high[:decisions]
    if int((free & (np.abs(net[:decisions]) <= spare)).sum()) > _OPEN:
        return None
    return _decided(arrays, decisions, net, spare)


def _decided(arrays: Arrays, decisions: int, net: Floats, spare: float) -> Floats | None:
    """Decide column after column, the surest first; a decision against the sign of its net value costs bound."""
    low, high, dense = arrays.low, arrays.high, arrays.matrix.toarray()
    slack = _ROUNDING * (np.abs(dense).sum(axis=1) + _finite(arrays.row_low) + _finite(arrays.row_high))
    least, most = _ranges(dense, low, high)
    # What is still possible in each row, one line for each partial decision, and the bound that it has cost.
    x, cost = np.zeros((1, decisions)), np.zeros(1)
    down, up = least.sum(axis=1)[None, :], most.sum(axis=1)[None, :]
    for column in np.argsort(-np.abs(net[:decisions]), kind="stable").tolist():
        best = max(net[column] * low[column], net[column] * high[column])
        parts = []
        for value in (low[column], high[column])[: 1 if low[column] == high[column] else 2]:
            added = dense[:, column] * value
            now = x, down + (added - least[:, column]), up + (added - most[:, column])
            spent = cost + (best - net[column] * value)
            alive = (spent <= spare) & _possible(arrays, *now[1:], slack)
            now[0][:, column] = value
            parts.append([part[alive] for part in (*now, spent)])
        x, down, up, cost = (np.concatenate(part) for part in zip(*parts, strict=True))
        if len(x) * max(1, len(slack)) > _WIDEST:
            return None
    return x if len(x) <= _LEAVES else None


def _possible(arrays: Arrays, least: Floats, most: Floats, slack: Floats) -> Bools:
    within: Bools = ((least <= arrays.row_high + slack) & (most >= arrays.row_low - slack)).all(axis=1)
    return within


def _ranges(dense: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the least and the most that each entry adds to its row."""
    with np.errstate(invalid="ignore"):
        ends = np.where(dense == 0, 0.0, dense * low), np.where(dense == 0, 0.0, dense * high)
    return np.minimum(*ends), np.maximum(*ends)


def _finite(limit: Floats) -> Floats:
    return np.where(np.isfinite(limit), np.abs(limit), 0.0)
