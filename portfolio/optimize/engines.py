"""Which engine solves: the one that the policy names."""

from __future__ import annotations

import math

from portfolio.errors import PolicyError
from portfolio.optimize.engine import Engine
from portfolio.optimize.highs import HighsEngine
from portfolio.policy import SolverSettings
from portfolio.policy.source import Fault, PolicySource

# From how many columns on a program is solved by margins.
_FROM = {"whole": math.inf, "margins": 0.0}


def engine_for(settings: SolverSettings) -> Engine:
    """Return the engine that the settings name.

    Raises
    ------
    PolicyError
        If the solver is not installed; the message lists those that are.
    """
    if settings.engine == "highs":
        return HighsEngine(_FROM[settings.method]) if settings.method in _FROM else HighsEngine()
    # PuLP takes long to import, and most policies do not name it.
    from portfolio.optimize.pulp_engine import PulpEngine, available_solvers, find_solver

    solver = find_solver(settings.engine.removeprefix("pulp:"))
    if solver is None:
        there = ", ".join(["highs", *(f"pulp:{name}" for name in available_solvers())])
        fault = Fault(
            ("solver", "engine"), "is not installed", f"install it, or use one of: {there}", settings.engine
        )
        raise PolicyError(PolicySource().issues([fault]))
    return PulpEngine(solver)
