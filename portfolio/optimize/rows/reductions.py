"""Awards below the request: what a reduction needs of the proposal that it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from portfolio.optimize.matrix import Block
from portfolio.optimize.rows.layout import Layout


def reduction_rows(layout: Layout) -> Iterator[Block]:
    """Yield ``w <= x_i`` for what may be cut in part, and ``sum of w <= x_i`` for the levels of a proposal."""
    if not len(layout.owner):
        return
    yield from _in_order(layout)
    whole = layout.instance.sizes.whole[layout.reduced]
    columns = layout.size + np.arange(len(layout.owner))
    for mask, rows_of in ((~whole, columns), (whole, layout.owner)):
        if not mask.any():
            continue
        keys, row = np.unique(rows_of[mask], return_inverse=True)
        owner = np.zeros(len(keys), dtype=np.int64)
        owner[row] = layout.owner[mask]
        count = len(keys)
        ids = [layout.instance.ids[layout.proposals[column]] for column in owner.tolist()]
        yield Block(
            (),
            "only a funded proposal is cut: {name}",
            _numbered(ids),
            np.concatenate([row, np.arange(count)]),
            np.concatenate([columns[mask], owner]),
            np.concatenate([np.ones(int(mask.sum())), -np.ones(count)]),
            np.full(count, -np.inf),
            np.zeros(count),
        )


def _numbered(ids: list[str]) -> list[str]:
    """Give every row a name of its own, so that its price is kept: parts of an award are numbered."""
    seen, names = Counter[str](), []
    for name in ids:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}, part {seen[name]}")
    return names


def _in_order(layout: Layout) -> Iterator[Block]:
    """Yield that a piece is cut only after the piece above it, where the value would not see to that by itself.

    It does where awards are worth something: the curve is concave, so that the upper piece brings less. Where they are
    worth less than nothing by some criterion, cutting the lower piece first would gain more than it may.
    """
    instance, owner = layout.instance, layout.owner
    worthless = np.any(np.vstack([instance.value, instance.criteria]) < 0, axis=0)[layout.proposals]
    lower = np.flatnonzero((owner[:-1] == owner[1:]) & worthless[owner[:-1]])
    lower = lower[~instance.sizes.whole[layout.reduced[lower]]]
    count = len(lower)
    if not count:
        return
    done = layout.columns.add(count, integer=True)
    first = layout.size + lower
    rows = np.arange(2 * count)
    yield Block(
        (),
        "awards are cut from the top down",
        _numbered([instance.ids[layout.proposals[column]] for column in owner[lower].tolist()] * 2),
        np.concatenate([rows, rows]),
        np.concatenate([first, done, done, first + 1]),
        np.repeat([1.0, -1.0], 2 * count),
        np.full(2 * count, -np.inf),
        np.zeros(2 * count),
    )
