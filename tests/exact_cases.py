"""Small random calls that are hard on numbers: a cent beside 10^15, merits equal to 12 digits, rules tight to a cent.

Amounts and merits are kept as integers, so that whoever judges an answer can do it without floats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

import portfolio as pf

# Thirds cannot be written in binary nor in decimal, 0.1 + 0.2 is not 0.3, and the last two miss a half by little.
SHARES = (1 / 3, 2 / 3, 0.1 + 0.2, 0.3, 0.07, 0.1, 0.49999999999, 0.50000000001)
LARGEST = 10**17
_PICO = 10**12


@dataclass(frozen=True)
class Case:
    """A call and a policy; `cents` and `merits` (in units of 10^-12) are what the call says, in whole numbers."""

    frame: pl.DataFrame
    policy: pf.Policy
    cents: dict[str, int]
    merits: dict[str, int]

    @property
    def call(self) -> pf.Call:
        return pf.Call.from_frame(self.frame, rules=self.policy)


def exact_case(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 10))
    ids = [f"P-{i:02d}" for i in rng.permutation(n)]
    cents, merits = _amounts(rng, n), _merits(rng, n)
    frame = pl.DataFrame(
        {
            "id": ids,
            "amount": pl.Series([money(c) for c in cents], dtype=pl.Decimal(38, 2)),
            "merit": [m / _PICO for m in merits],
            "a": rng.random(n) < 0.5,
            "b": rng.random(n) < 0.5,
            "institution": rng.choice(["u", "v"], n).tolist(),
            "investigator": [f"I{v}" for v in rng.integers(0, n, n)],
        }
    )
    return Case(frame, _policy(rng, frame, cents), *(dict(zip(ids, x, strict=True)) for x in (cents, merits)))


def in_rounds(case: Case) -> Case:
    """Return the case with its reserves over and above; those of what is spent have no round."""
    reserves = [reserve for reserve in case.policy.reserve if reserve.base == "budget"]
    changes = {"reserve": reserves, "reserve_order": "over_and_above", "reserve_accounting": "one_to_all"}
    return replace(case, policy=case.policy.replace(**changes))


def with_levels(case: Case, seed: int) -> Case:
    """Return the first of the proposals of a case, with smaller awards that they may get too."""
    rng = np.random.default_rng([seed, 1])
    frame = case.frame.head(6)
    levels = [_levels(rng, case.cents[name]) for name in frame["id"]]
    frame = frame.with_columns(pl.Series("levels", levels, pl.List(pl.String)))
    return _smaller(case, frame, "levels")


def with_parts(case: Case, seed: int) -> Case:
    """Return the first of the proposals of a case; some may get any award down to a least, and reserves are firm."""
    rng = np.random.default_rng([seed, 2])
    frame = case.frame.head(5)
    least = [money(_least(rng, case.cents[name])) if rng.random() < 0.7 else None for name in frame["id"]]
    frame = frame.with_columns(pl.Series("min_amount", least, pl.Decimal(38, 2)))
    case = _smaller(case, frame, True)
    firm = [reserve.replace(shortfall="fail") for reserve in case.policy.reserve]
    return replace(case, policy=case.policy.replace(reserve=firm, reserve_accounting="one_to_all"))


def _smaller(case: Case, frame: pl.DataFrame, partial: Any) -> Case:
    """Return a case with fewer proposals, of which links may name no other."""
    there = set(frame["id"])
    links = [link for link in case.policy.link if there.issuperset(_named(link))]
    objective = case.policy.objective.replace(partial=partial)
    return replace(case, frame=frame, policy=case.policy.replace(link=links, objective=objective))


def _named(link: pf.Link) -> tuple[str, ...]:
    return tuple(filter(None, (*(link.proposals or ()), link.proposal, link.needs)))


def _levels(rng: np.random.Generator, cents: int) -> list[str] | None:
    """Return up to two smaller awards: a cent less, a half or a few cents, with shares of the value."""
    smaller = sorted({cents - 1, cents // 2, min(cents - 1, int(rng.integers(1, 4)))} - {0})
    chosen = sorted(int(c) for c in rng.choice(smaller, rng.integers(0, 3))) if smaller else []
    shares = sorted(
        float(share) for share in rng.choice([0.1, 0.3, 0.5, 0.7, 0.999999999999], 2, replace=False)
    )
    return [f"{money(c)}:{share}" for c, share in zip(dict.fromkeys(chosen), shares, strict=False)] or None


def _least(rng: np.random.Generator, cents: int) -> int:
    return max(1, (1, cents // 2, cents // 3, cents - 1)[int(rng.integers(4))])


def money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _amounts(rng: np.random.Generator, n: int) -> list[int]:
    """Some calls hold every size from a cent to the largest, others nearly equal ones, others few sizes."""
    match rng.integers(4):
        case 0:
            return [max(1, min(LARGEST, int(10 ** rng.uniform(0, 17.2)))) for _ in range(n)]
        case 1:
            largest = int(10 ** rng.uniform(3, 17))
            return [largest - int(rng.integers(0, 4)) for _ in range(n)]
        case 2:
            largest = int(10 ** rng.integers(3, 18))
            return [int(rng.choice([1, 2, 3, largest // 3, largest // 2, largest])) for _ in range(n)]
        case _:
            largest = int(10 ** rng.uniform(3, 17))
            return [int(rng.integers(1, largest)) for _ in range(n)]


def _merits(rng: np.random.Generator, n: int) -> list[int]:
    """Some calls have merits that differ in the 12th digit alone, others ordinary ones."""
    if rng.random() < 0.5:
        return [int(v) for v in 10**12 * 4 + rng.integers(-9, 10, n) * 10]
    return [int(v) * 10**10 for v in rng.integers(0, 500, n)]


def _some_sum(rng: np.random.Generator, cents: list[int], mask: Any, share: float) -> int:
    """Return what some of the proposals ask for together, or a cent more or less."""
    chosen = [c for c, inside in zip(cents, mask, strict=True) if inside and rng.random() < share]
    return max(0, sum(chosen) + int(rng.integers(-1, 2)))


def _policy(rng: np.random.Generator, frame: pl.DataFrame, cents: list[int]) -> pf.Policy:
    everyone = np.ones(len(cents), dtype=bool)
    return pf.Policy(
        budget=money(max(1, _some_sum(rng, cents, everyone, 0.6))),
        objective=pf.Objective(zero=0.0),
        traits={"risky": "a", "young": "b"},
        reserve_accounting=str(rng.choice(["one_to_all", "one_to_one", "shared"])),
        reserve=[_reserve(rng, trait, frame, cents) for trait in ("risky", "young") if rng.random() < 0.4],
        limit=[_limit(rng, frame, cents) for _ in range(rng.integers(0, 3))],
        link=_links(rng, frame),
        solver=pf.SolverSettings(gap=0.0),
    )


def _reserve(rng: np.random.Generator, trait: str, frame: pl.DataFrame, cents: list[int]) -> pf.Reserve:
    shortfall = str(rng.choice(["fail", "release", "hold"]))
    match rng.integers(3):
        case 0:
            mask = frame["a" if trait == "risky" else "b"]
            return pf.Reserve(
                trait=trait, amount=money(_some_sum(rng, cents, mask, 0.5)), shortfall=shortfall
            )
        case 1:
            return pf.Reserve(trait=trait, share=float(rng.choice(SHARES)), shortfall=shortfall)
        case _:
            return pf.Reserve(trait=trait, share=float(rng.choice(SHARES)), base="spent", shortfall=shortfall)


def _limit(rng: np.random.Generator, frame: pl.DataFrame, cents: list[int]) -> pf.Limit:
    of: dict[str, Any] = {"where": "a"} if rng.random() < 0.5 else {"per": "institution"}
    mask = frame["a"] if "where" in of else frame["institution"] == str(rng.choice(["u", "v"]))
    tight = money(_some_sum(rng, cents, mask, 0.5))
    share = float(rng.choice(SHARES))
    size = (
        {"max_amount": tight},
        {"min_amount": tight},
        {"max_share": share},
        {"min_share": share / 2},
        {"max_share": share, "base": "spent"},
        {"min_share": share / 2, "base": "spent"},
        {"max_awards": int(rng.integers(1, 4))},
    )[int(rng.integers(7))]
    return pf.Limit(**of, **size)


def _links(rng: np.random.Generator, frame: pl.DataFrame) -> list[pf.Link]:
    names = [str(name) for name in rng.permutation(frame["id"].to_numpy())[:3]]
    kinds = (
        pf.Link(kind="at_most", k=1, per="investigator"),
        pf.Link(kind="at_most", k=1, proposals=names),
        pf.Link(kind="requires", proposal=names[0], needs=names[1]),
        pf.Link(kind="all_or_none", proposals=names[:2]),
    )
    return [link for link in kinds if rng.random() < 0.15]
