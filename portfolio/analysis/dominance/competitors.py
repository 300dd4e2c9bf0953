"""Which portfolios may be better than the one that was chosen, if scores and weights are off (PROBE)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from portfolio.analysis.dominance.compare import gain_over
from portfolio.analysis.dominance.information import Information, Intervals, intervals
from portfolio.analysis.dominance.region import Region, other_than, refuse_unfit
from portfolio.call.money import exponent
from portfolio.errors import DataError, Issue, LimitError
from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.vectors import Bools
from portfolio.policy import Limit


@dataclass(frozen=True, eq=False)
class Competitors:
    """Portfolios that may be better than a chosen one.

    Attributes
    ----------
    portfolio
        The chosen one.
    table
        One row per competitor, the greatest regret first. Columns: number (from 1), regret (by how much the chosen
        portfolio falls short of it at worst), central (by how much at the centre of what is known; below 0 if it is
        worth less there), spent, awards, entered and left (ids, against the chosen one), and ``weight_`` and each
        criterion: the weights at which the regret is so large.
    complete
        Whether there is no further competitor, proven.
    beyond
        No competitor that is not in the table has a greater regret; 0 if it is complete, None if unknown.
    dearer
        Whether portfolios that cost more than the chosen one were looked at.
    ended
        Why the list has no further entry.
    """

    portfolio: Portfolio
    table: pl.DataFrame
    complete: bool
    beyond: float | None
    dearer: bool
    ended: str

    @property
    def robust(self) -> bool:
        """Whether the chosen portfolio is proven to have no competitor."""
        return self.complete and not len(self.table)


def competitors(
    problem: Problem,
    information: Information,
    portfolio: Portfolio | None = None,
    *,
    most: int = 100,
    dearer: bool = False,
    watch: Callable[[str], None] = lambda step: None,
) -> Competitors:
    """Find every portfolio that costs no more than a chosen one and is worth more for some scores and weights.

    Parameters
    ----------
    problem
        What is to be decided; every competitor keeps all its rules.
    information
        How far scores and weights may be off.
    portfolio
        The chosen one; None for the best under the scores and weights of the policy.
    most
        Stop after so many, those of the greatest regret.
    dearer
        Look also at portfolios that cost more than the chosen one, within the budget.
    watch
        Called with the name of each step.

    Raises
    ------
    PolicyError
        If the value of a portfolio is not the sum of what its awards are worth.
    DataError
        If the information does not fit, or the portfolio is one of other proposals or of cut awards.
    InfeasibleError, LimitError
        If there is no portfolio at all, or none was found in time.
    ValueError
        If `most` is below 1.

    Notes
    -----
    A portfolio is undoubtedly robust if no other one that does not cost more may be worth more (Lourenco, Morton &
    Bana e Costa 2012, Decision Support Systems 54(1), 534-550). What x may gain on the chosen p is

        max over k of  sum of U_ki over x without p  -  sum of L_ki over p without x,

    with the least and greatest values L and U at the extreme points k of the weights. For each k the best x is
    found by the optimizer, forbidden, and found again, until nothing is gained. A portfolio that is dearer is not
    a competitor in the sense of the paper: what it may be worth more has a price.
    """
    if most < 1:
        raise ValueError("most must be at least 1")
    refuse_unfit(problem.policy, problem.instance, "competitors")
    known = intervals(problem, information)
    watch("Finding the best portfolio")
    chosen = problem.solve() if portfolio is None else portfolio
    _refuse_other(problem, known, chosen)
    if not dearer:
        cap = Limit(where="amount >= 0", max_amount=chosen.spent)
        problem = problem.replace(limit=(*problem.policy.limit, cap))
    region = Region.of(problem, known)
    found: list[tuple[float, int, Bools]] = []
    complete, ended = True, "no other portfolio may be worth more"
    beyond: float | None = 0.0
    try:
        for one in _by_regret(region, known, chosen.solution.chosen):
            if len(found) == most:
                complete, beyond, ended = False, one[0], f"{most} were asked for"
                break
            found.append(one)
            watch(f"Found {len(found)} competitors")
    except (LimitError, KeyboardInterrupt) as end:
        complete, beyond = False, found[-1][0] if found else None
        ended = str(end) or "it was interrupted"
    return Competitors(chosen, _table(region, chosen, found), complete, beyond, dearer, ended)


def _by_regret(region: Region, known: Intervals, chosen: Bools) -> Iterator[tuple[float, int, Bools]]:
    """Yield competitors with their regret and the extreme point of it, the greatest regret first.

    The best of an extreme point that is not known yet is an upper bound on all that is not known yet there.
    """
    coefficients, constant = gain_over(known, chosen)
    forbidden = [other_than(chosen)]
    seen: set[bytes] = {chosen.tobytes()}

    def search(point: int) -> tuple[float, int, Bools] | None:
        found = region.best(coefficients[point], forbidden)
        if found is None:
            return None
        gain = float(coefficients[point] @ found - constant[point])
        return (-gain, point, found) if gain > known.rounding else None

    heap = [one for point in range(len(constant)) if (one := search(point)) is not None]
    heapq.heapify(heap)
    while heap:
        # There is one entry per extreme point, so that arrays are never compared.
        gain, point, found = heapq.heappop(heap)
        if found.tobytes() not in seen:
            seen.add(found.tobytes())
            forbidden.append(other_than(found))
            yield -gain, point, found
        if (one := search(point)) is not None:
            heapq.heappush(heap, one)


def _refuse_other(problem: Problem, known: Intervals, chosen: Portfolio) -> None:
    theirs = chosen.problem.instance
    if theirs.ids != problem.instance.ids:
        raise DataError([Issue("the chosen portfolio is one of other proposals", "decide on the same call")])
    issues = [
        Issue("is in the chosen portfolio but cannot be funded here", "choose one that can", id=name)
        for name, able in zip(theirs.ids, known.able.tolist(), strict=True)
        if name in chosen.ids and not able
    ]
    if not theirs.sizes.whole_only:
        issues.append(
            Issue("the chosen portfolio may hold awards below the request", "decide on whole awards")
        )
    if issues:
        raise DataError(issues)


def _table(region: Region, chosen: Portfolio, found: list[tuple[float, int, Bools]]) -> pl.DataFrame:
    known, instance = region.known, region.instance
    ids, scale = np.array(instance.ids, dtype=object), 10 ** exponent(instance.currency)
    ours = chosen.solution.chosen
    rows = [one for _, _, one in found]
    text, money = pl.List(pl.String), pl.Decimal(38, exponent(instance.currency))
    weights = known.weights[[point for _, point, _ in found]] if found else np.zeros((0, len(known.criteria)))
    spent = [Decimal(int(instance.amount[one].sum())) / scale for one in rows]
    return pl.DataFrame(
        {
            "number": pl.Series(range(1, len(found) + 1), dtype=pl.Int64),
            "regret": pl.Series([gain for gain, _, _ in found], dtype=pl.Float64),
            "central": pl.Series(
                [float(known.central @ one - known.central @ ours) for one in rows], dtype=pl.Float64
            ),
            "spent": pl.Series(spent, dtype=money),
            "awards": pl.Series([int(one.sum()) for one in rows], dtype=pl.Int64),
            "entered": pl.Series([ids[one & ~ours].tolist() for one in rows], dtype=text),
            "left": pl.Series([ids[ours & ~one].tolist() for one in rows], dtype=text),
            **{f"weight_{name}": weights[:, place] for place, name in enumerate(known.criteria)},
        }
    )
