"""The core: proposals that are in every efficient portfolio, also in those that were not looked at."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.analysis.frontiers.comparable import goal_missed
from portfolio.analysis.frontiers.nested import certain
from portfolio.errors import InfeasibleError, LimitError
from portfolio.optimize import Portfolio, Problem, Stop
from portfolio.optimize.clock import ended_together
from portfolio.policy import Link

# Values that differ by less, as a share, are taken for equal: they are sums of floats.
_ROUNDING = 1e-9


def worth_more(value: float, other: float) -> bool:
    """Tell whether one value is larger than another by more than rounding."""
    return value > other + _ROUNDING * max(1.0, abs(other))


def proven_core(common: Sequence[str], best: Sequence[tuple[Problem, Portfolio]]) -> tuple[list[str], bool]:
    """Leave out what some other portfolio does without that is as good as one of those found.

    For each point the best portfolio is sought that lacks one of the core at least. If it is proven to be
    worth less, the core stands there; otherwise what it lacks leaves the core.

    Parameters
    ----------
    common
        Ids that are funded at all points.
    best
        Per point, its problem and a portfolio that is proven to be the best.

    Returns
    -------
    core, proven
        Sorted ids, and whether every point was looked at to the end.
    """
    with ended_together():
        return _looked_at(frozenset(common), best)


def _looked_at(core: frozenset[str], best: Sequence[tuple[Problem, Portfolio]]) -> tuple[list[str], bool]:
    for problem, portfolio in best:
        sure, position = certain(portfolio), portfolio.problem.instance.position
        while open_ := sorted(name for name in core if not sure[position[name]]):
            try:
                other = _without_one(problem, open_).solve()
            except InfeasibleError:
                break
            except (LimitError, KeyboardInterrupt):
                return sorted(core), False
            if other.status is Stop.INTERRUPTED:
                return sorted(core), False
            if goal_missed(portfolio.goals, other.goals) or worth_more(portfolio.value, other.bound):
                break
            core = core & frozenset(other.ids)
    return sorted(core), True


def _without_one(problem: Problem, names: Sequence[str]) -> Problem:
    """Return the problem in which not all of some proposals may be funded."""
    if len(names) == 1:
        return problem.replace(must_not_fund=(*problem.policy.must_not_fund, *names))
    rule = Link(kind="at_most", k=len(names) - 1, proposals=tuple(names))
    return problem.replace(link=(*problem.policy.link, rule))
