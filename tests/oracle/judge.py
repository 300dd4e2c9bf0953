"""Exact judgement of given awards: which rules they keep, by how much they miss the soft ones, what they are worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm

import numpy as np

from oracle.facts import Facts, cents
from oracle.reserves import needs
from oracle.rows import Row, all_rows, softness
from oracle.value import Goal, chances, goals, overcommitted, splits, synergies

# All reserves that hold their money, as one.
HELD = -1


def subsets_of(some: Sequence[int]) -> list[tuple[int, ...]]:
    return [chosen for size in range(len(some) + 1) for chosen in combinations(some, size)]


class Judge:
    """Many candidates at once: `amounts` is (candidates, n) in minor units.

    `keep` says which keep all firm rules, `counts` which keep those that do not ask how much is awarded.
    `missed` holds what each soft rule lacks, `relative` the same compared with its size; `counted` and
    `counted_relative` the parts of it that do not ask how much is awarded.
    """

    def __init__(self, facts: Facts, amounts: np.ndarray) -> None:
        self.facts, self.amounts = facts, amounts.astype(np.int64)
        self.funded = self.amounts > 0
        self.whole = bool(((self.amounts == 0) | (self.amounts == facts.cost)).all())
        self.soft, self.needs = softness(facts), needs(facts)
        self.keep, self.counts = np.ones((2, len(amounts)), dtype=bool)
        nothing = np.zeros(len(amounts))
        self.missed, self.relative, self.counted, self.counted_relative = (
            defaultdict(lambda: nothing) for _ in range(4)
        )
        for row in all_rows(facts):
            excess, scale = self.excess(row)
            self._judge(row.rule, excess, row.unit / scale, row.size, row.counts)
        for rule, broken in splits(facts, self.funded).items():
            self._judge(rule, broken.astype(np.int64), Fraction(1), Fraction(1), True)
        self._awards()
        self._reserves()
        self._budget()

    @property
    def goals(self) -> list[Goal]:
        levels = {priority for _, priority in self.soft.values() if priority}
        return goals(self.facts, levels, any(n.kind in ("hold", "release") for n in self.needs))

    def _awards(self) -> None:
        """Look whether everybody may be funded, and with this amount."""
        facts = self.facts
        self.keep &= ~self.funded[:, ~facts.open | facts.barred].any(axis=1)
        self.keep &= self.funded[:, facts.locked].all(axis=1)
        for i in range(facts.n):
            got = self.amounts[:, i]
            if facts.cut[i]:
                self.keep &= (got == 0) | ((got >= facts.least[i]) & (got <= facts.most[i]))
            else:
                self.keep &= np.isin(got, [0, *facts.levels[i]])

    def _judge(self, rule: str, excess: np.ndarray, unit: Fraction, size: Fraction, counts: bool) -> None:
        """Firm rules must be kept exactly; what soft ones lack is added up over their rows."""
        if rule not in self.soft:
            kept = (excess <= 0).astype(bool)
            self.keep &= kept
            self.counts &= kept | (not counts)
            return
        missed = np.maximum(excess, 0).astype(float) * float(unit)
        self.missed[rule] = self.missed[rule] + missed
        self.relative[rule] = self.relative[rule] + missed / float(size)
        if counts:
            self.counted[rule] = self.counted[rule] + missed
            self.counted_relative[rule] = self.counted_relative[rule] + missed / float(size)

    def excess(self, row: Row) -> tuple[np.ndarray, int]:
        """Return by how much each candidate exceeds the bound, in whole numbers, and their scale."""
        if row.counts:
            return self._sum(self.funded, row.weights, row.bound)
        return self.sum_of_money(row.weights, row.bound)

    def sum_of_money(self, weights: list[Fraction], bound: Fraction = Fraction(0)) -> tuple[np.ndarray, int]:
        if self.whole:
            each = [w * int(c) for w, c in zip(weights, self.facts.cost, strict=True)]
            return self._sum(self.funded, each, bound)
        return self._sum(self.amounts, weights, bound)

    def _sum(self, matrix: np.ndarray, weights: list[Fraction], bound: Fraction) -> tuple[np.ndarray, int]:
        scale = lcm(*(w.denominator for w in (*weights, bound)))
        whole = [int(w * scale) for w in weights]
        most = sum(abs(w) for w in whole) * max(1, int(matrix.max(initial=0))) + abs(int(bound * scale))
        kind = np.int64 if most < 2**62 else object
        return matrix.astype(kind) @ np.array(whole, dtype=kind) - int(bound * scale), scale

    def year(self, year: int) -> tuple[np.ndarray, int]:
        """Return the money of one year, in whole numbers, and their scale."""
        facts = self.facts
        parts = [Fraction(int(y), int(c)) for y, c in zip(facts.by_year[year], facts.cost, strict=True)]
        return self.sum_of_money(parts)

    def _reserves(self) -> None:
        """Add up what is missing, in whole parts of a minor unit; `held` is what stays unspent instead."""
        scale = lcm(*(f.denominator for n in self.needs for f in (n.fixed, n.share, *n.counted)))
        self.scale = scale
        amounts = self._wide()
        spent = amounts.sum(axis=1)
        due = [int(n.fixed * scale) + int(n.share * scale) * spent for n in self.needs]
        if self.facts.policy.reserve_accounting == "one_to_one":
            missing = self._one_to_one(due)
        else:
            counted = [np.array([int(w * scale) for w in n.counted], dtype=amounts.dtype) for n in self.needs]
            missing = [np.maximum(0, d - amounts @ w) for d, w in zip(due, counted, strict=True)]
        self.held, self.short = np.zeros((2, len(amounts)), dtype=amounts.dtype)
        for need, miss in zip(self.needs, missing, strict=True):
            if need.kind in ("hold", "release"):
                self.short += miss
                self.held += miss if need.kind == "hold" else 0
            else:
                self._judge(need.key, miss, Fraction(1, 100 * scale), need.size / 100, False)

    def _wide(self) -> np.ndarray:
        """Return the awards as whole numbers that do not overflow when they are added up and scaled."""
        most = self.scale * int(self.facts.cost.astype(object).sum())
        return self.amounts if most < 2**60 else self.amounts.astype(object)

    def _one_to_one(self, due: list[np.ndarray]) -> list[np.ndarray]:
        """Return what each reserve lacks when the money of an award counts once, served in turn.

        By the first in turn as much money is taken as their smallest cut lets through. Reserves that hold are one, and
        what they lack together is said of the first of them.
        """
        held = [r for r, need in enumerate(self.needs) if need.kind == "hold"]
        nothing = np.zeros_like(self._wide().sum(axis=1))
        everything = sum((due[r] for r in held), nothing)
        steps = [(need.turn, r, due[r]) for r, need in enumerate(self.needs) if need.kind != "hold"]
        if held:
            for turn, room in self._rooms():
                steps.append((turn, HELD, np.clip(everything - room, 0, everything)))
            steps.append(((3.0,), HELD, everything))
        served: dict[int, np.ndarray] = {}
        missing, before = list(due), nothing
        for _, target, most in sorted(steps, key=lambda step: step[:2]):
            served[target] = most
            now = self._cut(served, due, held)
            if target != HELD:
                missing[target] = due[target] - (now - before)
            before = now
        for r in held:
            others = sum((due[o] - missing[o] for o in served if o != HELD), nothing)
            missing[r] = everything - (before - others) if r == held[0] else nothing
        return missing

    def _cut(self, served: dict[int, np.ndarray], due: list[np.ndarray], held: list[int]) -> np.ndarray:
        """Return the most money that all that are served may take together, by the smallest of all cuts."""
        alone, amounts, cuts = [r for r in served if r != HELD], self._wide(), []
        for some in subsets_of(alone):
            for of_held in subsets_of(held) if HELD in served else [()]:
                members = np.zeros(self.facts.n, dtype=bool)
                for r in (*some, *of_held):
                    members |= self.needs[r].member
                money = self.scale * amounts[:, members].sum(axis=1)
                rest = sum((served[r] for r in alone if r not in some), np.zeros_like(money))
                if HELD not in served:
                    cuts.append(money + rest)
                    continue
                cuts.append(
                    money + rest + sum((due[r] for r in held if r not in of_held), np.zeros_like(money))
                )
                if not of_held:
                    cuts.append(money + rest + served[HELD])
        return np.minimum.reduce(cuts)

    def _rooms(self) -> Iterator[tuple[tuple[float, ...], np.ndarray]]:
        """Yield what may be held beside the awards: at all, and before the budget gives way."""
        facts, spent = self.facts, self._wide().sum(axis=1)
        policy = facts.policy
        if policy.overcommit is not None and facts.years == 1:
            sums, scale = self.year(0)
            enough = overcommitted(facts, self.amounts, 0, sums.astype(float) / scale)
            yield (1.0,), np.floor(self.scale * (facts.left[0] - enough)).astype(spent.dtype)
            return
        if policy.overspend is None:
            yield (1.0,), self.scale * (facts.available - spent)
            return
        if (most := facts.beyond(0)) is not None:
            yield (1.0,), self.scale * (facts.left[0] + most - spent)
        size = float(facts.size_of_year(0))
        yield (2.0, -float(policy.overspend.priority or 0), 0.0, size), self.scale * (facts.left[0] - spent)

    def _budget(self) -> None:
        facts, spent = self.facts, self._wide().sum(axis=1)
        if facts.policy.overspend is not None:
            self._overspent()
            return
        if facts.policy.overcommit is None:
            self._by_year()
        else:
            self._overcommitted()
        if facts.policy.overcommit is None or facts.years > 1:
            kept = self.scale * spent + self.held <= self.scale * facts.available
            self.keep &= (kept if facts.years == 1 else kept | (self.held == 0)).astype(bool)

    def _overspent(self) -> None:
        """What is over the money of a year is missed, up to a most; with a single budget, held money is spent."""
        facts = self.facts
        for year in range(facts.years):
            sums, scale = self.year(year)
            common = lcm(scale, self.scale)
            over = sums.astype(object) * (common // scale) - common * facts.left[year]
            if facts.years == 1:
                over = over + self.held.astype(object) * (common // self.scale)
            self._judge("budget", over, Fraction(1, 100 * common), facts.size_of_year(year) / 100, False)
            most = facts.beyond(year)
            if most is not None:
                self.keep &= (over <= common * most).astype(bool)

    def _overcommitted(self) -> None:
        facts = self.facts
        for year in range(facts.years):
            sums, scale = self.year(year)
            enough = overcommitted(facts, self.amounts, year, sums.astype(float) / scale)
            room = facts.left[year] - (self.held / self.scale if facts.years == 1 else 0.0)
            self.keep &= enough <= room + 1e-9 * np.maximum(1.0, np.abs(room))

    def _by_year(self) -> None:
        """Each year has its budget and what the year before has left, as far as that may be carried over."""
        most = cents(self.facts.policy.carry_over or 0)
        carried, before = np.zeros(len(self.amounts), dtype=object), 1
        for year in range(self.facts.years):
            sums, scale = self.year(year)
            common = lcm(scale, before)
            left = common * self.facts.left[year] - sums.astype(object) * (common // scale)
            left = left + carried * (common // before)
            self.keep &= (left >= 0).astype(bool)
            carried, before = np.minimum(left, most * common), common

    def value(self, goal: Goal) -> np.ndarray:
        """Return for each candidate what the goal asks to be as large as possible."""
        if goal.kind == "priority":
            return -sum(self.relative[rule] for rule, (_, p) in self.soft.items() if p == goal.level)
        if goal.kind == "shortfall":
            return -self.short / (100 * self.scale)
        value = self._shares() @ goal.coefficients
        if goal.kind == "exploratory" and (price := self.facts.policy.exploratory.price):
            value = value - price * self.missed["exploratory"]
        if goal.last:
            value = value + synergies(self.facts, self.funded) + chances(self.facts, self.funded)
            value = value - sum(price * self.missed[rule] for rule, (price, _) in self.soft.items() if price)
        return value

    def _shares(self) -> np.ndarray:
        if self.whole:
            return self.funded.astype(float)
        shares = np.zeros(self.amounts.shape)
        for i in range(self.facts.n):
            known = {int(a): self.facts.share(i, int(a)) for a in np.unique(self.amounts[:, i])}
            shares[:, i] = [known[int(a)] for a in self.amounts[:, i]]
        return shares
