"""Any solver that PuLP can call, on the same model; for PuLP 3 and 4."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pulp

from portfolio.errors import SolverError
from portfolio.optimize.engine import Outcome, Stop, Watch, how_it_stopped, unwatched, without_columns
from portfolio.optimize.model import Model
from portfolio.optimize.vectors import Floats
from portfolio.policy import SolverSettings

# What people call a solver -> PuLP's interfaces to it, the first installed one is used.
_INTERFACES = {
    "CBC": ("COIN_CMD", "PULP_CBC_CMD"),
    "SCIP": ("SCIP_PY", "SCIP_CMD", "FSCIP_CMD"),
    "GUROBI": ("GUROBI", "GUROBI_CMD"),
    "CPLEX": ("CPLEX_PY", "CPLEX_CMD"),
    "COPT": ("COPT", "COPT_CMD"),
    "GLPK": ("GLPK_CMD",),
    "HIGHS": ("HiGHS", "HiGHS_CMD"),
}


def available_solvers() -> list[str]:
    """Return PuLP's names of the solvers that are installed."""
    return [str(name) for name in pulp.listSolvers(onlyAvailable=True)]


def find_solver(name: str) -> str | None:
    """Return PuLP's name of an installed solver; None if it is not installed."""
    there = available_solvers()
    wanted = (name, *_INTERFACES.get(name.upper(), ()))
    return next((candidate for candidate in wanted if candidate in there), None)


def to_pulp(model: Model, *, integers: bool = True) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Write a model as a PuLP problem that minimises the negated value.

    Variables are named by their index, since two ids that differ in punctuation would become one name in PuLP.

    Returns
    -------
    problem
        Rows are constraints ``r0``, ``r1``, ...
    variables
        ``x0``, ``x1``, ..., one per column of the model.
    """
    problem = pulp.LpProblem("portfolio", pulp.LpMinimize)
    variables = [
        problem.add_variable(
            f"x{index}",
            float(low),
            None if math.isinf(high) else float(high),
            cat=pulp.LpInteger if integer and integers else pulp.LpContinuous,
        )
        for index, (low, high, integer) in enumerate(zip(model.low, model.high, model.integer, strict=True))
    ]
    problem.setObjective(pulp.lpSum(-float(v) * x for v, x in zip(model.value, variables, strict=True)))
    arrays = model.arrays
    matrix = arrays.matrix
    for row, (low, high) in enumerate(zip(arrays.row_low, arrays.row_high, strict=True)):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = [
            float(a) * variables[j]
            for j, a in zip(matrix.indices[entries], matrix.data[entries], strict=True)
        ]
        if not terms:
            # PuLP cannot hold a row without columns; a column that is always 0 stands in.
            terms = [1.0 * problem.add_variable(f"zero{row}", 0, 0)]
        total = pulp.lpSum(terms)
        problem.addConstraint(total <= float(high) if math.isinf(low) else total >= float(low), f"r{row}")
    return problem, variables


class PulpEngine:
    """A solver behind PuLP.

    Parameters
    ----------
    solver
        PuLP's name of it, for example ``PULP_CBC_CMD``.
    """

    def __init__(self, solver: str) -> None:
        self.name = f"pulp:{solver}"
        self._solver = solver

    def solve(
        self, model: Model, settings: SolverSettings, watch: Watch = unwatched, prices: Floats | None = None
    ) -> Outcome:
        """Find the best whole-number solution; see `Engine.solve`."""
        if not len(model.value):
            return without_columns(model.arrays, self._version())
        problem, variables = to_pulp(model)
        verdict = self._run(problem, settings)
        if verdict is Stop.INFEASIBLE:
            return Outcome(Stop.INFEASIBLE, None, -math.inf, -math.inf, solver=self._version())
        x = _solution(variables)
        if x is None:
            return Outcome(Stop.TIME_LIMIT, None, -math.inf, math.inf, solver=self._version())
        value = float(model.value @ x)
        # PuLP 3 does not hand on the bound; a solver that says "optimal" has proven the gap it was asked for.
        bound = value + settings.gap * abs(value) if verdict is Stop.OPTIMAL else math.inf
        stop = how_it_stopped(value, bound, settings, finished=verdict is Stop.OPTIMAL)
        return Outcome(stop, x, value, bound, solver=self._version())

    def relax(self, model: Model, settings: SolverSettings, prices: Floats | None = None) -> Outcome:
        """Solve without whole numbers; see `Engine.relax`."""
        if not len(model.value):
            return without_columns(model.arrays, self._version())
        problem, variables = to_pulp(model, integers=False)
        verdict = self._run(problem, settings)
        if verdict is Stop.INFEASIBLE:
            return Outcome(Stop.INFEASIBLE, None, -math.inf, -math.inf, solver=self._version())
        x = _solution(variables)
        if x is None or verdict is not Stop.OPTIMAL:
            return Outcome(Stop.TIME_LIMIT, None, -math.inf, math.inf, solver=self._version())
        rows = len(model.arrays.row_low)
        duals = [problem.get_constraint_by_name(f"r{row}").pi for row in range(rows)]
        reduced = [variable.dj for variable in variables]
        if any(number is None for number in (*duals, *reduced)):
            raise SolverError(f"{self.name} gives no duals; use engine = 'highs' for prices")
        value = float(model.value @ x)
        return Outcome(
            Stop.OPTIMAL, x, value, value, -np.array(duals, float), -np.array(reduced, float), self._version()
        )

    def _run(self, problem: pulp.LpProblem, settings: SolverSettings) -> Stop:
        options: dict[str, Any] = {"msg": False, "timeLimit": settings.time_limit, "gapRel": settings.gap}
        if self._solver in {"HiGHS", "PULP_CBC_CMD", "COIN_CMD"}:
            options["threads"] = 1
        try:
            stats = problem.solve(_interface(self._solver, options))
        except (pulp.PulpSolverError, OSError) as error:
            raise SolverError(f"{self.name} failed: {error}") from error
        if isinstance(stats, int):
            return _verdict_of_pulp_3(problem)
        return _VERDICTS.get(stats.status.name, Stop.TIME_LIMIT)

    def _version(self) -> str:
        return f"{self._solver} through PuLP {pulp.__version__}"


def _interface(name: str, options: dict[str, Any]) -> pulp.LpSolver:
    with warnings.catch_warnings():
        # The CBC that PuLP 3 brings is announced to leave with PuLP 4; both are supported here.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.getSolver(name, **options)


# PuLP 4 says in `status` why the solver stopped.
_VERDICTS = {"Optimal": Stop.OPTIMAL, "GapLimit": Stop.OPTIMAL, "Infeasible": Stop.INFEASIBLE}


def _verdict_of_pulp_3(problem: pulp.LpProblem) -> Stop:
    """PuLP 3 says "Optimal" in `status` even when time ran out; `sol_status` tells them apart."""
    if problem.status in {pulp.LpStatusInfeasible, pulp.LpStatusUndefined}:
        return Stop.INFEASIBLE
    return Stop.OPTIMAL if problem.sol_status == pulp.LpSolutionOptimal else Stop.TIME_LIMIT


def _solution(variables: list[pulp.LpVariable]) -> Floats | None:
    values = [variable.varValue for variable in variables]
    return None if any(value is None for value in values) else np.array(values, float)


__all__ = ["PulpEngine", "available_solvers", "find_solver", "to_pulp"]
