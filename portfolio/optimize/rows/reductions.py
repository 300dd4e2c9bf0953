"""Awards below the request: what a reduction needs of the proposal that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from portfolio.optimize.model import Block
from portfolio.optimize.rows.layout import Layout


def reduction_rows(layout: Layout) -> Iterator[Block]:
    """Yield ``w <= x_i`` for what may be cut in part, and ``sum of w <= x_i`` for the levels of a proposal."""
    if not len(layout.owner):
        return
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
            ids,
            np.concatenate([row, np.arange(count)]),
            np.concatenate([columns[mask], owner]),
            np.concatenate([np.ones(int(mask.sum())), -np.ones(count)]),
            np.full(count, -np.inf),
            np.zeros(count),
        )
