"""The groups that columns form: labels, tags, traits; missing values apart; small groups merged where asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import polars as pl

from portfolio.call.columns import nearest_column
from portfolio.errors import DataError, Issue, names_in
from portfolio.optimize import Problem
from portfolio.optimize.fits import AMBIGUOUS, shared_names, which_of_two
from portfolio.optimize.groups import groups
from portfolio.optimize.vectors import Bools, Integers

# More different numbers or dates than this are a scale, not groups.
_MOST_NUMBERS = 20
GROUP, MISSING, MERGED = "group", "missing", "merged"


@dataclass(frozen=True)
class Grouping:
    """The groups that a column forms of n proposals.

    Attributes
    ----------
    column
        A column of the call or of the scores, or a trait.
    names, kinds
        Per group, its label, and whether it is a ``group``, the ``missing`` values, or several groups ``merged``.
    member, group
        Pairs: position of a proposal, index of its group. Every proposal is in one group at least.
    overlaps
        Whether a proposal may be in several, as in a column of tags.
    """

    column: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    member: Integers
    group: Integers
    overlaps: bool

    def counts(self, mask: Bools) -> Integers:
        """Return (groups,) how many members of each group are in a mask of n."""
        return np.bincount(self.group[mask[self.member]], minlength=len(self.names)).astype(np.int64)

    def sums(self, minor: Integers) -> list[int]:
        """Return, per group, the money of its members in minor units, exactly."""
        # The halves of 32 bits are added apart: neither sum can leave 64 bits.
        halves = (minor[self.member] >> 32, minor[self.member] & 0xFFFFFFFF)
        high, low = (np.zeros(len(self.names), dtype=np.int64) for _ in halves)
        np.add.at(high, self.group, halves[0])
        np.add.at(low, self.group, halves[1])
        return [(h << 32) + part for h, part in zip(high.tolist(), low.tolist(), strict=True)]

    def splits(self, mask: Bools) -> list[bytes]:
        """Return, per group, what tells how it splits the proposals of a mask in two, whichever side it is."""
        everyone = np.flatnonzero(mask)
        kept = mask[self.member]
        order = np.lexsort((self.member[kept], self.group[kept]))
        member, group = self.member[kept][order], self.group[kept][order]
        edges = np.searchsorted(group, np.arange(len(self.names) + 1))
        sides = (member[low:high] for low, high in pairwise(edges.tolist()))
        return [
            (np.setdiff1d(everyone, side) if np.array_equal(side[:1], everyone[:1]) else side)
            .astype(np.int64)
            .tobytes()
            for side in sides
        ]


def columns_in(by: str | Sequence[str]) -> list[str]:
    """Return the columns that one name, or several, stand for.

    Raises
    ------
    ValueError
        If there is none.
    """
    names = names_in(by)
    if not names:
        raise ValueError("name at least one column")
    return names


def groupings(problem: Problem, by: Sequence[str]) -> list[Grouping]:
    """Return the groups of each column.

    Raises
    ------
    DataError
        With every column that is not known (and the nearest known one), means two things, or forms no groups.
    """
    table, traits = problem.instance.table, problem.instance.traits
    issues = list(_faults(problem, by))
    if issues:
        raise DataError(issues)
    masks = [pl.Series(name, mask) for name, mask in traits.items() if name not in table.columns]
    return [_grouping(table.with_columns(masks), column) for column in by]


def grouping(table: pl.DataFrame, column: str) -> Grouping:
    """Return the groups of a column of any table.

    Raises
    ------
    DataError
        If the column forms no groups.
    """
    issues = list(_not_groups(table[column]))
    if issues:
        raise DataError(issues)
    return _grouping(table, column)


def _faults(problem: Problem, by: Sequence[str]) -> Iterator[Issue]:
    table, traits = problem.instance.table, problem.instance.traits
    shared = shared_names(problem.call, problem.instance.scores)
    for column in dict.fromkeys(by):
        if by.count(column) > 1:
            yield Issue("is asked for twice", "name it once", column=column)
        if column not in table.columns and column not in traits:
            yield Issue(
                "is no column of the call and no trait",
                nearest_column(column, [*table.columns, *traits], problem.policy.columns),
                column=column,
            )
        elif column in traits and column in table.columns:
            yield Issue("is both a trait and a column", "give the trait another name", column=column)
        elif column in shared:
            yield Issue(AMBIGUOUS, which_of_two(column), column=column)
        elif column in table.columns:
            yield from _not_groups(table[column])


def _not_groups(cells: pl.Series) -> Iterator[Issue]:
    different = 0 if isinstance(cells.dtype, pl.List) else cells.drop_nulls().n_unique()
    if (cells.dtype.is_numeric() or cells.dtype.is_temporal()) and different > _MOST_NUMBERS:
        yield Issue(
            f"has {different:,} different values, which are a scale and no groups",
            f'state in the policy what you mean: [traits] NAME = "{cells.name} >= ...", or a band in [derive]',
            column=cells.name,
        )
    elif different == len(cells) > 1:
        what = "is different for every proposal, so it forms no groups"
        yield Issue(what, "name a column that several proposals share", column=cells.name)


def _grouping(table: pl.DataFrame, column: str) -> Grouping:
    found, dtype = groups(table, column), table.schema[column]
    order = np.argsort([float(name) for name in found.names], kind="stable") if dtype.is_numeric() else None
    names, group = list(found.names), found.group
    if order is not None:
        names, group = [names[index] for index in order.tolist()], np.argsort(order)[group]
    kinds = [GROUP] * len(names)
    without = np.setdiff1d(np.arange(table.height), found.member)
    if len(without):
        names, kinds = [*names, "(missing)"], [*kinds, MISSING]
    return Grouping(
        column,
        tuple(names),
        tuple(kinds),
        np.concatenate([found.member, without]),
        np.concatenate([group, np.full(len(without), len(names) - 1)]),
        isinstance(dtype, pl.List),
    )


def merged(groups: Grouping, counted: Bools, least: int) -> Grouping:
    """Merge groups so that no row, and no difference of the whole call and a row, tells about fewer than `least`.

    These are the groups with fewer counted members, and tags that fewer are without. If what is merged were a single
    group, or it or its rest still had fewer, the next smallest group is merged too.
    """
    sizes, everyone = groups.counts(counted), int(counted.sum())
    small = [_tells(int(size), everyone, least) for size in sizes]
    bysize = sorted(range(len(sizes)), key=lambda index: (not small[index], int(sizes[index]), index))
    count = sum(small)
    if not count:
        return groups
    while count < len(bysize) and (
        count < 2 or _tells(_members(groups, bysize[:count], counted), everyone, least)
    ):
        count += 1
    inside = sorted(bysize[:count])
    larger = [groups.names[index] for index in inside if sizes[index] >= least]
    name = f"groups of fewer than {least}" + (f", with {' and '.join(larger)}" if larger else "")
    return _pooled(groups, inside, name)


def gathered(groups: Grouping, sizes: Sequence[Decimal], most: int) -> Grouping:
    """Put groups in the order of their sizes, and gather those beyond the largest `most` into one.

    What is missing comes after them. A single group beyond them is shown as it is: it would be no shorter.
    """
    ranked = sorted(range(len(sizes)), key=lambda index: (groups.kinds[index] != GROUP, -sizes[index], index))
    position = np.empty(len(ranked), dtype=np.int64)
    position[ranked] = np.arange(len(ranked))
    names, kinds = (tuple(cells[index] for index in ranked) for cells in (groups.names, groups.kinds))
    ordered = replace(groups, names=names, kinds=kinds, group=position[groups.group])
    labelled = kinds.count(GROUP)
    if labelled <= most + 1:
        return ordered
    return _pooled(ordered, range(most, labelled), f"other ({labelled - most} groups)")


def _pooled(groups: Grouping, inside: Sequence[int], name: str) -> Grouping:
    """Make one group of several, after all others; who is in several of them is in it once."""
    pooled = set(inside)
    kept = [index for index in range(len(groups.names)) if index not in pooled]
    code = np.full(len(groups.names), len(kept))
    code[kept] = np.arange(len(kept))
    pairs = np.unique(np.column_stack([code[groups.group], groups.member]), axis=0)
    return Grouping(
        groups.column,
        (*(groups.names[index] for index in kept), name),
        (*(groups.kinds[index] for index in kept), MERGED),
        pairs[:, 1],
        pairs[:, 0],
        groups.overlaps,
    )


def _tells(size: int, everyone: int, least: int) -> bool:
    """Tell whether a row of some size, or what it leaves of the whole call, is about a few people."""
    return size < least or 0 < everyone - size < least


def _members(groups: Grouping, inside: Sequence[int], counted: Bools) -> int:
    together = np.unique(groups.member[np.isin(groups.group, inside)])
    return int(counted[together].sum())
