"""What one scenario comes to: a row that can be written down, and what it changes against the base."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from pydantic import Field

from portfolio.analysis.sweeps.round_rows import RoundRow, round_rows
from portfolio.analysis.sweeps.scenarios import Scenario, in_words, one_line
from portfolio.call.money import exponent
from portfolio.call.value import Value
from portfolio.errors import DataError, InfeasibleError, LimitError, PolicyError, PortfolioError
from portfolio.optimize import Finding, Portfolio, Problem, ReachedGoal, Relaxed
from portfolio.optimize.conflict import TOGETHER
from portfolio.optimize.figures import figure
from portfolio.optimize.vectors import Floats
from portfolio.policy import Policy

# Differences of shares below this are rounding.
_SAME = 1e-6


class ReserveRow(Value):
    """A reserve in a scenario: money in units of the currency, and the value of its last unit; null if not known."""

    trait: str
    required: Decimal | None
    delivered: Decimal | None
    shadow_price: float | None


class RowPrice(Value):
    """The price of a row of the model, by which a bound can be worked out again without a solver."""

    rules: tuple[str, ...]
    block: int
    name: str
    price: float


class ScenarioRow(Value):
    """What a scenario comes to.

    Attributes
    ----------
    values
        The keys that were set: numbers as they are, everything else in words.
    status
        How the solver stopped (``optimal``, ``gap``, ``time_limit``, ``node_limit``); ``bound`` for the relaxation;
        or why there is no portfolio: ``infeasible``, ``invalid`` (no such policy), ``nothing_found`` (time was up).
    reason
        Why there is no portfolio.
    comparable
        Whether values mean the same as in the base: objective, reviews and scoring are those of the base.
    proven
        Whether the bound holds for every portfolio; over and above, it holds for each round given those before it.
    goals, gave_way
        What was reached before the value, and the rules that gave way, in words.
    shares
        By how much of its award a proposal is funded (0 or 1; parts in the relaxation), where that is not as in the
        base.
    prices
        Of the rows of the model; none over and above, for bounds, and where there is no portfolio.
    rounds
        Over and above, whose money each award is.
    """

    name: str
    values: dict[str, int | float | str]
    status: str
    reason: str = ""
    value: float | None = None
    bound: float | None = None
    gap: float | None = None
    spent: Decimal | None = None
    awards: int | None = None
    comparable: bool = True
    proven: bool = True
    reserves: tuple[ReserveRow, ...] = ()
    goals: tuple[str, ...] = ()
    gave_way: tuple[str, ...] = ()
    shares: dict[str, float] = Field(default_factory=dict)
    prices: tuple[RowPrice, ...] = ()
    rounds: tuple[RoundRow, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether there is a portfolio, or a bound on one."""
        return self.status not in {"infeasible", "invalid", "nothing_found"}


def shares_of(answer: Portfolio | Relaxed) -> Floats:
    """Return (n,) by how much of its award each proposal is funded."""
    return answer.share if isinstance(answer, Relaxed) else answer.solution.chosen.astype(float)


def row_of(answer: Portfolio | Relaxed, scenario: Scenario, base: Policy, before: Floats) -> ScenarioRow:
    """Return what a scenario comes to.

    Parameters
    ----------
    base
        The policy that scenarios are compared with.
    before
        (n,) by how much of its award each proposal is funded under it.
    """
    policy = scenario.policy or base
    fields = _bounded(answer, policy) if isinstance(answer, Relaxed) else _decided(answer)
    ids = answer.ids if isinstance(answer, Relaxed) else answer.problem.instance.ids
    after = shares_of(answer)
    changed = np.flatnonzero(np.abs(after - before) > _SAME).tolist()
    return ScenarioRow(
        name=scenario.name,
        values=_plain(scenario.values),
        comparable=comparable(policy, base),
        shares={ids[i]: float(after[i]) for i in changed},
        **fields,
    )


def row_without(error: PortfolioError, scenario: Scenario, base: Policy) -> ScenarioRow:
    """Return the row of a scenario that has no portfolio, with the reason."""
    status = {InfeasibleError: "infeasible", LimitError: "nothing_found"}.get(type(error), "invalid")
    return _nothing(scenario, base, status, why_not(error))


