"""A second criterion beside the value: the total of a column over the awards, or the money to a trait.

It is stated as a limit of the policy, so that every point of a trade-off is found, audited and explained as
any decision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from portfolio.call.columns import nearest_column
from portfolio.call.money import exponent
from portfolio.errors import Issue, PolicyError
from portfolio.optimize import Portfolio, Problem
from portfolio.optimize.engines import engine_for
from portfolio.optimize.fits import AMBIGUOUS, shared_names, which_of_two
from portfolio.optimize.instance import Instance
from portfolio.optimize.lagrangian import price
from portfolio.optimize.rows.limits import limit_key
from portfolio.optimize.worth import is_numeric
from portfolio.policy import Limit


@dataclass(frozen=True)
class SecondCriterion:
    """What is traded against the value.

    Attributes
    ----------
    problem
        The problem with a limit on the criterion, as its last, that bounds nothing.
    least
        Whether less of it is better.
    """

    problem: Problem
    least: bool

    @classmethod
    def of(cls, problem: Problem, over: str, *, least: bool) -> SecondCriterion:
        """Find what a name means: a trait (the money to it), otherwise a column of numbers (its total).

        Raises
        ------
        PolicyError
            If it is neither, or a column with cells below 0.
        """
        rule = (
            Limit(trait=over, min_amount=Decimal(0))
            if over in problem.policy.traits
            else _total(problem, over)
        )
        return cls(problem.replace(limit=(*problem.policy.limit, rule)), least)

    @property
    def index(self) -> int:
        """The place of the limit among those of the policy."""
        return len(self.problem.policy.limit) - 1

    def bounded(self, bound: Decimal) -> Problem:
        """Return the problem with at least so much of the criterion, or at most if less is better."""
        *others, rule = self.problem.policy.limit
        side = {"min_amount": None, "max_amount": bound} if self.least else {"min_amount": bound}
        return self.problem.replace(limit=(*others, rule.replace(**side)))

    @property
    def sign(self) -> int:
        """1 if more is better, -1 if less is."""
        return -1 if self.least else 1

    @cached_property
    def step(self) -> Decimal:
        """The least difference between two portfolios, towards more of it, or less if that is better.

        Sums differ by multiples of the greatest common divisor of what is added.
        """
        counts, unit = self._counts(self.problem.instance)
        return self.sign * Decimal(max(1, math.gcd(*counts))) / unit

    def beyond(self, bound: Decimal) -> bool:
        """Whether a bound is beyond what any portfolio reaches."""
        return self.sign * (bound - self.furthest) > 0

    @cached_property
    def furthest(self) -> Decimal:
        """What no portfolio is beyond, from the relaxation; goals that come before the value are left out."""
        model, instance = self.problem.model, self.problem.instance
        (block,) = (block for block in model.blocks if block.rules == (limit_key(self.index),))
        value = np.zeros(len(model.value))
        value[block.column] = self.sign * block.data
        model = model.aim(value)
        settings = self.problem.policy.solver
        relaxed = engine_for(settings).relax(model, settings)
        prices = np.zeros(len(model.arrays.row_low)) if relaxed.duals is None else relaxed.duals
        rule = self.problem.policy.limit[-1]
        scale = model.unit if rule.of is None else instance.sums[self.index].scale
        counts = self.sign * price(model.arrays, prices).bound * scale
        if not math.isfinite(counts):
            counts = 0.0 if self.least else float(sum(self._counts(instance)[0]))
        # A bound in floats is off by its rounding.
        whole = (
            math.floor(counts - 1e-6 * abs(counts)) if self.least else math.ceil(counts + 1e-6 * abs(counts))
        )
        return Decimal(max(0, whole)) / self._counts(instance)[1]

    def _counts(self, instance: Instance) -> tuple[list[int], int]:
        """Return what each proposal that may be funded adds, in whole counts, and the counts in one unit."""
        rule = self.problem.policy.limit[-1]
        if rule.of is not None:
            column = instance.sums[self.index]
            return [int(cell) for cell in column.cells[instance.open]], column.unit
        sizes = instance.sizes
        inside = instance.open & instance.traits[str(rule.trait)]
        # Levels and parts of a request take the criterion apart into single coins.
        each = sizes.top[inside] if sizes.whole_only else np.ones(1, dtype=np.int64)
        return [int(money) for money in each], int(10 ** exponent(instance.currency))


def reached(portfolio: Portfolio) -> Decimal:
    """Return how much of the criterion a portfolio has, exactly: where the last of its limits stands."""
    return Decimal(portfolio.limits[-1].size)


def _total(problem: Problem, over: str) -> Limit:
    table = problem.instance.table
    names = [*problem.policy.traits, *(name for name in table.columns if is_numeric(table, name))]
    if over not in names:
        hint = nearest_column(over, names, problem.policy.columns)
        raise _fault(over, "is neither a trait of the policy nor a column of numbers", hint)
    if over in shared_names(problem.call, problem.instance.scores):
        raise _fault(over, AMBIGUOUS, which_of_two(over))
    lowest = table[over].min()
    if isinstance(lowest, int | float | Decimal) and Fraction(lowest) < 0:
        raise _fault(
            over, "has cells below 0, so that its total has no bound to start from", "derive a column"
        )
    return Limit(of=over, min_amount=Decimal(0))


def _fault(over: str, what: str, hint: str) -> PolicyError:
    return PolicyError([Issue(what, hint, column=over)])
