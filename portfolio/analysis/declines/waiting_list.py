"""The waiting list: who enters for each single decline, and how far one ranked list says the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from portfolio.analysis.declines.decline import Decline, look_at
from portfolio.analysis.declines.waiting import (
    PLACES,
    Missed,
    award_of,
    missed_by,
    refuse_rounds,
    without,
)
from portfolio.analysis.parallel import each
from portfolio.call.money import exponent
from portfolio.optimize import Portfolio, Stop
from portfolio.optimize.awards import Awards
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.value import portfolio_value
from portfolio.policy import Policy

# Values are added up from floats.
_SAME = 1e-9


def _unwatched(done: int, of: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, eq=False)
class WaitingList:
    """Who comes next.

    Attributes
    ----------
    declines
        One row per awardee, sorted by id: id, freed (money of its award), enters (ids, sorted), spent (money of their
        awards), lost (value), lost_at_least (by any replacement that does as well in what comes before the value; null
        where nothing is proven), status (``infeasible`` where nobody can enter, since the promises alone clash with
        rules that no award mends), rules_hold, gives_way (in words; null if nothing does), and what walking down
        `ranked` gives instead: list_enters, list_lost, list_agrees. Where a limit was reached before any replacement
        was found, the cells of the replacement are null, and so is list_agrees.
    ranked
        The proposals that enter for at least one decline, those that enter for most first, then by merit and id:
        rank, id, amount_requested, merit, called (declines for which it enters), share (of all declines), and per
        reserve called_<trait> (declines of awardees that count towards it).
    awards
        How many awardees there are; fewer rows in `declines` mean that the work was interrupted.
    """

    declines: pl.DataFrame
    ranked: pl.DataFrame
    awards: int

    @property
    def complete(self) -> bool:
        """Whether every single decline was looked at."""
        return self.declines.height == self.awards

    @property
    def proven(self) -> bool:
        """Whether no limit was reached before a best replacement was proven."""
        return not self.declines["status"].is_in([str(stop) for stop in Stop if stop.cut_short]).any()

    @property
    def agrees(self) -> int:
        """For how many declines the ranked list is as good as the best replacement found."""
        return int(self.declines["list_agrees"].sum())


def waiting_list(
    portfolio: Portfolio, *, jobs: int | None = None, watch: Callable[[int, int], None] = _unwatched
) -> WaitingList:
    """Return who enters if each awardee alone declines, and one ranked list made of it.

    Each decline is solved by itself, see `replace_decliners`. No single order can say the same for every decline: who
    fits depends on the money that is freed, and on the reserve or the limit that the decliner counted towards. The
    ranked list is by how often each proposal enters; it is walked from the top, and a proposal is taken if the money
    covers all it asks for and no rule is missed by more than before. How often that gives the best replacement is part
    of the answer.

    Parameters
    ----------
    portfolio
        What was decided.
    jobs
        How many declines are solved at a time, see `each`; the answer does not depend on it.
    watch
        Called with how many declines are done, and of how many.

    Returns
    -------
    WaitingList
        After an interrupt, of the declines that were solved before it.

    Raises
    ------
    PolicyError
        As `replace_decliners`.
    """
    refuse_rounds(portfolio.problem.policy)
    found: list[Decline] = []
    try:
        for one in each(partial(look_at, portfolio), portfolio.ids, jobs=jobs):
            if one.stop is Stop.INTERRUPTED:
                break
            found.append(one)
            watch(len(found), len(portfolio.ids))
    except KeyboardInterrupt:
        pass
    order = _order(portfolio, found)
    walked = [_walk(portfolio, one, order) for one in found]
    return WaitingList(_table(portfolio, found, walked), _ranked(portfolio, found, order), len(portfolio.ids))


def _order(portfolio: Portfolio, found: Sequence[Decline]) -> list[str]:
    """Return the ids that enter for any decline: for most declines first, then by merit, then by id."""
    instance = portfolio.problem.instance
    called = Counter(name for one in found for name in one.entered or ())
    merit = np.nan_to_num(instance.merit, nan=-np.inf)
    return sorted(called, key=lambda name: (-called[name], -merit[instance.position[name]], name))


@dataclass(frozen=True)
class _Walk:
    """Whom a walk down the ranked list takes, and whether that is as good as the replacement, if one was found."""

    entered: tuple[str, ...]
    lost: float
    agrees: bool | None


def _walk(portfolio: Portfolio, decline: Decline, order: Sequence[str]) -> _Walk:
    """Take one proposal after the other if its whole request fits and no rule is missed by more than before."""
    if decline.stop is Stop.INFEASIBLE:
        return _Walk((), decline.lost, agrees=True)
    problem, instance = portfolio.problem, portfolio.problem.instance
    awards = without(portfolio, [decline.name])
    missed, taken = missed_by(problem, awards), []
    # Where more may be promised than there is, the rule itself says what fits.
    room = math.inf if problem.policy.overcommit is not None else instance.most - awards.spent
    for name in order:
        index = instance.position[name]
        request = int(instance.sizes.top[index])
        if request > room:
            continue
        tried = _with(awards, index, request)
        then = missed_by(problem, tried)
        if _no_worse(then, missed):
            awards, missed, room = tried, then, room - request
            taken.append(name)
    lost = round(portfolio.value - portfolio_value(instance, problem.policy, awards), PLACES)
    if decline.missed is None:
        return _Walk(tuple(sorted(taken)), lost, agrees=None)
    as_good = lost <= decline.lost + _SAME * max(1.0, abs(portfolio.value)) and _no_worse(
        missed, decline.missed
    )
    agrees = tuple(sorted(taken)) == decline.entered or (as_good and not _goals_of_value(problem.policy))
    return _Walk(tuple(sorted(taken)), lost, agrees)


def _no_worse(missed: Missed, before: Missed) -> bool:
    return all(size <= before.get(row, 0) for row, size in missed.items())


def _goals_of_value(policy: Policy) -> bool:
    """Tell whether something of value comes before the value, so that the value does not say what is as good."""
    pool = policy.exploratory
    return policy.objective.order == "lexicographic" or (pool is not None and pool.left == "return")


def _with(awards: Awards, index: int, amount: int) -> Awards:
    funded, amounts = awards.funded.copy(), awards.amount.copy()
    funded[index], amounts[index] = True, amount
    return Awards(funded, amounts)


def _table(portfolio: Portfolio, found: Sequence[Decline], walked: Sequence[_Walk]) -> pl.DataFrame:
    money = pl.Decimal(38, exponent(portfolio.problem.instance.currency))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "id": pl.String,
        "freed": money,
        "enters": pl.List(pl.String),
        "spent": money,
        "lost": pl.Float64,
        "lost_at_least": pl.Float64,
        "status": pl.String,
        "rules_hold": pl.Boolean,
        "gives_way": pl.String,
        "list_enters": pl.List(pl.String),
        "list_lost": pl.Float64,
        "list_agrees": pl.Boolean,
    }
    rows = [
        (
            one.name,
            award_of(portfolio, one.name),
            None if one.entered is None else list(one.entered),
            one.spent,
            _known(one.lost),
            _known(one.lost_at_least),
            str(one.stop),
            one.rules_hold,
            one.gives_way or None,
            list(walk.entered),
            walk.lost,
            walk.agrees,
        )
        for one, walk in zip(found, walked, strict=True)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _known(figure: float) -> float | None:
    """Return a figure, or nothing where nothing is proven."""
    return figure if math.isfinite(figure) else None


def _ranked(portfolio: Portfolio, found: Sequence[Decline], order: Sequence[str]) -> pl.DataFrame:
    problem, instance = portfolio.problem, portfolio.problem.instance
    rows = portfolio.to_frame().select("id", "amount_requested", "merit")
    named = pl.DataFrame({"id": order}, schema={"id": pl.String}).join(
        rows, on="id", how="left", maintain_order="left"
    )
    called = Counter(name for one in found for name in one.entered or ())
    columns = [
        pl.Series("called", [called[name] for name in order], dtype=pl.Int64),
        pl.Series("share", [called[name] / len(found) for name in order], dtype=pl.Float64),
    ]
    for reserve in problem.policy.reserve:
        member = counts(instance, reserve)
        mine = Counter(n for one in found if member[instance.position[one.name]] for n in one.entered or ())
        columns.append(pl.Series(f"called_{reserve.trait}", [mine[n] for n in order], dtype=pl.Int64))
    return named.with_columns(columns).with_row_index("rank", offset=1).cast({"rank": pl.Int64})
