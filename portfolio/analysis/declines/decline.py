"""One decline of a waiting list: who enters, what is lost, and what is kept of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portfolio.analysis.declines.waiting import PLACES, Missed, missed_by, replace_decliners, without
from portfolio.analysis.declines.worse import worse_in_words
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Stop
from portfolio.optimize.value import portfolio_value


@dataclass(frozen=True)
class Decline:
    """What is kept of a replacement: the portfolios of all declines would be many.

    Where a limit was reached before one was found, that is nothing but how the search stopped.
    """

    name: str
    stop: Stop
    entered: tuple[str, ...] | None = None
    spent: Decimal | None = None
    lost: float = math.nan
    lost_at_least: float = math.nan
    rules_hold: bool | None = None
    gives_way: str = ""
    missed: Missed | None = None


def look_at(portfolio: Portfolio, name: str) -> Decline:
    """Return what is kept of the replacement if one awardee alone declines."""
    try:
        found = replace_decliners(portfolio, [name])
    except InfeasibleError as error:
        return _nobody(portfolio, name, error.conflict)
    except LimitError as error:
        return Decline(name, Stop(error.stop))
    return Decline(
        name=name,
        entered=found.entered,
        spent=found.spent,
        lost=found.lost,
        lost_at_least=found.lost_at_least,
        stop=found.status,
        rules_hold=found.rules_hold,
        gives_way="; ".join(worse_in_words(portfolio, found)),
        missed=missed_by(portfolio.problem, found.portfolio.solution.awards),
    )


def _nobody(portfolio: Portfolio, name: str, conflict: Sequence[str]) -> Decline:
    """Return a decline after which the promises cannot be kept under rules that may not give way."""
    problem, left = portfolio.problem, without(portfolio, [name])
    rules = [words for words in conflict if words != f"{name} must not be funded"]
    lost = round(portfolio.value - portfolio_value(problem.instance, problem.policy, left), PLACES)
    return Decline(
        name=name,
        entered=(),
        spent=Decimal(0),
        lost=lost,
        lost_at_least=lost,
        stop=Stop.INFEASIBLE,
        rules_hold=False,
        gives_way=f"nobody can enter, these cannot hold together: {'; '.join(rules)}",
        missed=missed_by(problem, left),
    )
