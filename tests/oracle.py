"""The optimizer's answers by brute force: every subset of at most 12 proposals, straight from the definitions.

Nothing of the optimizer is used here: rules are read from the policy, money is added in integers, shares are
fractions, and every portfolio is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
import polars as pl

import portfolio as pf


@dataclass(frozen=True)
class Best:
    """Value of the best portfolio, or of each round; None where there is none."""

    value: float | None
    rounds: tuple[float, ...] = ()
    portfolios: tuple[frozenset[str], ...] = ()


def fraction(share: float) -> Fraction:
    return Fraction(str(share))


class Oracle:
    """All subsets of a small call, and which of them keep the rules of a policy."""

    def __init__(self, frame: pl.DataFrame, policy: pf.Policy) -> None:
        self.frame, self.policy = frame, policy
        self.ids = frame["id"].to_list()
        self.n = len(self.ids)
        self.sets = (np.arange(2**self.n)[:, None] >> np.arange(self.n)) & 1 == 1
        self.cost = np.array([round(100 * a) for a in frame["amount"]], dtype=np.int64)
        self.merit = np.array([np.nan if m is None else m for m in frame["merit"]])
        self.spent = self.sets @ self.cost
        budgets = policy.budget if isinstance(policy.budget, tuple) else (policy.budget,)
        self.budgets = [int(100 * b) for b in budgets]
        self.total = sum(self.budgets)
        zero, size = policy.objective.zero, policy.objective.size
        exponent = {"per_award": 0.0, "per_money": 1.0}.get(size, size)
        self.worth = np.nan_to_num((self.merit - zero) * (self.cost / 100) ** exponent)
        self.value = self.sets @ self.worth
        for link in policy.link:
            if link.kind == "synergy":
                self.value = self.value + link.value * self.sets[:, self.at(link.proposals)].all(axis=1)

    def at(self, names: tuple[str, ...]) -> list[int]:
        return [self.ids.index(name) for name in names]

    def mask(self, column: str) -> np.ndarray:
        return np.array([flag is True for flag in self.frame[column]])

    def groups(self, column: str) -> dict[str, np.ndarray]:
        cells = [c if isinstance(c, list) else [c] for c in self.frame[column].to_list()]
        names = {name for cell in cells for name in cell if name is not None}
        return {name: np.array([name in cell for cell in cells]) for name in names}

    def keeps_all_but_reserves(self) -> np.ndarray:
        policy = self.policy
        keep = self.may()
        for year, budget in enumerate(self.budgets):
            cost = self.cost if len(self.budgets) == 1 else self.year(year)
            keep &= self.sets @ cost <= budget
        for limit in policy.limit:
            groups = self.groups(limit.per) if limit.per else {"": self.mask(limit.where)}
            for member in groups.values():
                keep &= self.within(limit, member)
        for coverage in policy.coverage:
            for member in self.groups(coverage.per).values():
                keep &= self.sets @ member.astype(int) >= coverage.min_awards
        for link in policy.link:
            keep &= self.linked(link)
        return keep

    def payable(self) -> np.ndarray:
        if len(self.budgets) == 1:
            return self.cost <= self.total
        return np.all([self.year(y) <= budget for y, budget in enumerate(self.budgets)], axis=0)

    def year(self, year: int) -> np.ndarray:
        return np.array([round(100 * a) for a in self.frame[f"amount_y{year + 1}"]], dtype=np.int64)

    def may(self) -> np.ndarray:
        policy = self.policy
        eligible = ~np.isnan(self.merit)
        if policy.eligible:
            eligible &= self.mask(policy.eligible)
        with np.errstate(invalid="ignore"):
            worth = self.merit >= policy.objective.zero
        locked = np.isin(np.arange(self.n), self.at(policy.must_fund))
        keep = ~self.sets[:, ~(eligible & (worth | locked))].any(axis=1)
        keep &= self.sets[:, self.at(policy.must_fund)].all(axis=1)
        return keep & ~self.sets[:, self.at(policy.must_not_fund)].any(axis=1)

    def within(self, limit: pf.Limit, member: np.ndarray) -> np.ndarray:
        money, awards = self.sets @ (self.cost * member), self.sets @ member.astype(int)
        keep = np.ones(len(self.sets), dtype=bool)
        for name, sign in (("min", 1), ("max", -1)):
            share, amount, count = (getattr(limit, f"{name}_{of}") for of in ("share", "amount", "awards"))
            if share is not None:
                base = self.spent if limit.base == "spent" else self.total
                exact = fraction(share)
                keep &= sign * (exact.denominator * money - exact.numerator * base) >= 0
            if amount is not None:
                keep &= sign * (money - int(100 * amount)) >= 0
            if count is not None:
                keep &= sign * (awards - count) >= 0
        return keep

    def linked(self, link: pf.Link) -> np.ndarray:
        match link.kind:
            case "at_most":
                groups = self.groups(link.per).values() if link.per else [np.isin(self.ids, link.proposals)]
                keep = np.ones(len(self.sets), dtype=bool)
                for member in groups:
                    keep &= self.sets @ member.astype(int) <= link.k
                return keep
            case "requires":
                a, b = self.at((link.proposal, link.needs))
                return ~self.sets[:, a] | self.sets[:, b]
            case "all_or_none":
                inside = self.sets[:, self.at(link.proposals)]
                return inside.all(axis=1) | ~inside.any(axis=1)
            case _:
                return np.ones(len(self.sets), dtype=bool)

    def counting(self, reserve: pf.Reserve) -> np.ndarray:
        member = self.mask(self.policy.traits[reserve.trait])
        with np.errstate(invalid="ignore"):
            return member if reserve.min_merit is None else member & (self.merit >= reserve.min_merit)

    def required(self, reserve: pf.Reserve, spent: int) -> Fraction:
        if reserve.amount is not None:
            return Fraction(int(100 * reserve.amount))
        if reserve.base == "spent":
            return fraction(reserve.share) * spent
        return Fraction(-(-fraction(reserve.share) * self.total // 1))

    def missing(self, index: int) -> tuple[Fraction, Fraction, Fraction]:
        """Shortfall of the hard reserves, of the held ones and of all soft ones for one subset."""
        reserves = self.policy.reserve
        member = [self.counting(reserve) & self.sets[index] for reserve in reserves]
        need = [self.required(reserve, int(self.spent[index])) for reserve in reserves]
        kinds = [reserve.shortfall for reserve in reserves]
        if self.policy.reserve_accounting == "one_to_one":
            hard = self.deficiency(member, need, [r for r, kind in enumerate(kinds) if kind == "fail"])
            firm = self.deficiency(member, need, [r for r, kind in enumerate(kinds) if kind != "release"])
            every = self.deficiency(member, need, list(range(len(reserves))))
            return hard, firm - hard, every - hard
        among = np.maximum(np.sum(member, axis=0), 1) if member else np.ones(self.n)
        shared = self.policy.reserve_accounting == "shared"
        short = []
        for mask, demand in zip(member, need, strict=True):
            parts = [
                Fraction(int(c), int(k) if shared else 1)
                for c, k in zip(self.cost[mask], among[mask], strict=True)
            ]
            short.append(max(Fraction(0), demand - sum(parts, Fraction(0))))
        by = {
            kind: sum((s for s, k in zip(short, kinds, strict=True) if k == kind), Fraction(0))
            for kind in set(kinds)
        }
        hold = by.get("hold", Fraction(0))
        return by.get("fail", Fraction(0)), hold, hold + by.get("release", Fraction(0))

    def deficiency(self, member: list[np.ndarray], need: list[Fraction], which: list[int]) -> Fraction:
        """Unmet demand of some reserves when money counts once: the largest excess over all sets of them."""
        worst = Fraction(0)
        for size in range(1, len(which) + 1):
            for chosen in combinations(which, size):
                money = int(self.cost[np.any([member[r] for r in chosen], axis=0)].sum())
                worst = max(worst, sum((need[r] for r in chosen), Fraction(0)) - money)
        return worst

    def guaranteed(self) -> Best:
        """Least shortfall first, most value second, over all subsets."""
        found: list[tuple[Fraction, float, int]] = []
        for index in np.flatnonzero(self.keeps_all_but_reserves()).tolist():
            hard, hold, soft = self.missing(index)
            if hard == 0 and int(self.spent[index]) + hold <= self.total:
                found.append((soft, float(self.value[index]), index))
        if not found:
            return Best(None)
        least = min(found)[0]
        value = max(v for soft, v, _ in found if soft == least)
        close = [i for soft, v, i in found if soft == least and v >= value - 1e-9]
        return Best(value, portfolios=tuple(self.named(i) for i in close))

    def named(self, index: int) -> frozenset[str]:
        return frozenset(name for name, funded in zip(self.ids, self.sets[index], strict=True) if funded)

    def over_and_above(self) -> Best:
        """Open money first, then each reserve, then what was released; stops where two portfolios tie."""
        keep = self.keeps_all_but_reserves()
        pots = [int(self.required(reserve, 0)) for reserve in self.policy.reserve]
        if sum(pots) > self.total:
            return Best(None)
        rounds: list[float] = []
        everyone = np.ones(self.n, dtype=bool)
        plan = [(None, self.total - sum(pots), everyone)]
        plan += [(r, pot, self.counting(r)) for r, pot in zip(self.policy.reserve, pots, strict=True)]
        before, released = np.zeros(self.n, dtype=bool), 0
        # Demand is what may be funded at all: a request above a whole budget is none.
        open_ = self.sets[self.may()].any(axis=0) & self.payable()
        for reserve, pot, member in [*plan, ("last", None, everyone)]:
            if reserve == "last":
                if all(r.shortfall != "release" for r in self.policy.reserve):
                    break
                pot = released  # noqa: PLW2901
            elif (
                reserve is not None
                and reserve.shortfall == "fail"
                and self.left(member & open_ & ~before) < pot
            ):
                return Best(None, tuple(rounds))
            step = keep & self.sets[:, before].all(axis=1) & ~self.sets[:, ~(before | member)].any(axis=1)
            step &= self.sets @ (self.cost * ~before) <= pot
            if not step.any():
                return Best(None, tuple(rounds))
            value = float(self.value[step].max())
            rounds.append(value)
            close = np.flatnonzero(step & (self.value >= value - 1e-9))
            if len(close) > 1:
                return Best(value, tuple(rounds))
            now = self.sets[close[0]]
            left = pot - int(self.cost[now & ~before].sum())
            released += (
                left if reserve is None or (reserve != "last" and reserve.shortfall == "release") else 0
            )
            before = now
        return Best(rounds[-1], tuple(rounds), (self.named(int(close[0])),))

    def left(self, member: np.ndarray) -> int:
        return int(self.cost[member].sum())

    def best(self) -> Best:
        return self.over_and_above() if self.policy.reserve_order == "over_and_above" else self.guaranteed()
