"""Families of invented problems, of any size, that have an answer by construction.

Floors and caps are set by what a *witness* brings: a portfolio made by a simple greedy choice that favours the
proposals that reserves are for, and some fields and regions over others. It keeps every rule, so every problem is
feasible; and since its favours are not those of the objective, the rules bind. Ordinary calls alone have shares like
those of a funder, which calls of every size that was tried can meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

import portfolio as pf
from portfolio.simulate import simulate_frames

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_ZERO = 2.0
_TRAITS = {
    "high_risk": "success_probability <= 0.35",
    "long_horizon": "years_to_outcome >= 10",
    "young": "scheme IN ('Fellowship', 'Starting grant')",
}
_ONE_PER_PERSON = pf.Link(kind="at_most", k=1, per="investigator")
# Floors ask for a little less than the witness brings, and caps allow more.
_LESS, _MORE = 0.97, 1.2


def ordinary(n: int, seed: int = 1) -> tuple[pf.Call, pf.Policy]:
    """Make a call with a budget, three overlapping reserves, a cap per institution, one award per investigator."""
    frame = _simulated(n, seed)
    places = frame["institution"].n_unique()
    return _call(frame), pf.Policy(
        budget=_budget(frame),
        objective=pf.Objective(zero=_ZERO),
        early_career=pf.EarlyCareerSettings(rule="erc_stg_2027", on=date(2026, 1, 1)),
        traits={"high_risk": "risk >= 0.6", "long_horizon": "horizon_years >= 10", "young": "early_career"},
        reserve=[
            pf.Reserve(trait="high_risk", share=0.25),
            pf.Reserve(trait="long_horizon", share=0.35),
            pf.Reserve(trait="young", share=0.4),
        ],
        limit=[pf.Limit(per="institution", max_share=max(0.05, 2.0 / places))],
        link=[_ONE_PER_PERSON],
    )


def national(n: int, less: float = _LESS, seed: int = 1) -> tuple[pf.Call, pf.Policy]:
    """Make the call of a whole country.

    Yearly budgets, three overlapping reserves, a cap per institution, floors and caps for 20 fields, caps for 30
    regions, one award per investigator, and one proposal in fifty that another one needs.

    Parameters
    ----------
    less
        What reserves and floors ask for, as a part of what the witness brings.
    seed
        Of the proposals; regions, prerequisites and favours are the same for all.
    """
    rng = np.random.default_rng(2)
    share = (np.arange(30) + 3.0) ** -0.7
    region = rng.choice(30, n, p=share / share.sum())
    labels = pl.Series([f"R{number:02d}" for number in range(1, 31)])
    frame = _simulated(n, seed).with_columns(region=labels.gather(region))
    pairs = rng.permutation(n)[: 2 * (n // 50)].reshape(2, -1)
    favour = (
        _favour(frame["field"], rng) * _favour(frame["region"], rng) * (1 + 0.5 * _traits(frame).any(axis=1))
    )
    most = _most(frame)
    won = _greedy(frame, favour * _worth(frame), most, dict(pairs.T.tolist()))
    budgets = frame.filter(pl.Series(won)).select("amount_y1", "amount_y2", "amount_y3").sum().row(0)
    ids = frame["id"].to_list()
    return _call(frame), pf.Policy(
        budget=budgets,
        objective=pf.Objective(zero=_ZERO, size=0.5),
        traits=_TRAITS,
        reserve=_reserves(frame, won, sum(budgets), less),
        limit=[
            pf.Limit(per="institution", max_amount=most),
            *(
                pf.Limit(where=f"field = '{name}'", min_amount=_floor(money, less), max_amount=_cap(money))
                for name, money in _money(frame, won, "field").items()
            ),
            *(
                pf.Limit(where=f"region = '{name}'", max_amount=_cap(money))
                for name, money in _money(frame, won, "region").items()
            ),
        ],
        link=[
            _ONE_PER_PERSON,
            *(pf.Link(kind="requires", proposal=ids[a], needs=ids[b]) for a, b in pairs.T.tolist()),
        ],
    )


def tiny_floors(n: int, seed: int = 1) -> tuple[pf.Call, pf.Policy]:
    """Make a call in which 20 to 60 programmes of 5 to 50 proposals each are guaranteed money."""
    rng = np.random.default_rng(3)
    sizes = rng.integers(5, 51, min(max(n // 50, 20), 60))
    sizes = sizes[np.cumsum(sizes) <= n]
    member = rng.permutation(n)[: sizes.sum()]
    programme = np.full(n, -1)
    programme[member] = np.repeat(np.arange(len(sizes)), sizes)
    labels = pl.Series([f"G{number:02d}" for number in range(1, len(sizes) + 1)] + [None])
    frame = _simulated(n, seed).with_columns(
        programme=labels.gather(np.where(programme < 0, len(sizes), programme))
    )
    most = _most(frame)
    # A third of each programme, whatever it is worth, comes first.
    guaranteed = (programme >= 0) & (rng.random(n) < 1 / 3)
    favour = (1 + 0.5 * _traits(frame).any(axis=1)) * np.where(guaranteed, 1e6, 1.0)
    won = _greedy(frame, favour * _worth(frame), most)
    return _call(frame), pf.Policy(
        budget=_budget(frame),
        objective=pf.Objective(zero=_ZERO),
        traits=_TRAITS,
        reserve=_reserves(frame, won, _budget(frame)),
        limit=[
            pf.Limit(per="institution", max_amount=most),
            *(
                pf.Limit(where=f"programme = '{name}'", min_amount=_floor(money))
                for name, money in _money(frame, won, "programme").items()
            ),
        ],
        link=[_ONE_PER_PERSON],
    )


@dataclass(frozen=True)
class Family:
    """One kind of problem, and the sizes at which it is measured unless others are asked for."""

    make: Callable[[int], tuple[pf.Call, pf.Policy]]
    sizes: tuple[int, ...]
    most: float = float("inf")


FAMILIES = {
    "ordinary": Family(ordinary, (1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 400_000)),
    "national": Family(national, (1_000, 10_000, 25_000, 100_000, 400_000, 1_000_000)),
    "tiny_floors": Family(tiny_floors, (1_000, 2_000, 3_500, 5_000), most=5_000),
}


def _simulated(n: int, seed: int = 1) -> pl.DataFrame:
    return simulate_frames(n, seed=seed, reviews_per_proposal=0).proposals


def _call(frame: pl.DataFrame) -> pf.Call:
    return pf.Call.from_frame(frame, rules=pf.ReadingRules(currency="EUR"))


def _traits(frame: pl.DataFrame) -> Bools:
    """Return (n, traits) who has which trait; an empty cell has none."""
    columns = [pl.sql_expr(condition).fill_null(False).alias(name) for name, condition in _TRAITS.items()]
    return frame.select(columns).to_numpy()


def _favour(labels: pl.Series, rng: np.random.Generator) -> Floats:
    names = labels.unique().sort()
    return rng.uniform(0.85, 1.15, len(names))[labels.cast(pl.Enum(names)).to_physical().to_numpy()]


def _worth(frame: pl.DataFrame) -> Floats:
    """Return (n,) value for money."""
    return (frame["merit"].to_numpy() - _ZERO) / np.sqrt(frame["amount"].to_numpy())


def _most(frame: pl.DataFrame) -> int:
    """Return money that keeps the largest institution well below what it asks for, but not all of them."""
    money = frame.group_by("institution").agg(pl.col("amount").sum())["amount"].to_numpy()
    return int(max(0.2 * money.max(), 1.25 * _budget(frame) / len(money)))


def _budget(frame: pl.DataFrame) -> int:
    return int(frame["amount"].sum()) // 3


def _greedy(
    frame: pl.DataFrame, score: Floats, most: int, needs: Mapping[int, int] = MappingProxyType({})
) -> Bools:
    """Award what still fits, the highest score first: the witness.

    Parameters
    ----------
    score
        (n,) what decides who comes first.
    most
        Money that no institution may exceed.
    needs
        A proposal -> the one that it needs, by position.
    """
    left = _budget(frame)
    amount, place, person = (frame[name].to_list() for name in ("amount", "institution", "investigator"))
    given, served = dict[str, int](), set[str]()
    won = np.zeros(len(frame), dtype=bool)
    order = np.argsort(-score, kind="stable")
    for i in order[frame["merit"].to_numpy()[order] >= _ZERO].tolist():
        money = given.get(place[i], 0) + amount[i]
        fits = amount[i] <= left and money <= most and person[i] not in served
        if fits and (i not in needs or won[needs[i]]):
            won[i] = True
            served.add(person[i])
            given[place[i]] = money
            left -= amount[i]
    return won


def _reserves(frame: pl.DataFrame, won: Bools, budget: int, less: float = _LESS) -> list[pf.Reserve]:
    delivered = frame["amount"].to_numpy()[won] @ _traits(frame)[won]
    shares = np.floor(1e4 * less * delivered / budget) / 1e4
    return [pf.Reserve(trait=name, share=share) for name, share in zip(_TRAITS, shares.tolist(), strict=True)]


def _money(frame: pl.DataFrame, won: Bools, column: str) -> dict[str, int]:
    """Return what the witness gives to each value of a column."""
    table = frame.select(column, amount=pl.when(pl.lit(pl.Series(won))).then("amount").otherwise(0))
    return dict(table.drop_nulls().group_by(column).agg(pl.col("amount").sum()).sort(column).iter_rows())


def _floor(money: int, less: float = _LESS) -> int:
    return int(less * money)


def _cap(money: int) -> int:
    return int(_MORE * money)
