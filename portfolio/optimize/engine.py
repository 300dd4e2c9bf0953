"""What an engine is asked and what it answers, whatever solver is behind it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from portfolio.optimize.model import Arrays, Model
from portfolio.optimize.vectors import Floats
from portfolio.policy import SolverSettings


class Stop(StrEnum):
    """How a solver stopped."""

    OPTIMAL = "optimal"
    GAP = "gap"
    TIME_LIMIT = "time_limit"
    NODE_LIMIT = "node_limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"

    @property
    def cut_short(self) -> bool:
        """Whether the solver was stopped before it had proven what was asked for."""
        return self in {Stop.TIME_LIMIT, Stop.NODE_LIMIT, Stop.INTERRUPTED}


@dataclass(frozen=True)
class Outcome:
    """What a solver found and what it proved.

    Attributes
    ----------
    stop
        How it stopped.
    x
        (columns,) the best solution found; None if none was.
    value
        Objective of x, in the units of the model.
    bound
        No solution is worth more than this; infinite if nothing was proven.
    duals
        (rows,) by how much the best value rises when a row's bound rises by one; None from a MIP.
    reduced_costs
        (columns,) by how much the best value rises when a column is raised by one; None from a MIP.
    solver
        Name and version of what solved it.
    relaxed
        The solution without whole numbers, if it was found on the way.
    """

    stop: Stop
    x: Floats | None
    value: float
    bound: float
    duals: Floats | None = None
    reduced_costs: Floats | None = None
    solver: str = ""
    relaxed: Outcome | None = None

    @property
    def gap(self) -> float:
        """How far the bound is above the value, relative to the value."""
        return relative_gap(self.value, self.bound)


@dataclass(frozen=True)
class Stage:
    """What stands after a part of a solve, reported as it comes.

    Attributes
    ----------
    name
        ``bound`` (the relaxation is solved), ``first`` (a portfolio from a small core), ``found`` (a better one) or
        ``proof``.
    value, bound
        Of the best solution so far (minus infinity if there is none), and of what is proven about all others.
    """

    name: str
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the bound is above the value, relative to the value."""
        return math.inf if math.isinf(self.value) else relative_gap(self.value, self.bound)


Watch = Callable[[Stage], None]


def unwatched(stage: Stage) -> None:
    """Do nothing with a stage."""


def relative_gap(value: float, bound: float) -> float:
    """Return (bound - value) / abs(value): 0 when they are equal, infinite when the value is 0 and the bound is not."""
    difference = bound - value
    if difference <= 0:
        return 0.0
    return difference / abs(value) if value else math.inf


def rounding_of(value: float) -> float:
    """Return by how much sums of values of this size may differ by rounding alone."""
    return 1e-14 * max(1.0, abs(value))


def how_it_stopped(
    value: float,
    bound: float,
    settings: SolverSettings,
    *,
    finished: bool,
    otherwise: Stop = Stop.TIME_LIMIT,
) -> Stop:
    """Name the end of a solve that found a solution: proven, proven within the gap asked for, or `otherwise`.

    `finished` says that the solver stopped by itself; one that was cut short may still have proven enough.
    """
    gap = relative_gap(value, bound)
    # A solver that stopped by itself may be off by its rounding, and by no more.
    rounding = 1e-6 if finished else 0.0
    if gap <= max(1e-9, rounding if settings.gap < rounding else 0.0):
        return Stop.OPTIMAL
    return Stop.GAP if gap <= settings.gap + rounding else otherwise


def how_awards_ended(
    value: float, bound: float, settings: SolverSettings, cost: float = 0.0, cut_short: Stop | None = None
) -> Stop:
    """Name the end of a solve by what its awards are worth, which is not quite what the solver found in its units.

    Parameters
    ----------
    cost
        Prices of rules that gave way: the gap is looked at as a share of what awards are worth before them.
    cut_short
        How the solver was cut short, if it was.
    """
    if bound - value <= rounding_of(max(abs(value), cost)):
        bound = value
    # Where awards are rounded to coins, what the coins are worth is left between value and bound.
    otherwise = cut_short or Stop.GAP
    return how_it_stopped(
        value + cost, bound + cost, settings, finished=cut_short is None, otherwise=otherwise
    )


def without_columns(arrays: Arrays, solver: str) -> Outcome:
    """Solve a program of no columns, which solvers do not agree upon: it is feasible if every row allows 0."""
    if np.all(arrays.row_low <= 0) and np.all(arrays.row_high >= 0):
        nothing = np.zeros(0)
        return Outcome(Stop.OPTIMAL, nothing, 0.0, 0.0, np.zeros(len(arrays.row_low)), nothing, solver)
    return Outcome(Stop.INFEASIBLE, None, -math.inf, -math.inf, solver=solver)


class Engine(Protocol):
    """Solves models. An engine that cannot do what is asked says so; it does not do something else."""

    name: str

    def solve(
        self, model: Model, settings: SolverSettings, watch: Watch = unwatched, prices: Floats | None = None
    ) -> Outcome:
        """Find the best whole-number solution within the settings' gap and time.

        Parameters
        ----------
        watch
            Called with each stage as it is reached.
        prices
            (rows,) duals of a similar program, from which the relaxation may start.
        """
        ...

    def relax(self, model: Model, settings: SolverSettings, prices: Floats | None = None) -> Outcome:
        """Solve without whole numbers, with duals and reduced costs."""
        ...
