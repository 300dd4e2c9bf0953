"""Checking the scenarios of a sweep again: rules, sums and bounds, without any solver."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from portfolio.analysis.sweeps.round_rows import rounds_in
from portfolio.analysis.sweeps.scenario_rows import REFUSALS, ScenarioRow, row_before_solving
from portfolio.analysis.sweeps.scenarios import Scenario, wrong_names
from portfolio.errors import PortfolioError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.awards import Awards
from portfolio.optimize.duals import prices_of, shadow_prices
from portfolio.optimize.engine import Outcome
from portfolio.optimize.figures import counted
from portfolio.optimize.goals import goals, kept_goals, least_given
from portfolio.optimize.rounds_again import wrong_rounds
from portfolio.optimize.solution import RowKey, Solution
from portfolio.optimize.value import portfolio_value, priced_out, size_of_values
from portfolio.optimize.vectors import Bools
from portfolio.optimize.words import gap_as_percent
from portfolio.policy import Policy, recorded_policy
from portfolio.report.record import SAME, certified
from portfolio.report.schema import faults_in
from portfolio.report.verify.asked import SOURCE, asked_checks, says
from portfolio.report.verify.check import Check
from portfolio.report.verify.claims import priced_otherwise
from portfolio.report.verify.ended import ended, gap_of, told_early
from portfolio.report.verify.rounds import ended_in_rounds
from portfolio.report.verify.rows import (
    fits_together,
    funded_in,
    in_general,
    of_itself,
    told_of_none,
    told_otherwise,
)
from portfolio.report.verify.solved_records import scenarios_again


@dataclass(frozen=True)
class _Seen:
    """What was found of one scenario: its faults, and the gap that its prices certify (None where they do not)."""

    faults: tuple[str, ...]
    gap: float | None = None


def sweep_checks(
    record: Mapping[str, Any], problem: Problem, home: str, *, solve: bool = False
) -> Iterator[Check]:
    """Add up again the awards of the base and of every scenario, as far as the record holds them.

    Parameters
    ----------
    home
        Where paths in the policies start.
    solve
        Whether to decide under each of them again. Awards smaller than the request are looked at only so.
    """
    try:
        rows = [ScenarioRow.model_validate(row, strict=False) for row in record["rows"]]
    except ValidationError as error:
        yield Check("scenarios", False, f"a row of the sweep is not as it should be: {faults_in(error)}")
        return
    policies = [_policy(one["policy"], home) for one in record["scenarios"]]
    names = [one["name"] for one in record["scenarios"]]
    if not rows or [row.name for row in rows] != ["base", *names] or record["asked"] != len(names):
        yield Check("scenarios", False, "the rows are not those of the base and of the scenarios")
        return
    faults = [f"{issue.what}: {issue.value!r}" for issue in wrong_names(names)]
    faults += _otherwise_written(record, rows, problem.policy)
    if faults:
        yield Check("scenarios", False, "; ".join(faults))
        return
    other = [f"{row.name} is called {row.status}" for row in rows if not fits_together(row)]
    if other:
        yield Check("scenarios", False, f"what is said does not go together: {'; '.join(other)}")
        return
    if len({row.status == "bound" for row in rows if row.feasible or row.status == "bound"}) > 1:
        yield Check("scenarios", False, "some rows are bounds and some are decided, as in no sweep")
        return
    file = _file_of(record)
    yield from asked_checks(rows, [problem.policy, *policies], problem.policy, file)
    yield from _checks(rows, [problem.policy, *policies], problem, file, solve=solve)
    if solve:
        yield from scenarios_again(rows, [problem.policy, *policies], problem)


def _otherwise_written(record: Mapping[str, Any], rows: Sequence[ScenarioRow], base: Policy) -> Iterator[str]:
    """Yield where a sweep is not written in the one form that it has: keys left out, a whole number for a value."""
    for row, stored in zip(rows, record["rows"], strict=True):
        # As texts: in Python 9 is 9.0, and true is 1.
        if json.dumps(row.model_dump(mode="json"), sort_keys=True) != json.dumps(stored, sort_keys=True):
            yield f"{row.name} is not in the form in which rows are written"
    if record["seed"] != base.solver.seed:
        yield f"the seed of the policy is {base.solver.seed}, not {record['seed']}"


def _file_of(record: Mapping[str, Any]) -> str:
    return "policy" if record["policy_file"] is None else str(record["policy_file"]["name"])


def _policy(document: Mapping[str, Any] | None, home: str) -> Policy | None:
    return None if document is None else recorded_policy(document, SOURCE, home)


def _checks(
    rows: Sequence[ScenarioRow],
    policies: Sequence[Policy | None],
    problem: Problem,
    file: str,
    *,
    solve: bool,
) -> Iterator[Check]:
    seen, unsized = _seen(rows, policies, problem)
    faults = [f"{row.name}: {fault}" for row, one in seen for fault in one.faults]
    none = [
        (row, _unsolved(row, problem, policy, file))
        for row, policy in zip(rows[1:], policies[1:], strict=True)
        if not row.feasible and policy is not None
    ]
    faults += [f"{row.name}: {fault}" for row, known in none if known for fault in told_of_none(row, known)]
    for row, policy in zip(rows, policies, strict=True):
        faults += [f"{row.name}: {fault}" for fault in in_general(row, policy, problem.policy)]
    whole = len(seen) - len(unsized)
    keep = counted(whole, "portfolio keeps", "portfolios keep")
    words = (
        f"{keep} every firm rule, added up again in integers, with the value that is said"
        if whole
        else "what is said goes together; there are no whole awards to add up"
    )
    yield Check("scenarios", not faults, "; ".join(faults) or words)
    gaps = {row.name: one.gap for row, one in seen if one.gap is not None}
    if gaps:
        most = f"at most {gap_as_percent(max(gaps.values()))} better"
        yield Check(
            "bounds", True, f"the best is {most}, by the prices of {len(gaps)} of them, without a solver"
        )
    if not solve:
        # Decided again, they are compared with what is found.
        yield from _beyond({"awards smaller than the request, whose sizes are not kept": unsized}, holds=None)
    yield from _beyond(
        {
            "rounds or goals before the value, or no prices: the bound rests on the solver": [
                row.name for row, _ in seen if row.name not in gaps and row.name not in unsized
            ],
            "a bound alone, without prices: it rests on the solver": [
                row.name for row in rows if row.status == "bound"
            ],
            "no portfolio: that there is none, and why, rests on the solver": [
                *([] if rows[0].feasible else [rows[0].name]),
                *(row.name for row, known in none if known is None),
            ],
        }
    )


def _seen(
    rows: Sequence[ScenarioRow], policies: Sequence[Policy | None], problem: Problem
) -> tuple[list[tuple[ScenarioRow, _Seen]], list[str]]:
    """Look at the rows that have a value; return what was seen of each, and those whose awards have no sizes here."""
    before = np.zeros(len(problem.instance.ids), dtype=bool)
    seen: list[tuple[ScenarioRow, _Seen]] = []
    unsized: list[str] = []
    for row, policy in zip(rows, policies, strict=True):
        if row.value is None or policy is None:
            continue
        scenario, funded = problem.under(policy), funded_in(row, before, problem.instance.position)
        if scenario.instance.sizes.whole_only:
            seen.append((row, _looked_at(row, scenario, problem.policy, before, funded)))
        else:
            unsized.append(row.name)
            size = size_of_values(scenario.instance)
            faults = [*ended("it", row.value, _bound(row), Stop(row.status), math.inf, size=size)]
            faults += of_itself(row, scenario, before, funded)
            if not (row.goals or row.gave_way or row.rounds):
                gap = scenario.policy.solver.gap
                faults += told_early("it", row.value, _bound(row), Stop(row.status), gap)
            seen.append((row, _Seen(tuple(faults))))
        if row is rows[0] and funded is not None:
            before = funded
    return seen, unsized


def _unsolved(row: ScenarioRow, problem: Problem, policy: Policy, file: str) -> ScenarioRow | None:
    """Return the row of a scenario that is seen to have no portfolio without a solver; None of others.

    Its reason is as the row says it if all that differs is where in the file of the policy a key stands.
    """
    under = problem.under(policy)
    made = row_before_solving(under, Scenario(row.name, policy, row.values), problem.policy)
    error = None if made is None else _refusal(under)
    # A policy without values of its own comes from a file that the record does not name, or from none.
    same = error is not None and says(row.reason, error, file if row.values else None)
    return made.replace(reason=row.reason) if made is not None and same else made


def _refusal(problem: Problem) -> PortfolioError | None:
    """Return why a problem is refused before anything is solved; None if it is not."""
    try:
        problem.check()
    except REFUSALS as error:
        return error
    return None


def _beyond(names: Mapping[str, Sequence[str]], holds: bool | None = True) -> Iterator[Check]:
    """Say in words what could not be looked at."""
    for why, some in names.items():
        if some:
            more = f" and {len(some) - 3} more" if len(some) > 3 else ""
            yield Check("beyond", holds, f"{', '.join(some[:3])}{more}: {why}")


def _looked_at(
    row: ScenarioRow, problem: Problem, base: Policy, before: Bools, funded: Bools | None
) -> _Seen:
    """Add up the awards of a scenario again, make its row again, and work out its bound from the prices."""
    if funded is None:
        return _Seen(("funds what is no proposal of the call",))
    instance, policy = problem.instance, problem.policy
    awards, rounds = Awards.of(instance, funded), rounds_in(row.rounds)
    wrong = wrong_rounds(instance, policy, awards, rounds)
    if wrong:
        return _Seen(tuple(wrong))
    value, stated = portfolio_value(instance, policy, awards), float(row.value or 0.0)
    prices = {(price.rules, price.block, price.name): price.price for price in row.prices}
    duals = prices_of(problem.model, prices)
    solution = Solution(
        awards=awards,
        value=value,
        bound=_bound(row),
        stop=Stop(row.status),
        solver="",
        shadow_prices=shadow_prices(problem.model, Outcome(Stop.OPTIMAL, None, 0.0, 0.0, duals)),
        margins=np.full(len(instance.ids), np.nan),
        given=least_given(instance, policy, awards),
        rounds=rounds,
        prices=prices,
    )
    try:
        portfolio = Portfolio(problem, solution)
    except PortfolioError as error:
        return _Seen((str(error),))
    faults = []
    size = size_of_values(instance)
    if abs(value - stated) > SAME * max(size, abs(value)):
        faults.append(f"worth {value:g}, not {stated:g}")
    if rounds:
        faults += ended_in_rounds(problem, solution)
    else:
        cost = priced_out(instance, policy, awards)
        faults += ended("it", value, _bound(row), Stop(row.status), gap_of(policy), cost, size)
        if not row.goals:
            # How the searches for goals ended is not kept.
            faults += told_early("it", value, _bound(row), Stop(row.status), policy.solver.gap, cost)
    faults += told_otherwise(row, portfolio, base, before)
    faults += _priced_otherwise(row, portfolio, prices)
    if faults or row.goals or not row.proven:
        return _Seen(tuple(faults))
    return _Seen((), certified(portfolio)["gap"])


def _priced_otherwise(row: ScenarioRow, found: Portfolio, prices: Mapping[RowKey, float]) -> Iterator[str]:
    """Yield what is wrong with the prices of a row: there are none across rounds, and one for a row of the model."""
    if len(prices) < len(row.prices):
        yield "a row of the rules has two prices"
    if found.rounds:
        if prices:
            yield "there are prices, and none hold across rounds"
        return
    problem, model = found.problem, found.problem.model
    # Rows that keep what comes before the value have prices too, and names that do not depend on how much of it.
    best = [0.0 for _ in goals(problem.instance, problem.policy, model)]
    kept = kept_goals(problem.instance, problem.policy, model, found.solution.awards, best)
    yield from priced_otherwise(prices, model.add(*kept))


def _bound(row: ScenarioRow) -> float:
    return math.inf if row.bound is None else row.bound
