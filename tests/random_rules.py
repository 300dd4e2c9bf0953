"""Small random calls and policies over the whole rule set, a few rules at a time, reproducible by seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from random_policies import SHARES, random_call

import portfolio as pf

# Each of them is drawn with this chance; of reserves, limits and links there may be up to three.
CHANCES = {
    "reserve": 0.3,
    "limit": 0.35,
    "link": 0.3,
    "coverage": 0.35,
    "overspend": 0.3,
    "committed": 0.2,
    "carry_over": 0.5,
    "stable": 0.35,
    "exploratory": 0.25,
    "criteria": 0.35,
    "overcommit": 0.25,
    "must": 0.1,
}
SOFT = 0.4


def random_case(seed: int, size: int | None = None) -> tuple[pl.DataFrame, pf.Policy]:
    """Return a call (small, unless its size is given) and a policy; awards are whole, have levels, or can be cut."""
    rng = np.random.default_rng([seed, 1])
    partial = (False, "levels", True)[int(rng.choice(3, p=[0.6, 0.18, 0.22]))]
    years = int(rng.choice([0, 0, 2, 3] if partial is True else [0, 0, 2]))
    n = int(rng.integers(3, 9 if partial is False else 7))
    if seed % 100 == 0 and not partial:
        n = 11
    n = size or n
    frame = wide_call(rng, n, years, smallest=2.0 if partial is True else 0.0)
    draw = _Draw(rng, frame, years, partial)
    policy = draw.policy()
    return frame, policy.replace(limit=(*policy.limit, *draw.gaps()))


def wide_call(rng: np.random.Generator, n: int, years: int, smallest: float = 0.0) -> pl.DataFrame:
    """Return a random call with every column that a rule can ask for; a small minimum keeps a cent worth little."""
    frame = random_call(rng, n, years)
    if smallest:
        money = [name for name in frame.columns if name.startswith("amount_y")] or ["amount"]
        frame = frame.with_columns(pl.col(money) + smallest)
        frame = frame.with_columns(amount=pl.sum_horizontal(money).round(2))
    cents = [round(100 * a) for a in frame["amount"]]
    return frame.with_columns(
        pl.Series("min_amount", [_least(rng, c) for c in cents], pl.Float64),
        pl.Series("levels", [_levels(rng, c) for c in cents], pl.List(pl.String)),
        pl.Series("cofunding", _gaps(rng, np.round(rng.uniform(0, 30, n), 2)), pl.Float64),
        pl.Series("impact", _gaps(rng, np.round(rng.uniform(-2, 8, n), 1)), pl.Float64),
        pl.Series("trl", _gaps(rng, rng.integers(1, 10, n)), pl.Int64),
        pl.Series("success_probability", _gaps(rng, _chances(rng, n)), pl.Float64),
        pl.Series("other_probability", _gaps(rng, _chances(rng, n)), pl.Float64),
        pl.Series("organized", _gaps(rng, rng.random(n) < 0.35), pl.Boolean),
        pl.Series("exploratory", _gaps(rng, rng.random(n) < 0.35), pl.Boolean),
    )


def _gaps(rng: np.random.Generator, values: np.ndarray) -> list[Any]:
    return [None if rng.random() < 0.12 else v for v in values.tolist()]


def _chances(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.25, rng.integers(0, 2, n), np.round(rng.random(n), 2))


def _least(rng: np.random.Generator, cents: int) -> float | None:
    if rng.random() < 0.25:
        return None
    return int(cents * rng.choice([0.0, 0.2, 0.5, 0.8, 1.0])) / 100


def _levels(rng: np.random.Generator, cents: int) -> list[str] | None:
    amounts = {int(cents * share) for share in rng.uniform(0.2, 0.95, rng.integers(0, 3))} - {0, cents}
    made = [f"{amount / 100:.2f}: {round(float(rng.random()) ** 0.5, 2)}" for amount in sorted(amounts)]
    return made or None


class _Draw:
    """One policy in the making."""

    def __init__(
        self, rng: np.random.Generator, frame: pl.DataFrame, years: int, partial: bool | str
    ) -> None:
        self.rng, self.frame, self.years, self.partial = rng, frame, years, partial
        self.demand = float(frame["amount"].sum())
        self.rounds = bool(rng.random() < 0.15)
        self.drawn = {name for name, chance in CHANCES.items() if rng.random() < chance}
        if not years:
            self.drawn -= {"carry_over", "stable"}
        if self.rounds:
            self.drawn -= {"exploratory", "overcommit", "overspend"}
        if "overspend" in self.drawn:
            self.drawn -= {"carry_over", "overcommit"}
        self.lexicographic = False
        if "carry_over" in self.drawn or partial is True:
            self.drawn -= {"overcommit"}

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def pick(self, *values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def money(self, low: float, high: float) -> float:
        return round(self.demand * float(self.rng.uniform(low, high)), 2)

    def some(self) -> list[str]:
        return [str(self.rng.choice(self.frame["id"]))] if "must" in self.drawn and self.chance(0.6) else []

    def many(self, name: str) -> int:
        return int(self.pick(1, 1, 1, 2, 2, 3)) if name in self.drawn else 0

    def policy(self) -> pf.Policy:
        budgets, committed = self.budgets()
        carry = self.money(0.02, 0.3) if "carry_over" in self.drawn else None
        objective = self.objective()
        pool = self.exploratory() if "exploratory" in self.drawn else None
        reserves = self.reserves(self.many("reserve"))
        overspend = self.overspend(reserves, pool) if "overspend" in self.drawn else None
        return pf.Policy(
            budget=budgets,
            committed=committed,
            carry_over=carry,
            eligible="ok" if self.chance(0.3) else None,
            objective=objective,
            must_fund=self.some(),
            must_not_fund=self.some(),
            reserve_accounting=str(self.pick("one_to_all", "one_to_one", "shared")),
            reserve_order="over_and_above" if self.rounds else "minimum_guarantee",
            traits={"high_risk": "a", "young": "b", "basic": "c"},
            reserve=reserves,
            limit=[self.limit() for _ in range(self.many("limit"))],
            link=[self.link() for _ in range(self.many("link"))],
            coverage=[self.coverage()] if "coverage" in self.drawn else [],
            stable=self.stable() if "stable" in self.drawn else None,
            overspend=overspend,
            exploratory=pool,
            overcommit=self.overcommit() if "overcommit" in self.drawn else None,
            solver=pf.SolverSettings(gap=0.0),
        )

    def budgets(self) -> tuple[Any, Any]:
        if not self.years:
            budget = self.money(0.25, 0.85)
            return budget, round(budget * float(self.rng.uniform(0, 0.4)), 2) * ("committed" in self.drawn)
        asked = [float(self.frame[f"amount_y{y + 1}"].sum()) for y in range(self.years)]
        budgets = [round(sums * float(self.rng.uniform(0.3, 0.9)), 2) for sums in asked]
        if "committed" not in self.drawn:
            return budgets, 0
        committed = [round(b * float(self.rng.uniform(0, 0.4)), 2) for b in budgets]
        if "carry_over" in self.drawn and self.chance(0.4):
            # More is promised for the second year than it has: only money of the first can pay it.
            committed[0], committed[1] = 0, round(budgets[1] + 0.1 * budgets[0], 2)
        return budgets, committed

    def objective(self) -> pf.Objective:
        size = self.pick("per_award", "per_money", 0.5)
        curves: list[Any] = [[], [], [(0.5, 0.7), (1, 1)], [(0.4, 0.6), (0.7, 0.9), (1, 1)]]
        curve = self.pick(*curves) if self.partial is True else []
        if "criteria" not in self.drawn:
            zero = self.pick(0.0, 0.0, 1.5)
            return pf.Objective(zero=zero, size=size, partial=self.partial, curve=curve)
        columns = self.rng.permutation(["merit", "impact", "trl", "c", "success_probability", "cofunding"])
        lexicographic = not self.rounds and self.chance(0.5)
        few, self.lexicographic = (2 if lexicographic else 1), lexicographic
        criteria = [
            pf.Criterion(
                column=str(column),
                zero=self.pick(0.0, 0.0, 0.5),
                scale=self.pick(1.0, 2.5),
                weight=1.0 if lexicographic else self.pick(1.0, 0.5, 0.0),
                may_lose=self.pick(0.0, 0.05, 0.3) if lexicographic else 0.0,
            )
            for column in columns[: self.rng.integers(few, 4)]
        ]
        order = "lexicographic" if lexicographic else "weighted"
        return pf.Objective(criterion=criteria, order=order, size=size, partial=self.partial, curve=curve)

    def soft(self, unit: float, price: bool = True) -> dict[str, Any]:
        """Return a price per unit, a priority, or neither."""
        if not self.chance(SOFT):
            return {}
        if price and (self.rounds or self.chance(0.5)):
            return {"price": round(unit * float(self.rng.uniform(0.05, 1.5)), 3)}
        return {} if self.rounds else {"priority": int(self.rng.integers(1, 4))}

    def reserves(self, many: int) -> list[pf.Reserve]:
        made = []
        for name in self.rng.permutation(["high_risk", "young", "basic"])[:many]:
            fixed = self.chance(0.25)
            spent = not fixed and not self.rounds and self.chance(0.3)
            soft = {} if self.rounds else self.soft(0.2)
            held = ("release",) if "overspend" in self.drawn and self.years else ("release", "hold")
            made.append(
                pf.Reserve(
                    trait=str(name),
                    share=None if fixed else self.pick(*SHARES),
                    amount=self.money(0.02, 0.2) if fixed else None,
                    base="spent" if spent else "budget",
                    shortfall="fail" if soft else self.pick("fail", *held),
                    min_merit=2.0 if self.chance(0.2) else None,
                    **soft,
                )
            )
        return made

    def limit(self) -> pf.Limit:
        pick, of = self.pick, self.pick("cofunding", "trl", "impact") if self.chance(0.35) else None
        member = pick({"per": "institution"}, {"where": "c"}, {"trait": "high_risk"}, {"trait": "young"})
        if of is not None:
            total = float(self.frame[of].sum())
            bound = round(max(0.0, total) * float(self.rng.uniform(0.2, 0.6)), 1)
            kind = pick("min_amount", "max_amount")
            member = pick({}, member)
            if kind == "min_amount" and member:
                bound = round(bound / 3, 1)
            return pf.Limit(**member, of=of, **{kind: bound}, **self.soft(0.3))
        kind = pick("max_share", "min_share", "max_awards", "min_awards", "max_amount", "min_amount")
        size = {
            "max_share": pick(0.25, 0.4, 0.5, 0.6),
            "min_share": pick(0.05, 0.1, 0.2),
            "max_awards": pick(0, 1, 2, 3),
            "min_awards": pick(1, 1, 2),
            "max_amount": self.money(0.1, 0.4),
            "min_amount": self.money(0.0, 0.15),
        }[kind]
        both = {"max_awards": pick(1, 2)} if kind in ("min_amount", "max_amount") and self.chance(0.2) else {}
        base = "spent" if kind.endswith("share") and self.chance(0.4) else "budget"
        unit = 1.0 if kind.endswith("awards") else 0.2
        return pf.Limit(**member, **{kind: size}, **both, base=base, **self.soft(unit))

    def gaps(self) -> list[pf.Limit]:
        """Return a limit on a gap, or none; drawn last, so that the other rules of a seed are what they were."""
        if not self.chance(0.2):
            return []
        of = self.pick("awards", "awards", "money")
        return [
            pf.Limit(
                **self.pick(
                    {"per": "institution"}, {"per": "institution"}, {"trait": "young"}, {"where": "c"}
                ),
                max_gap=self.pick(0.1, 0.25, 0.333, 0.5),
                gap_of=of,
                gap_side=self.pick("both", "below"),
                min_proposals=self.pick(None, 1, 2),
                **self.soft(1.0 if of == "awards" else 0.2),
            )
        ]

    def link(self) -> pf.Link:
        names = [str(name) for name in self.rng.choice(self.frame["id"].to_numpy(), 3, replace=False)]
        match self.pick("per", "list", "requires", "all_or_none", "synergy", "differs"):
            case "per":
                return pf.Link(kind="at_most", k=1, per="investigator", **self.soft(2.0))
            case "list":
                return pf.Link(kind="at_most", k=self.pick(0, 1, 2), proposals=names, **self.soft(2.0))
            case "requires":
                return pf.Link(kind="requires", proposal=names[0], needs=names[1], **self.soft(2.0))
            case "all_or_none":
                return pf.Link(kind="all_or_none", proposals=names[: self.pick(2, 3)], **self.soft(2.0))
            case "differs":
                return pf.Link(kind="differs", k=self.pick(1, 2, 3), proposals=names, **self.soft(2.0))
            case _:
                return pf.Link(
                    kind="synergy", proposals=names[:2], value=round(float(self.rng.uniform(0, 3)), 3)
                )

    def coverage(self) -> pf.Coverage:
        kind = self.pick("awards", "weight", "both")
        column = self.pick("success_probability", "other_probability")
        weight = {} if kind == "awards" else {"weight": self.pick(0.5, 2.0, 5.0), "probability": column}
        least = {"min_awards": 1} if kind == "both" or (self.chance(0.5) and not weight) else {}
        soft = {} if kind == "weight" else self.soft(1.0)
        return pf.Coverage(per=self.pick("bottlenecks", "institution"), **weight, **least, **soft)

    def stable(self) -> pf.Stable:
        where, firm = self.pick("organized", "organized", "c"), self.pick(1.0, 0.8, 0.5)
        return pf.Stable(where=where, firm=firm, **self.soft(0.05))

    def overspend(self, reserves: list[pf.Reserve], pool: pf.Exploratory | None) -> pf.Overspend:
        before = self.lexicographic or (pool is not None and pool.left == "return")
        before = before or any(reserve.shortfall != "fail" for reserve in reserves)
        soft = {"priority": int(self.rng.integers(1, 4))}
        if not before and self.chance(0.7):
            soft = {"price": round(float(self.rng.uniform(0.002, 0.12)), 3)}
        most = self.pick(
            {}, {"max_amount": self.money(0.02, 0.3)}, {"max_share": self.pick(0.05, 0.2, 0.333)}
        )
        return pf.Overspend(**soft, **most)

    def exploratory(self) -> pf.Exploratory:
        size = {"share": self.pick(*SHARES)} if self.chance(0.6) else {"amount": self.money(0.02, 0.25)}
        return pf.Exploratory(
            where=self.pick("exploratory", "exploratory", "b"),
            **size,
            max_award=self.money(0.02, 0.2) if self.chance(0.5) else None,
            left=self.pick("return", "hold"),
            **self.soft(0.05, price=not self.lexicographic),
        )

    def overcommit(self) -> pf.Overcommit:
        left = self.pick(0.0, 0.1, 0.3)
        return pf.Overcommit(
            epsilon=self.pick(0.05, 0.2, 0.4),
            attrition=self.pick(0.0, 0.1, 0.3),
            underspend=left,
            underspend_sd=self.pick(0.0, 0.1, 0.2) if left else 0.0,
        )


def kinds(policy: pf.Policy) -> set[str]:
    """Name the rules of a policy."""
    objective, pool = policy.objective, policy.exploratory
    years = len(policy.budgets) > 1
    lexicographic = objective.order == "lexicographic"
    found = {
        "partial": objective.partial is True,
        "curve": bool(objective.curve),
        "levels": objective.partial == "levels",
        "criteria weighted": bool(objective.criterion) and not lexicographic,
        "criteria lexicographic": lexicographic,
        "may_lose": any(criterion.may_lose for criterion in objective.criterion),
        "committed": any(policy.commitments),
        "years": years,
        "carry_over": policy.carry_over is not None,
        "stable": policy.stable is not None,
        "stable, partial": policy.stable is not None and objective.partial is True,
        "exploratory return": pool is not None and pool.left == "return",
        "exploratory hold": pool is not None and pool.left == "hold",
        "exploratory max_award": pool is not None and pool.max_award is not None,
        "overcommit": policy.overcommit is not None,
        "overcommit, years": policy.overcommit is not None and years,
        "over_and_above": policy.reserve_order == "over_and_above",
        "over_and_above, partial": policy.reserve_order == "over_and_above" and bool(objective.partial),
        "one_to_one, soft": policy.reserve_accounting == "one_to_one" and any(r.soft for r in policy.reserve),
        "hold, years": years and any(r.shortfall == "hold" for r in policy.reserve),
        "must_fund": bool(policy.must_fund),
        "synergy": any(link.kind == "synergy" for link in policy.link),
        "differs": any(link.kind == "differs" for link in policy.link),
        "coverage weight": any(coverage.weight for coverage in policy.coverage),
        "limit trait": any(limit.trait for limit in policy.limit),
        "limit of": any(limit.of for limit in policy.limit),
        "limit max_gap": any(limit.max_gap for limit in policy.limit),
    }
    tables = {name: getattr(policy, name) for name in ("overspend", "stable", "exploratory")}
    found["overspend, most"] = policy.overspend is not None and policy.overspend != policy.overspend.replace(
        max_amount=None, max_share=None
    )
    for kind in ("reserve", "limit", "coverage", "link", *tables):
        for key in ("price", "priority"):
            rules = getattr(policy, kind)
            if kind in tables:
                rules = [] if rules is None else [rules]
            found[f"{kind} {key}"] = any(getattr(rule, key) is not None for rule in rules)
    return {name for name, is_there in found.items() if is_there}
