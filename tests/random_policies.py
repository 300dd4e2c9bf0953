"""Small random calls and policies over the whole rule set, reproducible by seed."""

from __future__ import annotations

import numpy as np
import polars as pl

import portfolio as pf

SHARES = (0.1, 0.125, 0.2, 0.25, 0.3, 0.333, 0.4, 0.5)


def random_call(rng: np.random.Generator, n: int, years: int) -> pl.DataFrame:
    amounts = rng.integers(1, 60, (n, max(1, years))) * rng.choice([1, 0.5, 0.01], (n, max(1, years)))
    cents = np.round(100 * amounts).astype(np.int64)
    money = {f"amount_y{y + 1}": cents[:, y] / 100 for y in range(years)}
    tags = [["x", "y", "z"][: int(k)] if k else None for k in rng.integers(0, 4, n)]
    merit = [None if rng.random() < 0.05 else round(float(m), 6) for m in rng.uniform(0, 5, n)]
    return pl.DataFrame(
        {
            "id": [f"P-{i:02d}" for i in rng.permutation(n)],
            "amount": cents.sum(axis=1) / 100,
            **money,
            "merit": merit,
            **{
                name: rng.random(n) < share
                for name, share in (("a", 0.35), ("b", 0.3), ("c", 0.5), ("ok", 0.9))
            },
            "institution": [None if rng.random() < 0.1 else str(v) for v in rng.choice(["u", "v", "w"], n)],
            "investigator": [f"I{v}" for v in rng.integers(0, max(2, n - 2), n)],
            "bottlenecks": tags,
        }
    )


def random_policy(rng: np.random.Generator, frame: pl.DataFrame) -> pf.Policy:
    years = sum(name.startswith("amount_y") for name in frame.columns)
    demand = float(frame["amount"].sum())
    if years:
        budget = [
            round(float(frame[f"amount_y{y + 1}"].sum() * rng.uniform(0.3, 0.9)), 2) for y in range(years)
        ]
    else:
        budget = round(demand * float(rng.uniform(0.2, 0.8)), 2)
    order = "over_and_above" if rng.random() < 0.25 else "minimum_guarantee"
    return pf.Policy(
        budget=budget,
        eligible="ok" if rng.random() < 0.5 else None,
        objective=pf.Objective(
            zero=float(rng.choice([0.0, 0.0, 1.5])),
            size=("per_award", "per_money", 0.5)[int(rng.integers(3))],
        ),
        must_fund=_some(rng, frame, 0.15),
        must_not_fund=_some(rng, frame, 0.15),
        reserve_accounting=str(rng.choice(["one_to_all", "one_to_one", "shared"])),
        reserve_order=order,
        traits={"high_risk": "a", "young": "b", "basic": "c"},
        reserve=_reserves(rng, demand, order),
        limit=[_limit(rng, demand) for _ in range(rng.integers(0, 3))],
        link=[_link(rng, frame) for _ in range(rng.integers(0, 3))],
        coverage=[pf.Coverage(per="bottlenecks", min_awards=1)] if rng.random() < 0.15 else [],
        solver=pf.SolverSettings(gap=0.0),
    )


def _some(rng: np.random.Generator, frame: pl.DataFrame, chance: float) -> list[str]:
    return [str(rng.choice(frame["id"]))] if rng.random() < chance else []


def _reserves(rng: np.random.Generator, demand: float, order: str) -> list[pf.Reserve]:
    names = [name for name in ("high_risk", "young", "basic") if rng.random() < 0.6]
    made = []
    for name in names:
        fixed = rng.random() < 0.2
        spent = not fixed and order != "over_and_above" and rng.random() < 0.3
        made.append(
            pf.Reserve(
                trait=name,
                share=None if fixed else float(rng.choice(SHARES)),
                amount=round(demand * float(rng.uniform(0.02, 0.2)), 2) if fixed else None,
                base="spent" if spent else "budget",
                shortfall=str(rng.choice(["fail", "release", "hold"])),
                min_merit=2.0 if rng.random() < 0.3 else None,
            )
        )
    return made


def _limit(rng: np.random.Generator, demand: float) -> pf.Limit:
    of = {"per": "institution"} if rng.random() < 0.6 else {"where": str(rng.choice(["a", "c"]))}
    kind = rng.choice(["max_share", "min_share", "max_awards", "min_awards", "max_amount", "min_amount"])
    size = {
        "max_share": float(rng.choice([0.25, 0.4, 0.5, 0.6])),
        "min_share": float(rng.choice([0.05, 0.1, 0.2])),
        "max_awards": int(rng.integers(1, 5)),
        "min_awards": int(rng.integers(1, 3)),
        "max_amount": round(demand * float(rng.uniform(0.1, 0.4)), 2),
        "min_amount": round(demand * float(rng.uniform(0.0, 0.1)), 2),
    }[str(kind)]
    base = "spent" if str(kind).endswith("share") and rng.random() < 0.4 else "budget"
    return pf.Limit(**of, **{str(kind): size}, base=base)


def _link(rng: np.random.Generator, frame: pl.DataFrame) -> pf.Link:
    names = [str(name) for name in rng.choice(frame["id"].to_numpy(), 3, replace=False)]
    match str(rng.choice(["per", "list", "requires", "all_or_none", "synergy"])):
        case "per":
            return pf.Link(kind="at_most", k=1, per="investigator")
        case "list":
            return pf.Link(kind="at_most", k=int(rng.integers(0, 3)), proposals=names)
        case "requires":
            return pf.Link(kind="requires", proposal=names[0], needs=names[1])
        case "all_or_none":
            return pf.Link(kind="all_or_none", proposals=names[: int(rng.integers(2, 4))])
        case _:
            return pf.Link(kind="synergy", proposals=names[:2], value=round(float(rng.uniform(0, 3)), 3))
