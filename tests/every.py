"""Every portfolio of a small call beside the one that was decided: what a proof has to hold against."""

from __future__ import annotations

from typing import Any

import numpy as np
from oracle import Oracle
from oracle.judge import Judge
from oracle.whole import candidates

import portfolio as pf

EXACT = 1e-6


class Every:
    """Every portfolio that keeps the firm rules, and what it reaches before the value, beside the one decided."""

    def __init__(self, oracle: Oracle, portfolio: pf.Portfolio) -> None:
        judge = Judge(oracle.facts, candidates(oracle.facts))
        self.funded, place = judge.funded[judge.keep], {name: i for i, name in enumerate(oracle.facts.ids)}
        values = np.array([judge.value(goal)[judge.keep] for goal in judge.goals])
        awards: dict[str, Any] = dict(portfolio.to_frame().select("id", "amount_awarded").iter_rows())
        here = np.array(oracle.judge(awards).goals)
        slack = EXACT * np.maximum(1.0, np.abs(here[:-1, None]))
        self.as_well = np.all(values[:-1] >= here[:-1, None] - slack, axis=0)
        self.lost = here[-1] - values[-1]
        self.place, self.goals = place, len(here) - 1

    def otherwise(self, name: str, *, funded: bool) -> np.ndarray:
        return self.funded[:, self.place[name]] != funded

    def least(self, among: np.ndarray) -> float:
        return float(self.lost[among].min(initial=np.inf))
