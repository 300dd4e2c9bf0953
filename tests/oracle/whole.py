"""Every portfolio of whole awards or of levels, looked at one by one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from oracle.facts import Facts
from oracle.judge import Judge

EXACT = 1e-9


@dataclass(frozen=True)
class Best:
    """What can be reached goal by goal: the best, and the least that the goals after it must leave.

    `goals` is None if no portfolio keeps the rules; `ties` says whether several reach the best.
    """

    goals: tuple[tuple[float, float], ...] | tuple[tuple[Fraction, Fraction], ...] | None
    amounts: np.ndarray | None = None
    ties: bool = False

    @property
    def value(self) -> float | Fraction | None:
        return None if self.goals is None else self.goals[-1][0]


def candidates(facts: Facts) -> np.ndarray:
    """Return all combinations of options."""
    options = [facts.choices(i, sorted(facts.levels[i])) for i in range(facts.n)]
    return np.array(list(product(*options)), dtype=np.int64).reshape(-1, facts.n)


def best_whole(facts: Facts) -> Best:
    judge = Judge(facts, candidates(facts))
    alive, reached = judge.keep, []
    if not alive.any():
        return Best(None)
    for goal in judge.goals:
        values = judge.value(goal)
        most = float(values[alive].max())
        floor = goal.floor(most)
        reached.append((most, floor))
        alive = alive & (values >= floor - EXACT * max(1.0, abs(floor)))
    return Best(tuple(reached), judge.amounts[np.argmax(alive)], int(alive.sum()) > 1)
