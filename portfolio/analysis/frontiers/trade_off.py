"""What more of one thing costs in value: the trade-off between the value and a second criterion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

import numpy as np
import polars as pl

from portfolio.analysis.frontiers.comparable import goal_missed, refuse_incomparable
from portfolio.analysis.frontiers.core import proven_core
from portfolio.analysis.frontiers.criterion import SecondCriterion, reached
from portfolio.analysis.frontiers.nested import certain, nested
from portfolio.analysis.frontiers.points import Point, Swept, efficient, guaranteed, points_table
from portfolio.analysis.parallel import each
from portfolio.errors import InfeasibleError, Issue, LimitError, PolicyError
from portfolio.optimize import Problem, Stop
from portfolio.optimize.figures import at_most, counted
from portfolio.optimize.solution import ReachedGoal
from portfolio.optimize.words import as_well
from portfolio.shown import with_table


@dataclass(frozen=True, eq=False)
class TradeOff:
    """Portfolios of which none found is better than another in both the value and a second criterion.

    Attributes
    ----------
    over, least
        The criterion: a trait (the money to it) or a column (its total); whether less of it is better.
    points
        One row per point, from the greatest value on: bound_on_criterion (what was asked for at least, or at
        most), criterion (what the portfolio has), value, bound and gap, status, spent, awards, lost (value
        lost against the first point, as found), entered and left (ids, against the point before).
    proposals
        At which points each proposal is funded, see `nested`; `always_from` is in the order of the points.
    core
        Ids that are funded in all of them.
    core_proven
        Whether these are, beyond the points, in every portfolio that is efficient. Only looked for if
        `complete`.
    complete
        Whether every non-dominated point is there, each proven.
    spacing, error
        For every portfolio that keeps the rules there is a point that is worse by `spacing` in the criterion
        and by `error` in the value at most. None where the search was cut short.
    unfound
        For how many of the bounds that were asked for no point was found before a limit. The point before each bounds
        what it could have been worth, which `error` takes in.
    ended
        Why there is no further point.
    goals
        Names of what comes before the value: what is proven holds for the portfolios that do as well in that.
    """

    over: str
    least: bool
    points: pl.DataFrame
    proposals: pl.DataFrame
    core: tuple[str, ...]
    core_proven: bool
    complete: bool
    spacing: Decimal | None
    error: float | None
    ended: str
    goals: tuple[str, ...] = ()
    unfound: int = 0

    @property
    def guarantee(self) -> str:
        """What is proven about portfolios that are not among the points, in a sentence."""
        keeps = f"portfolio that keeps the rules{as_well(self)}"
        if self.complete:
            return f"Complete: every other {keeps} is matched or beaten by one of these points."
        if self.spacing is None or self.error is None:
            return "Cut short: nothing is proven of portfolios beyond the last point."
        return (
            f"For every {keeps} there is a point with at most {self.spacing:,} "
            f"{'more' if self.least else 'less'} of {self.over} and a value at most {at_most(self.error, 3)} lower."
        )

    def __repr__(self) -> str:
        return f"<TradeOff of value and {self.over}: {self.points.height} points. {self.guarantee}>"

    def _repr_html_(self) -> str:
        return with_table(self, self.points)


def trade_off(
    problem: Problem,
    over: str,
    *,
    points: int | None = None,
    least: bool = False,
    jobs: int | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> TradeOff:
    """Find how much value each further bit of a second criterion costs, all rules of the policy holding.

    Parameters
    ----------
    problem
        What is to be decided.
    over
        A trait of the policy: the money to it, as in a reserve. Or a column of numbers: its total over the
        awards. A trait of the same name comes first.
    points
        None for every non-dominated point, each solved to a gap of 0. Otherwise about so many, evenly spaced
        in the criterion, each solved to the gap of the policy.
    least
        Whether less of the criterion is better.
    jobs
        How many points are looked for at a time where they are spaced; the result is the same.
    watch
        Called with the name of each step.

    Raises
    ------
    PolicyError
        If the criterion is not known or has cells below 0, if reserves are spent over and above, if a
        criterion that comes first may lose something, or if every point is asked for although awards may be
        cut freely.
    InfeasibleError, LimitError
        If there is no portfolio at all, or none was found in time.
    ValueError
        If `points` is below 1.

    Notes
    -----
    The epsilon-constraint method (Haimes, Lasdon & Wismer 1971). With every bound one unit beyond what the
    point before reached, it finds each non-dominated point of sums of whole numbers; those that a later point
    reaches with the same value are dropped, for which the method with slacks (Mavrotas 2009) changes the
    objective instead. With spaced bounds it covers the frontier (Papadimitriou & Yannakakis 2000). Goals that
    come before the value are reached first, in each point as well as in the first; the trade-off ends where
    that is no longer possible.
    """
    if points is not None and points < 1:
        raise ValueError("points must be at least 1")
    refuse_incomparable(problem.policy, "a trade-off")
    if points is None:
        _refuse_cuts(problem)
        problem = problem.replace(solver=problem.policy.solver.replace(gap=0.0))
    criterion = SecondCriterion.of(problem.afresh(), over, least=least)
    watch("Finding the greatest value")
    first = criterion.problem.solve()
    start = Point(None, reached(first), first)
    if first.status is Stop.INTERRUPTED:
        swept = Swept((start,), None, _INTERRUPTED)
    elif points is None:
        swept = _every(criterion, start, watch)
    else:
        swept = _spaced(criterion, start, points, jobs, watch)
    return _result(criterion, over, swept, watch, exact=points is None)


def _refuse_cuts(problem: Problem) -> None:
    if problem.policy.objective.partial is True:
        hint = "every coin would be a point; ask for so many points instead"
        what = "lets awards be cut freely"
        raise PolicyError([Issue(what, hint, file="policy", column="objective.partial")])


def _every(criterion: SecondCriterion, start: Point, watch: Callable[[str], None]) -> Swept:
    """Ask for one unit more than the last point has, until there is none."""
    found, look = [start], _Look(start.portfolio.goals)
    while True:
        bound = found[-1].reached + criterion.step
        if bound < 0 or criterion.beyond(bound):
            return Swept(tuple(found), bound, _NO_MORE)
        watch(f"Point {len(found) + 1}: {bound:,}")
        point, end = look((bound, criterion.bounded(bound)))
        if point is None:
            return Swept(tuple(found), bound if end in _ENDS else None, end)
        found.append(point)
        if end:
            return Swept(tuple(found), None, end)


def _spaced(
    criterion: SecondCriterion, start: Point, points: int, jobs: int | None, watch: Callable[[str], None]
) -> Swept:
    """Ask for evenly more, up to what nothing exceeds."""
    bounds = _bounds(criterion, start.reached, points)
    asked = ((bound, criterion.bounded(bound)) for bound in bounds)
    found = [start]
    unfound: list[str] = []
    try:
        searches = each(_Look(start.portfolio.goals), asked, jobs=jobs)
        for bound, (point, end) in zip(bounds, searches, strict=True):
            if end in _ENDS:
                return Swept(tuple(found), bound, end, tuple(unfound))
            if point is not None:
                found.append(point)
                watch(f"Found {len(found)} points of {points}")
            if end == _INTERRUPTED:
                return Swept(tuple(found), None, end, tuple(unfound))
            if point is None:
                # What was not found in time is covered by the bound of the point before.
                unfound.append(end)
    except KeyboardInterrupt:
        return Swept(tuple(found), None, _INTERRUPTED, tuple(unfound))
    whole = criterion.beyond(found[-1].reached + criterion.step)
    beyond = criterion.furthest + criterion.step
    return Swept(tuple(found), beyond, _NO_MORE if whole else _ASKED, tuple(unfound))


_INTERRUPTED = "it was interrupted"
_NO_MORE, _GOALS = "no portfolio goes further", "further on, what comes before the value would be missed"
_ASKED = "no more points were asked for"
_BETTER = "what comes before the value is reached better there than by the first point, which was not proven"
_ENDS = {_NO_MORE, _GOALS}


@dataclass(frozen=True)
class _Look:
    """A search for one point, that other threads and machines can do."""

    goals: tuple[ReachedGoal, ...]

    def __call__(self, asked: tuple[Decimal, Problem]) -> tuple[Point | None, str]:
        """Return the best point within a bound, and why there is none or no further one."""
        bound, problem = asked
        try:
            portfolio = problem.solve()
        except InfeasibleError:
            return None, _NO_MORE
        except LimitError as error:
            return None, str(error)
        except KeyboardInterrupt:
            return None, _INTERRUPTED
        missed = goal_missed(self.goals, portfolio.goals)
        if missed is not None:
            ours, theirs = missed
            return None, _GOALS if theirs.bound < ours.value else f"{_GOALS}, as far as was found"
        if goal_missed(portfolio.goals, self.goals) is not None:
            # Its bound says nothing of portfolios that do as well as the first point only.
            return None, _BETTER
        interrupted = portfolio.status is Stop.INTERRUPTED
        return Point(bound, reached(portfolio), portfolio), _INTERRUPTED if interrupted else ""


def _bounds(criterion: SecondCriterion, start: Decimal, points: int) -> list[Decimal]:
    """Return at most so many bounds less one, evenly spaced by whole units."""
    units = max(Decimal(0), (criterion.furthest - start) / criterion.step)
    each_ = max(Decimal(1), (units / points).to_integral_value(ROUND_CEILING))
    return [start + i * each_ * criterion.step for i in range(1, points) if i * each_ <= units]


def _result(
    criterion: SecondCriterion, over: str, swept: Swept, watch: Callable[[str], None], *, exact: bool
) -> TradeOff:
    kept = efficient(criterion, swept.points)
    proven = all(point.proven for point in swept.points)
    complete = exact and swept.beyond is not None and proven
    funded = np.array([point.portfolio.solution.chosen for point in kept])
    sure = np.array([certain(point.portfolio) for point in kept])
    ids = criterion.problem.instance.ids
    table = nested(ids, [point.reached for point in kept], funded, sure)
    core, core_proven = table.filter("core")["id"].to_list(), False
    if complete:
        watch("Looking for the core")
        best = [(criterion.bounded(point.reached), point.portfolio) for point in kept]
        core, core_proven = proven_core(core, best)
    spacing, error = guaranteed(criterion, swept, kept)
    return TradeOff(
        over=over,
        least=criterion.least,
        points=points_table(kept),
        proposals=table.with_columns(core=pl.col("id").is_in(core)),
        core=tuple(core),
        core_proven=core_proven,
        complete=complete,
        spacing=spacing,
        error=error,
        ended=_in_words(swept),
        goals=tuple(goal.name for goal in swept.points[0].portfolio.goals),
        unfound=len(swept.unfound),
    )


def _in_words(swept: Swept) -> str:
    if not swept.unfound:
        return swept.ended
    count = counted(len(swept.unfound), "point was", "points were")
    return f"{swept.ended}; {count} not found: {swept.unfound[-1]}"
