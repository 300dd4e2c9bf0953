"""Checking the scenarios of a sweep again: rules, sums and bounds, without any solver."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from portfolio.analysis.sweeps.round_rows import rounds_in
from portfolio.analysis.sweeps.scenario_rows import ScenarioRow, row_of
from portfolio.analysis.sweeps.scenarios import Scenario
from portfolio.errors import PortfolioError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.awards import Awards
from portfolio.optimize.duals import prices_of, shadow_prices
from portfolio.optimize.engine import Outcome
from portfolio.optimize.figures import counted, figure
from portfolio.optimize.goals import delivered_goals, goals, least_given
from portfolio.optimize.rounds_again import wrong_rounds
from portfolio.optimize.solution import Solution
from portfolio.optimize.value import portfolio_value, priced_out
from portfolio.optimize.vectors import Bools
from portfolio.optimize.words import gap_as_percent
from portfolio.policy import Policy, recorded_policy
from portfolio.report.record import SAME, certified
from portfolio.report.verify.asked import asked_checks
from portfolio.report.verify.check import Check
from portfolio.report.verify.ended import ROUNDING, ended, gap_of, told_early
from portfolio.report.verify.rounds import ended_in_rounds
from portfolio.report.verify.solved_records import scenarios_again

# Of a row, what is worked out again from its awards as it stands; bounds are not.
_AGAIN = ("values", "reason", "comparable", "gap", "spent", "awards", "gave_way", "shares")


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
        Whether to decide under each of them again.
    """
    try:
        rows = [ScenarioRow.model_validate(row, strict=False) for row in record["rows"]]
        policies = [_policy(one["policy"], home) for one in record["scenarios"]]
        names = [one["name"] for one in record["scenarios"]]
    except (ValidationError, KeyError, TypeError) as error:
        yield Check("scenarios", False, f"the record of the sweep is not as it should be: {error}")
        return
    other = [f"{row.name} is called {row.status}" for row in rows if not _fits_together(row)]
    if other:
        yield Check("scenarios", False, f"what is said does not go together: {'; '.join(other)}")
        return
    if [row.name for row in rows] != ["base", *names] or record.get("asked") != len(names):
        yield Check("scenarios", False, "the rows are not those of the base and of the scenarios")
        return
    yield from _checks(rows, [problem.policy, *policies], problem)
    if solve:
        yield from scenarios_again(rows, [problem.policy, *policies], problem)


def _fits_together(row: ScenarioRow) -> bool:
    """Whether a row has the figures that its status says, and no others."""
    if row.value is not None or _decided(row):
        return row.value is not None and _decided(row)
    figures = (row.gap, row.awards, *(() if row.status == "bound" else (row.bound, row.spent)))
    empty = row.status == "bound" or not (
        row.shares or row.reserves or row.goals or row.gave_way or row.prices or row.rounds
    )
    known = row.status in {"bound", "infeasible", "invalid", "nothing_found"}
    return known and empty and all(figure is None for figure in figures)


def _decided(row: ScenarioRow) -> bool:
    return row.status in {Stop.OPTIMAL, Stop.GAP, Stop.TIME_LIMIT, Stop.NODE_LIMIT, Stop.INTERRUPTED}


def _policy(document: Mapping[str, Any] | None, home: str) -> Policy | None:
    return None if document is None else recorded_policy(document, "the record", home)


