"""Which columns rows tie together, directly or by way of others."""

from __future__ import annotations

import numpy as np

from portfolio.optimize.vectors import Integers


def components(starts: Integers, column: Integers, columns: int) -> Integers:
    """Find the connected components of columns that share rows.

    Labels sink to the smallest of each row, and those who hold the label of another follow it (FastSV, Zhang, Azad &
    Hu 2020), so that long chains take few rounds. The routine of scipy brings all of linear algebra with it: 9 MiB
    and 60 ms, where the first answer for a thousand proposals takes 140.

    Parameters
    ----------
    starts
        (rows,) where the entries of each row begin; no row is empty.
    column
        (entries,) the column of each entry, row by row.
    columns
        How many columns there are.

    Returns
    -------
    Integers
        (columns,) the first column of the component of each.
    """
    label = np.arange(columns)
    if not len(starts):
        return label
    count = np.diff(np.append(starts, len(column)))
    while True:
        least = np.repeat(np.minimum.reduceat(label[column], starts), count)
        sunk = label.copy()
        np.minimum.at(sunk, label[column], least)
        np.minimum.at(sunk, column, least)
        sunk = sunk[sunk]
        if np.array_equal(sunk, label):
            return label
        label = sunk
