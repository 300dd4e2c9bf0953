"""The door to the oracle: the best that can be reached, and a judgement of awards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

import portfolio as pf
from oracle.facts import Facts, cents
from oracle.judge import Judge
from oracle.partial import a_cent, best_partial
from oracle.rounds import Turn, turns
from oracle.whole import Best, best_whole

# Awards that may be cut are right to a minor unit each, and a rule may ask for another one because of it.
CENTS, EXACT = 3, 1e-7


@dataclass(frozen=True)
class Judgement:
    """Whether awards keep all firm rules, what they reach of each goal, and what each soft rule lacks."""

    kept: bool
    goals: tuple[float, ...]
    gave_way: dict[str, float]


class Oracle:
    """A small call and a policy."""

    def __init__(self, frame: pl.DataFrame, policy: pf.Policy) -> None:
        self.facts = Facts(frame, policy)

    @property
    def in_rounds(self) -> bool:
        return self.facts.policy.reserve_order == "over_and_above"

    @property
    def cuts(self) -> bool:
        """Whether awards may have any size, so that answers are right to a minor unit only."""
        return bool(self.facts.cut.any())

    def best(self, loose: float = 0.0) -> Best:
        return best_partial(self.facts, loose) if self.cuts else best_whole(self.facts)

    def rounds(self, taken: Sequence[Mapping[str, Decimal]] | None = None) -> list[Turn]:
        """Return the best of each round, given the awards `taken` up to it, or the best ones; those in all so far."""
        return list(turns(self.facts, None if taken is None else [self.amounts(awards) for awards in taken]))

    def amounts(self, awards: Mapping[str, Decimal]) -> np.ndarray:
        return np.array([cents(awards.get(name, 0)) for name in self.facts.ids], dtype=np.int64)

    def judge(self, awards: Mapping[str, Decimal]) -> Judgement:
        judge = Judge(self.facts, self.amounts(awards)[None, :])
        goals = tuple(float(judge.value(goal)[0]) for goal in judge.goals)
        lacks = {rule: float(missed[0]) for rule, missed in judge.missed.items() if missed[0] > 0}
        return Judgement(bool(judge.keep[0]), goals, lacks)

    def best_reached(self, awards: Mapping[str, Decimal], where: str) -> tuple[Best, Judgement]:
        """Return the best and what awards reach, which keep the rules and reach every goal in its turn."""
        best, judged = self.best(), self.judge(awards)
        assert best.goals is not None, f"{where}: awards although nothing keeps the rules"
        assert judged.kept, f"{where}: {awards} breaks a rule"
        most = self.best(loose=CENTS) if self.cuts else best
        assert most.goals is not None, where
        for (_, floor), (high, _), got, cent in zip(
            best.goals, most.goals, judged.goals, self.cents(), strict=True
        ):
            slack = CENTS * cent + EXACT + EXACT * abs(floor)
            assert floor - slack <= got <= high + slack, f"{where}: {judged.goals} instead of {best.goals}"
        return best, judged

    def cents(self) -> list[float]:
        """Return what a minor unit on every award that may be cut changes in each goal."""
        judge = Judge(self.facts, np.zeros((1, self.facts.n), dtype=np.int64))
        return [a_cent(self.facts, goal) for goal in judge.goals]
