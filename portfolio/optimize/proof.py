"""A bound that anybody can check: prices of the rows, and integers.

For any prices y of the right signs, no portfolio is worth more than

    y'b + sum over columns j of max(d_j l_j, d_j h_j),    d = v - A'y,

with l and h the bounds of the columns (Lagrangian duality; Nemhauser & Wolsey 1988, II.3.6). Every coefficient is a
whole number here, and values and prices are binary fractions, so the bound is exact: prices that are wrong give a
weaker bound, never a false one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.optimize.blocks import Blocks
from portfolio.optimize.duals import prices_of
from portfolio.optimize.lagrangian import price
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Model
from portfolio.optimize.solution import RowKey
from portfolio.optimize.vectors import Bools, Floats, Integers, Objects

# Binary digits of a float.
_DIGITS = np.finfo(np.float64).nmant + 1
# Products of a few decimals miss the whole number that they stand for by so many units in the last place at most.
_LAST_PLACES = 8 * np.finfo(np.float64).eps
# Numbers of any length take more room than floats; so many are shifted at a time.
_AT_ONCE = 10_000
# Above this, every number would pass for a whole one.
_LARGEST = 2.0**48
# Shares have a few decimals, and a proposal counts for up to six reserves in equal parts.
_FACTORS = tuple(ten * parts for parts in (1, 60) for ten in (1, 10, 100, 1_000, 10_000))


@dataclass(frozen=True)
class ProofRow:
    """One rule as whole numbers: ``sum of coefficients x columns`` is at most, or at least, `bound`.

    Attributes
    ----------
    rules, words, name
        Keys of the policy that it comes from; the rule in the funder's words; what the row is about.
    columns, coefficients
        (k,) columns of the proof, and a whole number for each, of any length where 64 bits are too few.
    unit
        How many of the counts stand for one unit of the model; money is in minor units where nothing finer is needed.
    cap, bound
        Whether the bound is from above, and the bound in counts.
    price
        Value per count of the bound: at least 0 for a cap, at most 0 for a floor.
    """

    rules: tuple[str, ...]
    words: str
    name: str
    columns: Integers
    coefficients: Integers | Objects
    unit: int
    cap: bool
    bound: int
    price: float


@dataclass(frozen=True)
class Proof:
    """All that the bound rests on.

    Attributes
    ----------
    value, low, high
        (columns,) value of each column and its bounds.
    rows
        The rules.
    """

    value: Floats
    low: Floats
    high: Floats
    rows: tuple[ProofRow, ...]

    def bound(self) -> Fraction:
        """Return the bound on the value of every solution, exactly.

        Raises
        ------
        ValueError
            If a column has no finite bound and the prices leave it worth something: they prove nothing then.
        """
        priced = [row for row in self.rows if row.price]
        numbers, places = _exact(np.concatenate([self.value, [row.price for row in priced]]))
        reduced, charges = numbers[: len(self.value)], numbers[len(self.value) :]
        total = 0
        for row, charge in zip(priced, charges.tolist(), strict=True):
            total += charge * row.bound
            np.subtract.at(reduced, row.columns, charge * row.coefficients.astype(object))
        ends = np.where(reduced > 0, self.high, self.low)
        used = (reduced != 0) & (ends != 0)
        if np.isinf(ends[used]).any():
            raise ValueError("these prices prove nothing: a column without a bound is worth something")
        ends, finer = _exact(ends[used])
        total = (total << finer) + (reduced[used] * ends).sum()
        return Fraction(total, 1 << (places + finer))


def proof_of(model: Model, prices: Mapping[RowKey, float], *, priced_only: bool = False) -> Proof:
    """Write a model and the prices of its rows as whole numbers.

    Parameters
    ----------
    model
        What was solved.
    prices
        The duals of the rows, as a `Solution` keeps them. A row without one, or with one of the wrong sign, counts 0;
        prices that miss what a column without end is worth by a rounding error are moved to it.
    priced_only
        Leave out rows without a price: the bound needs none of them.
    """
    none = Blocks(
        (), np.zeros(sum(len(block) for block in model.blocks), dtype=bool), np.arange(len(model.value))
    )
    duals = price(model.arrays, prices_of(model, prices), none).prices
    rows: list[ProofRow] = []
    start = 0
    for block in model.blocks:
        mine = duals[start : start + len(block)]
        start += len(block)
        rows += _rows(model, block, mine, mine != 0 if priced_only else np.ones(len(block), dtype=bool))
    return Proof(model.value, model.low, model.high, tuple(rows))


def certified_bound(model: Model, prices: Mapping[RowKey, float]) -> Fraction:
    """Return a bound on the value of every solution of a model, in exact arithmetic; see `proof_of` and `Proof`."""
    return proof_of(model, prices, priced_only=True).bound()


def _rows(model: Model, block: Block, duals: Floats, wanted: Bools) -> Iterator[ProofRow]:
    if not wanted.any():
        return
    starts = np.searchsorted(block.row, np.arange(len(block) + 1))
    unit = _unit(model, block)
    counts = _counts(block.data, unit)
    whole = np.ones(len(block), dtype=bool)
    whole[block.row[~model.integer[block.column]]] = False
    caps = np.isfinite(block.high)
    limits = np.where(caps, block.high, block.low)
    near = _whole(limits * unit)
    rough = not _whole(block.data * unit).all()
    for row in np.flatnonzero(wanted).tolist():
        cap, limit = bool(caps[row]), float(limits[row])
        entries = slice(starts[row], starts[row + 1])
        bound = round(limit * unit) if near[row] else _beside(limit, unit, cap=cap, whole=bool(whole[row]))
        missed = _missed(counts[entries]) if rough else 0
        yield ProofRow(
            block.rules,
            block.text(row),
            str(block.names[row]),
            block.column[entries],
            counts[entries],
            unit,
            cap,
            bound + missed if cap else bound - missed,
            float(duals[row]) / unit,
        )


def _unit(model: Model, block: Block) -> int:
    """Return how many counts to a unit of the model make every coefficient of some rows a whole number."""
    if np.all(np.isin(block.data, (-1.0, 0.0, 1.0))):
        return 1
    for unit in (model.unit, 1, *(model.unit * factor for factor in _FACTORS)):
        if _whole(block.data * unit).all():
            return unit
    # What is stored is a binary fraction, however long.
    return 1 << _exact(block.data)[1]


def _counts(data: Floats, unit: int) -> Integers | Objects:
    scaled = data * unit
    if _whole(scaled).all():
        return np.rint(scaled).astype(np.int64)
    numbers, places = _exact(data)
    exact: Objects = numbers * unit // (1 << places)
    return exact


def _whole(numbers: Floats) -> Bools:
    near: Bools = np.abs(numbers - np.rint(numbers)) <= _LAST_PLACES * np.abs(numbers)
    return near & (np.abs(numbers) <= _LARGEST)


def _beside(limit: float, unit: int, *, cap: bool, whole: bool) -> int:
    """Return a bound that is no whole number of counts as the one beside it.

    Where every column takes whole numbers, what is added up is whole, and a bound between two whole numbers says no
    more than the nearer one to the inside; elsewhere the one to the outside is taken, which cannot make it false.
    """
    exact = Fraction(limit) * unit
    return math.floor(exact) if cap == whole else math.ceil(exact)


def _missed(counts: Integers | Objects) -> int:
    """Return by how much a sum of rounded coefficients may miss what the rule adds up in fractions.

    A third of an award, say, is no 64-bit number. The bound of such a rule is moved outwards by so much, so that what
    keeps the rule keeps what is written of it, and the proof holds for that too. Columns are worth at most 1 where
    their coefficients are rounded.
    """
    return math.ceil(Fraction(_LAST_PLACES) * int(np.abs(counts.astype(object)).sum()))


def _exact(numbers: Floats) -> tuple[Objects, int]:
    """Return numbers as whole ones of any length, and how many binary digits of each stand behind the point."""
    part, exponent = np.frexp(numbers)
    whole = np.ldexp(part, _DIGITS).astype(np.int64)
    # As many zeros as stand at the end need not be written.
    zeros = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    places = np.where(whole == 0, 0, _DIGITS - exponent - zeros)
    most = max(0, int(places.max(initial=0)))
    digits, shifts = whole >> np.maximum(zeros, 0), np.where(whole == 0, 0, most - places)
    exact = np.empty(len(numbers), dtype=object)
    for start in range(0, len(numbers), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        exact[some] = digits[some].astype(object) << shifts[some].astype(object)
    return exact, most
