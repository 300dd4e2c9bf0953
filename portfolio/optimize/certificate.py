"""A bound that anybody can check: prices of the rows, and integers.

For any prices y of the right signs, no portfolio is worth more than

    y'b + sum over columns j of max(d_j l_j, d_j h_j),    d = v - A'y,

with l and h the bounds of the columns (Lagrangian duality; Nemhauser & Wolsey 1988, II.3.6). Evaluated in integers and
fractions from the prices alone, it needs no trust in a solver: prices that are wrong give a weaker bound, never a false
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from portfolio.optimize.duals import prices_of
from portfolio.optimize.model import Block, Model
from portfolio.optimize.solution import RowKey

# Prices are rounded to multiples of 2 to the power of -60; any rounding of them gives a true bound.
_PLACES = 60
# Amounts that are whole minor units up to this part of themselves were so before they were scaled.
_ROUNDING = 1e-9


def certified_bound(model: Model, prices: Mapping[RowKey, float]) -> Fraction:
    """Return a bound on the value of every solution of a model, in exact arithmetic.

    Parameters
    ----------
    prices
        The duals of the rows, as a `Solution` keeps them; rows without one count 0.

    Raises
    ------
    ValueError
        If a column has no finite bound and the prices leave it worth something: they prove nothing then.
    """
    duals = prices_of(model, prices)
    reduced = [Fraction(value) for value in model.value.tolist()]
    bound, start = Fraction(0), 0
    for block in model.blocks:
        y = duals[start : start + len(block)]
        start += len(block)
        if not y.any():
            continue
        exact = [
            _price(dual, cap)
            for dual, cap in zip(y.tolist(), (block.high < float("inf")).tolist(), strict=True)
        ]
        unit = _unit(model, block)
        for row, price in enumerate(exact):
            limit = block.high[row] if block.high[row] < float("inf") else block.low[row]
            bound += price * _whole(float(limit), unit)
        for row, column, entry in _entries(block):
            if exact[row]:
                reduced[column] -= exact[row] * _whole(entry, unit)
    for d, low, high in zip(reduced, model.low.tolist(), model.high.tolist(), strict=True):
        if d > 0 and high == float("inf"):
            raise ValueError("these prices prove nothing: a column without a bound is worth something")
        bound += d * Fraction(high if d > 0 else low)
    return bound


def _price(dual: float, cap: bool) -> Fraction:
    """Return a price of the right sign: caps cannot be worth less than nothing, floors not more."""
    right = max(dual, 0.0) if cap else min(dual, 0.0)
    return Fraction(round(Fraction(right) * 2**_PLACES), 2**_PLACES)


def _unit(model: Model, block: Block) -> int:
    """Return the minor units in which the rows of a block were whole numbers; 1 if they were not."""
    numbers = [
        *block.data.tolist(),
        *(x for x in (*block.low.tolist(), *block.high.tolist()) if abs(x) < float("inf")),
    ]
    scaled = (number * model.unit for number in numbers)
    return model.unit if all(abs(x - round(x)) <= _ROUNDING * max(1.0, abs(x)) for x in scaled) else 1


def _whole(number: float, unit: int) -> Fraction:
    """Return a number of the model exactly: as whole minor units where it was made of them, else as it is stored."""
    return Fraction(round(number * unit), unit) if unit > 1 else Fraction(number)


def _entries(block: Block) -> Iterator[tuple[int, int, float]]:
    return zip(block.row.tolist(), block.column.tolist(), block.data.tolist(), strict=True)
