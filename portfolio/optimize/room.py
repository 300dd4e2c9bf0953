"""The money that there is: whose award it cannot pay alone, in which years not all awards, and what it is called."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.instance import Instance
from portfolio.optimize.overcommit import Spending
from portfolio.optimize.vectors import Bools, Integers
from portfolio.policy import Policy


def unpayable(
    policy: Policy,
    amount: Integers,
    by_year: Integers,
    least: Integers,
    room: list[float],
    carry: int,
) -> Bools:
    """Return (n, years) in which years the smallest award could not be paid if nothing else were funded.

    What cannot will never be funded, and its size would only blur the solver's numbers.
    """
    years = np.array(room, dtype=float)
    years[1:] += carry
    part = np.divide(least, amount, out=np.ones(len(amount)), where=amount > 0)
    if policy.overcommit is not None:
        part *= Spending.of(policy.overcommit).load(np.ones(1))
    over: Bools = by_year * part[:, None] > years * (1 + 1e-12)
    return over


def short_years(instance: Instance, awards: Awards) -> Iterator[str]:
    """Yield each year whose money does not pay its part of some awards, with that part and the money, in words.

    What a year leaves goes on to the next, as far as it may be carried.
    """
    left = 0
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        there_is = budget - committed + min(left, instance.carry)
        # Parts of awards that are cut are floats; whole ones are exact.
        needed = round(math.fsum(awards_in_year(instance, awards, year).tolist()))
        if needed > there_is:
            yield f"year {year + 1} ({instance.money(needed)} of {instance.money(there_is)})"
        left = max(0, there_is - needed)


def room(instance: Instance, policy: Policy) -> float:
    """Return the money of which no awards can be more, in minor units, with what may be promised or spent beyond it."""
    if policy.overcommit is None:
        return instance.most
    # What is spent of them on average has to fit, whatever its deviation; less than a coin may be rounding.
    return instance.most / Spending.of(policy.overcommit).mean + 1.0


def room_in_words(policy: Policy, *, promised: bool, year: int | None = None) -> str:
    """Say what money there is, to follow "more than".

    Parameters
    ----------
    promised
        Whether some of it is promised already.
    year
        The one that is meant, from 0 on; None for all the money.
    """
    budget = "the budget" if year is None else "the budget of that year"
    if policy.overcommit is not None:
        return f"may {'still ' if promised else ''}be promised of {budget}"
    beyond = "may be spent beyond it" if policy.overspend is not None else ""
    if policy.carry_over and year:
        beyond = "may be carried into it"
    if promised:
        return f"is left of {budget} after what is promised" + (f", and {beyond}" if beyond else "")
    return ("the whole budget" if year is None else budget) + (f" and what {beyond}" if beyond else "")
