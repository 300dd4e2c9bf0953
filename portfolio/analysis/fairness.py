"""Success rates and money by group, against demand and against merit alone. Nothing of it enters a score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.merit_alone import by_merit_alone, without_rules
from portfolio.analysis.proportions import difference, paired_difference, wilson
from portfolio.call.money import exponent, total
from portfolio.errors import nearest
from portfolio.optimize import Portfolio
from portfolio.optimize.awards import Awards
from portfolio.optimize.groups import groups
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools

# In smaller groups one award more or less moves the rate by more than five points.
SMALL = 20


@dataclass(frozen=True, eq=False)
class Fairness:
    """How groups fare.

    Attributes
    ----------
    groups
        One row per column and group, see `fairness`.
    best
        The optimizer's best portfolio without reserves, limits, coverage and links, with its bound and gap.
    """

    groups: pl.DataFrame
    best: Portfolio


def fairness(portfolio: Portfolio, by: Sequence[str], *, min_proposals: int = 1) -> Fairness:
    """Return how the groups that some columns form fare in a decision.

    Parameters
    ----------
    portfolio
        What was decided.
    by
        Columns of the call or the scores, or traits of the policy. In a column of lists a proposal is in several
        groups. Proposals without a value are a group of their own, null.
    min_proposals
        Groups with fewer proposals are not shown by themselves, to protect people: the smallest are put together until
        the row holds as many, the next larger one included if need be.

    Returns
    -------
    Fairness
        `groups` has, per group: by, group, together (groups in this row), proposals (eligible), ineligible, small
        (fewer than 20 proposals: an award more or less moves the rate by more than five points), asked (money),
        awards, awarded (money); rate (awards of proposals) and money_rate (awarded of asked), each with _low and _high;
        share_proposals, share_asked, share_awards, share_awarded (of all eligible proposals and awards); gap (the rate
        less that of all others) with gap_low and gap_high; and for ``merit`` (in the order of merit until the money is
        spent) and ``best`` (the most valuable without reserves and other rules): merit_awards, merit_awarded,
        merit_rate, and merit_change (the rate less merit_rate) with merit_change_low and merit_change_high.

    Raises
    ------
    KeyError
        If a column does not exist; the nearest is named.
    ValueError
        If no column is given, or `min_proposals` is below 1.

    Notes
    -----
    Intervals are of 95%: Wilson (1927) for rates, Newcombe (1998) for differences; for rates of money, Wilson's with
    the effective number of proposals (sum of a)^2 / (sum of a^2) (Kish 1965). A decision about all proposals of a call
    has no error of sampling; the intervals say what chance alone explains if proposals like these had won as often.
    """
    if not by or min_proposals < 1:
        raise ValueError("name one column at least, and min_proposals of 1 or more")
    problem, instance = portfolio.problem, portfolio.problem.instance
    merit, best = by_merit_alone(problem), without_rules(problem)
    compared = {"merit": merit, "best": best.solution.awards}
    eligible = instance.eligible
    facts = _Facts(instance, eligible, portfolio.solution.awards, compared)
    rows = [
        {"by": column, **facts.row(*group)}
        for column in by
        for group in _grown(_members(instance, column), eligible, min_proposals)
    ]
    return Fairness(_frame(rows, instance, compared), best)


# A group: its name (null: no value given), how many groups it holds, and (n,) who is in it.
_Group = tuple[str | None, int, Bools]


def _members(instance: Instance, column: str) -> list[_Group]:
    """Return the groups that a column forms, sorted; those without a value come last."""
    table, traits = instance.table, instance.traits
    if column not in table.columns and column not in traits:
        raise KeyError(
            f"{column!r} is not a column of this call; {nearest(column, [*table.columns, *traits])}"
        )
    if column not in table.columns:
        return [("true", 1, traits[column]), ("false", 1, ~traits[column])]
    of = groups(table, column)
    found: list[_Group] = []
    for index, name in enumerate(of.names):
        member = np.zeros(len(instance.ids), dtype=bool)
        member[of.member[of.group == index]] = True
        found.append((name, 1, member))
    none = np.ones(len(instance.ids), dtype=bool)
    none[of.member] = False
    return [*found, (None, 1, none)] if none.any() else found


def _grown(found: list[_Group], eligible: Bools, least: int) -> list[_Group]:
    """Put the smallest groups together until none is shown with fewer proposals."""

    def size(group: _Group) -> int:
        return int((group[2] & eligible).sum())

    by_size = sorted(found, key=size)
    few = sum(size(group) < least for group in by_size)
    if not few:
        return found
    member = np.zeros(len(eligible), dtype=bool)
    count = 0
    for group in by_size:
        if count >= few and int((member & eligible).sum()) >= least:
            break
        member, count = member | group[2], count + 1
    kept = {id(group) for group in by_size[count:]}
    return [*(group for group in found if id(group) in kept), ("smaller groups", count, member)]


@dataclass(frozen=True)
class _Facts:
    """What every group is looked at with."""

    instance: Instance
    eligible: Bools
    awards: Awards
    compared: dict[str, Awards]

    def row(self, name: str | None, together: int, member: Bools) -> dict[str, object]:
        """Return the row of one group."""
        here, amount = member & self.eligible, self.instance.amount
        won, n = self.awards.funded & here, int(here.sum())
        asked, awarded = total(amount[here]), total(self.awards.amount[here])
        rest, awards = self.eligible & ~member, int(won.sum())
        others = int((self.awards.funded & rest).sum()), int(rest.sum())
        squares = float(np.square(amount[here].astype(float)).sum())
        weight = float(asked) ** 2 / squares if squares else 0.0
        row: dict[str, object] = {
            "group": name,
            "together": together,
            "proposals": n,
            "ineligible": int((member & ~self.eligible).sum()),
            "small": n < SMALL,
            "asked": asked,
            "awards": awards,
            "awarded": awarded,
            **_interval("rate", _part(awards, n), wilson(awards, n)),
            **_interval("money_rate", _part(awarded, asked), wilson(_part(awarded, asked) * weight, weight)),
            "share_proposals": _part(n, int(self.eligible.sum())),
            "share_asked": _part(asked, total(amount[self.eligible])),
            "share_awards": _part(awards, int(self.awards.funded.sum())),
            "share_awarded": _part(awarded, self.awards.spent),
        }
        gap, *ends = difference((awards, n), others)
        row |= _interval("gap", gap, ends)
        for kind, other in self.compared.items():
            theirs = other.funded & here
            both = int((won & theirs).sum())
            alone = awards - both, int(theirs.sum()) - both
            change, *ends = paired_difference(both, *alone, n - both - sum(alone))
            row[f"{kind}_awards"] = int(theirs.sum())
            row[f"{kind}_awarded"] = total(other.amount[here])
            row[f"{kind}_rate"] = _part(int(theirs.sum()), n)
            row |= _interval(f"{kind}_change", change, ends)
        return row


def _part(some: int, whole: int) -> float:
    return some / whole if whole else math.nan


def _interval(name: str, value: float, ends: Sequence[float]) -> dict[str, float]:
    low, high = ends
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _frame(rows: list[dict[str, object]], instance: Instance, compared: dict[str, Awards]) -> pl.DataFrame:
    """Return the rows with money in units of the currency, and null where nothing is known."""
    places = exponent(instance.currency)
    money = ["asked", "awarded", *(f"{kind}_awarded" for kind in compared)]
    texts = {"by": pl.String, "group": pl.String}
    frame = pl.DataFrame(rows, schema_overrides=texts, infer_schema_length=None)
    return frame.with_columns(
        (pl.col(money).cast(pl.Decimal(38, places)) / 10**places).cast(pl.Decimal(38, places)),
        pl.col(pl.Float64).fill_nan(None),
    )


def compared_in_words(found: Fairness) -> Iterator[str]:
    """Say what the two portfolios are that a decision is compared with."""
    best = found.best
    yield "merit: proposals in the order of merit, each whose whole request still fits, until the money is spent"
    yield (
        f"best: the most valuable portfolio under the budget alone, without reserves, limits, coverage and links "
        f"({best.status}, gap {best.gap:.2g})"
    )
