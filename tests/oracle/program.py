"""One set of funded proposals whose awards may be cut: how much each gets is a small linear program."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from oracle.facts import cents
from oracle.judge import Judge
from oracle.rows import all_rows
from oracle.value import Goal, chances, synergies

Terms = dict[int, float]


class Program:
    """Columns are parts of the requests, in the order of the curve, and what soft rules lack; money in major units."""

    def __init__(self, judge: Judge, index: int, ends: Mapping[int, int]) -> None:
        """Take the set of funded proposals from one candidate of a judge.

        `ends` says for some proposals in which part of the curve the award ends: the parts before it are full.
        """
        self.facts, self.judge, self.index, self.ends = judge.facts, judge, index, ends
        self.funded = judge.funded[index]
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[Terms, float]] = []
        self.money: list[Terms] = [{} for _ in self.funded]
        self.worth: list[Terms] = [{} for _ in self.funded]
        self.lacks: dict[str, list[tuple[int, float]]] = {}
        self.answer = np.zeros(0)
        for i in np.flatnonzero(self.funded):
            self._award(int(i))
        self._sums()
        self._reserves()
        self._years()

    def column(self, low: float = 0.0, high: float = np.inf) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def at_most(self, terms: Terms, bound: float) -> None:
        self.rows.append((terms, bound))

    def _award(self, i: int) -> None:
        facts = self.facts
        request, (least, most) = facts.cost[i] / 100, (int(facts.least[i]), int(facts.most[i]))
        if least == most:
            column = self.column(1.0, 1.0)
            self.money[i], self.worth[i] = {column: most / 100}, {column: facts.share(i, most)}
            return
        curve = [(0.0, 0.0), *(facts.policy.objective.curve or [(1.0, 1.0)])]
        for part, ((s, h), (t, g)) in enumerate(pairwise(curve)):
            end = self.ends.get(i, part)
            column = self.column(t - s if part < end else 0.0, 0.0 if part > end else t - s)
            self.money[i][column], self.worth[i][column] = request, (g - h) / (t - s)
        self.at_most(self.money[i], most / 100)
        self.at_most({c: -m for c, m in self.money[i].items()}, -least / 100)

    def _total(self, weights: list[Fraction] | np.ndarray) -> Terms:
        terms: Terms = {}
        for i, weight in enumerate(weights):
            if weight:
                terms |= {c: float(weight) * m for c, m in self.money[i].items()}
        return terms

    def _lack(self, rule: str, size: Fraction) -> int:
        """A column for what a soft rule lacks, in major units, and the size that it is compared with."""
        column = self.column()
        self.lacks.setdefault(rule, []).append((column, float(size)))
        return column

    def _sums(self) -> None:
        for row in all_rows(self.facts):
            if row.counts:
                continue
            terms = self._total(row.weights)
            if row.rule in self.judge.soft:
                terms[self._lack(row.rule, row.size)] = -1.0
            self.at_most(terms, float(row.bound) / 100)

    def _reserves(self) -> None:
        facts, self.short, self.held = self.facts, [], []
        once = facts.policy.reserve_accounting == "one_to_one"
        given: dict[int, Terms] = {}
        for need in self.judge.needs:
            everyone = [need.share] * facts.n
            if once:
                terms = self._total(everyone)
                for i in np.flatnonzero(self.funded & need.member):
                    column = self.column()
                    terms[column] = -1.0
                    given.setdefault(int(i), {})[column] = 1.0
            else:
                terms = self._total([s - w for s, w in zip(everyone, need.counted, strict=True)])
            if need.kind != "fail":
                column = self._lack(need.key, need.size / 100)
                terms[column] = -1.0
                self.short += [column] if need.kind in ("hold", "release") else []
                self.held += [column] if need.kind == "hold" else []
            self.at_most(terms, -float(need.fixed) / 100)
        for i, columns in given.items():
            self.at_most(columns | {c: -m for c, m in self.money[i].items()}, 0.0)

    def _years(self) -> None:
        facts = self.facts
        total = self._total([Fraction(1)] * facts.n) | dict.fromkeys(self.held, 1.0)
        if facts.policy.overspend is not None:
            for year in range(facts.years):
                terms = total if facts.years == 1 else self._total(facts.by_year[year] / facts.cost)
                column = self._lack("budget", facts.size_of_year(year) / 100)
                self.high[column] = np.inf if (most := facts.beyond(year)) is None else most / 100
                self.at_most(terms | {column: -1.0}, facts.left[year] / 100)
            return
        if facts.years == 1 or self.held:
            self.at_most(total, facts.available / 100)
        most, carried = cents(facts.policy.carry_over or 0) / 100, None
        for year in range(facts.years if facts.years > 1 else 0):
            terms = self._total(facts.by_year[year] / facts.cost)
            if carried is not None:
                terms[carried] = -1.0
            self.at_most(terms, facts.left[year] / 100)
            carried = self.column(0.0, most)
            self.at_most(terms | {carried: 1.0}, facts.left[year] / 100)

    def goal(self, goal: Goal) -> tuple[Terms, float]:
        """Return a goal as terms and a constant."""
        judge, at, soft = self.judge, self.index, self.judge.soft
        if goal.kind == "priority":
            rules = [rule for rule, (_, priority) in soft.items() if priority == goal.level]
            counted = sum(float(judge.counted_relative[rule][at]) for rule in rules)
            return {c: -1 / size for rule in rules for c, size in self.lacks.get(rule, [])}, -counted
        if goal.kind == "shortfall":
            return dict.fromkeys(self.short, -1.0), 0.0
        terms: Terms = {}
        for i in np.flatnonzero(self.funded):
            terms |= {c: float(goal.coefficients[i]) * w for c, w in self.worth[i].items()}
        if goal.kind == "exploratory" and (price := self.facts.policy.exploratory.price):
            terms |= {c: -price for c, _ in self.lacks.get("exploratory", [])}
        if not goal.last:
            return terms, 0.0
        whole = judge.funded[[at]]
        constant = float(synergies(self.facts, whole)[0] + chances(self.facts, whole)[0])
        for rule, (price, _) in soft.items():
            if price:
                constant -= price * float(judge.counted[rule][at])
                terms |= {c: -price for c, _ in self.lacks.get(rule, [])}
        return terms, constant

    def optimistic(self, terms: Terms, constant: float) -> float:
        return constant + sum(max(w * self.low[c], w * self.high[c]) for c, w in terms.items() if w)

    def solve(self, terms: Terms, constant: float) -> float | None:
        """Return the largest value of the terms, or None if no sizes keep the rules."""
        if not self.low:
            return constant if all(bound >= -1e-9 for _, bound in self.rows) else None
        matrix = np.zeros((len(self.rows), len(self.low)))
        for r, (row, _) in enumerate(self.rows):
            for c, weight in row.items():
                matrix[r, c] = weight
        objective = np.zeros(len(self.low))
        for c, weight in terms.items():
            objective[c] = -weight
        answer = milp(
            objective,
            bounds=Bounds(np.array(self.low), np.array(self.high)),
            constraints=LinearConstraint(matrix, -np.inf, np.array([bound for _, bound in self.rows])),
        )
        if answer.status == 2:
            return None
        assert answer.x is not None, answer.message
        self.answer = answer.x
        return constant - float(answer.fun)

    def amounts(self) -> np.ndarray:
        """Return the awards of the last solution, to the nearest minor unit."""
        parts = [sum(m * self.answer[c] for c, m in terms.items()) for terms in self.money]
        return np.array([round(100 * part) for part in parts], dtype=np.int64)
