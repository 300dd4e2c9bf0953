"""The decision: awards, sums in integer money, and the proof that travels with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from portfolio.call.money import exponent, to_major
from portfolio.errors import SolverError, nearest
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.changes import Change
from portfolio.optimize.engine import Stop
from portfolio.optimize.goals import kept_goals
from portfolio.optimize.instance import Instance
from portfolio.optimize.overview import overview
from portfolio.optimize.proof import Proof, proof_of
from portfolio.optimize.reasons import Reasons, reasons
from portfolio.optimize.reports import (
    ChanceReport,
    LimitReport,
    OverspendingReport,
    PoolReport,
    ReserveReport,
    chance_reports,
    limit_reports,
    overspending_reports,
    pool_report,
    reserve_reports,
)
from portfolio.optimize.solution import ReachedGoal, Round, Solution
from portfolio.optimize.value import GaveWay, gave_way
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy
from portfolio.shown import rich_text

if TYPE_CHECKING:
    from rich.text import Text

    from portfolio.optimize.prices import ReservePrice
    from portfolio.optimize.problem import Problem


# Scores that a decision shows, where anything is known of them.
KNOWN = ("risk", "horizon_years", "basicness")


@dataclass(frozen=True)
class Diff:
    """What changes from one portfolio to another."""

    entered: tuple[str, ...]
    left: tuple[str, ...]
    value: float
    spent: Decimal


@dataclass(frozen=True, eq=False, repr=False)
class Portfolio:
    """A decision that keeps every rule of the policy.

    Raises
    ------
    SolverError
        If it would not: every rule is added up again in integers, from the policy, when a portfolio is made.
    """

    problem: Problem
    solution: Solution

    def __post_init__(self) -> None:
        broken = broken_rules(self._instance, self.policy, self.solution.awards, self.solution.given)
        if broken:
            faults = "; ".join(f"{fault.rule} {fault.name}: {fault.what}" for fault in broken)
            raise SolverError(f"the answer breaks the rules of the policy: {faults}")

    @property
    def _instance(self) -> Instance:
        return self.problem.instance

    @property
    def policy(self) -> Policy:
        """What the funder wanted."""
        return self.problem.policy

    @property
    def currency(self) -> str:
        """The currency of the call."""
        return self._instance.currency

    def _major(self, minor: int) -> Decimal:
        return to_major(minor, self._instance.currency)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The funded proposals, sorted."""
        return self._named(self.solution.chosen)

    @property
    def spent(self) -> Decimal:
        """Money awarded, in units of the currency."""
        return self._major(self.solution.awards.spent)

    @property
    def budget(self) -> Decimal:
        """Money available, in units of the currency."""
        return self._major(self._instance.budget)

    @property
    def value(self) -> float:
        """Sum of the values of the awards."""
        return self.solution.value

    @property
    def bound(self) -> float:
        """No portfolio that keeps the rules is worth more, given the `goals`, or the rounds before each round."""
        return self.solution.bound

    @property
    def gap(self) -> float:
        """(bound - value) / value."""
        return self.solution.gap

    @property
    def status(self) -> Stop:
        """How the solver stopped.

        ``optimal``, ``gap`` (proven within the gap asked for), ``time_limit``, ``node_limit`` or
        ``interrupted``.
        """
        return self.solution.stop

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds of an over-and-above decision; empty for a minimum guarantee."""
        return self.solution.rounds

    @cached_property
    def reserves(self) -> tuple[ReserveReport, ...]:
        """How each reserve was met."""
        return reserve_reports(self._instance, self.policy, self.solution)

    @cached_property
    def pool(self) -> PoolReport | None:
        """What the exploratory pool has and spends; None if there is none."""
        return pool_report(self._instance, self.policy, self.solution.awards)

    @cached_property
    def limits(self) -> tuple[LimitReport, ...]:
        """Where each bound of each limit stands."""
        return limit_reports(self._instance, self.policy, self.solution.awards)

    @cached_property
    def gave_way(self) -> tuple[GaveWay, ...]:
        """The rules that gave way, as they may, and by how much."""
        return gave_way(self._instance, self.policy, self.solution.awards)

    @property
    def goals(self) -> tuple[ReachedGoal, ...]:
        """What was reached before the value: rules giving way least, the exploratory pool, earlier criteria."""
        return self.solution.goals

    @cached_property
    def chances(self) -> tuple[ChanceReport, ...]:
        """The chance of each tag that at least one award succeeds, where coverage has a weight."""
        return chance_reports(self._instance, self.policy, self.solution.awards)

    @cached_property
    def overspending(self) -> tuple[OverspendingReport, ...]:
        """The chance of spending more than the budget of each year, where more may be promised than there is."""
        return overspending_reports(self._instance, self.policy, self.solution.awards)

    def certified_bound(self) -> Fraction:
        """Return a bound on the value of every portfolio from the prices alone, in exact arithmetic.

        It is no smaller than `bound`, which a search among whole proposals has made sharper, and needs no trust in it.
        Where goals come before the value, it holds for all portfolios that reach them as well.

        Raises
        ------
        ValueError
            If nothing can be proven like this: where reserves are spent over and above, each round by itself.
        """
        return self.proof(priced_only=True).bound()

    def proof(self, *, priced_only: bool = False) -> Proof:
        """Return the rules as whole numbers with their prices, see `proof_of`; `certified_bound` follows from them."""
        if self.rounds:
            raise ValueError("rounds are proven one by one, by the solver alone")
        instance, model = self._instance, self.problem.model
        best = [goal.value for goal in self.goals]
        kept = kept_goals(instance, self.policy, model, self.solution.awards, best)
        return proof_of(model.add(*kept), self.solution.prices, priced_only=priced_only)

    def to_frame(self, prices: Sequence[ReservePrice] = (), rows: slice = slice(None)) -> pl.DataFrame:
        """Return every proposal with its decision, one row each, sorted by id.

        Columns: id, decision, amount_awarded, amount_requested, merit, risk, horizon_years and basicness (null without
        any evidence), early_career, one 0/1 column per trait, reason, price_bound (value lost at least by deciding
        otherwise; null where nothing is proven, and where anything comes before the value).

        Parameters
        ----------
        prices
            Of the reserves: then the reasons say who is funded because of them, and who is not.
        rows
            Only these, in the order of ids: the reasons of a large call take more room than all the rest.
        """
        reason = pl.Series("reason", self._reasons(tuple(prices)).of(rows), dtype=pl.String)
        return self._frame[rows].insert_column(-1, reason)

    @cached_property
    def _frame(self) -> pl.DataFrame:
        instance = self._instance
        places = exponent(instance.currency)
        requested = pl.Series(instance.amount).cast(pl.Decimal(38, 9)) / 10**places
        awarded = pl.Series(self.solution.awards.amount).cast(pl.Decimal(38, 9)) / 10**places
        traits = {name: mask.astype(np.int8) for name, mask in instance.traits.items()}
        frame = instance.table.select("id").with_columns(
            self._decisions.alias("decision"),
            awarded.cast(pl.Decimal(38, places)).alias("amount_awarded"),
            requested.cast(pl.Decimal(38, places)).alias("amount_requested"),
            instance.table["merit"],
            *instance.table.select(KNOWN),
            instance.table["early_career"],
        )
        # A bound of 0 proves nothing, and must not read as "costs nothing". Whoever reaches less of what comes before
        # the value may win value.
        proven = (self.solution.margins > 0) & (not self.goals)
        margins = pl.Series("price_bound", np.where(proven, self.solution.margins, np.nan))
        return frame.with_columns(**traits).with_columns(margins.fill_nan(None))

    def explain(self, name: str, prices: Sequence[ReservePrice] = ()) -> str:
        """Say in words what was decided on one proposal and why.

        Raises
        ------
        KeyError
            If there is no such proposal; the nearest id is named.
        """
        if name not in self._instance.position:
            raise KeyError(
                f"{name!r} is not the id of a proposal of this call; {nearest(name, self._instance.ids)}"
            )
        index = self._instance.position[name]
        (reason,) = self._reasons(tuple(prices)).of(slice(index, index + 1))
        return f"{name}: {self._decisions[index].replace('_', ' ')}: {reason}"

    def diff(self, other: Portfolio) -> Diff:
        """Return what changes from this portfolio to another."""
        value, spent = other.value - self.value, other.spent - self.spent
        if self._instance.ids == other._instance.ids:
            mine, theirs = self.solution.chosen, other.solution.chosen
            return Diff(self._named(theirs & ~mine), self._named(mine & ~theirs), value, spent)
        entered, left = set(other.ids).difference(self.ids), set(self.ids).difference(other.ids)
        return Diff(tuple(sorted(entered)), tuple(sorted(left)), value, spent)

    def __repr__(self) -> str:
        money, budget = self._instance.money(self.solution.awards.spent), self._instance.budget
        return (
            f"<Portfolio: {len(self.ids)} of {len(self._instance.ids)} proposals, {money} of "
            f"{self._instance.money(budget)}, value {self.value:g}, {self.status}, gap {self.gap:.2g}>"
        )

    def __str__(self) -> str:
        return str(overview(self))

    def __rich__(self) -> Text:
        return rich_text(self)

    def _repr_html_(self) -> str:
        return overview(self).html()

    def _named(self, mask: Bools) -> tuple[str, ...]:
        return tuple(map(self._instance.ids.__getitem__, np.flatnonzero(mask).tolist()))

    @cached_property
    def _decisions(self) -> pl.Series:
        words = pl.Series(["not_funded", "ineligible", "funded"])
        return words.gather(np.where(self.solution.chosen, 2, ~self._instance.eligible))

    @cached_property
    def _said(self) -> dict[tuple[ReservePrice, ...], Reasons]:
        return {}

    def _reasons(self, prices: tuple[ReservePrice, ...]) -> Reasons:
        """Return the reasons; they are put together once for the same prices."""
        if prices not in self._said:
            changes = {price.trait: Change(price.entered, price.left) for price in prices if price.finished}
            self._said[prices] = reasons(self._instance, self.policy, self.solution, changes)
        return self._said[prices]