def _checks(
    rows: Sequence[ScenarioRow], policies: Sequence[Policy | None], problem: Problem
) -> Iterator[Check]:
    yield from asked_checks(rows[1:], policies[1:], problem.policy)
    before = np.zeros(len(problem.instance.ids), dtype=bool)
    seen: dict[str, _Seen] = {}
    unsized: list[str] = []
    for row, policy in zip(rows, policies, strict=True):
        if row.value is None or policy is None:
            continue
        scenario, funded = problem.under(policy), _funded(row, before, problem)
        if scenario.instance.sizes.whole_only:
            seen[row.name] = _looked_at(row, scenario, problem.policy, before, funded)
        else:
            unsized.append(row.name)
            seen[row.name] = _Seen(tuple(ended("it", row.value, _bound(row), Stop(row.status), math.inf)))
        if row is rows[0] and funded is not None:
            before = funded
    faults = [f"{name}: {fault}" for name, one in seen.items() for fault in one.faults]
    whole = len(seen) - len(unsized)
    keep = counted(whole, "portfolio keeps", "portfolios keep")
    words = f"{keep} every firm rule, added up again in integers, with the value that is said"
    yield Check("scenarios", not faults, "; ".join(faults) or words)
    gaps = {name: one.gap for name, one in seen.items() if one.gap is not None}
    if gaps:
        most = f"at most {gap_as_percent(max(gaps.values()))} better"
        yield Check(
            "bounds", True, f"the best is {most}, by the prices of {len(gaps)} of them, without a solver"
        )
    yield from _beyond(
        {
            "awards smaller than the request, whose sizes are not kept": unsized,
            "rounds or goals before the value, or no prices: the bound rests on the solver": [
                name for name in seen if name not in gaps and name not in unsized
            ],
            "a bound alone, without prices: it rests on the solver": [
                row.name for row in rows if row.status == "bound"
            ],
            "no portfolio: that there is none rests on the solver": [
                row.name
                for row, policy in zip(rows, policies, strict=True)
                if not row.feasible and policy is not None
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
    if abs(value - stated) > SAME * max(1.0, abs(value)):
        faults.append(f"worth {value:g}, not {stated:g}")
    if rounds:
        faults += ended_in_rounds(problem, solution)
    else:
        cost = priced_out(instance, policy, awards)
        faults += ended("it", value, _bound(row), Stop(row.status), gap_of(policy), cost)
        if not row.goals:
            # How the searches for goals ended is not kept.
            faults += told_early("it", value, _bound(row), Stop(row.status), policy.solver.gap, cost)
    faults += _told_otherwise(row, portfolio, base, before)
    if faults or row.goals or not row.proven:
        return _Seen(tuple(faults))
    return _Seen((), certified(portfolio)["gap"])


def _told_otherwise(row: ScenarioRow, found: Portfolio, base: Policy, before: Bools) -> Iterator[str]:
    """Yield what a row says that is not so of its awards."""
    policy = found.policy
    again = row_of(found, Scenario(row.name, policy, row.values), base, before.astype(float))
    for key in _AGAIN:
        if not _same(getattr(row, key), getattr(again, key)):
            yield f"{key} is {getattr(again, key)}, not {getattr(row, key)}"
    for stated, made in zip(row.reserves, again.reserves, strict=False):
        if stated.replace(shadow_price=None) != made.replace(shadow_price=None):
            yield f"{made.trait} gets {made.delivered} of {made.required}, not as the row says"
        said, due = stated.shadow_price, made.shadow_price or 0.0
        if said is not None and not _same(said, due):
            yield f"the shadow price of {made.trait} is {due:g}, not {said:g}"
    if len(row.reserves) != len(again.reserves):
        yield f"there are {len(again.reserves)} reserves, not {len(row.reserves)}"
    rounds = policy.reserve_order == "over_and_above"
    if row.proven == rounds:
        yield f"its bound holds for {'one round after the other' if rounds else 'every portfolio'}, not as it says"
    yield from _other_goals(row, found)


def _other_goals(row: ScenarioRow, found: Portfolio) -> Iterator[str]:
    """Yield what a row says of what comes before the value that the awards do not reach."""
    problem, policy = found.problem, found.policy
    before = () if found.rounds else tuple(goals(problem.instance, policy, problem.model))
    names = ", ".join(goal.name for goal in before)
    stated = [goal.removesuffix(", not proven").rpartition(" ") for goal in row.goals]
    told = ", ".join(name for name, _, _ in stated)
    if told != names:
        yield f"what comes before the value is {names or 'nothing'}, not {told or 'nothing'}"
        return
    reached = delivered_goals(problem.instance, policy, problem.model, found.solution.awards)
    for goal, (name, _, said), delivered in zip(before, stated, reached, strict=True):
        try:
            best = float(said.replace(",", ""))
        except ValueError:
            best = math.nan
        # Figures are written in six digits, or as whole numbers.
        slack = 1e-5 * max(1.0, abs(best)) + ROUNDING * max(1.0, abs(delivered))
        if not best - goal.may_lose * abs(best) - slack <= delivered <= best + slack:
            yield f"the awards reach {figure(delivered)} of {name}, and {said} is said to be the best"


def _same(stated: object, made: object) -> bool:
    if isinstance(stated, float) and isinstance(made, float):
        return math.isclose(stated, made, rel_tol=SAME, abs_tol=SAME)
    return stated == made


def _bound(row: ScenarioRow) -> float:
    return math.inf if row.bound is None else row.bound
