"""Checking the scenarios of a sweep again: rules, sums and bounds, without any solver."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from portfolio.analysis.sweeps.scenario_rows import ScenarioRow
from portfolio.call.money import to_major
from portfolio.errors import PortfolioError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.awards import Awards
from portfolio.optimize.figures import up_to
from portfolio.optimize.goals import least_given
from portfolio.optimize.solution import Solution
from portfolio.optimize.value import portfolio_value
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy, recorded_policy
from portfolio.report.record import SAME, certified
from portfolio.report.verify.check import Check


@dataclass(frozen=True)
class _Seen:
    """What was found of one scenario: its faults, and the gap that its prices certify (None where they do not)."""

    faults: tuple[str, ...]
    gap: float | None = None


def sweep_checks(record: Mapping[str, Any], problem: Problem, home: str) -> Iterator[Check]:
    """Add up again the awards of the base and of every scenario, as far as the record holds them.

    Parameters
    ----------
    home
        Where paths in the policies start.
    """
    try:
        rows = [ScenarioRow.model_validate(row, strict=False) for row in record["rows"]]
        policies = [_policy(one["policy"], home) for one in record["scenarios"]]
        names = [one["name"] for one in record["scenarios"]]
    except (ValidationError, KeyError, TypeError) as error:
        yield Check("scenarios", False, f"the record of the sweep is not as it should be: {error}")
        return
    other = [f"{row.name} is called {row.status}" for row in rows if (row.value is not None) != _decided(row)]
    if other:
        yield Check("scenarios", False, f"what is said does not go together: {'; '.join(other)}")
        return
    if [row.name for row in rows] != ["base", *names] or record.get("asked") != len(names):
        yield Check("scenarios", False, "the rows are not those of the base and of the scenarios")
        return
    yield from _checks(rows, [problem.policy, *policies], problem)


def _decided(row: ScenarioRow) -> bool:
    return row.status in {Stop.OPTIMAL, Stop.GAP, Stop.TIME_LIMIT, Stop.NODE_LIMIT, Stop.INTERRUPTED}


def _policy(document: Mapping[str, Any] | None, home: str) -> Policy | None:
    return None if document is None else recorded_policy(document, "the record", home)


def _checks(
    rows: Sequence[ScenarioRow], policies: Sequence[Policy | None], problem: Problem
) -> Iterator[Check]:
    before = np.zeros(len(problem.instance.ids), dtype=bool)
    seen: dict[str, _Seen] = {}
    unsized: list[str] = []
    for row, policy in zip(rows, policies, strict=True):
        if row.value is None or policy is None:
            continue
        scenario, funded = problem.under(policy), _funded(row, before, problem)
        if row is rows[0] and funded is not None:
            before = funded
        if scenario.instance.sizes.whole_only:
            seen[row.name] = _looked_at(row, scenario, funded)
        else:
            unsized.append(row.name)
    faults = [f"{name}: {fault}" for name, one in seen.items() for fault in one.faults]
    words = f"{len(seen)} portfolios keep every rule, added up again in integers, and are worth what is said"
    yield Check("scenarios", not faults, "; ".join(faults) or words)
    gaps = {name: one.gap for name, one in seen.items() if one.gap is not None}
    if gaps:
        most = f"at most {100 * up_to(max(gaps.values()), 2):.2g}% better"
        yield Check(
            "bounds", True, f"the best is {most}, by the prices of {len(gaps)} of them, without a solver"
        )
    yield from _beyond(
        {
            "awards smaller than the request, whose sizes are not kept": unsized,
            "rounds or goals before the value, or no prices: the bound rests on the solver": [
                name for name in seen if name not in gaps
            ],
            "no portfolio: that there is none rests on the solver": [
                row.name for row in rows if row.value is None
            ],
        }
    )


def _beyond(names: Mapping[str, Sequence[str]]) -> Iterator[Check]:
    """Say in words what could not be looked at."""
    for why, some in names.items():
        if some:
            more = f" and {len(some) - 3} more" if len(some) > 3 else ""
            yield Check("beyond", True, f"{', '.join(some[:3])}{more}: {why}")


def _funded(row: ScenarioRow, before: Bools, problem: Problem) -> Bools | None:
    """Return (n,) who is funded: as in the base, but for those that the row names; None if it names nobody known."""
    position, funded = problem.instance.position, before.copy()
    for name, share in row.shares.items():
        if name not in position:
            return None
        funded[position[name]] = share > 0
    return funded


def _looked_at(row: ScenarioRow, problem: Problem, funded: Bools | None) -> _Seen:
    """Add up the awards of a scenario again, and work out its bound from the prices."""
    if funded is None:
        return _Seen(("funds what is no proposal of the call",))
    instance, policy = problem.instance, problem.policy
    awards = Awards.of(instance, funded)
    value, spent = portfolio_value(instance, policy, awards), to_major(awards.spent, instance.currency)
    stated = float(row.value or 0.0)
    faults = []
    if abs(value - stated) > SAME * max(1.0, abs(value)):
        faults.append(f"worth {value:g}, not {stated:g}")
    if spent != row.spent or int(funded.sum()) != row.awards:
        faults.append(f"spends {spent} on {int(funded.sum())} awards, not {row.spent} on {row.awards}")
    solution = Solution(
        awards=awards,
        value=value,
        bound=math.inf if row.bound is None else row.bound,
        stop=Stop(row.status),
        solver="",
        shadow_prices={},
        margins=np.full(len(instance.ids), np.nan),
        given=least_given(instance, policy, awards),
        prices={(price.rules, price.block, price.name): price.price for price in row.prices},
    )
    try:
        portfolio = Portfolio(problem, solution)
    except PortfolioError as error:
        return _Seen((*faults, str(error)))
    if faults or row.goals or not row.proven:
        return _Seen(tuple(faults))
    return _Seen((), certified(portfolio)["gap"])
