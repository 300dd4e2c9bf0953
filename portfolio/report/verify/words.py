"""What follows from the checks of a decision, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portfolio.optimize import Portfolio
from portfolio.optimize.figures import at_most, figure
from portfolio.optimize.words import as_well, gap_as_percent, gap_in_words, goal_in_words
from portfolio.shown import on_one_line


def unverified() -> str:
    """Say that nothing follows."""
    return "The decision is not verified: see what FAILED or was not checked. Nothing is said about how good it is."


def verdict(found: Portfolio, certified: dict[str, Any], *, complete: bool) -> str:
    """Say how far from the best a decision can be at most: what is certified, and what rests on a solver.

    Parameters
    ----------
    certified
        As in a record: ``bound`` and ``gap`` that the prices prove, or ``why_not``.
    complete
        Whether everything was checked.
    """
    return "\n".join(map(on_one_line, _sentences(found, certified, complete=complete)))


def _sentences(found: Portfolio, certified: dict[str, Any], *, complete: bool) -> Iterator[str]:
    if not complete:
        yield "Nothing that was checked is wrong, but not everything could be checked."
    bound, solver = certified["bound"], found.solution.solver
    if bound is None:
        yield f"Nothing is certified without a solver: {certified['why_not']}."
        yield f"What is said of better portfolios rests on {solver}: {gap_in_words(found)}"
        return
    most = at_most(bound)
    above = _above(certified["gap"])
    yield (
        f"Certified from the prices in exact arithmetic, without a solver: no portfolio that keeps every rule"
        f"{as_well(found)} is worth more than {most}; this one is worth {figure(found.value)}, so that the best is "
        f"{above}."
    )
    if not found.solution.prices:
        yield "No prices are kept, so that this is only what all proposals are worth together."
    if found.bound < bound:
        yield f"The rest of the proof is the search of {solver}, which is trusted here. {gap_in_words(found)}"
    else:
        yield "The proof rests on nothing else."
    if found.goals:
        goals = "; ".join(goal_in_words(goal) for goal in found.goals)
        yield f"What is said of the best that comes before the value rests on {solver} too: {goals}."


def _above(gap: float | None) -> str:
    """Say a gap, never rounded down."""
    if gap is None:
        return "above it by no known share"
    if gap == 0:
        return "no better than this one"
    return f"at most {gap_as_percent(gap)} better"
