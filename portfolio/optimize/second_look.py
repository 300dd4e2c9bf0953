"""An answer of a solver, and whether anything better is left when every portfolio that could be is looked at."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from portfolio.optimize.awards import Awards
from portfolio.optimize.clock import Deadline
from portfolio.optimize.engine import Outcome, Stop
from portfolio.optimize.exact import Search
from portfolio.optimize.listing import Kept, Measure, listed
from portfolio.optimize.model import Model
from portfolio.optimize.near import columns_of
from portfolio.policy import SolverSettings

_EXACT = 1e-6


def looked_through(
    search: Search,
    model: Model,
    answer: tuple[Outcome, Awards],
    measure: Measure,
    settings: SolverSettings,
    deadline: Deadline,
    kept: Kept = lambda awards: True,
) -> tuple[Outcome, Awards]:
    """Look at every portfolio that may be better than the gap allows, where those are few; see `listing`.

    Parameters
    ----------
    kept
        Whether awards keep what comes before; the audit knows the rules alone.
    """
    outcome, awards = answer
    if outcome.stop.cut_short or deadline.stop is not None:
        return answer
    target, duals = _target(answer, measure, settings.gap), np.zeros(len(model.arrays.row_low))
    if outcome.x is not None:
        relaxed = outcome.relaxed or search.engine.relax(model, deadline.left())
        outcome, awards = _not_passed_over(
            search, model, (replace(outcome, relaxed=relaxed), awards), measure, deadline, kept
        )
        target = _target((outcome, awards), measure, settings.gap)
        fits = relaxed.duals is not None and len(relaxed.duals) == len(duals)
        duals = relaxed.duals if fits and relaxed.duals is not None else duals
    found = listed(
        search.instance, model, duals, target, measure, lambda some: kept(some) and not search.audit(some)
    )
    if found is None or (found.awards is None and outcome.x is None):
        return outcome, awards
    if found.awards is None:
        proven = min(outcome.bound, float(target))
        return replace(outcome, bound=proven, stop=outcome.stop if settings.gap else Stop.OPTIMAL), awards
    x = columns_of(search, model, found.awards, deadline)
    if x is None:
        # There is better, though the solver cannot write it down: nothing is proven.
        return replace(outcome, bound=math.inf, stop=Stop.GAP), awards
    best = float(measure(found.awards))
    return replace(outcome, x=x, value=best, bound=best, stop=Stop.OPTIMAL), found.awards


def _not_passed_over(
    search: Search,
    model: Model,
    answer: tuple[Outcome, Awards],
    measure: Measure,
    deadline: Deadline,
    kept: Kept,
) -> tuple[Outcome, Awards]:
    """Take what the relaxation reaches by whole decisions, if it is worth more than the solver says anything can be.

    Where what came before is kept to the last digit, a presolve may take what is left for nothing.
    """
    outcome, awards = answer
    relaxed = outcome.relaxed
    # The relaxation may be that of a model with fewer columns.
    if relaxed is None or relaxed.x is None or len(relaxed.x) != len(model.integer):
        return answer
    x = np.where(model.integer, np.rint(relaxed.x), relaxed.x)
    within = relaxed.value <= outcome.bound + _EXACT * max(1.0, abs(outcome.bound))
    if within or (np.abs(relaxed.x - x) > _EXACT).any():
        return answer
    found, broken = search.in_coins(model, x, deadline)
    if broken or not kept(found) or measure(found) <= measure(awards):
        return answer
    best = float(measure(found))
    return replace(outcome, x=x, value=best, bound=max(best, relaxed.value), stop=Stop.GAP), found


def _target(answer: tuple[Outcome, Awards], measure: Measure, gap: float) -> float | Fraction:
    """Return what awards must be worth to be better than an answer by more than the gap."""
    if answer[0].x is None:
        return -math.inf
    value = measure(answer[1])
    return float(value) + gap * abs(float(value)) if gap else value
