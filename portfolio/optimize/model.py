"""The linear model of a decision: its numbers, and for every column the proposal or rule behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from portfolio.optimize.awards import Awards
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block, Rows
from portfolio.optimize.vectors import Bools, Floats, Integers


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
