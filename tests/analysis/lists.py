"""Every portfolio that keeps the rules of a small random policy and reaches what comes before the value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl
from oracle.facts import Facts, fraction
from oracle.judge import Judge
from oracle.whole import EXACT, candidates
from random_rules import random_case

import portfolio as pf


@dataclass(frozen=True)
class All:
    """All portfolios between which the value decides: (m, n) who is funded and with how much, and their values."""

    ids: tuple[str, ...]
    funded: np.ndarray
    amounts: np.ndarray
    values: np.ndarray
    facts: Facts

    def totals(self, over: str) -> list[Fraction]:
        """The money to a trait, or the total of a column, of each portfolio."""
        if over in self.facts.policy.traits:
            inside = self.facts.trait(over)
            return [Fraction(int(row[inside].sum()), 100) for row in self.amounts]
        cells = [Fraction(0) if cell is None else fraction(cell) for cell in self.facts.frame[over]]
        return [sum((c for c, f in zip(cells, row, strict=True) if f), Fraction(0)) for row in self.funded]


def every_portfolio(frame: pl.DataFrame, policy: pf.Policy) -> All:
    """Look at every set of winners; goals are reached in their turn, the value last."""
    facts = Facts(frame, policy)
    judge = Judge(facts, candidates(facts))
    alive = judge.keep.astype(bool)
    for goal in judge.goals[:-1]:
        if alive.any():
            values = judge.value(goal)
            floor = goal.floor(float(values[alive].max()))
            alive &= values >= floor - EXACT * max(1.0, abs(floor))
    values = judge.value(judge.goals[-1])[alive]
    return All(tuple(facts.ids), judge.funded[alive], judge.amounts[alive], values, facts)


def comparable(policy: pf.Policy) -> bool:
    """Whether the value decides between portfolios, and awards have whole sizes."""
    lose = any(criterion.may_lose for criterion in policy.objective.criterion)
    rounds = policy.reserve_order == "over_and_above"
    return not rounds and policy.objective.partial is not True and not lose


def cases(seeds: Iterable[int]) -> Iterator[tuple[int, pl.DataFrame, pf.Policy]]:
    """Yield random calls and policies in which portfolios can be compared by value."""
    for seed in seeds:
        frame, policy = random_case(seed)
        if comparable(policy):
            yield seed, frame, policy
