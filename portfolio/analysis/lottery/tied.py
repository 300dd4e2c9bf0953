"""Which proposals cannot be told apart: those whose interval of merit holds their own funding line.

Where all awards cost the same and there are no rules, the funding line is the merit of the last place. In general each
proposal has a line of its own: the merit at which it is worth just what the rules charge for it, its money, its share
in a cap, less what it brings to a reserve, at the prices of the relaxation without whole numbers. The difference is its
reduced cost (Nemhauser & Wolsey 1988, II.5.2).

Whole awards do not follow those prices exactly. Where the best portfolio funds a proposal below its line, or leaves out
one above it, that proposal is tied as well; so the best portfolio is always one of those that can be drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from portfolio.analysis.lottery.feasible import with_goals
from portfolio.analysis.lottery.refusals import refuse_unfit
from portfolio.errors import DataError, Issue
from portfolio.optimize import Problem, Stop
from portfolio.optimize.engines import engine_for
from portfolio.optimize.lagrangian import price
from portfolio.optimize.vectors import Floats


@dataclass(frozen=True)
class Tied:
    """Who is accepted and who enters the lottery; all others are rejected.

    Attributes
    ----------
    stop
        How the search for the best portfolio ended, which the groups rest on.
    """

    accepted: tuple[str, ...]
    tied: tuple[str, ...]
    stop: Stop


def tied_by_interval(problem: Problem) -> Tied:
    """Accept those above their line that the best portfolio funds, reject those below that it does not; tie the rest.

    Intervals are ``merit_low`` to ``merit_high`` of the scores. `must_fund` and `must_not_fund` are followed.

    Raises
    ------
    PolicyError
        If the policy is none that one can draw under, with every reason.
    DataError
        If a proposal has no interval.
    InfeasibleError, LimitError
        As `Problem.solve`.
    KeyboardInterrupt
        If somebody asked for an end: nobody's group would be known.
    """
    refuse_unfit(problem.policy)
    instance, policy = problem.instance, problem.policy
    solution = problem.solve().solution
    if solution.stop is Stop.INTERRUPTED:
        raise KeyboardInterrupt
    model, _ = with_goals(instance, policy, solution.awards)
    relaxed = engine_for(policy.solver).relax(model, policy.solver)
    above = np.full(len(instance.ids), -np.inf)
    if relaxed.duals is not None:
        above[model.proposals] = price(model.arrays, relaxed.duals).reduced[: model.size]
    low, high = (_value_at(problem, end) for end in ("merit_low", "merit_high"))
    locked = np.isin(np.array(instance.ids, dtype=object), policy.must_fund)
    barred = np.isin(np.array(instance.ids, dtype=object), policy.must_not_fund)
    accepted = locked | (solution.chosen & (above + low - instance.value > 0))
    tied = instance.open & ~barred & ~accepted & (solution.chosen | (above + high - instance.value >= 0))
    names = np.array(instance.ids, dtype=object)
    return Tied(tuple(names[accepted].tolist()), tuple(names[tied].tolist()), solution.stop)


def _value_at(problem: Problem, end: str) -> Floats:
    """Return (n,) values with every merit at one end of its interval."""
    instance = problem.instance
    merit = instance.table[end].cast(pl.Float64).fill_null(np.nan).to_numpy()
    missing = np.flatnonzero(instance.open & np.isnan(merit))
    if len(missing):
        hint = "give reviews, fill in merit_low and merit_high, or name those that are tied yourself"
        what = "says nothing of how sure the merit is, so that nobody can tell who is tied"
        raise DataError([Issue(what, hint, column=end, id=instance.ids[missing[0]], count=len(missing))])
    # Who is not open is worth nothing at either end; if nobody is, the problem still has its merits.
    merit = np.where(instance.open, merit, instance.merit)
    value: Floats = problem.rescored({"merit": merit}).instance.value
    return value
