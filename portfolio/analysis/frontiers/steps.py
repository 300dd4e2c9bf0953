"""One step of a frontier: what is kept of its solve, and the tables that steps make."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl

from portfolio.analysis.frontiers.nested import certain, column_of, nested
from portfolio.call.money import exponent
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.duals import year_price
from portfolio.optimize.engine import relative_gap
from portfolio.optimize.instance import Instance
from portfolio.optimize.vectors import Bools

INFEASIBLE = "infeasible"


@dataclass(frozen=True)
class Step:
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
    goals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Solve:
    """Solves one step; other threads and machines can do it.

    Attributes
    ----------
    priced
        The rule whose shadow price is that of the key; or None.
    year
        The year whose budget alone the key is, counted from 0; None where it is all of the rule.
    """

    priced: str | None
    year: int | None = None

    def __call__(self, problem: Problem) -> Step:
        """Return what is kept of the solve."""
        try:
            portfolio = problem.solve()
        except InfeasibleError as error:
            return Step(INFEASIBLE, "; ".join(error.conflict))
        except LimitError as error:
            return Step(error.stop, str(error))
        except KeyboardInterrupt:
            return Step(Stop.INTERRUPTED, "nothing was found before the interrupt")
        return Step(
            status=portfolio.status,
            value=portfolio.value,
            bound=portfolio.bound if math.isfinite(portfolio.bound) else None,
            spent=portfolio.spent,
            price=self._marginal(portfolio),
            # Over and above, and after goals that are reached first, bounds hold for one step alone.
            gained=not portfolio.rounds and not portfolio.goals,
            funded=portfolio.solution.chosen,
            sure=certain(portfolio),
            goals=tuple(goal.name for goal in portfolio.goals),
        )

    def _marginal(self, portfolio: Portfolio) -> float | None:
        solution, problem = portfolio.solution, portfolio.problem
        if self.priced is None or self.priced not in solution.shadow_prices:
            return None
        price = solution.shadow_prices[self.priced]
        if self.year is not None:
            price = year_price(problem.model, problem.instance, solution.prices, self.year)
        return price * float(10 ** exponent(problem.policy.currency))


def steps_table(at: Sequence[Decimal | float], steps: Sequence[Step], instance: Instance) -> pl.DataFrame:
    """Return one row per step, see `Frontier.steps`."""
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


def _gap(step: Step) -> float | None:
    return None if step.value is None or step.bound is None else relative_gap(step.value, step.bound)


def _count(step: Step) -> int | None:
    return None if step.funded is None else int(step.funded.sum())


def _gains(steps: Sequence[Step]) -> Iterator[tuple[float | None, float | None]]:
    """Yield between what the best value rises: both lie between value and bound, here and at the step before."""
    for here, before in _with_before(steps):
        if before is None or not (here.gained and before.gained):
            yield None, None
        else:
            yield _less(here.value, before.bound), _less(here.bound, before.value)


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _changes(
    steps: Sequence[Step], ids: Sequence[str]
) -> Iterator[tuple[list[str] | None, list[str] | None]]:
    """Yield who enters and who leaves, against the step before."""
    for here, before in _with_before(steps):
        if here.funded is None or before is None or before.funded is None:
            yield None, None
        else:
            yield (
                [ids[i] for i in np.flatnonzero(here.funded & ~before.funded).tolist()],
                [ids[i] for i in np.flatnonzero(before.funded & ~here.funded).tolist()],
            )


def _with_before(steps: Sequence[Step]) -> Iterator[tuple[Step, Step | None]]:
    """Yield each step with the last one before it that has a portfolio."""
    before: Step | None = None
    for step in steps:
        yield step, before
        before = before if step.funded is None else step


def proposals_table(at: Sequence[Decimal | float], steps: Sequence[Step], ids: Sequence[str]) -> pl.DataFrame:
    """Return at which of the steps that have a portfolio each proposal is funded, see `nested`."""
    held = [(value, step.funded, step.sure) for value, step in zip(at, steps, strict=True)]
    there = [(value, one, sure) for value, one, sure in held if one is not None and sure is not None]
    shape = (len(there), len(ids))
    funded = np.array([one for _, one, _ in there], dtype=bool).reshape(shape)
    sure = np.array([one for _, _, one in there], dtype=bool).reshape(shape)
    return nested(ids, [value for value, _, _ in there], funded, sure)
