"""Exact sums over the awards, in integers and fractions, from the policy and not from the matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from portfolio.call.money import exponent, total
from portfolio.optimize.attribution import attribute, turns
from portfolio.optimize.awards import Awards
from portfolio.optimize.groups import Groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.rows.gaps import demands, due, widest_gap
from portfolio.optimize.rows.limits import Bound, bounds, limit_groups
from portfolio.optimize.rows.reserves import counts, required
from portfolio.optimize.subsets import subsets
from portfolio.optimize.vectors import Bools, Integers
from portfolio.policy import Limit, Policy


def spent_in_year(instance: Instance, awards: Awards, year: int) -> Fraction:
    """Return the money of a year that is awarded, in minor units: each award is spread as its request was."""
    whole = awards.funded & (awards.amount == instance.amount)
    money = Fraction(total(instance.by_year[whole, year]))
    for index in np.flatnonzero(awards.funded & ~whole).tolist():
        award, request = int(awards.amount[index]), int(instance.amount[index])
        money += Fraction(int(instance.by_year[index, year]) * award, request)
    return money


def group_sums(amount: Integers, group: Integers, size: int) -> list[int]:
    """Add int64 amounts within groups without overflow or rounding.

    The halves of each number are added as floats, which is exact for up to two million numbers.
    """
    high = np.bincount(group, weights=(amount >> 32).astype(float), minlength=size)
    low = np.bincount(group, weights=(amount & 0xFFFFFFFF).astype(float), minlength=size)
    return [(int(h) << 32) + int(w) for h, w in zip(high.tolist(), low.tolist(), strict=True)]


def bound_unit(instance: Instance, index: int, bound: Bound) -> int:
    """Return how many counts of a bound one unit is: of the currency, of the column, or an award."""
    match bound.of:
        case "awards":
            return 1
        case "column":
            return instance.sums[index].unit
        case _:
            return int(10 ** exponent(instance.currency))


def group_totals(instance: Instance, index: int, of: Groups, awards: Awards, bound: Bound) -> list[int]:
    """Return what each group of a limit gets, in the counts of one of its bounds."""
    match bound.of:
        case "awards":
            return [int(number) for number in group_awards(of, awards.funded)]
        case "column":
            return _added(np.where(awards.funded, instance.sums[index].cells, 0), of)
        case _:
            return _added(awards.amount, of)


def standings(
    instance: Instance, index: int, of: Groups, awards: Awards, bound: Bound
) -> Iterator[tuple[str, Fraction, int]]:
    """Yield each group of a limit, what it may get at least or at most, and what it gets, in counts of one bound."""
    sizes = group_totals(instance, index, of, awards, bound)
    if bound.gap:
        demand, whole = demands(instance, of, money=bound.of == "money")
        ends = due(demand, whole, _given(awards, bound.of), -bound.size if bound.floor else bound.size)
    else:
        ends = [bound.size * awards.spent if bound.of == "spent" else bound.size] * len(of.names)
    return zip(of.names, ends, sizes, strict=True)


def gap_reached(instance: Instance, index: int, limit: Limit, awards: Awards) -> Fraction:
    """Return the gap that some awards would just keep."""
    of, _ = limit_groups(instance, index, limit)
    bound = next(iter(bounds(instance, index, limit)))
    demand, whole = demands(instance, of, money=limit.gap_of == "money")
    got = group_totals(instance, index, of, awards, bound)
    return widest_gap(demand, whole, got, _given(awards, limit.gap_of), below=limit.gap_side == "below")


def _given(awards: Awards, what: str) -> int:
    return awards.spent if what == "money" else int(awards.funded.sum())


def group_awards(of: Groups, funded: Bools) -> Integers:
    """Return the number of awards in each group."""
    return np.bincount(of.group[funded[of.member]], minlength=len(of.names)).astype(np.int64)


def _added(counts: Integers, of: Groups) -> list[int]:
    inside = counts[of.member] != 0
    return group_sums(counts[of.member[inside]], of.group[inside], len(of.names))


@dataclass(frozen=True)
class Delivery:
    """What one reserve asks for and what the awards bring it, exactly, in minor units."""

    key: str
    required: Fraction
    delivered: Fraction

    @property
    def shortfall(self) -> Fraction:
        """Money missing."""
        return max(Fraction(0), self.required - self.delivered)


def deliveries(
    instance: Instance,
    policy: Policy,
    awards: Awards,
    less: Mapping[str, int] | None = None,
    room: Fraction | None = None,
) -> tuple[Delivery, ...]:
    """Return how each reserve of a policy is met by the awards, under the policy's accounting.

    Parameters
    ----------
    less
        By how much less some reserves ask for than the policy says, in minor units.
    room
        How much may be held before anything else gives way, if not what the budget leaves, in minor units.
    """
    money, funded = awards.spent, awards.funded
    less = less or {}
    demand = [required(instance, reserve, money) - less.get(reserve.key, 0) for reserve in policy.reserve]
    member = [counts(instance, reserve)[funded] for reserve in policy.reserve]
    supply = _supply(awards.amount[funded], member)
    match policy.reserve_accounting:
        case "one_to_all":
            given = [
                sum((Fraction(m) for t, m in supply.items() if r in t), Fraction(0))
                for r in range(len(demand))
            ]
        case "shared":
            given = [
                sum((Fraction(m, len(t)) for t, m in supply.items() if r in t), Fraction(0))
                for r in range(len(demand))
            ]
        case "one_to_one":
            held = [r for r, reserve in enumerate(policy.reserve) if reserve.shortfall == "hold"]
            given = attribute(supply, demand, turns(instance, policy, awards, demand, room), held)
    return tuple(
        Delivery(reserve.key, need, got)
        for reserve, need, got in zip(policy.reserve, demand, given, strict=True)
    )


def _supply(amount: Integers, member: Sequence[Bools]) -> dict[frozenset[int], int]:
    """Add up the money of the awards by the set of reserves that they count towards."""
    kinds, kind = subsets(member, len(amount))
    return dict(zip(map(frozenset, kinds), group_sums(amount, kind, len(kinds)), strict=True))
