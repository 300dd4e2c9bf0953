"""What the awards leave of each budget, and for whom that is too little."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from portfolio.optimize.audit import TOLERANCE, held_money
from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.instance import Instance
from portfolio.optimize.overcommit import Spending
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.tally import deliveries, spent_in_year
from portfolio.optimize.vectors import Bools, Floats
from portfolio.policy import Overcommit, Policy


def budgets_left(instance: Instance, policy: Policy, awards: Awards) -> Iterator[tuple[str, Bools]]:
    """Yield each budget in words, and (n,) which proposals would exceed it if they were added to the awards.

    What the year before leaves to it, what may be promised or spent beyond it, and what reserves hold are counted.
    """
    least = instance.sizes.least
    part: Floats = np.divide(least, instance.amount, out=np.ones(len(least)), where=instance.amount > 0)
    steps = instance.by_year * part[:, np.newaxis]
    held = int(held_money(instance, policy, awards))
    still = _still_held(instance, policy, awards) if held else np.zeros(len(least))
    also = f", of which {instance.money(held)} are held" if held else ""
    years = len(instance.budgets)
    # What is held is held of the one budget, or of all years together.
    now, also_now = (still, also) if years == 1 else (np.zeros(len(least)), "")
    if policy.overcommit is not None:
        yield from _promised(instance, policy.overcommit, awards, steps, now)
    elif policy.overspend is not None:
        yield from _beyond(instance, awards, steps, now, also_now)
    else:
        yield from _carried(instance, awards, steps, now, also_now)
    if held and years > 1:
        left = instance.budget - awards.spent
        yield f"the budget of all years ({instance.money(left)} left{also})", least + still > left


def _carried(
    instance: Instance, awards: Awards, steps: Floats, held: Floats, also: str
) -> Iterator[tuple[str, Bools]]:
    """Yield the budget of each year, with what the one before it leaves."""
    carried, each_carried = 0, np.zeros(len(steps))
    for year in range(len(instance.budgets)):
        unspent = _unspent(instance, awards, year)
        left, room = unspent + carried, unspent + each_carried - steps[:, year]
        yield f"the budget{_of(instance, year)} ({instance.money(left)} left{also})", room < held
        carried, each_carried = min(instance.carry, left), np.clip(room, 0, instance.carry)


def _beyond(
    instance: Instance, awards: Awards, steps: Floats, held: Floats, also: str
) -> Iterator[tuple[str, Bools]]:
    """Yield the budget of each year, with what may be spent beyond it, if there is an end to that."""
    for year, more in enumerate(instance.beyond):
        if math.isfinite(more):
            left = _unspent(instance, awards, year) + int(more)
            words = f"the budget{_of(instance, year)} and what may be spent beyond it"
            yield f"{words} ({instance.money(left)} left{also})", steps[:, year] + held > left


def _promised(
    instance: Instance, rule: Overcommit, awards: Awards, steps: Floats, held: Floats
) -> Iterator[tuple[str, Bools]]:
    """Yield what may be promised of the budget of each year, so that it is spent beyond it rarely enough."""
    spending = Spending.of(rule)
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        amounts, left = awards_in_year(instance, awards, year), float(budget - committed) - held
        total, squares = math.fsum(amounts.tolist()), math.fsum(np.square(amounts).tolist())
        deviation = spending.deviation * np.sqrt(squares + np.square(steps[:, year]))
        load = spending.mean * (total + steps[:, year]) + deviation
        over = load > left + TOLERANCE * np.maximum(1.0, np.abs(left))
        yield f"what may be promised of the budget{_of(instance, year)}", over


def _of(instance: Instance, year: int) -> str:
    return "" if len(instance.budgets) == 1 else f" of year {year + 1}"


def _unspent(instance: Instance, awards: Awards, year: int) -> int:
    return int(instance.budgets[year] - instance.committed[year] - spent_in_year(instance, awards, year))


def _still_held(instance: Instance, policy: Policy, awards: Awards) -> Floats:
    """Return (n,) the money that reserves would hold at least if each proposal were funded as well."""
    least, member = instance.sizes.least, [counts(instance, reserve) for reserve in policy.reserve]
    if policy.reserve_accounting == "one_to_one":
        # The money of one reserve may make room for another's, but all of it only once.
        held = float(held_money(instance, policy, awards, room=Fraction(0)))
        once: Floats = np.maximum(0.0, held - least * np.any(member, axis=0))
        return once
    met = zip(policy.reserve, member, deliveries(instance, policy, awards), strict=True)
    still = [
        np.maximum(0.0, float(delivery.shortfall) - least * mask)
        for reserve, mask, delivery in met
        if reserve.shortfall == "hold"
    ]
    together: Floats = np.sum(still, axis=0)
    return together
