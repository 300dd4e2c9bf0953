"""The linear model of a decision: arrays, and for every row and column the rule or proposal behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools, Floats, Integers


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


def _numbers(counts: Integers) -> Integers:
    """Return the row of each entry, of rows with so many entries."""
    if len(counts) == 1:
        # The same number in no room at all, and most rows of a large call are one of their kind.
        return np.broadcast_to(np.int32(0), int(counts[0]))
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _sliced(
    blocks: Sequence[Block], matrix: sparse.csr_array, low: Floats, high: Floats
) -> tuple[Block, ...]:
    """Return the blocks with their numbers as slices of those of all rows."""
    sliced, first = [], 0
    for block in blocks:
        rows = slice(first, first + len(block))
        first = rows.stop
        starts = matrix.indptr[rows.start : rows.stop + 1]
        entries = slice(starts[0], starts[-1])
        sliced.append(
            replace(
                block,
                row=_numbers(np.diff(starts)),
                column=matrix.indices[entries],
                data=matrix.data[entries],
                low=low[rows],
                high=high[rows],
            )
        )
    return tuple(sliced)


@dataclass(frozen=True)
class Arrays:
    """A program in numbers alone: maximise ``value @ x``, ``row_low <= matrix @ x <= row_high``.

    Attributes
    ----------
    value, low, high, integer
        (columns,) objective, bounds, and whether a column takes whole numbers only.
    matrix
        (rows, columns) coefficients.
    row_low, row_high
        (rows,) bounds, infinite where there is none.
    """

    value: Floats
    matrix: sparse.csr_array
    low: Floats
    high: Floats
    integer: Bools
    row_low: Floats
    row_high: Floats

    def box(self, *, low: Floats, high: Floats) -> Arrays:
        """Return the program with other bounds on its columns."""
        return replace(self, low=low, high=high)

    def at_least(self, coefficients: Floats, low: float) -> Arrays:
        """Return the program with one more row, ``coefficients @ x >= low``."""
        row = sparse.csr_array(coefficients[None, :])
        return replace(
            self,
            matrix=sparse.vstack([self.matrix, row], format="csr"),
            row_low=np.append(self.row_low, low),
            row_high=np.append(self.row_high, np.inf),
        )


@dataclass(frozen=True)
class Giving:
    """Columns by which rules of one priority give way, and what a unit of each is of the whole of its rule."""

    priority: int
    columns: Integers
    weights: Floats


@dataclass(frozen=True)
class Model:
    """Maximise ``value @ x`` subject to the rows of the blocks, the bounds and integrality.

    The first `size` columns are proposals, `proposals` says which. Behind them stand the reductions of their awards,
    and then whatever the rules need: shortfalls of reserves and money carried between years (in money), synergies,
    chances of success. Money is in multiples of `unit` minor units.

    Attributes
    ----------
    value, low, high
        (columns,) objective and bounds.
    integer
        (columns,) whether a column takes whole numbers only.
    proposals
        (size,) position in the instance of each proposal column.
    owner
        (reductions,) the proposal column whose award each reduction lowers.
    reductions
        (reductions,) by how much, in minor units, if it is made in full.
    rows
        The rows that the rules bring.
    shortfalls
        Per reserve with a soft floor, its column.
    giving
        The columns by which rules with a priority give way.
    chances
        Per coverage rule (its index) and tag, the columns of the chance of a success and of what it is made of.
    breaks
        Per year, the sums of squared awards at which the deviation of spending is exact.
    lines
        The first of the columns that stand for that deviation; they are the last columns.
    unit
        Minor units in one unit of money.
    """

    value: Floats
    low: Floats
    high: Floats
    integer: Bools
    proposals: Integers
    owner: Integers
    reductions: Floats | Integers
    rows: Rows
    shortfalls: Mapping[str, int]
    giving: tuple[Giving, ...]
    chances: Mapping[tuple[int, str], tuple[int, int]]
    breaks: tuple[Floats, ...]
    lines: int
    unit: int

    @property
    def size(self) -> int:
        """How many columns are proposals."""
        return len(self.proposals)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The rows, rule by rule."""
        return self.rows.blocks

    @cached_property
    def arrays(self) -> Arrays:
        """The numbers of the model."""
        matrix = self.rows.matrix(len(self.value))
        return Arrays(self.value, matrix, self.low, self.high, self.integer, self.rows.low, self.rows.high)

    def add(self, *blocks: Block) -> Model:
        """Return the model with further rows."""
        return self.ruled(*self.blocks, *blocks) if blocks else self

    def ruled(self, *blocks: Block) -> Model:
        """Return the model with other rows."""
        return replace(self, rows=Rows.of(blocks))

    def bound(self, *, low: Floats | None = None, high: Floats | None = None) -> Model:
        """Return the model with other bounds on its columns."""
        return replace(self, low=self.low if low is None else low, high=self.high if high is None else high)

    def aim(self, value: Floats) -> Model:
        """Return the model with another objective."""
        return replace(self, value=value)

    @property
    def decisions(self) -> int:
        """How many columns are proposals or reductions; what they say is the decision, the rest follows from it."""
        return self.size + len(self.owner)

    def awards(self, instance: Instance, x: Floats, rounding: Callable[[Floats], Floats] = np.rint) -> Awards:
        """Return the awards of a solution, what they are reduced by rounded to minor units."""
        n = len(instance.ids)
        funded = np.zeros(n, dtype=bool)
        funded[self.proposals] = x[: self.size] > 0.5
        amount = np.zeros(n, dtype=np.int64)
        amount[self.proposals] = instance.sizes.top[self.proposals] - self._cut(x, rounding)
        return Awards(funded, np.where(funded, amount, 0))

    def _cut(self, x: Floats, rounding: Callable[[Floats], Floats]) -> Integers:
        """Return (size,) by how many minor units the award of each proposal column is reduced."""
        made, whole = x[self.size : self.decisions], self.integer[self.size : self.decisions]
        parts = np.bincount(self.owner, np.where(whole, 0.0, made * self.reductions), minlength=self.size)
        # Rounding up or down is for parts of a coin, not for the last digits of a whole one.
        near = np.rint(parts)
        cut = np.where(np.abs(parts - near) < 1e-6, near, rounding(parts)).astype(np.int64)
        # Levels are whole numbers, beyond those that a float tells apart.
        chosen = whole & (made > 0.5)
        np.add.at(cut, self.owner[chosen], self.reductions[chosen].astype(np.int64))
        return cut
