"""Blocks: small groups of columns tied together by rows that touch no others, priced by looking at every pattern.

One award per investigator, a prerequisite, all or none of a few: such rows come by the ten thousand and make the
simplex method slow. But the columns that they connect fall into little groups, and a group of a few 0/1 columns has
only a few patterns that its rows allow. Given prices for all other rows, the best pattern of every group is found by
comparing them (Lagrangian relaxation with the block rows kept, Geoffrion 1974), and its rows need no prices at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from portfolio.optimize.components import components
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Bools, Floats, Integers

# Columns of a block at most: its patterns are two to that power.
_SIZE = 6
# Kinds of blocks of one size at most; the rows of rarer ones are left to the solver.
_KINDS = 60
# Blocks enumerated at once, and values in all their patterns, which bounds the memory that this takes.
_CHUNK, _VALUES = 4_096, 2**18
# Patterns are allowed what solvers are: their tolerance.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Kind:
    """Blocks of one size with the same patterns.

    Attributes
    ----------
    members
        (m, k) columns of m blocks, ascending in each.
    patterns
        (p, k) values that the columns may take together; (m, p, k) where continuous columns make them differ.
    """

    members: Integers
    patterns: Floats

    def scores(self, reduced: Floats) -> Floats:
        """(m, p) worth of every pattern of every block."""
        worth = reduced[self.members]
        if self.patterns.ndim == 2:
            return np.asarray(worth @ self.patterns.T, dtype=np.float64)
        return np.asarray(np.einsum("mk,mpk->mp", worth, self.patterns), dtype=np.float64)


@dataclass(frozen=True)
class Blocks:
    """The blocks of a program.

    Attributes
    ----------
    kinds
        The blocks, by kind.
    absorbed
        (rows,) rows that the blocks keep by themselves.
    leader
        (columns,) first column of the block of each column; a column of no block is its own.
    """

    kinds: tuple[Kind, ...]
    absorbed: Bools
    leader: Integers

    def whole(self, columns: Bools) -> Bools:
        """Mark every column of the blocks that hold a marked one."""
        if not self.kinds:
            return columns
        marked = np.zeros(len(columns), dtype=bool)
        marked[self.leader[columns]] = True
        return np.asarray(marked[self.leader], dtype=np.bool_)

    def total(self, amounts: Floats) -> Floats:
        """(columns,) the sum over the block of each column, at all its members."""
        totals = amounts.copy()
        for kind in self.kinds:
            totals[kind.members] = amounts[kind.members].sum(axis=1, keepdims=True)
        return totals

    def least(self, amounts: Floats) -> Floats:
        """(columns,) the smallest over the block of each column, at all its members."""
        least = amounts.copy()
        for kind in self.kinds:
            least[kind.members] = amounts[kind.members].min(axis=1, keepdims=True)
        return least

    @property
    def inside(self) -> Bools:
        """(columns,) whether a column belongs to a block."""
        inside = np.zeros(len(self.leader), dtype=bool)
        for kind in self.kinds:
            inside[kind.members] = True
        return inside


def find_blocks(arrays: Arrays, among: Bools | None = None) -> Blocks:
    """Find the blocks of a program; whatever cannot be enumerated exactly is left out.

    Parameters
    ----------
    among
        (rows,) the rows that blocks may keep; all of them if None.
    """
    count = np.diff(arrays.matrix.indptr)
    small = (count > 0) & (count <= _SIZE)
    if among is not None:
        small &= among
    absorbed, leader = np.zeros(len(count), dtype=bool), np.arange(len(arrays.value))
    kinds: list[Kind] = []
    rows = np.flatnonzero(small)
    for size in (_SIZE, _SIZE // 2, 2):
        # Where rows connect too many columns, the shorter ones among them may still make blocks.
        rows = rows[(count[rows] <= size) & ~absorbed[rows]]
        if not len(rows):
            break
        for kind, kept in _kinds(arrays, rows):
            kinds.append(kind)
            absorbed[kept] = True
            leader[kind.members] = kind.members[:, :1]
    return Blocks(tuple(kinds), absorbed, leader)


def _kinds(arrays: Arrays, rows: Integers) -> Iterator[tuple[Kind, Integers]]:
    """Yield the blocks that some rows form, and the rows that each kind keeps."""
    part = arrays.matrix[rows, :]
    columns, entry = np.unique(part.indices, return_inverse=True)
    row = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
    of_column = components(part.indptr[:-1], entry, len(columns))
    of_row = of_column[entry[part.indptr[:-1]]]
    integer = arrays.integer[columns]
    binary = integer & (arrays.low[columns] >= 0) & (arrays.high[columns] <= 1)
    size = np.bincount(of_column, minlength=len(columns))
    refused = np.bincount(of_column[integer & ~binary], minlength=len(size)) > 0
    refused |= np.bincount(of_column[binary], minlength=len(size)) == 0
    size[refused] = 0
    place = _places(of_column)
    for k in range(1, _SIZE + 1):
        labels = np.flatnonzero(size == k)
        step = min(_CHUNK, _VALUES // (k << k))
        for start in range(0, len(labels), step):
            chunk = labels[start : start + step]
            number = np.full(len(size), -1)
            number[chunk] = np.arange(len(chunk))
            members = np.zeros((len(chunk), k), dtype=np.int64)
            mine = number[of_column] >= 0
            members[number[of_column[mine]], place[mine]] = columns[mine]
            kept = np.flatnonzero(number[of_row] >= 0)
            kept = kept[np.argsort(number[of_row[kept]], kind="stable")]
            local = np.full(len(rows), -1)
            local[kept] = np.arange(len(kept))
            entries = local[row] >= 0
            coefficients = np.zeros((len(kept), k))
            coefficients[local[row[entries]], place[entry[entries]]] = part.data[entries]
            group = _Group(
                members,
                number[of_row[kept]],
                coefficients,
                arrays.row_low[rows[kept]],
                arrays.row_high[rows[kept]],
            )
            for kind, of in group.kinds(arrays):
                yield kind, rows[kept[of[group.block]]]


def _places(label: Integers) -> Integers:
    """Return the position of each entry among those of the same label."""
    order = np.argsort(label, kind="stable")
    ordered = label[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.flatnonzero(first)
    place = np.empty(len(label), dtype=np.int64)
    place[order] = np.arange(len(label)) - np.repeat(starts, np.diff(np.append(starts, len(label))))
    return place


@dataclass(frozen=True)
class _Group:
    """Components of one size k, before they are enumerated.

    Attributes
    ----------
    members
        (m, k) their columns.
    block
        (r,) the component of each of their rows, ascending.
    coefficients, low, high
        (r, k) and (r,) the rows.
    """

    members: Integers
    block: Integers
    coefficients: Floats
    low: Floats
    high: Floats

    def kinds(self, arrays: Arrays) -> Iterator[tuple[Kind, Bools]]:
        """Yield the kinds with a mask over the components."""
        integer = arrays.integer[self.members]
        allowed, values = self._patterns(arrays, integer)
        if not len(self.members):
            return
        key = np.hstack([np.packbits(allowed, axis=1), np.packbits(integer, axis=1)])
        _, kind, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
        common = np.argsort(-count, kind="stable")[:_KINDS]
        for index in common.tolist():
            of = kind == index
            some = int(np.argmax(of))
            patterns = np.flatnonzero(allowed[some])
            if not len(patterns):
                continue
            if integer[some].all():
                yield Kind(self.members[of], _bits(self.members.shape[1])[patterns]), of
            else:
                yield Kind(self.members[of], values[of][:, patterns]), of

    def _patterns(self, arrays: Arrays, integer: Bools) -> tuple[Bools, Floats]:
        """Return (m, 2^k) which patterns the rows allow, and (m, 2^k, k) the values that they stand for.

        For a continuous column a pattern says at which end it stands of what the rows leave it, given the integers.
        The best is always at an end if no row has two of them; components with such rows have no pattern allowed.
        """
        bits = _bits(self.members.shape[1])
        real = ~integer
        width = (len(self.members), len(bits), bits.shape[1])
        bottom = np.broadcast_to(arrays.low[self.members][:, None, :], width)
        top = np.broadcast_to(arrays.high[self.members][:, None, :], width)
        loose = self.coefficients * real[self.block]
        fixed = (self.coefficients - loose) @ bits.T
        fits = (fixed <= self.high[:, None] + _TOLERANCE) & (fixed >= self.low[:, None] - _TOLERANCE)
        if real.any():
            bottom, top = bottom.copy(), top.copy()
            self._ends(loose, fixed, bottom, top)
            fits[(loose != 0).any(axis=1)] = True
        allowed = np.logical_and.reduceat(fits, np.searchsorted(self.block, np.arange(len(self.members))))
        clear = integer[:, None, :] & (bits >= bottom) & (bits <= top)
        if not real.any():
            return allowed & clear.all(axis=2), np.broadcast_to(bits, width)
        # Both ends of a column that cannot move are the same pattern.
        clear |= real[:, None, :] & (top >= bottom - _TOLERANCE) & ((bits == 0) | (top > bottom))
        values = np.where(real[:, None, :], np.where(bits > 0, np.maximum(bottom, top), bottom), bits)
        allowed &= clear.all(axis=2)
        twice = np.zeros(len(self.members), dtype=bool)
        twice[self.block[(loose != 0).sum(axis=1) > 1]] = True
        endless = (allowed[:, :, None] & ~np.isfinite(values)).any(axis=(1, 2))
        allowed[twice | endless] = False
        return allowed, values

    def _ends(self, loose: Floats, fixed: Floats, bottom: Floats, top: Floats) -> None:
        """Narrow the ends of continuous columns to what the rows leave them."""
        row = np.flatnonzero((loose != 0).sum(axis=1) == 1)
        place = np.argmax(loose[row] != 0, axis=1)
        a = loose[row, place]
        high, low = (
            (np.where(cap, self.high[row], self.low[row])[:, None] - fixed[row]) / a[:, None]
            for cap in (a > 0, a < 0)
        )
        block, pattern = self.block[row][:, None], np.arange(top.shape[1])[None, :]
        flat = np.ravel_multi_index((block, pattern, place[:, None]), top.shape).ravel()
        np.minimum.at(top.reshape(-1), flat, high.ravel())
        np.maximum.at(bottom.reshape(-1), flat, low.ravel())


def _bits(k: int) -> Floats:
    """Return (2^k, k) all patterns of k zeros and ones."""
    return ((np.arange(2**k)[:, None] >> np.arange(k)) & 1).astype(np.float64)
