"""Whether what a record says of rounds can be true: whose money they were, and how their searches ended."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from portfolio.optimize import Problem
from portfolio.optimize.awards import Awards
from portfolio.optimize.rounds import bound_of, stop_of
from portfolio.optimize.solution import Solution
from portfolio.optimize.value import priced_out, size_of_values
from portfolio.report.verify.ended import ended, gap_of, told_early, tolerance


def ended_in_rounds(problem: Problem, solution: Solution) -> Iterator[str]:
    """Yield what cannot be true of how rounds ended, one by one and together.

    What each of them leaves unproven adds up, so that together they may leave more than the gap asked for.
    """
    instance, policy, rounds = problem.instance, problem.policy, solution.rounds
    seen, size = np.zeros(len(instance.ids), dtype=bool), size_of_values(instance)
    for part in rounds:
        seen |= np.isin(instance.ids, part.awards)
        awards: Awards = solution.awards.among(seen)
        cost = priced_out(instance, policy, awards)
        name = f"the round {part.name}"
        yield from ended(name, part.value, part.bound, part.stop, gap_of(policy), cost, size)
        yield from told_early(name, part.value, part.bound, part.stop, policy.solver.gap, cost)
    bound = bound_of(rounds, solution.value)
    if math.isinf(bound) != math.isinf(solution.bound) or abs(solution.bound - bound) > tolerance(
        bound, size
    ):
        yield "the bound is not that of the rounds"
    cost = priced_out(instance, policy, solution.awards)
    stop = stop_of(rounds, solution.value, solution.bound, policy.solver, cost)
    if stop is not solution.stop:
        yield f"it is called {solution.stop}, and by its rounds it is {stop}"
