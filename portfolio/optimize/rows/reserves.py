"""Reserves inside one optimisation: what is held back, and what counts towards it (Sonmez & Yenmez 2022)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import numpy as np

from portfolio.call.money import exponent, to_minor, total
from portfolio.optimize.instance import Instance
from portfolio.optimize.matrix import Block
from portfolio.optimize.model import Giving
from portfolio.optimize.rows.layout import Layout, money_size
from portfolio.optimize.vectors import Bools, Floats, Integers
from portfolio.policy import Policy, Reserve
from portfolio.policy.rules import exact


def counts(instance: Instance, reserve: Reserve) -> Bools:
    """Return (n,) which proposals count towards a reserve: the trait is true and the merit is high enough."""
    mask = instance.traits[reserve.trait]
    if reserve.min_merit is None:
        return mask
    with np.errstate(invalid="ignore"):
        return mask & (instance.merit >= reserve.min_merit)


def required(instance: Instance, reserve: Reserve, spent: int) -> Fraction:
    """Return the money that a reserve holds back, in minor units, exactly.

    A share of the budget is rounded up to a whole minor unit. `spent`, the money awarded, matters for
    ``base = "spent"`` alone.
    """
    if reserve.amount is not None:
        return Fraction(to_minor(reserve.amount, instance.currency))
    share = exact(reserve.share or 0.0)
    return share * spent if reserve.base == "spent" else Fraction(math.ceil(share * instance.budget))


def reserve_size(instance: Instance, reserve: Reserve) -> float:
    """Return the money, in minor units, of which a shortfall is looked at as a share when rules give way."""
    return money_size(instance, Fraction(0) if reserve.base == "spent" else required(instance, reserve, 0))


def reserve_rows(layout: Layout, policy: Policy) -> Iterator[Block]:
    """Yield the floors of all reserves under the accounting of the policy.

    ``one_to_all``
        A proposal counts in full towards each of its reserves: sum over {i: r in T_i} of a_i >= d_r.
    ``shared``
        It counts 1/k towards each of the k reserves that it counts towards.
    ``one_to_one``
        Its money counts once. With divisible attribution the demands can be met if and only if, for every set S
        of reserves, sum over {i: T_i meets S} of a_i >= sum over S of d_r (Gale 1957; Hall 1935).
    """
    reserves = policy.reserve
    missing = {reserve.key: _missing(layout, reserve) for reserve in reserves if _may_miss(reserve)}
    member = np.array([counts(layout.instance, reserve) for reserve in reserves])
    if policy.reserve_accounting == "one_to_one":
        for size in range(1, len(reserves) + 1):
            for chosen in combinations(range(len(reserves)), size):
                weight = member[list(chosen)].any(axis=0).astype(float)
                yield _floor(layout, [reserves[r] for r in chosen], weight, missing)
        return
    share = np.ones(layout.instance.amount.shape)
    if policy.reserve_accounting == "shared" and len(reserves):
        share = 1.0 / np.maximum(member.sum(axis=0), 1)
    for reserve, mask in zip(reserves, member, strict=True):
        yield _floor(layout, [reserve], mask * share, missing)


def _may_miss(reserve: Reserve) -> bool:
    return reserve.soft or reserve.shortfall != "fail"


def _missing(layout: Layout, reserve: Reserve) -> Integers:
    """Add the column of the money that a reserve may miss."""
    instance = layout.instance
    everything = total(instance.sizes.top[layout.proposals])
    most = required(instance, reserve, max(instance.budget, everything))
    per_unit = (reserve.price or 0.0) * layout.unit / 10 ** exponent(instance.currency)
    column = layout.columns.add(1, value=-per_unit, high=layout.money(most))
    if reserve.priority is not None:
        layout.columns.giving.append(
            Giving(reserve.priority, column, np.full(1, layout.unit / reserve_size(instance, reserve)))
        )
    elif reserve.price is None:
        layout.columns.shortfalls[reserve.key] = int(column[0])
    return column


def _floor(layout: Layout, reserves: list[Reserve], weight: Floats, missing: dict[str, Integers]) -> Block:
    instance = layout.instance
    of_spent = sum(exact(r.share or 0.0) for r in reserves if r.base == "spent")
    fixed = sum((required(instance, r, 0) for r in reserves if r.base != "spent"), Fraction(0))
    counted = weight[layout.proposals] - float(of_spent)
    columns = np.flatnonzero(counted)
    soft = [missing[r.key] for r in reserves if r.key in missing]
    also = np.concatenate(soft) if soft else np.zeros(0, dtype=np.int64)
    return layout.one_row(
        tuple(reserve.key for reserve in reserves),
        " and ".join(reserve_words(instance, reserve) for reserve in reserves),
        columns,
        counted[columns],
        low=layout.money(fixed),
        also=(also, np.ones(len(also))),
    )


def reserve_words(instance: Instance, reserve: Reserve) -> str:
    """Say a reserve in the funder's words."""
    merit = "" if reserve.min_merit is None else f" of merit {reserve.min_merit:g} or more"
    whom = f"for {reserve.trait}{merit}"
    if reserve.amount is not None:
        return f"{instance.money(int(required(instance, reserve, 0)))} are held back {whom}"
    share = f"{100 * (reserve.share or 0.0):g}%"
    if reserve.base == "spent":
        return f"{share} of the money awarded are held back {whom}"
    return (
        f"{share} of the budget ({instance.money(int(required(instance, reserve, 0)))}) are held back {whom}"
    )
