"""Proofs and rules in words that can be read out in a committee."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from portfolio.optimize.engine import Stop
from portfolio.optimize.figures import figure

if TYPE_CHECKING:
    from portfolio.optimize.portfolio import Portfolio

_STOPPED = {Stop.INTERRUPTED: "Interrupted", Stop.NODE_LIMIT: "Stopped by the limit on nodes"}


def gap_in_words(portfolio: Portfolio) -> str:
    """Say how the solver stopped and how far from the best the portfolio can be at most."""
    value, bound = portfolio.value, portfolio.bound
    given = ", each round given the rounds before it" if portfolio.rounds else ""
    if portfolio.status is Stop.OPTIMAL:
        return (
            f"Proven: no portfolio that keeps the rules is worth more than this one ({figure(value)}){given}."
        )
    stopped = _STOPPED.get(portfolio.status, "Stopped by the time limit")
    if not math.isfinite(bound):
        return f"{stopped} at a value of {figure(value)}; nothing is proven about better ones."
    above = f"at most {_percent(portfolio.gap)} above this one's {figure(value)}"
    most = f"none is worth more than {figure(bound)}, {above}{given}"
    settings = portfolio.problem.policy.solver
    cut = portfolio.problem.policy.objective.partial is True
    if portfolio.status is Stop.GAP and cut and portfolio.gap > settings.gap + 1e-6:
        return f"Proven but for the rounding of awards to whole coins: {most}."
    if portfolio.status is Stop.GAP:
        return f"Proven within the gap asked for: {most}."
    return f"{stopped} before the gap asked for was proven: {most}."


def _percent(gap: float) -> str:
    if gap < 1e-6:
        return "0.0001%"
    if gap >= 1:
        return "an unknown share" if math.isinf(gap) else f"{100 * gap:,.0f}%"
    return f"{100 * gap:.2g}%"


def rules_in_words(portfolio: Portfolio) -> list[str]:
    """Say what else there is to say of a decision: goals before the value, rules that gave way, chances."""
    parts = (_goals, _gave_way, _chances, _overspending)
    return [line for part in parts for line in part(portfolio)]


def _gave_way(portfolio: Portfolio) -> list[str]:
    lines = []
    for given in portfolio.gave_way:
        where = (
            f" ({', '.join(given.names[:5])}{', ...' if len(given.names) > 5 else ''})" if given.names else ""
        )
        cost = (
            f"a value of {figure(given.cost, 4)}" if given.cost is not None else f"priority {given.priority}"
        )
        lines.append(f"{given.rule}{where} gave way by {figure(given.size)} in all, at {cost}.")
    return lines


def _overspending(portfolio: Portfolio) -> list[str]:
    currency, years = portfolio.problem.call.currency, len(portfolio.overspending)
    return [
        f"{f'Year {report.year}: ' if years > 1 else ''}{report.promised:,} of {report.available:,} {currency} are "
        f"promised; the chance of spending more is {_chance(report.normal)} by the normal approximation (at most "
        f"{_chance(report.allowed)} is allowed), {_chance(report.simulated)} in {report.draws:,} simulations."
        for report in portfolio.overspending
    ]


def _chances(portfolio: Portfolio) -> list[str]:
    return [
        f"{report.coverage}: {report.tag} sees at least one success with a chance of {_chance(report.chance)}."
        for report in portfolio.chances
    ]


def _goals(portfolio: Portfolio) -> list[str]:
    return [
        f"Before the value, {goal.name}: best {figure(goal.value)}, kept {figure(goal.delivered)}."
        for goal in portfolio.goals
        # What reserves miss and which rules gave way is said where they are listed.
        if goal.name != "shortfall" and not goal.name.startswith("priority ")
    ]


def _chance(share: float) -> str:
    return f"{100 * share:.3g}%"
