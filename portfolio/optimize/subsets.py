"""Which of several masks hold together, row by row."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from portfolio.optimize.vectors import Bools, Integers

Subset = tuple[int, ...]


def subsets(masks: Iterable[Bools], rows: int) -> tuple[list[Subset], Integers]:
    """Return the sets of masks that hold together in some row, and which of them holds in each.

    Parameters
    ----------
    masks
        Each (rows,), any number of them.

    Returns
    -------
    list of tuple
        The sets that occur: the places of the masks that are true.
    (rows,) int64
        For each row, the place of its set.
    """
    found: list[Subset] = [()]
    which = np.zeros(rows, dtype=np.int64)
    for place, mask in enumerate(masks):
        # One mask after the other, so that there are never more codes than twice the sets that occur: nothing to sort.
        codes = 2 * which + mask
        present = np.bincount(codes, minlength=2 * len(found)) > 0
        which = (np.cumsum(present) - 1)[codes]
        halves = (divmod(code, 2) for code in np.flatnonzero(present).tolist())
        found = [(*found[before], place) if holds else found[before] for before, holds in halves]
    return found, which
