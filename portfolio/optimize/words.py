"""Proofs and rules in words that can be read out in a committee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from portfolio.call.money import exponent
from portfolio.optimize.engine import Stop
from portfolio.optimize.figures import at_least, at_most, figure, up_to
from portfolio.optimize.reports import ChanceReport, OverspendingReport, PoolReport
from portfolio.optimize.solution import ReachedGoal, Round
from portfolio.optimize.terms import criterion_term, size_in_words, value_terms
from portfolio.optimize.value import GaveWay
from portfolio.policy import Policy

if TYPE_CHECKING:
    from portfolio.optimize.prices import Price

# In percent; smaller ones are written as this.
_TINY = 1e-4
_STOPPED = {Stop.INTERRUPTED: "Interrupted", Stop.NODE_LIMIT: "Stopped by the limit on nodes"}


class _Bounded(Protocol):
    """What has a bound on the value, and maybe goals before it."""

    @property
    def goals(self) -> Sequence[object]: ...


class _Decided(Protocol):
    """What there is to say of a decision, whether it was just made or is read back."""

    @property
    def policy(self) -> Policy: ...
    @property
    def currency(self) -> str: ...
    @property
    def status(self) -> Stop: ...
    @property
    def value(self) -> float: ...
    @property
    def bound(self) -> float: ...
    @property
    def gap(self) -> float: ...
    @property
    def rounds(self) -> Sequence[Round]: ...
    @property
    def goals(self) -> Sequence[ReachedGoal]: ...
    @property
    def gave_way(self) -> Sequence[GaveWay]: ...
    @property
    def chances(self) -> Sequence[ChanceReport]: ...
    @property
    def overspending(self) -> Sequence[OverspendingReport]: ...
    @property
    def pool(self) -> PoolReport | None: ...


def as_well(decision: _Bounded) -> str:
    """Say which portfolios a bound on the value holds for, where anything comes before the value."""
    return ", and does as well in what comes before the value," if decision.goals else ""


def none_is(decision: _Bounded, *, no: str = "none") -> str:
    """Say the same of none of them, or of no portfolio, as the beginning of a sentence."""
    return f"{no} that does as well in what comes before the value" if decision.goals else no


def gap_in_words(decision: _Decided) -> str:
    """Say how the solver stopped and how far from the best the decision can be at most."""
    # Without their figures, which are not published: they may be sums of what proposals ask for.
    before = ", ".join(goal.name for goal in decision.goals if not goal.proven)
    first = f" What comes before it is not proven to be the best: {before}." if before else ""
    return f"{_gap(decision)}{first}"


def _gap(decision: _Decided) -> str:
    value, bound = decision.value, decision.bound
    given = ", each round given the rounds before it" if decision.rounds else ""
    if decision.status is Stop.OPTIMAL:
        return (
            f"Proven: no portfolio that keeps the rules{as_well(decision)} is worth more than this one "
            f"({figure(value)}){given}."
        )
    stopped = _STOPPED.get(decision.status, "Stopped by the time limit")
    if not math.isfinite(bound):
        return f"{stopped} at a value of {figure(value)}; nothing is proven about better ones."
    above = f"at most {gap_as_percent(decision.gap)} above this one's {figure(value)}"
    most = f"{none_is(decision)} is worth more than {at_most(bound)}, {above}{given}"
    if decision.status is Stop.GAP:
        return f"Proven {_within(decision)}: {most}."
    return f"{stopped} before the gap asked for was proven: {most}."


def _within(decision: _Decided) -> str:
    """Say what is proven of the gap asked for, where more than that is left."""
    wide = decision.gap > decision.policy.solver.gap + 1e-6
    each = wide and decision.rounds
    cut = wide and decision.policy.objective.partial is True
    words = ["within the gap asked for in each round, whose gaps add up"] if each else []
    words += ["but for the rounding of awards to whole coins"] if cut else []
    return ", ".join(words) or "within the gap asked for"


def chosen_in_words(decision: _Decided) -> str:
    """Say among which portfolios this one was chosen, and for what."""
    greatest = f"for the greatest value: {value_in_words(decision)}."
    if decision.rounds:
        paid = "of what its money can pay, given the rounds before it"
        return f"Chosen in rounds, one after the other; each for the greatest value {paid}: {value_in_words(decision)}."
    all_ = "Chosen among all portfolios that keep the rules"
    if not decision.goals:
        return f"{all_} {greatest}"
    objective = decision.policy.objective
    earlier = objective.criterion[:-1] if objective.order == "lexicographic" else ()
    # Criteria are the last of the goals.
    rules = len(decision.goals) - len(earlier)
    size = f", {size_in_words(objective)}" if objective.exponent or objective.partial else ""
    sums = [None] * rules + [f"{criterion_term(criterion)}{size}" for criterion in earlier]
    lost = [0.0] * rules + [criterion.may_lose for criterion in earlier]
    first = ", then for ".join(map(_aim, decision.goals, sums, lost))
    those = "keep that much" if any(lost) else "do as well in that"
    return f"{all_}: first for {first}; and of those that {those}, {greatest}"


def _aim(goal: ReachedGoal, sum_: str | None, lost: float) -> str:
    """Say what is reached before the value, whether it is only what was found, and what share of it may be lost."""
    what = _rule(goal.name) if sum_ is None else f"the best sum of {sum_}"
    words = f"{what}{'' if goal.proven else ' (found, not proven)'}"
    return f"{words}, of which what follows may lose {_exactly(lost)}" if lost else words


def _rule(goal: str) -> str:
    """Say what a goal is that is no criterion."""
    if goal.startswith("priority "):
        return f"the least by which rules of {goal} give way"
    named = {"shortfall": "the least that reserves miss", "exploratory": "the best exploratory pool"}
    return named.get(goal, goal)


def goal_in_words(goal: ReachedGoal) -> str:
    """Say how far a goal was reached, how far it can be at most, and what is kept of it."""
    # What is missed is as little as possible, and negative as a goal.
    missed = _missed(goal)
    found, kept = (figure(-number if missed else number) for number in (goal.value, goal.delivered))
    least = "least" if missed else "best"
    bound = f"least {at_least(-goal.bound)}" if missed else f"most {at_most(goal.bound)}"
    known = (
        f"the {least} is at {bound}" if math.isfinite(goal.bound) else "nothing is proven about better ones"
    )
    words = f"{least} {found}" if goal.proven else f"found {found} ({known})"
    return f"{goal.name}: {words}, kept {kept}"


def _missed(goal: ReachedGoal) -> bool:
    """Whether a goal is what reserves miss, or by how much rules give way."""
    return goal.name == "shortfall" or goal.name.startswith("priority ")


def value_in_words(decision: _Decided) -> str:
    """Say what the value of a portfolio is the sum of."""
    policy, objective = decision.policy, decision.policy.objective
    words = f"the sum of {value_terms(objective)}, {size_in_words(objective)}"
    parts = {
        "synergies": any(link.kind == "synergy" for link in policy.link),
        "chances of success": any(one.weight for one in policy.coverage),
    }
    if any(parts.values()):
        words += f", with {' and '.join(part for part, counts in parts.items() if counts)}"
    if any(given.cost is not None for given in decision.gave_way):
        words += ", less the prices of what gave way"
    return words


def price_in_words(price: Price) -> str:
    """Say what something costs: a figure if it is proven, otherwise the range in which it lies."""
    if price.found is not None and math.isinf(price.found):
        return "not possible otherwise"
    if price.low is None or price.high is None:
        if price.found is not None:
            return f"{figure(price.found, 4)} (found, not proven)"
        return "no figure" if price.low is None else f"{at_least(price.low, 4)} or more"
    if price.found is not None and price.exact:
        return figure(price.found, 4)
    return f"{at_least(price.low, 4)} to {at_most(price.high, 4)}"


def gap_as_percent(gap: float) -> str:
    """Write a gap, never rounded down."""
    if gap < 1e-6:
        return "0.0001%"
    if gap >= 1:
        return "an unknown share" if math.isinf(gap) else f"{at_most(100 * gap, 3)}%"
    return f"{at_most(100 * gap, 2)}%"


def rules_in_words(decision: _Decided) -> list[str]:
    """Say what else there is to say: goals before the value, the exploratory pool, rules that gave way, chances."""
    parts = (_goals, _pool, _gave_way, _chances, _overspending)
    return [line for part in parts for line in part(decision)]


def _pool(decision: _Decided) -> list[str]:
    pool, rule = decision.pool, decision.policy.exploratory
    if pool is None or rule is None:
        return []
    left = pool.money - (pool.spent or 0)
    holds = rule.left == "hold" and all(given.rule != "exploratory" for given in decision.gave_way)
    words = f"Exploratory pool: {decision.currency} {_money(pool.money, decision)} are kept for it"
    if pool.spent is not None:
        words += f", {_money(pool.spent, decision)} are spent"
        words += f", {_money(left, decision)} are left" if left >= 0 else ""
    becomes = "is held" if holds else "is open to the others" if rule.left == "return" else ""
    return [f"{words}; what it leaves {becomes}." if becomes and left > 0 else f"{words}."]


def _money(sum_: Decimal, decision: _Decided) -> str:
    return f"{sum_:,.{exponent(decision.currency)}f}"


def _gave_way(decision: _Decided) -> list[str]:
    lines = []
    for given in decision.gave_way:
        where = (
            f" ({', '.join(given.names[:5])}{', ...' if len(given.names) > 5 else ''})" if given.names else ""
        )
        cost = (
            f"a value of {figure(given.cost, 4)}" if given.cost is not None else f"priority {given.priority}"
        )
        lines.append(f"{given.rule}{where} gave way by {figure(given.size)} in all, at {cost}.")
    return lines


def _overspending(decision: _Decided) -> list[str]:
    currency, years = decision.currency, len(decision.overspending)
    return [
        f"{f'Year {report.year}: ' if years > 1 else ''}{report.promised:,} of {report.available:,} {currency} are "
        f"promised; the chance of spending more is {_risk(report.normal, report.allowed)} by the normal "
        f"approximation (at most {_exactly(report.allowed)} is allowed), {_risk(report.simulated)} in "
        f"{report.draws:,} simulations."
        for report in decision.overspending
    ]


def _chances(decision: _Decided) -> list[str]:
    return [
        f"{report.coverage}: {report.tag} sees at least one success with a chance of {_chance(report.chance)}."
        for report in decision.chances
    ]


def _goals(decision: _Decided) -> list[str]:
    return [
        f"Before the value, {goal_in_words(goal)}."
        for goal in decision.goals
        # What reserves miss and which rules gave way is said where they are listed, as the least that there is.
        if not (_missed(goal) and goal.proven)
    ]


def _chance(share: float) -> str:
    """Write a chance that is hoped for, never rounded up."""
    return f"{at_least(100 * share, 3)}%"


def _risk(share: float, allowed: float = 1.0) -> str:
    """Write a chance that is feared, never rounded down, nor up to more than what it does not exceed."""
    if share <= allowed < up_to(share, 3):
        return _exactly(allowed)
    return f"{at_most(max(100 * share, _TINY), 3) if share > 0 else 0}%"


def _exactly(share: float) -> str:
    """Write a share as it was given."""
    return f"{100 * share:.12g}%"
