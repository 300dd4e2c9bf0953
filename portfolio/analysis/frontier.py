"""The best portfolio at each value of one key of the policy, the budget above all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from portfolio.analysis.comparable import afresh
from portfolio.analysis.nested import certain, column_of, nested
from portfolio.analysis.parallel import each
from portfolio.call.money import exponent
from portfolio.errors import InfeasibleError, Issue, LimitError, PolicyError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.engine import relative_gap
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools
from portfolio.policy import Policy, with_keys
from portfolio.policy.keys import find_key

# What was done when the call was read, and is not done again.
_READING = {"only", "on_bad_rows", "decimal_mark", "columns", "derive", "currency"}
_MONEY = {"budget", "amount", "min_amount", "max_amount", "carry_over", "committed", "max_award"}
_WHOLE = {"min_awards", "max_awards", "k", "priority", "seed", "nodes"}
_INFEASIBLE = "infeasible"


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
        (value of one more unit of money at the margin, from the relaxation; null where the key is no budget
        and no reserve); gain_low and gain_high (the best value less that of the row before lies between them,
        as far as it is proven); entered and left (ids, against the row before); conflict (the rules that
        clash).
    proposals
        At which steps each proposal is funded, see `nested`; only of steps that have a portfolio.
    interrupted
        Whether steps are missing at the end.
    """

    over: str
    steps: pl.DataFrame
    proposals: pl.DataFrame
    interrupted: bool

    @property
    def core(self) -> tuple[str, ...]:
        """Ids that are funded at every step that has a portfolio."""
        return tuple(self.proposals.filter("core")["id"])


@dataclass(frozen=True)
class _Step:
    """What is kept of the solve at one value; nothing but the status where there is no portfolio."""

    status: str
    conflict: str = ""
    value: float | None = None
    bound: float | None = None
    spent: Decimal | None = None
    price: float | None = None
    gained: bool = False
    funded: Bools | None = None
    sure: Bools | None = None


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
    at = sorted(set(values))
    if not at:
        raise ValueError("there must be at least one value")
    first = find_key(problem.policy, over)[0]
    _refuse(problem.policy, over, str(first))
    policies = [with_keys(problem.policy, {over: value}) for value in at]
    solve = _Solve(_price_key(problem, over))
    watch(f"Solving {len(at):,} steps")
    middle = len(at) // 2
    # The others start from the prices of the step in the middle, so that the answers do not depend on who is first.
    start = afresh(problem).replace(**{str(first): getattr(policies[middle], str(first))})
    found, done = {middle: solve(start)}, [*range(middle), *range(middle + 1, len(at))]
    problems = (start.replace(**{str(first): getattr(policies[step], str(first))}) for step in done)
    interrupted = found[middle].status == Stop.INTERRUPTED
    if not interrupted:
        try:
            for step, one in zip(done, each(solve, problems, jobs=jobs), strict=True):
                found[step] = one
                watch(f"Solved {len(found):,} of {len(at):,} steps")
                if one.status == Stop.INTERRUPTED:
                    break
        except KeyboardInterrupt:
            interrupted = True
    order = sorted(found)
    held = [at[step] for step in order], [found[step] for step in order]
    return Frontier(
        over,
        _steps(*held, problem.instance),
        _proposals(*held, problem.instance.ids),
        interrupted or len(found) < len(at),
    )


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


def _price_key(problem: Problem, over: str) -> tuple[str, float] | None:
    """Return the rule whose shadow price is that of a key, and the factor to a price per unit of money."""
    path = find_key(problem.policy, over)
    unit = float(10 ** exponent(problem.policy.currency))
    if path[0] == "budget":
        return "budget", unit
    if path[0] == "reserve" and path[-1] in {"share", "amount"} and isinstance(path[1], int):
        return problem.policy.reserve[path[1]].key, unit
    return None


