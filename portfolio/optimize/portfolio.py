"""The decision: awards, sums in integer money, and the proof that travels with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from portfolio.call.money import exponent, to_major, total
from portfolio.errors import SolverError, nearest
from portfolio.optimize.audit import broken_rules, group_totals
from portfolio.optimize.engine import Stop
from portfolio.optimize.instance import Instance
from portfolio.optimize.reasons import reasons
from portfolio.optimize.rows.limits import bounds, limit_groups, limit_key
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.solution import Round, Solution
from portfolio.optimize.tally import deliveries, spent
from portfolio.policy import Policy

if TYPE_CHECKING:
    from portfolio.optimize.problem import Problem


@dataclass(frozen=True)
class ReserveReport:
    """How one reserve was met, in units of the currency.

    Attributes
    ----------
    required, delivered, eligible
        What is held back, what the awards bring (rounded down), and what all proposals that count and may be funded
        ask for.
    shadow_price
        Value lost for each further unit of money held back, at the margin, from the relaxation; None over and above.
    """

    trait: str
    required: Decimal
    delivered: Decimal
    eligible: Decimal
    shadow_price: float | None

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return self.delivered >= self.required


@dataclass(frozen=True)
class LimitReport:
    """Where one bound of a limit stands for one value of its column.

    Attributes
    ----------
    size
        Money awarded, in units of the currency, or number of awards.
    binding
        Whether the bound is reached.
    """

    limit: str
    name: str
    bound: str
    size: Decimal | int
    binding: bool


@dataclass(frozen=True)
class Diff:
    """What changes from one portfolio to another."""

    entered: tuple[str, ...]
    left: tuple[str, ...]
    value: float
    spent: Decimal


@dataclass(frozen=True, repr=False)
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
        broken = broken_rules(self._instance, self._policy, self.solution.chosen, self.solution.shortfall)
        if broken:
            faults = "; ".join(f"{fault.rule} {fault.name}: {fault.what}" for fault in broken)
            raise SolverError(f"the answer breaks the rules of the policy: {faults}")

    @property
    def _instance(self) -> Instance:
        return self.problem.instance

    @property
    def _policy(self) -> Policy:
        return self.problem.policy

    def _major(self, minor: int) -> Decimal:
        return to_major(minor, self._instance.currency)

    @property
    def ids(self) -> tuple[str, ...]:
        """The funded proposals, sorted."""
        return tuple(self._instance.ids[index] for index in np.flatnonzero(self.solution.chosen).tolist())

    @property
    def spent(self) -> Decimal:
        """Money awarded, in units of the currency."""
        return self._major(spent(self._instance, self.solution.chosen))

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
        """No portfolio that keeps the rules is worth more; over and above, given the rounds before each round."""
        return self.solution.bound

    @property
    def gap(self) -> float:
        """(bound - value) / value."""
        return self.solution.gap

    @property
    def status(self) -> Stop:
        """How the solver stopped.

        ``optimal``, ``gap`` (proven within the gap asked for), ``time_limit`` or ``interrupted``.
        """
        return self.solution.stop

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds of an over-and-above decision; empty for a minimum guarantee."""
        return self.solution.rounds

    @cached_property
    def reserves(self) -> tuple[ReserveReport, ...]:
        """How each reserve was met."""
        instance, policy, solution = self._instance, self._policy, self.solution
        if solution.rounds:
            rounds = {part.name: part for part in solution.rounds}
            met = [(rounds[reserve.key].pot, rounds[reserve.key].spent) for reserve in policy.reserve]
        else:
            given = deliveries(instance, policy, solution.chosen)
            met = [(self._major(-int(-d.required // 1)), self._major(int(d.delivered))) for d in given]
        scale = 10 ** exponent(instance.currency)
        return tuple(
            ReserveReport(
                reserve.trait,
                need,
                got,
                self._major(total(instance.amount[counts(instance, reserve) & instance.open])),
                _positive(solution.shadow_prices, reserve.key, scale),
            )
            for reserve, (need, got) in zip(policy.reserve, met, strict=True)
        )

    @cached_property
    def limits(self) -> tuple[LimitReport, ...]:
        """Where each bound of each limit stands."""
        money = spent(self._instance, self.solution.chosen)
        reports: list[LimitReport] = []
        for index, limit in enumerate(self._policy.limit):
            of, _ = limit_groups(self._instance, index, limit)
            sums, awards = group_totals(self._instance, of, self.solution.chosen)
            for bound in bounds(self._instance, limit):
                sizes = awards if bound.of == "awards" else sums
                reference = bound.size * money if bound.of == "spent" else bound.size
                for name, size in zip(of.names, sizes, strict=True):
                    binding = size <= reference if bound.floor else size >= reference
                    shown = size if bound.of == "awards" else self._major(size)
                    reports.append(LimitReport(limit_key(index), name, bound.words, shown, binding))
        return tuple(reports)

    def to_frame(self) -> pl.DataFrame:
        """Return every proposal with its decision, one row each, sorted by id.

        Columns: id, decision, amount_awarded, amount_requested, merit, risk, horizon_years and basicness (null without
        any evidence), early_career, one 0/1 column per trait, reason, price_bound (value lost at least by deciding
        otherwise; null where nothing is proven).
        """
        instance, chosen = self._instance, self.solution.chosen
        places = exponent(instance.currency)
        requested = pl.Series(instance.amount).cast(pl.Decimal(38, 9)) / 10**places
        awarded = pl.Series(np.where(chosen, instance.amount, 0)).cast(pl.Decimal(38, 9)) / 10**places
        traits = {name: mask.astype(np.int8) for name, mask in instance.traits.items()}
        frame = pl.DataFrame({"id": instance.ids, "decision": self._decisions()}).with_columns(
            awarded.cast(pl.Decimal(38, places)).alias("amount_awarded"),
            requested.cast(pl.Decimal(38, places)).alias("amount_requested"),
            instance.table["merit"],
            *(_known(instance.table, name, score) for name, score in _SCORES.items()),
            instance.table["early_career"],
        )
        # A bound of 0 proves nothing, and must not read as "costs nothing".
        margins = pl.Series("price_bound", np.where(self.solution.margins > 0, self.solution.margins, np.nan))
        reason = pl.Series("reason", self._reasons, dtype=pl.String)
        return frame.with_columns(**traits).with_columns(reason, margins.fill_nan(None))

    def explain(self, name: str) -> str:
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
        return f"{name}: {self._decision(index).replace('_', ' ')}: {self._reasons[index]}"

    def diff(self, other: Portfolio) -> Diff:
        """Return what changes from this portfolio to another."""
        mine, theirs = set(self.ids), set(other.ids)
        return Diff(
            tuple(sorted(theirs - mine)),
            tuple(sorted(mine - theirs)),
            other.value - self.value,
            other.spent - self.spent,
        )

    def __repr__(self) -> str:
        money, budget = (
            self._instance.money(spent(self._instance, self.solution.chosen)),
            self._instance.budget,
        )
        return (
            f"<Portfolio: {len(self.ids)} of {len(self._instance.ids)} proposals, {money} of "
            f"{self._instance.money(budget)}, value {self.value:g}, {self.status}, gap {self.gap:.2g}>"
        )

    def _decisions(self) -> list[str]:
        return [self._decision(index) for index in range(len(self._instance.ids))]

    def _decision(self, index: int) -> str:
        if self.solution.chosen[index]:
            return "funded"
        return "ineligible" if self._instance.ineligible[index] else "not_funded"

    @cached_property
    def _reasons(self) -> tuple[str, ...]:
        return reasons(self._instance, self._policy, self.solution)


# Columns of a decision, and the score whose interval tells whether anything is known of them.
_SCORES = {"risk": "risk", "horizon_years": "horizon", "basicness": "basicness"}


def _known(table: pl.DataFrame, name: str, score: str) -> pl.Series:
    """Return a score, null where there is no evidence: then the interval is everything, and the middle says nothing."""
    nothing = (table[f"{score}_low"] <= 0) & (table[f"{score}_high"] >= 1)
    return table.select(pl.when(~nothing).then(pl.col(name)).alias(name))[name]


def _positive(prices: Mapping[str, float], key: str, scale: int) -> float | None:
    """Turn the dual of a floor (value per minor unit, negative) into a price per unit of the currency."""
    return max(0.0, -prices[key]) * scale if key in prices else None
