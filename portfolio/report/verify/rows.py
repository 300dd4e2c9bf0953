"""Whether what the row of a scenario says holds together, and whether it is what awards come to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from portfolio.analysis.sweeps.scenario_rows import ReserveRow, ScenarioRow, comparable, row_of
from portfolio.analysis.sweeps.scenarios import Scenario
from portfolio.call.money import exponent
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.engine import relative_gap
from portfolio.optimize.figures import figure, written_off
from portfolio.optimize.goals import delivered_goals, goals
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy
from portfolio.report.record import SAME
from portfolio.report.verify.ended import ROUNDING

# Of a row, what is worked out again from its awards as it stands; bounds are not.
_AGAIN = ("values", "reason", "comparable", "gap", "spent", "awards", "gave_way", "shares")


def funded_in(row: ScenarioRow, before: Bools, position: Mapping[str, int]) -> Bools | None:
    """Return (n,) who is funded: as in the base, but for those that the row names; None if it names nobody known."""
    funded = before.copy()
    for name, share in row.shares.items():
        if name not in position:
            return None
        funded[position[name]] = share > 0
    return funded


def fits_together(row: ScenarioRow) -> bool:
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


def in_general(row: ScenarioRow, policy: Policy | None, base: Policy) -> Iterator[str]:
    """Yield what no row under a policy says, whatever its awards are (None: its values make no policy)."""
    if row.feasible == bool(row.reason):
        yield "a reason is given where there is a portfolio" if row.reason else "no reason is given"
    if row.comparable != comparable(policy or base, base):
        yield f"comparable is {not row.comparable}, not {row.comparable}"
    rounds = row.value is not None and policy is not None and policy.reserve_order == "over_and_above"
    if row.proven == rounds:
        yield f"its bound holds for {'one round after the other' if rounds else 'every portfolio'}, not as it says"
    if not all(0.0 <= share <= 1.0 for share in row.shares.values()):
        yield "a share is not within 0 and 1"


def told_of_none(row: ScenarioRow, other: ScenarioRow) -> Iterator[str]:
    """Yield where two rows without a portfolio say otherwise why there is none."""
    for key in ("status", "reason"):
        if getattr(row, key) != getattr(other, key):
            yield f"its {key} is: {getattr(other, key)}"


def of_itself(row: ScenarioRow, problem: Problem, before: Bools, funded: Bools | None) -> Iterator[str]:
    """Yield where the figures of a row contradict each other, or who is funded; sizes of awards are not known."""
    if funded is None:
        yield "funds what is no proposal of the call"
        return
    if row.awards != int(funded.sum()):
        yield f"awards is {int(funded.sum())}, not {row.awards}"
    position = problem.instance.position
    if any(share != float(not before[position[name]]) for name, share in row.shares.items()):
        yield "a share is not that of a proposal that is funded otherwise than in the base"
    gap = None if row.bound is None else relative_gap(row.value or 0.0, row.bound)
    gap = None if gap is None or math.isinf(gap) else gap
    if not _same(row.gap, gap):
        yield f"gap is {gap}, not {row.gap}"
    sizes, unit = problem.instance.sizes, 10 ** exponent(problem.policy.currency)
    least, most = (int(part[funded].sum()) for part in (sizes.least, sizes.top))
    if row.spent is None or not least <= row.spent * unit <= most:
        yield f"{row.spent} cannot be spent on these awards"


def told_otherwise(row: ScenarioRow, found: Portfolio, base: Policy, before: Bools) -> Iterator[str]:
    """Yield what a row says that is not so of its awards."""
    policy = found.policy
    again = row_of(found, Scenario(row.name, policy, row.values), base, before.astype(float))
    for key in _AGAIN:
        if not _same(getattr(row, key), getattr(again, key)):
            yield f"{key} is {getattr(again, key)}, not {getattr(row, key)}"
    for stated, made in zip(row.reserves, again.reserves, strict=False):
        if _written(stated) != _written(made):
            yield f"{made.trait} gets {made.delivered} of {made.required}, not as the row says"
        said, due = stated.shadow_price, made.shadow_price
        # Without prices, as over and above, a shadow price is not known.
        if said is None and (due is None or not row.prices):
            continue
        if said is None or abs(said - (due or 0.0)) > ROUNDING * max(said, due or 0.0):
            yield f"the shadow price of {made.trait} is {due or 0.0:g}, not {'null' if said is None else f'{said:g}'}"
    if len(row.reserves) != len(again.reserves):
        yield f"there are {len(again.reserves)} reserves, not {len(row.reserves)}"
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
        slack = written_off(best) + ROUNDING * max(1.0, abs(delivered))
        if not best - goal.may_lose * abs(best) - slack <= delivered <= best + slack:
            yield f"the awards reach {figure(delivered)} of {name}, and {said} is said to be the best"


def _written(reserve: ReserveRow) -> Mapping[str, object]:
    """Return what a row says of a reserve, money with its decimals, but for the shadow price."""
    return reserve.model_dump(mode="json", exclude={"shadow_price"})


def _same(stated: object, made: object) -> bool:
    if isinstance(stated, float) and isinstance(made, float):
        return math.isclose(stated, made, rel_tol=SAME, abs_tol=SAME)
    # Money has its decimals: 9 and 9.00 are one number and two ways to write it.
    return stated == made and str(stated) == str(made)