def why_not(error: PortfolioError) -> str:
    """Say in one line why there is no portfolio."""
    return _conflict(error) if isinstance(error, InfeasibleError) else one_line(error)


def row_of_findings(findings: tuple[Finding, ...], scenario: Scenario, base: Policy) -> ScenarioRow:
    """Return the row of a scenario that cannot work, which is seen without a solver."""
    return _nothing(scenario, base, "infeasible", why_none(findings))


def why_none(findings: tuple[Finding, ...]) -> str:
    """Say in one line why there can be no portfolio, and what to do."""
    return "; ".join(f"{one.fact} (way forward: {one.way})" for one in findings)


def row_before_solving(problem: Problem, scenario: Scenario, base: Policy) -> ScenarioRow | None:
    """Return the row of a scenario that is seen to have no portfolio without a solver; None of others."""
    try:
        fatal = tuple(finding for finding in problem.check() if finding.fatal)
    except REFUSALS as error:
        return row_without(error, scenario, base)
    return row_of_findings(fatal, scenario, base) if fatal else None


def row_of_fault(scenario: Scenario, base: Policy) -> ScenarioRow:
    """Return the row of values that make no policy."""
    return _nothing(scenario, base, "invalid", scenario.fault)


# What a scenario can be refused for; any other error is one of ours.
REFUSALS = (PolicyError, DataError, InfeasibleError, LimitError)


def _nothing(scenario: Scenario, base: Policy, status: str, reason: str) -> ScenarioRow:
    same = comparable(scenario.policy or base, base)
    values = _plain(scenario.values)
    return ScenarioRow(name=scenario.name, values=values, status=status, reason=reason, comparable=same)


def _decided(portfolio: Portfolio) -> Mapping[str, Any]:
    reserves = tuple(
        ReserveRow(trait=r.trait, required=r.required, delivered=r.delivered, shadow_price=r.shadow_price)
        for r in portfolio.reserves
    )
    return {
        "status": str(portfolio.status),
        "value": portfolio.value,
        "bound": _finite(portfolio.bound),
        "gap": _finite(portfolio.gap),
        "spent": portfolio.spent,
        "awards": len(portfolio.ids),
        "proven": not portfolio.rounds,
        "reserves": reserves,
        "goals": tuple(map(_goal, portfolio.goals)),
        "gave_way": tuple(f"{rule.rule} by {figure(rule.size)}" for rule in portfolio.gave_way),
        "prices": tuple(
            RowPrice(rules=rules, block=block, name=name, price=price)
            for (rules, block, name), price in portfolio.solution.prices.items()
        ),
        "rounds": round_rows(portfolio.rounds),
    }


def _bounded(relaxed: Relaxed, policy: Policy) -> Mapping[str, Any]:
    scale = 10 ** exponent(policy.currency)
    prices = {key: max(0.0, -price) * scale for key, price in relaxed.shadow_prices.items()}
    reserves = tuple(
        ReserveRow(trait=r.trait, required=None, delivered=None, shadow_price=prices.get(r.key))
        for r in policy.reserve
    )
    return {
        "status": "bound",
        "bound": _finite(relaxed.bound),
        "spent": relaxed.spent,
        "reserves": reserves,
        "goals": tuple(map(_goal, relaxed.goals)),
    }


def _goal(goal: ReachedGoal) -> str:
    return f"{goal.name} {figure(goal.value)}{'' if goal.proven else ', not proven'}"


def _conflict(error: InfeasibleError) -> str:
    said = f"These cannot hold together: {'; '.join(error.conflict)}."
    lines = error.hint.splitlines()
    last = next((i for i, line in enumerate(lines) if line.startswith(TOGETHER)), len(lines))
    for words, some in (("Any of these would do", lines[:last]), (TOGETHER, lines[last:])):
        ways = [line.removeprefix("  - ") for line in some if line.startswith("  - ")]
        said += f" {words}: {'; '.join(ways)}." if ways else ""
    return said


def comparable(policy: Policy, base: Policy) -> bool:
    """Whether values mean the same under two policies."""
    return all(getattr(policy, key) == getattr(base, key) for key in ("objective", "reviews", "scoring"))


def _plain(values: Mapping[str, Any]) -> dict[str, int | float | str]:
    return {
        key: value if isinstance(value, int | float) and not isinstance(value, bool) else in_words(value)
        for key, value in values.items()
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
