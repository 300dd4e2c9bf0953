"""Where each rule stands under the awards: reserves, limits, chances of success and of spending too much."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portfolio.call.money import exponent, to_major, total
from portfolio.optimize.awards import Awards, awards_in_year
from portfolio.optimize.instance import Instance
from portfolio.optimize.overcommit import Spending, simulated_excess
from portfolio.optimize.rows.coverage import coverage_key
from portfolio.optimize.rows.limits import bounds, limit_groups, limit_key
from portfolio.optimize.rows.pool import pool_money
from portfolio.optimize.rows.reserves import counts
from portfolio.optimize.solution import Solution
from portfolio.optimize.tally import Delivery, bound_unit, deliveries, standings
from portfolio.optimize.value import success_chances
from portfolio.policy import Policy

# What the sizes of a bound are, in the words of `Bound`, and what they are for a reader.
_UNITS = {"money": "money", "spent": "money", "awards": "awards", "column": "number"}


@dataclass(frozen=True)
class ReserveReport:
    """How one reserve was met, in units of the currency.

    Attributes
    ----------
    required, delivered, eligible
        What is held back, what the awards bring (rounded down), and what all proposals that count and may be funded
        ask for. The difference of the first two is what is missing, rounded up; for that, what is held back is rounded
        up, or down where both have a fraction of a minor unit.
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
class PoolReport:
    """The exploratory pool, in units of the currency.

    Attributes
    ----------
    money, spent
        What it has, and what its awards cost; None where that is not told.
    """

    money: Decimal
    spent: Decimal | None


@dataclass(frozen=True)
class LimitReport:
    """Where one bound of a limit stands for one value of its column.

    Attributes
    ----------
    bound, reference
        The bound in words, and what it comes to under these awards, in the unit of `size`.
    floor
        Whether it is a floor; otherwise it is a cap.
    size
        Money awarded, in units of the currency, or number of awards.
    binding
        Whether the bound is reached.
    unit
        What `size` counts: ``money``, ``awards``, or the ``number`` in the cells of a column.
    """

    limit: str
    name: str
    bound: str
    size: Decimal | int
    binding: bool
    floor: bool
    reference: float
    unit: str


@dataclass(frozen=True)
class ChanceReport:
    """The chance that at least one award with a tag succeeds."""

    coverage: str
    tag: str
    chance: float


@dataclass(frozen=True)
class OverspendingReport:
    """The chance of spending more than there is in one year of the budget.

    Attributes
    ----------
    available, promised
        Money of the year, and what the awards of this portfolio may cost in it, in units of the currency.
    allowed, normal, simulated
        The chance that the policy accepts, the one by the normal approximation (which the rule is about), and the share
        of `draws` simulated spendings that were too much.
    """

    year: int
    available: Decimal
    promised: Decimal
    allowed: float
    normal: float
    simulated: float
    draws: int


def reserve_reports(instance: Instance, policy: Policy, solution: Solution) -> tuple[ReserveReport, ...]:
    """Return how each reserve was met."""
    if solution.rounds:
        rounds = {part.name: part for part in solution.rounds}
        met = [(rounds[reserve.key].pot, rounds[reserve.key].spent) for reserve in policy.reserve]
    else:
        given = deliveries(instance, policy, solution.awards)
        met = [
            (to_major(need, instance.currency), to_major(got, instance.currency))
            for need, got in map(in_whole_units, given)
        ]
    scale = 10 ** exponent(instance.currency)
    return tuple(
        ReserveReport(
            reserve.trait,
            need,
            got,
            to_major(total(instance.amount[counts(instance, reserve) & instance.open]), instance.currency),
            floor_price(solution.shadow_prices, reserve.key, scale),
        )
        for reserve, (need, got) in zip(policy.reserve, met, strict=True)
    )


def in_whole_units(given: Delivery) -> tuple[int, int]:
    """Round what a reserve asks for and what it is given so that they say whether it is met, and what is missing.

    Rounded each by itself, 0.125 of 0.125 would be 0.12 of 0.13. What is given is always rounded down: parts of an
    award never add up to more than it.
    """
    got, missing = math.floor(given.delivered), math.ceil(given.shortfall)
    return (got + missing if missing else min(math.ceil(given.required), got)), got


def pool_report(instance: Instance, policy: Policy, awards: Awards) -> PoolReport | None:
    """Return what the exploratory pool has and spends; None if there is none."""
    if policy.exploratory is None:
        return None
    money, spent = pool_money(instance, policy.exploratory), awards.among(instance.pool).spent
    return PoolReport(to_major(money, instance.currency), to_major(spent, instance.currency))


def floor_price(prices: Mapping[str, float], key: str, scale: int) -> float | None:
    """Turn the dual of a floor (value per minor unit, negative) into a price per unit of the currency."""
    return max(0.0, -prices[key]) * scale if key in prices else None


def limit_reports(instance: Instance, policy: Policy, awards: Awards) -> tuple[LimitReport, ...]:
    """Return where each bound of each limit stands."""
    reports: list[LimitReport] = []
    for index, limit in enumerate(policy.limit):
        of, _ = limit_groups(instance, index, limit)
        for bound in bounds(instance, index, limit):
            unit = Decimal(bound_unit(instance, index, bound))
            for name, reference, size in standings(instance, index, of, awards, bound):
                binding = size <= reference if bound.floor else size >= reference
                shown = size if bound.of == "awards" else Decimal(size) / unit
                if bound.of in {"money", "spent"}:
                    shown = to_major(size, instance.currency)
                reports.append(
                    LimitReport(
                        limit_key(index),
                        name,
                        bound.words,
                        shown,
                        binding,
                        floor=bound.floor,
                        reference=float(reference / int(unit)),
                        unit=_UNITS[bound.of],
                    )
                )
    return tuple(reports)


def chance_reports(instance: Instance, policy: Policy, awards: Awards) -> tuple[ChanceReport, ...]:
    """Return the chance of success of each tag whose coverage has a weight."""
    found = success_chances(instance, policy, awards)
    return tuple(
        ChanceReport(coverage_key(index), tag, chance)
        for index, chances in found.items()
        for tag, chance in chances.items()
    )


def overspending_reports(
    instance: Instance, policy: Policy, awards: Awards
) -> tuple[OverspendingReport, ...]:
    """Return the chance of spending too much in each year, by the normal approximation and by simulation."""
    rule, currency = policy.overcommit, instance.currency
    if rule is None:
        return ()
    found = []
    for year, (budget, committed) in enumerate(zip(instance.budgets, instance.committed, strict=True)):
        amounts, left = awards_in_year(instance, awards, year), budget - committed
        normal = Spending.of(rule).excess(amounts, left)
        simulated, draws = simulated_excess(rule, amounts, left, policy.solver.seed)
        promised = to_major(round(float(amounts.sum())), currency)
        report = OverspendingReport(
            year + 1, to_major(left, currency), promised, rule.epsilon, normal, simulated, draws
        )
        found.append(report)
    return tuple(found)
