"""Programs with every kind of row and column that the rules of the library bring, and some that they do not yet."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from portfolio.optimize.matrix import Block, Rows
from portfolio.optimize.model import Arrays, Model


class Writer:
    """Collects columns and rows."""

    def __init__(self) -> None:
        self.columns: list[tuple[float, float, float, bool]] = []
        self.entries: list[tuple[int, int, float]] = []
        self.bounds: list[tuple[float, float]] = []

    def column(self, value: float, high: float = 1.0, *, low: float = 0.0, integer: bool = True) -> int:
        self.columns.append((value, low, high, integer))
        return len(self.columns) - 1

    def row(self, entries: dict[int, float], *, low: float = -np.inf, high: float = np.inf) -> None:
        self.entries += [(len(self.bounds), column, data) for column, data in entries.items()]
        self.bounds.append((low, high))

    def arrays(self) -> Arrays:
        value, low, high, integer = (np.array(part) for part in zip(*self.columns, strict=True))
        row, column, data = (np.array(part) for part in zip(*self.entries, strict=True))
        shape = (len(self.bounds), len(self.columns))
        matrix = sparse.coo_array((data, (row, column)), shape=shape).tocsr()
        row_low, row_high = (np.array(part) for part in zip(*self.bounds, strict=True))
        return Arrays(value, matrix, low, high, integer.astype(bool), row_low, row_high)


def random_program(rng: np.random.Generator, n: int) -> Arrays:
    """Make a program of n proposals that has a solution."""
    make = Writer()
    amount, value = rng.integers(20, 300, n).astype(float), np.round(rng.uniform(1, 7, n), 2)
    if rng.random() < 0.2:
        value = amount / 10
    proposals = [make.column(float(v), float(rng.random() > 0.02)) for v in value]
    first = np.round(amount * rng.uniform(0.2, 0.8, n), 1)
    budget = amount.sum() * rng.uniform(0.2, 0.5)
    cost, year = dict(zip(proposals, amount, strict=True)), dict(zip(proposals, first, strict=True))

    def some(k: int) -> list[int]:
        return rng.choice(n, size=min(k, n), replace=False).tolist()

    small = [kind for kind in range(7) for _ in range(1 + n // 60)]
    for kind in rng.permutation(small).tolist():
        if kind == 0:
            make.row(dict.fromkeys(some(int(rng.integers(2, 5))), 1.0), high=1)
        elif kind == 1:
            a, b = some(2)
            make.row({a: 1, b: -1}, high=0)
        elif kind == 2:
            a, b, c = some(3)
            for one, other in ((a, b), (b, c), (c, a)):
                make.row({one: 1, other: -1}, high=0)
        elif kind == 3:
            together = make.column(float(rng.uniform(0, 4)))
            for member in some(int(rng.integers(2, 4))):
                make.row({together: 1, member: -1}, high=0)
        elif kind == 4:
            of = some(1)[0]
            more = make.column(float(rng.uniform(0, 0.02)), high=np.inf, integer=False)
            make.row({more: 1, of: -float(amount[of]) / 2}, high=0)
            cost[more] = 1.0
        elif kind == 5:
            levels = [make.column(float(rng.uniform(1, 5))) for _ in range(3)]
            make.row(dict.fromkeys(levels, 1.0), high=1)
            cost |= {level: float(rng.integers(20, 200)) for level in levels}
        else:
            make.row(dict.fromkeys(some(int(rng.integers(2, 9))), 1.0), low=0 if rng.random() < 0.5 else -1)
    for share in (0.3, 0.5):
        chosen = some(max(1, int(n * rng.uniform(0.2, 0.5))))
        slack = make.column(-0.5, high=np.inf if share == 0.3 else budget, integer=False)
        make.row({**{j: float(amount[j]) for j in chosen}, slack: 1.0}, low=share * budget)
    group = rng.integers(0, 1 + n // 40, n)
    for of in range(int(group.max()) + 1):
        members = np.flatnonzero(group == of).tolist()
        make.row({j: float(amount[j]) for j in members}, high=0.3 * budget)
    carried = make.column(0.0, high=np.inf, integer=False)
    make.row({**cost}, high=budget)
    make.row({**year, carried: 1.0}, high=float(0.6 * budget))
    make.row({**{j: cost[j] - year[j] for j in proposals}, carried: -1.0}, high=float(0.45 * budget))
    make.row(dict(zip(proposals, value, strict=True)), low=0.02 * float(value.sum()))
    return make.arrays()


def model_of(arrays: Arrays) -> Model:
    """Wrap arrays as a model of one rule."""
    entries = arrays.matrix.tocoo()
    names = [str(row) for row in range(len(arrays.row_low))]
    block = Block(
        ("rule",),
        "{name}",
        names,
        entries.coords[0].astype(np.int64),
        entries.coords[1].astype(np.int64),
        entries.data,
        arrays.row_low,
        arrays.row_high,
    )
    proposals = np.arange(len(arrays.value))
    nothing = np.zeros(0)
    return Model(
        arrays.value,
        arrays.low,
        arrays.high,
        arrays.integer,
        proposals,
        owner=nothing.astype(np.int64),
        reductions=nothing,
        rows=Rows.of([block]),
        shortfalls={},
        giving=(),
        chances={},
        breaks=(),
        lines=len(arrays.value),
        unit=1,
    )
