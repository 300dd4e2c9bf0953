"""A program with what is worked out about it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from portfolio.optimize.blocks import Blocks, find_blocks
from portfolio.optimize.model import Arrays
from portfolio.optimize.vectors import Bools


@dataclass(frozen=True)
class Program:
    """A program, its matrix by columns, and its blocks.

    Attributes
    ----------
    among
        (rows,) the rows that blocks may keep; all of them if None.
    """

    arrays: Arrays
    among: Bools | None = None

    @cached_property
    def by_column(self) -> sparse.csc_array:
        """The matrix by columns."""
        return self.arrays.matrix.tocsc()

    @cached_property
    def blocks(self) -> Blocks:
        """The groups of columns that small rows tie together."""
        return find_blocks(self.arrays, self.among)

    @cached_property
    def linked(self) -> Bools:
        """(columns,) continuous columns of no block, for example shortfalls; they are never fixed."""
        return np.asarray(~self.arrays.integer & ~self.blocks.inside, dtype=np.bool_)
