"""The money that there is for one award if nothing else is funded: whose award it cannot pay, and what it is called."""

from __future__ import annotations

import numpy as np

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
