"""Every set of funded proposals, each with the best sizes of its awards."""

from __future__ import annotations

from itertools import product

import numpy as np

from oracle.facts import Facts
from oracle.judge import Judge
from oracle.program import Program
from oracle.reserves import needs
from oracle.rows import all_rows
from oracle.value import Goal
from oracle.whole import Best

# A linear program is right to about a millionth of a unit.
CLOSE = 1e-7


def programs(facts: Facts) -> tuple[list[Program], list[Goal]]:
    """Return a program for each set of funded proposals that no rule on awards rules out, and the goals."""
    options = [facts.choices(i, [1]) for i in range(facts.n)]
    funded = np.array(list(product(*options)), dtype=np.int64).reshape(-1, facts.n)
    judge = Judge(facts, funded * facts.cost)
    made = [
        Program(judge, int(index), ends)
        for index in np.flatnonzero(judge.counts)
        for ends in _ends(facts, judge.goals, funded[index])
    ]
    return made, judge.goals


def _ends(facts: Facts, goals: list[Goal], funded: np.ndarray) -> list[dict[int, int]]:
    """Return where the awards may end on the curve, for those whose value some goal wants small.

    A linear program fills the steep parts first by itself only if value is wanted.
    """
    bad = [
        i
        for i in np.flatnonzero(funded * facts.cut).tolist()
        if any(goal.coefficients is not None and goal.coefficients[i] < 0 for goal in goals)
    ]
    parts = range(max(1, len(facts.policy.objective.curve)))
    return [dict(zip(bad, ends, strict=True)) for ends in product(*(parts for _ in bad))]


def best_partial(facts: Facts, loose: float = 0.0) -> Best:
    """Return the best, or with `loose` what could be reached if the goals before each are missed a little.

    That is, by so many minor units on every award that may be cut.
    """
    reached: list[tuple[float, float]] = []
    tight = best_partial(facts).goals if loose else None
    alive, goals = programs(facts)
    for k, goal in enumerate(goals):
        most, amounts, found = _most(alive, goal)
        if amounts is None:
            assert not reached, "a goal lost what the one before it found"
            return Best(None)
        floor = goal.floor(most) if tight is None else tight[k][1]
        reached.append((most, floor))
        slack = CLOSE * max(1.0, abs(floor)) + loose * a_cent(facts, goal)
        alive = [program for program in alive if found[id(program)] >= floor - slack]
        for program in alive:
            terms, constant = program.goal(goal)
            program.at_most({c: -w for c, w in terms.items()}, constant - floor + slack)
    return Best(tuple(reached), amounts)


def _most(alive: list[Program], goal: Goal) -> tuple[float, np.ndarray | None, dict[int, float]]:
    """Return the best of all programs, its awards, and of each program its best or a bound on it.

    The hopeless are not solved.
    """
    found = {id(program): program.optimistic(*program.goal(goal)) for program in alive}
    most, amounts = -np.inf, None
    for program in sorted(alive, key=lambda p: -found[id(p)]):
        if found[id(program)] > most:
            value = program.solve(*program.goal(goal))
            found[id(program)] = -np.inf if value is None else value
            if value is not None and value > most:
                most, amounts = value, program.amounts()
    return most, amounts, found


def a_cent(facts: Facts, goal: Goal) -> float:
    """Return what a minor unit more or less on every award that may be cut can change in a goal."""
    cut = facts.cut
    if goal.kind == "shortfall":
        return 0.01 * float(cut.sum())
    if goal.kind == "priority":
        sizes = [row.size for row in all_rows(facts) if not row.counts] + [n.size / 100 for n in needs(facts)]
        if facts.policy.overspend is not None:
            sizes += [facts.size_of_year(year) / 100 for year in range(facts.years)]
        return 0.01 * float(cut.sum()) / float(min(sizes, default=1))
    curve = facts.policy.objective.curve
    steepest = curve[0][1] / curve[0][0] if curve else 1.0
    policy = facts.policy
    rules = [policy.exploratory] if goal.kind == "exploratory" else []
    if goal.last:
        rules = [*policy.limit, *policy.reserve, policy.overspend, policy.exploratory]
    priced = 0.01 * sum(rule.price or 0.0 for rule in rules if rule is not None)
    return float((np.abs(goal.coefficients[cut]) * steepest / facts.cost[cut] + priced).sum())
