"""The knapsack of a single rule, by a dynamic program over money in whole units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portfolio.optimize.vectors import Floats, Integers

# Money is cut into at most so many units; where that is too coarse, costs are rounded down, which lets more through.
_UNITS = 6_000
_DECIMALS = 6


@dataclass(frozen=True)
class Knapsack:
    """All 0/1 vectors x with ``costs @ x <= limit``, in whole units of money.

    With rounded costs it holds every vector of the true knapsack and perhaps a few more, so that what is valid for it
    is valid for the true one.
    """

    costs: Integers
    limit: int

    def lift(self, worth: Floats, x: Floats) -> tuple[Floats, float]:
        """Return w and W with ``w @ z <= W`` for all z of the knapsack, at least as violated at x as `worth` is.

        With M1 and M0 the most that w @ z can be with and without item j, w_j rises by M0 - M1 if that is positive;
        if it is negative, w_j and W fall by it. Both keep the row valid and cut off at least as much of x in [0, 1].
        Items are taken in an order in which those that are fractional in x come last to be added to the tables and
        first to be lifted.
        """
        fits = np.flatnonzero(self.costs <= self.limit)
        order = fits[np.argsort(np.abs(x[fits] - 0.5), kind="stable")]
        costs, lifted = self.costs[order].tolist(), worth[order].copy()
        tables = self._tables(costs, lifted)
        head = np.zeros(self.limit + 1)
        for index, cost in enumerate(costs):
            tail = tables[index + 1]
            without = float((head + tail[::-1]).max())
            room = self.limit - cost
            rest = float((head[: room + 1] + tail[room::-1]).max())
            # With w_j = without - rest the row is tight both with and without item j.
            lifted[index] = without - rest
            head = _with(head, cost, lifted[index])
        result = np.zeros(len(worth))
        result[order] = lifted
        # An item that never fits is 0 in every solution; a coefficient that no other item outweighs says so.
        never = self.costs > self.limit
        result[never] = float(np.abs(lifted).max(initial=0.0))
        return result, float(head[-1])

    def _tables(self, costs: list[int], worth: Floats) -> Floats:
        """Return (items + 1, units + 1): the most that the items from j on are worth within so much money."""
        tables = np.zeros((len(costs) + 1, self.limit + 1))
        for index in range(len(costs) - 1, -1, -1):
            tables[index] = _with(tables[index + 1], costs[index], float(worth[index]))
        return tables


def knapsack(data: Floats, limit: float) -> Knapsack:
    """Cut a row ``data @ x <= limit`` with positive entries into whole units of money."""
    unit = max(_grain(data), limit / _UNITS)
    # What a division leaves over is rounding; it must not turn 3.0 into 2.
    whole = np.floor(data / unit + 1e-9).astype(np.int64)
    return Knapsack(whole, int(np.floor(limit / unit + 1e-9)))


def _grain(data: Floats) -> float:
    """Return the largest unit in which all entries are whole; 0 if there is none that is not tiny."""
    for decimals in range(_DECIMALS + 1):
        scaled = data * 10.0**decimals
        if np.all(
            np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1, 10.0 ** (decimals - _DECIMALS + 3))
        ):
            return float(np.gcd.reduce(np.round(scaled).astype(np.int64))) / 10.0**decimals
    return 0.0


def _with(table: Floats, cost: int, worth: float) -> Floats:
    """Add an item to a table."""
    if worth <= 0 or cost >= len(table):
        return table
    added = table.copy()
    np.maximum(table[cost:], table[: len(table) - cost] + worth, out=added[cost:])
    return added
