"""Fairness monitor: success and money by group, beside demand and beside what merit alone would fund."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.groups.fairness_table import fairness_tables
from portfolio.analysis.groups.grouping import Grouping, columns_in, groupings, merged
from portfolio.analysis.groups.merit_only import best_on_merit, ranking
from portfolio.call.money import to_major
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio
from portfolio.optimize.awards import Awards
from portfolio.optimize.figures import at_most, counted, figure
from portfolio.shown import with_table


@dataclass(frozen=True, eq=False)
class Fairness:
    """Success and money of the groups of a call.

    Attributes
    ----------
    portfolio
        The decision.
    groups
        One row per column and group, see `fairness`.
    total
        The same figures of the whole call, in one row: proposals, ineligible, requested, awards, awarded,
        success_rate with its interval, money_rate, and awards, money and rate of both portfolios on merit.
    comparisons
        In how many different ways groups split the call; p-values are adjusted for so many.
    best
        The best portfolio on merit, with its proof; None if there is none.
    notes
        What has to be known to read the figures, in sentences.
    """

    portfolio: Portfolio
    groups: pl.DataFrame
    total: pl.DataFrame
    comparisons: int
    best: Portfolio | None
    notes: tuple[str, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """Say in words where the interval of a difference excludes 0; never why it does."""
        return tuple(self.groups["statement"].drop_nulls())

    def __repr__(self) -> str:
        columns = ", ".join(self.groups["column"].unique(maintain_order=True))
        return f"<Fairness: by {columns}; {len(self.statements)} of {self.comparisons} comparisons exclude 0>"

    def _repr_html_(self) -> str:
        return with_table(self, self.groups)


def fairness(
    portfolio: Portfolio,
    by: str | Sequence[str],
    *,
    least: int | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> Fairness:
    """Compare groups of proposals: what was asked for, what was awarded, and what merit alone would have awarded.

    Nothing here enters a score or a decision. Demand is that of the eligible proposals; the ineligible are counted
    beside it.

    Parameters
    ----------
    portfolio
        The decision.
    by
        Columns of the call or of the scores, or traits of the policy; or the name of one. Missing values are a group;
        in a column of lists each tag is one, and a proposal may be in several.
    least
        Groups of fewer eligible proposals are merged, with a further one where otherwise a sum would tell about a
        few people; None to show all groups.
    watch
        Called with the name of each step.

    Returns
    -------
    Fairness
        Columns of `groups`:

        - column, group, kind (``group``, ``missing`` or ``merged``).
        - proposals and requested (money), of the eligible; ineligible, how many more there are.
        - awards, awarded (money); success_rate = awards / proposals with its 95% interval success_low to
          success_high (Wilson 1927); money_rate = awarded / requested.
        - proposals_share, requested_share, awards_share, awarded_share: parts of the whole call.
        - difference of the success rate to that of all others, with its 95% interval difference_low to
          difference_high (Newcombe 1998, method 10); p_value, and p_holm adjusted for all comparisons (Holm 1979).
        - ranking_awards, ranking_awarded, ranking_rate: under a funding line by merit, see
          `portfolio.analysis.funding_line.Ranking`; ranking_change, awards less these.
        - best_awards, best_awarded, best_rate, best_change: in the best portfolio on merit, without reserves,
          limits and coverage.
        - statement: in words, where the interval of the difference excludes 0; null elsewhere.

        Rates are null where nothing was asked for, and the last two blocks where there is no such portfolio.

    Raises
    ------
    DataError
        With every column that is not known or forms no groups.
    ValueError
        If no column is named, or `least` is below 1.

    Notes
    -----
    Intervals say how far rates of so few proposals move by chance alone, if every proposal of a group had the same
    chance. A difference is no proof of a cause: groups may differ in merit, in amounts, and in what they ask for.
    """
    columns = columns_in(by)
    if least is not None and least < 1:
        raise ValueError("least must be at least 1")
    instance = portfolio.problem.instance
    found = groupings(portfolio.problem, columns)
    eligible = instance.eligible
    if least is not None:
        found = [merged(groups, eligible, least) for groups in found]
    watch("Finding the best portfolio on merit")
    line, (best, why) = ranking(portfolio.problem), _best(portfolio)
    watch("Comparing groups")
    on_merit = {"ranking": line, "best": None if best is None else best.solution.awards}
    tables = fairness_tables(instance, eligible, found, portfolio.solution.awards, on_merit)
    notes = (*_notes(portfolio, line, best, tables.comparisons), *why, *_overlaps(found))
    return Fairness(portfolio, tables.groups, tables.total, tables.comparisons, best, notes)


def _best(portfolio: Portfolio) -> tuple[Portfolio | None, tuple[str, ...]]:
    """Return the best portfolio on merit, or why there is none."""
    instance = portfolio.problem.instance
    if np.isnan(instance.merit).all():
        return None, ("No proposal has a merit, so nothing can be compared with merit alone.",)
    try:
        return best_on_merit(portfolio), ()
    except (InfeasibleError, LimitError) as error:
        return None, (f"There is no best portfolio on merit to compare with: {error}",)


def _notes(portfolio: Portfolio, line: Awards | None, best: Portfolio | None, comparisons: int) -> list[str]:
    instance = portfolio.problem.instance
    notes = []
    if line is not None:
        left = to_major(instance.budget - line.spent, instance.currency)
        awards = counted(int(line.funded.sum()), "award", "awards")
        notes.append(
            f"By merit rank: {awards}, each in full, as long as the money lasts; "
            f"{instance.currency} {left:,} are left. There is no other rule."
        )
    if best is not None:
        among = " of those that do as well in what comes before the value" if best.goals else ""
        notes.append(
            "Best on merit: the same policy without reserves, limits, coverage and criteria other than merit; "
            f"value {figure(best.value)}, none above {at_most(best.bound)} ({best.status}){among}."
        )
    eligible, merited = instance.eligible, ~np.isnan(instance.merit)
    beyond = int(np.count_nonzero(eligible & merited & (instance.amount > instance.budget)))
    if beyond and line is not None:
        ask = counted(beyond, "eligible proposal asks", "eligible proposals ask")
        notes.append(f"{ask} for more than all the money, and merit rank passes over what can never be paid.")
    without = int(np.count_nonzero(eligible & ~merited))
    if without and line is not None:
        have = counted(without, "eligible proposal has", "eligible proposals have")
        notes.append(f"{have} no merit, and merit alone funds none.")
    if not eligible.all():
        are = counted(int(np.count_nonzero(~eligible)), "ineligible proposal is", "ineligible proposals are")
        notes.append(f"{are} no part of demand, but counted apart.")
    if comparisons > 1:
        notes.append(
            f"{comparisons:,} comparisons are made: where nothing but chance is at work, about one interval in "
            "twenty excludes 0 all the same."
        )
    return notes


def _overlaps(found: Sequence[Grouping]) -> list[str]:
    return [
        f"A proposal may be in several groups of {groups.column}: they add up to more than the call."
        for groups in found
        if groups.overlaps
    ]
