"""Awards of any size in exact arithmetic: every set of funded proposals is a small linear program in fractions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from oracle.facts import Facts
from oracle.judge import Judge
from oracle.rows import all_rows

Row = tuple[list[Fraction], Fraction]


def most_of(facts: Facts, worth: Sequence[Fraction], spare: Fraction) -> Fraction | None:
    """Return the most that awards can be worth if `worth` is what a minor unit of each is; None if none is possible.

    Every rule is kept with so many minor units to `spare`. For a single budget, firm reserves whose money counts for
    all or is shared, and a value that is linear in money.
    """
    options = [facts.choices(i, [1]) for i in range(facts.n)]
    funded = np.array(list(product(*options)), dtype=np.int64).reshape(-1, facts.n)
    judge = Judge(facts, funded * facts.cost)
    found = [_best_sizes(facts, judge, funded[k], worth, spare) for k in np.flatnonzero(judge.counts)]
    return max((value for value in found if value is not None), default=None)


def _best_sizes(
    facts: Facts, judge: Judge, funded: np.ndarray, worth: Sequence[Fraction], spare: Fraction
) -> Fraction | None:
    """Look at how far each award is above the least that it may be."""
    inside = np.flatnonzero(funded).tolist()
    least = {i: int(facts.least[i]) for i in inside}
    rows: list[Row] = []
    for weights, bound in _rules(facts, judge, inside, spare):
        rest = bound - sum(weights[i] * least[i] for i in inside)
        rows.append(([weights[i] for i in inside], rest))
    best = maximise([worth[i] for i in inside], rows)
    return None if best is None else best + sum(worth[i] * least[i] for i in inside)


def _rules(facts: Facts, judge: Judge, inside: list[int], spare: Fraction) -> Iterator[Row]:
    """Yield every rule on money: weights x awards <= bound, in minor units."""
    for i in inside:
        yield [Fraction(int(i == j)) for j in range(facts.n)], Fraction(int(facts.most[i]))
    yield from ((row.weights, row.bound - spare) for row in all_rows(facts) if not row.counts)
    for need in judge.needs:
        assert need.kind == "fail", "reserves that give way are a goal of their own"
        yield [need.share - counted for counted in need.counted], -need.fixed - spare
    yield [Fraction(1)] * facts.n, facts.available - spare


def maximise(value: Sequence[Fraction], rows: Sequence[Row]) -> Fraction | None:
    """Maximise ``value @ x`` for x >= 0 under rows ``a @ x <= b``; None if nothing satisfies them.

    The simplex method in two phases (Dantzig 1963) with the rule of Bland (1977), under which it always ends.
    """
    table = _Table(len(value), rows)
    if not table.start():
        return None
    return table.run([*value, *[Fraction(0)] * (len(rows) + 1)])


class _Table:
    """A simplex table: columns for x, a slack of each row, what is missing where rows do not hold, and the bound."""

    def __init__(self, size: int, rows: Sequence[Row]) -> None:
        count = len(rows)
        self.missing = size + count
        self.rows = [
            [*a, *(Fraction(int(r == s)) for s in range(count)), Fraction(-1), b]
            for r, (a, b) in enumerate(rows)
        ]
        self.basis = list(range(size, size + count))

    def start(self) -> bool:
        """Find a corner that satisfies the rows, if there is one."""
        worst = min(range(len(self.rows)), key=lambda r: self.rows[r][-1])
        if self.rows[worst][-1] >= 0:
            return True
        self._pivot(worst, self.missing)
        cost = [Fraction(0)] * self.missing + [Fraction(-1)]
        if self.run(cost, also=1) < 0:
            return False
        for r, column in enumerate(self.basis):
            if column == self.missing:
                self._pivot(r, next(c for c in range(self.missing) if self.rows[r][c]))
        return True

    def run(self, cost: Sequence[Fraction], also: int = 0) -> Fraction:
        """Go from corner to corner until none is better."""
        while True:
            prices = [cost[column] for column in self.basis]
            enters = next((c for c in range(self.missing + also) if self._gains(c, cost, prices)), None)
            if enters is None:
                return sum((p * row[-1] for p, row in zip(prices, self.rows, strict=True)), Fraction(0))
            ratios = [
                (row[-1] / row[enters], self.basis[r], r)
                for r, row in enumerate(self.rows)
                if row[enters] > 0
            ]
            self._pivot(min(ratios)[2], enters)

    def _gains(self, column: int, cost: Sequence[Fraction], prices: Sequence[Fraction]) -> bool:
        if column in self.basis:
            return False
        paid = sum((p * row[column] for p, row in zip(prices, self.rows, strict=True) if p), Fraction(0))
        return cost[column] > paid

    def _pivot(self, r: int, column: int) -> None:
        by = self.rows[r][column]
        self.rows[r] = [v / by for v in self.rows[r]]
        for s, row in enumerate(self.rows):
            if s != r and (factor := row[column]):
                self.rows[s] = [v - factor * w for v, w in zip(row, self.rows[r], strict=True)]
        self.basis[r] = column
