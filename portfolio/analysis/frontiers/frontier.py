"""The best portfolio at each value of one key of the policy, the budget above all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from portfolio.analysis.frontiers.steps import Solve, Step, proposals_table, steps_table
from portfolio.analysis.parallel import each
from portfolio.call.money import exponent
from portfolio.call.numbers import own_numbers
from portfolio.errors import Issue, PolicyError
from portfolio.optimize import Problem, Stop
from portfolio.policy import Policy, with_keys
from portfolio.policy.keys import find_key
from portfolio.shown import with_table

# What was done when the call was read, and is not done again.
_READING = {"only", "on_bad_rows", "decimal_mark", "columns", "derive", "currency"}
_MONEY = {"budget", "amount", "min_amount", "max_amount", "carry_over", "committed", "max_award"}
_WHOLE = {"min_awards", "max_awards", "k", "priority", "seed", "nodes"}


@dataclass(frozen=True, eq=False)
class Frontier:
    """The best portfolio at each of several values of a key.

    Attributes
    ----------
    over
        The key.
    steps
        One row per value, rising: the key's value as ``at``; value, bound and gap; status (``infeasible``
        where no portfolio keeps the rules, and the rest of the row is null); spent, awards; marginal_price
        (value of one more unit of money in that budget, of one year where the key names a year, or in that
        reserve, at the margin, from the relaxation; null where the key is neither); gain_low and gain_high
        (the best value less that of the row before lies between them, as far as it is proven); entered and
        left (ids, against the row before; rows without a portfolio are passed over in both); conflict (the
        rules that clash, or the limit that was reached).
    proposals
        At which steps each proposal is funded, see `nested`; only of steps for which one was found.
    interrupted
        Whether the search was ended before all steps were solved.
    goals
        Names of what comes before the value: what is proven holds for the portfolios that do as well in that.
    """

    over: str
    steps: pl.DataFrame
    proposals: pl.DataFrame
    interrupted: bool
    goals: tuple[str, ...] = ()

    @property
    def core(self) -> tuple[str, ...]:
        """Ids that are funded at every step for which a portfolio was found."""
        return tuple(self.proposals.filter("core")["id"])

    def __repr__(self) -> str:
        solved, steps = self.steps["value"].count(), self.steps.height
        cut = "; interrupted" if self.interrupted else ""
        return (
            f"<Frontier over {self.over}: {solved} of {steps} steps have a portfolio, {len(self.core)} proposals "
            f"are funded in each{cut}>"
        )

    def _repr_html_(self) -> str:
        return with_table(self, self.steps)


def frontier(
    problem: Problem,
    over: str,
    values: Sequence[Decimal | float],
    *,
    jobs: int | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> Frontier:
    """Find the best portfolio at each value of a key of the policy, everything else equal.

    Parameters
    ----------
    problem
        What is to be decided.
    over
        A key as in `with_keys`: ``budget``, ``reserve.high_risk.share``, ``limit.institution.max_share``.
    values
        What to set it to. They are taken in rising order, each once; see `evenly`.
    jobs
        How many steps are solved at a time; the result is the same.
    watch
        Called with the name of each step.

    Raises
    ------
    PolicyError
        If the key names nothing, belongs to the reading of the call, or may not have one of the values.
    ValueError
        If there are no values.

    Notes
    -----
    Portfolios of whole proposals are not nested: with more money a proposal may leave, to make room for a
    larger one. So "funded from here on" is said of the steps that were looked at, and not of what lies
    between them.
    """
    at = sorted(set(own_numbers(values)))
    if not at:
        raise ValueError("there must be at least one value")
    first = find_key(problem.policy, over)[0]
    _refuse(problem.policy, over, str(first))
    policies = [with_keys(problem.policy, {over: value}) for value in at]
    changes = [{str(first): getattr(policy, str(first))} for policy in policies]
    solve = _solve(problem.policy, over)
    watch(f"Solving {len(at):,} steps")
    found = _solved(problem.afresh(), changes, solve, jobs, watch)
    order = sorted(found)
    held = [at[step] for step in order], [found[step] for step in order]
    interrupted = len(found) < len(at) or any(_stopped(step) for step in found.values())
    table, proposals = steps_table(*held, problem.instance), proposals_table(*held, problem.instance.ids)
    goals = dict.fromkeys(name for step in order for name in found[step].goals)
    return Frontier(over, table, proposals, interrupted, tuple(goals))


def _solved(
    problem: Problem,
    changes: Sequence[dict[str, Any]],
    solve: Callable[[Problem], Step],
    jobs: int | None,
    watch: Callable[[str], None],
) -> dict[int, Step]:
    """Solve every step until one is interrupted, the one in the middle first.

    The others start from its prices, so that what they find does not depend on their order.
    """
    middle = len(changes) // 2
    start = problem.replace(**changes[middle])
    found = {middle: solve(start)}
    if _stopped(found[middle]):
        return found
    others = [step for step in range(len(changes)) if step != middle]
    problems = (start.replace(**changes[step]) for step in others)
    try:
        for step, one in zip(others, each(solve, problems, jobs=jobs), strict=True):
            found[step] = one
            watch(f"Solved {len(found):,} of {len(changes):,} steps")
            if _stopped(one):
                break
    except KeyboardInterrupt:
        watch("Interrupted")
    return found


def _stopped(step: Step) -> bool:
    return step.status == Stop.INTERRUPTED


def evenly(policy: Policy, over: str, first: Decimal, last: Decimal, steps: int) -> list[Decimal | float]:
    """Return evenly spaced values of a key with both ends: whole coins of money, whole numbers of awards.

    Raises
    ------
    ValueError
        If `steps` is below 1, or the ends are not finite.
    """
    if steps < 1 or not (first.is_finite() and last.is_finite()):
        raise ValueError("there must be at least one step, between two finite numbers")
    name = next(str(part) for part in reversed(find_key(policy, over)) if isinstance(part, str))
    places = exponent(policy.currency) if name in _MONEY else 0 if name in _WHOLE else 12
    low, high = Fraction(min(first, last)), Fraction(max(first, last))
    exact = [low + (high - low) * i / max(1, steps - 1) for i in range(steps)]
    rounded = sorted({round(value * 10**places) for value in exact})
    if name in _MONEY:
        return [Decimal(value).scaleb(-places) for value in rounded]
    return [value / 10**places if places else value for value in rounded]


def _refuse(policy: Policy, over: str, first: str) -> None:
    if first in _READING:
        hint = "change it in the policy, and read the call again"
        raise PolicyError([Issue("is used when the call is read", hint, file="policy", column=over)])
    if over == "budget" and len(policy.budgets) > 1:
        hint = "name the year: budget.1"
        raise PolicyError([Issue("is a list, one sum per year", hint, file="policy", column=over)])


def _solve(policy: Policy, over: str) -> Solve:
    """Return how each step is solved: with the price of what the key bounds, if it has one."""
    path = find_key(policy, over)
    if path[0] == "budget":
        year = path[-1]
        return Solve("budget", year if isinstance(year, int) and len(policy.budgets) > 1 else None)
    if path[0] == "reserve" and path[-1] in {"share", "amount"} and isinstance(path[1], int):
        return Solve(policy.reserve[path[1]].key)
    return Solve(None)