@dataclass(frozen=True)
class _Solve:
    """Solves one step; other threads and machines can do it."""

    price: tuple[str, float] | None

    def __call__(self, problem: Problem) -> _Step:
        """Return what is kept of the solve."""
        try:
            portfolio = problem.solve()
        except InfeasibleError as error:
            return _Step(_INFEASIBLE, "; ".join(error.conflict))
        except LimitError as error:
            return _Step(Stop.TIME_LIMIT, str(error))
        except KeyboardInterrupt:
            return _Step(Stop.INTERRUPTED, "nothing was found before the interrupt")
        return _Step(
            status=portfolio.status,
            value=portfolio.value,
            bound=portfolio.bound if math.isfinite(portfolio.bound) else None,
            spent=portfolio.spent,
            price=self._marginal(portfolio),
            # Over and above, and after goals that are reached first, bounds hold for one step alone.
            gained=not portfolio.rounds and not portfolio.goals,
            funded=portfolio.solution.chosen,
            sure=certain(portfolio),
        )

    def _marginal(self, portfolio: Portfolio) -> float | None:
        if self.price is None:
            return None
        key, unit = self.price
        prices = portfolio.solution.shadow_prices
        return prices[key] * unit if key in prices else None


def _steps(at: Sequence[Decimal | float], steps: Sequence[_Step], instance: Instance) -> pl.DataFrame:
    gains = list(_gains(steps))
    changes = list(_changes(steps, instance.ids))
    text, money = pl.List(pl.String), pl.Decimal(38, exponent(instance.currency))
    return pl.DataFrame(
        {
            "at": column_of(at),
            "status": [str(step.status) for step in steps],
            "value": pl.Series([step.value for step in steps], dtype=pl.Float64),
            "bound": pl.Series([step.bound for step in steps], dtype=pl.Float64),
            "gap": pl.Series([_gap(step) for step in steps], dtype=pl.Float64),
            "spent": pl.Series([step.spent for step in steps], dtype=money),
            "awards": pl.Series([_count(step) for step in steps], dtype=pl.Int64),
            "marginal_price": pl.Series([step.price for step in steps], dtype=pl.Float64),
            "gain_low": pl.Series([low for low, _ in gains], dtype=pl.Float64),
            "gain_high": pl.Series([high for _, high in gains], dtype=pl.Float64),
            "entered": pl.Series([entered for entered, _ in changes], dtype=text),
            "left": pl.Series([left for _, left in changes], dtype=text),
            "conflict": [step.conflict or None for step in steps],
        },
        schema_overrides={"conflict": pl.String},
    )


def _gap(step: _Step) -> float | None:
    return None if step.value is None or step.bound is None else relative_gap(step.value, step.bound)


def _count(step: _Step) -> int | None:
    return None if step.funded is None else int(step.funded.sum())


def _gains(steps: Sequence[_Step]) -> Iterator[tuple[float | None, float | None]]:
    """Yield between what the best value rises from the step before: both lie between value and bound."""
    for index, here in enumerate(steps):
        before = steps[index - 1] if index else None
        if before is None or not (here.gained and before.gained):
            yield None, None
            continue
        yield _less(here.value, before.bound), _less(here.bound, before.value)


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _changes(
    steps: Sequence[_Step], ids: Sequence[str]
) -> Iterator[tuple[list[str] | None, list[str] | None]]:
    """Yield who enters and who leaves, against the last step before that has a portfolio."""
    before: Bools | None = None
    for step in steps:
        if step.funded is None or before is None:
            yield None, None
        else:
            yield (
                [ids[i] for i in np.flatnonzero(step.funded & ~before).tolist()],
                [ids[i] for i in np.flatnonzero(before & ~step.funded).tolist()],
            )
        before = before if step.funded is None else step.funded


def _proposals(at: Sequence[Decimal | float], steps: Sequence[_Step], ids: Sequence[str]) -> pl.DataFrame:
    held = [(value, step.funded, step.sure) for value, step in zip(at, steps, strict=True)]
    there = [(value, one, sure) for value, one, sure in held if one is not None and sure is not None]
    shape = (len(there), len(ids))
    funded = np.array([one for _, one, _ in there], dtype=bool).reshape(shape)
    sure = np.array([one for _, _, one in there], dtype=bool).reshape(shape)
    return nested(ids, [value for value, _, _ in there], funded, sure)
