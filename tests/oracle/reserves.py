"""Reserves: who counts, how much is required, and in which order one money serves several of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

import portfolio as pf
from oracle.facts import Facts, cents, fraction


@dataclass(frozen=True)
class Need:
    """One reserve: `fixed` minor units plus a `share` of all awards, for its members.

    `counted` is what a member's award counts towards it, unless money counts once. `kind` is fail, price, priority,
    hold or release; `size` is what a relative violation is compared with, in minor units.
    """

    key: str
    member: np.ndarray
    counted: list[Fraction]
    fixed: Fraction
    share: Fraction
    kind: str
    price: float | None
    priority: int | None
    size: Fraction

    @property
    def turn(self) -> tuple[float, ...]:
        """Firm reserves are served first, then what must not be held, priorities, those that hold, release, prices.

        This is the order of the goals, of which the value, with its prices, is the last. Within a priority, the smaller
        reserve loses more of itself by the same money.
        """
        rank = ["fail", "(must not be held)", "priority", "hold", "release", "price"].index(self.kind)
        return (rank, -(self.priority or 0), -(self.price or 0.0), float(self.size))


def needs(facts: Facts) -> list[Need]:
    """Return all reserves; over and above they are pots of rounds instead."""
    policy = facts.policy
    if policy.reserve_order == "over_and_above":
        return []
    members = [counting(facts, reserve) for reserve in policy.reserve]
    among = np.sum(members, axis=0) if members else np.zeros(facts.n)
    shared = policy.reserve_accounting == "shared"
    made = []
    for reserve, member in zip(policy.reserve, members, strict=True):
        fixed, share = required(facts, reserve)
        kind = reserve.shortfall
        if reserve.price is not None or reserve.priority is not None:
            kind = "priority" if reserve.price is None else "price"
        parts = among if shared else np.ones_like(among)
        counted = [Fraction(int(m), max(1, int(k))) for m, k in zip(member, parts, strict=True)]
        size = Fraction(facts.available) if share else fixed or Fraction(facts.available)
        made.append(
            Need(reserve.key, member, counted, fixed, share, kind, reserve.price, reserve.priority, size)
        )
    return made


def counting(facts: Facts, reserve: pf.Reserve) -> np.ndarray:
    member = facts.trait(reserve.trait)
    return member if reserve.min_merit is None else member & (facts.merit >= reserve.min_merit)


def required(facts: Facts, reserve: pf.Reserve) -> tuple[Fraction, Fraction]:
    """Return the fixed money of a reserve and its share of what is spent; one of the two is zero."""
    if reserve.amount is not None:
        return Fraction(cents(reserve.amount)), Fraction(0)
    if reserve.base == "spent":
        return Fraction(0), fraction(reserve.share)
    return Fraction(-(-fraction(reserve.share) * facts.available // 1)), Fraction(0)
