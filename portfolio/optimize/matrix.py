"""Rules as rows, and the rows of all rules as one matrix: the same numbers, seen from either side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from portfolio.optimize.vectors import Floats, Integers


@dataclass(frozen=True)
class Block:
    """Rows that one rule of the funder brings: ``low <= sum of coefficients x columns <= high``.

    Attributes
    ----------
    rules
        Keys of the policy that the rows come from; more than one when reserves are met together, none for rows that
        only tie columns together.
    words
        The rule in the funder's words, with ``{name}`` where the rows differ.
    names
        What each of the m rows is about, for example the institution.
    row, column, data
        Coordinates and coefficients of the entries.
    low, high
        (m,) bounds, infinite where there is none. No row has two finite bounds.
    """

    rules: tuple[str, ...]
    words: str
    names: Sequence[str]
    row: Integers
    column: Integers
    data: Floats
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        # Half the room, which counts where a call of a million has a dozen rules; HiGHS numbers with 32 bits as well.
        for name in ("row", "column"):
            object.__setattr__(self, name, getattr(self, name).astype(np.int32, copy=False))

    def __len__(self) -> int:
        return len(self.low)

    def text(self, row: int) -> str:
        """Say one row in the funder's words."""
        return self.words.replace("{name}", str(self.names[row]))


def one_row(
    rules: tuple[str, ...],
    words: str,
    column: Integers,
    data: Floats,
    *,
    low: float = -np.inf,
    high: float = np.inf,
) -> Block:
    """Build a block of a single row."""
    row = np.zeros(len(column), dtype=np.int64)
    return Block(rules, words, ("",), row, column, data, np.array([low], float), np.array([high], float))


@dataclass(frozen=True)
class Rows:
    """All rows of a program, one block after the other; the blocks and the matrix are the same numbers in memory.

    Attributes
    ----------
    blocks
        The rows as rules bring them; entries stand row by row, and by column in each row.
    starts
        (rows + 1,) where the entries of each row begin.
    column, data
        (entries,) column and coefficient of each.
    low, high
        (rows,) bounds, infinite where there is none.
    """

    blocks: tuple[Block, ...]
    starts: Integers
    column: Integers
    data: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Rows:
        """Join blocks, whose entries may stand in any order; several for one row and column add up."""
        # Written straight into the arrays of the result: copies on the way would cost more than the solve.
        ends = np.cumsum([0, *(len(block.data) for block in blocks)])
        column, data = np.empty(ends[-1], dtype=np.int32), np.empty(ends[-1])
        counts = [np.zeros(1, dtype=np.int64)]
        for block, start, end in zip(blocks, ends, ends[1:], strict=False):
            counts.append(np.bincount(block.row, minlength=len(block)))
            column[start:end], data[start:end] = block.column, block.data
            if len(block) > 1 and np.any(block.row[1:] < block.row[:-1]):
                # Sorting 16 bits is linear.
                row = block.row.astype(np.uint16) if len(block) < 2**16 else block.row
                order = np.argsort(row, kind="stable")
                column[start:end], data[start:end] = block.column[order], block.data[order]
        starts = np.cumsum(np.concatenate(counts))
        if ends[-1] < 2**31:
            starts = starts.astype(np.int32)
        matrix = _matrix(starts, column, data, int(column.max(initial=-1)) + 1)
        matrix.sum_duplicates()
        none = np.zeros(0)
        low = np.concatenate([none, *(block.low for block in blocks)])
        high = np.concatenate([none, *(block.high for block in blocks)])
        return cls(_sliced(blocks, matrix, low, high), matrix.indptr, matrix.indices, matrix.data, low, high)

    def __reduce__(self) -> tuple[Callable[[Sequence[Block]], Rows], tuple[tuple[Block, ...]]]:
        # Slices travel as arrays of their own.
        return Rows.of, (self.blocks,)

    def matrix(self, columns: int) -> sparse.csr_array:
        """(rows, columns) The coefficients."""
        return _matrix(self.starts, self.column, self.data, columns)


def _matrix(starts: Integers, column: Integers, data: Floats, columns: int) -> sparse.csr_array:
    return sparse.csr_array((data, column, starts), shape=(len(starts) - 1, columns))


def _sliced(
    blocks: Sequence[Block], matrix: sparse.csr_array, low: Floats, high: Floats
) -> tuple[Block, ...]:
    """Return the blocks with their numbers as slices of those of all rows."""
    counts = np.diff(matrix.indptr)
    # Most blocks of a large call are one row, whose number is 0: they share one array of it.
    zeros = np.zeros(int(counts.max(initial=0)), dtype="int32")
    sliced, first, start = [], 0, 0
    for block in blocks:
        rows = slice(first, first + len(block))
        count = int(counts[first]) if len(block) == 1 else int(counts[rows].sum())
        entries = slice(start, start + count)
        row = zeros[:count] if len(block) == 1 else np.repeat(np.arange(len(block)), counts[rows])
        sliced.append(
            Block(
                block.rules,
                block.words,
                block.names,
                row,
                matrix.indices[entries],
                matrix.data[entries],
                low[rows],
                high[rows],
            )
        )
        first, start = rows.stop, entries.stop
    return tuple(sliced)
