"""Floors and caps on the money of small groups, seen as knapsacks: rows that a linear program does not see.

A floor of 100,000 on requests of 60,000, 70,000 and 80,000 is one of 130,000, and no portfolio funds half a proposal
to meet it. At the prices of all other rules (duals y) each proposal of the group has a worth w = v - A'y, and a
dynamic program over money finds W, the most that the group can be worth within its own rule; ``w @ x <= W`` holds for
every portfolio and cuts off the solution of the linear program if that is worth more (Fenchel cuts, Boyd 1994). Each
coefficient is then lifted in turn as far as the rule allows (Balas 1975; Kaparis & Letchford 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from portfolio.optimize.engine import Outcome
from portfolio.optimize.knapsack import Knapsack, knapsack
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Floats, Integers

# Wider rows lose little to the linear program, and their dynamic program is slow.
_WIDEST = 120
_ROUNDS = 8
# In larger programs the groups are a small part of the whole, and margins decide most proposals.
_LARGEST = 10_000
# Cuts that cut off less than this share of the value, and rounds that lower the bound by less, are not worth it.
_LEAST_CUT, _LEAST_GAIN = 1e-6, 2e-5

Simplex = Callable[[Arrays], Outcome]


@dataclass(frozen=True)
class Strong:
    """A program with the rows added that its groups imply, and its solution without whole numbers."""

    arrays: Arrays
    relaxed: Outcome


@dataclass(frozen=True)
class _Group:
    """A row that is a knapsack in 0/1 columns.

    Attributes
    ----------
    row, columns
        Where it stands.
    floor
        Whether it is a floor; the knapsack is then of the proposals that are left out.
    """

    row: int
    columns: Integers
    floor: bool
    knapsack: Knapsack


def strengthen(arrays: Arrays, relaxed: Outcome, simplex: Simplex) -> Strong:
    """Add rows that every whole-number solution keeps and the linear program does not.

    Parameters
    ----------
    relaxed
        Solution of the program without whole numbers, with duals.
    simplex
        Solves a program without whole numbers.

    Returns
    -------
    Strong
        The first rows are those of the program. It is the program itself where there is nothing to gain.
    """
    groups = list(_groups(arrays)) if len(arrays.value) <= _LARGEST else []
    strong, owners = Strong(arrays, relaxed), np.zeros(0, dtype=np.int64)
    for _ in range(_ROUNDS if groups else 0):
        grown, owners = _round(arrays, strong, groups, owners, simplex)
        if grown is None:
            break
        gain = strong.relaxed.value - grown.relaxed.value
        strong = grown
        if gain < _LEAST_GAIN * abs(grown.relaxed.value):
            break
    return strong


def _round(
    arrays: Arrays, strong: Strong, groups: list[_Group], owners: Integers, simplex: Simplex
) -> tuple[Strong | None, Integers]:
    """Drop the cuts that are slack, add those that are violated, and solve again; None if there are none."""
    x, duals = strong.relaxed.x, strong.relaxed.duals
    if x is None or duals is None:
        return None, owners
    first = len(arrays.row_low)
    tight = np.abs(duals) > 1e-9
    cuts = []
    for group in groups:
        own = np.append(group.row, first + np.flatnonzero(owners == group.row))
        if tight[own].any():
            others = duals.copy()
            others[own] = 0.0
            worth = arrays.value[group.columns] - (strong.arrays.matrix[:, group.columns].T @ others)
            cuts.append((group, _cut(group, worth, x[group.columns])))
    added = [(group, cut) for group, cut in cuts if cut is not None]
    if not added:
        return None, owners
    keep = np.append(np.ones(first, dtype=bool), tight[first:])
    rows = [_row(group, cut, len(x)) for group, cut in added]
    program = replace(
        strong.arrays,
        matrix=sparse.vstack([strong.arrays.matrix[np.flatnonzero(keep), :], *rows], format="csr"),
        row_low=np.append(strong.arrays.row_low[keep], np.full(len(rows), -np.inf)),
        row_high=np.append(strong.arrays.row_high[keep], [cut[1] for _, cut in added]),
    )
    relaxed = simplex(program)
    owners = np.append(owners[tight[first:]], [group.row for group, _ in added])
    return (Strong(program, relaxed) if relaxed.x is not None else None), owners


def _groups(arrays: Arrays) -> Iterator[_Group]:
    """Yield the rows that are knapsacks of few 0/1 columns with unequal positive entries."""
    matrix = arrays.matrix
    binary = arrays.integer & (arrays.low >= 0) & (arrays.high <= 1)
    size = np.diff(matrix.indptr)
    for row in np.flatnonzero((size > 1) & (size <= _WIDEST)).tolist():
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns, data = matrix.indices[entries], matrix.data[entries]
        if not binary[columns].all() or data.min() <= 0 or data.min() == data.max():
            continue
        floor = bool(np.isinf(arrays.row_high[row]))
        limit = float(data.sum() - arrays.row_low[row] if floor else arrays.row_high[row])
        if np.isfinite(limit) and 0 < limit < data.sum():
            yield _Group(row, columns.astype(np.int64), floor, knapsack(data, limit))


def _cut(group: _Group, worth: Floats, x: Floats) -> tuple[Floats, float] | None:
    """Return coefficients and right-hand side of a row that the group keeps and x does not; None if x keeps all."""
    inside = 1 - x if group.floor else x
    lifted, most = group.knapsack.lift(-worth if group.floor else worth, inside)
    largest = float(np.abs(lifted).max(initial=0.0))
    if largest == 0 or float(lifted @ inside) - most <= _LEAST_CUT * max(1.0, largest):
        return None
    lifted, most = lifted / largest, most / largest
    # Entries of pure rounding would only disturb the simplex method.
    tiny = np.abs(lifted) < 1e-7
    most, lifted = most + float(np.abs(lifted[tiny]).sum()) + 1e-9, np.where(tiny, 0.0, lifted)
    return (-lifted, most - float(lifted.sum())) if group.floor else (lifted, most)


def _row(group: _Group, cut: tuple[Floats, float], columns: int) -> sparse.csr_array:
    used = np.flatnonzero(cut[0])
    place = (np.zeros(len(used), dtype=np.int64), group.columns[used])
    return sparse.csr_array((cut[0][used], place), shape=(1, columns))
