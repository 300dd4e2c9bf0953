"""The methods that are compared: ours, HiGHS alone, and solvers behind PuLP, each on the same problem."""

from __future__ import annotations

import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
import pulp
from compiled import Compiled

import portfolio as pf
from portfolio.optimize.audit import broken_rules
from portfolio.optimize.awards import Awards
from portfolio.optimize.highs import HighsEngine
from portfolio.optimize.pulp_engine import find_solver, to_pulp
from portfolio.optimize.solve import solve_guaranteed
from portfolio.optimize.value import portfolio_value


@dataclass(frozen=True)
class Answer:
    """What a solver handed back: a portfolio if it found one, a bound (infinite if none), and its own word."""

    awards: Awards | None
    bound: float
    said: str

    def checked(self, problem: Compiled) -> dict[str, Any]:
        """Return the answer as JSON, with the value computed anew and the rules that it breaks counted."""
        value, broken = None, 0
        if self.awards is not None:
            value = portfolio_value(problem.instance, problem.policy, self.awards)
            broken = len(broken_rules(problem.instance, problem.policy, self.awards))
        bound = self.bound if math.isfinite(self.bound) else None
        return {"value": value, "bound": bound, "said": self.said, "broken": broken}


def library(problem: Compiled) -> Answer:
    """Run our whole solve: compiling, search, audit, tie rule and prices."""
    try:
        solution = solve_guaranteed(problem.instance, problem.policy, HighsEngine())
    except pf.LimitError:
        return Answer(None, math.inf, "nothing found")
    return Answer(solution.awards, solution.bound, solution.stop)


def highs_alone(problem: Compiled) -> Answer:
    """Hand the arrays to HiGHS."""
    engine = HighsEngine(margins_from=math.inf)
    outcome = engine.solve(problem.model, problem.policy.solver)
    return Answer(_awards(problem, outcome.x), outcome.bound, outcome.stop)


def through_pulp(problem: Compiled, solver: str) -> Answer:
    """Write the model for PuLP, which is part of the time, and call a solver by PuLP's name of it."""
    settings = problem.policy.solver
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        options: dict[str, Any] = {"msg": False, "timeLimit": settings.time_limit, "gapRel": settings.gap}
        if "CBC" in solver or "COIN" in solver:
            options["logPath"] = str(log)
        program, variables = to_pulp(problem.model)
        stats = program.solve(pulp.getSolver(solver, threads=1, **options))
        if isinstance(stats, int):
            said, bound = pulp.LpSolution[program.sol_status], _bound_of_pulp_3(program, log)
        else:
            said, bound = stats.status.name, stats.best_bound
    x = np.array([variable.varValue for variable in variables], float)
    # CBC hands back the relaxation when it has found nothing.
    whole = np.abs(x - np.round(x)).max(initial=0.0) <= 1e-4
    return Answer(_awards(problem, x if whole else None), math.inf if bound is None else -bound, said)


def _awards(problem: Compiled, x: npt.NDArray[np.float64] | None) -> Awards | None:
    return None if x is None else problem.model.awards(problem.instance, x)


def _bound_of_pulp_3(program: pulp.LpProblem, log: Path) -> float | None:
    """Return the bound on the minimised value, which PuLP 3 does not hand on, from where each solver leaves it."""
    model = program.solverModel
    if isinstance(model, highspy.Highs):
        return float(model.getInfo().mip_dual_bound)
    if hasattr(model, "getDualbound"):
        return float(model.getDualbound())
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    # A search that ended by itself prints no lower bound: the best solution is the bound.
    number = r"(-?[\d.]+(?:e[+-]?\d+)?)"
    for pattern in (rf"^Lower bound:\s+{number}", rf"^Objective value:\s+{number}"):
        found = re.search(pattern, text, re.MULTILINE)
        if found and (pattern.startswith("^Lower") or "Result - Optimal" in text):
            return float(found.group(1))
    return None


@dataclass(frozen=True)
class Method:
    """A method: its title in tables, the call that runs it, and the solver that PuLP must have for it, if any."""

    title: str
    run: str
    solver: str | None = None

    def ready(self) -> str | None:
        """Return the Python that runs it; None if its solver is not installed."""
        if self.solver is None:
            return self.run
        name = find_solver(self.solver)
        return None if name is None else self.run.format(name)


METHODS = {
    "library": Method("this library", "library(problem)"),
    "highs": Method("HiGHS alone", "highs_alone(problem)"),
    "cbc": Method("PuLP + CBC", "through_pulp(problem, {!r})", "CBC"),
    "pulp-highs": Method("PuLP + HiGHS", "through_pulp(problem, {!r})", "HiGHS"),
    "scip": Method("PuLP + SCIP", "through_pulp(problem, {!r})", "SCIP"),
}
